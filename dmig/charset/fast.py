"""Decoding of texts by a compiled loop, where the extra `fast` (numba) is installed; byte-equal to the numpy kernels.

One pass over the bytes of a cell with the shift state at hand, straight into the UTF-8 of an Arrow array.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from importlib import import_module, util
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dmig.charset.nouns import Charset, Faults, Kind, Shifts, Table, TextFault, TextFinding, Trim

Bytes = npt.NDArray[np.uint8]
Decoded = tuple[pa.Array, Faults, Faults]
#: Most bytes of a character, and of what a byte of a cell can become: three of a kana, or eight of two bytes.
_MOST, _GROWTH, _GROWTH_WIDE = 8, 3, 4
#: Where double-byte codes begin in the tables.
_WIDE_FROM = 256
#: In a table of lengths: no such code.
_NONE = 255


def is_available() -> bool:
    """Whether the extra is installed."""
    return util.find_spec("numba") is not None


def decode_fast(charset: Charset, cells: Bytes, trim: Trim, *, double: bool) -> Decoded:
    """As `decode_text` or, with `double`, `decode_double`."""
    double = double or charset.kind is Kind.DOUBLE
    if double and cells.shape[1] % 2:
        count = len(cells)
        faults = np.full(count, TextFault.HALF_CODE, np.uint8)
        return pa.nulls(count, pa.string()), faults, np.zeros(count, np.uint8)
    mixed = not double and charset.shifts is not None and charset.double is not None
    half = charset.double if double else charset.single
    tables = _letters(charset.single, charset.double, charset.shifts if mixed else None)
    growth = _GROWTH_WIDE if double or mixed else _GROWTH
    out = np.empty(cells.size * growth + _MOST, np.uint8)
    offsets = np.zeros(len(cells) + 1, np.int32)
    faults, findings = np.zeros(len(cells), np.uint8), np.zeros(len(cells), np.uint8)
    one_width, both = _compiled()
    ends = (trim.left, trim.right, out, offsets, faults)
    # The short loop takes a shift for a byte without a character; where it met none of these it has done the work.
    one_width(cells, *tables[:2], half.blank if half else 0, 2 if double else 1, *ends)
    if mixed and faults.any():
        faults[:] = 0
        both(cells, tables[0], tables[3], tables[2], _shifts(charset.shifts), *ends, findings)
    valid = pa.array(faults == 0).buffers()[1] if faults.any() else None
    text = out[: int(offsets[-1])].tobytes()
    made = pa.Array.from_buffers(pa.string(), len(cells), [valid, pa.py_buffer(offsets), pa.py_buffer(text)])
    return made, faults, findings


@lru_cache(maxsize=64)
def _letters(single: Table | None, double: Table | None, shifts: Shifts | None) -> tuple[Bytes, Bytes, Bytes, Bytes]:
    """By code, single bytes first and double-byte codes behind them: UTF-8, its length, whether it is a space, and the length
    again; in the first of both lengths a byte that begins a shift has no character.
    """
    size = _WIDE_FROM + (1 << 16)
    letters, lengths = np.zeros((size, _MOST), np.uint8), np.full(size, _NONE, np.uint8)
    blanks = np.zeros(size, np.uint8)
    for table, first in ((single, 0), (double, _WIDE_FROM)):
        for code, text in (table.codes if table else {}).items():
            own = np.frombuffer(text.encode(), np.uint8)
            letters[first + code, : len(own)], lengths[first + code] = own, len(own)
            blanks[first + code] = text in " \u3000"
    alone = lengths.copy()
    for mark in () if shifts is None else (*shifts.to_double, shifts.to_single):
        alone[mark[0]] = _NONE
    return letters, alone, blanks, lengths


@lru_cache(maxsize=64)
def _shifts(shifts: Shifts | None) -> Bytes:
    """By a byte and the one behind it (256 at the end of a cell): 0, or the length of a shift, 4 more to double bytes."""
    marks = np.zeros((256, 257), np.uint8)
    found = [] if shifts is None else [*((mark, 4) for mark in shifts.to_double), (shifts.to_single, 0)]
    for mark, wide in found:
        if len(mark) == 1:
            marks[mark[0], :] = 1 + wide
        else:
            marks[mark[0], mark[1]] = len(mark) + wide
    return marks


@cache
def _compiled() -> tuple[Callable[..., None], Callable[..., None]]:
    """Both loops, compiled once and kept beside the program where that folder may be written."""
    numba: Any = import_module("numba")
    kinds = numba.types
    # Slices of records as well as whole arrays, also those that may not be written.
    cells = kinds.Array(kinds.uint8, 2, "A", readonly=True)
    flat, table, flag = kinds.uint8[::1], kinds.uint8[:, ::1], kinds.boolean
    ends = (flag, flag, flat, kinds.int32[::1], flat)
    one = kinds.void(cells, table, flat, kinds.int64, kinds.int64, *ends)
    both = kinds.void(cells, table, flat, flat, table, *ends, flat)
    return (
        numba.njit(one, cache=True, nogil=True)(_of_one_width),
        numba.njit(both, cache=True, nogil=True)(_of_both),
    )


_UNMAPPED, _HALF = int(TextFault.UNMAPPED), int(TextFault.HALF_CODE)
_UNCLOSED, _STRAY = int(TextFinding.UNCLOSED), int(TextFinding.STRAY_SHIFT)

# The loops call nothing: handing arrays to a function costs more than a character does.


def _of_one_width(
    cells: Bytes, letters: Bytes, sizes: Bytes, blank: int, step: int, left: bool, right: bool, out: Bytes,
    offsets: npt.NDArray[np.int32], faults: Bytes,
) -> None:  # fmt: skip
    """Cells of codes of `step` bytes. Four bytes of a character are always written: the next one goes over what is too much."""
    at, shift = np.int64(0), np.int64(8 * (step - 1))
    for row in range(cells.shape[0]):
        begin, first, last = at, 0, cells.shape[1] - step
        while (
            right and last >= 0 and np.int64(cells[row, last]) << shift | np.int64(cells[row, last + step - 1]) == blank
        ):
            last -= step
        while (
            left
            and first <= last
            and np.int64(cells[row, first]) << shift | np.int64(cells[row, first + step - 1]) == blank
        ):
            first += step
        for place in range(first, last + 1, step):
            code = np.int64(cells[row, place])
            if step == 2:
                code = _WIDE_FROM + (code << 8 | np.int64(cells[row, place + 1]))
            size = np.int64(sizes[code])
            if size == _NONE:
                faults[row], at = _UNMAPPED, begin
                break
            for n in range(4):
                out[at + n] = letters[code, n]
            for n in range(4, size):
                out[at + n] = letters[code, n]
            at += size
        offsets[row + 1] = at


def _of_both(
    cells: Bytes, letters: Bytes, sizes: Bytes, blanks: Bytes, marks: Bytes, left: bool, right: bool, out: Bytes,
    offsets: npt.NDArray[np.int32], faults: Bytes, findings: Bytes,
) -> None:  # fmt: skip
    """Cells of codes of one and of two bytes, told apart by shifts; half a code is a fault, also in front of a shift."""
    at, width = np.int64(0), cells.shape[1]
    for row in range(cells.shape[0]):
        begin, kept, started, double, half, stray, place = at, at, not left, False, False, False, np.int64(0)
        while place < width:
            first = np.int64(cells[row, place])
            second = np.int64(cells[row, place + 1]) if place + 1 < width else np.int64(256)
            mark = np.int64(marks[first, second])
            if mark:
                stray = stray or bool(mark > 4) == double
                double = bool(mark > 4)
                place += mark & 3
                continue
            if double:
                third = np.int64(cells[row, place + 2]) if place + 2 < width else np.int64(256)
                if second > 255 or marks[second, third]:
                    half, place = True, place + 1
                    continue
            code = _WIDE_FROM + (first << 8 | second) if double else first
            place += 2 if double else 1
            size = np.int64(sizes[code])
            if size == _NONE:
                faults[row] = _UNMAPPED
            elif started or not blanks[code]:
                started = True
                for n in range(4):
                    out[at + n] = letters[code, n]
                for n in range(4, size):
                    out[at + n] = letters[code, n]
                at += size
                kept = kept if blanks[code] else at
        if half and not faults[row]:
            faults[row] = _HALF
        findings[row] = 0 if faults[row] else (_UNCLOSED if double else (_STRAY if stray else 0))
        at = begin if faults[row] else (kept if right else at)
        offsets[row + 1] = at
