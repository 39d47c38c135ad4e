"""Cells written by another writer come back exactly, with offsets that point at their record's bytes."""

from __future__ import annotations

import csv
import io
import random
import tempfile
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from dmig.model.layout import Sensitivity
from dmig.model.legacy import CsvSource, LegacyItem, LegacyTable
from dmig.sources.csv_file import CsvFile, raw_record
from dmig.sources.port import OFFSET, RECORD, StagedBlock

# Trail byte 0x5C (ソ 表 能), half-width kana, NEC and IBM rows, user-defined area, blanks that must not be trimmed.
HARD = 'ソ表能ｱﾞｶﾟ漢字髙﨑①\ue000\ue757　 \t,"0-aA\\;|'


# Not text of cp932, though Python encodes and decodes them; and characters that come back as another one.
NOT_CP932 = "\x00\x80\uf8f0\uf8f1\uf8f2\uf8f3" + "\xa2\xa3\xac\u2016\u2212\u301c"

CHARACTERS = {
    "cp932": st.one_of(st.sampled_from(HARD), st.characters(codec="cp932", exclude_characters=NOT_CP932)),
    "utf-8": st.one_of(
        st.sampled_from(HARD + "\ufeff𠮷葛\U000e0100"), st.characters(codec="utf-8", exclude_characters="\0")
    ),
}
BREAKS = st.sampled_from(["\n", "\r", "\r\n", '"', '""', ","])

CELLS = st.lists(CHARACTERS["cp932"] | BREAKS, max_size=6).map("".join)


def table(columns: int, line_breaks: str = "allowed") -> LegacyTable:
    items = tuple(
        LegacyItem(f"item_{n}", f"項目{n}", "text", {}, n == 0, False, Sensitivity.NONE, "", n + 2)
        for n in range(columns)
    )
    return LegacyTable("person", "住民", "person.csv", items, line_breaks)


def stage(source: CsvFile) -> tuple[pl.DataFrame, list[StagedBlock]]:
    staged = [source.read(block) for block in source.blocks()]
    return pl.concat([one.frame for one in staged]), staged


def quoted(cell: str, choice: bool) -> str:
    needed = any(character in cell for character in ',"\r\n')
    return '"' + cell.replace('"', '""') + '"' if needed or choice else cell


@st.composite
def written(draw: st.DrawFn) -> tuple[str, list[list[str]], list[bytes], bytes]:
    """Charset, cells, each record's bytes as written here, and the whole file."""
    charset = draw(st.sampled_from(["cp932", "utf-8"]))
    columns = draw(st.integers(1, 5))
    cell = st.lists(st.one_of(CHARACTERS[charset], BREAKS), max_size=6).map("".join)
    rows = draw(st.lists(st.lists(cell, min_size=columns, max_size=columns), max_size=12))
    line_end = draw(st.sampled_from(["\r\n", "\n"]))
    records = []
    for row in rows:
        # One column and an empty cell would be an empty line, which is a fault: quotes make it a record.
        cells = [quoted(text, draw(st.booleans()) or columns == 1) for text in row]
        records.append((",".join(cells) + line_end).encode(charset))
    header = (",".join(f"項目{n}" for n in range(columns)) + line_end).encode(charset)
    return charset, rows, records, header + b"".join(records)


@settings(max_examples=400, deadline=None)
@given(written(), st.integers(1, 80))
def test_cells_come_back_exactly(file: tuple[str, list[list[str]], list[bytes], bytes], block_bytes: int) -> None:
    charset, rows, records, content = file
    columns = content.split(b"\n")[0].count(b",") + 1
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "person.csv"
        path.write_bytes(content)
        frame, staged = stage(CsvFile(path, table(columns), CsvSource(), charset, block_bytes))
        assert [one.rejects + one.findings for one in staged] == [()] * len(staged)
        assert frame.columns == [*(f"item_{n}" for n in range(columns)), RECORD, OFFSET]
        assert frame.dtypes == [pl.String] * columns + [pl.UInt64] * 2
        assert [list(row[:-2]) for row in frame.rows()] == [[cell or None for cell in row] for row in rows]
        assert frame[RECORD].to_list() == list(range(1, len(rows) + 1))
        found = [raw_record(path, at, len(raw)) for at, raw in zip(frame[OFFSET], records, strict=True)]
        assert found == records


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from([",", ";", "\t"]),
)
def test_what_the_csv_module_writes_and_reads_is_read_alike(
    rows: list[list[str]], quoting: int, delimiter: str
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=quoting, delimiter=delimiter).writerows([["項目0", "項目1", "項目2"], *rows])
    expected = list(csv.reader(io.StringIO(text.getvalue(), newline=""), strict=True, delimiter=delimiter))[1:]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "person.csv"
        path.write_bytes(text.getvalue().encode("cp932"))
        frame, _ = stage(CsvFile(path, table(3), CsvSource(delimiter=delimiter), "cp932"))
    assert [list(row[:-2]) for row in frame.rows()] == [[cell or None for cell in row] for row in expected]


def test_a_file_of_many_chunks_and_blocks_with_faults_is_read_like_the_csv_module(tmp_path: Path) -> None:
    """Big enough for several cache chunks per block and for a parser that cuts its input among threads."""
    chance = random.Random(7)
    texts = ["", "山田　太郎", "ソ表能", "ﾔﾏﾀﾞ", 'a"b', "x,y", "一行目\r\n二行目", "改\n行", "0012"]
    rows, records, broken = [], [], {}
    for number in range(1, 60_001):
        row = [f"{number:08d}", *(chance.choice(texts) for _ in range(4))]
        record = (",".join(quoted(cell, chance.random() < 0.5) for cell in row) + "\r\n").encode("cp932")
        if chance.random() < 0.001:
            fault = chance.choice(["RED011", "RED012", "RED016", "RED017"])
            bad = {"RED011": b'5"x', "RED012": b"1,2", "RED016": b"\0", "RED017": b"\xfd"}[fault]
            record = b"%08d,%s,,,\r\n" % (number, bad)
            broken[number] = fault
        else:
            rows.append(row)
        records.append(record)
    path = tmp_path / "person.csv"
    header = ",".join(f"項目{n}" for n in range(5)).encode("cp932") + b"\r\n"
    path.write_bytes(header + b"".join(records))
    whole, pieces = stage(CsvFile(path, table(5), CsvSource(), "cp932"))
    assert len(pieces) == 1
    assert path.stat().st_size > 4 * (512 << 10)
    assert [list(row[:-2]) for row in whole.rows()] == [[cell or None for cell in row] for row in rows]
    assert {one.record: one.code for one in pieces[0].rejects} == broken
    assert len(broken) > 30
    cut, many = stage(CsvFile(path, table(5), CsvSource(), "cp932", 300_000))
    assert len(many) > 5
    assert cut.equals(whole)
    assert tuple(reject for one in many for reject in one.rejects) == pieces[0].rejects
