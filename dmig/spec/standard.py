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


def read_standard(root: Path, folder: Path, diagnostics: Diagnostics) -> StandardLayout:
    """The layout of one folder; what is wrong with it goes to the diagnostics."""
    header = Header(root, folder / "layout.toml", diagnostics)
    _, item_rows = read_sheet(root, folder / "items.csv", ITEMS, diagnostics)
    items = [_item(row) for row in item_rows]
    _doubles(item_rows, ("group", "romaji"))
    groups = _groups(header, items, item_rows)
    joined = header.tree.get("csv", {}).get("repeats") == "joined"
    for row, item in zip(item_rows, items, strict=True):
        if item.repeat > 1 and not joined:
            row.fault("SPC050", name=item.name)
    codes = _codes(read_sheet(root, folder / "codes.csv", CODES, diagnostics)[1])
    for row, item in zip(item_rows, items, strict=True):
        if item.code and item.code not in codes:
            row.fault("SPC020", what="code", name=item.code)
    _, rule_rows = read_sheet(root, folder / "rules.csv", RULES, diagnostics)
    _doubles(rule_rows, ("rule",))
    _, parameter_rows = read_sheet(root, folder / "parameters.csv", PARAMETERS, diagnostics, needed=False)
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
    header.close("operation", "title", "version", "status", "national_id", "unit", "division", "csv", "group")
    return layout


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
    _doubles(rows, ("code", "value", "valid_from"))
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
    )


def _doubles(rows: list[SheetRow], key: tuple[str, ...]) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        value = tuple(row.text(column) for column in key)
        if value in seen:
            row.fault("SPC014", key=" ".join(value), line=seen[value])
        seen.setdefault(value, row.place.line)
