"""The report as a workbook: every table in full, cells as text, nothing that a spreadsheet would take for a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from dmig.report.build import Report
from dmig.report.nouns import Cell, Few, Mark, Table
from dmig.report.words import LANGUAGES, Words
from dmig.spec.sheets.cells import FORMULA

#: Rows of a sheet of Excel, heading included.
MOST_ROWS = 1_048_576
WIDTHS = {"text": 22, "long": 48, "short": 12, "code": 24, "id": 26, "hash": 68, "count": 13, "seconds": 13, "mark": 16}
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NOT_IN_NAMES = re.compile(r"[\\/*?:\[\]']")
_HEAD = PatternFill("solid", fgColor="1F4E66")
_LINE = Border(bottom=Side("thin", color="D5DBE0"))


def render_workbook(report: Report, most_rows: int = MOST_ROWS) -> bytes:
    """The workbook as bytes: a sheet with the verdict, then one sheet for every table that has rows."""
    book = Workbook(write_only=True)
    tables = [table for section in report.sections for table in section.tables if table.rows]
    titles = _titles(tables, report.words)
    _front(book, report, tables, titles)
    for table, title in zip(tables, titles, strict=True):
        _sheet(book, table, title, report.words, most_rows)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula: what begins like one gets an apostrophe before it."""
    text = _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return f"'{text}" if text.startswith(FORMULA) else text


def _titles(tables: Iterable[Table], words: Words) -> list[str]:
    """Names of sheets: at most 31 characters, each once, without the characters that Excel refuses."""
    titles: list[str] = []
    for table in tables:
        plain = _NOT_IN_NAMES.sub(" ", words(table.key))[:28]
        alike = sum(title.startswith(plain) for title in titles)
        titles.append(f"{plain} {alike + 1}" if alike else plain)
    return titles


def _front(book: Workbook, report: Report, tables: list[Table], titles: list[str]) -> None:
    words, verdict = report.words, report.verdict
    sheet = book.create_sheet(words("report"))
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 30, 100
    lines: list[tuple[str, str]] = [*report.heading, ("", report.sample), (words("judgement"), verdict.mark.text)]
    lines += [(words("what"), verdict.what), (words("may_sign"), verdict.may_sign)]
    lines += [(words("next"), step) for step in verdict.next]
    lines += [("", verdict.caution), ("", words("workbook.note")), (words("fact.run_hash"), report.sign_off.run_hash)]
    sheet.append([_text(sheet, words("report"), Font(bold=True, size=16))])
    for name, text in lines:
        if text:
            sheet.append([_text(sheet, name, Font(bold=True)), _text(sheet, text)])
    sheet.append([])
    sheet.append([_text(sheet, words("sheet"), Font(bold=True)), _text(sheet, words("count"), Font(bold=True))])
    for table, title in zip(tables, titles, strict=True):
        sheet.append([_text(sheet, title), _text(sheet, words("rows", count=f"{len(table.rows):,}"))])


def _sheet(book: Workbook, table: Table, title: str, words: Words, most_rows: int) -> None:
    sheet = book.create_sheet(title)
    fits = len(table.rows) + 1 <= most_rows
    rows = table.rows if fits else table.rows[: most_rows - 2]
    last = get_column_letter(len(table.columns))
    for number, column in enumerate(table.columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = WIDTHS[column.kind]
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{last}{len(rows) + 1}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.append(list(_header(sheet, table)))
    for row in rows:
        sheet.append([_cell(sheet, cell) for cell in row])
    if not fits:
        note = words("cut.workbook", shown=f"{len(rows):,}", total=f"{len(table.rows):,}")
        sheet.append([_text(sheet, note, Font(bold=True))])


def _header(sheet: Any, table: Table) -> Iterator[WriteOnlyCell]:
    """Headings in both languages, so that one workbook serves everybody."""
    for column in table.columns:
        cell = _text(sheet, "\n".join(Words(language)(column.word) for language in LANGUAGES))
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        yield cell


def _cell(sheet: Any, value: Cell) -> WriteOnlyCell:
    if isinstance(value, int | float):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = "#,##0" if isinstance(value, int) else "#,##0.0"
    else:
        text = value.value if isinstance(value, Few) else value.text if isinstance(value, Mark) else value or ""
        cell = _text(sheet, text)
        cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="right" if value is Few.FEW else None)
    cell.border = _LINE
    return cell


def _text(sheet: Any, text: str, font: Font | None = None) -> WriteOnlyCell:
    """A cell that is text whatever stands in it."""
    cell = WriteOnlyCell(sheet, safe(text))
    cell.data_type, cell.number_format = "s", "@"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if font is not None:
        cell.font = font
    return cell
