"""Character sets of hosts: other programs agree on every code, and what is written is what is read."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from charsets.generate import TABLES, table
from hypothesis import given
from hypothesis import strategies as st

from dmig.charset.catalogue import UnknownCharset, charset, entry, names, with_dashes, with_table
from dmig.charset.decoding import decode_double, decode_text
from dmig.charset.encoding import encode_double, encode_text
from dmig.charset.host_sets import ebcdic_images
from dmig.charset.nouns import Charset, Kind, TextFault, TextFinding, Trim
from dmig.charset.tables import parse_json_table, parse_table

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data" / "charsets"
MIXED = [name for name in names() if charset(name).kind is Kind.MIXED]


def cells(rows: list[bytes]) -> np.ndarray:
    return np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), -1)


def texts(own: Charset, rows: list[bytes], trim: Trim = Trim.NONE) -> list[str | None]:
    found: list[str | None] = decode_text(own, cells(rows), trim)[0].to_pylist()
    return found


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_tables_are_those_of_the_c_library(name: str) -> None:
    stored = (ROOT / "dmig" / "charset" / "tables" / f"{name}.tsv").read_text(encoding="ascii")
    assert stored == table(name)


@pytest.mark.parametrize(("name", "page"), [("ibm-930", "IBM930"), ("ibm-939", "IBM939"), ("ibm-1390", "IBM1390"),
                                            ("ibm-1399", "IBM1399")])  # fmt: skip
def test_iconv_reads_every_double_byte_code_alike(name: str, page: str) -> None:
    own = charset(name)
    assert own.double is not None
    codes = sorted(own.double.codes)
    assert len(codes) in (11_635, 22_102)
    rows = [b"\x0e" + code.to_bytes(2, "big") + b"\x0f" for code in codes]
    done = subprocess.run(["iconv", "-f", page, "-t", "UTF-8"], input=b"".join(rows), capture_output=True, check=True)
    assert "".join(text or "?" for text in texts(own, rows)) == done.stdout.decode()


@pytest.mark.parametrize("name", ["cp037", "cp500", "cp273", "cp1140", "ascii", "latin-1"])
def test_python_reads_every_single_byte_alike(name: str) -> None:
    for code in range(256):
        try:
            expected: str | None = bytes([code]).decode(name)
        except UnicodeDecodeError:
            expected = None
        assert texts(charset(name), [bytes([code])]) == [expected]


@st.composite
def written(draw: st.DrawFn) -> tuple[Charset, list[str]]:
    own = charset(draw(st.sampled_from(MIXED)))
    assert own.single is not None
    assert own.double is not None
    character = st.sampled_from(sorted({*own.single.codes.values(), *own.double.codes.values()} - {"\x0e", "\x0f"}))
    return own, draw(st.lists(st.lists(character, max_size=9).map("".join), min_size=1, max_size=9))


@given(written())
def test_what_is_written_is_read(made: tuple[Charset, list[str]]) -> None:
    own, wanted = made
    matrix, faults = encode_text(own, pl.Series(wanted, dtype=pl.String), 64)
    found, reading, findings = decode_text(own, matrix, Trim.NONE)
    for text, again, fault, refused, odd in zip(
        wanted, found.to_pylist(), faults.tolist(), reading.tolist(), findings.tolist(), strict=True
    ):
        assert fault == TextFault.NONE
        assert (refused, odd) == (0, 0)
        assert again == text + " " * (len(again) - len(text))


@given(written(), st.integers(0, 12))
def test_a_text_that_does_not_fit_is_told(made: tuple[Charset, list[str]], width: int) -> None:
    own, wanted = made
    matrix, faults = encode_text(own, pl.Series(wanted, dtype=pl.String), width)
    found = decode_text(own, matrix, Trim.NONE)[0].to_pylist()
    for text, again, fault in zip(wanted, found, faults.tolist(), strict=True):
        if fault == TextFault.NONE:
            assert again.startswith(text)
        else:
            assert fault == TextFault.TOO_LONG
            assert not again.strip()


@given(
    st.sampled_from(sorted(names())), st.lists(st.binary(min_size=6, max_size=6), min_size=1, max_size=30),
    st.sampled_from(Trim), st.integers(1, 29),
)  # fmt: skip
def test_any_bytes_are_a_text_or_a_fault_row_by_row(name: str, rows: list[bytes], trim: Trim, cut: int) -> None:
    own = charset(name)
    whole = decode_text(own, cells(rows), trim)
    parts = [decode_text(own, cells(some), trim) for some in (rows[:cut], rows[cut:]) if some]
    assert whole[0].to_pylist() == [text for part in parts for text in part[0].to_pylist()]
    for at in (1, 2):
        assert whole[at].tolist() == [one for part in parts for one in part[at].tolist()]
    assert [text is None for text in whole[0].to_pylist()] == [fault != 0 for fault in whole[1].tolist()]


@given(st.sampled_from(MIXED), st.lists(st.binary(min_size=8, max_size=8), min_size=1, max_size=20))
def test_shifted_bytes_are_read_as_a_plain_reader_does(name: str, rows: list[bytes]) -> None:
    own = charset(name)
    rows = [row if n % 2 else _shifted(own, row) for n, row in enumerate(rows)]
    found, faults, findings = decode_text(own, cells(rows), Trim.NONE)
    assert [text is None for text in found.to_pylist()] == (faults != 0).tolist()
    for row, text, odd in zip(rows, found.to_pylist(), findings.tolist(), strict=True):
        expected, refused, strange = by_hand(own, row)
        assert (text is None) == bool(refused)
        if not refused:
            assert text == expected
            assert bool(odd) == bool(strange)


def _shifted(own: Charset, row: bytes) -> bytes:
    assert own.shifts is not None
    into = own.shifts.to_double[row[0] % len(own.shifts.to_double)]
    return (into + b"\xb0\xa1\xb0\xa1" + own.shifts.to_single + row)[: len(row)]


def by_hand(own: Charset, row: bytes) -> tuple[str, bool, bool]:
    """One byte after the other, as the manuals describe it."""
    assert own.single is not None
    assert own.double is not None
    assert own.shifts is not None
    text, double, refused, strange, at = "", False, False, False, 0
    while at < len(row):
        into = next((mark for mark in own.shifts.to_double if row.startswith(mark, at)), None)
        back = own.shifts.to_single if row.startswith(own.shifts.to_single, at) else None
        if into or back:
            strange |= double == bool(into)
            double = bool(into)
            at += len(into or back or b"")
        elif not double:
            refused |= row[at] not in own.single.codes
            text += own.single.codes.get(row[at], "")
            at += 1
        else:
            after = at + 1
            shift_follows = any(row.startswith(mark, after) for mark in (*own.shifts.to_double, own.shifts.to_single))
            if after >= len(row) or shift_follows:
                return text, True, strange
            code = row[at] << 8 | row[after]
            refused |= code not in own.double.codes
            text += own.double.codes.get(code, "")
            at += 2
    return text, refused, strange or double


def test_an_unclosed_shift_is_a_finding_and_does_not_reach_the_next_cell() -> None:
    own = charset("ibm-930")
    matrix, _ = encode_text(own, pl.Series(["山田", "AB"]), 6)
    matrix[0, 5] = 0x40
    broken = matrix.copy()
    broken[0, 5] = matrix[0, 4]
    found, faults, findings = decode_text(own, broken[:, :5], Trim.RIGHT)
    assert found.to_pylist() == ["山田", "AB"]
    assert findings.tolist() == [TextFinding.UNCLOSED, TextFinding.NONE]
    assert not faults.any()


@given(st.lists(st.text(st.sampled_from("山田鷗外か゚アABC　"), max_size=6), min_size=1, max_size=9))
def test_bare_double_byte_items(wanted: list[str]) -> None:
    own = charset("ibm-16684")
    matrix, faults = encode_double(own, pl.Series(wanted, dtype=pl.String), 12)
    found = decode_double(own, matrix, Trim.RIGHT)[0].to_pylist()
    for text, again, fault in zip(wanted, found, faults.tolist(), strict=True):
        if fault == 0:
            assert again == text.rstrip("\u3000")


def rows_of(name: str) -> Iterator[tuple[int, str, list[str]]]:
    for row in json.loads((SHARED / f"{name}_mapping.json").read_text(encoding="utf-8")):
        points = [int(point, 16) for key in ("unicode",) for point in str(row[key]).replace("+", " ").split("_")]
        yield int(row["code"], 16), "".join(map(chr, points)), row["options"]


#: Name, public table, kanji that may differ: editions of shapes that only the table knows.
RULED = [("keis83", "hitachi_keis83", 0), ("keis78", "hitachi_keis78", 37), ("jef", "fujitsu_jef", 18),
         ("jef-by-code", "fujitsu_jef", 99)]  # fmt: skip


@pytest.mark.skipif(not SHARED.is_dir(), reason="the public tables are not beside the repository")
@pytest.mark.parametrize(("name", "file", "differing"), RULED)
def test_the_rules_give_what_a_public_table_gives(name: str, file: str, differing: int) -> None:
    """Where both know a kanji of JIS they agree, but for editions of shapes that only the table knows."""
    own = charset(name)
    assert own.double is not None
    theirs = {code: text for code, text, _ in rows_of(file) if 0xB0A1 <= code <= 0xF4FE and text != "\ufffd"}
    both = {code for code in theirs if code in own.double.codes}
    assert len(both) > 6_300
    differ = {code for code in both if own.double.codes[code] != theirs[code]}
    assert len(differ) == differing


def test_site_tables_are_laid_over_and_counted() -> None:
    table = parse_table("# 例\n41A1\tU+4E02\nB0A1,U+20BB7\n80A1\tU+304B U+309A\n41A2\tU+4E9C\tread\n")
    assert not table.faults
    laid, replaced = with_table(charset("jef"), table)
    assert replaced == 2
    assert texts(laid, [bytes.fromhex("2841a1b0a180a141a229")]) == ["丂𠮷か゚亜"]
    matrix, faults = encode_text(laid, pl.Series(["丂𠮷か゚"]), 10)
    assert (matrix.tobytes().hex(), faults.tolist()) == ("2841a1b0a180a1294040", [0])
    assert parse_table("\n".join(table.lines())) == table


def test_faults_of_site_tables_are_told_at_once() -> None:
    table = parse_table("41A1\tU+4E02\n41A1\tU+4E03\nXYZ\tU+1\n41A2\tU+D800\n41A3\n41A4\tU+4E02\tboth\n")
    told = [(fault.line, fault.code) for fault in table.faults]
    assert told == [(2, "CHS002"), (3, "CHS001"), (4, "CHS003"), (5, "CHS001"), (6, "CHS001")]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the public tables are not beside the repository")
@pytest.mark.parametrize(("name", "files"), [("jef", ["fujitsu_jef", "fujitsu_ebcdik"]), ("keis83", ["hitachi_keis83"]),
                                             ("jips-j", ["nec_jips", "nec_jis8"])])  # fmt: skip
def test_public_tables_load_as_they_are(name: str, files: list[str]) -> None:
    own = charset(name)
    for file in files:
        table = parse_json_table((SHARED / f"{file}_mapping.json").read_text(encoding="utf-8"))
        assert table.faults == []
        own, _ = with_table(own, table)
        half = own.double if max(table.codes) > 0xFF else own.single
        assert half is not None
        assert {code: half.codes[code] for code in table.codes} == table.codes
        assert len(table.codes) > 150


@pytest.mark.skipif(not SHARED.is_dir(), reason="the public tables are not beside the repository")
def test_the_rule_for_jips_e_is_the_public_byte_map() -> None:
    rows = json.loads((SHARED / "nec_jis8_ebcdik_mapping.json").read_text(encoding="utf-8"))
    theirs = {int(row["jis8"], 16): int(row["ebcdik"], 16) for row in rows}
    own = ebcdic_images()
    assert len(own) == 191
    assert {code: theirs[code] for code in own} == own


def test_jips_e_is_jips_j_byte_by_byte() -> None:
    one, other, image = charset("jips-j"), charset("jips-e"), ebcdic_images()
    assert one.double is not None
    assert other.double is not None
    assert len(other.double.codes) == len(one.double.codes) > 10_000
    for code, text in one.double.codes.items():
        assert other.double.codes[image[code >> 8] << 8 | image[code & 0xFF]] == text
    cell = (
        bytes.fromhex("3f75")
        + bytes(image[byte] for byte in "見本".encode("iso2022_jp")[3:7])
        + bytes.fromhex("3f76c1")
    )
    assert texts(other, [cell]) == ["見本A"]


@pytest.mark.parametrize("name", ["ibm-930", "ibm-939", "jef", "keis83", "jips-e"])
def test_the_wave_dash_family_is_on_the_declared_side_and_written_as_one_code(name: str) -> None:
    """The sides are those of Python's own codecs for JIS and for code page 932, over the codes of both."""
    family = [0x2141, 0x2142, 0x215D, 0x2171, 0x2172, 0x224C]
    windows = [
        bytes((c // 256 + 0x80, c % 256 + 0x80)).decode("euc_jp").encode("shift_jis").decode("cp932") for c in family
    ]
    jis = ["\u301c", "\u2016", "\u2212", "\u00a2", "\u00a3", "\u00ac"]
    one, other = with_dashes(charset(name), "jis"), with_dashes(charset(name), "cp932")
    assert one.double is not None
    assert other.double is not None
    base = charset(name).double
    assert base is not None
    own = [pair for pair in zip(jis, windows, strict=True) if set(pair) & set(base.codes.values())]
    # The edition of 1978 has no sign for not.
    assert len(own) >= 5
    for half, there, elsewhere in ((one.double, 0, 1), (other.double, 1, 0)):
        assert set(half.codes.values()) >= {pair[there] for pair in own}
        assert not set(half.codes.values()) & {pair[elsewhere] for pair in own}
    turned = str.maketrans("".join(jis), "".join(windows))
    for text in ("〜", "−"):
        both = [(one, text), (other, text.translate(turned))]
        cells, faults = zip(*(encode_double(side, pl.Series([told]), 2) for side, told in both), strict=True)
        assert cells[0].tobytes() == cells[1].tobytes()
        assert not any(fault.any() for fault in faults)


def test_names_and_aliases() -> None:
    assert entry("IBM930").name == entry("cp930").name == entry("ibm-930").name == "ibm-930"
    with pytest.raises(UnknownCharset) as told:
        entry("ibm-931")
    assert "ibm-930" in told.value.near
