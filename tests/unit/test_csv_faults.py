"""One planted fault gives one refused record with its number, place and code; everything else stays as it was."""

from __future__ import annotations

import pickle
from pathlib import Path

import polars as pl
import pytest

from dmig.errors import DmigError, catalogue
from dmig.model.layout import Sensitivity
from dmig.model.legacy import CsvSource, LegacyItem, LegacyTable
from dmig.sources.csv_file import CsvFile, raw_record
from dmig.sources.port import OFFSET, RECORD, Block, ReadFault

HEADER = '宛名番号,"氏名",備考\r\n'.encode("cp932")
ROWS = [[f"{n:010d}", "山田　ソ表能", f"メモ{n}"] for n in range(1, 8)]
LINES = ["{},{},{}\r\n".format(*row).encode("cp932") for row in ROWS]

#: Bytes of the planted line, the code it must get, the key that must be rescued from it.
FAULTS = {
    "stray quote": (b'0000000099,5"x,\r\n', "RED011", "0000000099"),
    "two stray quotes": (b'0000000099,5"x"y,\r\n', "RED011", "0000000099"),
    "quote never closed": (b'0000000099,"abc,\r\n', "RED011", "0000000099"),
    "text behind the closing quote": (b'0000000099,"abc"d,\r\n', "RED011", "0000000099"),
    "blank before the opening quote": (b'0000000099, "abc",\r\n', "RED011", "0000000099"),
    "quote not doubled": (b'"0000000099","a"b",\r\n', "RED011", "0000000099"),
    "a column too few": (b"0000000099,abc\r\n", "RED012", "0000000099"),
    "a column too many": (b"0000000099,a,b,c\r\n", "RED012", "0000000099"),
    "256 columns too many": (b"0000000099,a,b" + b"," * 256 + b"\r\n", "RED012", "0000000099"),
    "delimiter in quotes does not count": (b'0000000099,"a,b"\r\n', "RED012", "0000000099"),
    "empty line": (b"\r\n", "RED013", ""),
    "empty line, LF": (b"\n", "RED013", ""),
    "line break in a cell": (b'0000000099,"a\r\nb",c\r\n', "RED014", "0000000099"),
    "LF in a cell": (b'0000000099,"a\nb",c\r\n', "RED014", "0000000099"),
    "CR in a cell": (b'0000000099,"a\rb",c\r\n', "RED014", "0000000099"),
    "lone CR": (b"0000000099,a\rb,c\r\n", "RED015", "0000000099"),
    "doubled CR": (b"0000000099,a,b\r\r\n", "RED015", "0000000099"),
    "NUL": (b"0000000099,a\0,c\r\n", "RED016", "0000000099"),
    "lead byte before a comma": (b"0000000099,\x81,c\r\n", "RED017", "0000000099"),
    "lead byte before the line end": (b"0000000099,b,c\x81\r\n", "RED017", "0000000099"),
    "unassigned double byte": (b"0000000099,\xfc\xfc,c\r\n", "RED017", "0000000099"),
    "byte 80": (b"0000000099,\x80,c\r\n", "RED017", "0000000099"),
    "byte A0": (b"0000000099,\xa0,c\r\n", "RED017", "0000000099"),
    "byte FD": (b"0000000099,\xfd,c\r\n", "RED017", "0000000099"),
    "byte FE": (b"0000000099,\xfe,c\r\n", "RED017", "0000000099"),
    "byte FF": (b"0000000099,\xff,c\r\n", "RED017", "0000000099"),
    "too long": (b"0000000099,b," + b"c" * 600 + b"\r\n", "RED018", "0000000099"),
    "key that is no key": ("田中,b\r\n".encode("cp932"), "RED012", ""),
    "key behind an open quote": (b'"0000000099,b,c\r\n', "RED011", ""),
}
MAX_RECORD_BYTES = 512


def table(**options: object) -> LegacyTable:
    names = {"atena_no": "宛名番号", "shimei": "氏名", "biko": "備考"}
    items = tuple(
        LegacyItem(item, name, "text", {}, item == "atena_no", False, Sensitivity.NONE, "", line)
        for line, (item, name) in enumerate(names.items(), 2)
    )
    return LegacyTable("jumin", "住民", "jumin.csv", items, **options)  # type: ignore[arg-type]


def source(path: Path, block_bytes: int = 1 << 20, charset: str = "cp932", **options: object) -> CsvFile:
    return CsvFile(path, table(**options), CsvSource(max_record_bytes=MAX_RECORD_BYTES), charset, block_bytes)


def read(file: CsvFile) -> tuple[pl.DataFrame, list[ReadFault], list[ReadFault]]:
    staged = [file.read(block) for block in file.blocks()]
    for one in staged:
        assert one.records == one.frame.height + len(one.rejects)
    frame = pl.concat([one.frame for one in staged])
    return frame, [r for one in staged for r in one.rejects], [f for one in staged for f in one.findings]


def offsets(lines: list[bytes], start: int = len(HEADER)) -> list[int]:
    return [start + sum(map(len, lines[:n])) for n in range(len(lines))]


@pytest.mark.parametrize("block_bytes", [1, 50, 1 << 20])
@pytest.mark.parametrize("place", [0, 3, 7])
@pytest.mark.parametrize("name", FAULTS)
def test_one_fault_refuses_one_record(tmp_path: Path, name: str, place: int, block_bytes: int) -> None:
    bad, code, key = FAULTS[name]
    lines = [*LINES[:place], bad, *LINES[place:]]
    path = tmp_path / "jumin.csv"
    path.write_bytes(HEADER + b"".join(lines))
    frame, rejects, findings = read(source(path, block_bytes))
    at = offsets(lines)
    keys = {"atena_no": key} if key else {}
    assert rejects == [ReadFault(code, place + 1, at[place], len(bad), raw=bad, keys=keys)]
    assert findings == []
    assert [list(row[:3]) for row in frame.rows()] == ROWS
    assert frame[RECORD].to_list() == [n for n in range(1, 9) if n != place + 1]
    assert frame[OFFSET].to_list() == [at[n] for n in range(8) if n != place]
    assert raw_record(path, rejects[0].offset_bytes, rejects[0].size_bytes) == bad


@pytest.mark.parametrize("block_bytes", [1, 1 << 20])
def test_a_stray_quote_before_a_cell_with_line_breaks_costs_its_own_line_only(tmp_path: Path, block_bytes: int) -> None:
    stray, broken = b'0000000008,5"x,\r\n', b'0000000009,"a\r\nb\nc""d\re",\r\n'
    lines = [stray, LINES[0], broken, stray, broken]
    path = tmp_path / "jumin.csv"
    path.write_bytes(HEADER + b"".join(lines))
    frame, rejects, _ = read(source(path, block_bytes, line_breaks="allowed"))
    assert [(r.code, r.record, r.offset_bytes) for r in rejects] == [
        ("RED011", 1, offsets(lines)[0]),
        ("RED011", 4, offsets(lines)[3]),
    ]
    text = ("0000000009", 'a\r\nb\nc"d\re', None)
    assert [row[:3] for row in frame.rows()] == [tuple(ROWS[0]), text, text]


@pytest.mark.parametrize(("breaks", "joined"), [(198, True), (199, True), (200, False)])
def test_a_cell_runs_over_200_lines_at_most(tmp_path: Path, breaks: int, joined: bool) -> None:
    record = b'1,"' + b"\n" * breaks + b'",\r\n'
    path = tmp_path / "jumin.csv"
    path.write_bytes(HEADER + record + LINES[0])
    frame, rejects, _ = read(source(path, line_breaks="allowed"))
    assert (frame.height, len(rejects)) == ((2, 0) if joined else (1, breaks + 1))
    assert frame.row(-1)[:3] == tuple(ROWS[0])


@pytest.mark.parametrize(("size", "joined"), [(MAX_RECORD_BYTES, True), (MAX_RECORD_BYTES + 1, False)])
def test_a_cell_with_line_breaks_stays_under_the_limit_of_a_record(tmp_path: Path, size: int, joined: bool) -> None:
    record = b'1,"' + b"a" * (size - 9) + b'\r\n",\r\n'
    assert len(record) == size
    path = tmp_path / "jumin.csv"
    path.write_bytes(HEADER + record)
    frame, rejects, _ = read(source(path, line_breaks="allowed"))
    assert (frame.height, [r.code for r in rejects]) == ((1, []) if joined else (0, ["RED011", "RED011"]))


@pytest.mark.parametrize("block_bytes", [1, 1 << 20])
@pytest.mark.parametrize(
    ("last", "code", "keys"),
    [
        (b"0000000099,a", "RED019", {"atena_no": "0000000099"}),
        (b"00000", "RED019", {}),
        (b'0000000099,"a', "RED019", {"atena_no": "0000000099"}),
        (b"0000000099,a,b\r", "RED019", {"atena_no": "0000000099"}),
        (b"0000000099,a,b\x81", "RED017", {"atena_no": "0000000099"}),
    ],
)
def test_a_last_record_cut_off_is_refused(
    tmp_path: Path, last: bytes, code: str, keys: dict[str, str], block_bytes: int
) -> None:
    path = tmp_path / "jumin.csv"
    path.write_bytes(HEADER + b"".join(LINES) + last)
    frame, rejects, findings = read(source(path, block_bytes))
    assert rejects == [ReadFault(code, 8, offsets([*LINES, last])[7], len(last), raw=last, keys=keys)]
    assert (frame.height, findings) == (7, [])


@pytest.mark.parametrize("block_bytes", [1, 1 << 20])
def test_a_last_record_without_a_line_end_is_kept_and_told(tmp_path: Path, block_bytes: int) -> None:
    path = tmp_path / "jumin.csv"
    path.write_bytes(HEADER + b"".join(LINES).removesuffix(b"\r\n"))
    frame, rejects, findings = read(source(path, block_bytes))
    assert [list(row[:3]) for row in frame.rows()] == ROWS
    assert rejects == []
    assert findings == [ReadFault("RED022", 7, offsets(LINES)[6], len(LINES[6]) - 2)]


@pytest.mark.parametrize("block_bytes", [1, 1 << 20])
@pytest.mark.parametrize("lines", [LINES, []])
def test_marks_at_both_ends_of_the_file_are_told_once(tmp_path: Path, lines: list[bytes], block_bytes: int) -> None:
    content = b"\xef\xbb\xbf" + HEADER + b"".join(lines)
    path = tmp_path / "jumin.csv"
    path.write_bytes(content + b"\x1a")
    frame, rejects, findings = read(source(path, block_bytes))
    assert findings == [ReadFault("RED021", 0, 0, 3), ReadFault("RED023", 0, len(content), 1)]
    assert (frame.height, rejects) == (len(lines), [])
    assert frame[OFFSET].to_list() == offsets(lines, 3 + len(HEADER))


def test_a_record_far_above_the_limit_is_a_block_of_its_own_and_keeps_its_head(tmp_path: Path) -> None:
    giant = b"0000000099,b," + b"c" * 200_000 + b"\r\n"
    lines = [*LINES[:3], giant, *LINES[3:]]
    path = tmp_path / "jumin.csv"
    path.write_bytes(HEADER + b"".join(lines))
    expected = ReadFault("RED018", 4, offsets(lines)[3], len(giant), raw=giant[:65536], keys={"atena_no": "0000000099"})
    for block_bytes in (10_000, 1 << 20):
        file = source(path, block_bytes)
        blocks = list(file.blocks())
        assert [(b.start, b.end) for b in blocks][1] == (offsets(lines)[3], offsets(lines)[4])
        frame, rejects, _ = read(file)
        assert rejects == [expected]
        assert [list(row[:3]) for row in frame.rows()] == ROWS


def test_a_key_where_the_kept_bytes_end_is_not_rescued(tmp_path: Path) -> None:
    """The kept head may hold only the first digits of it."""
    last_is_key = LegacyTable("t", "t", "t.csv", (table().items[1], table().items[0]))
    path = tmp_path / "t.csv"
    path.write_bytes(b"c" * 65_530 + b",0000000099\r\n" + b"c" * 65_500 + b",0000000099\r\n")
    _, rejects, _ = read(CsvFile(path, last_is_key, CsvSource(header=False, max_record_bytes=512), "cp932"))
    assert [(r.code, len(r.raw), r.keys) for r in rejects] == [
        ("RED018", 65_536, {}),
        ("RED018", 65_513, {"atena_no": "0000000099"}),
    ]


def test_blocks_close_at_the_first_border_behind_the_block_size(tmp_path: Path) -> None:
    path = tmp_path / "jumin.csv"
    path.write_bytes(HEADER + b"".join(LINES))
    at = [*offsets(LINES), path.stat().st_size]
    size = 2 * len(LINES[0])
    assert list(source(path, size).blocks()) == [
        Block(0, at[0], at[2], 1),
        Block(1, at[2], at[4], 3),
        Block(2, at[4], at[6], 5),
        Block(3, at[6], at[7], 7),
    ]
    assert next(source(path, size + 1).blocks()) == Block(0, at[0], at[3], 1)


def test_user_defined_characters_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "jumin.csv"
    path.write_bytes(HEADER + b"1,\xf0\x40,\xf9\xfc\r\n")
    frame, rejects, _ = read(source(path))
    assert (frame.row(0)[:3], rejects) == (("1", "\ue000", "\ue757"), [])


def test_utf8_is_read_strictly_and_its_marks_are_values(tmp_path: Path) -> None:
    path = tmp_path / "jumin.csv"
    good, bad = "\ufeff,𠮷,\x80\r\n".encode(), b"9,\xed\xa0\x80,\r\n"
    path.write_bytes(b"atena_no,shimei,biko\n" + good + bad)
    for block_bytes in (1, 1000):
        frame, rejects, _ = read(source(path, block_bytes, "utf8"))
        assert frame.row(0)[:3] == ("\ufeff", "𠮷", "\x80")
        assert [(r.code, r.record, r.keys) for r in rejects] == [("RED017", 2, {"atena_no": "9"})]


def test_one_column_of_empty_cells(tmp_path: Path) -> None:
    """An empty line is no record with an empty cell: quotes make the difference."""
    only = LegacyTable("t", "t", "t.csv", (table().items[0],))
    path = tmp_path / "t.csv"
    path.write_bytes(b'""\r\n\r\n""\r\n')
    frame, rejects, _ = read(CsvFile(path, only, CsvSource(header=False), "cp932"))
    assert frame.rows() == [(None, 1, 0), (None, 3, 6)]
    assert [(r.code, r.record) for r in rejects] == [("RED013", 2)]


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n", b""])
@pytest.mark.parametrize("header", ["宛名番号,氏名,備考", 'atena_no,"shimei",biko'])
def test_a_file_of_a_header_only_holds_no_records(tmp_path: Path, header: str, line_end: bytes) -> None:
    path = tmp_path / "jumin.csv"
    path.write_bytes(header.encode("cp932") + line_end)
    file = source(path)
    assert list(file.blocks()) == [Block(0, path.stat().st_size, path.stat().st_size, 1)]
    frame, rejects, findings = read(file)
    assert frame.schema == {
        "atena_no": pl.String,
        "shimei": pl.String,
        "biko": pl.String,
        RECORD: pl.UInt64,
        OFFSET: pl.UInt64,
    }
    assert (frame.height, rejects, findings) == (0, [], [])


@pytest.mark.parametrize(
    ("header", "position"),
    [
        ("宛名番号,名前,備考\r\n", 2),
        ("宛名番号,備考,氏名\r\n", 2),
        ("宛名番号,氏名\r\n", 3),
        ("宛名番号,氏名,備考,余り\r\n", 4),
        ("宛名番号,氏名, 備考\r\n", 3),
        ("atena_no,shimei,備考\r\n", 3),
        ("\r\n宛名番号,氏名,備考\r\n", 1),
        ("0000000001,山田,\r\n", 1),
        ('宛名番号,"氏名,備考\r\n', 2),
        ('宛名番号,氏名,備考,"\r\n', 4),
    ],
)
def test_another_header_stops_the_run_with_its_position(tmp_path: Path, header: str, position: int) -> None:
    path = tmp_path / "jumin.csv"
    path.write_bytes(header.encode("cp932") + LINES[0])
    with pytest.raises(DmigError) as caught:
        list(source(path).blocks())
    assert (caught.value.code, caught.value.values) == ("RED003", {"file": "jumin.csv", "position": str(position)})
    for language in ("ja", "en"):
        assert f"{position}" in caught.value.render(language)
        assert "山田" not in caught.value.render(language)


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\x1a"])
def test_an_empty_file_is_no_delivery(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "jumin.csv"
    path.write_bytes(content)
    with pytest.raises(DmigError, match="RED002"):
        list(source(path, may_be_empty=True).blocks())
    headless = CsvSource(header=False)
    with pytest.raises(DmigError, match="RED002"):
        list(CsvFile(path, table(), headless, "cp932").blocks())
    frame, rejects, _ = read(CsvFile(path, table(may_be_empty=True), headless, "cp932"))
    assert (frame.height, rejects) == (0, [])


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DmigError, match="RED001"):
        list(source(tmp_path / "none.csv").blocks())
    with pytest.raises(DmigError, match="RED007"):
        list(source(tmp_path).blocks())
    path = tmp_path / "jumin.csv"
    path.write_bytes(HEADER + b"".join(LINES))
    file = source(path)
    (block,) = file.blocks()
    path.write_bytes(HEADER)
    with pytest.raises(DmigError, match="RED006") as caught:
        file.read(block)
    assert caught.value.transient


@pytest.mark.parametrize("charset", ["euc_jp", "utf-16", "IBM930", "utf-8-sig"])
def test_other_charsets_are_refused_by_name(charset: str) -> None:
    with pytest.raises(DmigError, match="RED004") as caught:
        source(Path("jumin.csv"), charset=charset)
    assert charset in str(caught.value)


@pytest.mark.parametrize("delimiter", ["|", '"', "\n", "\r", "、", "", ",,", "\0"])
def test_delimiters_that_bytes_cannot_tell_are_refused(delimiter: str) -> None:
    with pytest.raises(DmigError, match="RED005"):
        CsvFile(Path("jumin.csv"), table(), CsvSource(delimiter=delimiter), "cp932")


def test_a_source_goes_to_another_process(tmp_path: Path) -> None:
    path = tmp_path / "jumin.csv"
    path.write_bytes(HEADER + b"".join(LINES))
    file = source(path)
    (block,) = file.blocks()
    other = pickle.loads(pickle.dumps(file))
    assert other.read(block).frame.equals(file.read(block).frame)
    assert other.read(block).frame.height == 7


def test_a_parser_that_disagrees_is_a_fault_of_the_program_without_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "jumin.csv"
    path.write_bytes(HEADER + b"".join(LINES))
    file = source(path)
    (block,) = file.blocks()
    real = pl.read_csv

    def one_short(*args: object, **options: object) -> pl.DataFrame:
        return real(*args, **options).head(6)  # type: ignore[arg-type]

    def refuses(*args: object, **options: object) -> pl.DataFrame:
        raise pl.exceptions.ComputeError("could not parse 山田")

    for broken in (one_short, refuses):
        monkeypatch.setattr(pl, "read_csv", broken)
        with pytest.raises(RuntimeError) as caught:
            file.read(block)
        assert "山田" not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__ == (broken is refuses)


def test_every_code_stands_in_the_catalogue_in_both_languages() -> None:
    codes = {code for _, code, _ in FAULTS.values()} | {"RED019", "RED021", "RED022", "RED023"}
    for code in codes:
        row = catalogue()[code]
        assert row.message("ja") != row.message("en")
        assert row.remedy_ja
        assert row.remedy_en
