"""Which row of one keyed set stands for the same thing as which row of another, by the key cells themselves.

Only key items are read, and the engine spills what does not fit its memory. Hashes that all differ prove that all keys
differ; then a join suffices. Otherwise the keys are grouped, which costs three times as much. Nothing is taken for equal
because its hash is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
from pyarrow import parquet

Positions = npt.NDArray[np.int64]

#: What the grouping may hold before it spills.
MEMORY = "600MB"
#: Keys are handed over in batches of so many.
BATCH = 500_000
NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Keys:
    """Some keys of a side: how many there are, and the rows (from 0) where the first of them stand."""

    count: int
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeySets:
    """How the keys of two sides stand to each other.

    `places` gives for each left row the right row with its key, where the key stands exactly once on either side;
    otherwise `NOWHERE`. A key that stands several times on a side is `doubled` there and its rows are not compared.
    """

    right_rows: int
    places: Positions
    only_left: Keys
    only_right: Keys
    doubled_left: Keys
    doubled_right: Keys

    @property
    def left_rows(self) -> int:
        """Rows of the left side."""
        return self.places.size


def key_sets(
    left: Sequence[Path], right: Sequence[Path], keys: Sequence[str], scratch: Path, *, threads: int, most: int
) -> KeySets:
    """Align two sets of Parquet parts by their key items; blank keys are equal to each other.

    `scratch` is a private folder: what spills are keys. At most `most` rows of each kind are located.
    """
    config = {"memory_limit": MEMORY, "threads": threads, "temp_directory": str(scratch)}
    sides = _Sides(left, right, keys)
    sets = _Sets(sides.heights, most)
    with duckdb.connect(config=config) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set enable_progress_bar = false")
        if all(_hashes_differ(side, keys) for side in (left, right)):
            for row_left, row_right in _batches(connection, sides.join):
                sets.add_joined(row_left, row_right)
        else:
            for times_left, times_right, row_left, row_right in _batches(connection, sides.grouping):
                sets.add_grouped(times_left, times_right, row_left, row_right)
    return sets.found()


def _batches(connection: duckdb.DuckDBPyConnection, statement: str) -> Iterator[list[Positions]]:
    """The result of a statement, some rows at a time, as columns."""
    for batch in connection.sql(statement).to_arrow_reader(BATCH):
        yield [column.to_numpy() for column in batch.columns]


def _hashes_differ(side: Sequence[Path], keys: Sequence[str]) -> bool:
    """Whether the hashes of all keys are different, so that no key stands twice."""
    hashes = pl.scan_parquet(list(side)).select(pl.struct(keys).hash()).collect().to_series().to_numpy(writable=True)
    hashes.sort()
    return not bool((hashes[1:] == hashes[:-1]).any())


class _Sets:
    """Gathers what the statements say of the keys."""

    def __init__(self, heights: tuple[int, int], most: int) -> None:
        self._right_rows = heights[1]
        self._places = np.full(heights[0], NOWHERE, np.int64)
        self._only_left, self._only_right, self._doubled_left, self._doubled_right = (_Some(most) for _ in range(4))

    def add_joined(self, row_left: Positions, row_right: Positions) -> None:
        """Rows that share a key; `NOWHERE` for a row that one side lacks."""
        both = (row_left != NOWHERE) & (row_right != NOWHERE)
        self._places[row_left[both]] = row_right[both]
        self._only_left.add(row_left[row_right == NOWHERE])
        self._only_right.add(row_right[row_left == NOWHERE])

    def add_grouped(
        self, times_left: Positions, times_right: Positions, row_left: Positions, row_right: Positions
    ) -> None:
        """Keys: how often each side has them, and where first."""
        once = (times_left == 1) & (times_right == 1)
        self._places[row_left[once]] = row_right[once]
        self._only_left.add(row_left[times_right == 0])
        self._only_right.add(row_right[times_left == 0])
        self._doubled_left.add(row_left[times_left > 1])
        self._doubled_right.add(row_right[times_right > 1])

    def found(self) -> KeySets:
        """What was gathered."""
        some = (self._only_left, self._only_right, self._doubled_left, self._doubled_right)
        return KeySets(self._right_rows, self._places, *(one.keys() for one in some))


class _Some:
    """Counts keys and keeps the rows of those that come first."""

    def __init__(self, most: int) -> None:
        self._most, self._count, self._rows = most, 0, np.empty(0, np.int64)

    def add(self, rows: Positions) -> None:
        self._count += rows.size
        if rows.size:
            self._rows = np.sort(np.concatenate([self._rows, rows]))[: self._most]

    def keys(self) -> Keys:
        return Keys(self._count, tuple(self._rows.tolist()))


class _Sides:
    """The statements over both sides. Identifiers and file names are quoted; nothing else that is read enters them."""

    def __init__(self, left: Sequence[Path], right: Sequence[Path], keys: Sequence[str]) -> None:
        self._names = [f"k{n}" for n in range(len(keys))]
        self._keys = ", ".join(f"{_quoted(key)} as {name}" for key, name in zip(keys, self._names, strict=True))
        starts = [list(accumulate((height(path) for path in side), initial=0)) for side in (left, right)]
        self.heights = (starts[0][-1], starts[1][-1])
        self._rows = [self._side(side, start) for side, start in zip((left, right), starts, strict=True)]

    def _side(self, files: Sequence[Path], starts: list[int]) -> str:
        """Keys and the position of each row among all rows of the side: rows of the files before, and its own."""
        named = ", ".join(_literal(str(path)) for path in files)
        at = f"file_row_number + (cast({starts} as bigint[]))[cast(file_index as bigint) + 1]"
        return f"(select {self._keys}, {at} as place from read_parquet([{named}], file_row_number = true))"  # noqa: S608

    @property
    def join(self) -> str:
        """Rows of both sides that share a key, and those that have none to share it with."""
        same = " and ".join(f"l.{name} is not distinct from r.{name}" for name in self._names)
        return (
            f"select coalesce(l.place, {NOWHERE}) as l, coalesce(r.place, {NOWHERE}) as r "  # noqa: S608
            f"from {self._rows[0]} l full join {self._rows[1]} r on {same}"
        )

    @property
    def grouping(self) -> str:
        """Per key: how often either side has it, and the first row of each side that does."""
        names = ", ".join(self._names)
        nothing = "cast(null as bigint)"
        return (
            f"select count(l) as nl, count(r) as nr, coalesce(min(l), {NOWHERE}) as l, coalesce(min(r), {NOWHERE}) as r "  # noqa: S608
            f"from (select {names}, place as l, {nothing} as r from {self._rows[0]} "
            f"union all select {names}, {nothing}, place from {self._rows[1]}) group by {names}"
        )


def height(path: Path) -> int:
    """Rows of a Parquet file, from its footer."""
    rows: int = parquet.read_metadata(path).num_rows
    return rows


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
