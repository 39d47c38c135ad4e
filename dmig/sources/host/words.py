"""Descriptor words of records, segments and blocks, and the cutters that follow them."""

from __future__ import annotations

from collections.abc import Callable

from dmig.model.host import RecordFormat, RecordRules
from dmig.sources.host.cutting import (
    WORD,
    ChainCutter,
    Cut,
    CutFault,
    Cutter,
    DelimitedCutter,
    FixedCutter,
    Length,
    Take,
    take_record,
)

#: Segments of a spanned record.
_WHOLE, _FIRST, _LAST, _MIDDLE = 0, 1, 2, 3
_EXTENDED = 1 << 31
#: Blocks that can be told apart: an extended word has 31 bits, no block of a real file is that long.
_MOST_BLOCK_BYTES = 1 << 24
#: Reads the length that a record states of itself: bytes held, place of the record; 0 and -1 as for `Length`.
OwnLength = Callable[[bytes, int], int]


def cutter(rules: RecordRules, own_length: OwnLength | None = None) -> Cutter:
    """The cutter of a record format; `own_length` reads the item of a `LengthRule`."""
    if rules.format.is_fixed:
        return FixedCutter(rules.record_bytes)
    if rules.format is RecordFormat.DELIMITED:
        return DelimitedCutter(rules.line_end, rules.most_bytes)
    if rules.format is RecordFormat.BY_ITEM:
        if own_length is None:
            raise ValueError("records by an item of theirs need the reader of that item")
        return ChainCutter(_within(own_length, rules), take_record(0))
    if rules.format.is_spanned:
        spans = Spans()
        return SpannedCutter(_chained(rules, spans.take), spans)
    return _chained(rules, take_record(WORD))


def _chained(rules: RecordRules, take: Take) -> Cutter:
    """Records or segments by their words, in blocks where the format has them."""
    records = ChainCutter(_record_length(rules), take)
    if not rules.format.is_blocked:
        return records

    def take_block(held: bytes, place: int, size: int, base: int, found: Cut) -> None:
        records.cut(held[place + WORD : place + size], base + place + WORD, True, found)

    return ChainCutter(_block_length(rules), take_block)


def _within(own: OwnLength, rules: RecordRules) -> Length:
    least, most = max(rules.least_bytes, 1), rules.most_bytes

    def length(held: bytes, place: int) -> int:
        size = own(held, place)
        return size if size < 0 or least <= size <= most else 0

    return length


def _record_length(rules: RecordRules) -> Length:
    """By the record descriptor word: two bytes of length, then two of zeros; segments have their kind in the third.

    Little-endian: the whole word turned round, or (always, where segments have a kind) its halves; zeros tell which.
    """
    extra = 0 if rules.includes_itself else WORD
    least, most = WORD + (0 if rules.format.is_spanned else rules.least_bytes), WORD + rules.most_bytes
    spanned, big = rules.format.is_spanned, rules.big_endian

    def length(held: bytes, place: int) -> int:
        word = held[place : place + WORD]
        if len(word) < WORD:
            return -1
        if big:
            if word[3] or (word[2] and not (spanned and word[2] <= _MIDDLE)):
                return 0
            size = (word[0] << 8 | word[1]) + extra
        elif word[0] == word[1] == 0 and not spanned:
            size = (word[3] << 8 | word[2]) + extra
        elif word[3] == 0 and (word[2] == 0 or (spanned and word[2] <= _MIDDLE)):
            size = (word[1] << 8 | word[0]) + extra
        else:
            return 0
        return size if least <= size <= most else 0

    return length


def _block_length(rules: RecordRules) -> Length:
    """By the block descriptor word: 15 bits in its first half, or 31 bits where the first bit is set.

    A block counts only when the word of its first record fits inside it.
    """
    extra = 0 if rules.block_includes_itself else WORD
    first = _record_length(rules)

    def length(held: bytes, place: int) -> int:
        word = held[place : place + WORD]
        if len(word) < WORD:
            return -1
        whole = int.from_bytes(word, "big" if rules.big_endian else "little")
        if whole & _EXTENDED:
            size = whole & ~_EXTENDED
        elif rules.big_endian:
            size = whole >> 16 if whole & 0xFFFF == 0 else 0
        else:
            size = whole if whole <= 0xFFFF else (whole >> 16 if whole & 0xFFFF == 0 else 0)
        size += extra if size else 0
        if not WORD * 2 < size <= _MOST_BLOCK_BYTES:
            return 0
        inner = first(held, place + WORD)
        return inner if inner <= 0 else (size if WORD + inner <= size else 0)

    return length


class Spans:
    """Joins the segments of spanned records; what is open goes on over block borders."""

    def __init__(self) -> None:
        self._open: list[tuple[int, int]] = []

    def take(self, held: bytes, place: int, size: int, base: int, found: Cut) -> None:
        """One more segment."""
        kind, first, end = held[place + 2], base + place + WORD, base + place + size
        self._forget(found)
        if kind in (_WHOLE, _FIRST) and self._open:
            found.add(self._open[0][0], self._open[-1][1], fault=CutFault.OUT_OF_TURN)
            self._open = []
        if kind == _WHOLE:
            found.add(first, end)
        elif kind == _FIRST or self._open:
            self._open.append((first, end))
            if kind == _LAST:
                found.pieces[len(found.rows)] = self._open
                found.add(self._open[0][0], end)
                self._open = []
        else:
            found.add(first, end, fault=CutFault.OUT_OF_TURN)

    def _forget(self, found: Cut) -> None:
        """Bytes were lost amid the segments of a record: the lost run holds what was open."""
        if self._open and self._open[0][0] < found.place:
            self._open = []

    def finish(self, end: int, found: Cut) -> None:
        """A record whose last segment never came."""
        self._forget(found)
        if self._open:
            found.add(self._open[0][0], end, fault=CutFault.SHORT)
            self._open = []


class SpannedCutter:
    """Records in segments: what is open when the file ends is a record cut off."""

    def __init__(self, segments: Cutter, spans: Spans) -> None:
        self._segments = segments
        self._spans = spans

    def cut(self, held: bytes, base: int, final: bool, found: Cut) -> int:
        """See `Cutter`."""
        used = self._segments.cut(held, base, final, found)
        if final:
            self._spans.finish(base + used, found)
        return used
