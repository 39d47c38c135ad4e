"""A book as a workbook: every cell text, headings locked, closed choices as drop-downs, a hidden sheet that knows."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

from dmig.errors import Diagnostics
from dmig.spec.sheets.cells import MOST_UNITS, to_cell, units, unwritable
from dmig.spec.sheets.nouns import HEAD_ROWS, Book, Column, Page, Row

META, LISTS, GUIDE = "_dmig", "_lists", "使い方"
FORM = "1"
#: Blank rows behind the last one, ready for new ones.
SPARE_ROWS = 200
NARROW, WIDE, WIDEST = 8, 14, 60
TEXT = "@"
_HEAD = PatternFill("solid", fgColor="1F4E66")
_READ_ONLY = PatternFill("solid", fgColor="E7EBEE")
_GUIDE = (
    "このブックは dmig sheet export が書きました。保存したら dmig sheet import で確かめ、--write で反映します。",
    "直すのは白いセルだけです。灰色（※）の列は読むためのもので、取り込まれません。",
    "行を足す: 下の空いた行に書きます（※行 は空のまま）。行を消す: その行の白いセルをすべて空にします。",
    "鍵になる列（移行先の項目、旧コードなど）を変えるときは、元の行を空にして新しい行に書きます。",
    "すべてのセルは文字列です。書式を変えないでください（先頭のゼロが失われます）。先頭の ' は数式にしないための印です。",
    "Edit white cells only; grey columns (※) are for reading. Add rows below, blank a row to remove it.",
)


def render_book(book: Book) -> bytes:
    """The workbook as bytes; a text that no workbook can hold is a `SpecError` that names file, line and column."""
    _refuse_unwritable(book)
    made = Workbook()
    guide = made.active
    guide.title = GUIDE
    guide.column_dimensions["A"].width = 110
    for number, text in enumerate(book.guide or _GUIDE, start=1):
        _put(guide, number, 1, text)
    guide.protection.enable()
    lists = _Lists(made.create_sheet(LISTS))
    for page in book.pages:
        _sheet(made.create_sheet(page.title), page, lists)
    made.move_sheet(LISTS, len(book.pages))
    lists.sheet.sheet_state = "hidden"
    meta = made.create_sheet(META)
    meta.sheet_state = "veryHidden"
    for number, line in enumerate(stamp_lines(book), start=1):
        for at, text in enumerate(line, start=1):
            _put(meta, number, at, to_cell(text))
    made.active = 1
    guide.sheet_view.tabSelected = False
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


def stamp_lines(book: Book) -> Iterator[tuple[str, ...]]:
    """What the hidden sheet says: what the book was made from, then files with their hash, columns and keys of rows."""
    yield ("dmig sheet", FORM)
    stamp = book.stamp
    for name in ("operation", "system", "kind", "layer", "version"):
        yield (name, str(getattr(stamp, name)))
    for page in book.pages:
        yield ("file", page.title, page.file, page.sha256)
        yield ("columns", page.title, *(column.name for column in page.columns))
        for row in page.rows:
            # Rows that a run proposes are no rows of the file yet.
            if row.line:
                yield ("row", page.title, str(row.line), *row.key(page.key))


def _refuse_unwritable(book: Book) -> None:
    diagnostics = Diagnostics()
    for page in book.pages:
        for row in page.rows:
            for column in page.own:
                shown = to_cell(row.cells[column])
                if units(shown) > MOST_UNITS:
                    diagnostics.add(page.file, row.line, "SHT014", column=column, chars=units(shown), most=MOST_UNITS)
                if character := unwritable(shown):
                    diagnostics.add(page.file, row.line, "SHT015", column=column, character=character)
    diagnostics.stop_if_any()


class _Lists:
    """The hidden sheet with the choices of drop-downs: Excel takes no longer list within the rule itself."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet
        self._seen: dict[tuple[str, ...], str] = {}

    def place(self, choices: tuple[str, ...]) -> str:
        """The range that holds these choices."""
        if choices not in self._seen:
            at = len(self._seen) + 1
            for number, choice in enumerate(choices, start=1):
                _put(self.sheet, number, at, to_cell(choice))
            letter = get_column_letter(at)
            self._seen[choices] = f"'{LISTS}'!${letter}$1:${letter}${len(choices)}"
        return self._seen[choices]


def _sheet(sheet: Any, page: Page, lists: _Lists) -> None:
    last = HEAD_ROWS + (max(1, len(page.rows)) if page.fixed else len(page.rows) + SPARE_ROWS)
    for at, column in enumerate(page.columns, start=1):
        for number, text in ((1, column.title), (HEAD_ROWS, column.name)):
            cell = _put(sheet, number, at, text)
            cell.font, cell.fill = Font(bold=True, color="FFFFFF"), _HEAD
        for number in range(HEAD_ROWS + 1, last + 1):
            row = page.rows[number - HEAD_ROWS - 1] if number - HEAD_ROWS <= len(page.rows) else None
            _body(sheet, number, at, column, row)
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = _width(page, column)
        if column.choices:
            rule = DataValidation(type="list", formula1=lists.place(column.choices), allow_blank=True)
            rule.error, rule.errorTitle, rule.showErrorMessage = "選べる値のどれかにしてください", column.title, True
            rule.add(f"{letter}{HEAD_ROWS + 1}:{letter}{last}")
            sheet.add_data_validation(rule)
    sheet.freeze_panes = f"B{HEAD_ROWS + 1}"
    sheet.auto_filter.ref = f"A{HEAD_ROWS}:{get_column_letter(len(page.columns))}{last}"
    sheet.print_title_rows = f"1:{HEAD_ROWS}"
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.protection.enable()
    sheet.protection.autoFilter = sheet.protection.formatColumns = sheet.protection.formatRows = False


def _body(sheet: Any, number: int, at: int, column: Column, row: Row | None) -> None:
    text = "" if row is None else str(row.line or "") if at == 1 else row.cells.get(column.name, "")
    cell = _put(sheet, number, at, to_cell(text))
    if column.own and not column.locked:
        cell.protection = Protection(locked=False)
    else:
        cell.fill = _READ_ONLY


def _put(sheet: Any, number: int, at: int, text: str) -> Any:
    """A cell that is text whatever stands in it."""
    cell = sheet.cell(number, at)
    if text:
        cell.value = text
        cell.data_type = "s"
    cell.number_format = TEXT
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _width(page: Page, column: Column) -> int:
    """Wide enough for most of its texts; a Japanese character takes two places."""
    longest = max((len(row.cells.get(column.name, "")) for row in page.rows), default=0)
    return min(max(NARROW, WIDE if column.own else NARROW, longest + longest // 2 + 2), WIDEST)
