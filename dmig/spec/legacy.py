"""Reading a legacy layout folder: `schemas/legacy/<system>/<operation>/`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dmig.errors import Diagnostics
from dmig.model.layout import Sensitivity
from dmig.model.legacy import CsvSource, LegacyItem, LegacyLayout, LegacyTable
from dmig.spec.header import Header
from dmig.spec.sheet import Columns, SheetRow, read_sheet

ITEMS = Columns(("item", "name", "type", "args", "key", "required", "sensitivity", "note"))
TABLE_KEYS: dict[str, type] = {"table": str, "name": str, "file": str, "line_breaks": str, "may_be_empty": bool,
                               "name_items": str, "protective": bool}  # fmt: skip
CSV_KEYS: dict[str, type] = {"delimiter": str, "header": bool, "max_record_bytes": int}


def read_legacy(root: Path, folder: Path, diagnostics: Diagnostics) -> LegacyLayout:
    """The legacy layout of one folder; what is wrong with it goes to the diagnostics."""
    header = Header(root, folder / "layout.toml", diagnostics)
    tables = []
    for entry in header.tables("table", TABLE_KEYS):
        if entry.get("line_breaks", "refused") not in ("refused", "allowed"):
            header.fault("line_breaks", "SPC007", column="line_breaks", value=entry["line_breaks"],
                         allowed="refused | allowed")  # fmt: skip
        if not entry.get("file") or not entry.get("table"):
            header.fault("file", "SPC012", key="table.file")
        table = _table(root, folder, entry, diagnostics)
        for name in table.name_items:
            if table.item(name) is None:
                header.fault("name_items", "SPC020", what="item", name=name)
        tables.append(table)
    for key, allowed in (("record_format", ("csv",)), ("charset", ("cp932", "utf-8"))):
        value = header.text(key)
        if value and value not in allowed:
            header.fault(key, "SPC007", column=key, value=value, allowed=" | ".join(allowed))
    layout = LegacyLayout(
        system=header.text("system"),
        operation=header.text("operation"),
        title=header.text("title"),
        charset=header.text("charset"),
        record_format=header.text("record_format"),
        csv=CsvSource(**header.table("csv", CSV_KEYS)),
        tables=tuple(tables),
    )
    header.close("system", "operation", "title", "charset", "record_format", "csv", "table")
    return layout


def _table(root: Path, folder: Path, entry: dict[str, Any], diagnostics: Diagnostics) -> LegacyTable:
    _, rows = read_sheet(root, folder / f"{entry.get('table', '')}.csv", ITEMS, diagnostics)
    seen: set[str] = set()
    for row in rows:
        name = row.text("item")
        if name in seen:
            row.fault("SPC014", key=name, line=0)
        seen.add(name)
    return LegacyTable(
        table=entry.get("table", ""),
        name=entry.get("name", ""),
        file=entry.get("file", ""),
        items=tuple(_item(row) for row in rows),
        line_breaks=entry.get("line_breaks", "refused"),
        may_be_empty=entry.get("may_be_empty", False),
        name_items=tuple(entry.get("name_items", "").split()),
        protective=entry.get("protective", False),
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
    )
