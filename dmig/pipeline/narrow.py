"""Narrow frames: row identity and a few canonical items of all rows of a table, for steps that see many rows."""

from __future__ import annotations

import polars as pl

from dmig.pipeline.context import Context
from dmig.pipeline.read_pass import Staged
from dmig.sources.port import OFFSET, RECORD
from dmig.stages.normalise import Normaliser
from dmig.steps.contract import ROW, TABLE, mask


class Loader:
    """Reads narrow frames of legacy tables: row identity and canonical items."""

    def __init__(self, context: Context, staged: dict[str, Staged]) -> None:
        self._context, self._staged = context, staged
        self._registry = context.make_registry()

    def load(self, table: str, items: tuple[str, ...]) -> pl.DataFrame:
        """All rows of a table, `items` canonical with their masks; a cell without its declared form is null."""
        layout = self._context.plan.legacy.table(table)
        if layout is None:
            raise ValueError(f"table {table} was not checked by the compiler")
        normaliser = Normaliser(
            {item.item: item for item in layout.items if item.item in items},
            self._registry,
            self._context.plan.mapping.glyphs,
        )
        columns = [*items, *(mask(item) for item in items)]
        frames = [normaliser.run(frame).select(columns) for frame in self._staged[table].parts.frames(items) if items]
        height = sum(self._staged[table].heights)
        identity = pl.DataFrame({ROW: pl.int_range(height, dtype=pl.UInt32, eager=True)}).with_columns(
            pl.lit(self._context.table_index(table), pl.UInt8).alias(TABLE)
        )
        empty = pl.DataFrame(schema={**dict.fromkeys(items, pl.String), **{mask(i): pl.Boolean for i in items}})
        return pl.concat([identity.select(TABLE, ROW), pl.concat([empty, *frames])], how="horizontal")


def locate(staged: Staged, rows: pl.Series) -> pl.DataFrame:
    """`record` and `offset_bytes` of rows given by their ordinal in the table, in the order given."""
    identity = pl.concat(
        [pl.DataFrame(schema={RECORD: pl.UInt64, OFFSET: pl.UInt64}), *staged.parts.frames((RECORD, OFFSET))]
    )
    return identity[rows.to_list()].rename({RECORD: "record", OFFSET: "offset_bytes"})
