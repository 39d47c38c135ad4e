"""Narrow pass over key items: the steps of one group, each held to its count law."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from dmig.errors import LawBroken
from dmig.model.mapping import ConditionLine, StepRow
from dmig.plan.conditions import condition_expr
from dmig.steps.contract import ROW, TABLE, StepCall, StepFinding, StepKind, StepResult, nothing

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
    members: pl.DataFrame | None = None
    findings: list[tuple[StepRow, StepFinding]] = field(default_factory=list)


def condition_column(name: str) -> str:
    """Column of a condition that was judged at loading."""
    return f"?{name}"


def run_steps(
    steps: tuple[StepRow, ...],
    kinds: Mapping[str, StepKind],
    conditions: Mapping[str, tuple[ConditionLine, ...]],
    streams: dict[str, pl.DataFrame],
    load: Load,
) -> Shaped:
    """Run steps in order over the named start streams; a broken law is a fault of the program (exit 70).

    `streams` is used up: what no later step needs is let go at once.
    """
    shaped = Shaped(nothing())
    made_of: dict[str, pl.DataFrame | None] = {}
    made = {name for step in steps for name in kinds[step.step].gives(step)}
    for position, step in enumerate(steps):
        kind = kinds[step.step]
        inputs = [streams[name] for name in step.inputs]
        result = kind.run(_call(step, kind, inputs, conditions, streams, load), inputs)
        shaped.counts.append(_count(step, kind, inputs, result))
        streams[step.output] = shaped.rows = result.rows
        streams |= result.others
        _forget(streams, steps, position, kinds, conditions, made)
        shaped.rows = streams.get(step.output, shaped.rows)
        made_of[step.output] = shaped.members = _members(result, [made_of.get(name) for name in step.inputs])
        for frame, kept in ((result.fates, shaped.excluded), (result.looked_up, shaped.looked_up)):
            if frame is not None and frame.height:
                kept.append(frame)
        shaped.findings += [(step, finding) for finding in result.findings if finding.rows.height]
    return shaped


def _members(result: StepResult, before: list[pl.DataFrame | None]) -> pl.DataFrame | None:
    """Source rows behind made rows; rows made of made rows lead through to the source."""
    earlier = next((frame for frame in before if frame is not None), None)
    if result.members is None or earlier is None:
        return result.members if result.members is not None else earlier
    through = earlier.rename({ROW: "via", "member_table": "table", "member_row": "source_row"})
    return (
        result.members.join(through, left_on="member_row", right_on="via", how="inner", maintain_order="left")
        .select(ROW, pl.col("table").alias("member_table"), pl.col("source_row").alias("member_row"))
    )  # fmt: skip


def _call(
    step: StepRow,
    kind: StepKind,
    inputs: list[pl.DataFrame],
    conditions: Mapping[str, tuple[ConditionLine, ...]],
    streams: Mapping[str, pl.DataFrame],
    load: Load,
) -> StepCall:
    """A looked-up name means the stream of that name as it stands now, otherwise the whole table.

    A condition that was judged when the rows were loaded is a column by now.
    """
    named = {step.arg(spec.name) for spec in kind.args if spec.name == "condition" and step.arg(spec.name)}
    name = step.arg("table")
    table = streams[name] if name in streams else load(name, kind.reads_table(step)) if name else None
    judged = {n: pl.col(condition_column(n)) for n in named if condition_column(n) in inputs[0].columns}
    masks = {name[1:]: name for name in inputs[0].columns if name.startswith("!")}
    return StepCall(step, {n: judged.get(n, condition_expr(conditions[n], masks)) for n in named}, table)


def _count(step: StepRow, kind: StepKind, inputs: list[pl.DataFrame], result: StepResult) -> StepCount:
    """The ledger line, measured from outside the step."""
    count = StepCount(
        n=step.n, step=step.step, rows_in=sum(frame.height for frame in inputs), created=result.created,
        split=result.split, merged=result.merged, excluded=dict(result.excluded),
        rows_out=result.rows.height + sum(frame.height for frame in result.others.values()),
    )  # fmt: skip
    named = result.fates.height if result.fates is not None else 0
    if not count.balanced() or named != sum(count.excluded.values()):
        raise LawBroken(f"step {step.n} {step.step} of {step.group} at {step.place}: its count law does not hold")
    if not _accounted(kind, inputs, result):
        raise LawBroken(f"step {step.n} {step.step} of {step.group} at {step.place}: its rows are not those it counts")
    return count


def _accounted(kind: StepKind, inputs: list[pl.DataFrame], result: StepResult) -> bool:
    """Whether the very rows that came in are those that went out, left with a reason, or stand behind made rows."""
    came = [_identities(frame) for frame in inputs]
    gone = [_identities(result.fates)] if result.fates is not None else []
    if kind.makes_rows:
        members = result.members
        if members is None:
            return False
        went = [_identities(members.select(pl.col("member_table").alias(TABLE), pl.col("member_row").alias(ROW)))]
    else:
        went = [_identities(frame) for frame in (result.rows, *result.others.values())]
    before, after = np.concatenate(came), np.concatenate([*went, *gone])
    if kind.repeats_rows:
        return bool(np.array_equal(np.unique(before), np.unique(after)))
    return bool(np.array_equal(before, after)) or bool(np.array_equal(np.sort(before), np.sort(after)))


def _identities(rows: pl.DataFrame) -> npt.NDArray[np.uint64]:
    """One number per row identity."""
    return rows.select(pl.col(TABLE).cast(pl.UInt64) * 2**32 + pl.col(ROW)).to_series().to_numpy()


def _forget(
    streams: dict[str, pl.DataFrame],
    steps: tuple[StepRow, ...],
    position: int,
    kinds: Mapping[str, StepKind],
    conditions: Mapping[str, tuple[ConditionLine, ...]],
    made: set[str],
) -> None:
    """Let go of streams and items that no later step reads: at a million residents each costs some 70 MiB."""
    later = steps[position + 1 :]
    named = {name for step in later for name in (*step.inputs, step.arg("table"))} | {steps[-1].output}
    for name in [name for name in streams if name not in named and name != steps[position].output]:
        del streams[name]
    read: set[str] = set()
    for step in later:
        read |= {*kinds[step.step].reads(step), *kinds[step.step].reads_table(step)}
        read |= {line.item for _, value in step.args for line in conditions.get(value, ())}
    kept = made | read | {TABLE, ROW} | {condition_column(value) for step in later for _, value in step.args}
    for name, rows in streams.items():
        # Numbers that steps made stay numbers until somebody reads them as items, which are text.
        streams[name] = rows.select(
            pl.col(c).cast(pl.String) if c in read and rows[c].dtype.is_integer() else pl.col(c)
            for c in rows.columns
            if c.removeprefix("!") in kept
        )
