"""A second, deliberately simple reading of legacy CSV: by byte offset, cell by counted delimiters.

It shares nothing with the reader of a run. Records without quotes are cut by the positions of delimiters; the few
with quotes go through the standard library's parser one by one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Positions = npt.NDArray[np.int64]

#: Records are read again in runs of about this many bytes.
WINDOW_BYTES = 32 << 20
COMMA, NEWLINE, RETURN, QUOTE = 0x2C, 0x0A, 0x0D, 0x22


def read_source_items(path: Path, charset: str, places: Sequence[int], offsets: Sequence[int]) -> Iterator[pa.Table]:
    """Cells at the given places (0 = first) of the records that begin at the given byte offsets (ascending).

    Tables with columns `c0`, `c1`, … in the order of `places` and `offset_bytes`. A record too short for a place
    gives a null there; bytes that the charset does not know are replaced, which no comparison passes.
    """
    starts = np.asarray(offsets, np.int64)
    size = path.stat().st_size
    with path.open("rb") as source:
        first = 0
        while first < starts.size:
            limit = int(starts[first]) + WINDOW_BYTES
            after = int(np.searchsorted(starts, limit))
            end = int(starts[after]) if after < starts.size else size
            source.seek(int(starts[first]))
            window = np.frombuffer(source.read(end - int(starts[first])), np.uint8)
            yield _cells(window, starts[first:after] - starts[first], charset, places, int(starts[first]))
            first = after


def _cells(
    window: npt.NDArray[np.uint8], starts: Positions, charset: str, places: Sequence[int], base: int
) -> pa.Table:
    newlines = np.append(np.flatnonzero(window == NEWLINE), window.size)
    ends = newlines[np.searchsorted(newlines, starts)]
    ends = ends - ((ends > starts) & (window[ends - 1] == RETURN))
    commas = np.flatnonzero(window == COMMA)
    first, last = np.searchsorted(commas, starts), np.searchsorted(commas, ends)
    quotes = np.flatnonzero(window == QUOTE)
    quoted = np.flatnonzero(np.searchsorted(quotes, starts) != np.searchsorted(quotes, ends))
    slow = {int(n): _parsed(window, int(starts[n]), charset) for n in quoted}
    columns = {}
    for number, place in enumerate(places):
        there = (last - first) >= place
        begin = starts if place == 0 else np.where(there, commas.take(first + place - 1, mode="clip") + 1, starts)
        stop = np.where((last - first) > place, commas.take(first + place, mode="clip"), ends)
        stop = np.where(there, stop, begin)
        texts = _texts(window, begin, stop, charset)
        for n, cells in slow.items():
            texts[n] = cells[place] if place < len(cells) else None
        columns[f"c{number}"] = pa.array(
            [text if here else None for text, here in zip(texts, there | np.isin(np.arange(starts.size), quoted),
                                                          strict=True)], pa.string()
        )  # fmt: skip
    return pa.table({**columns, "offset_bytes": pa.array(starts + base, pa.uint64())})


def _texts(window: npt.NDArray[np.uint8], begin: Positions, stop: Positions, charset: str) -> list[str | None]:
    """The texts of many slices: gathered into one run of bytes with line ends between, decoded once, cut again."""
    lengths = stop - begin
    bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths + 1)))
    gathered = np.full(int(bounds[-1]), NEWLINE, np.uint8)
    within = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    gathered[np.repeat(bounds[:-1], lengths) + within] = window[np.repeat(begin, lengths) + within]
    texts: list[str | None] = list(gathered.tobytes().decode(charset, errors="replace").split("\n")[:-1])
    return texts


def _parsed(window: npt.NDArray[np.uint8], start: int, charset: str) -> list[str]:
    """One record with quotes, joined over line breaks inside them."""
    content = window[start : start + (1 << 20)].tobytes()
    end = content.find(b"\n")
    while end >= 0 and content[:end].count(b'"') % 2:
        end = content.find(b"\n", end + 1)
    line = content if end < 0 else content[:end]
    return next(csv.reader(io.StringIO(line.decode(charset, errors="replace"), newline="")), [])
