"""Where records begin and end, format by format; a broken chain of lengths is found again where the format allows.

A cutter is handed the bytes of a file in order, as far as they are read, and gives the records that are certain; which
those are does not depend on how the bytes were handed over. Every byte belongs to one record or one run of lost bytes,
control words included.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

import numpy as np
import numpy.typing as npt

Offsets = npt.NDArray[np.int64]
#: Bytes of a descriptor word of a record, segment or block.
WORD = 4
#: Lengths that must follow one another before a broken chain counts as found again.
CHAIN = 4


class CutFault(IntEnum):
    """Why a run of bytes is no record."""

    NONE = 0
    SHORT = 1  # the file ends inside it
    LOST = 2  # no record can begin here: skipped to where records go on
    TOO_LONG = 3  # longer than records may be
    OUT_OF_TURN = 4  # segments of a spanned record without the others


@dataclass(slots=True)
class Cut:
    """Records in order, offsets from the start of the file, one row each in `rows`.

    A row is (start, end, lead, trail, fault): bytes [start, end) with control words, the record itself is
    [start + lead, end - trail). Each row begins where the one before it ended, so no byte is without an owner. A spanned
    record in several segments has them in `pieces`, by its place in `rows`. `place`: where the next row begins.
    """

    place: int = 0
    rows: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    pieces: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def add(self, first: int, end: int, trail: int = 0, fault: CutFault = CutFault.NONE) -> None:
        """One more record, whose own bytes begin at `first`; what stands before it since the last one is its lead."""
        self.rows.append((self.place, end, first - self.place, trail, int(fault)))
        self.place = end

    def table(self) -> Offsets:
        """The rows as one array (n, 5)."""
        return np.array(self.rows, np.int64).reshape(-1, 5)


class Cutter(Protocol):
    """Cuts the bytes of one file."""

    def cut(self, held: bytes, base: int, final: bool, found: Cut) -> int:
        """Add the records that are certain in `held`, which begins at byte `base` of the file; gives the bytes used up.

        `final`: nothing follows, so everything is used up.
        """


class FixedCutter:
    """Records of one length."""

    def __init__(self, record_bytes: int) -> None:
        self._size = record_bytes

    def cut(self, held: bytes, base: int, final: bool, found: Cut) -> int:
        """See `Cutter`."""
        size, place = self._size, 0
        while place + size <= len(held):
            found.add(base + place, base + place + size)
            place += size
        if final and place < len(held):
            found.add(base + place, base + len(held), fault=CutFault.SHORT)
            place = len(held)
        return place


class DelimitedCutter:
    """Records that end with a mark; the last one may lack it."""

    def __init__(self, line_end: bytes, most_bytes: int) -> None:
        self._mark = line_end
        self._most = most_bytes

    def cut(self, held: bytes, base: int, final: bool, found: Cut) -> int:
        """See `Cutter`."""
        place, mark = 0, self._mark
        while (at := held.find(mark, place)) >= 0:
            self._add(base + place, base + at, len(mark), found)
            place = at + len(mark)
        if final and place < len(held):
            self._add(base + place, base + len(held), 0, found)
            place = len(held)
        return place

    def _add(self, start: int, end: int, trail: int, found: Cut) -> None:
        fault = CutFault.TOO_LONG if end - start > self._most else CutFault.NONE
        found.add(start, end + trail, trail, fault)


#: The length, control word included, of the record that begins at a place of some bytes; 0 when none can begin there,
#: -1 when more bytes are needed to tell.
Length = Callable[[bytes, int], int]
#: Takes a record found by its length: bytes held, place and size in them, offset of the first byte held, the cut.
Take = Callable[[bytes, int, int, int, Cut], None]


class ChainCutter:
    """Records, segments or blocks whose lengths lead from one to the next."""

    def __init__(self, length: Length, take: Take) -> None:
        self._length = length
        self._take = take

    def cut(self, held: bytes, base: int, final: bool, found: Cut) -> int:
        """See `Cutter`."""
        place, end, length, take = 0, len(held), self._length, self._take
        while place < end:
            size = length(held, place)
            if size > 0 and place + size <= end:
                take(held, place, size, base, found)
                place += size
                continue
            if size != 0 and not final:
                break
            again = self._found_again(held, place + 1, final)
            if again is None:
                break
            # A last record that its length leads past the end was cut off, unless other records follow inside it.
            short = size != 0 and again == end
            found.add(base + place, base + again, fault=CutFault.SHORT if short else CutFault.LOST)
            place = again
        return place

    def _found_again(self, held: bytes, place: int, final: bool) -> int | None:
        """The next place from which lengths lead on; the end when there is none; None when that cannot be told yet."""
        for candidate in range(place, len(held)):
            told = self._leads_on(held, candidate, final)
            if told is None:
                return None
            if told:
                return candidate
        return len(held) if final else None

    def _leads_on(self, held: bytes, place: int, final: bool) -> bool | None:
        """Whether some records follow one another from here, or fewer that end exactly with the file."""
        for _ in range(CHAIN):
            if place == len(held) and final:
                return True
            size = self._length(held, place) if place < len(held) else -1
            if size == 0:
                return False
            if size < 0 or place + size > len(held):
                return False if final else None
            place += size
        return True


def take_record(lead: int) -> Take:
    """A record is what its length says, behind its control word."""

    def take(held: bytes, place: int, size: int, base: int, found: Cut) -> None:
        found.add(base + place + lead, base + place + size)

    return take
