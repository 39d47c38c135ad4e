"""What all kernels of numbers give and take: unscaled integers of up to 35 digits beside a fault for every cell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

Cells = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]
Faults = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

#: Digits that always fit into a signed 64-bit integer.
MOST_DIGITS = 18
#: Digits of the two parts of a longer number: packed ones are cut at a byte, so the lower part has 17.
LONG_LOW_DIGITS = 17


class NumberFault(IntEnum):
    """Why a cell is no number of its picture. What a blank or an unset cell means is the layout's to say."""

    NONE = 0
    BLANK = 1
    LOW_VALUES = 2
    HIGH_VALUES = 3
    BAD_DIGIT = 4
    BAD_SIGN = 5
    TOO_LARGE = 6
    NOT_FINITE = 7


@dataclass(frozen=True, slots=True)
class Numbers:
    """Unscaled integers of n cells; where `faults` is set the value is 0 and means nothing.

    A number of more than 18 digits is `high` x 10^17 + `low`, both with its sign; otherwise `high` is None.
    """

    low: Integers
    faults: Faults
    high: Integers | None = None

    @property
    def is_long(self) -> bool:
        """Whether the numbers may have more than 18 digits."""
        return self.high is not None

    def spread(self, there: npt.NDArray[np.bool_]) -> Numbers:
        """The numbers of some cells as those of all; the others are low-values, as if they had never been filled."""
        low, faults = np.zeros(there.size, np.int64), np.full(there.size, NumberFault.LOW_VALUES, np.uint8)
        low[there], faults[there] = self.low, self.faults
        if self.high is None:
            return Numbers(low, faults)
        high = np.zeros(there.size, np.int64)
        high[there] = self.high
        return Numbers(low, faults, high)

    def python(self) -> list[int | None]:
        """The integers one by one, None where there is a fault: for tests and small things."""
        high = np.zeros_like(self.low) if self.high is None else self.high
        pairs = zip(high.tolist(), self.low.tolist(), self.faults.tolist(), strict=True)
        return [None if fault else h * 10**LONG_LOW_DIGITS + low for h, low, fault in pairs]


def turned(cells: Cells) -> Cells:
    """The cells with one row per byte position, so that a kernel walks along the records."""
    return np.ascontiguousarray(cells.T)


def translated(columns: Cells, table: bytes) -> Cells:
    """Each byte by a table of 256; an index array would be widened to eight bytes a cell."""
    return np.frombuffer(columns.tobytes().translate(table), np.uint8).reshape(columns.shape)


def reduced(parts: Cells, base: int) -> Integers:
    """Digits of one base, most significant first and one row each, to integers; bases 10 and 100, up to 18 decimal digits.

    Halves the rows each time, so most of the work is done in narrow integers.
    """
    level: npt.NDArray[Any] = parts
    power = base
    while level.shape[0] > 1:
        if level.shape[0] % 2:
            level = np.concatenate((np.zeros((1, level.shape[1]), level.dtype), level))
        wide = _wide_enough(power * power)
        level = level[0::2].astype(wide) * wide(power) + level[1::2]
        power *= power
    whole: Integers = level[0].astype(np.int64)
    return whole


def _wide_enough(above: int) -> type[np.unsignedinteger]:
    for kind in (np.uint8, np.uint16, np.uint32):
        if above - 1 <= np.iinfo(kind).max:
            return kind
    return np.uint64


def unset(cells: Cells, blank: int) -> Faults:
    """Which cells are blank, low-values or high-values as a whole: nothing was ever stored there."""
    found = np.zeros(cells.shape[0], np.uint8)
    if cells.shape[1] == 0:
        return found
    first = cells[:, 0]
    for byte, fault in ((blank, NumberFault.BLANK), (0, NumberFault.LOW_VALUES), (255, NumberFault.HIGH_VALUES)):
        rows = np.flatnonzero(first == byte)
        if rows.size:
            found[rows[(cells[rows] == byte).all(axis=1)]] = fault
    return found


def limited(numbers: Integers, faults: Faults, digits: int) -> None:
    """Mark what has more digits than its picture; only for pictures of at most 18 digits."""
    if digits < MOST_DIGITS:
        faults[(np.abs(numbers) >= 10**digits) & (faults == 0)] = NumberFault.TOO_LARGE


def settled(cells: Cells, digits: int, low: Integers, high: Integers | None, faults: Faults, blank: int) -> Numbers:
    """Faults settled: a cell that was never filled says so; nothing stands where there is a fault."""
    if faults.any():
        nothing = unset(cells, blank)
        faults = np.where((faults != 0) & (nothing != 0), nothing, faults)
    if high is None:
        limited(low, faults, digits)
    else:
        faults[(np.abs(high) >= 10 ** (digits - LONG_LOW_DIGITS)) & (faults == 0)] = NumberFault.TOO_LARGE
        if digits <= MOST_DIGITS:  # packed, 18 digits: cut at a byte, but it fits
            low, high = np.where(faults == 0, high, 0) * 10**LONG_LOW_DIGITS + low, None
    if faults.any():
        low[faults != 0] = 0
        if high is not None:
            high[faults != 0] = 0
    return Numbers(low, faults, high)


def decimal_digits(numbers: Integers, count: int) -> Cells:
    """The last `count` decimal digits of numbers that are not negative, one row per place."""
    rest, rows = numbers.astype(np.uint64), []
    for _ in range(count):
        rest, digit = np.divmod(rest, np.uint64(10))
        rows.append(digit.astype(np.uint8))
    return np.stack(rows[::-1])


def all_digits(numbers: Numbers, digits: int, faults: Faults) -> Cells:
    """The digits of a picture, one row per place; a number with more of them gets a fault."""
    parts = decimal_digits(np.abs(numbers.low), LONG_LOW_DIGITS if numbers.is_long else MOST_DIGITS + 1)
    if numbers.high is not None:
        parts = np.concatenate((decimal_digits(np.abs(numbers.high), MOST_DIGITS), parts))
    missing = digits - len(parts)
    if missing > 0:
        return np.concatenate((np.zeros((missing, parts.shape[1]), np.uint8), parts))
    faults[parts[:-digits].any(axis=0) & (faults == 0)] = NumberFault.TOO_LARGE
    return parts[-digits:]


def negatives(numbers: Numbers) -> npt.NDArray[np.bool_]:
    """Which numbers are below zero."""
    below: npt.NDArray[np.bool_] = numbers.low < 0 if numbers.high is None else (numbers.low < 0) | (numbers.high < 0)
    return below
