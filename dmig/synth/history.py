"""異動履歴: one row per event, a second one where an event was cancelled, and cancellations of nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmig.synth.events import Kind
from dmig.synth.register import Register
from dmig.synth.streams import Bools, Ints, Streams

#: A cancellation of nothing names this number, which no event has.
NO_SUCH_EVENT = 900
_ENTRY = (Kind.MOVED_IN, Kind.BORN, Kind.ENTERED_BY_OFFICE)
#: What is cancelled: an entry, a removal, a change.
ENTRY, REMOVAL, CHANGE = range(3)


@dataclass(frozen=True, slots=True)
class History:
    """One place per row, by 宛名番号 and number: the entry it is about, its number within the person.

    `cancels` is the number of the row that it cancels (0: none). `sequence` numbers the rows outside of cancel pairs
    (0 in a pair). `dangling` rows cancel NO_SUCH_EVENT (an expected finding).
    """

    entry: Ints
    number: Ints
    cancels: Ints
    sequence: Ints

    def __len__(self) -> int:
        return len(self.entry)

    @property
    def cancelling(self) -> Bools:
        """Rows that cancel."""
        return self.cancels > 0

    @property
    def dangling(self) -> Bools:
        """Rows that cancel nothing."""
        return np.asarray(self.cancels == NO_SUCH_EVENT, np.bool_)


def history(source: Register, streams: Streams) -> History:
    """Every deleted entry is an event that was cancelled; four in ten thousand last entries get a dangling row."""
    entries, draw = source.entries, streams.of("history")
    latest = np.flatnonzero(entries.latest)
    dangling = np.zeros(len(entries), np.bool_)
    dangling[draw.permutation(latest)[: max(1, len(latest) // 2_500)]] = True
    # Latest entries are never deleted, so an entry has at most two rows.
    rows = 1 + entries.deleted + dangling
    entry = np.repeat(np.arange(len(entries)), rows)
    second = np.concatenate(([False], np.diff(entry) == 0))
    person = entries.person[entry]
    first = np.concatenate(([True], np.diff(person) != 0))
    at = np.arange(len(entry))
    number = at - np.maximum.accumulate(np.where(first, at, 0)) + 1
    cancels = np.where(second, np.where(dangling[entry], NO_SUCH_EVENT, number - 1), 0)
    sequence = np.where(entries.deleted[entry], 0, entries.sequence[entry] + second)
    return History(entry, number, cancels, sequence)


def cancelled_class(kind: Ints) -> Ints:
    """ENTRY, REMOVAL or CHANGE for each kind of event."""
    return np.where(np.isin(kind, _ENTRY), ENTRY, np.where(kind >= Kind.MOVED_AWAY, REMOVAL, CHANGE))
