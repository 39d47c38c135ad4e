"""What a spreadsheet can do to a workbook: each damage is refused with its sheet, row and column."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sheets_support import edit, invented

from dmig.errors import DmigError, SpecError
from dmig.spec.sheets.nouns import Book
from dmig.spec.sheets.reading import read_book
from dmig.spec.sheets.writing import META, render_book

ROWS = [["01", "agreed", "一"], ["02", "open", "sep=　"], ["03", "open", ""]]
#: Row 3 of the sheet is the first of the file; A ※行, B key, C ※key, D choice, E note.
FIRST, SHEET = 3, "invented"


def refused(path: Path, book: Book) -> list[tuple[str, int, str, str]]:
    with pytest.raises(SpecError) as raised:
        read_book(path, book)
    for fault in raised.value.diagnostics:
        assert fault.render("ja") and fault.render("en")
    return [(d.file, d.line, d.code, dict(d.values).get("column", "")) for d in raised.value.diagnostics]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    made = invented(ROWS, tmp_path / "book.xlsx")
    (tmp_path / "book.xlsx").write_bytes(render_book(made))
    return made


def cell(place: str, value: object, number_format: str = "@", kind: str = "") -> Callable[[Any], None]:
    def change(made: Any) -> None:
        target = made[SHEET][place]
        target.value, target.number_format = value, number_format
        if kind:
            target.data_type = kind

    return change


@pytest.mark.parametrize(
    ("change", "line", "code", "column"),
    [
        (cell("E3", 1, "General"), 3, "SHT002", "note"),
        (cell("E3", 0), 3, "SHT002", "note"),
        (cell("E3", 7, "[Red]0"), 3, "SHT002", "note"),
        (cell("B3", 1, "General"), 3, "SHT002", "key"),
        (cell("E5", 2.5), 5, "SHT002", "note"),
        (cell("E3", date(2026, 10, 1), "yyyy-mm-dd"), 3, "SHT003", "note"),
        (cell("E3", datetime(2026, 10, 1, 12), "m/d"), 3, "SHT003", "note"),
        (cell("E3", 100_000_000_000, "General"), 3, "SHT004", "note"),
        (cell("E3", 12, "0.00E+00"), 3, "SHT004", "note"),
        (cell("E3", "1E+11"), 3, "SHT004", "note"),
        (cell("E3", "1.23457E+11"), 3, "SHT004", "note"),
        (cell("E3", True), 3, "SHT005", "note"),
        (cell("E3", "=1+1", kind="f"), 3, "SHT006", "note"),
        (cell("E3", "#N/A", kind="e"), 3, "SHT006", "note"),
        (cell("D3", "agreed "), 3, "SHT007", "choice"),
        (cell("D3", "agreed　"), 3, "SHT007", "choice"),
        (cell("E3", "\xa0一"), 3, "SHT007", "note"),
        (cell("E6", "x "), 6, "SHT007", "note"),
        (cell("E2", "notes"), 2, "SHT008", "note"),
        (cell("D2", None), 2, "SHT008", "choice"),
        (cell("F2", "memo"), 2, "SHT009", "F memo"),
        (cell("G4", "memo"), 4, "SHT009", "G"),
        (cell("B3", "1"), 3, "SHT010", "key"),
        (cell("A3", "9"), 3, "SHT016", "※行"),
        (cell("A4", "2"), 4, "SHT016", "※行"),
        (cell("A3", 2, "General"), 3, "SHT016", "※行"),
        (cell("B6", "01"), 6, "SPC014", ""),
        (cell("E3", "あ" * 32_767 + "い", kind="s"), 3, "", ""),
        (cell("E3", "_x0001_"), 3, "SHT015", "note"),
    ],
)  # fmt: skip
def test_damage_is_refused(
    change: Callable[[Any], None], line: int, code: str, column: str, book: Book, tmp_path: Path
) -> None:
    path = edit(tmp_path / "book.xlsx", change)
    if not code:  # the library cuts it off when it saves, so that only the export can refuse it
        assert len(read_book(path, book)[SHEET][0].cells["note"]) == 32_767
        return
    assert ("book.xlsx[invented]", line, code, column) in refused(path, book)


def test_an_untouched_workbook_is_taken(book: Book, tmp_path: Path) -> None:
    assert [row.line for row in read_book(tmp_path / "book.xlsx", book)[SHEET]] == [2, 3, 4]


def test_all_damages_are_named_at_once(book: Book, tmp_path: Path) -> None:
    def change(made: Any) -> None:
        made[SHEET]["E3"].value = 5
        made[SHEET]["E4"].value = True

    assert {entry[2] for entry in refused(edit(tmp_path / "book.xlsx", change), book)} == {"SHT002", "SHT005"}


@pytest.mark.parametrize("what", ["operation", "system", "kind", "layer", "version"])
def test_a_workbook_of_another_is_refused(what: str, book: Book, tmp_path: Path) -> None:
    def change(made: Any) -> None:
        target = next(row for row in made[META].iter_rows() if row[0].value == what)
        target[1].value = "another"

    assert [entry[2] for entry in refused(edit(tmp_path / "book.xlsx", change), book)] == ["SHT011"]


def test_a_file_that_changed_since_is_refused(book: Book, tmp_path: Path) -> None:
    def change(made: Any) -> None:
        target = next(row for row in made[META].iter_rows() if row[0].value == "file")
        target[3].value = "1" * 64

    assert refused(edit(tmp_path / "book.xlsx", change), book) == [("invented.csv", 0, "SHT012", "")]


def test_altered_keys_on_the_hidden_sheet_are_refused(book: Book, tmp_path: Path) -> None:
    def change(made: Any) -> None:
        target = next(row for row in made[META].iter_rows() if row[0].value == "row")
        target[3].value = "99"

    assert [entry[2] for entry in refused(edit(tmp_path / "book.xlsx", change), book)] == ["SHT001"]


def test_missing_and_unknown_sheets_are_refused(book: Book, tmp_path: Path) -> None:
    def change(made: Any) -> None:
        made[SHEET].title = "renamed"

    found = refused(edit(tmp_path / "book.xlsx", change), book)
    assert {(entry[0], entry[2]) for entry in found} == {
        ("book.xlsx[invented]", "SHT013"), ("book.xlsx[renamed]", "SHT017")
    }  # fmt: skip


def test_what_is_no_workbook_of_ours_is_refused(book: Book, tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    path.write_bytes(b"PK no")
    assert [entry[2] for entry in refused(path, book)] == ["SHT001"]
    Workbook().save(path)
    assert [entry[2] for entry in refused(path, book)] == ["SHT001"]
    with pytest.raises(DmigError):
        read_book(tmp_path / "absent.xlsx", book)
