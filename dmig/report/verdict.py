"""The first page: what happened, whether one may sign, what to do next, and the gates behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dmig.report.nouns import Cell, Column, Mark, Section, Table
from dmig.report.words import Words

TONES = {"pass": "good", "fail": "bad", "could not judge": "open", "error": "bad"}
#: Parts that a run may lack; where it does, the first page says so.
CHECKS = ("acceptance", "coverage", "codes", "self_test")
GATES = (Column("gate"), Column("about", "long"), Column("count", "count"), Column("limit", "count"),
         Column("judgement", "mark"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to the three questions a clerk has."""

    mark: Mark
    what: str
    may_sign: str
    next: tuple[str, ...]
    caution: str


def verdict(result: Mapping[str, Any], words: Words, absent: tuple[str, ...]) -> Verdict:
    """The verdict in words; `absent` names the sections that this run does not have."""
    status = str(result.get("status", "error"))
    groups = result.get("groups") or []
    gates = [gate for gate in result.get("gates") or [] if gate["status"] != "pass"]
    what = words(
        f"what.{status.replace(' ', '_')}",
        read=f"{sum(table['read'] for table in result.get('tables') or []):,}",
        accepted=f"{sum(group['accepted'] for group in groups):,}",
        rejected=f"{sum(group['rejected'] for group in groups):,}",
        gates=len(gates),
    )
    missing = [key for key in absent if key in CHECKS]
    return Verdict(
        mark=Mark(TONES.get(status, "bad"), words.or_plain("verdict", status)),
        what=what,
        may_sign=words(_may_sign(result)),
        next=_next(result, gates, words),
        caution=words("missing_checks", names=words.joined(missing)) if missing else "",
    )


def _may_sign(result: Mapping[str, Any]) -> str:
    if result.get("status") != "pass":
        return "sign.no"
    if result.get("fixture"):
        return "sign.sample"
    return "sign.dry" if result.get("dry_run") else "sign.real"


def _next(result: Mapping[str, Any], gates: list[dict[str, Any]], words: Words) -> tuple[str, ...]:
    steps = [_step(gate["gate"], words) for gate in gates]
    if not steps:
        steps = [words("next.sample")] if result.get("fixture") else [words("next.sign")]
        if result.get("dry_run") and not result.get("fixture"):
            steps.append(words("next.real"))
    return tuple(steps)


def _step(gate: str, words: Words) -> str:
    said = words.or_plain("next", gate)
    return words("next.other", gate=words.or_plain("gate", gate)) if said == gate else said


def gates(result: Mapping[str, Any], words: Words) -> Section:
    """Every gate: what it counts, the count, its limit and the outcome."""
    rows: list[tuple[Cell, ...]] = [_gate(gate, words) for gate in result.get("gates") or []]
    return Section("gates", [Table("gates", GATES, rows)])


def _gate(gate: Mapping[str, Any], words: Words) -> tuple[Cell, ...]:
    name, limit = str(gate["gate"]), gate["limit"]
    about = words.or_plain("gate_about", name)
    status = str(gate["status"])
    mark = Mark(TONES.get(status, "plain"), words.or_plain("status", status))
    if limit is None:
        mark = Mark("plain", "—")
    return (
        words.or_plain("gate", name), "" if about == name else about, gate["count"],
        words("limit.none") if limit is None else limit, mark,
    )  # fmt: skip
