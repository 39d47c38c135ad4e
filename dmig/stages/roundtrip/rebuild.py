"""Rebuilding canonical source items from published cells; each distinct combination of cells is judged once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from dmig.converters.cells import Alike, Cells, Member, named
from dmig.converters.contract import SINGLE, Registry, Request
from dmig.model.mapping import CodeTable

#: So many differing records of one proof are located.
MOST_RECORDS = 1000


@dataclass(frozen=True, slots=True)
class Inverse:
    """One proof: the legacy item `source` is given back from `targets` by the inverse of `converter`.

    `name` is the converter, for codes with its table (`code:seibetsu`); `args` are arguments of the inverse.
    """

    name: str
    source: str
    targets: tuple[str, ...]
    args: tuple[tuple[str, str], ...] = ()

    @property
    def converter(self) -> str:
        """The converter whose inverse is asked."""
        return self.name.partition(":")[0]

    @property
    def table(self) -> str:
        """The code table, or ""."""
        return self.name.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a proof found in one block: rows compared, rows whose source no inverse gives back, differing rows.

    `rows` are the positions of the first differing ones.
    """

    inverse: Inverse
    compared: int
    apart: int
    differing: int
    rows: tuple[int, ...]


def target_column(item: str) -> str:
    """Column of a block that holds a target item; canonical source items stand under their own names."""
    return f"t.{item}"


class RoundTrip:
    """The compiled proofs of one group."""

    def __init__(self, inverses: Sequence[Inverse], registry: Registry, tables: Mapping[str, CodeTable]) -> None:
        self.inverses = tuple(inverses)
        alike: dict[tuple[object, ...], list[int]] = {}
        for number, each in enumerate(self.inverses):
            alike.setdefault((each.name, each.args, len(each.targets)), []).append(number)
        self._alike = tuple(self._build(numbers, registry, tables) for numbers in alike.values())

    def _build(self, numbers: list[int], registry: Registry, tables: Mapping[str, CodeTable]) -> Alike:
        """Proofs by the same inverse: where it gives another text than the source has, where it promises none."""
        own = self.inverses[numbers[0]]
        converter = registry.converters[own.converter]
        inverse = registry.converters[converter.inverse]
        table, args, source = tables.get(own.table), dict(own.args), pl.col("source")
        columns = tuple(f"target{n}" for n in range(len(own.targets)))
        rebuilt = inverse.build(Request(tuple(pl.col(column) for column in columns), args, table)).values[SINGLE]
        apart = pl.lit(False)
        if converter.invertible is not None:
            apart = ~converter.invertible(Request((source,), args, table)).fill_null(True)
        results = named([apart.alias("apart"), (rebuilt.ne_missing(source) & ~apart).alias("differs")])
        members = tuple(
            Member(
                (self.inverses[n].source, *(target_column(target) for target in self.inverses[n].targets)),
                (f"{n}.apart", f"{n}.differs"),
            )
            for n in numbers
        )
        return Alike(("source", *columns), results, members)

    def run(self, cells: Cells) -> list[Outcome]:
        """What the proofs find in a block: canonical source items, and target items by `target_column`."""
        for alike in self._alike:
            filled = tuple(
                member for member in alike.members if not all(_is_blank(cells, name) for name in member.reads)
            )
            if filled:
                cells.evaluate_alike(replace(alike, members=filled))
        return [self._outcome(cells, number, each) for number, each in enumerate(self.inverses)]

    def _outcome(self, cells: Cells, number: int, inverse: Inverse) -> Outcome:
        if f"{number}.apart" not in cells:
            return Outcome(inverse, cells.height, 0, 0, ())
        apart = int(cells.rows(f"{number}.apart").sum()) if cells.any(f"{number}.apart") else 0
        if not cells.any(f"{number}.differs"):
            return Outcome(inverse, cells.height - apart, apart, 0, ())
        where = cells.where(f"{number}.differs")
        return Outcome(inverse, cells.height - apart, apart, where.len(), tuple(where.head(MOST_RECORDS)))


def _is_blank(cells: Cells, name: str) -> bool:
    """Whether a column is blank throughout."""
    values = cells.values(name)
    return values.null_count() == values.len()
