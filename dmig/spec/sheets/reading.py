"""A workbook as Excel or LibreOffice saved it, back to rows; what they damaged is named cell by cell and refused."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from dmig.errors import Diagnostics, DmigError
from dmig.spec.sheets.cells import MOST_UNITS, classes, from_cell, units, unwritable
from dmig.spec.sheets.nouns import HEAD_ROWS, LINE, Book, Page, Row
from dmig.spec.sheets.writing import FORM, GUIDE, LISTS, META, stamp_lines

#: A workbook that unpacks to more than this was not written by an export.
MOST_BYTES = 256 << 20
_SCIENTIFIC = re.compile(r"-?[0-9](?:\.[0-9]+)?E[+-][0-9]+")
_SCIENTIFIC_FORMAT = re.compile("E[+-]", re.IGNORECASE)
#: From here on Excel shows a number in a cell without a format as 1E+11.
_SHOWN_SCIENTIFIC = 1e11
_BLANKS = " \t　\xa0"
_SPACED_ARGUMENT = re.compile(f"=[{_BLANKS}]+$")
STAMPED = ("operation", "system", "kind", "layer", "version")


def read_book(path: Path, book: Book) -> dict[str, list[Row]]:
    """Rows of each page by its title, in the order of the file; `SpecError` with all damages at once.

    `book` is what an export would write now: the workbook must have been made from the same files.
    """
    diagnostics = Diagnostics()
    made = _open(path, diagnostics)
    diagnostics.stop_if_any()
    _check_stamp(path.name, made, book, diagnostics)
    diagnostics.stop_if_any()
    known = {page.title for page in book.pages} | {META, LISTS, GUIDE}
    for title in sorted({page.title for page in book.pages} ^ (set(made.sheetnames) - {META, LISTS, GUIDE})):
        diagnostics.add(f"{path.name}[{title}]", 0, "SHT013" if title in known else "SHT017", sheet=title)
    pages = [page for page in book.pages if page.title in made.sheetnames]
    found = {page.title: _Reader(path.name, made[page.title], page, diagnostics).rows() for page in pages}
    diagnostics.stop_if_any()
    return found


def read_stamp(path: Path) -> dict[str, str]:
    """What a workbook says that it was made from, by the names of a stamp; `SpecError` where it says nothing."""
    diagnostics = Diagnostics()
    made = _open(path, diagnostics)
    diagnostics.stop_if_any()
    return _told(_meta(made))


def _meta(made: Any) -> list[tuple[str, ...]]:
    """The lines of the hidden sheet."""
    return [
        tuple(from_cell(str(cell)) if cell is not None else "" for cell in line)
        for line in made[META].iter_rows(values_only=True)
    ]


def _told(lines: Sequence[Sequence[str]]) -> dict[str, str]:
    return {line[0]: line[1] for line in lines if line and line[0] in STAMPED and len(line) > 1}


def _open(path: Path, diagnostics: Diagnostics) -> Any:
    if not path.is_file():
        raise DmigError("ENV001", path=path.name)
    try:
        with zipfile.ZipFile(path) as packed:
            fits = sum(entry.file_size for entry in packed.infolist()) <= MOST_BYTES
        if fits:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made = load_workbook(path)
            if META in made.sheetnames:
                return made
    except Exception:  # a damaged workbook may fail anywhere in the library; each is the same fault for staff
        fits = False
    diagnostics.add(path.name, 0, "SHT001")
    return None


def _check_stamp(name: str, made: Any, book: Book, diagnostics: Diagnostics) -> None:
    """Whether the workbook was made for this operation, system, kind, layer and version, and from these very files."""
    lines = _meta(made)
    told = _told(lines)
    for key in STAMPED:
        mine = str(getattr(book.stamp, key))
        if told.get(key, "") != mine:
            diagnostics.add(name, 0, "SHT011", what=key, found=told.get(key, ""), mine=mine)
    diagnostics.stop_if_any()
    hashes = {line[2]: line[3] for line in lines if line[0] == "file" and len(line) > 3}
    for page in book.pages:
        if hashes.get(page.file, "") != page.sha256 or page.file not in hashes:
            diagnostics.add(page.file, 0, "SHT012", book=name)
    diagnostics.stop_if_any()
    if (
        not lines
        or lines[0][:2] != ("dmig sheet", FORM)
        or [*map(_stripped, lines)] != [*map(_stripped, stamp_lines(book))]
    ):
        diagnostics.add(name, 0, "SHT001")


def _stripped(line: Sequence[str]) -> list[str]:
    """A line without the blank cells at its end, which a spreadsheet may keep or not."""
    filled = [at for at, text in enumerate(line, start=1) if text]
    return list(line[: max(filled, default=0)])


@dataclass(slots=True)
class _Reader:
    """One sheet against the page that it was made from."""

    book: str
    sheet: Any
    page: Page
    diagnostics: Diagnostics

    def fault(self, row: int, code: str, /, **values: object) -> None:
        self.diagnostics.add(f"{self.book}[{self.page.title}]", row, code, **values)

    def rows(self) -> list[Row]:
        """Rows that stay, known ones in the file's order, new ones behind the row that they stand under."""
        if not self.header():
            return []
        known = {row.line: row for row in self.page.rows}
        places: dict[int, int] = {}
        keys: dict[tuple[str, ...], int] = {}
        ordered: list[tuple[tuple[int, int], Row]] = []
        above = 0
        for number, cells in self.body():
            line = self.line(number, cells[0], known, places)
            above = line or above
            row = known.get(line)
            texts = self.texts(number, cells, row)
            if self.page.fixed and (not any(texts.values()) if line else any(texts.values())):
                self.fault(number, "WKL003")
            if not any(texts.values()):
                continue
            read = Row(line, texts, number)
            self.check_key(number, read, row, keys)
            ordered.append(((above, 0 if line else number), read))
        if self.page.fixed and len(places) < len(known):
            self.fault(0, "WKL003")
        return [row for _, row in sorted(ordered, key=lambda entry: entry[0])]

    def said(self, text: object) -> str:
        """A cell as a message may quote it: of a resident's values only the kinds of characters."""
        return classes(str(text)) if self.page.personal else str(text)

    def header(self) -> bool:
        """Whether the columns stand where the export put them."""
        cells = next(self.sheet.iter_rows(min_row=HEAD_ROWS, max_row=HEAD_ROWS, values_only=True), ())
        right = True
        for at, column in enumerate(self.page.columns):
            found = "" if at >= len(cells) or cells[at] is None else str(cells[at])
            if found != column.name:
                self.fault(HEAD_ROWS, "SHT008", column=column.name, found=self.said(found))
                right = False
        return right

    def body(self) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Rows below the headings; whatever stands beside the known columns is a fault."""
        width = len(self.page.columns)
        for cell in next(self.sheet.iter_rows(min_row=HEAD_ROWS, max_row=HEAD_ROWS), ())[width:]:
            if cell.value is not None:
                self.fault(HEAD_ROWS, "SHT009", column=f"{cell.column_letter} {self.said(cell.value)}")
        for cells in self.sheet.iter_rows(min_row=HEAD_ROWS + 1):
            for cell in cells[width:]:
                if cell.value is not None:
                    self.fault(cell.row, "SHT009", column=cell.column_letter)
            yield cells[0].row, cells[:width]

    def line(self, number: int, cell: Any, known: dict[int, Row], places: dict[int, int]) -> int:
        """The line of the file that a row came from; 0 for a new one."""
        text = "" if cell.value is None else str(cell.value)
        if not text:
            return 0
        line = int(text) if cell.data_type == "s" and text.isascii() and text.isdigit() else -1
        if line not in known or line in places:
            self.fault(number, "SHT016", column=LINE, found=self.said(text))
            return 0
        places[line] = number
        return line

    def texts(self, number: int, cells: tuple[Any, ...], row: Row | None) -> dict[str, str]:
        """The texts of the file's own columns."""
        found = {}
        for column, cell in zip(self.page.columns, cells, strict=True):
            if column.own:
                before = None if row is None else row.cells.get(column.name)
                found[column.name] = self.text(number, column.name, cell, before)
        return found

    def text(self, number: int, column: str, cell: Any, before: str | None) -> str:
        """One cell's text; `before` is what stood there, None in a new row."""
        if cell.value is None or (cell.data_type in ("s", "n", "inlineStr") and cell.value == ""):
            return ""
        if code := damage(cell):
            self.fault(number, code, column=column, value=self.said(str(cell.value)[:40]))
            return before or "?"
        shown = str(cell.value)
        if units(shown) > MOST_UNITS:
            self.fault(number, "SHT014", column=column, chars=units(shown), most=MOST_UNITS)
        if character := unwritable(shown):
            self.fault(number, "SHT015", column=column, character=character)
        text = from_cell(shown)
        if text == before:
            return text
        if _SCIENTIFIC.fullmatch(text):
            self.fault(number, "SHT004", column=column, value=self.said(text))
        if text.strip(_BLANKS) != text and not _SPACED_ARGUMENT.search(text):
            self.fault(number, "SHT007", column=column)
        return text

    def check_key(self, number: int, read: Row, before: Row | None, keys: dict[tuple[str, ...], int]) -> None:
        """A known row keeps its key, and no key stands twice."""
        key = read.key(self.page.key)
        if before is not None and key != before.key(self.page.key):
            was = " ".join(before.key(self.page.key))
            self.fault(
                number, "SHT010", column=" ".join(self.page.key), key=self.said(" ".join(key)), was=self.said(was)
            )
        if key in keys:
            self.fault(number, "SPC014", key=self.said(" ".join(key)), line=keys[key])
        keys.setdefault(key, number)


def damage(cell: Any) -> str:
    """The code of what a spreadsheet made of a text cell; "" when it is still text."""
    kind = cell.data_type
    if kind == "n":
        return (
            "SHT004"
            if _SCIENTIFIC_FORMAT.search(str(cell.number_format)) or abs(cell.value) >= _SHOWN_SCIENTIFIC
            else "SHT002"
        )
    return {"s": "", "inlineStr": "", "d": "SHT003", "b": "SHT005"}.get(kind, "SHT006")
