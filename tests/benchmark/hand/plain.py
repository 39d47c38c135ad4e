"""Columns as ordinary pandas keeps them: one `str` per cell, string methods over all filled cells of a column."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from hand.coded import Column, Mask, Texts


def encode(values: pd.Series) -> Column:
    """The texts as they are."""
    return values.array


def texts_of(column: Column) -> Texts:
    """The filled cells."""
    rows = filled(column)
    return pd.Series(column if rows.all() else column[rows])


def recode(column: Column, values: Texts) -> Column:
    """Other texts for the filled cells."""
    rows = filled(column)
    if rows.all():
        return values.array
    made = column.copy()
    made[rows] = values.array
    return made


def codes_of(column: Column) -> npt.NDArray[np.int64]:
    """A number per text, as a groupby would give; -1 for none."""
    return pd.factorize(column)[0]


def ranks_of(column: Column) -> npt.NDArray[np.int64]:
    """A number per text in ascending order."""
    return pd.factorize(column, sort=True)[0]


def codes_in(wanted: Column, other: Column) -> npt.NDArray[np.int64]:
    """The code that each text has in another column; -1 where that does not hold it."""
    return pd.Index(pd.factorize(other)[1]).get_indexer(pd.Index(wanted))


def spread(column: Column, per_text: npt.NDArray[np.generic], missing: object) -> npt.NDArray[np.generic]:
    """A value per filled cell as a value per row."""
    values = np.full(len(column), missing, per_text.dtype)
    values[filled(column)] = per_text
    return values


def filled(column: Column) -> Mask:
    """Rows that hold a text."""
    return ~column.isna()


def is_any(column: Column, texts: list[str]) -> Mask:
    """Rows that hold one of the texts."""
    return column.isin(texts)


def only(column: Column, rows: Mask) -> Column:
    """The column, missing outside the rows."""
    return pd.Series(column).where(rows).array


def pick(rows: Mask, one: Column, other: Column) -> Column:
    """`one` in the rows, `other` elsewhere."""
    return pd.Series(one).where(rows, pd.Series(other)).array


def coalesce(one: Column, other: Column) -> Column:
    """`one` where it is filled, otherwise `other`."""
    return pd.Series(one).fillna(pd.Series(other)).array


def pairs(one: Column, other: Column, between: str) -> Column:
    """Both texts of a row with something between them; missing only where both are."""
    left, right = pd.Series(one), pd.Series(other)
    return (left + between + right).fillna(left).fillna(right).array


def constant(text: str, count: int) -> Column:
    """One text in every row."""
    return pd.Series(text, range(count), dtype="str").array


def nothing(count: int) -> Column:
    """No text in any row."""
    return pd.Series(None, range(count), dtype="str").array


def numbers(values: npt.NDArray[np.integer]) -> Column:
    """Whole numbers as texts."""
    return pd.Series(values).astype("str").array
