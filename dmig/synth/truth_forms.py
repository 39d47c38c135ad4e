"""How the standard layout writes days, numbers, marks and full-width texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from dmig.synth.days import NEVER, NO_DAY, Parts, parts_of
from dmig.synth.streams import Bools, Ints

#: ASCII as full width; the space too.
WIDE = {code: chr(code + 0xFEE0) for code in range(0x21, 0x7F)} | {0x20: "\u3000"}
WIDE_NUMBERS = pl.Series([str(number).translate(WIDE) for number in range(2_000)])


def ten_digits(numbers: Ints) -> pl.Series:
    """Numbers with leading zeros to ten digits."""
    return leading_zeros(numbers, 10)


def leading_zeros(numbers: Ints, width: int) -> pl.Series:
    """Numbers with leading zeros."""
    return pl.Series(numbers + 10**width).cast(pl.String).str.slice(1)


def ones(marks: Bools) -> pl.Series:
    """`1` where the mask is set, `0` elsewhere."""
    return pl.Series(marks).cast(pl.Int8).cast(pl.String)


def iso(parts: Parts) -> pl.Series:
    """YYYY-MM-DD, unknown parts as zeros."""
    text = pl.Series(parts.year * 10_000 + parts.month * 100 + parts.day + 10**8).cast(pl.String)
    pieces = [text.str.slice(1, 4), pl.lit("-"), text.str.slice(5, 2), pl.lit("-"), text.str.slice(7, 2)]
    return pl.select(pl.concat_str(pieces)).to_series()


def iso_days(days: Ints) -> pl.Series:
    """Days as YYYY-MM-DD; null where there is none (NO_DAY or NEVER)."""
    there = (days > NO_DAY) & (days < NEVER)
    return where(iso(parts_of(np.where(there, days, 0))), there)


def where(texts: pl.Series, mask: Bools) -> pl.Series:
    """The texts where the mask is set, null elsewhere."""
    return pl.select(pl.when(pl.Series("", mask)).then(texts).alias("")).to_series()


def pick(texts: pl.Series, index: Ints) -> pl.Series:
    """The texts at `index`, null where it is negative."""
    return where(texts.gather(np.maximum(index, 0)), index >= 0)


def together(*parts: pl.Series | str) -> pl.Series:
    """Texts put together; null where a part is."""
    return pl.select(pl.concat_str([pl.lit(part) for part in parts]).alias("")).to_series()


def in_layout(columns: Mapping[str, pl.Series], header: Sequence[str], height: int) -> pl.DataFrame:
    """Columns in layout order; an item that this city leaves empty is null. KeyError for one that is not in it."""
    for name in columns:
        if name not in header:
            raise KeyError(name)
    empty = pl.Series("", [None], dtype=pl.String).new_from_index(0, height)
    return pl.DataFrame([columns.get(name, empty).alias(name) for name in header])
