"""Control totals to the yen: amounts of the records behind the published rows, and amounts of those rows, added apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from dmig.stages.reconcile.compare import source_column, target_column, words


@dataclass(frozen=True, slots=True)
class Sum:
    """A control total: all amounts of some legacy items of some tables against those of some items of a group."""

    total: str
    tables: tuple[str, ...]
    sources: tuple[str, ...]
    targets: tuple[str, ...]


@dataclass(slots=True)
class Added:
    """What was added up so far: whole yen of both sides, records, and cells that are filled and are no whole number."""

    source: int = 0
    target: int = 0
    records: int = 0
    unread: int = 0

    @property
    def agrees(self) -> bool:
        """Whether both sides are equal, every cell having been read."""
        return self.source == self.target and not self.unread

    def add(self, other: Added) -> None:
        """What was added up of another block."""
        self.source += other.source
        self.target += other.target
        self.records += other.records
        self.unread += other.unread


def add_sources(each: Sum, table: str, records: pa.Table) -> Added:
    """The amounts of records of one table, each record given once."""
    if table not in each.tables:
        return Added()
    whole, unread = _sum([records.column(source_column(item)) for item in each.sources])
    return Added(source=whole, records=records.num_rows, unread=unread)


def add_targets(each: Sum, rows: pa.Table) -> Added:
    """The amounts of published rows."""
    whole, unread = _sum([rows.column(target_column(item)) for item in each.targets])
    return Added(target=whole, unread=unread)


def _sum(columns: Sequence[pa.ChunkedArray | pa.Array]) -> tuple[int, int]:
    """The sum of all cells as an exact number, and how many filled cells are none."""
    connection = words(())
    whole, unread = 0, 0
    for column in columns:
        # Amounts repeat themselves: each different text is read once and counted as often as it is there.
        counts = pc.value_counts(column.cast(pa.string()))
        connection.register("amounts", pa.table({"cell": counts.field("values"), "n": counts.field("counts")}))
        found = connection.execute(
            "select coalesce(sum(yen(cell) * n), 0), "
            "coalesce(sum(n) filter (where bare(cell) is not null and yen(cell) is null), 0) from amounts"
        ).fetchall()
        connection.unregister("amounts")
        whole, unread = whole + int(found[0][0]), unread + int(found[0][1])
    return whole, unread
