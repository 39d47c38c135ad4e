"""Columns as categoricals: distinct texts once, and a code per row.

A register repeats itself (a history row copies most of the row before), so everything is computed per distinct text
and spread by code. Measured at 100,000 residents, that is several times faster than string methods on whole columns.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

Mask = npt.NDArray[np.bool_]
Texts = pd.Series
#: Of pandas: a categorical here, an array of `str` in `hand.plain`.
Column = pd.api.extensions.ExtensionArray


def encode(values: pd.Series) -> pd.Categorical:
    """Texts to a categorical, categories in order of first appearance (sorting them would cost more)."""
    codes, distinct = pd.factorize(values)
    return pd.Categorical.from_codes(codes, distinct, validate=False)


def texts_of(column: pd.Categorical) -> Texts:
    """The distinct texts."""
    return pd.Series(column.categories, dtype="str")


def as_texts(values: list[str | None]) -> Texts:
    """Distinct texts made by Python; None is missing."""
    return pd.Series(values, dtype="str")


def recode(column: pd.Categorical, values: Texts) -> pd.Categorical:
    """Other texts for the distinct ones; equal ones fall together, missing ones become missing."""
    if len(values) and values.array.equals(column.categories.array):
        return column
    codes, distinct = pd.factorize(values)
    return pd.Categorical.from_codes(np.append(codes, -1)[column.codes], distinct, validate=False)


def codes_of(column: pd.Categorical) -> npt.NDArray[np.int64]:
    """A number per text; -1 for none."""
    return column.codes.astype(np.int64)


def ranks_of(column: pd.Categorical) -> npt.NDArray[np.int64]:
    """A number per text in ascending order."""
    return spread(column, np.argsort(np.argsort(column.categories.to_numpy())), -1)


def codes_in(wanted: pd.Categorical, other: pd.Categorical) -> npt.NDArray[np.int64]:
    """The code that each text has in another column; -1 where that does not hold it."""
    return spread(wanted, other.categories.get_indexer(wanted.categories), -1).astype(np.int64)


def spread(column: pd.Categorical, per_text: npt.NDArray[np.generic], missing: object) -> npt.NDArray[np.generic]:
    """A value per distinct text as a value per row."""
    return np.append(per_text, np.asarray([missing], per_text.dtype))[column.codes]


def filled(column: pd.Categorical) -> Mask:
    """Rows that hold a text."""
    return column.codes >= 0


def is_any(column: pd.Categorical, texts: list[str]) -> Mask:
    """Rows that hold one of the texts."""
    return spread(column, column.categories.isin(texts), False)


def only(column: pd.Categorical, rows: Mask) -> pd.Categorical:
    """The column, missing outside the rows."""
    return pd.Categorical.from_codes(np.where(rows, column.codes, -1), dtype=column.dtype, validate=False)


def pick(rows: Mask, one: pd.Categorical, other: pd.Categorical) -> pd.Categorical:
    """`one` in the rows, `other` elsewhere."""
    codes, distinct = pd.factorize(pd.concat([texts_of(one), texts_of(other)], ignore_index=True))
    first, second = np.append(codes[: len(one.categories)], -1), np.append(codes[len(one.categories) :], -1)
    return pd.Categorical.from_codes(np.where(rows, first[one.codes], second[other.codes]), distinct, validate=False)


def coalesce(one: pd.Categorical, other: pd.Categorical) -> pd.Categorical:
    """`one` where it is filled, otherwise `other`."""
    return pick(filled(one), one, other) if len(other.categories) else one


def pairs(one: pd.Categorical, other: pd.Categorical, between: str) -> pd.Categorical:
    """Both texts of a row with something between them, per distinct pair; missing only where both are."""
    width = len(other.categories) + 1
    pair = (one.codes.astype(np.int64) + 1) * width + other.codes + 1
    codes, distinct = pd.factorize(pair)
    left, right = [*one.categories, ""], [*other.categories, ""]
    both = ((left[p // width - 1], right[p % width - 1]) for p in distinct.tolist())
    values = as_texts([between.join(filter(None, parts)) or None for parts in both])
    again, joined = pd.factorize(values)
    return pd.Categorical.from_codes(np.append(again, -1)[codes], joined, validate=False)


def constant(text: str, count: int) -> pd.Categorical:
    """One text in every row."""
    return pd.Categorical.from_codes(np.zeros(count, np.int8), pd.Index([text], dtype="str"), validate=False)


def nothing(count: int) -> pd.Categorical:
    """No text in any row."""
    return pd.Categorical.from_codes(np.full(count, -1, np.int8), pd.Index([], dtype="str"), validate=False)


def numbers(values: npt.NDArray[np.integer]) -> pd.Categorical:
    """Small whole numbers from 0 as texts."""
    top = int(values.max(initial=0))
    return pd.Categorical.from_codes(values, pd.Index([str(n) for n in range(top + 1)], dtype="str"), validate=False)
