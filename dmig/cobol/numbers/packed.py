"""COMP-3 and packed decimal: two digits a byte, the last half byte is the sign.

Source: host convention (A C E F plus, B D minus; F alone means unsigned), GnuCOBOL 3 writes C and D, F where unsigned.
"""

from __future__ import annotations

from enum import Enum

import numpy as np

from dmig.cobol.numbers.contract import (
    MOST_DIGITS,
    Cells,
    Faults,
    Integers,
    NumberFault,
    Numbers,
    all_digits,
    negatives,
    reduced,
    settled,
    translated,
    turned,
)

#: A byte of two digits to 0..99; both halves must be digits.
_PAIR = bytes((b >> 4) * 10 + (b & 15) if (b >> 4) < 10 and (b & 15) < 10 else 255 for b in range(256))
#: The last byte's digit.
_LAST = bytes(b >> 4 if (b >> 4) < 10 else 255 for b in range(256))
_BAD = 255
#: Bytes before the last nine, which hold 17 digits and the sign.
_LOW_BYTES = 9


class PackedSign(Enum):
    """Which last half bytes are a sign."""

    STRICT = "strict"  # C and D where signed, F where not
    LENIENT = "lenient"  # any of A to F
    NONE = "none"  # the last half byte is a digit (COMP-6)


def packed_size(digits: int, sign: PackedSign = PackedSign.LENIENT) -> int:
    """Bytes of a packed number."""
    return (digits + 1) // 2 if sign is PackedSign.NONE else digits // 2 + 1


def decode_packed(
    cells: Cells, digits: int, *, signed: bool, sign: PackedSign = PackedSign.LENIENT, blank: int = 0x40
) -> Numbers:
    """Cells (n, bytes) to unscaled integers. An unused upper half byte that is not zero is a number too large."""
    columns = turned(cells)
    if sign is PackedSign.NONE:
        pairs = translated(columns, _PAIR)
        bad = (pairs == _BAD).any(axis=0)
        low, high = _joined(pairs, None)
        faults = np.where(bad, NumberFault.BAD_DIGIT, NumberFault.NONE).astype(np.uint8)
    else:
        pairs, last = translated(columns[:-1], _PAIR), translated(columns[-1:], _LAST)[0]
        bad = last == _BAD
        if pairs.shape[0]:
            bad |= (pairs == _BAD).any(axis=0)
        faults = np.where(bad, NumberFault.BAD_DIGIT, NumberFault.NONE).astype(np.uint8)
        negative = _signs(columns[-1] & 15, faults, signed, sign)
        low, high = _joined(pairs, last)
        low = np.where(negative, -low, low)
        high = None if high is None else np.where(negative, -high, high)
    return settled(cells, digits, low, high, faults, blank)


def _joined(pairs: Cells, last: Cells | None) -> tuple[Integers, Integers | None]:
    """Both parts of the numbers; what is no digit becomes 0 here."""
    pairs = np.where(pairs == _BAD, 0, pairs) if (pairs == _BAD).any() else pairs
    if last is None:
        cut = max(pairs.shape[0] - MOST_DIGITS // 2, 0)
        if cut:  # the lower part has 18 digits here: no number without a sign is that long on any host
            raise ValueError("packed numbers without a sign have at most 18 digits")
        return reduced(pairs, 100), None
    cut = max(pairs.shape[0] - (_LOW_BYTES - 1), 0)
    low = reduced(pairs[cut:], 100) if pairs.shape[0] > cut else np.zeros(last.shape[0], np.int64)
    low = low * 10 + np.where(last == _BAD, 0, last)
    return low, reduced(pairs[:cut], 100) if cut else None


def _signs(half: Cells, faults: Faults, signed: bool, sign: PackedSign) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    negative: np.ndarray[tuple[int], np.dtype[np.bool_]] = (half == 0xB) | (half == 0xD)
    wrong = half < 0xA
    if sign is PackedSign.STRICT:
        wrong = ~((half == 0xC) | (half == 0xD)) if signed else half != 0xF
    elif not signed:
        wrong = wrong | negative
    faults[wrong & (faults == 0)] = NumberFault.BAD_SIGN
    return negative


def encode_packed(
    numbers: Numbers, digits: int, *, signed: bool, sign: PackedSign = PackedSign.LENIENT
) -> tuple[Cells, Faults]:
    """Integers to cells (n, bytes), and a fault where a number does not fit; such cells are low-values."""
    faults, negative = numbers.faults.copy(), negatives(numbers)
    if not signed:
        faults[negative & (faults == 0)] = NumberFault.BAD_SIGN
    halves = all_digits(numbers, digits, faults)
    if sign is not PackedSign.NONE:
        last = np.where(negative, 0xD, 0xC if signed else 0xF).astype(np.uint8)
        halves = np.concatenate((halves, last[None]))
    if len(halves) % 2:
        halves = np.concatenate((np.zeros((1, halves.shape[1]), np.uint8), halves))
    cells = np.ascontiguousarray(((halves[0::2] << 4) | halves[1::2]).T)
    cells[faults != 0] = 0
    return cells, faults
