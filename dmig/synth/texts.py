"""Small tools to make text columns of typed ones: tables gathered by index, padded numbers, texts put together."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from dmig.synth.streams import Bools, Ints

_FULL_WIDTH_DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")


def full_width(number: int) -> str:
    """A number in full-width digits."""
    return str(number).translate(_FULL_WIDTH_DIGITS)


def table(texts: Sequence[str]) -> pl.Series:
    """Texts to be gathered by their place."""
    return pl.Series(texts, dtype=pl.String)


def full_width_numbers(below: int) -> pl.Series:
    """Full-width numerals of 0 to `below` - 1, to be gathered."""
    return table([full_width(number) for number in range(below)])


def gather(texts: pl.Series, index: Ints) -> pl.Series:
    """The texts at `index`; a negative index gives null."""
    at = pl.Series("", index)
    return texts.gather(pl.select(pl.when(at >= 0).then(at)).to_series())


def digits(numbers: Ints, width: int) -> pl.Series:
    """Numbers with leading zeros."""
    return pl.Series("", numbers).cast(pl.String).str.zfill(width)


def joined(*parts: pl.Series | str) -> pl.Series:
    """Texts put together place by place; a null part counts as empty, an empty whole as null."""
    whole = pl.concat_str([pl.lit(part) for part in parts], ignore_nulls=True)
    return pl.select(pl.when(whole != "").then(whole).alias("")).to_series()


def only(texts: pl.Series, where: Bools) -> pl.Series:
    """The texts where the mask is set, null elsewhere."""
    return pl.select(pl.when(pl.Series("", where)).then(texts).alias("")).to_series()
