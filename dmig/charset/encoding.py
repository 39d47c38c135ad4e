"""Texts to cells of bytes: the inverse of the decoders. Nothing is substituted: a text that has no bytes is a fault."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dmig.charset.nouns import NO_CODE, Bytes, Charset, Faults, Kind, Shifts, Table, TextFault

Ints = npt.NDArray[np.int64]
#: Characters of two code points are carried through as one of a plane that no table uses.
_CARRIER = 0xF0000


def encode_text(charset: Charset, texts: pl.Series, width: int) -> tuple[Bytes, Faults]:
    """PIC X: cells (n, width), blank padded, and a `TextFault` where a text does not fit (then the cell is blank)."""
    if charset.kind is Kind.DOUBLE:
        return encode_double(charset, texts, width)
    if charset.single is None:
        raise ValueError(f"{charset.name} has no single-byte codes")
    points, counts = _points(charset, texts)
    single = np.take(charset.single.back(), points)
    if charset.kind is Kind.SINGLE or charset.double is None or charset.shifts is None:
        return _placed(single, counts, width, charset.single.blank, 1)
    alone = single != NO_CODE
    if alone.all():
        return _placed(single, counts, width, charset.single.blank, 1)
    double = np.take(charset.double.back(charset.preferred), points)
    double = _with_pairs(charset.double, points, double)
    return _mixed(single, double, alone, counts, width, charset.single.blank, charset.shifts)


def encode_double(charset: Charset, texts: pl.Series, width: int) -> tuple[Bytes, Faults]:
    """PIC N and G: two bytes a character and no shifts; otherwise as `encode_text`."""
    if charset.double is None:
        raise ValueError(f"{charset.name} has no double-byte codes")
    points, counts = _points(charset, texts)
    codes = np.take(charset.double.back(charset.preferred), points)
    codes = _with_pairs(charset.double, points, codes)
    return _placed(codes, counts, width, charset.double.blank, 2)


def _points(charset: Charset, texts: pl.Series) -> tuple[npt.NDArray[np.uint32], Ints]:
    """Code points of all texts in a row, characters of two points as one carrier; and how many each text has."""
    filled = texts.fill_null("")
    pairs = list(charset.double.pairs) if charset.double else []
    if pairs:
        filled = filled.str.replace_many(pairs, [chr(_CARRIER + n) for n in range(len(pairs))])
    counts = filled.str.len_chars().to_numpy().astype(np.int64)
    joined = "".join(filled.to_list())
    return np.frombuffer(joined.encode("utf-32-le"), np.uint32), counts


def _with_pairs(table: Table, points: npt.NDArray[np.uint32], codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Codes of the characters of two points."""
    if not table.pairs:
        return codes
    own = (points >= _CARRIER) & (points < _CARRIER + len(table.pairs))
    if own.any():
        codes = codes.copy()
        codes[own] = np.array(list(table.pairs.values()), np.uint32)[points[own] - _CARRIER]
    return codes


def _placed(codes: npt.NDArray[np.uint32], counts: Ints, width: int, blank: int, size: int) -> tuple[Bytes, Faults]:
    """Codes of one width, text after text, into cells."""
    most = width // size
    faults = np.where(counts > most, TextFault.TOO_LONG, TextFault.NONE).astype(np.uint8)
    row = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum(counts) - counts
    column = np.arange(len(codes)) - np.repeat(starts, counts)
    faults[row[codes == NO_CODE]] = TextFault.UNMAPPED
    good = faults[row] == 0
    matrix = np.full((len(counts), most), blank, np.uint8 if size == 1 else ">u2")
    matrix[row[good], column[good]] = codes[good]
    return matrix.view(np.uint8).reshape(len(counts), most * size), faults


def _mixed(
    single: npt.NDArray[np.uint32], double: npt.NDArray[np.uint32], alone: npt.NDArray[np.bool_], counts: Ints, width: int,
    blank: int, shifts: Shifts,
) -> tuple[Bytes, Faults]:  # fmt: skip
    """Codes of both widths with the shifts between them."""
    into, back = shifts.to_double[0], shifts.to_single
    row = np.repeat(np.arange(len(counts)), counts)
    begins = np.zeros(len(row), np.bool_)
    begins[(np.cumsum(counts) - counts)[counts > 0]] = True
    ends = np.zeros(len(row), np.bool_)
    ends[(np.cumsum(counts) - 1)[counts > 0]] = True
    wide = ~alone
    before = np.zeros(len(row), np.bool_)
    before[1:] = wide[:-1]
    before[begins] = False
    shift_in, shift_out = wide & ~before, alone & before
    closing = wide & ends
    sizes = np.where(wide, 2, 1) + shift_in * len(into) + shift_out * len(back) + closing * len(back)
    total = np.bincount(row, sizes, len(counts)).astype(np.int64)
    faults = np.where(total > width, TextFault.TOO_LONG, TextFault.NONE).astype(np.uint8)
    faults[row[wide & (double == NO_CODE)]] = TextFault.UNMAPPED
    ahead = np.cumsum(sizes) - sizes
    first = ahead - np.repeat((np.cumsum(total) - total), counts)
    good = faults[row] == 0
    matrix = np.full((len(counts), width), blank, np.uint8)

    def put(mask: npt.NDArray[np.bool_], offset: Ints, byte: npt.NDArray[Any] | int) -> None:
        some = mask & good
        matrix[row[some], (first + offset)[some]] = byte if isinstance(byte, int) else byte[some]

    shifted = shift_in * len(into) + shift_out * len(back)
    for n, byte in enumerate(into):
        put(shift_in, np.full(len(row), n), byte)
    for n, byte in enumerate(back):
        put(shift_out, np.full(len(row), n), byte)
        put(closing, shifted + 2 + n, byte)
    put(alone, shifted, single)
    put(wide, shifted, double >> 8)
    put(wide, shifted + 1, double & 0xFF)
    return matrix, faults
