"""Narrow pass over key items: the steps of one group, each held to its count law."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from dmig.errors import LawBroken
from dmig.model.mapping import ConditionLine, StepRow
from dmig.plan.conditions import condition_expr
from dmig.steps.contract import CREATED, ROW, TABLE, TIMES, StepCall, StepFinding, StepKind, StepResult, nothing
from dmig.steps.partitions import ROWS_AT_ONCE, InMemory, Keep, Kept, Stream, arrange

#: Loads the narrow rows of a legacy table: row identity and the named items, canonical.
Load = Callable[[str, tuple[str, ...]], Stream]


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

    def plus(self, other: StepCount) -> StepCount:
        """Both together, for a step that ran in parts."""
        excluded = {r: self.excluded.get(r, 0) + other.excluded.get(r, 0) for r in self.excluded | other.excluded}
        return StepCount(
            self.n, self.step, self.rows_in + other.rows_in, self.created + other.created, self.split + other.split,
            self.rows_out + other.rows_out, self.merged + other.merged, excluded,
        )  # fmt: skip

    def balanced(self) -> bool:
        """Whether the count law holds."""
        left = self.rows_in + self.created + self.split
        return left == self.rows_out + self.merged + sum(self.excluded.values())


@dataclass(slots=True)
class Shaped:
    """What the steps of a group give: its stream, its ledger, the fates of source rows, lineage of made rows."""

    stream: Stream
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
    streams: dict[str, Stream],
    load: Load,
    keep: Keep = InMemory,
    at_once: int = ROWS_AT_ONCE,
) -> Shaped:
    """Run steps in order over the named start streams; a broken law is a fault of the program (exit 70).

    `streams` is used up: what no later step needs is let go at once. Streams of more than `at_once` rows are parted,
    put away by `keep` and worked on one part after another.
    """
    shaped = Shaped(Stream.of(nothing()))
    made_of: dict[str, pl.DataFrame | None] = {}
    for position, step in enumerate(steps):
        kind = kinds[step.step]
        later = _Later.of(steps, position, kinds, conditions)
        table = _table(step, kind, streams, load)
        outcome = _run_step(step, kind, conditions, streams, table, (keep, at_once), later)
        shaped.counts.append(outcome.count)
        streams |= outcome.streams
        for name in [name for name in streams if name not in later.streams and name != step.output]:
            del streams[name]
        shaped.stream = streams[step.output]
        made_of[step.output] = shaped.members = _members(outcome.members, [made_of.get(name) for name in step.inputs])
        shaped.excluded += outcome.fates
        shaped.looked_up += outcome.looked_up
        shaped.findings += [(step, finding) for finding in outcome.findings]
    return shaped


@dataclass(slots=True)
class _Outcome:
    """What the turns of one step gave together."""

    count: StepCount
    streams: dict[str, Stream]
    fates: list[pl.DataFrame] = field(default_factory=list)
    looked_up: list[pl.DataFrame] = field(default_factory=list)
    findings: list[StepFinding] = field(default_factory=list)
    members: pl.DataFrame | None = None


def _table(step: StepRow, kind: StepKind, streams: Mapping[str, Stream], load: Load) -> Stream | None:
    """A looked-up name means the stream of that name as it stands now, otherwise the whole table."""
    name = step.arg("table")
    if not name or name in streams:
        return streams.get(name)
    return load(name, kind.reads_table(step))


def _run_step(
    step: StepRow,
    kind: StepKind,
    conditions: Mapping[str, tuple[ConditionLine, ...]],
    streams: Mapping[str, Stream],
    table: Stream | None,
    room: tuple[Keep, int],
    later: _Later,
) -> _Outcome:
    inputs = [streams[name] for name in step.inputs]
    turns, by = arrange(step, kind, inputs, table, *room)
    keep = room[0] if len(turns) > 1 else InMemory
    outcome = _Outcome(StepCount(step.n, step.step, 0, 0, 0, 0, 0, {}), {})
    kept: dict[str, list[Kept]] = {}
    members: list[pl.DataFrame] = []
    made = 0
    for turn in turns:
        frames, looked = turn.load()
        result = kind.run(_call(step, kind, frames, conditions, looked, later.kept), frames)
        outcome.count = outcome.count.plus(_count(step, kind, frames, result))
        del frames, looked
        result = _numbered_on(result, made) if kind.makes_rows and made else result
        made += result.rows.height if kind.makes_rows else 0
        for name, rows in {step.output: result.rows, **result.others}.items():
            kept.setdefault(name, []).append(keep(later.slim(rows)))
        outcome.fates += [result.fates] if result.fates is not None and result.fates.height else []
        outcome.looked_up += [result.looked_up] if result.looked_up is not None and result.looked_up.height else []
        outcome.findings += [finding for finding in result.findings if finding.rows.height]
        members += [result.members] if result.members is not None else []
    outcome.streams = {name: Stream(tuple((piece,) for piece in pieces), *by) for name, pieces in kept.items()}
    outcome.members = pl.concat(members) if members else None
    return outcome


def _numbered_on(result: StepResult, made: int) -> StepResult:
    """A result whose made rows are numbered on from those of the parts before."""
    on = (pl.col(ROW) + made).cast(pl.UInt32)
    return replace(
        result,
        rows=result.rows.with_columns(on),
        members=result.members.with_columns(on) if result.members is not None else None,
        findings=tuple(
            replace(
                f,
                rows=f.rows.with_columns(pl.when(pl.col(TABLE) == CREATED).then(on).otherwise(pl.col(ROW)).alias(ROW)),
            )
            for f in result.findings
        ),
    )


def _members(members: pl.DataFrame | None, before: list[pl.DataFrame | None]) -> pl.DataFrame | None:
    """Source rows behind made rows; rows made of made rows lead through to the source."""
    earlier = next((frame for frame in before if frame is not None), None)
    if members is None or earlier is None:
        return members if members is not None else earlier
    through = earlier.rename({ROW: "via", "member_table": "table", "member_row": "source_row"})
    return (
        members.join(through, left_on="member_row", right_on="via", how="inner", maintain_order="left")
        .select(ROW, pl.col("table").alias("member_table"), pl.col("source_row").alias("member_row"))
    )  # fmt: skip


def _call(
    step: StepRow,
    kind: StepKind,
    inputs: list[pl.DataFrame],
    conditions: Mapping[str, tuple[ConditionLine, ...]],
    table: pl.DataFrame | None,
    later: frozenset[str],
) -> StepCall:
    """A condition that was judged when the rows were loaded is a column by now."""
    named = {step.arg(spec.name) for spec in kind.args if spec.name == "condition" and step.arg(spec.name)}
    judged = {n: pl.col(condition_column(n)) for n in named if condition_column(n) in inputs[0].columns}
    masks = {name[1:]: name for name in inputs[0].columns if name.startswith("!")}
    return StepCall(step, {n: judged.get(n, condition_expr(conditions[n], masks)) for n in named}, table, later)


def _count(step: StepRow, kind: StepKind, inputs: list[pl.DataFrame], result: StepResult) -> StepCount:
    """The ledger line, measured from outside the step."""
    count = StepCount(
        n=step.n, step=step.step, rows_in=sum(frame.height for frame in inputs), created=result.created,
        split=result.split, merged=result.merged, excluded=dict(result.excluded),
        rows_out=result.rows.height + sum(frame.height for frame in result.others.values()),
    )  # fmt: skip
    named = _left(result.fates)
    if not count.balanced() or named != sum(count.excluded.values()):
        raise LawBroken(f"step {step.n} {step.step} of {step.group} at {step.place}: its count law does not hold")
    if not _accounted(kind, inputs, result):
        raise LawBroken(f"step {step.n} {step.step} of {step.group} at {step.place}: its rows are not those it counts")
    return count


def _left(fates: pl.DataFrame | None) -> int:
    """How often rows left."""
    if fates is None:
        return 0
    return int(fates[TIMES].cast(pl.UInt64).sum()) if TIMES in fates.columns else fates.height


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


@dataclass(frozen=True, slots=True)
class _Later:
    """What the steps after one still need: at a million residents each item costs some 70 MiB."""

    streams: frozenset[str]
    read: frozenset[str]
    kept: frozenset[str]

    @classmethod
    def of(
        cls,
        steps: tuple[StepRow, ...],
        position: int,
        kinds: Mapping[str, StepKind],
        conditions: Mapping[str, tuple[ConditionLine, ...]],
    ) -> _Later:
        """Streams and items that steps behind a position name; what steps made is for the conversion."""
        later = steps[position + 1 :]
        streams = {name for step in later for name in (*step.inputs, step.arg("table"))} | {steps[-1].output}
        read = {item for step in later for item in (*kinds[step.step].reads(step), *kinds[step.step].reads_table(step))}
        values = {value for step in later for _, value in step.args}
        read |= {line.item for value in values for line in conditions.get(value, ())}
        made = {name for step in steps for name in kinds[step.step].gives(step)}
        kept = made | read | {TABLE, ROW} | {condition_column(value) for value in values}
        return cls(frozenset(streams), frozenset(read), frozenset(kept))

    def slim(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows without what nobody reads; numbers that steps made stay numbers until read as items, which are text."""
        return rows.select(
            pl.col(c).cast(pl.String) if c in self.read and rows[c].dtype.is_integer() else pl.col(c)
            for c in rows.columns
            if c.removeprefix("!") in self.kept
        )
