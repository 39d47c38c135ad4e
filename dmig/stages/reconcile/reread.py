"""A second, deliberately simple reading of legacy and published CSV: records by byte range, cells by another parser.

It shares nothing with the reader and writer of a run: records are found by line ends outside quotes, texts decoded
leniently (what the charset does not know becomes U+FFFD, which no comparison passes), cells cut by Arrow's parser.
"""

from __future__ import annotations

import csv as lines
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv

Positions = npt.NDArray[np.int64]

#: Files are scanned in windows of this many bytes.
WINDOW_BYTES = 16 << 20
#: Records that are further apart than this on average are read one by one, each by a piece of so many bytes at first.
FAR_APART, PIECE_BYTES = 4096, 2048
#: A record is at most this long.
MAX_RECORD_BYTES = 1 << 20
NEWLINE, QUOTE = 0x0A, 0x22
#: Cells as distinct texts and codes: a register repeats itself.
TEXTS = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True, slots=True)
class Form:
    """How a file of records is read again: character set, delimiter, number of cells, and which are wanted.

    Blank cells of a legacy file are empty texts; of a published file (`blank_is_null`) they are null.
    """

    charset: str
    delimiter: str
    width: int
    wanted: tuple[int, ...]
    blank_is_null: bool = False

    def cells_at(self, path: Path, offsets: Positions) -> pa.Table:
        """Cells of the records that begin at the given bytes (ascending)."""
        return _parsed(_records(path, offsets), self)

    def keyed(self, path: Path, places: Sequence[int]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Where each line begins, and some of its first cells, which are cut by hand; a line without them is left out."""
        last, delimiter, offset = max(places), self.delimiter.encode(), 0
        with path.open("rb") as source:
            for line in source:
                cells = line.rstrip(b"\r\n").split(delimiter, last + 1)
                if any(b'"' in cell for cell in cells[: last + 1]):
                    cells = self._cut(line)
                if len(cells) > last:
                    yield offset, tuple(cells[place].decode(self.charset, errors="replace") for place in places)
                offset += len(line)

    def _cut(self, line: bytes) -> list[bytes]:
        """The cells of a line with quotes; a quoted cell may end on a later line."""
        text = line.rstrip(b"\r\n").decode(self.charset, errors="replace")
        cells = next(lines.reader([text], delimiter=self.delimiter), [])
        return [cell.encode(self.charset, errors="replace") for cell in cells]


def record_ends(path: Path, start: int) -> Iterator[Positions]:
    """Ends (exclusive) of the records of a file from a byte on, window by window: line ends outside quotes."""
    inside = 0
    with path.open("rb") as source:
        source.seek(start)
        while piece := source.read(WINDOW_BYTES):
            window = np.frombuffer(piece, np.uint8)
            newlines, quotes = np.flatnonzero(window == NEWLINE), np.flatnonzero(window == QUOTE)
            even = (np.searchsorted(quotes, newlines) + inside) % 2 == 0
            yield newlines[even] + start + 1
            inside += quotes.size
            start += window.size


def cut(path: Path, start: int, heights: Sequence[int]) -> tuple[list[int], int]:
    """Byte positions that cut the records behind `start` into runs of given numbers, and how many records there are.

    A file with fewer records ends in empty runs; what stands behind the last run belongs to none.
    """
    wanted = np.cumsum([0, *heights])
    places, seen = [start] * len(wanted), 0
    for ends in record_ends(path, start):
        first, last = (
            np.searchsorted(wanted, seen, side="right"),
            np.searchsorted(wanted, seen + ends.size, side="right"),
        )
        for number in range(int(first), int(last)):
            places[number] = int(ends[int(wanted[number]) - seen - 1])
        seen += ends.size
        for number in range(int(last), len(wanted)):
            places[number] = int(ends[-1]) if ends.size else places[number - 1]
    return places, seen


def read_range(path: Path, start: int, end: int, form: Form) -> pa.Table:
    """Cells of all records between two bytes: columns `c0`, `c1`, … for the wanted places."""
    return _parsed(_bytes(path, start, end), form)


def _bytes(path: Path, start: int, end: int) -> bytes:
    with path.open("rb") as source:
        source.seek(start)
        return source.read(end - start)


def _records(path: Path, offsets: Positions) -> bytes:
    """The records that begin at the given bytes, one behind the other; no more is held than they and their window."""
    if not offsets.size:
        return b""
    span = int(offsets[-1] - offsets[0])
    if span > WINDOW_BYTES * 2 and span > offsets.size * FAR_APART:
        return b"".join(_record(path, offsets))
    first = int(offsets[0])
    content = _bytes(path, first, int(offsets[-1]) + MAX_RECORD_BYTES)
    window = np.frombuffer(content, np.uint8)
    starts = offsets - first
    newlines, quotes = np.flatnonzero(window == NEWLINE), np.flatnonzero(window == QUOTE)
    at = np.searchsorted(newlines, starts)
    bounds = np.append(newlines, window.size - 1)
    before = np.searchsorted(quotes, starts)
    while True:
        odd = (np.searchsorted(quotes, bounds[at]) - before) % 2 == 1
        odd &= at < newlines.size
        if not odd.any():
            break
        at = at + odd
    ends = bounds[at] + 1
    gaps = np.flatnonzero(ends[:-1] != starts[1:])
    begins, stops = starts[np.append(0, gaps + 1)], ends[np.append(gaps, -1)]
    return b"".join(content[a:b] for a, b in zip(begins.tolist(), stops.tolist(), strict=True))


def _record(path: Path, offsets: Positions) -> Iterator[bytes]:
    """Records that lie far apart, each read by itself."""
    with path.open("rb", buffering=0) as source:
        for offset in offsets.tolist():
            size = PIECE_BYTES
            while True:
                piece = os.pread(source.fileno(), size, offset)
                end = piece.find(b"\n") + 1
                while end and piece.count(b'"', 0, end) % 2:
                    end = piece.find(b"\n", end) + 1
                if end or len(piece) < size:
                    break
                size *= 4
            yield piece[:end] if end else piece


def _parsed(content: bytes, form: Form) -> pa.Table:
    names = [f"c{number}" for number in range(form.width)]
    wanted = [names[place] for place in form.wanted]
    if not content:
        return pa.table({name: pa.array([], TEXTS) for name in wanted})
    # Of each form of a block only the present one is held.
    text = content if form.charset == "utf-8" else content.decode(form.charset, errors="replace").encode()
    del content
    cells = csv.read_csv(
        pa.py_buffer(text),
        csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=names),
        csv.ParseOptions(delimiter=form.delimiter, newlines_in_values=True, ignore_empty_lines=False),
        csv.ConvertOptions(
            column_types=dict.fromkeys(wanted, pa.string()), include_columns=wanted, null_values=[""],
            strings_can_be_null=form.blank_is_null, quoted_strings_can_be_null=form.blank_is_null, check_utf8=False,
        ),
    )  # fmt: skip
    del text
    columns = [cells.column(name) for name in wanted]
    del cells
    return pa.table({name: columns.pop(0).combine_chunks().dictionary_encode() for name in wanted})


def runs(places: list[int]) -> list[tuple[int, int]]:
    """Positions that cut a file, as runs."""
    return list(pairwise(places))
