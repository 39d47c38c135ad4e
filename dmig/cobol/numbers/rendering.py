"""Decoded numbers as Arrow arrays and as text of their full width."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from dmig.cobol.numbers.contract import LONG_LOW_DIGITS, MOST_DIGITS, Integers, Numbers, negatives

_MOST_PRECISION = 38


def to_arrow(numbers: Numbers, digits: int, scale: int) -> pa.Array:
    """Exact numbers, null where there is a fault: int64 where they are whole and fit, otherwise decimal128.

    `scale`: digits behind the point; a negative one means that many zeros that are not stored (P).
    """
    whole = digits - min(scale, 0)
    if scale <= 0 and whole <= MOST_DIGITS:
        return pa.array(numbers.low * 10**-scale, mask=numbers.faults != 0)
    precision = max(whole, scale, digits)
    unscaled = _decimals(numbers, precision if scale >= 0 else digits)
    if scale > 0:
        return _scaled(unscaled, precision, scale)
    if scale < 0:
        return pc.multiply(unscaled, pa.scalar(10**-scale, pa.decimal128(1 - scale, 0))).cast(pa.decimal128(whole, 0))
    return unscaled


def _decimals(numbers: Numbers, precision: int) -> pa.Array:
    """Whole decimals of the unscaled integers."""
    mask = numbers.faults != 0
    if numbers.high is None:
        return _wrapped(numbers.low, mask, precision, 0)
    high, low = (_wrapped(part, mask, MOST_DIGITS, 0) for part in (numbers.high, numbers.low))
    power = pa.scalar(10**LONG_LOW_DIGITS, pa.decimal128(MOST_DIGITS, 0))
    total = pc.add(pc.multiply(high, power), low)
    return total.cast(pa.decimal128(precision, 0))


def _scaled(unscaled: pa.Array, precision: int, scale: int) -> pa.Array:
    """The same digits with a point; no arithmetic, so nothing can be rounded."""
    wanted = pa.decimal128(min(max(precision, unscaled.type.precision), _MOST_PRECISION), scale)
    return pa.Array.from_buffers(wanted, len(unscaled), unscaled.buffers(), unscaled.null_count)


def _wrapped(integers: Integers, mask: npt.NDArray[np.bool_], precision: int, scale: int) -> pa.Array:
    """64-bit integers as decimals without a conversion: the upper half is their sign."""
    halves = np.empty((integers.size, 2), np.int64)
    halves[:, 0], halves[:, 1] = integers, integers >> 63
    valid = None
    if mask.any():
        valid = pa.array(~mask).buffers()[1]
    return pa.Array.from_buffers(
        pa.decimal128(precision, scale), integers.size, [valid, pa.py_buffer(halves)], int(mask.sum())
    )


def to_text(numbers: Numbers, digits: int, scale: int) -> pl.Series:
    """Text with all the digits of the picture, leading zeros included: `-00123.45`; null where there is a fault.

    Zeros that are not stored (P) are written. Nothing is lost: the text and the picture give the bytes back.
    """
    body = pl.Series(np.abs(numbers.low)).cast(pl.String)
    if numbers.high is not None:
        body = pl.Series(np.abs(numbers.high)).cast(pl.String) + body.str.zfill(LONG_LOW_DIGITS)
    body = body.str.zfill(max(digits, scale))
    if scale > 0:
        body = body.str.head(-scale) + "." + body.str.tail(scale)
    elif scale < 0:
        body = body + "0" * -scale
    negative = negatives(numbers)
    if negative.any():
        body = pl.select(pl.when(pl.Series(negative)).then(pl.lit("-") + body).otherwise(body)).to_series()
    if numbers.faults.any():
        body = pl.select(pl.when(pl.Series(numbers.faults == 0)).then(body)).to_series()
    return body
