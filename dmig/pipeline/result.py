"""The machine-readable result of a run: one versioned object, from which every report is rendered.

It holds counts, names of items, codes and hashes; never a value of a record. docs/result.md describes every field.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from dmig.model.reports import CASCADE, CONSEQUENCE, FINDING, ROOT
from dmig.pipeline.causes import breakdown, names
from dmig.pipeline.decided import section, with_accepted
from dmig.pipeline.defects import legacy_defects
from dmig.pipeline.differences import accept_differences
from dmig.pipeline.file_ledger import input_lines
from dmig.pipeline.gates import judge, verdict
from dmig.pipeline.population_pass import in_result
from dmig.pipeline.run import RunOutcome

SCHEMA_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Heading:
    """What names a run; none of it depends on the records."""

    run_id: str
    site: str
    fixture: str
    dry_run: bool
    as_of: str


def build_result(heading: Heading, outcome: RunOutcome, self_test: dict[str, Any] | None = None) -> dict[str, Any]:
    """The result object of a run that came to its end, with its self-test where there was one."""
    registers = _registers(outcome, heading.as_of)
    accepted = sum(int(line["accepted"]) for line in registers["reconciliation"]["differences"])
    gates = judge(outcome, accepted, dry_run=heading.dry_run)
    status, exit_code = verdict(gates)
    read = {entry["table"]: entry["read"] for entry in outcome.conservation.tables}
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": heading.run_id,
        "operation": outcome.plan.operation,
        "system": outcome.plan.system,
        "site": heading.site,
        "fixture": heading.fixture,
        "dry_run": heading.dry_run,
        "status": status,
        "exit_code": exit_code,
        "plan_hash": outcome.plan.plan_hash,
        "as_of": heading.as_of,
        "names": names(outcome.plan),
        "inputs": input_lines(outcome.inputs, read),
        "files": outcome.conservation.files,
        "tables": outcome.conservation.tables,
        "groups": outcome.conservation.groups,
        "findings_by_code": findings_by_code(outcome.reports) | waived(outcome.plan.mapping.approvals),
        "rejects_by_code": rejects_by_code(outcome.reports),
        **breakdown(with_accepted(outcome.reports, outcome.repaired), outcome.plan),
        "repairs": section(outcome.plan, outcome.repaired),
        "rules": _rules(outcome),
        "self_test": self_test,
        "acceptance": _acceptance(outcome),
        **registers,
        "gates": [asdict(gate) for gate in gates],
        "approvals": outcome.plan.mapping.approvals,
        "outputs": [{"file": o.file, "sha256": o.sha256, "records": o.records} for o in outcome.outputs],
        "stages": outcome.stages,
    }  # fmt: skip


def _acceptance(outcome: RunOutcome) -> dict[str, Any] | None:
    if (accepted := outcome.accepted) is None:
        return None
    return {"groups": list(accepted.groups), "expectations": list(accepted.expectations)}


def _rules(outcome: RunOutcome) -> list[dict[str, Any]]:
    """How many rows each rule has judged."""
    return [
        {"group": group, "rule": rule, "rows": rows}
        for group, evaluated in outcome.evaluated.items()
        for rule, rows in evaluated.items()
    ]


def _registers(outcome: RunOutcome, as_of: str) -> dict[str, Any]:
    """What reconciliation found, what of it staff accepted, old faults, and what is not migrated."""
    plan, found = outcome.plan, outcome.proved
    differences, register = accept_differences(found["differences"], plan.mapping.differences, as_of)
    names = ("table", "item", "disposition", "reason", "decided_by")
    return {
        "reconciliation": found
        | {"totals": list(outcome.reconciled.totals), "differences": differences}
        | in_result(outcome.reconciled.populations),
        "accepted_differences": register,
        "legacy_defects": legacy_defects(outcome.reports, plan),
        "dispositions": [{name: getattr(left, name) for name in names} for left in plan.dispositions],
    }


def waived(approvals: int) -> dict[str, int]:
    """The finding that nobody need approve the plan; it speaks of the site, not of a record."""
    return {} if approvals else {"GAT003": 1}


def findings_by_code(reports: pl.DataFrame) -> dict[str, int]:
    """Findings counted by code, in order of the codes."""
    found = reports.filter(pl.col("severity") == FINDING).group_by("code").len().sort("code")
    return dict(found.iter_rows())


def rejects_by_code(reports: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Refusing and blanking reports by code: roots, cascades and consequences apart."""
    found = reports.filter(pl.col("severity") != FINDING).group_by("code", "kind").len().sort("code", "kind")
    counts: dict[str, dict[str, int]] = {}
    for code, kind, number in found.iter_rows():
        counts.setdefault(code, dict.fromkeys((ROOT, CASCADE, CONSEQUENCE), 0))[kind] = number
    return counts
