"""Which codes occur in bytes of a character set."""

from __future__ import annotations

from collections import Counter

import numpy as np

from dmig.charset.nouns import Bytes, Charset, Kind


def count_codes(charset: Charset, cells: Bytes, counts: Counter[tuple[int, int]], double: bool = False) -> bool:
    """Count (width, code) of cells (n, bytes), each beginning in the same shift state; gives the state behind the last.

    Walks from shift to shift, so a long run costs no more than a short one.
    """
    if charset.shifts is None:
        _count(np.ascontiguousarray(cells).reshape(-1), charset.kind is Kind.DOUBLE, counts)
        return charset.kind is Kind.DOUBLE
    state = double
    for row in cells:
        state = _walk(charset, row.tobytes(), double, counts)
    return state


def _walk(charset: Charset, data: bytes, double: bool, counts: Counter[tuple[int, int]]) -> bool:
    place, shifts = 0, charset.shifts
    while shifts is not None and place < len(data):
        marks = (shifts.to_single,) if double else shifts.to_double
        hits = [(at, mark) for mark in marks if (at := data.find(mark, place)) >= 0]
        at, mark = min(hits, default=(len(data), b""))
        _count(np.frombuffer(data[place:at], np.uint8), double, counts)
        place = at + len(mark)
        double = double != bool(mark)
    return double


def _count(run: Bytes, double: bool, counts: Counter[tuple[int, int]]) -> None:
    codes = run.astype(np.int64)
    width = 1
    if double:
        codes, width = codes[: len(run) // 2 * 2].reshape(-1, 2) @ np.array([256, 1]), 2
    for code, count in zip(*(part.tolist() for part in np.unique(codes, return_counts=True)), strict=True):
        counts[width, code] += count
