"""Narrow pass over key items: the steps of one group, each held to its count law."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from dmig.errors import LawBroken
from dmig.model.mapping import ConditionLine, StepRow
from dmig.plan.conditions import condition_expr
from dmig.steps.contract import ROW, TABLE, StepCall, StepKind, StepResult, nothing

#: Loads the narrow frame of a legacy table: row identity and the named items, canonical.
Load = Callable[[str, tuple[str, ...]], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class StepCount:
    """One line of the ledger of target rows. The law: rows_in + created + split = rows_out + merged + excluded."""

    n: int
    step: str
    rows_in: int
    created: int
    split: int
    rows_out: int
    merged: int
    excluded: dict[str, int]

    def balanced(self) -> bool:
        """Whether the count law holds."""
        left = self.rows_in + self.created + self.split
        return left == self.rows_out + self.merged + sum(self.excluded.values())


@dataclass(slots=True)
class Shaped:
    """What the steps of a group give: its stream, its ledger, the fates of source rows, lineage of made rows."""

    rows: pl.DataFrame
    counts: list[StepCount] = field(default_factory=list)
    excluded: list[pl.DataFrame] = field(default_factory=list)
    looked_up: list[pl.DataFrame] = field(default_factory=list)
    members: list[pl.DataFrame] = field(default_factory=list)
    findings: list[tuple[StepRow, str, str, pl.DataFrame]] = field(default_factory=list)


def run_steps(
    steps: tuple[StepRow, ...],
    kinds: Mapping[str, StepKind],
    conditions: Mapping[str, tuple[ConditionLine, ...]],
    start: Mapping[str, pl.DataFrame],
    load: Load,
) -> Shaped:
    """Run steps in order over the named start streams; a broken law is a fault of the program (exit 70)."""
    streams = dict(start)
    shaped = Shaped(nothing())
    for step in steps:
        kind = kinds[step.step]
        inputs = [streams[name] for name in step.inputs]
        result = kind.run(_call(step, kind, conditions, load), inputs)
        shaped.counts.append(_count(step, inputs, result))
        streams[step.output] = shaped.rows = result.rows
        for frame, kept in ((result.fates, shaped.excluded), (result.looked_up, shaped.looked_up),
                            (result.members, shaped.members)):  # fmt: skip
            if frame is not None and frame.height:
                kept.append(frame)
        shaped.findings += [(step, f.code, f.item, f.rows) for f in result.findings if f.rows.height]
    return shaped


def _call(
    step: StepRow, kind: StepKind, conditions: Mapping[str, tuple[ConditionLine, ...]], load: Load
) -> StepCall:
    named = {step.arg(spec.name) for spec in kind.args if spec.name == "condition" and step.arg(spec.name)}
    table = load(step.arg("table"), kind.reads_table(step)) if step.arg("table") else None
    return StepCall(step, {name: condition_expr(conditions[name]) for name in named}, table)


def _count(step: StepRow, inputs: list[pl.DataFrame], result: StepResult) -> StepCount:
    """The ledger line, measured from outside the step."""
    count = StepCount(
        n=step.n, step=step.step, rows_in=sum(frame.height for frame in inputs), created=result.created,
        split=result.split, rows_out=result.rows.height, merged=result.merged, excluded=dict(result.excluded),
    )  # fmt: skip
    named = result.fates.height if result.fates is not None else 0
    if not count.balanced() or named != sum(count.excluded.values()):
        raise LawBroken(f"step {step.n} {step.step} of {step.group} at {step.place}: its count law does not hold")
    identity = result.rows.select(TABLE, ROW)
    if step.step not in ("expand",) and identity.is_duplicated().any():
        raise LawBroken(f"step {step.n} {step.step} of {step.group} at {step.place}: a row stands twice")
    return count
