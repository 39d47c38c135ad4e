"""Reading a legacy layout folder: `schemas/legacy/<system>/<operation>/`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dmig.errors import Diagnostics
from dmig.model.layout import Sensitivity
from dmig.model.legacy import CsvSource, LegacyItem, LegacyLayout, LegacyTable
from dmig.spec.header import Header
from dmig.spec.legacy_host import HostReader
from dmig.spec.sheet import Columns, SheetRow, read_sheet

ITEMS = Columns(("item", "name", "type", "args", "key", "required", "sensitivity", "note"))
#: Items of host files name the item of the copybook that holds them.
HOST_ITEMS = Columns(("item", "source", *ITEMS.names[1:]))
TABLE_KEYS: dict[str, type] = {"table": str, "name": str, "file": str, "line_breaks": str, "may_be_empty": bool,
                               "name_items": str, "protective": bool}  # fmt: skip
HOST_TABLE_KEYS: dict[str, type] = {**TABLE_KEYS, "copybook": str, "record": str}
RECORD_FORMATS = ("csv", "host")
CSV_KEYS: dict[str, type] = {"delimiter": str, "header": bool, "max_record_bytes": int}


def read_legacy(root: Path, folder: Path, diagnostics: Diagnostics) -> LegacyLayout:
    """The legacy layout of one folder; what is wrong with it goes to the diagnostics."""
    header = Header(root, folder / "layout.toml", diagnostics)
    on_host = header.tree.get("record_format") == "host"
    tables = _Tables(
        root, folder, header, diagnostics, HostReader(root, folder, header, diagnostics) if on_host else None
    )
    allowed = (("record_format", RECORD_FORMATS), ("charset", () if on_host else ("cp932", "utf-8")))
    for key, values in allowed:
        value = header.text(key)
        if value and values and value not in values:
            header.fault(key, "SPC007", column=key, value=value, allowed=" | ".join(values))
    host = tables.host.system() if tables.host else None
    found = tuple(tables.read(entry) for entry in header.tables("table", HOST_TABLE_KEYS if on_host else TABLE_KEYS))
    files = tables.host.files(host, found) if tables.host and host else ()
    if tables.host and host:
        for table in found:
            tables.host.check(table, tables.copybook(table.table), host)
    layout = LegacyLayout(
        system=header.text("system"),
        operation=header.text("operation"),
        title=header.text("title"),
        charset=header.text("charset"),
        record_format=header.text("record_format"),
        csv=CsvSource(**header.table("csv", CSV_KEYS)),
        tables=found,
        host=host,
        files=files,
    )
    own = ("host", "file") if on_host else ("csv",)
    header.close("system", "operation", "title", "charset", "record_format", *own, "table")
    return layout


@dataclass(frozen=True, slots=True)
class _Tables:
    """Reads the tables of one folder."""

    root: Path
    folder: Path
    header: Header
    diagnostics: Diagnostics
    host: HostReader | None

    def read(self, entry: dict[str, Any]) -> LegacyTable:
        """One table; `entry` is its part of the header."""
        header = self.header
        if entry.get("line_breaks", "refused") not in ("refused", "allowed"):
            header.fault("line_breaks", "SPC007", column="line_breaks", value=entry["line_breaks"],
                         allowed="refused | allowed")  # fmt: skip
        if not entry.get("file") or not entry.get("table"):
            header.fault("file", "SPC012", key="table.file")
        table = self._table(entry)
        for name in table.name_items:
            if table.item(name) is None:
                header.fault("name_items", "SPC020", what="item", name=name)
        return table

    def copybook(self, table: str) -> str:
        """The file of a table's copybook."""
        entries = {entry.get("table"): entry for entry in self.header.tree.get("table", [])}
        return str(entries[table].get("copybook", f"{table}.cpy"))

    def _table(self, entry: dict[str, Any]) -> LegacyTable:
        name = str(entry.get("table", ""))
        file = self.folder / f"{name}.csv"
        _, rows = read_sheet(self.root, file, HOST_ITEMS if self.host else ITEMS, self.diagnostics)
        seen: set[str] = set()
        for row in rows:
            item = row.text("item")
            if item in seen:
                row.fault("SPC014", key=item, line=0)
            seen.add(item)
        return LegacyTable(
            table=name,
            name=entry.get("name", ""),
            file=entry.get("file", ""),
            items=tuple(_item(row) for row in rows),
            line_breaks=entry.get("line_breaks", "refused"),
            may_be_empty=entry.get("may_be_empty", False),
            name_items=tuple(entry.get("name_items", "").split()),
            protective=entry.get("protective", False),
            kind=self.host.kind(entry, "record", self.copybook(name)) if self.host else None,
        )


def _item(row: SheetRow) -> LegacyItem:
    return LegacyItem(
        item=row.required("item"),
        name=row.required("name"),
        type=row.required("type"),
        args=row.args("args"),
        key=row.flag("key"),
        required=row.flag("required"),
        sensitivity=row.choice("sensitivity", Sensitivity, Sensitivity.PERSONAL),
        note=row.text("note"),
        line=row.place.line,
        source=row.text("source"),
    )
