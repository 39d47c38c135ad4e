"""Where the records of a host file are, found a second time: word by word from the front, by nobody else's code.

What is broken is passed over to where four lengths lead on, or to the end; the reader of a run says the same of it in its
own way, and both are held against each other by counting.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dmig.model.host import RecordFormat, RecordRules

Pieces = tuple[tuple[int, int], ...]
#: Where a record begins, control words included, and the runs of bytes that are its own.
Found = tuple[int, Pieces]
#: The bytes of a thing that begins at a place and must end by another; 0 where none can.
Size = Callable[[int, int], int]
WORD, FOLLOWING, NEWLINE = 4, 4, b"\n"
#: So many bytes of a file are held at a time.
WINDOW_BYTES = 1 << 20
EXTENDED, MOST_BLOCK_BYTES = 0x80000000, 1 << 24
WHOLE, FIRST, LAST, MIDDLE = range(4)


class Window:
    """The bytes of a file by their place; a stretch of them is held, never the whole."""

    def __init__(self, path: Path) -> None:
        self._source = path.open("rb", buffering=0)
        self.size = os.fstat(self._source.fileno()).st_size
        self._start, self._held = 0, b""

    def __getitem__(self, wanted: slice) -> bytes:
        first, end = int(wanted.start), int(wanted.stop)
        at = first - self._start
        if at < 0 or end - self._start > len(self._held):
            if first >= self.size:
                return b""
            self._start, at = first, 0
            self._held = os.pread(self._source.fileno(), max(WINDOW_BYTES, end - first), first)
        return self._held[at : at + end - first]

    def find(self, mark: bytes, begin: int, end: int) -> int:
        """Where a mark stands between two bytes; -1 where it does not."""
        while begin < end:
            piece = self[begin : min(begin + WINDOW_BYTES, end)]
            if (at := piece.find(mark)) >= 0:
                return begin + at
            begin += len(piece)
        return -1

    def close(self) -> None:
        """Give the file back."""
        self._source.close()


class HostRecords:
    """All records of one file: `starts` (n, ascending), and where the bytes of each are. The bytes are read when asked for."""

    def __init__(self, path: Path, rules: RecordRules) -> None:
        self._path, places = path, array("q")
        #: Records that lie in several segments, by their place.
        self._several: dict[int, Pieces] = {}
        window = Window(path)
        begin = min(rules.skip_bytes, window.size)
        for start, pieces in _Walk(window, rules).records(begin, max(window.size - rules.tail_bytes, begin)):
            if len(pieces) > 1:
                self._several[len(places) // 3] = pieces
            places.extend((start, pieces[0][0], pieces[-1][1]))
        window.close()
        table = np.frombuffer(places, np.int64).reshape(-1, 3)
        self.starts, self._begins, self._ends = (np.ascontiguousarray(column) for column in table.T)

    def __len__(self) -> int:
        return len(self.starts)

    def bodies(self, places: Sequence[int]) -> list[bytes]:
        """The own bytes of some records, by their places among all; of -1 none. Ascending places are read in one sweep."""
        window = Window(self._path)
        begins, ends = self._begins, self._ends
        found = []
        for at in places:
            if at < 0:
                found.append(b"")
            elif at in self._several:
                found.append(b"".join(window[a:b] for a, b in self._several[at]))
            else:
                found.append(window[int(begins[at]) : int(ends[at])])
        window.close()
        return found

    def places(self, offsets: npt.NDArray[np.int64]) -> list[int]:
        """Places of the records that begin at some bytes; -1 where none does."""
        at = np.searchsorted(self.starts, offsets)
        near = np.minimum(at, max(len(self.starts) - 1, 0))
        there = self.starts[near] == offsets if len(self.starts) else np.zeros(len(offsets), np.bool_)
        return [int(place) for place in np.where(there, near, -1)]


@lru_cache(maxsize=2)
def host_records(path: Path, rules: RecordRules, size_bytes: int, changed_ns: int) -> HostRecords:
    """The records of a file, found once a process; size and time of change name the file's content."""
    del size_bytes, changed_ns
    return HostRecords(path, rules)


class _Walk:
    """Goes through the bytes of one file."""

    def __init__(self, data: Window, rules: RecordRules) -> None:
        self._data, self._rules = data, rules

    def records(self, begin: int, end: int) -> Iterator[Found]:
        """All records between two bytes, in order."""
        form = self._rules.format
        if form.is_fixed:
            size = self._rules.record_bytes
            yield from ((at, ((at, at + size),)) for at in range(begin, end - size + 1, size))
        elif form is RecordFormat.DELIMITED:
            yield from self._lines(begin, end)
        else:
            found = self._words(begin, end)
            yield from (
                self._joined(found) if form.is_spanned else ((start, ((at, stop),)) for start, at, stop, _ in found)
            )

    def _lines(self, begin: int, end: int) -> Iterator[Found]:
        while begin < end:
            at = self._data.find(NEWLINE, begin, end)
            stop = end if at < 0 else at
            if stop - begin <= self._rules.most_bytes:
                yield begin, ((begin, stop),)
            begin = stop + 1

    def _words(self, begin: int, end: int) -> Iterator[tuple[int, int, int, int]]:
        """Records or segments: where they begin with all words before them, their own bytes, their kind.

        -1 as kind: something was passed over before it.
        """
        if not self._rules.format.is_blocked:
            for start, size, _ in self._chain(begin, end, self._record):
                yield start, start + WORD, start + size, self._data[start + 2 : start + 3][0]
            return
        for block, size, _ in self._chain(begin, end, self._block):
            start = block
            for at, own, skipped in self._chain(block + WORD, block + size, self._record):
                start = at if skipped else start
                yield start, at + WORD, at + own, self._data[at + 2 : at + 3][0]
                start = at + own

    def _chain(self, at: int, end: int, size: Size) -> Iterator[tuple[int, int, bool]]:
        """Things whose lengths lead from one to the next, and whether bytes were passed over before each."""
        skipped = False
        while at < end:
            own = size(at, end)
            if own:
                yield at, own, skipped
                at, skipped = at + own, False
                continue
            at, skipped = at + 1, True
            while at < end and not self._leads_on(at, end, size):
                at += 1

    def _leads_on(self, at: int, end: int, size: Size) -> bool:
        for _ in range(FOLLOWING):
            if at == end:
                return True
            own = size(at, end)
            if not own:
                return False
            at += own
        return True

    def _record(self, at: int, end: int) -> int:
        word, rules = self._data[at : at + WORD], self._rules
        kind = word[2] if len(word) == WORD and rules.format.is_spanned else 0
        halves = bytes(word) if rules.big_endian else bytes((word[1], word[0], *word[2:])) if len(word) == WORD else b""
        if not rules.big_endian and len(word) == WORD and not rules.format.is_spanned and word[0] == word[1] == 0:
            halves = bytes(word)[::-1]
        if len(halves) < WORD or halves[3] or kind > MIDDLE or (halves[2] and not kind):
            return 0
        size = int.from_bytes(halves[:2], "big") + (0 if rules.includes_itself else WORD)
        least = 0 if rules.format.is_spanned else rules.least_bytes
        return size if WORD + least <= size <= WORD + rules.most_bytes and at + size <= end else 0

    def _block(self, at: int, end: int) -> int:
        word, rules = self._data[at : at + WORD], self._rules
        if len(word) < WORD:
            return 0
        whole = int.from_bytes(word, "big" if rules.big_endian else "little")
        if whole & EXTENDED:
            size = whole - EXTENDED
        elif not rules.big_endian and whole < 1 << 16:
            size = whole
        else:
            size = 0 if whole & 0xFFFF else whole >> 16
        size += WORD if size and not rules.block_includes_itself else 0
        if not 2 * WORD < size <= MOST_BLOCK_BYTES or at + size > end:
            return 0
        return size if self._record(at + WORD, at + size) else 0

    def _joined(self, segments: Iterator[tuple[int, int, int, int]]) -> Iterator[Found]:
        """Segments to records; those without the others are no record."""
        begin, held, ends = 0, list[tuple[int, int]](), 0
        for start, at, stop, kind in segments:
            if held and start != ends:
                held = []
            if kind == WHOLE:
                yield start, ((at, stop),)
                held = []
            elif kind == FIRST:
                begin, held = start, [(at, stop)]
            elif held:
                held.append((at, stop))
                if kind == LAST:
                    yield begin, tuple(held)
                    held = []
            ends = stop
