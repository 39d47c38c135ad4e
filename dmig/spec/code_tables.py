"""Reading code tables: up to four legacy columns, one or more standard columns, a period, a state."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from dmig.errors import Diagnostics
from dmig.model.mapping import CodeRow, CodeTable
from dmig.spec.sheet import Columns, SheetRow, read_sheet

TAIL = ("valid_from", "valid_to", "state", "decided_by", "decided_on", "note")
COLUMNS = Columns(("legacy_1", *TAIL), rest_after="legacy_1")
LEGACY = ("legacy_1", "legacy_2", "legacy_3", "legacy_4")
STATES = ("agreed", "open")
ANY = "*"


def read_code_tables(layers: list[tuple[str, Path, Path]], diagnostics: Diagnostics) -> dict[str, CodeTable]:
    """All code tables by name, a site's rows over the base's; `layers` are (name, folder, root of names)."""
    names = sorted({path.stem for _, folder, _ in layers for path in (folder / "code_tables").glob("*.csv")})
    return {name: _table(layers, name, diagnostics) for name in names}


def _table(layers: list[tuple[str, Path, Path]], name: str, diagnostics: Diagnostics) -> CodeTable:
    laid: dict[tuple[str, ...], tuple[SheetRow, CodeRow]] = {}
    legacy: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    for layer, folder, root in layers:
        path = folder / "code_tables" / f"{name}.csv"
        if not path.is_file():
            continue
        header, rows = read_sheet(root, path, COLUMNS, diagnostics, layer=layer)
        legacy = tuple(column for column in LEGACY if column in header)
        parts = tuple(column for column in header if column not in (*LEGACY, *TAIL))
        if not parts:
            diagnostics.add(path.relative_to(root).as_posix(), 1, "SPC004", column="standard")
        seen: dict[tuple[str, ...], int] = {}
        for row in rows:
            key = (*(row.text(column) for column in legacy), row.text("valid_from"))
            if key in seen:
                row.fault("SPC014", key=" ".join(key), line=seen[key])
                continue
            seen[key] = row.place.line
            if row.text("state") == "drop":
                laid.pop(key, None)
                continue
            laid[key] = (row, _row(row, legacy, parts))
    _ambiguities(laid)
    return CodeTable(name, len(legacy), parts, tuple(code_row for _, code_row in laid.values()))


def _row(row: SheetRow, legacy: tuple[str, ...], parts: tuple[str, ...]) -> CodeRow:
    state = row.text("state")
    if state not in STATES:
        row.fault("SPC007", column="state", value=state, allowed=" | ".join(STATES))
    if state == "agreed":
        row.required("decided_by")
        row.required("decided_on")
        if not any(row.text(part) for part in parts):
            row.fault("SPC006", column=" ".join(parts))
    return CodeRow(
        legacy=tuple(row.required(column) for column in legacy),
        standard=tuple(row.text(part) for part in parts),
        valid_from=row.day("valid_from"),
        valid_to=row.day("valid_to"),
        state=state,
        decided_by=row.text("decided_by"),
        decided_on=row.day("decided_on"),
        note=row.text("note"),
        place=row.place,
    )


def _ambiguities(laid: dict[tuple[str, ...], tuple[SheetRow, CodeRow]]) -> None:
    """Same key: periods may neither overlap nor leave a gap. Wildcards of equal weight may not cross."""
    by_key: dict[tuple[str, ...], list[tuple[SheetRow, CodeRow]]] = {}
    for row, code_row in laid.values():
        by_key.setdefault(code_row.legacy, []).append((row, code_row))
    for same in by_key.values():
        ordered = sorted(same, key=lambda pair: pair[1].valid_from)
        for (_, earlier), (row, later) in pairwise(ordered):
            if not earlier.valid_to or earlier.valid_to >= later.valid_from:
                row.fault("SPC017", line=earlier.place.line)
            elif _next_day(earlier.valid_to) != later.valid_from:
                row.fault("SPC018", line=earlier.place.line)
    keys = list(by_key)
    for number, key in enumerate(keys):
        for other in keys[number + 1 :]:
            if key.count(ANY) == other.count(ANY) and key.count(ANY) and _cross(key, other):
                by_key[other][0][0].fault("SPC017", line=by_key[key][0][1].place.line)


def _cross(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return all(a == b or ANY in (a, b) for a, b in zip(one, other, strict=True))


def _next_day(text: str) -> str:
    try:
        return (date.fromisoformat(text) + timedelta(days=1)).isoformat()
    except ValueError:
        return ""
