"""Gates: absolute counts against limits, zero unless gates.toml says otherwise; three outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from dmig.model.repairs import MANUAL_REASON
from dmig.model.reports import BLANK, CASCADE, FINDING, REJECT, ROOT
from dmig.pipeline.decided import with_accepted
from dmig.pipeline.proving import UNPROVED
from dmig.pipeline.run import RunOutcome
from dmig.spec.gates import MAX_KEYS

PASS, FAIL, UNKNOWN = "pass", "fail", "could not judge"
#: Gates that have a limit only where it is declared, or of glyphs in a real run.
SHOWN = ("findings", "glyphs")
#: Findings about private-use characters that nobody has identified.
OPEN_GLYPHS = "NRM020"
#: Findings about code pairs that staff have not decided.
OPEN_CODES = ("CNV091",)


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate's verdict. `limit` None: the count is shown and not gated."""

    gate: str
    count: int
    limit: int | None
    status: str


def judge(outcome: RunOutcome, accepted_rows: int = 0, *, dry_run: bool = True) -> list[Gate]:
    """All gates of a run, in a fixed order; so many differing rows are accepted by staff."""
    limits = limits_for(outcome.plan.mapping.gates, dry_run=dry_run)
    counts = counted(outcome)
    counts["differences"] -= accepted_rows
    gates = [limited(name, count, limits) for name, count in counts.items()]
    empty = [
        table.table
        for table, entry in zip(outcome.plan.legacy.tables, outcome.conservation.tables, strict=True)
        if entry["read"] == 0 and not table.may_be_empty
    ]
    gates.append(Gate("empty_tables", len(empty), 0, UNKNOWN if empty else PASS))
    silent = silent_rules(outcome)
    gates.append(Gate("silent_rules", len(silent), 0, UNKNOWN if silent else PASS))
    if (accepted := outcome.accepted) is not None:
        gates.append(Gate("acceptance", accepted.failed, 0, FAIL if accepted.failed else PASS))
        gates.append(Gate("acceptance_not_run", accepted.not_run, 0, UNKNOWN if accepted.not_run else PASS))
    return gates


def limits_for(declared: Mapping[str, int], *, dry_run: bool) -> dict[str, int]:
    """Glyphs that nobody has identified hold up a real run only: rehearsals are there to find them."""
    others = {name: limit for name, limit in declared.items() if name != "glyphs"}
    return others if dry_run else others | {"glyphs": declared.get("glyphs", 0)}


def limited(name: str, count: int, limits: Mapping[str, int]) -> Gate:
    """A count against its limit; some have one only where it is declared."""
    limit = limits.get(name, None if name in SHOWN else 0)
    return Gate(name, count, limit, FAIL if limit is not None and count > limit else PASS)


def judge_again(stored: Sequence[Mapping[str, Any]], limits: Mapping[str, int]) -> list[Gate]:
    """Stored counts against other limits; a gate that has no limit of its own stays as it was."""
    return [limited(e["gate"], e["count"], limits) if e["gate"] in MAX_KEYS else Gate(**e) for e in stored]


def counted(outcome: RunOutcome) -> dict[str, int]:
    """What the gates count."""
    said = outcome.reports
    roots = said.filter(pl.col("kind") == ROOT)
    undecided = sum(
        group["accepted"] for group in outcome.conservation.groups for t in outcome.plan.group(group["group"]).targets
        if t.undecided
    )  # fmt: skip
    return {
        "rejects": roots.filter(pl.col("severity") == REJECT).height,
        "cascades": said.filter(pl.col("kind") == CASCADE).height,
        "blanked": roots.filter(pl.col("severity") == BLANK).height,
        "undecided": undecided + roots.filter(pl.col("code").is_in(OPEN_CODES)).height,
        "not_used": outcome.conservation.not_used,
        "differences": outcome.reconciled.differences,
        "unproved": sum(1 for proof in outcome.proved["proofs"] if proof["status"] == UNPROVED)
        + outcome.reconciled.populations.unproved,
        "manual_entry": sum(int(e["excluded"].get(MANUAL_REASON, 0)) for e in outcome.conservation.tables),
        "glyphs": roots.filter(pl.col("code") == OPEN_GLYPHS).height,
        "findings": with_accepted(roots, outcome.repaired)
        .filter(pl.col("severity") == FINDING, ~pl.col("accepted"))
        .height,
    }


def silent_rules(outcome: RunOutcome) -> list[str]:
    """Rules that have judged no row although their group may not be empty."""
    return [
        rule
        for name, evaluated in outcome.evaluated.items()
        for rule, rows in evaluated.items()
        if rows == 0 and not outcome.plan.group(name).group.may_be_empty
    ]


def verdict(gates: list[Gate]) -> tuple[str, int]:
    """Status and exit code: differences 4, any other gate 1, nothing 0."""
    failed = {gate.gate for gate in gates if gate.status == FAIL}
    if "differences" in failed:
        return FAIL, 4
    if failed:
        return FAIL, 1
    if any(gate.status == UNKNOWN for gate in gates):
        return UNKNOWN, 1
    return PASS, 0
