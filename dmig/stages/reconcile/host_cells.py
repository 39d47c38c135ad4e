"""What a cell of a host record says, read a second time: half byte by half byte, code by code, with no kernel.

A cell that is no value of its item gives U+FFFD, which no comparison passes; one that was never filled is blank.
"""

from __future__ import annotations

import struct

from dmig.charset.nouns import Charset
from dmig.cobol.numbers.zoned import ZonedSign
from dmig.cobol.shape import HostItem, HostKind
from dmig.model.host import HostSystem

BAD = "\ufffd"
EBCDIC_ZERO = 0xF0
#: Half bytes and characters that say minus.
MINUS_HALVES, SIGN_HALVES = "bd", "abcdef"
MINUS_LETTERS = {ord(letter): digit for digit, letter in enumerate("}JKLMNOPQR")}
PLUS_LETTERS = {ord(letter): digit for digit, letter in enumerate("{ABCDEFGHI")}


class CellReader:
    """Reads cells of one host: its character set, and whether its numbers are those of an EBCDIC host."""

    def __init__(self, charset: Charset, host: HostSystem) -> None:
        self._charset, self._host = charset, host
        self._ebcdic = charset.single is None or charset.single.codes.get(EBCDIC_ZERO) == "0"

    def text(self, item: HostItem, cell: bytes) -> str:
        """The text of a cell."""
        if item.kind in (HostKind.TEXT, HostKind.DOUBLE):
            return self._trimmed(self._letters(item, cell))
        if self._never_filled(cell):
            return ""
        if item.kind is HostKind.FLOAT:
            return self._float(cell)
        digits = {HostKind.PACKED: self._packed, HostKind.ZONED: self._zoned, HostKind.BINARY: self._binary}[item.kind](
            item, cell
        )
        return self._pointed(item, digits) if BAD not in digits else BAD

    def _never_filled(self, cell: bytes) -> bool:
        blank = 0x40 if self._ebcdic else 0x20
        return len(set(cell)) == 1 and cell[0] in (0, 0xFF, blank)

    def _letters(self, item: HostItem, cell: bytes) -> str:
        single, double, shifts = self._charset.single, self._charset.double, self._charset.shifts
        if double is not None and (item.kind is HostKind.DOUBLE or single is None):
            return "".join(double.codes.get(cell[at] << 8 | cell[at + 1], BAD) for at in range(0, len(cell) - 1, 2))
        if single is None:
            return BAD
        found, at, wide = [], 0, False
        while at < len(cell):
            mark = self._shift(cell, at) if double is not None else b""
            if mark and shifts is not None:
                at, wide = at + len(mark), mark in shifts.to_double
            elif wide and double is not None:
                pair = cell[at : at + 2]
                found.append(double.codes.get(int.from_bytes(pair, "big"), BAD) if len(pair) == 2 else BAD)
                at += 2
            else:
                found.append(single.codes.get(cell[at], BAD))
                at += 1
        return "".join(found)

    def _shift(self, cell: bytes, at: int) -> bytes:
        """The shift that stands at a byte, also one that changes nothing; or nothing."""
        shifts = self._charset.shifts
        marks = () if shifts is None else (*shifts.to_double, shifts.to_single)
        return next((mark for mark in marks if cell.startswith(mark, at)), b"")

    def _trimmed(self, text: str) -> str:
        trim, blanks = self._host.trim, " \u3000"
        text = text.rstrip(blanks) if trim in ("right", "both") else text
        return text.lstrip(blanks) if trim in ("left", "both") else text

    def _packed(self, item: HostItem, cell: bytes) -> str:
        halves = cell.hex()
        body, mark = (halves[:-1], halves[-1]) if item.has_sign_half else (halves, "")
        spare, own = body[: len(body) - item.digits], body[len(body) - item.digits :]
        if not own.isdecimal() or spare.strip("0") or (mark and mark not in SIGN_HALVES):
            return BAD
        return ("-" if mark in MINUS_HALVES and mark and own.strip("0") else "") + own

    def _zoned(self, item: HostItem, cell: bytes) -> str:
        zero, minus, body = EBCDIC_ZERO if self._ebcdic else 0x30, False, cell
        if item.sign.is_separate:
            leading = item.sign is ZonedSign.LEADING_SEPARATE
            mark, body = (cell[0], cell[1:]) if leading else (cell[-1], cell[:-1])
            minus = mark == (0x60 if self._ebcdic else 0x2D)
        digits = [byte - zero if zero <= byte <= zero + 9 else None for byte in body]
        if not item.sign.is_separate and digits:
            place = 0 if item.sign is ZonedSign.LEADING else len(digits) - 1
            digits[place], minus = self._overpunched(body[place], zero)
        if any(digit is None for digit in digits):
            return BAD
        own = "".join(map(str, digits))
        return ("-" if minus and own.strip("0") else "") + own

    def _overpunched(self, byte: int, zero: int) -> tuple[int | None, bool]:
        """The digit of a byte that may carry the sign, and whether it says minus."""
        if zero <= byte <= zero + 9:
            return byte - zero, False
        if self._ebcdic:
            zone, digit = byte >> 4, byte & 15
            return (digit if digit <= 9 and zone >= 10 else None), zone in (0xB, 0xD)
        if byte in PLUS_LETTERS:
            return PLUS_LETTERS[byte], False
        digit_of = MINUS_LETTERS | {0x70 + digit: digit for digit in range(10)}
        return digit_of.get(byte), True

    def _binary(self, item: HostItem, cell: bytes) -> str:
        order = "big" if self._ebcdic or not item.native_order else "little"
        number = int.from_bytes(cell, "big" if order == "big" else "little", signed=item.signed)
        return ("-" if number < 0 else "") + str(abs(number)).zfill(item.digits)

    def _float(self, cell: bytes) -> str:
        hexadecimal = self._host.floats == "ibm" or (not self._host.floats and self._ebcdic)
        if not hexadecimal:
            return str(struct.unpack((">" if self._ebcdic else "<") + ("f" if len(cell) == WORD else "d"), cell)[0])
        fraction = int.from_bytes(cell[1:], "big") / (1 << 8 * (len(cell) - 1))
        return str((-1 if cell[0] & 0x80 else 1) * fraction * 16.0 ** ((cell[0] & 0x7F) - 64))

    def _pointed(self, item: HostItem, digits: str) -> str:
        """All digits of the picture, with its point, or with the zeros that are not stored."""
        sign, body = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
        body = body.zfill(max(item.digits, item.scale))
        if item.scale > 0:
            body = f"{body[: -item.scale]}.{body[-item.scale :]}"
        return sign + body + "0" * max(-item.scale, 0)


WORD = 4
