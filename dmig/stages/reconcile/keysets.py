"""Which row of one keyed set stands for the same thing as which row of another: a grouping by the key cells themselves.

Only key items are read. The engine spills what does not fit its memory; nothing is decided by a hash alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
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
    starts = [list(accumulate((height(path) for path in side), initial=0)) for side in (left, right)]
    places = np.full(starts[0][-1], NOWHERE, np.int64)
    found: dict[str, _Some] = {
        name: _Some(most) for name in ("only_left", "only_right", "doubled_left", "doubled_right")
    }
    config = {"memory_limit": MEMORY, "threads": threads, "temp_directory": str(scratch)}
    with duckdb.connect(config=config) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set enable_progress_bar = false")
        grouped = connection.sql(_grouping(left, right, starts, keys))
        for batch in grouped.to_arrow_reader(BATCH):
            times_left, times_right, row_left, row_right = (column.to_numpy() for column in batch.columns)
            once = (times_left == 1) & (times_right == 1)
            places[row_left[once]] = row_right[once]
            found["only_left"].add(row_left[times_right == 0])
            found["only_right"].add(row_right[times_left == 0])
            found["doubled_left"].add(row_left[times_left > 1])
            found["doubled_right"].add(row_right[times_right > 1])
    return KeySets(starts[1][-1], places, **{name: some.keys() for name, some in found.items()})


def height(path: Path) -> int:
    """Rows of a Parquet file, from its footer."""
    rows: int = parquet.read_metadata(path).num_rows
    return rows


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


def _grouping(left: Sequence[Path], right: Sequence[Path], starts: list[list[int]], keys: Sequence[str]) -> str:
    """Per key: how often either side has it, and the first row of each side that does."""
    names = [f"k{n}" for n in range(len(keys))]
    shown = ", ".join(f"{_quoted(key)} as {name}" for key, name in zip(keys, names, strict=True))
    sides = []
    for number, (side, start) in enumerate(zip((left, right), starts, strict=True)):
        files = ", ".join(_literal(str(path)) for path in side)
        # A row's position among all rows of the side: rows of the files before, and its place in its own.
        at = f"file_row_number + (cast({start} as bigint[]))[cast(file_index as bigint) + 1]"
        columns = (at, "cast(null as bigint)") if number == 0 else ("cast(null as bigint)", at)
        sides.append(
            f"select {shown}, {columns[0]} as l, {columns[1]} as r "  # noqa: S608
            f"from read_parquet([{files}], file_row_number = true)"
        )
    # Identifiers and file names are quoted; nothing else of what is read enters the statement.
    return (
        "select count(l) as nl, count(r) as nr, coalesce(min(l), -1) as l, coalesce(min(r), -1) as r "  # noqa: S608
        f"from ({' union all '.join(sides)}) group by {', '.join(names)}"
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
