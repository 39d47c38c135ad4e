"""Texts of declarations as cells and back: the same text, never a formula, never what a workbook cannot hold."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from dmig.spec.sheets.cells import FORMULA, from_cell, to_cell, units, unwritable

NASTY = (
    "0100", "001", "=1+1", "+81", "-5", "@x", "＝1", "'", "''=", "'=1", "2024-01-01", "1E11", "1E+11", "TRUE", "ＡＢＣ　１２",
    "𠮷田", "😀", "葛\U000e0100", '"', '""', "a,b", "\\n", "\\\\n", "\\n=1", "x\\ny", " x ", "　", "_x0041_", "_x005F_x0041_",
    "x005F_", "_x'0041_", "x0041_x0042_", "_x000D_\\n", "#N/A", "1/2", "https://example.invalid/", "\u2028", "\x85", "\t",
)  # fmt: skip
TEXTS = st.text(
    st.one_of(st.characters(exclude_categories=("Cs",), exclude_characters="\r\n"), st.sampled_from("=+'_x05F\\n0DE")),
    max_size=40,
)


def through_a_workbook(shown: str) -> str:
    book = Workbook()
    cell = book.active.cell(1, 1)
    cell.value, cell.data_type = shown, "s"
    kept = io.BytesIO()
    book.save(kept)
    read = load_workbook(io.BytesIO(kept.getvalue())).active.cell(1, 1)
    assert read.data_type in ("s", "inlineStr")
    return str(read.value)


@pytest.mark.parametrize("text", NASTY)
def test_a_text_comes_back_from_a_workbook(text: str) -> None:
    assert from_cell(through_a_workbook(to_cell(text))) == text


@given(TEXTS)
def test_a_text_comes_back(text: str) -> None:
    assert from_cell(to_cell(text)) == text


@given(TEXTS)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert not to_cell(text).startswith(FORMULA)


@pytest.mark.parametrize("text", ["=1+1", "'x", "plain"])
def test_what_staff_write_without_the_apostrophe_stays(text: str) -> None:
    assert from_cell(text) == text


@pytest.mark.parametrize(
    ("shown", "character"),
    [("a\x01", "U+0001"), ("a\rb", "U+000D"), ("\ufffe", "U+FFFE"), ("_x0001_", "_x0001_"), ("a\r\nb", ""), ("𠮷", ""),
     ("a_x000D_\nb", ""), ("a\tb", "")],
)  # fmt: skip
def test_unwritable_characters_are_named(shown: str, character: str) -> None:
    assert unwritable(shown) == character


def test_characters_beyond_the_basic_plane_count_twice() -> None:
    assert (units("a"), units("𠮷"), units("葛\U000e0100")) == (1, 2, 3)
