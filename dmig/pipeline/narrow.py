"""Narrow frames: row identity and a few canonical items of all rows of a table, for steps that see many rows."""

from __future__ import annotations

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
    """Reads narrow frames of legacy tables: row identity and canonical items."""

    def __init__(self, context: Context, staged: dict[str, Staged]) -> None:
        self._context, self._staged = context, staged
        self._registry = context.make_registry()

    def load(self, table: str, items: tuple[str, ...]) -> pl.DataFrame:
        """All rows of a table, `items` canonical with their masks; a cell without its declared form is null."""
        return self.load_start(table, Wanted(items, (), ()))

    def load_start(self, table: str, wanted: Wanted) -> pl.DataFrame:
        """All rows of a table: texts, numbers as Int64, conditions as columns named by `condition_column`."""
        layout = self._context.plan.legacy.table(table)
        if layout is None:
            raise ValueError(f"table {table} was not checked by the compiler")
        lines = {name: self._context.plan.conditions[name] for name in wanted.conditions}
        read = {*wanted.items, *wanted.numbers, *(item for entry in lines.values() for item in condition_items(entry))}
        glyphs = self._context.plan.mapping.glyphs
        normaliser = Normaliser({i.item: i for i in layout.items if i.item in read}, self._registry, glyphs)
        masks = {item: mask(item) for item in read}
        columns = [*wanted.items, *wanted.numbers, *(mask(item) for item in (*wanted.items, *wanted.numbers))]
        columns += [condition_column(name) for name in lines]
        late = named(
            [
                *(pl.col(item).cast(pl.Int64, strict=False).alias(item) for item in wanted.numbers),
                *(condition_expr(entry, masks).alias(condition_column(name)) for name, entry in lines.items()),
            ]
        )
        names = [item.item for item in layout.items if item.item in read]
        frames = []
        for index in self._staged[table].parts.indexes() if names else ():
            cells = normaliser.run(Cells.of(*self._staged[table].parts.encoded(index, names)))
            cells.evaluate(late)
            frames.append(cells.frame(columns))
        height = sum(self._staged[table].heights)
        identity = pl.DataFrame({ROW: pl.int_range(height, dtype=pl.UInt32, eager=True)}).with_columns(
            pl.lit(self._context.table_index(table), pl.UInt8).alias(TABLE)
        )
        empty = pl.DataFrame(
            schema={
                **dict.fromkeys(wanted.items, pl.String),
                **dict.fromkeys(wanted.numbers, pl.Int64),
                **{mask(item): pl.Boolean for item in (*wanted.items, *wanted.numbers)},
                **{condition_column(name): pl.Boolean for name in wanted.conditions},
            }
        )
        return pl.concat([identity.select(TABLE, ROW), pl.concat([empty, *frames])], how="horizontal")


def locate(staged: Staged, rows: pl.Series) -> pl.DataFrame:
    """`record` and `offset_bytes` of rows given by their ordinal in the table, in the order given."""
    identity = pl.concat(
        [pl.DataFrame(schema={RECORD: pl.UInt64, OFFSET: pl.UInt64}), *staged.parts.frames((RECORD, OFFSET))]
    )
    return identity[rows.to_list()].rename({RECORD: "record", OFFSET: "offset_bytes"})
