"""Pass 4: steps over standard items (sequence, period, latest flag, look-ups among standard rows); narrow again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl

from dmig.errors import LawBroken
from dmig.model.reports import FINDING, REJECT, ROOT, empty_reports, reports
from dmig.pipeline.context import Context
from dmig.pipeline.convert_pass import ConvertedGroup
from dmig.pipeline.rows import StandardRows
from dmig.pipeline.tasks import Workers
from dmig.plan.nouns import GroupPlan
from dmig.stages.shape import Shaped, run_steps
from dmig.steps.contract import ROW, TABLE
from dmig.steps.partitions import Stream
from dmig.store.parts import Parts
from dmig.store.private import make_private, read_json, write_json

#: The stream that finish steps start from.
ROWS = "rows"


def finish_pass(
    context: Context, workers: Workers, converted: dict[str, ConvertedGroup], folder: Path
) -> dict[str, ConvertedGroup]:
    """Groups with finish steps get their side parts; the others pass as they are."""
    if not any(plan.finish for plan in context.plan.groups):
        return converted
    return workers.alone(finish_groups, context, converted, folder)


def finish_groups(context: Context, converted: dict[str, ConvertedGroup], folder: Path) -> dict[str, ConvertedGroup]:
    """The narrow pass itself."""
    return {
        name: _finish(context, context.group(name), converted, folder / name) if context.group(name).finish else group
        for name, group in converted.items()
    }


def _finish(context: Context, plan: GroupPlan, converted: dict[str, ConvertedGroup], folder: Path) -> ConvertedGroup:
    group = converted[plan.group.group]
    finished = tuple(name for name in plan.finished if plan.group.item(name) is not None)
    mark = folder / "finished.json"
    if not mark.exists():
        make_private(folder)
        wanted = {item for step in plan.finish for item in context.steps[step.step].reads(step)}
        wanted |= {item for step in plan.finish for item in _own_table_items(context, plan, step.arg("table"))}
        start = _narrow(group, tuple(i.item for i in plan.group.items if i.item in wanted and i.item not in finished))

        def load(name: str, items: tuple[str, ...]) -> Stream:
            return Stream.of(_narrow(converted[name], items))

        shaped = run_steps(plan.finish, context.steps, context.plan.conditions, {ROWS: Stream.of(start)}, load)
        rows = shaped.stream.frame()
        if len(shaped.stream.partitions) > 1:
            rows = rows.sort(ROW, maintain_order=True)
        if not rows.select(TABLE, ROW).equals(start.select(TABLE, ROW)):
            raise LawBroken(f"group {plan.group.group}: a finish step changed which rows there are, or their order")
        at = 0
        for part in group.parts:
            Parts(folder).write(part.index, rows.slice(at, part.rows).select(pl.col(finished).cast(pl.String)))
            at += part.rows
        for part_index, said in _reports(plan, group, shaped):
            Parts(folder / "reports").write(part_index, said)
        write_json(mark, {"rows": at, "steps": [count.step for count in shaped.counts]})
    if read_json(mark)["rows"] != sum(part.rows for part in group.parts):
        raise LawBroken(f"group {plan.group.group}: finish did not see every row")
    return replace(group, rows=StandardRows(group.rows.values, folder, finished), finish_reports=folder / "reports")


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


def _narrow(group: ConvertedGroup, items: tuple[str, ...]) -> pl.DataFrame:
    """Row identity (the ordinal in the group) and a few standard items of all rows."""
    empty = pl.DataFrame(schema=dict.fromkeys(items, pl.String))
    frames = [group.rows.read(part.index, items) for part in group.parts] if items else []
    height = sum(part.rows for part in group.parts)
    identity = pl.DataFrame({ROW: pl.int_range(height, dtype=pl.UInt32, eager=True)})
    identity = identity.select(pl.lit(0, pl.UInt8).alias(TABLE), ROW)
    return pl.concat([identity, pl.concat([empty, *frames])], how="horizontal") if items else identity
