"""Planted faults of a delivery: what is done to which records, and the list of them for truth/."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from dmig.synth.csv_out import Planned
from dmig.synth.edits import Edit


class FaultKind(Protocol):
    """A kind of fault: its name, the item and how its cell is damaged, in words."""

    @property
    def kind(self) -> str:
        """Name of the kind."""

    @property
    def item(self) -> str:
        """The item whose cell is damaged."""

    @property
    def edit(self) -> Edit:
        """How."""

    @property
    def note(self) -> str:
        """In words."""


@dataclass(frozen=True, slots=True)
class PlantedFaults:
    """Faults in file order: columns table, record, kind, unit (its place among the units), own (the text put in).

    `items` and `files` are by table; `named` the items that reports name where it is not the damaged one, by kind.
    """

    frame: pl.DataFrame
    kinds: Sequence[FaultKind]
    items: Sequence[Collection[str]]
    files: Sequence[str]
    named: Sequence[str] = ()

    def edits(self, table: int, first: int, last: int) -> list[Planned]:
        """What to do to records [first, last) of a table."""
        here = self.frame.filter(pl.col("table") == table, pl.col("record").is_between(first, last, closed="left"))
        items = list(self.items[table])
        return [
            (record, self.kinds[kind].edit, items.index(self.kinds[kind].item), own.encode("ascii"))
            for record, kind, own in here.select("record", "kind", "own").iter_rows()
        ]

    def listing(self, units: pl.Series) -> pl.DataFrame:
        """The list for truth/."""
        rows = [
            (self.kinds[kind].kind, self.files[table], record, self._named(kind), units[unit], self.kinds[kind].note)
            for table, record, kind, unit in self.frame.select("table", "record", "kind", "unit").iter_rows()
        ]
        columns = ["kind", "file", "record", "item", "unit", "note"]
        return pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)

    def _named(self, kind: int) -> str | None:
        """The item that the report of a fault names; none where the record as a whole is refused."""
        if self.kinds[kind].kind == "column_count":
            return None
        return (self.named[kind] if self.named else "") or self.kinds[kind].item
