"""The workbook, read again with the library that staff's tools are like."""

from __future__ import annotations

import copy
import io
from typing import Any

import openpyxl
import pytest
from report_support import CIRCUMSTANCES

from dmig.report import build_report
from dmig.report.nouns import Column, Section, Table
from dmig.report.workbook import render_workbook, safe


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


@pytest.fixture
def book(full: dict[str, Any]) -> openpyxl.Workbook:
    return opened(render_workbook(build_report(full, CIRCUMSTANCES, "ja")))


def test_every_table_has_its_sheet_in_full(full: dict[str, Any], book: openpyxl.Workbook) -> None:
    tables = [t for s in build_report(full, CIRCUMSTANCES, "ja").sections for t in s.tables if t.rows]
    assert len(book.sheetnames) == len(tables) + 1 > 15
    assert [sheet.max_row - 1 for sheet in book.worksheets[1:]] == [len(t.rows) for t in tables]
    assert all(len(name) <= 31 for name in book.sheetnames)


def test_sheets_have_filters_a_frozen_heading_and_widths(book: openpyxl.Workbook) -> None:
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert sheet.print_title_rows == "$1:$1"
        assert all(sheet.column_dimensions[cell.column_letter].width > 8 for cell in sheet[1])
        assert all("\n" in cell.value for cell in sheet[1])


def test_cells_are_texts_or_numbers(book: openpyxl.Workbook) -> None:
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert {cell.number_format for cell in cells if cell.data_type == "n"} == {"#,##0", "#,##0.0"}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_nothing_begins_like_a_formula(full: dict[str, Any], start: str) -> None:
    assert safe(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"
    wild = copy.deepcopy(full)
    wild["dispositions"][0]["reason"] = wild["site"] = f"{start}1+1"
    book = opened(render_workbook(build_report(wild, CIRCUMSTANCES, "ja")))
    texts = [
        cell.value for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.data_type == "s"
    ]
    assert [text for text in texts if text.startswith(start)] == []
    assert len([text for text in texts if text.endswith("1+1")]) == 2


def test_harmless_texts_stay_as_they_are() -> None:
    assert [safe(text) for text in ("", "住民", "<10", "a=b", "1-2", "—")] == ["", "住民", "<10", "a=b", "1-2", "—"]


def test_control_characters_do_not_break_the_file() -> None:
    assert safe("a\x00b\x0bc") == "a�b�c"


def test_past_the_limit_of_a_sheet_it_says_so(full: dict[str, Any]) -> None:
    report = build_report(full, CIRCUMSTANCES, "en")
    long = Table("rules", (Column("rule", "id"), Column("count", "count")), [(f"r{n}", n) for n in range(40)])
    from dataclasses import replace

    cut = replace(report, sections=(Section("run_of", [long]),))
    sheet = opened(render_workbook(cut, most_rows=30)).worksheets[1]
    assert sheet.max_row == 30
    assert sheet["A29"].value == "r27"
    assert str(sheet["A30"].value).startswith("28 of 40 rows. The rest is beyond Excel's row limit")
    whole = opened(render_workbook(cut, most_rows=41)).worksheets[1]
    assert (whole.max_row, whole["A41"].value) == (41, "r39")


def test_names_of_sheets_are_never_the_same(full: dict[str, Any]) -> None:
    from dataclasses import replace

    report = build_report(full, CIRCUMSTANCES, "ja")
    alike = Table("rules", (Column("rule", "id"),), [("r",)])
    cut = replace(report, sections=(Section("run_of", [alike, alike, alike]),))
    assert opened(render_workbook(cut)).sheetnames[1:] == ["動いた規則", "動いた規則 2", "動いた規則 3"]
