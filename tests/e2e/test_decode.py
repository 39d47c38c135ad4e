"""`dmig decode` as it is used: every output form, damaged files, and no value where none may stand."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from dmig.charset.catalogue import charset
from dmig.charset.encoding import encode_double, encode_text
from dmig.cli.main import cli
from dmig.cobol.numbers.contract import Numbers
from dmig.cobol.numbers.packed import encode_packed
from dmig.cobol.numbers.zoned import ZonedSign, encode_zoned
from dmig.model.host import RecordFormat, RecordRules
from dmig.pipeline.decoding import DecodeAsked, record_shape_of, sized
from dmig.sources.host.decoding import RecordDecoder
from dmig.sources.host.forms import forms_of
from dmig.sources.host.reading import batches
from dmig.sources.host.reports import reports_of

COPYBOOK = """\
       01  住民レコード.
           05  KBN            PIC X(01).
           05  ATENA-NO       PIC 9(10).
           05  UMARE-YMD      PIC S9(07) COMP-3.
           05  SHIMEI         PIC N(08).
           05  KANA           PIC X(16).
           05  ZEIGAKU        PIC S9(07)V99 COMP-3.
           05  MEISAI.
               10  ZOKUGARA   PIC X(02) OCCURS 2.
           05  TORIKESHI REDEFINES MEISAI.
               10  RIYU       PIC 9(04).
"""
NAMES = ["山田　太郎", "鈴木　花子", "佐藤　次郎"]
IBM = charset("ibm-930")


def numbers(values: list[int]) -> Numbers:
    return Numbers(np.array(values, np.int64), np.zeros(len(values), np.uint8))


def records(count: int) -> np.ndarray:
    kinds = pl.Series(["2" if n % 3 else "9" for n in range(count)])
    names = pl.Series([NAMES[n % 3] for n in range(count)])
    return np.concatenate(
        [
            encode_text(IBM, kinds, 1)[0],
            encode_zoned(numbers(list(range(count))), 10, ZonedSign.NONE)[0],
            encode_packed(numbers([3_600_101 + n % 7 for n in range(count)]), 7, signed=True)[0],
            encode_double(IBM, names, 16)[0],
            encode_text(IBM, pl.Series(["ﾔﾏﾀﾞ ﾀﾛｳ"] * count), 16)[0],
            encode_packed(numbers([-12_345 * n for n in range(count)]), 9, signed=True)[0],
            encode_text(IBM, pl.Series(["0102"] * count), 4)[0],
        ],
        axis=1,
    )


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "JUMIN.cpy").write_text(COPYBOOK, encoding="cp932")
    (tmp_path / "JUMIN.dat").write_bytes(records(6).tobytes())
    return tmp_path


def run(place: Path, out: str, *more: str) -> tuple[int, str, str]:
    segments = ["--segment", "KBN:2=MEISAI", "--segment", "KBN:9=TORIKESHI"]
    arguments = ["decode", str(place / "JUMIN.dat"), "--copybook", str(place / "JUMIN.cpy"), "--charset", "ibm-930"]
    done = CliRunner().invoke(cli, [*arguments, *segments, *more, "--out", str(place / out)])
    return done.exit_code, done.stdout, done.stderr


def test_json_lines_nest_as_the_copybook(place: Path) -> None:
    assert run(place, "out.jsonl")[0] == 0
    found = [json.loads(line, parse_float=Decimal) for line in (place / "out.jsonl").read_text("utf-8").splitlines()]
    assert found[1] == {
        "KBN": "2", "ATENA_NO": 1, "UMARE_YMD": 3_600_102, "SHIMEI": "鈴木　花子", "KANA": "ﾔﾏﾀﾞ ﾀﾛｳ", "ZEIGAKU": Decimal("-123.45"),
        "MEISAI": {"ZOKUGARA": ["01", "02"]}, "TORIKESHI": None,
    }  # fmt: skip
    assert found[3]["MEISAI"] is None
    assert found[3]["TORIKESHI"] == {"RIYU": 102}


def test_csv_and_parquet_hold_the_same(place: Path) -> None:
    assert run(place, "out.csv")[0] == run(place, "out.parquet")[0] == 0
    with (place / "out.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    table = pl.read_parquet(place / "out.parquet")
    assert list(lines[0]) == table.columns
    assert table["ZEIGAKU"].to_list()[1] == Decimal("-123.45")
    for line, row in zip(lines, table.iter_rows(named=True), strict=True):
        assert line == {name: "" if value is None else str(value) for name, value in row.items()}


def test_what_cannot_be_decoded_is_null_and_told_with_its_place_and_without_its_value(place: Path) -> None:
    damaged = records(6)
    damaged[2, 11] = 0xAB  # a packed birthday
    damaged[4, 15:17] = (0xFE, 0xFE)  # a code that no table has, in a name
    (place / "JUMIN.dat").write_bytes(damaged.tobytes() + b"\x40" * 5)
    code, out, err = run(place, "out.jsonl", "--lang", "en")
    assert code == 1
    found = [json.loads(line) for line in (place / "out.jsonl").read_text("utf-8").splitlines()]
    assert [row["UMARE_YMD"] is None for row in found] == [False, False, True, False, False, False]
    assert [row["SHIMEI"] is None for row in found] == [False, False, False, False, True, False]
    size = damaged.shape[1]
    for told in (f"record 3 byte {2 * size + 11:,} (4) UMARE-YMD HST011", f"record 5 byte {4 * size + 15:,} (16) SHIMEI HST015",
                 f"record 7 byte {6 * size:,} (5) - HST001"):  # fmt: skip
        assert told in err
    assert not out
    assert not any(word in err for name in NAMES for word in (name, *name.split("\u3000")))


@pytest.mark.parametrize("asked", ["NAGASA", "NAGASA+4", "KBN:A=9,B=14"])
def test_records_that_tell_their_own_length(tmp_path: Path, asked: str) -> None:
    (tmp_path / "L.cpy").write_text("       01 REC.\n          05 KBN PIC X.\n          05 NAGASA PIC 9(3).\n"
                                    "          05 NAIYO PIC X(10).\n", encoding="ascii")  # fmt: skip
    bodies = [b"A" + b"%03d" + b"x" * 5, b"B" + b"%03d" + b"y" * 10, b"A" + b"%03d" + b"z" * 5] * 4
    less = 4 if asked.endswith("+4") else 0
    whole = [body % (len(body) - 1 - less) for body in bodies]
    (tmp_path / "L.dat").write_bytes(b"".join(whole))
    arguments = ["decode", str(tmp_path / "L.dat"), "--copybook", str(tmp_path / "L.cpy"), "--charset", "ascii", "--recfm", "L",
                 "--length", asked, "--out", str(tmp_path / "L.jsonl")]  # fmt: skip
    done = CliRunner().invoke(cli, arguments)
    found = [json.loads(line) for line in (tmp_path / "L.jsonl").read_text("utf-8").splitlines()]
    assert [row["KBN"] for row in found] == ["A", "B", "A"] * 4
    assert [row["NAIYO"] for row in found if row["KBN"] == "B"] == ["y" * 10] * 4
    # Records of kind A are shorter than the layout, which is told of each.
    assert done.exit_code == 1
    assert done.stderr.count("HST005") >= 8
    assert CliRunner().invoke(cli, [*arguments[:8], "--out", str(tmp_path / "M.jsonl")]).exit_code == 2


def test_faults_of_a_copybook_end_the_command(place: Path) -> None:
    (place / "JUMIN.cpy").write_text(COPYBOOK.replace("PIC 9(10)", "PIC Q(10)"), encoding="utf-8")
    code = CliRunner().invoke(cli, ["copybook", "show", str(place / "JUMIN.cpy")])
    assert isinstance(code.exception, Exception)
    assert "SpecError" in repr(code.exc_info)


@pytest.mark.parametrize("count", [20_000, pytest.param(250_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("format_", ["F", "V", "VB", "VBS"])
def test_damaged_records_lose_no_byte(tmp_path: Path, format_: str, count: int) -> None:
    """Random damage to most records: no crash, and every byte in a record, in a control word or among what was lost."""
    draw = np.random.default_rng(11)
    (tmp_path / "R.cpy").write_text(COPYBOOK, encoding="utf-8")
    flat = framed(records(count), format_)
    flat[draw.integers(0, flat.size, count)] = draw.integers(0, 256, count)
    data = flat.tobytes()[:-30]
    (tmp_path / "R.dat").write_bytes(data)
    asked = DecodeAsked(
        tmp_path / "R.dat",
        tmp_path / "R.cpy",
        tmp_path / "out.parquet",
        "ibm-930",
        "",
        RecordRules(RecordFormat(format_)),
    )
    shape = record_shape_of(asked)
    decoder = RecordDecoder(shape, forms_of(IBM))
    seen = whole = reported = 0
    for batch in batches(asked.source, sized(asked.rules, shape), shape.size_bytes):
        seen += int((batch.rows.sizes + batch.rows.leads).sum()) + sum(lost.size_bytes for lost in batch.lost)
        whole += len(batch.rows)
        reported += sum(1 for _ in reports_of(decoder.decode(batch.rows))) if len(batch.rows) else 0
    # Words between the segments of a record are not counted as its bytes; tests of cutting see to those.
    assert seen == len(data) or format_ == "VBS"
    assert whole > count // 2
    assert reported > count // 10


def framed(bodies: np.ndarray, format_: str) -> np.ndarray:
    """Records with the words of a format; blocks of four records, segments of one half."""
    count, size = bodies.shape
    if format_ == "F":
        return bodies.reshape(-1).copy()
    if format_ == "VBS":
        half = size // 2
        parts = [(1, bodies[:, :half]), (2, bodies[:, half:])]
        data = np.concatenate(
            [piece for kind, own in parts for piece in (words(own.shape[1], kind, count), own)], axis=1
        )
    else:
        data = np.concatenate([words(size, 0, count), bodies], axis=1)
    if format_ == "V":
        return np.ascontiguousarray(data).reshape(-1)
    blocks = data.reshape(count // 4, -1)
    return np.concatenate([words(blocks.shape[1], 0, count // 4), blocks], axis=1).reshape(-1)


def words(size: int, kind: int, count: int) -> np.ndarray:
    return np.tile(np.frombuffer(size.to_bytes(2, "big") + bytes([kind, 0]), np.uint8), (count, 1))
