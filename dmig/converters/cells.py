"""A block of rows column by column, each as distinct values and, per row, which of them it has.

Registers repeat themselves: of 40,000 cells of an item, some thousand are different and most items are nearly blank.
What is said row by row of the items it reads (every converter, legacy type, condition and row rule: a law, tested) is
therefore worked out once per distinct combination of those items and only then laid over the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import polars as pl
import pyarrow as pa

#: Column -> its distinct values and the position of each row's value in them; None: the values are the rows.
Encoded = Mapping[str, tuple[pl.Series, pl.Series | None]]

#: From this share of distinct values on, a column is worked on row by row: looking up would cost more than it saves.
ROW_BY_ROW = 0.7
#: From this many distinct values on, pieces that several expressions share are looked for and computed once.
SHARE_FROM = 2_000


@dataclass(frozen=True, slots=True)
class Named:
    """An expression made ready: the name of its result and the columns it reads."""

    name: str
    expr: pl.Expr
    reads: tuple[str, ...]


def named(expressions: Iterable[pl.Expr]) -> tuple[Named, ...]:
    """Expressions with an alias, made ready once per process."""
    return tuple(Named(e.meta.output_name(), e, tuple(dict.fromkeys(e.meta.root_names()))) for e in expressions)


@dataclass(frozen=True, slots=True)
class Member:
    """One set of columns for which expressions are worked out, and the names that their results get."""

    reads: tuple[str, ...]
    results: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alike:
    """Expressions over placeholder columns `reads`, and the sets of columns that stand for them in turn.

    Fifteen date items of one declared form are read by one expression over all their values: planning an expression
    costs as much as working out some thousand values.
    """

    reads: tuple[str, ...]
    results: tuple[Named, ...]
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """What several columns of a block have in common: which of `size` entries each row has; None: its own."""

    number: int
    size: int
    codes: pl.Series | None


class Cells:
    """The columns of one block. Columns are added by name; adding a name again replaces it."""

    def __init__(self, height: int) -> None:
        self.height = height
        self._same = Basis(0, 1, None)
        self._each = Basis(1, height, None)
        self._bases = 2
        self._columns: dict[str, tuple[Basis, pl.Series]] = {}
        self._joins: dict[tuple[int, ...], tuple[Basis, dict[int, pl.Series]]] = {}

    @classmethod
    def of(cls, columns: Encoded, height: int) -> Cells:
        """The block of encoded columns."""
        cells = cls(height)
        for name, (values, codes) in columns.items():
            cells._add_encoded(name, values, codes)
        return cells

    @classmethod
    def of_frame(cls, frame: pl.DataFrame) -> Cells:
        """The block of a plain frame."""
        return cls.of(encode(frame), frame.height)

    def __contains__(self, name: str) -> bool:
        return name in self._columns

    def _add_encoded(self, name: str, values: pl.Series, codes: pl.Series | None) -> None:
        if codes is None:
            self._add(name, self._each, values)
        elif values.len() == 1:
            self._add(name, self._same, values)
        elif values.len() > ROW_BY_ROW * self.height:
            self._add(name, self._each, values.gather(codes))
        else:
            self._bases += 1
            self._add(name, Basis(self._bases, values.len(), codes), values)

    def _add(self, name: str, basis: Basis, values: pl.Series) -> None:
        """Columns that say the same of every row need no codes: masks that are nowhere set, items blank throughout."""
        if basis is not self._same and _is_uniform(values):
            basis, values = self._same, values.head(1)
        self._columns[name] = (basis, values)

    def fill(self, name: str, value: pl.Series) -> None:
        """A column that has the one value in every row."""
        self._columns[name] = (self._same, value)

    def values(self, name: str) -> pl.Series:
        """The entries of a column: each value of the block at least once, in no particular order."""
        return self._columns[name][1]

    def lay(self, name: str, like: str, values: pl.Series) -> None:
        """A column with one entry for each entry of the column `like`."""
        self._add(name, self._columns[like][0], values)

    def any(self, name: str) -> bool:
        """Whether a mask is set anywhere."""
        return bool(self.height) and bool(self.values(name).any())

    def where(self, name: str) -> pl.Series:
        """Positions of the rows where a mask is set."""
        return self.rows(name).arg_true()

    def rows(self, name: str) -> pl.Series:
        """A column row by row."""
        basis, values = self._columns[name]
        if basis is self._same:
            return _repeated(values, self.height).alias(name)
        return (values if basis.codes is None else values.gather(basis.codes)).alias(name)

    def frame(self, names: Iterable[str]) -> pl.DataFrame:
        """Columns row by row."""
        return pl.DataFrame([self.rows(name) for name in names])

    def encoded(self, names: Mapping[str, str]) -> dict[str, tuple[pl.Series, pl.Series | None]]:
        """Text columns (new name -> name) with each value once, in the order in which rows have them."""
        found: dict[str, tuple[pl.Series, pl.Series | None]] = {}
        for new, name in names.items():
            basis, values = self._columns[name]
            if basis is self._same:
                found[new] = (values, pl.repeat(0, self.height, dtype=pl.Int32, eager=True))
                continue
            distinct, codes = _distinct(values)
            found[new] = (distinct, codes if basis.codes is None else codes.gather(basis.codes))
        return found

    def alias(self, name: str, of: str) -> None:
        """Another name for a column."""
        self._columns[name] = self._columns[of]

    def evaluate(self, wanted: Sequence[Named]) -> None:
        """Add the results of expressions, each worked out once per distinct combination of the columns it reads."""
        groups: dict[tuple[int, ...], list[Named]] = {}
        for one in wanted:
            groups.setdefault(self._numbers(one.reads), []).append(one)
        results: list[tuple[str, Basis, pl.Series]] = []
        for members in groups.values():
            reads = dict.fromkeys(name for one in members for name in one.reads)
            basis, places = self._joined(reads)
            small = pl.DataFrame([self._at(name, basis, places) for name in reads])
            worked = _select(small, [one.expr for one in members], basis.size)
            results += [(one.name, basis, worked[one.name]) for one in members]
        for name, basis, values in results:
            self._add(name, basis, values)

    def evaluate_alike(self, alike: Alike) -> None:
        """Add the results of expressions that many sets of columns share: their entries are worked out together."""
        bases, pieces = [], []
        for member in alike.members:
            basis, places = self._joined(member.reads)
            bases.append(basis)
            pieces.append([self._at(name, basis, places) for name in member.reads])
        stacked = pl.DataFrame(
            [pl.concat([piece[n] for piece in pieces]).alias(name) for n, name in enumerate(alike.reads)]
        )
        if len(bases) == 1:
            worked = _select(stacked, [one.expr for one in alike.results], stacked.height)
            results = [worked[one.name] for one in alike.results]
        else:
            together = Cells.of_frame(stacked)
            together.evaluate(alike.results)
            results = [together.rows(one.name) for one in alike.results]
        start = 0
        for member, basis in zip(alike.members, bases, strict=True):
            for name, values in zip(member.results, results, strict=True):
                self._add(name, basis, values.slice(start, basis.size))
            start += basis.size

    def _numbers(self, reads: Iterable[str]) -> tuple[int, ...]:
        """The bases of some columns."""
        return tuple(sorted({self._columns[name][0].number for name in reads} - {self._same.number}))

    def _at(self, name: str, basis: Basis, places: dict[int, pl.Series]) -> pl.Series:
        """A column's values at the entries of a wider basis."""
        own, values = self._columns[name]
        if own is basis:
            return values.alias(name)
        if own is self._same:
            return _repeated(values, basis.size).alias(name)
        place = places.get(own.number)
        return (values if place is None else values.gather(place)).alias(name)

    def _joined(self, reads: Iterable[str]) -> tuple[Basis, dict[int, pl.Series]]:
        """The basis whose entries are the combinations of entries that rows have, and where those stand in each."""
        numbers = self._numbers(reads)
        if not numbers:
            return self._same, {}
        own = {basis.number: basis for name in reads for basis in (self._columns[name][0],)}
        if len(numbers) == 1:
            return own[numbers[0]], {}
        if numbers not in self._joins:
            self._joins[numbers] = self._join([own[number] for number in numbers])
        return self._joins[numbers]

    def _join(self, bases: list[Basis]) -> tuple[Basis, dict[int, pl.Series]]:
        by_row = {basis.number: basis.codes for basis in bases if basis.codes is not None}
        if len(by_row) < len(bases) or prod(basis.size for basis in bases) >= 2**63:
            return self._each, by_row
        key = pl.repeat(0, self.height, dtype=pl.UInt64, eager=True)
        for basis in bases:
            key = key * basis.size + by_row[basis.number].cast(pl.UInt64)
        distinct, joint = _distinct(key)
        if distinct.len() > ROW_BY_ROW * self.height:
            return self._each, by_row
        self._bases += 1
        joined, places = Basis(self._bases, distinct.len(), joint), {}
        for basis in reversed(bases):
            places[basis.number] = distinct % basis.size
            distinct = distinct // basis.size
        return joined, places


def per_value(column: pl.Series, *expressions: pl.Expr) -> pl.DataFrame:
    """Expressions over `pl.col("value")`, worked out once per distinct value of a column and laid over its rows."""
    values, codes = _distinct(column)
    return values.alias("value").to_frame().select(expressions)[codes]


def encode(frame: pl.DataFrame) -> dict[str, tuple[pl.Series, pl.Series | None]]:
    """A frame's texts and masks as distinct values (null is one of them) and codes; other columns as they are."""
    return {
        column.name: _distinct(column) if column.dtype in (pl.String, pl.Boolean) else (column, None)
        for column in frame.get_columns()
    }


def _repeated(values: pl.Series, height: int) -> pl.Series:
    """The first entry in every row."""
    return values.new_from_index(0, height) if height else values.clear()


def _is_uniform(values: pl.Series) -> bool:
    """Whether a mask says the same throughout, or nothing is filled at all."""
    nulls = values.null_count()
    if values.dtype != pl.Boolean or nulls:
        return nulls == values.len()
    return bool(values.all() or not values.any())


def _distinct(column: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The distinct values in the order of their first row, and the code of each row."""
    found = column.to_arrow(compat_level=pl.CompatLevel.oldest()).dictionary_encode(null_encoding="encode")
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    values, codes = pl.Series(column.name, found.dictionary, dtype=column.dtype), pl.Series("", found.indices)
    return values, codes


def _select(small: pl.DataFrame, expressions: list[pl.Expr], size: int) -> pl.DataFrame:
    if not small.width:
        return pl.select(expressions)
    # Only a lazy frame computes common pieces of expressions once; finding them costs more than a short column.
    return small.lazy().select(expressions).collect() if size >= SHARE_FROM else small.select(expressions)
