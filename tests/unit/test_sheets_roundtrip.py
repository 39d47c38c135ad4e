"""Out and in again is nothing: for all shipped files, for any text, through this library and through LibreOffice."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from sheets_support import ROOT, desk, exported, invented, own
from test_sheets_cells import NASTY, TEXTS

from dmig.errors import SpecError
from dmig.pipeline.sheets import book_of, import_sheet
from dmig.spec.formatting import canonical
from dmig.spec.library import Library
from dmig.spec.sheets.changes import csv_text
from dmig.spec.sheets.nouns import HEAD_ROWS, KINDS, READ_ONLY
from dmig.spec.sheets.reading import read_book
from dmig.spec.sheets.writing import META, render_book

OPERATIONS = Library(ROOT).operations()
WHY = "no LibreOffice on this machine (`make office` installs it)"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_shipped_files_come_back_byte_by_byte(operation: str, kind: str, tmp_path: Path) -> None:
    source = desk(ROOT, operation)
    book, path = book_of(source, kind), tmp_path / "book.xlsx"
    path.write_bytes(render_book(book))
    rows, compared = read_book(path, book), 0
    for page in book.pages:
        if page.path.is_file():
            again = tmp_path / page.path.name
            again.write_text(csv_text(page, rows[page.title]), encoding="utf-8")
            assert again.read_bytes() == page.path.read_bytes()
            assert canonical(again, source.declared.layout).encode() == page.path.read_bytes()
            compared += 1
    assert compared or kind in ("differences", "dispositions", "glyphs")


def came_back(rows: list[list[str]], convert: bool = False) -> list[tuple[str, ...]]:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "book.xlsx"
        book = invented(rows, path)
        path.write_bytes(render_book(book))
        return own(read_book(through_office(path) if convert else path, book)["invented"])


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=4))
def test_any_text_comes_back_or_is_refused(texts: list[tuple[str, str]]) -> None:
    rows = [[f"k{number}", *pair] for number, pair in enumerate(texts)]
    try:
        assert came_back(rows) == [tuple(row) for row in rows]
    except SpecError as error:
        assert {fault.code for fault in error.diagnostics} == {"SHT015"}


def test_nasty_texts_come_back() -> None:
    rows = [[text, "agreed", text] for text in NASTY]
    assert came_back(rows) == [tuple(row) for row in rows]


@pytest.mark.parametrize(("text", "fits"), [("あ" * 32_767, True), ("あ" * 32_768, False), ("𠮷" * 16_384, False),
                                            ("=" * 32_767, False)])  # fmt: skip
def test_a_cell_is_refused_rather_than_cut_off(text: str, fits: bool) -> None:
    rows = [["k", "open", text]]
    if fits:
        assert came_back(rows) == [tuple(rows[0])]
        return
    with pytest.raises(SpecError) as raised:
        came_back(rows)
    assert [(fault.file, fault.line, fault.code) for fault in raised.value.diagnostics] == [
        ("invented.csv", 2, "SHT014")
    ]


def test_a_character_that_xml_cannot_hold_is_refused() -> None:
    with pytest.raises(SpecError) as raised:
        came_back([["k", "open", "a\x01b"]])
    assert "U+0001" in raised.value.diagnostics[0].render("en")


def through_office(path: Path) -> Path:
    """The workbook as LibreOffice saves it."""
    out = path.parent / "saved"
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(out), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return out / path.name


@pytest.mark.skipif(shutil.which("soffice") is None, reason=WHY)
def test_libreoffice_changes_nothing(tmp_path: Path) -> None:
    rows = [[text, "agreed", text] for text in NASTY]
    assert came_back(rows, convert=True) == [tuple(row) for row in rows]
    for kind in ("mapping", "code-tables"):
        source = desk(ROOT)
        path = tmp_path / f"{kind}.xlsx"
        path.write_bytes(render_book(book_of(source, kind)))
        assert import_sheet(source, kind, through_office(path), write=False) == ([], [])


def test_cells_are_text_and_what_is_not_the_files_is_locked(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "mappings", tmp_path / "mappings")
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    made = load_workbook(exported(tmp_path, "mapping"))
    assert made[META].sheet_state == "veryHidden"
    sheet = made["juminjoho"]
    assert sheet.protection.sheet
    assert sheet.freeze_panes == "B3"
    assert sheet.auto_filter.ref.startswith("A2:")
    rows = list(sheet.iter_rows())
    names = [str(cell.value) for cell in rows[1]]
    assert [name for name in names if name.startswith(READ_ONLY)] == ["※行", "※target", "※sources"]
    for number, cells in enumerate(rows, start=1):
        for name, cell in zip(names, cells, strict=True):
            assert cell.number_format == "@"
            assert cell.data_type == "s" or cell.value is None
            assert cell.protection.locked == (number <= HEAD_ROWS or name.startswith(READ_ONLY))
    ruled = {str(rule.sqref).rstrip("0123456789").split(":")[0][0]: rule.formula1 for rule in
             sheet.data_validations.dataValidation}  # fmt: skip
    listed = {names[ord(letter) - ord("A")]: choices(made, formula) for letter, formula in ruled.items()}
    assert set(listed) == {"when", "converter", "if_missing", "if_bad"}
    assert listed["if_bad"] == ["reject", "blank"]
    assert {"copy", "code", "undecided"} <= set(listed["converter"])
    target, name = names.index("target"), names.index("※target")
    assert ("seinengappi", "生年月日") in {(str(cells[target].value), str(cells[name].value)) for cells in rows}


def choices(made: Workbook, formula: str) -> list[str]:
    sheet, _, area = formula.partition("!")
    return [str(cell[0].value) for cell in made[sheet.strip("'")][area.replace("$", "")]]
