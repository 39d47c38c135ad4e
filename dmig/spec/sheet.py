"""One CSV file of declarations: a row is a line, every fault is a diagnostic with file and line."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from dmig.errors import Diagnostics
from dmig.model.mapping import Place

E = TypeVar("E", bound=StrEnum)

YES = "○"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a kind of file, in canonical order; `rest` allows further columns between two named ones.

    `optional` ones may be missing in a file: it was written before there were any, and they are blank.
    """

    names: tuple[str, ...]
    rest_after: str = ""
    optional: tuple[str, ...] = ()

    def rest(self, header: list[str]) -> list[str]:
        """The header's names that stand where free columns are allowed."""
        return [name for name in header if name not in self.names] if self.rest_after else []


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row with its place. The readers below note a diagnostic and give a harmless value when a cell is wrong."""

    place: Place
    cells: dict[str, str]
    diagnostics: Diagnostics

    def fault(self, code: str, /, **values: object) -> None:
        """Note a fault at this row."""
        self.diagnostics.add(self.place.file, self.place.line, code, **values)

    def text(self, column: str) -> str:
        """The cell's text; `\\n` stands for a line break."""
        return self.cells.get(column, "").replace("\\n", "\n")

    def required(self, column: str) -> str:
        """The cell's text, which may not be blank."""
        value = self.text(column)
        if not value:
            self.fault("SPC006", column=column)
        return value

    def choice(self, column: str, kind: type[E], default: E | None = None) -> E:
        """One of a closed set."""
        value = self.text(column)
        if not value and default is not None:
            return default
        if value in {member.value for member in kind}:
            return kind(value)
        self.fault("SPC007", column=column, value=value, allowed=" | ".join(member.value for member in kind))
        return default if default is not None else next(iter(kind))

    def integer(self, column: str, default: int) -> int:
        """A whole number, or the default when blank."""
        value = self.text(column)
        if not value:
            return default
        if not (value.isascii() and value.isdigit()):
            self.fault("SPC008", column=column, value=value)
            return default
        return int(value)

    def day(self, column: str) -> str:
        """A calendar day in ISO form, or blank."""
        value = self.text(column)
        try:
            if value:
                date.fromisoformat(value)
        except ValueError:
            self.fault("SPC048", column=column, value=value)
            return ""
        return value

    def flag(self, column: str) -> bool:
        """`○` or blank."""
        value = self.text(column)
        if value not in ("", YES):
            self.fault("SPC007", column=column, value=value, allowed=f"{YES} | (blank)")
        return value == YES

    def names(self, column: str) -> tuple[str, ...]:
        """Names separated by blanks."""
        return tuple(self.text(column).split())

    def args(self, column: str) -> dict[str, str]:
        """`name=value;name=value`."""
        found: dict[str, str] = {}
        for part in filter(None, self.text(column).split(";")):
            name, sign, value = part.partition("=")
            if not sign or not name or name in found:
                self.fault("SPC009", column=column, value=part)
            found[name] = value
        return found


def read_sheet(
    root: Path, path: Path, columns: Columns, diagnostics: Diagnostics, *, layer: str = "base", needed: bool = True
) -> tuple[list[str], list[SheetRow]]:
    """Header and rows of one file, below `root` for the names in messages.

    A missing file, an unknown or missing column and a row with another number of cells are diagnostics.
    """
    name = path.relative_to(root).as_posix()
    if not path.is_file():
        if needed:
            diagnostics.add(name, 0, "SPC001")
        return list(columns.names), []
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        diagnostics.add(name, line, "SPC002")
        return list(columns.names), []
    lines = text.split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    parsed = [_cells(name, number, line, diagnostics) for number, line in enumerate(lines, start=1)]
    if not parsed:
        diagnostics.add(name, 0, "SPC001")
        return list(columns.names), []
    header = parsed[0] or []
    _check_header(name, header, columns, diagnostics)
    blank = dict.fromkeys((column for column in columns.optional if column not in header), "")
    rows = []
    for number, cells in enumerate(parsed[1:], start=2):
        if cells is None:
            continue
        if not any(cells) or len(cells) != len(header):
            diagnostics.add(name, number, "SPC005", found=len(cells) if any(cells) else 0, expected=len(header))
            continue
        told = blank | dict(zip(header, cells, strict=True))
        rows.append(SheetRow(Place(name, number, layer), told, diagnostics))
    return list(columns.names) if blank else header, rows


def _cells(name: str, number: int, line: str, diagnostics: Diagnostics) -> list[str] | None:
    """The cells of one line, or None with a diagnostic when CSV cannot mean it."""
    text = line.removesuffix("\r")
    try:
        cells = next(csv.reader([text], strict=True), [])
    except csv.Error:
        cells = None
    if cells is None or "\r" in text or "\0" in text:
        diagnostics.add(name, number, "SPC049")
        return None
    return cells


def _check_header(name: str, header: list[str], columns: Columns, diagnostics: Diagnostics) -> None:
    for column in header:
        if column not in columns.names and not columns.rest_after:
            diagnostics.add(name, 1, "SPC003", column=column)
        if header.count(column) > 1:
            diagnostics.add(name, 1, "SPC010", column=column)
    for column in columns.names:
        if column not in header and column not in columns.optional:
            diagnostics.add(name, 1, "SPC004", column=column)
