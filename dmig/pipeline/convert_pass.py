"""Pass 3: block by block, staged text and side items to standard items; reports and unjudged cells beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from dmig.converters.cells import Cells, encode
from dmig.pipeline import worker
from dmig.pipeline.context import Context
from dmig.pipeline.overlay import Overlay
from dmig.pipeline.read_pass import Staged
from dmig.pipeline.rows import IDENTITY, StandardRows
from dmig.pipeline.shape_pass import Promise, ShapedGroup, ShapedPart
from dmig.pipeline.tasks import Workers, once
from dmig.plan.nouns import GroupPlan
from dmig.sources.port import OFFSET, RECORD
from dmig.steps.contract import CREATED, TABLE, mask
from dmig.store.parts import EncodedParts, Parts


@dataclass(frozen=True, slots=True)
class ConvertTask:
    """One part of one group."""

    group: str
    part: ShapedPart
    sides: Path
    staged: Path | None
    table_index: int
    folder: Path
    overlay: Overlay | None = None


@dataclass(frozen=True, slots=True)
class ConvertedGroup:
    """A converted group: per part the standard items with their identity, reports, unjudged cells."""

    group: str
    folder: Path
    parts: tuple[ShapedPart, ...]
    rows: StandardRows
    finish_reports: Path | None = None

    @property
    def reports(self) -> Parts:
        """Reports of normalise and convert."""
        return Parts(self.folder / "reports")

    @property
    def unjudged(self) -> Parts:
        """(row, item) of cells that rules leave alone."""
        return Parts(self.folder / "unjudged")


def convert_pass(
    context: Context, workers: Workers, promised: dict[str, Promise], staged: dict[str, Staged], folder: Path
) -> tuple[dict[str, ShapedGroup], dict[str, ConvertedGroup]]:
    """Convert every part of every group, in the order in which groups are shaped."""
    shaped: dict[str, ShapedGroup] = {}

    def tasks() -> Iterator[ConvertTask]:
        for name, promise in promised.items():
            shaped[name] = promise()
            yield from _tasks(context, shaped[name], staged, folder / name)

    for _ in workers.map(convert_part, tasks()):
        pass
    names = [plan.group.group for plan in context.plan.groups]
    converted = {n: ConvertedGroup(n, folder / n, shaped[n].parts, StandardRows(folder / n / "values")) for n in names}
    return {name: shaped[name] for name in names}, converted


def _tasks(context: Context, group: ShapedGroup, staged: dict[str, Staged], place: Path) -> Iterator[ConvertTask]:
    for part in group.parts:
        source = staged[part.table].folder if part.table else None
        number = context.table_index(part.table) if part.table else CREATED
        yield ConvertTask(group.group, part, group.folder / "sides", source, number, place, context.overlay)


def convert_part(task: ConvertTask) -> dict[str, Any]:
    """Convert one part in whatever process this is."""

    def work() -> dict[str, Any]:
        kernels = worker.current().groups[task.group]
        plan = worker.current().plan.group(task.group)
        cells = gather(task, plan)
        converted = kernels.converter.run(kernels.normaliser.run(cells) if cells.height else cells)
        index = task.part.index
        identity = encode(cells.frame(IDENTITY))
        items = {item.item: f"={item.item}" for item in plan.group.items}
        EncodedParts(task.folder / "values").write(index, {**identity, **converted.cells.encoded(items)})
        Parts(task.folder / "reports").write(index, converted.reports)
        Parts(task.folder / "unjudged").write(index, converted.unjudged)
        return {"rows": cells.height}

    return once(task.folder / f"{task.part.index:05d}.json", work)


def gather(task: ConvertTask, plan: GroupPlan) -> Cells:
    """The rows of one part: its staged items and the items made by steps, side by side."""
    side = Parts(task.sides).read(task.part.index)
    made = [mask(name) for name in plan.read_items if plan.items[name].maker]
    side = side.with_columns(pl.lit(False).alias(name) for name in made if name not in side.columns)
    if task.staged is None:
        return Cells.of_frame(side.drop("row"))
    legacy = [name for name in plan.read_items if not plan.items[name].maker]
    table = task.part.table
    columns = [RECORD, OFFSET, *(name for name in legacy if table in plan.items[name].tables)]
    staged, height = EncodedParts(task.staged / "rows").encoded(task.part.staged_part, columns)
    staged = task.overlay.lay(table, task.part.staged_part, staged) if task.overlay else staged
    if not side["row"].equals(pl.int_range(height, dtype=pl.UInt32, eager=True)):
        staged = {
            name: (values.gather(side["row"]), None) if codes is None else (values, codes.gather(side["row"]))
            for name, (values, codes) in staged.items()
        }
    cells = Cells.of(staged | encode(side.drop("row")), side.height)
    cells.fill(TABLE, pl.Series([task.table_index], dtype=pl.UInt8))
    return cells


def rescued_units(context: Context, staged: dict[str, Staged], group: str) -> pl.DataFrame:
    """Units of a group that lost a record at read, as far as the record's key could be rescued.

    `table`, `record`, `unit`. The unit's value comes from the same conversion as that of every other row.
    """
    plan = context.group(group)
    unit = plan.group.unit
    found = [pl.DataFrame(schema={"table": pl.String, "record": pl.UInt64, "unit": pl.String})]
    for table in () if plan.created else plan.tables:
        refused = pl.concat([pl.DataFrame(), *staged[table].refused_records.frames()], how="diagonal")
        if not refused.height:
            continue
        keys = [json.loads(text) for text in refused["keys"]]
        items = [name for name in plan.read_items if not plan.items[name].maker]
        frame = pl.DataFrame(
            {name: [key.get(name) for key in keys] for name in items}, schema=dict.fromkeys(items, pl.String)
        ).with_columns(
            column
            for name, item in plan.items.items()
            if item.maker
            for column in (pl.lit(None, pl.String).alias(name), pl.lit(False).alias(mask(name)))
        )
        kernels = worker.current().groups[group]
        units = kernels.converter.run(kernels.normaliser.run(Cells.of_frame(frame))).cells.rows(f"={unit}")
        found.append(pl.DataFrame({"table": table, "record": refused["record"], "unit": units}).drop_nulls("unit"))
    return pl.concat(found)
