"""Narrow frames: row identity and a few canonical items of all rows of a table, for steps that see many rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from dmig.converters.cells import Cells, named
from dmig.model.legacy import LegacyTable
from dmig.pipeline.context import Context
from dmig.pipeline.read_pass import Staged
from dmig.plan.conditions import condition_expr, condition_items
from dmig.plan.nouns import GroupPlan
from dmig.sources.port import OFFSET, RECORD
from dmig.stages.normalise import Normaliser
from dmig.stages.shape import condition_column
from dmig.steps.contract import ROW, TABLE, mask
from dmig.steps.order import order_columns
from dmig.steps.partitions import ROWS_AT_ONCE, InMemory, Keep, Kept, Stream

#: A stretch of rows of one table with many items is shorter: so many cells, masks not counted.
CELLS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the steps of a group need of a table: items as text, items of which only the number counts, conditions.

    A condition over items of the table alone becomes one bit per row when the table is loaded; the text it was
    judged by is not kept.
    """

    items: tuple[str, ...]
    numbers: tuple[str, ...]
    conditions: tuple[str, ...]


def start_items(context: Context, plan: GroupPlan) -> dict[str, Wanted]:
    """Legacy tables that the group's steps start from, and what any of the steps reads of them."""
    texts: set[str] = set()
    numbers: set[str] = set()
    conditions: set[str] = set()
    made: set[str] = set()
    for step in plan.shape:
        kind = context.steps[step.step]
        ordered = {item for item, _, how in order_columns(step.arg("order")) if how == "number"}
        numbers |= ordered
        texts |= {*kind.reads(step), *kind.reads_table(step)} - (ordered - set(step.keys))
        made |= set() if kind.makes_rows else set(kind.gives(step))
        conditions |= {step.arg(spec.name) for spec in kind.args if spec.name == "condition" and step.arg(spec.name)}
    judged = {name: set(condition_items(context.plan.conditions[name])) for name in sorted(conditions)}
    tables: dict[str, Wanted] = {}
    for name in start_tables(context, plan).values():
        own = {item.item for item in name.items} - made
        early = tuple(c for c, items in judged.items() if items <= own)
        late = {item for c, items in judged.items() if c not in early for item in items}
        kept = (texts | late) & own
        tables[name.table] = Wanted(
            items=tuple(item.item for item in name.items if item.item in kept),
            numbers=tuple(item.item for item in name.items if item.item in (numbers & own) - kept),
            conditions=early,
        )
    return tables


def start_tables(context: Context, plan: GroupPlan, *, with_lookups: bool = True) -> dict[str, LegacyTable]:
    """Legacy tables whose rows enter a group's steps, and (unless told otherwise) those that are looked up whole."""
    found: dict[str, LegacyTable] = {}
    outputs: set[str] = set()
    for step in plan.shape:
        for name in (*step.inputs, *([step.arg("table")] if with_lookups else [])):
            table = context.plan.legacy.table(name)
            if table is not None and name not in outputs:
                found[name] = table
        outputs |= {step.output, *context.steps[step.step].streams(step)}
    return found


class Loader:
    """Reads narrow rows of legacy tables: row identity and canonical items, a stretch of parts at a time."""

    def __init__(self, context: Context, staged: dict[str, Staged], keep: Keep = InMemory) -> None:
        self._context, self._staged, self._keep = context, staged, keep
        self._registry = context.make_registry()

    def load(self, table: str, items: tuple[str, ...]) -> Stream:
        """All rows of a table, `items` canonical with their masks; a cell without its declared form is null."""
        return self.load_start(table, Wanted(items, (), ()))

    def load_start(self, table: str, wanted: Wanted) -> Stream:
        """All rows of a table: texts, numbers as Int64, conditions as columns named by `condition_column`."""
        staged, read = self._staged[table], self._reader(table, wanted)
        pieces: list[tuple[Kept, ...]] = []
        frames, start = [], 0
        width = len(wanted.items) + len(wanted.numbers) + len(wanted.conditions) + 1
        at_once = max(1, min(ROWS_AT_ONCE, CELLS_AT_ONCE // width))
        keep = self._keep if sum(staged.heights) > at_once else InMemory
        for index, height in enumerate(staged.heights):
            frames.append(_identified(self._context.table_index(table), start, height, read(index)))
            start += height
            if sum(frame.height for frame in frames) >= at_once or index == len(staged.heights) - 1:
                pieces.append((keep(pl.concat(frames)),))
                frames = []
        return Stream(tuple(pieces))

    def _reader(self, table: str, wanted: Wanted) -> Callable[[int], pl.DataFrame]:
        """Reads the columns of one staged part."""
        layout = self._context.plan.legacy.table(table)
        if layout is None:
            raise ValueError(f"table {table} was not checked by the compiler")
        lines = {name: self._context.plan.conditions[name] for name in wanted.conditions}
        items = {*wanted.items, *wanted.numbers, *(item for entry in lines.values() for item in condition_items(entry))}
        glyphs = self._context.plan.mapping.glyphs
        normaliser = Normaliser({i.item: i for i in layout.items if i.item in items}, self._registry, glyphs)
        masks = {item: mask(item) for item in items}
        columns = [*wanted.items, *wanted.numbers, *(mask(item) for item in (*wanted.items, *wanted.numbers))]
        columns += [condition_column(name) for name in lines]
        late = named(
            [
                *(pl.col(item).cast(pl.Int64, strict=False).alias(item) for item in wanted.numbers),
                *(condition_expr(entry, masks).alias(condition_column(name)) for name, entry in lines.items()),
            ]
        )
        names = [item.item for item in layout.items if item.item in items]
        parts, overlay = self._staged[table].parts, self._context.overlay

        def read(index: int) -> pl.DataFrame:
            found, height = parts.encoded(index, names)
            found = overlay.lay(table, index, found) if overlay else found
            cells = normaliser.run(Cells.of(found, height))
            cells.evaluate(late)
            return cells.frame(columns)

        return read


def _identified(table: int, start: int, height: int, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with their identity: the table and the ordinal in it."""
    identity = pl.DataFrame({ROW: pl.int_range(start, start + height, dtype=pl.UInt32, eager=True)})
    return identity.select(pl.lit(table, pl.UInt8).alias(TABLE), ROW).hstack(rows.get_columns())


def locate(staged: Staged, rows: pl.Series) -> pl.DataFrame:
    """`record` and `offset_bytes` of rows given by their ordinal in the table, in the order given; part by part."""
    starts = pl.Series(staged.starts, dtype=pl.UInt32)
    wanted = pl.DataFrame({"row": rows.cast(pl.UInt32), "at": pl.int_range(rows.len(), dtype=pl.UInt32, eager=True)})
    wanted = wanted.with_columns((starts.search_sorted(wanted["row"], side="right") - 1).cast(pl.UInt32).alias("part"))
    found = [pl.DataFrame(schema={RECORD: pl.UInt64, OFFSET: pl.UInt64, "at": pl.UInt32})]
    for (part,), own in wanted.group_by(["part"], maintain_order=True):
        number = int(str(part))
        identity = staged.parts.read(number, (RECORD, OFFSET))
        found.append(identity[(own["row"] - starts[number]).to_list()].hstack([own["at"]]))
    return pl.concat(found).sort("at").select(pl.col(RECORD).alias("record"), pl.col(OFFSET).alias("offset_bytes"))
