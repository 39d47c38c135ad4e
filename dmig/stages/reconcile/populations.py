"""Who is in the files: records counted once more, keys of all records, and rows that refer to nobody.

The keys are cut out of the bytes of the legacy file by themselves, whatever else stands in a record, so that a record
that was never read, or was read as something else, is missed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl

from dmig.stages.reconcile.reread import NEWLINE, QUOTE, WINDOW_BYTES

Keys = npt.NDArray[np.bytes_]

#: So many bytes of each record are looked at first; four times as many of those whose key stands further behind.
NEAR_BYTES, MOST_BYTES = 32, 1 << 20
#: What is longer is no key, but the rest of a broken file.
KEY_BYTES = 256
SPACE, RETURN, LAST_ASCII, END_MARK = 0x20, 0x0D, 0x7E, b"\x1a"
#: So many records are cut at once, and about so many keys are held more than once or looked up at once.
BATCH, KEYS_AT_ONCE = 32_768, 500_000
#: What looking for doubled keys may hold before it spills.
SETTINGS = {"memory_limit": "300MB", "threads": 1}


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


@dataclass(slots=True)
class Counted:
    """The records of a file and the distinct keys in them."""

    records: int
    keys: pl.Series


def count_records(file: KeyFile) -> Counted:
    """All records of a file by its line ends, and their keys; a last record may lack its line end."""
    records = 0

    def keys() -> Iterator[pl.Series]:
        nonlocal records
        for window, starts, _ in windows(file):
            records += starts.size
            if starts.size:
                yield _distinct(cut_cells(window, starts, file))

    found = _gathered(keys())
    return Counted(records, found)


def _gathered(pieces: Iterable[pl.Series]) -> pl.Series:
    """Distinct keys of many pieces; doubles are let go again and again."""
    held = pl.Series("key", [], dtype=pl.String)
    waiting: list[pl.Series] = []
    for piece in pieces:
        waiting.append(piece.alias("key"))
        if sum(each.len() for each in waiting) > KEYS_AT_ONCE:
            held, waiting = pl.concat([held, *waiting]).unique(), []
    return pl.concat([held, *waiting]).unique()


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
    """The cell of each record at a place, or at the file's own; some thousand records at a time."""
    asked = file if place < 0 else replace(file, place=place)
    batches = [starts[at : at + BATCH] for at in range(0, starts.size, BATCH)]
    found = [_cut(window, batch, asked, NEAR_BYTES) for batch in batches]
    return np.concatenate(found) if found else np.zeros(0, "S1")


def _distinct(keys: Keys) -> pl.Series:
    """Distinct keys as texts."""
    texts = pl.Series("key", np.unique(keys).tolist(), dtype=pl.Binary).cast(pl.String)
    bare = texts.str.strip_chars(" ").drop_nulls().unique()
    return bare.filter(bare != "")


def published_keys(parts: Sequence[Path], item: str) -> pl.Series:
    """Distinct values of an item in published Parquet."""
    return _gathered(pl.read_parquet(part, columns=[item])[item].unique().drop_nulls() for part in parts)


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
    rows = 0

    def values() -> Iterator[pl.Series]:
        nonlocal rows
        for part in parts:
            found = pl.read_parquet(part, columns=[item])[item].drop_nulls()
            rows += found.len()
            yield found.unique()

    distinct = _gathered(values())
    return rows, _only(distinct, others)
