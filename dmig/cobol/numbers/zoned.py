"""DISPLAY numbers: a digit a byte, the sign in the zone of one of them or in a byte of its own.

Source: host convention (zones C and D, F unsigned); on hosts with ASCII the overpunched letters {A-I and }J-R, or, as
GnuCOBOL and others write them, a plain digit where positive and 0x70 + digit where negative. The two do not overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from dmig.cobol.numbers.contract import (
    LONG_LOW_DIGITS,
    MOST_DIGITS,
    Cells,
    Faults,
    NumberFault,
    Numbers,
    all_digits,
    negatives,
    reduced,
    settled,
    translated,
    turned,
)

_BAD = 255
_UNSIGNED, _PLUS, _MINUS = 0, 1, 2


class ZonedSign(Enum):
    """How a number shows its sign."""

    NONE = "none"
    TRAILING = "trailing"
    LEADING = "leading"
    TRAILING_SEPARATE = "trailing_separate"
    LEADING_SEPARATE = "leading_separate"

    @property
    def is_separate(self) -> bool:
        """Whether the sign is a byte of its own."""
        return self in (ZonedSign.TRAILING_SEPARATE, ZonedSign.LEADING_SEPARATE)

    @property
    def is_leading(self) -> bool:
        """Whether the sign stands in front."""
        return self in (ZonedSign.LEADING, ZonedSign.LEADING_SEPARATE)


@dataclass(frozen=True, slots=True)
class ZonedFamily:
    """The bytes of digits and signs on one kind of host.

    `digits` (256): byte to digit, 255 where it is none. `overpunched` (256): digit of a byte that may carry the sign;
    `signs` (256): 0 unsigned, 1 plus, 2 minus. `strict` takes a sign for one only where the picture has it.
    """

    digits: bytes
    overpunched: bytes
    signs: bytes
    zero: int
    plus: int
    minus: int
    blank: int
    plus_zero: tuple[int, ...]
    minus_zero: tuple[int, ...]


def _family(zero: int, plus: str | bytes, minus: bytes, extra: dict[int, tuple[int, int]]) -> ZonedFamily:
    digits, over, signs = bytearray([_BAD] * 256), bytearray([_BAD] * 256), bytearray(256)
    marks = {zero + digit: (digit, _UNSIGNED) for digit in range(10)}
    marks |= extra
    plus_row = bytes(plus) if isinstance(plus, bytes) else bytes(range(zero, zero + 10))
    marks |= {byte: (digit, _MINUS) for digit, byte in enumerate(minus)}
    marks |= {byte: (digit, _PLUS) for digit, byte in enumerate(plus_row) if byte not in range(zero, zero + 10)}
    for byte, (digit, sign) in marks.items():
        over[byte], signs[byte] = digit, sign
    for digit in range(10):
        digits[zero + digit] = digit
    ebcdic = zero == 0xF0
    return ZonedFamily(
        bytes(digits), bytes(over), bytes(signs), zero,
        plus=0x4E if ebcdic else 0x2B, minus=0x60 if ebcdic else 0x2D, blank=0x40 if ebcdic else 0x20,
        plus_zero=tuple(plus_row), minus_zero=tuple(minus),
    )  # fmt: skip


def _zones(*zones: tuple[int, int]) -> dict[int, tuple[int, int]]:
    return {zone << 4 | digit: (digit, sign) for zone, sign in zones for digit in range(10)}


_LETTERS_PLUS, _LETTERS_MINUS = b"{ABCDEFGHI", b"}JKLMNOPQR"
_BOTH = {byte: (digit, _PLUS) for digit, byte in enumerate(_LETTERS_PLUS)} | {
    byte: (digit, _MINUS) for digit, byte in enumerate(_LETTERS_MINUS)
}
EBCDIC = _family(
    0xF0, bytes(range(0xC0, 0xCA)), bytes(range(0xD0, 0xDA)), _zones((0xA, _PLUS), (0xE, _PLUS), (0xB, _MINUS))
)
#: Reads both conventions of ASCII hosts; writes plain digits and 0x70 + digit.
ASCII = _family(0x30, "digits", bytes(range(0x70, 0x7A)), _BOTH)
#: Reads both conventions of ASCII hosts; writes letters.
ASCII_LETTERS = _family(
    0x30, _LETTERS_PLUS, _LETTERS_MINUS, {byte: (byte - 0x70, _MINUS) for byte in range(0x70, 0x7A)}
)


def decode_zoned(
    cells: Cells, digits: int, sign: ZonedSign, family: ZonedFamily = EBCDIC, *, strict: bool = False
) -> Numbers:
    """Cells (n, bytes) to unscaled integers. A minus on an unsigned picture is a bad sign.

    `strict`: a signed picture wants a sign of its own (not a plain digit), an unsigned one a plain digit.
    """
    columns = turned(cells)
    faults: Faults = np.zeros(cells.shape[0], np.uint8)
    if sign.is_separate:
        at = 0 if sign.is_leading else len(columns) - 1
        parts = translated(np.delete(columns, at, axis=0), family.digits)
        negative = columns[at] == family.minus
        wrong = ~negative & (columns[at] != family.plus)
    else:
        at = 0 if sign.is_leading else len(columns) - 1
        parts = np.concatenate(
            (translated(columns[:at], family.digits), translated(columns[at : at + 1], family.overpunched),
             translated(columns[at + 1 :], family.digits))
        )  # fmt: skip
        mark = translated(columns[at : at + 1], family.signs)[0]
        negative, wrong = _overpunched(mark, sign, family, strict)
    if (bad := parts == _BAD).any():
        faults[bad.any(axis=0)] = NumberFault.BAD_DIGIT
        parts = np.where(bad, 0, parts)
    faults[wrong & (faults == 0)] = NumberFault.BAD_SIGN
    cut = max(len(parts) - LONG_LOW_DIGITS, 0) if digits > MOST_DIGITS else 0
    low, high = reduced(parts[cut:], 10), reduced(parts[:cut], 10) if cut else None
    if sign is not ZonedSign.NONE:
        low = np.where(negative, -low, low)
        high = None if high is None else np.where(negative, -high, high)
    return settled(cells, digits, low, high, faults, family.blank)


def _overpunched(
    mark: Cells, sign: ZonedSign, family: ZonedFamily, strict: bool
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which cells are negative, and which show a sign that their picture does not have."""
    negative: npt.NDArray[np.bool_] = mark == _MINUS
    if sign is ZonedSign.NONE:
        return negative, (mark != _UNSIGNED if strict else negative)
    # Where plus is written as a plain digit there is nothing to be strict about.
    return negative, (mark == _UNSIGNED) & (strict and family.plus_zero[0] != family.zero)


def encode_zoned(numbers: Numbers, digits: int, sign: ZonedSign, family: ZonedFamily = EBCDIC) -> tuple[Cells, Faults]:
    """Integers to cells (n, bytes), and a fault where a number does not fit; such cells are low-values."""
    faults, negative = numbers.faults.copy(), negatives(numbers)
    if sign is ZonedSign.NONE:
        faults[negative & (faults == 0)] = NumberFault.BAD_SIGN
    parts = all_digits(numbers, digits, faults)
    rows = parts + np.uint8(family.zero)
    if sign.is_separate:
        own = np.where(negative, family.minus, family.plus).astype(np.uint8)[None]
        rows = np.concatenate((own, rows) if sign.is_leading else (rows, own))
    elif sign is not ZonedSign.NONE:
        at = 0 if sign.is_leading else digits - 1
        plus, minus = np.array(family.plus_zero, np.uint8), np.array(family.minus_zero, np.uint8)
        rows[at] = np.where(negative, minus[parts[at]], plus[parts[at]])
    cells = np.ascontiguousarray(rows.T)
    cells[faults != 0] = 0
    return cells, faults
