"""Where records end: physical lines, joined over line breaks inside quotes, with bounded look-ahead.

A line with an even number of quotes is a record of its own: a strict record that goes on after its first line end is
inside quotes there, so its first and its last line hold an odd number and all lines between an even one. A line with
an odd number is therefore tried with the next odd line, once; if both and all between are not one strict record it
stands alone (it will be refused) and cutting goes on at the line after it. So a stray quote costs its own line only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from dmig.sources.csv_rules import LF, MAX_LINES, QUOTE, Bytes, CsvRules, Flags, Offsets
from dmig.sources.port import Block

#: Gives the bytes [start, end) of the file.
Fetch = Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True)
class Cut:
    """Records in order: `ends` (exclusive, bytes from the start of the file); `alone` marks those with an odd quote."""

    ends: Offsets
    alone: Flags


class RecordCutter:
    """Finds record ends in windows of a file fed in order; the result is the same for any windows.

    Holds back the lines behind an odd quote until its partner is seen or the limits are passed.
    """

    def __init__(self, rules: CsvRules, fetch: Fetch, start: int) -> None:
        self._rules = rules
        self._fetch = fetch
        self._first = start
        self._ends: Offsets = np.empty(0, np.int64)
        self._odd: Flags = np.empty(0, np.bool_)
        self._scanned = start
        self._tail_starts = start
        self._tail_odd = 0

    def feed(self, window: Bytes) -> Cut:
        """Take the next bytes and give the records that are certain now."""
        base = self._scanned
        self._scanned += len(window)
        quotes = (window == QUOTE).view(np.uint8)
        after = np.flatnonzero(window == LF) + 1
        if len(after) == 0:
            self._tail_odd ^= int(np.bitwise_xor.reduce(quotes)) if len(quotes) else 0
            return self._settle(final=False)
        # Segments: each line of the window, and what follows the last line end.
        has_tail = int(after[-1]) < len(window)
        starts = np.concatenate((np.zeros(1, np.int64), after if has_tail else after[:-1]))
        odd = np.bitwise_xor.reduceat(quotes, starts)
        odd[0] ^= self._tail_odd
        self._tail_odd = int(odd[-1]) if has_tail else 0
        self._tail_starts = base + int(after[-1])
        self._ends = np.concatenate((self._ends, after + base))
        self._odd = np.concatenate((self._odd, odd[: len(after)].view(np.bool_)))
        return self._settle(final=False)

    def finish(self) -> Cut:
        """Give what was held back; bytes after the last line end are a record too."""
        if self._tail_starts < self._scanned:
            self._ends = np.append(self._ends, self._scanned)
            self._odd = np.append(self._odd, bool(self._tail_odd))
        return self._settle(final=True)

    def _settle(self, final: bool) -> Cut:
        ends, alone = self._ends, self._odd.copy()
        kept = np.ones(len(ends), np.bool_)
        odd = np.flatnonzero(alone).tolist()
        settled, place = len(ends), 0
        while place < len(odd):
            first = odd[place]
            if place + 1 == len(odd):
                if not final and self._may_go_on(first):
                    settled = first
                break
            if self._is_record(first, odd[place + 1]):
                kept[first : odd[place + 1]] = False
                alone[odd[place + 1]] = False
                place += 1
            place += 1
        certain = np.flatnonzero(kept[:settled])
        self._first = int(ends[settled - 1]) if settled else self._first
        self._ends, self._odd = ends[settled:], self._odd[settled:]
        return Cut(ends[certain], alone[certain])

    def _starts(self, line: int) -> int:
        return int(self._ends[line - 1]) if line else self._first

    def _may_go_on(self, first: int) -> bool:
        lines = len(self._ends) - first
        return lines < MAX_LINES and self._scanned - self._starts(first) <= self._rules.max_record_bytes

    def _is_record(self, first: int, last: int) -> bool:
        start, end = self._starts(first), int(self._ends[last])
        if last - first >= MAX_LINES or end - start > self._rules.max_record_bytes:
            return False
        return self._rules.record.fullmatch(self._fetch(start, end)) is not None


def cut_all(data: bytes, rules: CsvRules) -> Cut:
    """Find the records of bytes that start at a record border and end at one; offsets count from 0."""
    cutter = RecordCutter(rules, lambda start, end: data[start:end], 0)
    seen, rest = cutter.feed(np.frombuffer(data, np.uint8)), cutter.finish()
    return Cut(np.concatenate((seen.ends, rest.ends)), np.concatenate((seen.alone, rest.alone)))


class BlockCutter:
    """Groups records to blocks: a block closes at the first record border `block_bytes` or more after its start.

    A record above the limit gets a block of its own, so no block is longer than `block_bytes` + `max_record_bytes`
    but for such a record.
    """

    def __init__(self, block_bytes: int, max_record_bytes: int, start: int) -> None:
        self._block_bytes = block_bytes
        self._max_record_bytes = max_record_bytes
        self._index = 0
        self._start = start
        self._end = start
        self._first_record = 1
        self._seen = 0

    def feed(self, ends: Offsets) -> Iterator[Block]:
        """Take record ends in order and give the blocks they close."""
        if len(ends) == 0:
            return
        starts = np.concatenate((np.array([self._end], np.int64), ends[:-1]))
        too_long = np.flatnonzero(ends - starts > self._max_record_bytes)
        done = 0
        while True:
            last = int(np.searchsorted(ends, self._start + self._block_bytes))
            place = int(np.searchsorted(too_long, done))
            if place < len(too_long) and int(too_long[place]) <= last:
                last = int(too_long[place])
                if int(starts[last]) > self._start:
                    yield self._close(int(starts[last]), self._seen + last)
            if last >= len(ends):
                break
            yield self._close(int(ends[last]), self._seen + last + 1)
            done = last + 1
        self._seen += len(ends)
        self._end = int(ends[-1])

    def finish(self) -> Iterator[Block]:
        """Give the last block; a file without records gives one empty block."""
        if self._end > self._start or self._index == 0:
            yield self._close(self._end, self._seen)

    def _close(self, end: int, records: int) -> Block:
        block = Block(self._index, self._start, end, self._first_record)
        self._index, self._start, self._first_record = self._index + 1, end, records + 1
        return block
