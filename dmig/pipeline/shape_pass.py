"""Pass 2: the narrow pass. Key items of all rows go through the steps; row-aligned side parts come out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dmig.model.reports import FINDING, ROOT, empty_reports, reports
from dmig.pipeline.context import Context
from dmig.pipeline.read_pass import Staged
from dmig.plan.nouns import GroupPlan
from dmig.stages.normalise import Normaliser
from dmig.stages.shape import Shaped, StepCount, run_steps
from dmig.sources.port import OFFSET, RECORD
from dmig.steps.contract import CREATED, ROW, TABLE
from dmig.store.parts import Parts
from dmig.store.private import make_private, read_json, write_json

#: Rows of a part that steps made (they have no staged part to follow).
CREATED_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class ShapedPart:
    """One part of a group: rows of one staged part (or made rows), with what the steps gave them."""

    index: int
    table: str
    staged_part: int
    rows: int


@dataclass(frozen=True, slots=True)
class ShapedGroup:
    """A group after its steps: parts in publishing order, the ledger lines, where the side files are."""

    group: str
    folder: Path
    parts: tuple[ShapedPart, ...]
    counts: tuple[StepCount, ...]

    @property
    def sides(self) -> Parts:
        """Per part: `row` (within its staged part) and the items made by steps."""
        return Parts(self.folder / "sides")

    def fates(self, name: str) -> pl.DataFrame:
        """One of `excluded`, `looked_up`, `members`, `reports`."""
        return pl.read_ipc(self.folder / f"{name}.arrow")


def shape_pass(context: Context, staged: dict[str, Staged], folder: Path) -> dict[str, ShapedGroup]:
    """Run every group's steps."""
    return {plan.group.group: _shape(context, plan, staged, folder / plan.group.group) for plan in context.plan.groups}


def load_shaped(group: str, folder: Path) -> ShapedGroup:
    """A shaped group from its folder."""
    entry = read_json(folder / group / "shaped.json")
    return ShapedGroup(
        group=group,
        folder=folder / group,
        parts=tuple(ShapedPart(**part) for part in entry["parts"]),
        counts=tuple(StepCount(**count) for count in entry["counts"]),
    )


def _shape(context: Context, plan: GroupPlan, staged: dict[str, Staged], folder: Path) -> ShapedGroup:
    if not (folder / "shaped.json").exists():
        loader = Loader(context, staged)
        start = {name: loader.load(name, wanted) for name, wanted in start_items(context, plan).items()}
        shaped = run_steps(plan.shape, context.steps, context.plan.conditions, start, loader.load)
        make_private(folder)
        parts = _write_sides(context, plan, staged, shaped, Parts(folder / "sides"))
        _write_fates(context, plan, staged, shaped, folder)
        write_json(
            folder / "shaped.json",
            {
                "parts": [{"index": p.index, "table": p.table, "staged_part": p.staged_part, "rows": p.rows}
                          for p in parts],
                "counts": [{name: getattr(c, name) for name in StepCount.__slots__} for c in shaped.counts],
            },
        )  # fmt: skip
    return load_shaped(plan.group.group, folder.parent)


def start_items(context: Context, plan: GroupPlan) -> dict[str, tuple[str, ...]]:
    """Legacy tables that the group's steps start from, with the items that any of the steps reads."""
    wanted: set[str] = set()
    made: set[str] = set()
    for step in plan.shape:
        kind = context.steps[step.step]
        wanted |= set(kind.reads(step))
        made |= set(kind.gives(step))
        for _, value in step.args:
            wanted |= {line.item for line in context.plan.conditions.get(value, ())}
    tables: dict[str, tuple[str, ...]] = {}
    outputs: set[str] = set()
    for step in plan.shape:
        for name in step.inputs:
            table = context.plan.legacy.table(name)
            if table is not None and name not in outputs:
                tables[name] = tuple(item.item for item in table.items if item.item in wanted - made)
        outputs.add(step.output)
    return tables


class Loader:
    """Reads narrow frames of legacy tables: row identity and canonical items."""

    def __init__(self, context: Context, staged: dict[str, Staged]) -> None:
        self._context, self._staged = context, staged
        self._registry = context.make_registry()

    def load(self, table: str, items: tuple[str, ...]) -> pl.DataFrame:
        """All rows of a table, `items` canonical; a cell without its declared form is null here."""
        layout = self._context.plan.legacy.table(table)
        if layout is None:
            raise ValueError(f"table {table} was not checked by the compiler")
        normaliser = Normaliser({item.item: item for item in layout.items if item.item in items}, self._registry)
        frames = [
            normaliser.run(frame).select(items)
            for frame in self._staged[table].parts.frames(items or (RECORD,))
            if items
        ]
        height = sum(self._staged[table].heights)
        identity = pl.DataFrame({ROW: pl.int_range(height, dtype=pl.UInt32, eager=True)}).with_columns(
            pl.lit(self._context.table_index(table), pl.UInt8).alias(TABLE)
        )
        empty = pl.DataFrame(schema=dict.fromkeys(items, pl.String))
        return pl.concat([identity.select(TABLE, ROW), pl.concat([empty, *frames])], how="horizontal")


def _write_sides(
    context: Context, plan: GroupPlan, staged: dict[str, Staged], shaped: Shaped, sides: Parts
) -> list[ShapedPart]:
    """Cut the final stream along the staged parts; order within a part is source order."""
    made = [name for name, item in plan.items.items() if item.maker]
    parts: list[ShapedPart] = []
    rows = shaped.rows
    if plan.created:
        rows = rows.select(pl.col(ROW).alias("row"), *(pl.col(name) for name in plan.items if name in rows.columns))
        for start in range(0, rows.height, CREATED_ROWS):
            chunk = rows.slice(start, CREATED_ROWS)
            sides.write(len(parts), chunk)
            parts.append(ShapedPart(len(parts), "", -1, chunk.height))
        return parts
    for table in plan.tables:
        own = rows.filter(pl.col(TABLE) == context.table_index(table)).sort(ROW, maintain_order=True)
        starts = [*staged[table].starts, sum(staged[table].heights)]
        for number, start in enumerate(starts[:-1]):
            chunk = own.filter((pl.col(ROW) >= start) & (pl.col(ROW) < starts[number + 1]))
            sides.write(len(parts), chunk.select((pl.col(ROW) - start).cast(pl.UInt32).alias("row"), *made))
            parts.append(ShapedPart(len(parts), table, number, chunk.height))
    return parts


def _write_fates(
    context: Context, plan: GroupPlan, staged: dict[str, Staged], shaped: Shaped, folder: Path
) -> None:
    identity = {TABLE: pl.UInt8, ROW: pl.UInt32}
    kinds = {
        "excluded": (shaped.excluded, {**identity, "reason": pl.String}),
        "looked_up": (shaped.looked_up, identity),
        "members": (
            shaped.members,
            {ROW: pl.UInt32, "member_table": pl.UInt8, "member_row": pl.UInt32},
        ),
    }
    for name, (frames, schema) in kinds.items():
        empty = pl.DataFrame(schema=schema)
        Parts(folder).folder.joinpath(f"{name}.arrow")
        pl.concat([empty, *(frame.select(*schema) for frame in frames)]).write_ipc(folder / f"{name}.arrow")
    found = [empty_reports()]
    for step, code, item, rows in shaped.findings:
        for table in plan.tables or [t.table for t in context.plan.legacy.tables]:
            own = rows.filter(pl.col(TABLE) == context.table_index(table))
            if own.height:
                located = locate(staged[table], own[ROW])
                found.append(
                    reports(located, kind=ROOT, stage="shape", severity=FINDING, code=code, group=plan.group.group,
                            table=table, source_item=item, place=str(step.place))
                )  # fmt: skip
    pl.concat(found).write_ipc(folder / "reports.arrow")


def locate(staged: Staged, rows: pl.Series) -> pl.DataFrame:
    """`record` and `offset_bytes` of rows given by their ordinal in the table, in the order given."""
    identity = pl.concat(
        [pl.DataFrame(schema={RECORD: pl.UInt64, OFFSET: pl.UInt64}), *staged.parts.frames((RECORD, OFFSET))]
    )
    return identity[rows.to_list()].rename({RECORD: "record", OFFSET: "offset_bytes"})


__all__ = ["CREATED", "ShapedGroup", "ShapedPart", "load_shaped", "locate", "shape_pass"]
