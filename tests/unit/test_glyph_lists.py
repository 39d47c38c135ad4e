"""Lists of glyphs as a site has them: three forms of the MJ list, two of the reduction map, its own MJ+ list.

The data is invented; names of tables and columns are those of the published files: the official workbook's headings, the
tables of the npm package `@mandel59/mojidata` (its `scripts/create-db.ts`), the keys of `MJShrinkMap.1.2.0.json`.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import sqlite3
import warnings
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmig.errors import Diagnostics, DmigError, SpecError
from dmig.model.private_use import barred_class, is_private, ranges_of
from dmig.pipeline.glyph_lists import add_plus
from dmig.spec.glyphs.mj_list import read_mj_list
from dmig.spec.glyphs.plus import read_plus
from dmig.spec.glyphs.reduction import ORDER, OTHERS, TABLES, Target, choose, read_reduction
from dmig.spec.glyphs.texts import texts_of
from dmig.spec.sheets.published import MOST_PARTS

HEAD = (
    "図形", "font", "MJ文字図形名", "対応するUCS", "実装したUCS", "実装したMoji_JohoコレクションIVS", "実装したSVS",
    "戸籍統一文字番号", "住基ネット統一文字コード", "X0213", "X0213 包摂連番",
)  # fmt: skip
ROWS = (
    ("", "", "MJ026193", "U+9089", "", "9089_E011F", "", "", "J+BD4A", "1-78-21", ""),
    ("", "", "MJ000001", "U+3402", "U+3402", "", "", "000010", "J+3402", "", ""),
    ("", "", "MJ030268", "U+6F22", "U+FA47", "6F22_E0103", "6F22_FE00", "204710", "J+FA48", "1-87-05", ""),
    ("", "", "MJ059399", "U+20BB7", "U+20BB7", "20BB7_E0101;20BB7_E0102", "", "", "", "", ""),
    ("", "", "MJ000099", "U+4E00", "", "", "", "", "", "", ""),
)
STRICT = {
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main": "http://purl.oclc.org/ooxml/spreadsheetml/main",
    "http://schemas.openxmlformats.org/officeDocument/2006/": "http://purl.oclc.org/ooxml/officeDocument/",
    "http://schemas.openxmlformats.org/drawingml/2006/main": "http://purl.oclc.org/ooxml/drawingml/main",
}


def as_csv(path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        csv.writer(target).writerows([HEAD, *ROWS])


def as_workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (("MJ文字情報一覧表",), HEAD, *ROWS):
        book.active.append(row)
    book.save(path)


def as_strict_workbook(path: Path) -> None:
    plain = io.BytesIO()
    book = openpyxl.Workbook()
    for row in (HEAD, *ROWS):
        book.active.append(row)
    book.save(plain)
    with zipfile.ZipFile(plain) as usual, zipfile.ZipFile(path, "w") as strict:
        for part in usual.infolist():
            text = usual.read(part).decode()
            for name, other in STRICT.items():
                text = text.replace(name, other)
            strict.writestr(part.filename, text)


def as_database(path: Path) -> None:
    """Cells are the characters themselves there, as that package stores them."""
    columns = [name.replace(" ", "_") for name in HEAD[2:]]
    rows = [[_stored(name, cell) for name, cell in zip(columns, row[2:], strict=True)] for row in ROWS]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"create table mji ({', '.join(f'[{name}] text' for name in columns)})")
        connection.executemany(f"insert into mji values ({', '.join('?' * len(columns))})", rows)


def _stored(column: str, cell: str) -> str | None:
    if not cell or ("UCS" not in column and "VS" not in column):
        return cell or None
    several = ("".join(chr(int(p.removeprefix("U+"), 16)) for p in one.split("_")) for one in cell.split(";"))
    return ";".join(several)


FORMS = {"csv": as_csv, "xlsx": as_workbook, "strict.xlsx": as_strict_workbook, "db": as_database}


@pytest.mark.parametrize("form", FORMS)
def test_the_list_is_the_same_in_every_form(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"mji.{form}"
    FORMS[form](path)
    found = read_mj_list(path)
    assert {name: entry.texts for name, entry in found.items()} == {
        "MJ026193": ("邉\U000e011f",),
        "MJ000001": ("㐂",),
        "MJ030268": ("\ufa47", "漢\U000e0103", "漢\ufe00"),
        "MJ059399": ("𠮷", "𠮷\U000e0101", "𠮷\U000e0102"),
        "MJ000099": (),
    }
    assert (found["MJ030268"].juki, found["MJ030268"].koseki, found["MJ030268"].x0213) == (
        "J+FA48",
        "204710",
        "1-87-05",
    )


def test_the_strict_form_is_one_that_the_library_does_not_read(tmp_path: Path) -> None:
    """Else the test above would prove nothing about it."""
    path = tmp_path / "strict.xlsx"
    as_strict_workbook(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that it leaves the sheets out
        try:
            sheets = openpyxl.load_workbook(path).worksheets
        except (KeyError, ValueError, IndexError, AttributeError, TypeError):
            sheets = []
    rows = [row for sheet in sheets for row in sheet.iter_rows(values_only=True)]
    assert not any(HEAD[2] in map(str, row) for row in rows)


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n1,2\n", b"PK\x03\x04 not a zip", b"SQLite format 3\0 no", b"\xff\xfe\x00"]
)
def test_what_is_no_list_is_refused_and_not_quoted(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "list"
    path.write_bytes(content)
    for read in (read_mj_list, read_reduction):
        with pytest.raises(DmigError) as refused:
            read(path)
        assert refused.value.code == "GLY012"
    with pytest.raises(DmigError) as missing:
        read_mj_list(tmp_path / "nowhere")
    assert missing.value.code == "RED001"


def test_an_archive_of_too_many_parts_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "many.xlsx"
    as_strict_workbook(path)
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(MOST_PARTS):
            archive.writestr(f"more/{number}.xml", "")
    with pytest.raises(DmigError) as refused:
        read_mj_list(path)
    assert refused.value.code == "GLY012"


MAP: dict[str, Any] = {
    "meta": {"owl:versionInfo": "1.2.0"},
    "content": [
        {
            "MJ文字図形名": "MJ026193",
            "法務省戸籍法関連通達・通知": [
                {"JIS X 0213": "1-78-20", "UCS": "U+908A", "種別": "戸籍統一文字情報 親字・正字", "ホップ数": 2},
                {"JIS X 0213": "1-42-53", "UCS": "U+8FBA", "種別": "戸籍統一文字情報 親字・正字", "ホップ数": 1},
                {
                    "JIS X 0213": "1-01-01",
                    "UCS": "U+8FBB",
                    "種別": "民一2842号通達別表 誤字俗字・正字一覧表",
                    "付記": "別字",
                },
            ],
            "法務省告示582号別表第四": [
                {"JIS X 0213": "1-78-21", "UCS": "U+9089", "表": "一", "順位": "第1順位"},
            ],
            "参考情報": "備考の文",
        },
        {
            "MJ文字図形名": "MJ000002",
            "読み・字形による類推": [
                {"JIS X 0213": "1-16-01", "UCS": "U+4E9C"},
                {"JIS X 0213": "1-16-02", "UCS": "U+5516"},
            ],
        },
        {
            "MJ文字図形名": "MJ000003",
            "JIS包摂規準・UCS統合規則": [{"JIS X 0213": "1-25-66", "UCS": "U+9AD8"}],
            "辞書類等による関連字": [{"JIS X 0213": "2-01-01", "UCS": "U+20089"}],
            "民一2842": [],
        },
        {"MJ文字図形名": "MJ000004"},
    ],
}
#: The same as tables of the database: name, target, place, order number.
STORED = {
    "戸籍統一文字情報_親字正字": [("MJ026193", "邊", "1-78-20", 2), ("MJ026193", "辺", "1-42-53", 1)],
    OTHERS: [("MJ026193", "辻", "1-01-01", None)],
    "法務省告示582号別表第四_一": [("MJ026193", "邉", "1-78-21", 1)],
    "読み字形による類推": [("MJ000002", "亜", "1-16-01", None), ("MJ000002", "唖", "1-16-02", None)],
    "JIS包摂規準UCS統合規則": [("MJ000003", "高", "1-25-66", None)],
    "辞書類等による関連字": [("MJ000003", "\U00020089", "2-01-01", None)],
}
RANKS = {
    "戸籍統一文字情報_親字正字": "ホップ数",
    "法務省告示582号別表第四_一": "順位",
    "法務省告示582号別表第四_二": "順位",
}


def reduction_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in TABLES:
            rank = f", [{RANKS[table]}] integer not null" if table in RANKS else ""
            connection.execute(
                f"create table [mjsm_{table}] ([MJ文字図形名] text, [縮退UCS] text, [縮退X0213] text{rank})"
            )
            for row in STORED.get(table, []):
                cells = row if table in RANKS else row[:3]
                connection.execute(f"insert into [mjsm_{table}] values ({', '.join('?' * len(cells))})", cells)
        connection.execute("create table mjsm_note ([MJ文字図形名] text, [参考情報] text)")


def test_the_map_is_the_same_in_both_forms_and_its_tables_are_asked_in_order(tmp_path: Path) -> None:
    (tmp_path / "map.json").write_text(json.dumps(MAP, ensure_ascii=False), encoding="utf-8")
    reduction_database(tmp_path / "moji.db")
    raw, stored = read_reduction(tmp_path / "map.json"), read_reduction(tmp_path / "moji.db")
    assert {name: set(found) for name, found in raw.items()} == {name: set(found) for name, found in stored.items()}
    for found in (raw, stored):
        chosen = {name: choose(targets) for name, targets in found.items()}
        assert {name: (c.text, c.table) for name, c in chosen.items() if c} == {
            "MJ026193": ("辺", "戸籍統一文字情報_親字正字"),  # one hop before two, the circular before the notice
            "MJ000002": ("", "読み字形による類推"),  # two alike: nobody guesses
            "MJ000003": ("高", "JIS包摂規準UCS統合規則"),
        }
        # Another declared order gives another character: that is why it is declared.
        first = ("法務省告示582号別表第四_一", *ORDER)
        other = choose(found["MJ026193"], first)
        assert other is not None and (other.text, other.others) == ("邉", 2)
    assert choose([]) is None


def test_a_map_with_a_table_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    wrong = {"content": [{"MJ文字図形名": "MJ000001", "新しい表": [{"JIS X 0213": "1-16-01", "UCS": "U+4E9C"}]}]}
    (tmp_path / "map.json").write_text(json.dumps(wrong, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(DmigError) as refused:
        read_reduction(tmp_path / "map.json")
    assert refused.value.code == "GLY012"


TARGETS = st.lists(
    st.builds(Target, st.sampled_from(TABLES), st.sampled_from("亜唖阿"), st.just(""), st.integers(0, 2)), max_size=7
)


@given(TARGETS, st.permutations(ORDER))
def test_a_choice_is_the_only_best_target_of_the_first_table_that_has_one(
    targets: list[Target], order: list[str]
) -> None:  # fmt: skip
    barred = [target.text for target in targets if target.table == OTHERS]
    # By sorting, where the program asks table after table.
    sound = [t for t in targets if t.table != OTHERS and t.text not in barred]
    ranked = sorted((order.index(t.table), t.rank, t.text) for t in sound)
    best = {text for at, rank, text in ranked if (at, rank) == ranked[0][:2]}
    chosen = choose(targets, order)
    assert (chosen is None) == (not ranked)
    if chosen is not None:
        assert chosen.table == order[ranked[0][0]]
        assert chosen.text == (best.pop() if len(best) == 1 else "")
        assert chosen.text not in barred


def test_cells_of_lists_are_texts() -> None:
    assert texts_of("U+9089") == ("邉",) and texts_of("9089_E011F") == ("邉\U000e011f",)
    assert texts_of("<U+9089,U+E011F>") == ("邉\U000e011f",) and texts_of("邉") == ("邉",)
    assert texts_of("") == () and texts_of("U+9089;U+908A") == ("邉", "邊")


PRIVATE = st.one_of(
    st.integers(0xE000, 0xF8FF),
    st.integers(0xF0000, 0xFFFFF),
    st.integers(0x100000, 0x1000FF),
    st.integers(0x100000, 0x10FFFF),
).map(chr)
ANY = st.one_of(PRIVATE, st.characters(codec="utf-8"))


@given(st.sets(st.integers(0x100000, 0x1000FF).map(chr), max_size=30), st.lists(ANY, min_size=1, max_size=30))
def test_barred_is_what_is_private_and_in_no_list(listed: set[str], seen: list[str]) -> None:
    one = re.compile(f"[{barred_class(ranges_of(listed))}]")
    for character in itertools.chain(seen, listed):
        point = ord(character)
        private = 0xE000 <= point <= 0xF8FF or point >> 16 in (15, 16)
        assert is_private(character) == private
        assert bool(one.fullmatch(character)) == (private and character not in listed)


def plus_list(path: Path, *rows: tuple[str, str, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([("glyph", "code", "substitute", "note"), *((*row, "") for row in rows)])
    return path


def test_a_list_of_mj_plus_is_checked_and_laid_into_the_site(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    given_list = plus_list(tmp_path / "list.csv", ("GJ000001", "U+100000", "辺"), ("GJ000002", "9089_E011F", ""))
    assert add_plus(given_list, site) == (2, 1, 1)
    diagnostics = Diagnostics()
    found = read_plus([(site, "site")], diagnostics)
    assert diagnostics.items == []
    assert [(glyph.glyph, glyph.text, glyph.substitute) for glyph in found] == [
        ("GJ000001", "\U00100000", "辺"),
        ("GJ000002", "邉\U000e011f", ""),
    ]


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ([("A", "U+E000", "")], ["GLY009"]),
        ([("A", "U+F0000", "")], ["GLY009"]),
        ([("A", "U+100000;U+100001", "")], ["GLY009"]),
        ([("A", "U+100000", "𠮷")], ["GLY008"]),
        ([("A", "U+100000", "辺\U000e0100")], ["GLY008"]),
        ([("A", "U+100000", ""), ("B", "U+100000", "")], ["SPC014"]),
        ([("A", "U+100000", ""), ("A", "U+100001", "")], ["SPC014"]),
        ([("", "U+100000", "")], ["SPC006"]),
        ([], ["SPC001"]),
    ],
)
def test_a_faulty_list_is_refused_and_what_lies_there_stays(
    tmp_path: Path, rows: list[tuple[str, str, str]], codes: list[str]
) -> None:  # fmt: skip
    site = tmp_path / "site"
    site.mkdir()
    add_plus(plus_list(tmp_path / "good.csv", ("Z", "U+10FFFD", "")), site)
    before = (site / "glyphs" / "mj_plus.csv").read_bytes()
    with pytest.raises(SpecError) as refused:
        add_plus(plus_list(tmp_path / "bad.csv", *rows), site)
    assert [fault.code for fault in refused.value.diagnostics] == codes
    assert (site / "glyphs" / "mj_plus.csv").read_bytes() == before
