"""Pass 4: steps over standard items (sequence, period, latest flag, look-ups among standard rows); narrow again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from dmig.errors import LawBroken
from dmig.model.reports import FINDING, REJECT, ROOT, empty_reports, reports
from dmig.pipeline.context import Context
from dmig.pipeline.convert_pass import ConvertedGroup
from dmig.pipeline.rows import StandardRows
from dmig.pipeline.tasks import Workers, once
from dmig.plan.nouns import GroupPlan
from dmig.stages.shape import Shaped, run_steps
from dmig.steps.contract import ROW, TABLE
from dmig.steps.partitions import ROWS_AT_ONCE, InMemory, Keep, Kept, Stream
from dmig.store.parts import Parts
from dmig.store.private import make_private
from dmig.store.spill import Spill

#: The stream that finish steps start from.
ROWS = "rows"


@dataclass(frozen=True, slots=True)
class FinishTask:
    """The finish steps of one group, which may look into the others."""

    context: Context
    group: str
    converted: dict[str, ConvertedGroup]
    folder: Path


def finish_pass(
    context: Context, workers: Workers, converted: dict[str, ConvertedGroup], folder: Path
) -> dict[str, ConvertedGroup]:
    """Groups with finish steps get their side parts; the others pass as they are."""
    plans = [plan for plan in context.plan.groups if plan.finish]
    tasks = [FinishTask(context, plan.group.group, converted, folder / plan.group.group) for plan in plans]
    found = dict(converted)
    for plan, result in zip(plans, workers.at_home(context.extra_steps).map(finish_group, tasks), strict=True):
        name, place = plan.group.group, folder / plan.group.group
        group = converted[name]
        if result["rows"] != sum(part.rows for part in group.parts):
            raise LawBroken(f"group {name}: finish did not see every row")
        rows = StandardRows(group.rows.values, place, _finished(plan))
        found[name] = replace(group, rows=rows, finish_reports=place / "reports")
    return found


def finish_group(task: FinishTask) -> dict[str, Any]:
    """Run the finish steps of one group in whatever process this is."""
    context, converted, folder = task.context, task.converted, task.folder
    plan, group, finished = context.group(task.group), converted[task.group], _finished(context.group(task.group))

    def work() -> dict[str, Any]:
        spill = Spill(make_private(folder) / "spill")
        wanted = {item for step in plan.finish for item in context.steps[step.step].reads(step)}
        wanted |= {item for step in plan.finish for item in _own_table_items(context, plan, step.arg("table"))}
        items = tuple(i.item for i in plan.group.items if i.item in wanted and i.item not in finished)

        def load(name: str, items: tuple[str, ...]) -> Stream:
            return _narrow(converted[name], items, spill.keep)

        start = _narrow(group, items, spill.keep)
        height = start.height
        shaped = run_steps(plan.finish, context.steps, context.plan.conditions, {ROWS: start}, load, spill.keep)
        rows = shaped.stream.frame()
        if len(shaped.stream.partitions) > 1:
            rows = rows.sort(ROW, maintain_order=True)
        if not rows[ROW].equals(pl.int_range(height, dtype=pl.UInt32, eager=True)):
            raise LawBroken(f"group {task.group}: a finish step changed which rows there are, or their order")
        at = 0
        for part in group.parts:
            Parts(folder).write(part.index, rows.slice(at, part.rows).select(pl.col(finished).cast(pl.String)))
            at += part.rows
        for part_index, said in _reports(plan, group, shaped):
            Parts(folder / "reports").write(part_index, said)
        spill.close()
        return {"rows": at, "steps": [count.step for count in shaped.counts]}

    return once(folder / "finished.json", work)


def _finished(plan: GroupPlan) -> tuple[str, ...]:
    """Items of the layout that finish steps fill."""
    return tuple(name for name in plan.finished if plan.group.item(name) is not None)


def _reports(plan: GroupPlan, group: ConvertedGroup, shaped: Shaped) -> Iterator[tuple[int, pl.DataFrame]]:
    """What finish steps said about rows, by part; the record is filled in where all reports get theirs."""
    at = 0
    for part in group.parts:
        found = [empty_reports()]
        for step, finding in shaped.findings:
            rows = finding.rows.filter(pl.col(ROW) >= at, pl.col(ROW) < at + part.rows)
            found.append(
                reports(
                    rows.select((pl.col(ROW) - at).alias("row")), kind=ROOT, stage="finish", code=finding.code,
                    severity=REJECT if finding.rejects else FINDING, group=plan.group.group,
                    target_item=finding.item, place=str(step.place),
                )
            )  # fmt: skip
        at += part.rows
        yield part.index, pl.concat(found)


def _own_table_items(context: Context, plan: GroupPlan, table: str) -> set[str]:
    """Items that a look-up among the group's own rows reads."""
    if table != ROWS:
        return set()
    return {item for step in plan.finish for item in context.steps[step.step].reads_table(step)}


def _narrow(group: ConvertedGroup, items: tuple[str, ...], keep: Keep) -> Stream:
    """Row identity (the ordinal in the group) and a few standard items of all rows, a stretch of parts at a time."""
    height = sum(part.rows for part in group.parts)
    pieces: list[tuple[Kept, ...]] = []
    frames, start = [_identified(group.rows.read(0, items).clear() if group.parts else pl.DataFrame(), 0)], 0
    for part in group.parts:
        frames.append(_identified(group.rows.read(part.index, items), start, part.rows))
        start += part.rows
        if sum(frame.height for frame in frames) >= ROWS_AT_ONCE or start == height:
            pieces.append(((keep if height > ROWS_AT_ONCE else InMemory)(pl.concat(frames)),))
            frames = []
    return Stream(tuple(pieces) or ((InMemory(pl.concat(frames)),),))


def _identified(rows: pl.DataFrame, start: int, height: int = 0) -> pl.DataFrame:
    identity = pl.DataFrame({ROW: pl.int_range(start, start + height, dtype=pl.UInt32, eager=True)})
    return identity.select(pl.lit(0, pl.UInt8).alias(TABLE), ROW).hstack(rows.get_columns())
