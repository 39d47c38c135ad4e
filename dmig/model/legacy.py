"""Legacy layouts: how an old system's files look, table by table."""

from __future__ import annotations

from dataclasses import dataclass

from dmig.model.layout import Sensitivity


@dataclass(frozen=True, slots=True)
class LegacyItem:
    """One item as the old system gives it. `type` is a legacy type of `dmig.converters.legacy_types`."""

    item: str
    name: str
    type: str
    args: dict[str, str]
    key: bool
    required: bool
    sensitivity: Sensitivity
    note: str
    line: int


@dataclass(frozen=True, slots=True)
class LegacyTable:
    """One table of an old system: one or more files of the same form.

    `name_items` hold the name of the person that a record is about (the first one filled); `protective` says that
    whoever has a record here is under a protective measure. Both are for work lists, which people read.
    """

    table: str
    name: str
    file: str
    items: tuple[LegacyItem, ...]
    line_breaks: str = "refused"
    may_be_empty: bool = False
    name_items: tuple[str, ...] = ()
    protective: bool = False

    def item(self, name: str) -> LegacyItem | None:
        """An item by its id, or None."""
        return next((item for item in self.items if item.item == name), None)

    @property
    def keys(self) -> tuple[str, ...]:
        """Items that name the record for staff; also what is rescued from a record that cannot be read."""
        return tuple(item.item for item in self.items if item.key)


@dataclass(frozen=True, slots=True)
class CsvSource:
    """How a legacy CSV file is cut into cells."""

    delimiter: str = ","
    header: bool = True
    max_record_bytes: int = 1 << 20


@dataclass(frozen=True, slots=True)
class LegacyLayout:
    """What one legacy system delivers for one operation."""

    system: str
    operation: str
    title: str
    charset: str
    record_format: str
    csv: CsvSource
    tables: tuple[LegacyTable, ...]

    def table(self, name: str) -> LegacyTable | None:
        """A table by its id, or None."""
        return next((table for table in self.tables if table.table == name), None)
