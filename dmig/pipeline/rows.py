"""Standard rows on their way: what convert wrote, with the items that finish steps filled laid over it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dmig.converters.cells import Cells, encode
from dmig.sources.port import OFFSET, RECORD
from dmig.steps.contract import TABLE
from dmig.store.parts import EncodedParts, Parts

#: Where a standard row comes from: index of the legacy table, record, byte offset. A made row names its first member.
IDENTITY = (TABLE, RECORD, OFFSET)


@dataclass(frozen=True, slots=True)
class StandardRows:
    """The parts of one group. `finished` items come from their own side parts."""

    values: Path
    sides: Path | None = None
    finished: tuple[str, ...] = ()

    def read(self, index: int, columns: Iterable[str], where: pl.Series | None = None) -> pl.DataFrame:
        """Named columns of one part, in the order named; only rows `where` holds, if given."""
        names = list(columns)
        side = [name for name in names if name in self.finished and self.sides is not None]
        rows = EncodedParts(self.values).read(index, [name for name in names if name not in side], where)
        if side and self.sides is not None:
            finished = Parts(self.sides).read(index, side)
            rows = pl.concat([rows, finished if where is None else finished.filter(where)], how="horizontal")
        return rows.select(names)

    def cells(self, index: int, columns: Iterable[str]) -> Cells:
        """Named columns of one part as a block."""
        names = list(columns)
        side = [name for name in names if name in self.finished and self.sides is not None]
        found, height = EncodedParts(self.values).encoded(index, [name for name in names if name not in side])
        if side and self.sides is not None:
            found |= encode(Parts(self.sides).read(index, side))
        return Cells.of(found, height)
