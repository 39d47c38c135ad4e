"""Reading one declarative CSV file: rows are lines, every fault has its line, BOM and CRLF are taken."""

from __future__ import annotations

import csv
import io
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmig.errors import Diagnostics
from dmig.spec.sheet import Columns, SheetRow, read_sheet

COLUMNS = Columns(("item", "type", "note"))
Read = tuple[list[str], list[SheetRow], list[tuple[str, int, str]]]


def read(folder: Path, content: bytes, columns: Columns = COLUMNS) -> Read:
    path = folder / "deep" / "items.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    said = Diagnostics()
    header, rows = read_sheet(folder, path, columns, said)
    return header, rows, [(d.file, d.line, d.code) for d in said.items]


PLAIN = "item,type,note\natena_no,key,番号\nshimei,text,氏名\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.rstrip("\n").encode(),
        'item,type,note\n"atena_no",key,"番号"\nshimei,"text",氏名\n'.encode(),
    ],
    ids=["plain", "BOM", "CRLF", "BOM and CRLF", "no last line end", "quotes"],
)
def test_the_same_rows_however_the_file_was_saved(tmp_path: Path, content: bytes) -> None:
    header, rows, said = read(tmp_path, content)
    assert said == []
    assert header == ["item", "type", "note"]
    assert [row.cells for row in rows] == [
        {"item": "atena_no", "type": "key", "note": "番号"},
        {"item": "shimei", "type": "text", "note": "氏名"},
    ]
    assert [(row.place.file, row.place.line) for row in rows] == [("deep/items.csv", 2), ("deep/items.csv", 3)]
    assert str(rows[1].place) == "deep/items.csv:3"


def test_line_numbers_stay_right_behind_faulty_lines(tmp_path: Path) -> None:
    text = "item,type,note\na,key\n\nb,key,x,y\n,,\nc,key,\n"
    _, rows, said = read(tmp_path, text.encode())
    assert [(row.text("item"), row.place.line) for row in rows] == [("c", 6)]
    assert said == [("deep/items.csv", line, "SPC005") for line in (2, 3, 4, 5)]


def test_columns_unknown_missing_and_double(tmp_path: Path) -> None:
    _, _, said = read(tmp_path, b"item,kind,item\na,b,c\n")
    assert {(line, code) for _, line, code in said} == {(1, "SPC003"), (1, "SPC004"), (1, "SPC010")}


def test_free_columns_where_a_file_allows_them(tmp_path: Path) -> None:
    columns = Columns(("legacy_1", "note"), rest_after="legacy_1")
    header, rows, said = read(tmp_path, b"legacy_1,code1,code2,note\n1,a,b,\n", columns)
    assert said == []
    assert columns.rest(header) == ["code1", "code2"]
    assert rows[0].text("code2") == "b"
    assert COLUMNS.rest(["item", "strange"]) == []


def test_not_utf8_names_the_first_bad_line(tmp_path: Path) -> None:
    content = PLAIN.encode() + "juki,text,住記\n".encode("cp932")
    assert read(tmp_path, content)[2] == [("deep/items.csv", 4, "SPC002")]


def test_a_missing_or_empty_file(tmp_path: Path) -> None:
    assert read(tmp_path, b"")[2] == [("deep/items.csv", 0, "SPC001")]
    said = Diagnostics()
    assert read_sheet(tmp_path, tmp_path / "gone.csv", COLUMNS, said) == (["item", "type", "note"], [])
    assert [(d.file, d.line, d.code) for d in said.items] == [("gone.csv", 0, "SPC001")]
    said = Diagnostics()
    assert read_sheet(tmp_path, tmp_path / "gone.csv", COLUMNS, said, needed=False)[1] == []
    assert said.items == []


class Kind(StrEnum):
    KEY = "key"
    TEXT = "text"


def row_of(tmp_path: Path, cell: str) -> tuple[SheetRow, Diagnostics]:
    path = tmp_path / "one.csv"
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["item", "type", "note"], ["x", cell, "y"]])
    path.write_text(text.getvalue(), encoding="utf-8")
    said = Diagnostics()
    [row] = read_sheet(tmp_path, path, COLUMNS, said)[1]
    assert said.items == []
    return row, said


@pytest.mark.parametrize(
    ("cell", "number", "code"),
    [("12", 12, None), ("", 7, None), ("007", 7, None), ("-1", 7, "SPC008"), ("１２", 7, "SPC008"), ("x", 7, "SPC008"),
     ("1.5", 7, "SPC008"), (" 1", 7, "SPC008"), ("²", 7, "SPC008")],
)  # fmt: skip
def test_integers(tmp_path: Path, cell: str, number: int, code: str | None) -> None:
    row, said = row_of(tmp_path, cell)
    assert row.integer("type", 7) == number
    assert [(d.line, d.code) for d in said.items] == ([(2, code)] if code else [])


@pytest.mark.parametrize(("cell", "flag", "code"), [("○", True, None), ("", False, None), ("〇", False, "SPC007"),
                                                    ("1", False, "SPC007"), ("yes", False, "SPC007")])  # fmt: skip
def test_flags(tmp_path: Path, cell: str, flag: bool, code: str | None) -> None:
    row, said = row_of(tmp_path, cell)
    assert row.flag("type") is flag
    assert [(d.line, d.code) for d in said.items] == ([(2, code)] if code else [])


def test_choices(tmp_path: Path) -> None:
    row, said = row_of(tmp_path, "text")
    assert row.choice("type", Kind) is Kind.TEXT
    assert said.items == []
    row, said = row_of(tmp_path, "Text")
    assert row.choice("type", Kind, Kind.KEY) is Kind.KEY
    assert [d.code for d in said.items] == ["SPC007"]
    assert "key | text" in dict(said.items[0].values)["allowed"]
    row, said = row_of(tmp_path, "")
    assert row.choice("type", Kind, Kind.TEXT) is Kind.TEXT
    assert said.items == []
    row.choice("type", Kind)
    assert [d.code for d in said.items] == ["SPC007"]


def test_arguments(tmp_path: Path) -> None:
    row, said = row_of(tmp_path, "width=10;unknown=0000000|9999999;text=a=b;blank=")
    assert row.args("type") == {"width": "10", "unknown": "0000000|9999999", "text": "a=b", "blank": ""}
    assert said.items == []
    for cell in ("width", "=1", "a=1;a=2", "a=1;b"):
        row, said = row_of(tmp_path, cell)
        row.args("type")
        assert [(d.line, d.code) for d in said.items] == [(2, "SPC009")]


def test_a_line_break_is_written_with_a_backslash(tmp_path: Path) -> None:
    row, _ = row_of(tmp_path, "一行目\\n二行目")
    assert row.text("type") == "一行目\n二行目"


def test_required(tmp_path: Path) -> None:
    row, said = row_of(tmp_path, "")
    assert row.required("type") == ""
    assert row.required("item") == "x"
    assert [(d.line, d.code, dict(d.values)) for d in said.items] == [(2, "SPC006", {"column": "type"})]


CELL = st.text(
    st.characters(codec="utf-8", exclude_characters="\n\r\\", exclude_categories=["Cc"]), min_size=1, max_size=12
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=6), crlf=st.booleans(), mark=st.booleans())
def test_what_is_written_is_read_with_its_line(tmp_path: Path, cells: list[list[str]], crlf: bool, mark: bool) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n" if crlf else "\n").writerows([["item", "type", "note"], *cells])
    _, rows, said = read(tmp_path, (b"\xef\xbb\xbf" if mark else b"") + text.getvalue().encode())
    assert said == []
    assert [[row.text(name) for name in COLUMNS.names] for row in rows] == cells
    assert [row.place.line for row in rows] == list(range(2, len(cells) + 2))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=80) | st.text('item,type\n"\\x', max_size=60).map(str.encode))
def test_any_bytes_give_rows_or_diagnostics(tmp_path: Path, content: bytes) -> None:
    header, rows, said = read(tmp_path, content)
    lines = content.count(b"\n") + 1
    assert all(0 <= line <= lines for _, line, _ in said)
    assert all(2 <= row.place.line <= lines for row in rows)
    assert header == list(COLUMNS.names) or said
