"""Legacy layouts: how an old system's files look, table by table."""

from __future__ import annotations

from dataclasses import dataclass

from dmig.model.host import HostFile, HostSystem, RecordKind
from dmig.model.layout import Sensitivity


@dataclass(frozen=True, slots=True)
class LegacyItem:
    """One item as the old system gives it. `type` is a legacy type of `dmig.converters.legacy_types`.

    `source`: the item of the copybook that holds it, where the table stands in a host file.
    """

    item: str
    name: str
    type: str
    args: dict[str, str]
    key: bool
    required: bool
    sensitivity: Sensitivity
    note: str
    line: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class LegacyTable:
    """One table of an old system: one or more files of the same form.

    `name_items` hold the name of the person that a record is about (the first one filled); `protective` says that
    whoever has a record here is under a protective measure. Both are for work lists, which people read. `kind`: which
    records of a host file are the table's.
    """

    table: str
    name: str
    file: str
    items: tuple[LegacyItem, ...]
    line_breaks: str = "refused"
    may_be_empty: bool = False
    name_items: tuple[str, ...] = ()
    protective: bool = False
    kind: RecordKind | None = None

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
    host: HostSystem | None = None
    files: tuple[HostFile, ...] = ()

    def table(self, name: str) -> LegacyTable | None:
        """A table by its id, or None."""
        return next((table for table in self.tables if table.table == name), None)

    def file(self, name: str) -> HostFile:
        """The host file of a name. `KeyError` where the layout has no host files."""
        for file in self.files:
            if file.file == name:
                return file
        raise KeyError(name)

    def tables_of(self, file: str) -> tuple[LegacyTable, ...]:
        """The tables whose records stand in a file, in order."""
        return tuple(table for table in self.tables if table.file == file)
