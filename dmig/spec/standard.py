"""Reading a standard layout folder: `schemas/standard/<operation>/<version>/`."""

from __future__ import annotations

import re
from pathlib import Path

from dmig.errors import Diagnostics
from dmig.model.layout import (
    CodeValue,
    CsvDialect,
    Group,
    Outcome,
    Parameter,
    Requirement,
    Rule,
    Scope,
    Sensitivity,
    StandardItem,
    StandardLayout,
    StandardType,
)
from dmig.spec.header import Header
from dmig.spec.sheet import Columns, SheetRow, read_sheet

ITEMS = Columns(
    (
        "official_id", "group", "name", "romaji", "primary_key", "foreign_key", "type", "digits", "code", "repeat",
        "requirement", "must_output", "unknown_date", "sensitivity", "status", "definition", "source",
    )
)  # fmt: skip
CODES = Columns(("code", "name", "value", "label", "valid_from", "valid_to", "source"))
RULES = Columns(
    (
        "rule", "group", "kind", "items", "args", "scope", "outcome", "engines", "basis", "advice_staff",
        "advice_engineer",
    )
)  # fmt: skip
PARAMETERS = Columns(("name", "from", "to", "value", "basis"))
GROUP_KEYS: dict[str, type] = {"group": str, "name": str, "unit": str, "may_be_empty": bool, "division": str}
DIALECT_KEYS: dict[str, type] = {
    "encoding": str, "bom": bool, "newline": str, "quoting": str, "header": bool, "file_name": str, "null": str,
    "repeats": str, "repeat_separator": str,
}  # fmt: skip
DIALECT_CHOICES = {
    "encoding": ("utf-8",),
    "newline": ("crlf", "lf"),
    "quoting": ("minimal", "all"),
    "repeats": ("columns", "joined"),
}


#: Files of a layout folder: columns, what makes a row's key, the column where `drop` takes a row of the base away.
FILES: dict[str, tuple[Columns, tuple[str, ...], str]] = {
    "items.csv": (ITEMS, ("group", "romaji"), "requirement"),
    "codes.csv": (CODES, ("code", "value", "valid_from"), "label"),
    "rules.csv": (RULES, ("rule",), "kind"),
    "parameters.csv": (PARAMETERS, ("name", "from"), "value"),
}
DROP = "drop"


def read_standard(root: Path, folder: Path, diagnostics: Diagnostics) -> StandardLayout:
    """The layout of one folder; what is wrong with it goes to the diagnostics.

    A version with a `base` holds only the rows that differ from that version: same key replaces, `drop` takes away.
    """
    header = Header(root, folder / "layout.toml", diagnostics)
    folders = layout_folders(root, folder, diagnostics)
    item_rows = _laid(root, folders, "items.csv", diagnostics)
    items = [_item(row) for row in item_rows]
    groups = _groups(header, items, item_rows)
    joined = header.tree.get("csv", {}).get("repeats") == "joined"
    for row, item in zip(item_rows, items, strict=True):
        if item.repeat > 1 and not joined:
            row.fault("SPC050", name=item.name)
    codes = _codes(_laid(root, folders, "codes.csv", diagnostics))
    for row, item in zip(item_rows, items, strict=True):
        if item.code and item.code not in codes:
            row.fault("SPC020", what="code", name=item.code)
    rule_rows = _laid(root, folders, "rules.csv", diagnostics)
    parameter_rows = _laid(root, folders, "parameters.csv", diagnostics)
    if items and not any(item.item == header.tree.get("unit") for item in items):
        header.fault("unit", "SPC020", what="item", name=header.tree.get("unit", ""))
    layout = StandardLayout(
        operation=header.text("operation"),
        title=header.text("title"),
        version=header.text("version"),
        status=header.text("status"),
        national_id=header.text("national_id", needed=False),
        unit=header.text("unit"),
        dialect=_dialect(header),
        groups=groups,
        codes=codes,
        rules=tuple(_rule(row) for row in rule_rows),
        parameters=tuple(read_parameter(row) for row in parameter_rows),
        division=header.text("division", needed=False),
    )  # fmt: skip
    header.close("operation", "title", "version", "base", "status", "national_id", "unit", "division", "csv", "group")
    return layout


def layout_folders(root: Path, folder: Path, diagnostics: Diagnostics) -> list[Path]:
    """The folder of the first version, then of each one that is based on it, up to this one."""
    found, at = [folder], Header(root, folder / "layout.toml", diagnostics)
    while base := str(at.tree.get("base", "")):
        below = folder.parent / base
        if not below.is_dir() or below in found:
            at.fault("base", "SPC020", what="base version", name=base)
            break
        found.insert(0, below)
        at = Header(root, below / "layout.toml", diagnostics)
    return found


def _laid(root: Path, folders: list[Path], file: str, diagnostics: Diagnostics) -> list[SheetRow]:
    """Rows of one file over all versions, in the order of the first; new ones after them."""
    columns, key, dropping = FILES[file]
    laid: dict[tuple[str, ...], SheetRow] = {}
    for number, folder in enumerate(folders):
        needed = number == 0 and file != "parameters.csv"
        seen: dict[tuple[str, ...], int] = {}
        for row in read_sheet(root, folder / file, columns, diagnostics, needed=needed)[1]:
            row_key = tuple(row.text(column) for column in key)
            if row_key in seen:
                row.fault("SPC014", key=" ".join(row_key), line=seen[row_key])
                continue
            seen[row_key] = row.place.line
            if number and row.text(dropping) == DROP:
                if laid.pop(row_key, None) is None:
                    row.fault("SPC015", key=" ".join(row_key))
                continue
            laid[row_key] = row
    return list(laid.values())


def read_parameter(row: SheetRow) -> Parameter:
    """One dated value: a number; its period in years, months or days."""
    value = row.required("value")
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
        row.fault("SPC008", column="value", value=value)
        value = "0"
    for column in ("from", "to"):
        if not re.fullmatch("([0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?)?", row.text(column)):
            row.fault("SPC008", column=column, value=row.text(column))
    return Parameter(row.required("name"), row.text("from"), row.text("to"), value, row.text("basis"), row.place.line)


def _dialect(header: Header) -> CsvDialect:
    found = header.table("csv", DIALECT_KEYS)
    for key, allowed in DIALECT_CHOICES.items():
        if key in found and found[key] not in allowed:
            header.fault(key, "SPC007", column=key, value=found[key], allowed=" | ".join(allowed))
    try:
        str(found.get("file_name", "")).format(group="", name="", national_id="")
    except (KeyError, ValueError, IndexError):
        header.fault("file_name", "SPC012", key="csv.file_name")
        found.pop("file_name")
    return CsvDialect(**found)


def _item(row: SheetRow) -> StandardItem:
    whole, _, part = row.text("digits").partition(",")
    if not all(text.isascii() and text.isdigit() for text in (whole, part or "0")):
        row.fault("SPC008", column="digits", value=row.text("digits"))
        whole, part = "0", ""
    return StandardItem(
        item=row.required("romaji"),
        name=row.required("name"),
        group=row.required("group"),
        type=row.choice("type", StandardType),
        max_chars=int(whole),
        decimals=int(part or 0),
        primary_key=row.flag("primary_key"),
        foreign_key=row.text("foreign_key"),
        code=row.text("code"),
        repeat=row.integer("repeat", 1),
        requirement=row.choice("requirement", Requirement),
        must_output=row.flag("must_output"),
        unknown_date=row.flag("unknown_date"),
        sensitivity=row.choice("sensitivity", Sensitivity, Sensitivity.PERSONAL),
        status=row.required("status"),
        official_id=row.text("official_id"),
        definition=row.text("definition"),
        source=row.required("source"),
        line=row.place.line,
    )


def _groups(header: Header, items: list[StandardItem], rows: list[SheetRow]) -> tuple[Group, ...]:
    declared = header.tables("group", GROUP_KEYS)
    names = [entry.get("group", "") for entry in declared]
    for row, item in zip(rows, items, strict=True):
        if item.group not in names:
            row.fault("SPC020", what="group", name=item.group)
    groups = []
    for entry in declared:
        own = tuple(item for item in items if item.group == entry.get("group"))
        group = Group(
            group=entry.get("group", ""),
            name=entry.get("name", ""),
            unit=entry.get("unit", ""),
            items=own,
            may_be_empty=entry.get("may_be_empty", False),
            division=entry.get("division", ""),
        )
        if not group.keys:
            header.fault("group", "SPC021", group=group.group)
        if group.item(group.unit) is None:
            header.fault("unit", "SPC020", what="item", name=group.unit)
        groups.append(group)
    return tuple(groups)


def _codes(rows: list[SheetRow]) -> dict[str, tuple[CodeValue, ...]]:
    found: dict[str, list[CodeValue]] = {}
    for row in rows:
        value = CodeValue(row.required("value"), row.required("label"), row.day("valid_from"), row.day("valid_to"))
        found.setdefault(row.required("code"), []).append(value)
    return {name: tuple(values) for name, values in found.items()}


def _rule(row: SheetRow) -> Rule:
    engines = row.names("engines")
    if not engines:
        row.fault("SPC022", rule=row.text("rule"))
    for engine in engines:
        if engine not in ("pandera", "gx", "duckdb"):
            row.fault("SPC007", column="engines", value=engine, allowed="pandera | gx | duckdb")
    return Rule(
        rule=row.required("rule"),
        group=row.required("group"),
        kind=row.required("kind"),
        items=row.names("items"),
        args=row.args("args"),
        scope=row.choice("scope", Scope),
        outcome=row.choice("outcome", Outcome),
        engines=engines,
        basis=row.required("basis"),
        advice_staff=row.text("advice_staff"),
        advice_engineer=row.text("advice_engineer"),
        line=row.place.line,
        sheet=row.place.file,
    )
