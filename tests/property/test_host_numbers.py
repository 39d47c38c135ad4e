"""Numbers as hosts store them: every kernel against plain Python written from the documented rules, and its own inverse."""

from __future__ import annotations

import struct
from decimal import Context, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmig.cobol.numbers.binary import decode_binary, decode_float, encode_binary, encode_float
from dmig.cobol.numbers.contract import NumberFault, Numbers
from dmig.cobol.numbers.packed import PackedSign, decode_packed, encode_packed, packed_size
from dmig.cobol.numbers.rendering import to_arrow, to_text
from dmig.cobol.numbers.zoned import ASCII, ASCII_LETTERS, EBCDIC, ZonedSign, decode_zoned, encode_zoned

FAMILIES = {"ebcdic": EBCDIC, "ascii": ASCII, "letters": ASCII_LETTERS}


def cells(rows: list[bytes]) -> np.ndarray:
    return np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), -1)


def numbers(values: list[int]) -> Numbers:
    """As the contract says: long ones in two parts with the sign on both."""
    faults = np.zeros(len(values), np.uint8)
    if all(abs(value) < 10**18 for value in values):
        return Numbers(np.array(values, np.int64), faults)
    sign = [-1 if value < 0 else 1 for value in values]
    low = [s * (abs(v) % 10**17) for s, v in zip(sign, values, strict=True)]
    high = [s * (abs(v) // 10**17) for s, v in zip(sign, values, strict=True)]
    return Numbers(np.array(low, np.int64), faults, np.array(high, np.int64))


def packed_by_hand(value: int, digits: int, plus: str, minus: str) -> bytes:
    text = str(abs(value)).zfill(digits) + (minus if value < 0 else plus)
    return bytes.fromhex(text if len(text) % 2 == 0 else "0" + text)


@st.composite
def picture(draw: st.DrawFn, most: int = 31) -> tuple[int, list[int]]:
    digits = draw(st.integers(1, most))
    top = 10**digits - 1
    return digits, draw(st.lists(st.one_of(st.sampled_from([0, 1, top]), st.integers(0, top)), min_size=1, max_size=30))


@given(picture(), st.sampled_from("CAEF"), st.sampled_from("DB"), st.data())
def test_packed_bytes_written_by_hand_are_read(
    pic: tuple[int, list[int]], plus: str, minus: str, data: st.DataObject
) -> None:
    digits, values = pic
    values = [value * data.draw(st.sampled_from((1, -1))) for value in values]
    rows = [packed_by_hand(value, digits, plus, minus) for value in values]
    assert {len(row) for row in rows} == {packed_size(digits)}
    assert decode_packed(cells(rows), digits, signed=True).python() == values


@given(picture(), st.booleans(), st.data())
def test_packed_is_its_own_inverse(pic: tuple[int, list[int]], signed: bool, data: st.DataObject) -> None:
    digits, values = pic
    values = [value * data.draw(st.sampled_from((1, -1) if signed else (1,))) for value in values]
    made, faults = encode_packed(numbers(values), digits, signed=signed, sign=PackedSign.STRICT)
    assert not faults.any()
    assert [bytes(row) for row in made] == [packed_by_hand(v, digits, "C" if signed else "F", "D") for v in values]
    assert decode_packed(made, digits, signed=signed, sign=PackedSign.STRICT).python() == values


@given(st.lists(st.binary(min_size=4, max_size=4), min_size=1, max_size=40), st.integers(6, 7), st.booleans())
def test_any_packed_bytes_are_a_number_or_a_fault(rows: list[bytes], digits: int, signed: bool) -> None:
    found = decode_packed(cells(rows), digits, signed=signed)
    for row, value, fault in zip(rows, found.python(), found.faults.tolist(), strict=True):
        text = row.hex()
        good = text[:-1].isdecimal() and text[-1] in ("abcdef" if signed else "acef")
        expected = int(text[:-1]) if good else None
        if expected is not None and expected >= 10**digits:
            assert fault == NumberFault.TOO_LARGE
        elif expected is None:
            assert fault in (NumberFault.BAD_DIGIT, NumberFault.BAD_SIGN, NumberFault.BLANK, NumberFault.LOW_VALUES,
                             NumberFault.HIGH_VALUES)  # fmt: skip
        else:
            assert value == (-expected if text[-1] in "bd" else expected)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("40404040", NumberFault.BLANK),
        ("00000000", NumberFault.LOW_VALUES),
        ("ffffffff", NumberFault.HIGH_VALUES),
        ("0012a45c", NumberFault.BAD_DIGIT),
        ("00123451", NumberFault.BAD_SIGN),
        ("1234567c", NumberFault.TOO_LARGE),
    ],
)
def test_what_is_wrong_with_a_packed_number_is_named(row: str, fault: NumberFault) -> None:
    assert decode_packed(cells([bytes.fromhex(row)]), 6, signed=True).faults.tolist() == [fault]


def test_strict_packed_signs() -> None:
    rows = cells([bytes.fromhex(text) for text in ("001c", "001d", "001f", "001a", "001b")])
    signed = decode_packed(rows, 3, signed=True, sign=PackedSign.STRICT)
    unsigned = decode_packed(rows, 3, signed=False, sign=PackedSign.STRICT)
    assert signed.python() == [1, -1, None, None, None]
    assert unsigned.python() == [None, None, 1, None, None]
    assert decode_packed(rows, 3, signed=False).python() == [1, None, 1, 1, None]


def test_packed_without_a_sign() -> None:
    made, faults = encode_packed(numbers([1234, 7]), 4, signed=False, sign=PackedSign.NONE)
    assert made.tolist() == [[0x12, 0x34], [0x00, 0x07]]
    assert not faults.any()
    assert decode_packed(made, 4, signed=False, sign=PackedSign.NONE).python() == [1234, 7]


def zoned_by_hand(value: int, digits: int, sign: ZonedSign, family: str) -> bytes:
    """From the documented conventions, one character at a time."""
    text = str(abs(value)).zfill(digits)
    base = 0xF0 if family == "ebcdic" else 0x30
    row = [base + int(digit) for digit in text]
    minus = value < 0
    if sign.is_separate:
        own = {"ebcdic": (0x4E, 0x60)}.get(family, (0x2B, 0x2D))[minus]
        return bytes([own, *row] if sign.is_leading else [*row, own])
    if sign is not ZonedSign.NONE:
        at = 0 if sign.is_leading else -1
        digit = int(text[at])
        if family == "ebcdic":
            row[at] = (0xD0 if minus else 0xC0) + digit
        elif family == "letters":
            row[at] = ord(("}JKLMNOPQR" if minus else "{ABCDEFGHI")[digit])
        elif minus:
            row[at] = ord("pqrstuvwxy"[digit])
    return bytes(row)


@given(picture(), st.sampled_from(sorted(ZonedSign, key=str)), st.sampled_from(sorted(FAMILIES)), st.data())
def test_zoned_bytes_written_by_hand_are_read_and_written(
    pic: tuple[int, list[int]], sign: ZonedSign, family: str, data: st.DataObject
) -> None:
    digits, values = pic
    values = [value * data.draw(st.sampled_from((1,) if sign is ZonedSign.NONE else (1, -1))) for value in values]
    rows = [zoned_by_hand(value, digits, sign, family) for value in values]
    assert decode_zoned(cells(rows), digits, sign, FAMILIES[family], strict=True).python() == values
    made, faults = encode_zoned(numbers(values), digits, sign, FAMILIES[family])
    assert not faults.any()
    assert [bytes(row) for row in made] == [zoned_by_hand(v, digits, sign, family) for v in values]


def test_both_conventions_of_ascii_hosts_are_read() -> None:
    rows = cells([b"12C", b"12L", b"123", b"12s"])
    assert decode_zoned(rows, 3, ZonedSign.TRAILING, ASCII).python() == [123, -123, 123, -123]
    assert decode_zoned(rows, 3, ZonedSign.TRAILING, ASCII_LETTERS, strict=True).python() == [123, -123, None, -123]


@given(
    st.lists(st.binary(min_size=3, max_size=3), min_size=1, max_size=40), st.sampled_from(sorted(ZonedSign, key=str))
)
def test_any_zoned_bytes_are_a_number_or_a_fault(rows: list[bytes], sign: ZonedSign) -> None:
    digits = 2 if sign.is_separate else 3
    found = decode_zoned(cells(rows), digits, sign)
    again, _ = encode_zoned(Numbers(found.low, np.zeros(len(rows), np.uint8)), digits, sign)
    for row, made, fault in zip(rows, again, found.faults.tolist(), strict=True):
        if fault == 0 and not sign.is_separate and sign is not ZonedSign.NONE:
            assert [b & 15 for b in row] == [b & 15 for b in made.tolist()]
        elif fault == 0:
            assert [b & 15 for b in row] == [b & 15 for b in made.tolist()] or sign is ZonedSign.NONE


@pytest.mark.parametrize(
    ("row", "sign", "fault"),
    [
        (b"\x40\x40\x40", ZonedSign.TRAILING, NumberFault.BLANK),
        (b"\x00\x00\x00", ZonedSign.TRAILING, NumberFault.LOW_VALUES),
        (b"\xf1\x40\xf3", ZonedSign.TRAILING, NumberFault.BAD_DIGIT),
        (b"\xf1\xf2\xd3", ZonedSign.NONE, NumberFault.BAD_SIGN),
        (b"\x40\xf2\xf3", ZonedSign.LEADING_SEPARATE, NumberFault.BAD_SIGN),
    ],
)
def test_what_is_wrong_with_a_zoned_number_is_named(row: bytes, sign: ZonedSign, fault: NumberFault) -> None:
    digits = 2 if sign.is_separate else 3
    assert decode_zoned(cells([row]), digits, sign).faults.tolist() == [fault]


SIZES = {1: (2, "b"), 2: (4, "h"), 4: (9, "i"), 8: (18, "q")}


@given(st.sampled_from(sorted(SIZES)), st.booleans(), st.booleans(), st.data())
def test_binary_bytes_of_another_program_are_read_and_written(
    size: int, signed: bool, big: bool, data: st.DataObject
) -> None:
    digits, letter = SIZES[size]
    top = 10**digits - 1
    values = data.draw(st.lists(st.integers(-top if signed else 0, top), min_size=1, max_size=30))
    form = (">" if big else "<") + (letter if signed else letter.upper())
    rows = [struct.pack(form, max(min(v, 2 ** (8 * size - 1) - 1), -(2 ** (8 * size - 1)))) for v in values]
    held = [struct.unpack(form, row)[0] for row in rows]
    found = decode_binary(cells(rows), digits, signed=signed, big_endian=big)
    assert found.python() == held
    made, faults = encode_binary(numbers(held), digits, size, signed=signed, big_endian=big)
    assert not faults.any()
    assert [bytes(row) for row in made] == rows


def test_a_binary_number_above_its_picture_is_told_and_comp5_holds_it() -> None:
    row = cells([struct.pack(">h", 12345)])
    assert decode_binary(row, 4, signed=True).faults.tolist() == [NumberFault.TOO_LARGE]
    assert decode_binary(row, 4, signed=True, truncated=False).python() == [12345]
    assert decode_binary(cells([b"\xff" * 8]), 18, signed=False, truncated=False).faults.tolist() == [
        NumberFault.TOO_LARGE
    ]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20), st.booleans())
def test_ieee_doubles_are_those_of_another_program(values: list[float], big: bool) -> None:
    rows = [struct.pack(">d" if big else "<d", value) for value in values]
    found, faults = decode_float(cells(rows), hexadecimal=False, big_endian=big)
    assert not faults.any()
    assert found.tolist() == values
    made, _ = encode_float(np.array(values), 8, hexadecimal=False, big_endian=big)
    assert [bytes(row) for row in made] == rows


@given(st.lists(st.binary(min_size=4, max_size=4), min_size=1, max_size=20))
def test_hexadecimal_floats_are_exact(rows: list[bytes]) -> None:
    """By definition: sign, exponent to base 16 in excess 64, 24 bits of fraction."""
    found, faults = decode_float(cells(rows), hexadecimal=True)
    assert not faults.any()
    for row, value in zip(rows, found.tolist(), strict=True):
        exact = Fraction(int.from_bytes(row[1:], "big"), 2**24) * Fraction(16) ** ((row[0] & 127) - 64)
        assert Fraction(value) == (-exact if row[0] & 128 else exact)


@given(st.lists(st.floats(-(2.0**200), 2.0**200).filter(lambda v: v == 0 or abs(v) > 1e-60), min_size=1, max_size=20))
def test_hexadecimal_doubles_come_back(values: list[float]) -> None:
    made, faults = encode_float(np.array(values), 8, hexadecimal=True)
    assert not faults.any()
    assert decode_float(made, hexadecimal=True)[0].tolist() == values


@given(picture(), st.integers(-4, 31), st.data())
def test_numbers_are_rendered_exactly(pic: tuple[int, list[int]], scale: int, data: st.DataObject) -> None:
    digits, values = pic
    if max(digits - min(scale, 0), scale) > 31:
        scale = 0
    values = [value * data.draw(st.sampled_from((1, -1))) for value in values]
    found = numbers(values) if digits > 18 else Numbers(np.array(values, np.int64), np.zeros(len(values), np.uint8))
    found.faults[0], found.low[0] = NumberFault.BAD_DIGIT, 0
    if found.high is not None:
        found.high[0] = 0
    expected = [None, *(Decimal(value).scaleb(-scale, Context(prec=60)) for value in values[1:])]
    arrow, text = to_arrow(found, digits, scale), to_text(found, digits, scale)
    assert [None if v is None else Decimal(v) for v in arrow.to_pylist()] == expected
    assert [None if v is None else Decimal(v) for v in text.to_list()] == expected
    for one in text.drop_nulls().to_list():
        assert len(one.lstrip("-").replace(".", "")) == max(digits, scale) - min(scale, 0)
