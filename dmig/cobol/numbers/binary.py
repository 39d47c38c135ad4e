"""COMP, COMP-4, COMP-5 and floating numbers: two's complement, IEEE 754 and the hexadecimal form of IBM hosts."""

from __future__ import annotations

import numpy as np

from dmig.cobol.numbers.contract import Cells, Faults, Floats, NumberFault, Numbers, limited

#: The hexadecimal form has its exponent in excess 64, base 16.
_EXCESS = 64


def decode_binary(
    cells: Cells, digits: int, *, signed: bool, big_endian: bool = True, truncated: bool = True
) -> Numbers:
    """Cells of 1 to 8 bytes to unscaled integers.

    `truncated`: a value with more digits than its picture is a fault (COMP-5 holds the full range instead). An unsigned
    value of 8 bytes above the signed range is too large as well: no picture has that many digits.
    """
    count, size = cells.shape
    padded = np.zeros((count, 8), np.uint8)
    ordered = cells if big_endian else cells[:, ::-1]
    padded[:, 8 - size :] = ordered
    if signed and size < 8:
        padded[:, : 8 - size] = np.where(ordered[:, :1] & 0x80, 0xFF, 0).astype(np.uint8)
    values = padded.view(">i8").reshape(count).astype(np.int64)
    faults: Faults = np.zeros(count, np.uint8)
    if not signed:
        faults[values < 0] = NumberFault.TOO_LARGE
    if truncated:
        limited(values, faults, digits)
    values[faults != 0] = 0
    return Numbers(values, faults)


def encode_binary(
    numbers: Numbers, digits: int, size_bytes: int, *, signed: bool, big_endian: bool = True, truncated: bool = True
) -> tuple[Cells, Faults]:
    """Integers to cells (n, `size_bytes`), and a fault where a number does not fit; such cells are low-values."""
    faults, values = numbers.faults.copy(), numbers.low.copy()
    if not signed:
        faults[(values < 0) & (faults == 0)] = NumberFault.BAD_SIGN
    if truncated:
        limited(values, faults, digits)
    if size_bytes < 8:
        bits = size_bytes * 8
        least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        faults[((values < least) | (values > most)) & (faults == 0)] = NumberFault.TOO_LARGE
    values[faults != 0] = 0
    cells = values.astype(">i8").view(np.uint8).reshape(-1, 8)[:, 8 - size_bytes :]
    return np.ascontiguousarray(cells if big_endian else cells[:, ::-1]), faults


def decode_float(cells: Cells, *, hexadecimal: bool, big_endian: bool = True) -> tuple[Floats, Faults]:
    """Cells of 4 or 8 bytes to floating numbers; infinities and what is no number are faults.

    A hexadecimal double has 56 bits of fraction, three more than a float of Python can hold: the nearest one is given.
    """
    count, size = cells.shape
    ordered = np.ascontiguousarray(cells if big_endian else cells[:, ::-1])
    if hexadecimal:
        sign = np.where(ordered[:, 0] & 0x80, -1.0, 1.0)
        power = (ordered[:, 0] & 0x7F).astype(np.int64) - _EXCESS
        padded = np.zeros((count, 8), np.uint8)
        padded[:, 8 - (size - 1) :] = ordered[:, 1:]
        fraction = padded.view(">u8").reshape(count).astype(np.float64)
        return sign * np.ldexp(fraction, (4 * power - 8 * (size - 1)).astype(np.int32)), np.zeros(count, np.uint8)
    values = ordered.view(">f4" if size == 4 else ">f8").reshape(count).astype(np.float64)
    faults = np.where(np.isfinite(values), NumberFault.NONE, NumberFault.NOT_FINITE).astype(np.uint8)
    return np.where(faults == 0, values, 0.0), faults


def encode_float(
    values: Floats, size_bytes: int, *, hexadecimal: bool, big_endian: bool = True
) -> tuple[Cells, Faults]:
    """Floating numbers to cells of 4 or 8 bytes, rounded to what they hold; a number out of range is a fault."""
    faults: Faults = np.where(np.isfinite(values), NumberFault.NONE, NumberFault.NOT_FINITE).astype(np.uint8)
    finite = np.where(faults == 0, values, 0.0)
    if hexadecimal:
        cells = _hexadecimal(finite, size_bytes, faults)
    else:
        with np.errstate(over="ignore"):
            narrow = finite.astype(">f4" if size_bytes == 4 else ">f8")
        faults[~np.isfinite(narrow) & (faults == 0)] = NumberFault.TOO_LARGE
        cells = narrow.view(np.uint8).reshape(-1, size_bytes).copy()
    cells[faults != 0] = 0
    return np.ascontiguousarray(cells if big_endian else cells[:, ::-1]), faults


def _hexadecimal(values: Floats, size_bytes: int, faults: Faults) -> Cells:
    mantissa, exponent = np.frexp(np.abs(values))
    power = -(-exponent // 4)
    bits = 8 * (size_bytes - 1)
    fraction = np.rint(np.ldexp(mantissa, (exponent - 4 * power + bits).astype(np.int32)))
    carried = fraction >= 2.0**bits
    fraction, power = np.where(carried, fraction / 16, fraction), np.where(carried, power + 1, power)
    power = np.where(values == 0, -_EXCESS, power)
    faults[((power > 63) | (power < -_EXCESS)) & (faults == 0)] = NumberFault.TOO_LARGE
    whole = fraction.astype(np.uint64).astype(">u8").view(np.uint8).reshape(-1, 8)
    cells = np.empty((values.size, size_bytes), np.uint8)
    cells[:, 0] = np.clip(power + _EXCESS, 0, 127).astype(np.uint8) | np.where(np.signbit(values), 0x80, 0).astype(
        np.uint8
    )
    cells[:, 1:] = whole[:, 8 - (size_bytes - 1) :]
    return cells
