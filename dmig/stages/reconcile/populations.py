"""Who is in the files: records counted once more, keys of all records, and rows that refer to nobody.

The keys are cut out of the bytes of the legacy file by themselves, whatever else stands in a record, so that a record
that was never read, or was read as something else, is missed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl

from dmig.stages.reconcile.reread import NEWLINE, QUOTE, WINDOW_BYTES

Keys = npt.NDArray[np.bytes_]

#: So many bytes of each record are looked at first, four times as many of those whose key stands further behind; a cell
#: that begins later than the most is blank here (the rest of a broken file must not be searched for its end).
NEAR_BYTES, MOST_BYTES = 32, 1 << 14
#: What is longer is no key, but the rest of a broken file.
KEY_BYTES = 256
SPACE, RETURN, LAST_ASCII, END_MARK = 0x20, 0x0D, 0x7E, b"\x1a"
#: So many records are cut at once, and about so many keys are held more than once or looked up at once.
BATCH, KEYS_AT_ONCE, PARTS = 32_768, 500_000, 8
#: The first records of a piece tell how far into a record one must look.
SAMPLED = 64
#: What looking for doubled keys may hold before it spills.
SETTINGS = {"memory_limit": "200MB", "threads": 1}


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A legacy file: whether a line of names comes first, its delimiter, and the place (from 0) of the key.

    Where its cells may not hold line breaks, each line is a record, whatever quotes it has.
    """

    path: Path
    header: bool
    delimiter: str
    place: int
    line_breaks: bool = False

    def pieces(self) -> Iterator[CsvPiece]:
        """All records, some at a time."""
        for window, starts, base in windows(self):
            yield CsvPiece(window, starts, base, self)


@dataclass(frozen=True, slots=True)
class CsvPiece:
    """Some whole records: their bytes, where each begins in them, and where they begin in the file."""

    window: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int64]
    base: int
    file: KeyFile

    @property
    def offsets(self) -> npt.NDArray[np.int64]:
        """Where each record begins in the file."""
        return self.starts + self.base

    def cells(self, place: int) -> Keys:
        """The cell of each record at a place."""
        return cut_cells(self.window, self.starts, self.file, place)


class Distinct:
    """Distinct keys of many pieces, held in parts by their hash, so that looking for doubles holds one part at a time."""

    def __init__(self) -> None:
        self._held = [pl.Series("key", [], dtype=pl.String)] * PARTS
        self._waiting: list[list[pl.Series]] = [[] for _ in range(PARTS)]
        self._count = 0

    def add(self, piece: pl.Series) -> None:
        """Some more keys."""
        part = piece.hash() % PARTS
        for at, waiting in enumerate(self._waiting):
            waiting.append(piece.filter(part == at).alias("key"))
        self._count += piece.len()
        if self._count > KEYS_AT_ONCE:
            self._settle()

    def _settle(self) -> None:
        for at, waiting in enumerate(self._waiting):
            self._held[at] = pl.concat([self._held[at], *waiting]).unique()
        self._waiting, self._count = [[] for _ in range(PARTS)], 0

    def keys(self) -> pl.Series:
        """All distinct ones so far."""
        self._settle()
        return pl.concat(self._held)


def windows(file: KeyFile) -> Iterator[tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], int]]:
    """The file in pieces of whole records: where each record begins in its piece, and where the piece does."""
    rest, base, header = b"", 0, file.header
    with file.path.open("rb") as source:
        while True:
            read = source.read(WINDOW_BYTES)
            piece = rest + read if read else rest.removesuffix(END_MARK)
            window = np.frombuffer(piece, np.uint8)
            ends = _ends(window, file.line_breaks)
            last = int(ends[-1]) if read and ends.size else 0 if read else window.size
            starts = np.concatenate([np.zeros(1, np.int64), ends])
            starts = starts[starts < last]
            if last:
                yield window[:last], starts[1:] if header else starts, base
                header = False
            if not read:
                return
            rest, base = piece[last:], base + last


def _ends(window: npt.NDArray[np.uint8], line_breaks: bool) -> npt.NDArray[np.int64]:
    """Behind each line end, or each outside quotes; a piece begins outside."""
    if not line_breaks:
        return np.flatnonzero(window == NEWLINE) + 1
    newlines, quotes = np.flatnonzero(window == NEWLINE), np.flatnonzero(window == QUOTE)
    even: npt.NDArray[np.int64] = newlines[np.searchsorted(quotes, newlines) % 2 == 0] + 1
    return even


def _cut(window: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], file: KeyFile, near: int) -> Keys:
    """The key of each record (blank if it is no ASCII), without quotes around it, filled up with spaces; so `near` its begin."""
    begin = _begins(window, starts, near)
    inside = np.cumsum(begin == QUOTE, axis=1, dtype=np.uint16) & 1 == 1
    stops = ((begin == ord(file.delimiter)) | (begin == NEWLINE) | (begin == RETURN)) & ~inside
    # How many cells end before or at a byte: a delimiter is counted with the cell behind it, and is no part of it.
    passed = np.cumsum(stops, axis=1, dtype=np.uint16)
    own = (passed == file.place) & ~stops
    lengths = np.count_nonzero(own, axis=1)
    own[lengths > KEY_BYTES] = False
    bare = np.where(own & (begin != QUOTE), begin, SPACE).astype(np.uint8)
    first = np.argmax(own, axis=1)
    size = max(1, min(KEY_BYTES, int(lengths.max(initial=1))))
    bare = np.concatenate([bare, np.full((bare.shape[0], size), SPACE, np.uint8)], axis=1)
    cells = np.take_along_axis(bare, first[:, None] + np.arange(size), axis=1)
    cells[(cells > LAST_ASCII).any(axis=1)] = SPACE
    keys: Keys = np.ascontiguousarray(cells).view(f"S{size}")[:, 0]
    far = np.flatnonzero(passed[:, -1] <= file.place)
    if far.size and near < MOST_BYTES:
        later = _cut(window, starts[far], file, near * 4)
        keys = keys.astype(max(keys.dtype, later.dtype))
        keys[far] = later
    return keys


def _begins(window: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], near: int) -> npt.NDArray[np.uint8]:
    """The first bytes of each record; behind the end of the piece stand line ends."""
    begins = np.full((starts.size, near), NEWLINE, np.uint8)
    whole = starts <= window.size - near
    if whole.any():
        begins[whole] = np.lib.stride_tricks.sliding_window_view(window, near)[starts[whole]]
    for at in np.flatnonzero(~whole).tolist():
        rest = window[starts[at] : starts[at] + near]
        begins[at, : rest.size] = rest
    return begins


def cut_cells(window: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], file: KeyFile, place: int = -1) -> Keys:
    """The cell of each record at a place, or at the file's own, without quotes around it, filled up with spaces.

    Blank if it is no ASCII, or longer than any key. Records without quotes up to there are cut by their delimiters;
    the others, and those where it is the last cell, byte by byte.
    """
    asked = file if place < 0 else replace(file, place=place)
    begins, stops, plain = _between(window, starts, asked)
    cells = _taken(window, begins[plain], stops[plain])
    rest = np.flatnonzero(~plain)
    if not rest.size:
        return cells
    near = _near(window, starts[rest], asked)
    found = [_cut(window, starts[rest[at : at + BATCH]], asked, near) for at in range(0, rest.size, BATCH)]
    others: Keys = np.concatenate(found)
    keys = np.zeros(starts.size, max(cells.dtype, others.dtype))
    keys[plain], keys[rest] = cells, others
    return keys


def _between(
    window: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], file: KeyFile
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Where the cell of each record begins and stops, and whether counting delimiters is enough to know."""
    delimiters = np.flatnonzero(window == ord(file.delimiter))
    known = np.concatenate([delimiters, np.full(file.place + 1, window.size)])
    first = np.searchsorted(delimiters, starts)
    begins = starts if file.place == 0 else known[first + file.place - 1] + 1
    stops = known[first + file.place]
    quotes = np.flatnonzero(window == QUOTE)
    quoted = np.searchsorted(quotes, stops) > np.searchsorted(quotes, starts)
    ends = np.append(starts[1:], window.size)
    return begins, stops, ~quoted & (stops < ends) & (stops - begins <= KEY_BYTES)


def _taken(window: npt.NDArray[np.uint8], begins: npt.NDArray[np.int64], stops: npt.NDArray[np.int64]) -> Keys:
    """The bytes between two places each, as texts of one length."""
    size = max(1, int((stops - begins).max(initial=1)))
    found = np.full((begins.size, size), SPACE, np.uint8)
    reach, places = np.arange(size), np.arange(0, begins.size, BATCH)
    for at in places.tolist():
        own = slice(at, at + BATCH)
        where = np.minimum(begins[own, None] + reach, window.size - 1)
        inside = reach < (stops[own] - begins[own])[:, None]
        found[own] = np.where(inside, window[where], SPACE)
    found[(found > LAST_ASCII).any(axis=1)] = SPACE
    keys: Keys = np.ascontiguousarray(found).view(f"S{size}")[:, 0]
    return keys


def _near(window: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], file: KeyFile) -> int:
    """How many bytes to look at first, by where the cell ends in the first records."""
    most = NEAR_BYTES
    for at in starts[:SAMPLED].tolist():
        head = window[at : at + MOST_BYTES].tobytes().partition(b"\n")[0]
        cells = head.split(file.delimiter.encode("ascii"), file.place + 1)
        most = max(most, len(head) - len(cells[-1]) if len(cells) > file.place + 1 else len(head))
    return most + NEAR_BYTES // 2


def distinct_keys(cells: Keys) -> pl.Series:
    """Distinct filled cells as texts."""
    texts = pl.Series("key", np.unique(cells).tolist(), dtype=pl.Binary).cast(pl.String)
    bare = texts.str.strip_chars(" ").drop_nulls().unique()
    return bare.filter(bare != "")


def published_keys(parts: Sequence[Path], item: str) -> pl.Series:
    """Distinct values of an item in published Parquet."""
    found = Distinct()
    for part in parts:
        found.add(pl.read_parquet(part, columns=[item])[item].unique().drop_nulls())
    return found.keys()


@dataclass(frozen=True, slots=True)
class KeyLine:
    """How the keys of the source stand to those of the target."""

    source: int
    target: int
    missing: int
    extra: int


def stand(source: pl.Series, target: pl.Series) -> KeyLine:
    """Keys that only one side has."""
    return KeyLine(source.len(), target.len(), _only(source, target), _only(target, source))


def _only(keys: pl.Series, others: pl.Series) -> int:
    """How many of some distinct keys are not among others; a part of both at a time."""
    parts = max(1, -(-max(keys.len(), others.len()) // KEYS_AT_ONCE))
    if parts == 1:
        return keys.to_frame("key").join(others.to_frame("key"), on="key", how="anti").height
    own, there = (series.hash() % parts for series in (keys, others))
    return sum(
        keys.filter(own == at)
        .to_frame("key")
        .join(others.filter(there == at).to_frame("key"), on="key", how="anti")
        .height
        for at in range(parts)
    )


def doubled_keys(parts: Sequence[Path], keys: Sequence[str], spill: Path) -> int:
    """Primary keys that stand more than once in published Parquet."""
    if not parts:
        return 0
    with duckdb.connect(config=SETTINGS | {"temp_directory": str(spill)}) as connection:
        connection.execute("set enable_progress_bar = false")
        names = ", ".join('"' + key.replace('"', '""') + '"' for key in keys)
        # Identifiers are quoted; the files are a parameter.
        inner = f"select 1 from read_parquet($files) group by {names} having count(*) > 1"  # noqa: S608
        asked = f"select count(*) from ({inner})"  # noqa: S608
        row = connection.execute(asked, {"files": [str(part) for part in parts]}).fetchone()
    return int(row[0]) if row else 0


def dangling(parts: Sequence[Path], item: str, others: pl.Series) -> tuple[int, int]:
    """Rows with a reference, and distinct values among them that the other group does not have."""
    rows, distinct = 0, Distinct()
    for part in parts:
        values = pl.read_parquet(part, columns=[item])[item].drop_nulls()
        rows += values.len()
        distinct.add(values.unique())
    return rows, _only(distinct.keys(), others)
