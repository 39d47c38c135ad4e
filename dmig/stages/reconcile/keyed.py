"""Two keyed sets of rows compared cell by cell, an item at a time: what two runs published, or a vendor and we.

The keys are aligned once. Then each item is read alone from both sides, the right cells are brought into the order of the
left rows, and the cells themselves are compared; no hash stands for them. What differs is classed by distinct pairs.
Memory holds one item of `ROWS_AT_ONCE` rows of either side per thread, however long the rows are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock

import numpy as np
import numpy.typing as npt
import polars as pl

from dmig.stages.reconcile.classes import class_sql
from dmig.stages.reconcile.compare import words
from dmig.stages.reconcile.keysets import NOWHERE, KeySets, key_sets

#: Rows of one side that are held at a time.
ROWS_AT_ONCE = 6_000_000
#: Rows that are brought into order and compared at a time, and differing cells that are classed at a time.
PIECE, CELLS_AT_ONCE = 250_000, 250_000
#: So many rows of each kind of difference are located.
MOST_ROWS = 20
#: Threads of the engine that aligns the keys.
THREADS = 2


@dataclass(frozen=True, slots=True)
class KeyedItem:
    """One item: whether its texts are ISO dates, or codes of a code list."""

    item: str
    dates: bool = False
    codes: bool = False


@dataclass(slots=True)
class CellDifferences:
    """Differing cells of one item and class: how many, and rows (left, right, from 0) of the first of them."""

    item: str
    kind: str
    count: int = 0
    rows: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class KeyedDifferences:
    """What the comparison of two keyed sets found. `rows` have their key once on either side; `differing` of them differ."""

    keys: KeySets
    rows: int
    differing: int
    cells: tuple[CellDifferences, ...]

    @property
    def is_empty(self) -> bool:
        """Whether both sides hold the same rows."""
        sets = (self.keys.only_left, self.keys.only_right, self.keys.doubled_left, self.keys.doubled_right)
        return not self.cells and not any(some.count for some in sets)


#: Runs work on every item, in whatever order; results in the order of the items.
Each = Callable[[Callable[[KeyedItem], list[CellDifferences]], Iterable[KeyedItem]], Iterable[list[CellDifferences]]]


def compare_keyed(
    left: Sequence[Path],
    right: Sequence[Path],
    items: Sequence[KeyedItem],
    keys: Sequence[str],
    scratch: Path,
    *,
    each: Each = map,
    rows_at_once: int = ROWS_AT_ONCE,
) -> KeyedDifferences:
    """Compare two sets of Parquet parts with the same items, all text; `keys` name the items of the key.

    `each` runs the comparison of every item: `map`, or that of a pool of threads, two of which need 1 GiB at most.
    """
    sets = key_sets(left, right, keys, scratch, threads=THREADS, most=MOST_ROWS)
    blocks = tuple(_blocks(sets, rows_at_once))
    differs = np.zeros(sets.left_rows, np.bool_)
    compare = partial(_compare_item, left, right, blocks, differs)
    found = list(each(compare, (item for item in items if item.item not in keys)))
    cells = tuple(one for of_item in found for one in of_item)
    return KeyedDifferences(sets, int((sets.places != NOWHERE).sum()), int(differs.sum()), cells)


@dataclass(frozen=True, slots=True)
class Block:
    """A run of left rows and a run of right rows that have keys in common.

    `places` brings the right run into the order of the left one (None: it is in that order). Only where `there` holds
    (None: everywhere) do both rows have the same key.
    """

    left: tuple[int, int]
    right: tuple[int, int]
    places: pl.Series | None
    there: pl.Series | None


def _blocks(sets: KeySets, rows_at_once: int) -> Iterator[Block]:
    """All pairs of runs that have rows in common; where both sides have one order, as many as runs."""
    for first in range(0, sets.left_rows, rows_at_once):
        places = sets.places[first : first + rows_at_once]
        runs = np.where(places == NOWHERE, NOWHERE, places // rows_at_once)
        for number in np.unique(runs[runs != NOWHERE]).tolist():
            start = number * rows_at_once
            there = runs == number
            own = np.where(there, places - start, 0)
            right = (start, min(rows_at_once, sets.right_rows - start))
            in_order = places.size == right[1] and bool((own == np.arange(own.size)).all())
            yield Block(
                (first, places.size),
                right,
                None if in_order else pl.Series(own, dtype=pl.UInt32),
                None if there.all() else pl.Series(there),
            )


def _read(files: Sequence[Path], item: str, run: tuple[int, int]) -> pl.Series:
    """One item of a run of rows."""
    return pl.scan_parquet(list(files)).select(item).slice(*run).collect().to_series()


def _compare_item(
    left: Sequence[Path],
    right: Sequence[Path],
    blocks: Sequence[Block],
    differs: npt.NDArray[np.bool_],
    item: KeyedItem,
) -> list[CellDifferences]:
    """The differing cells of one item, by class."""
    found: dict[str, CellDifferences] = {}
    waiting: list[pl.DataFrame] = []
    for block in blocks:
        one, other = _read(left, item.item, block.left), _read(right, item.item, block.right)
        if one.null_count() == one.len() and other.null_count() == other.len():
            continue
        other = other.rechunk()
        for cells in _differing(block, one, other):
            differs[cells["at"].to_numpy()] = True
            waiting.append(cells)
            if sum(piece.height for piece in waiting) >= CELLS_AT_ONCE:
                _count(found, item, pl.concat(waiting))
                waiting = []
    if waiting:
        _count(found, item, pl.concat(waiting))
    return [found[kind] for kind in sorted(found)]


def _differing(block: Block, one: pl.Series, other: pl.Series) -> Iterator[pl.DataFrame]:
    """The cells that differ: `l`, `r`, and the rows `at` and `to` where they stand. Pieces stay in the processor's cache."""
    for start in range(0, one.len(), PIECE):
        mine = one.slice(start, PIECE)
        places = None if block.places is None else block.places.slice(start, PIECE)
        theirs = other.slice(start, PIECE) if places is None else other.gather(places)
        wrong = mine.ne_missing(theirs)
        rows = (wrong if block.there is None else wrong & block.there.slice(start, PIECE)).arg_true()
        if rows.len():
            at = rows.cast(pl.Int64)
            to = at + start if places is None else places.gather(rows).cast(pl.Int64)
            yield pl.DataFrame(
                {"l": mine.gather(rows), "r": theirs.gather(rows), "at": at + (block.left[0] + start),
                 "to": to + block.right[0]}
            )  # fmt: skip


#: The connection that knows the words of the classes serves one thread at a time.
_CLASSING = Lock()


def _count(found: dict[str, CellDifferences], item: KeyedItem, cells: pl.DataFrame) -> None:
    """Class differing cells by their distinct pairs, count them, and note the first rows of each class."""
    pairs = cells.select("l", "r").unique()
    classed = cells.join(_classed(item, pairs), on=["l", "r"], how="left", nulls_equal=True)
    for (kind,), own in classed.group_by("class"):
        name = str(kind)
        one = found.setdefault(name, CellDifferences(item.item, name))
        one.count += own.height
        one.rows = sorted([*one.rows, *own.sort("at").head(MOST_ROWS).select("at", "to").iter_rows()])[:MOST_ROWS]


def _classed(item: KeyedItem, pairs: pl.DataFrame) -> pl.DataFrame:
    """The class of each pair."""
    left, right = (f"replace({side}, '-', '')" if item.dates else side for side in ("l", "r"))
    kind = class_sql(left, right, dates=item.dates, codes=item.codes, glyphs=("l", "r"))
    with _CLASSING:
        connection = words(())
        connection.register("pairs", pairs.to_arrow())
        classed = pl.DataFrame(connection.sql(f'select l, r, {kind} as "class" from pairs').to_arrow_table())  # noqa: S608
        connection.unregister("pairs")
    return classed.cast(pl.String)
