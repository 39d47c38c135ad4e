"""Streams of rows in partitions, so that a step of a large town holds one of them at a time and memory stays flat.

A partition holds all rows whose item lies between two borders (ranges of text order; blank rows are in the last one),
so rows that share a key stand together, and partitions one after another are in the order of the key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from dmig.errors import LawBroken
from dmig.model.mapping import StepRow
from dmig.steps.contract import ROW, TABLE, StepKind

#: A partition holds about this many rows. It depends on the rows alone, so results do not depend on the machine.
ROWS_AT_ONCE = 500_000
#: Borders are taken from about this many rows.
SAMPLE = 20_000


#: All partitions of a stream at once.
ALL = -1
#: By which item rows are parted that are not.
NOT_PARTED: tuple[str, tuple[str, ...]] = ("", ())


class Kept(Protocol):
    """Rows put away: in memory, or on disk by whoever has one."""

    @property
    def height(self) -> int:
        """How many rows there are."""

    def load(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows, all or some columns."""


#: Puts rows away.
Keep = Callable[[pl.DataFrame], Kept]


@dataclass(frozen=True, slots=True)
class InMemory:
    """Rows that are few enough to stay where they are."""

    frame: pl.DataFrame

    @property
    def height(self) -> int:
        """How many rows there are."""
        return self.frame.height

    def load(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows, all or some columns."""
        return self.frame if columns is None else self.frame.select(columns)


@dataclass(frozen=True, slots=True)
class Stream:
    """Rows in partitions of pieces; `by` names the item they are parted by ("" for none), `borders` where.

    `scattered`: pieces of one partition come from parts of another order and are put in row order when loaded.
    """

    partitions: tuple[tuple[Kept, ...], ...]
    by: str = ""
    borders: tuple[str, ...] = ()
    scattered: bool = False

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Stream:
        """A stream that is one frame."""
        return cls(((InMemory(frame),),))

    @property
    def height(self) -> int:
        """Rows of all partitions."""
        return sum(piece.height for piece in self.pieces())

    def pieces(self) -> Iterator[Kept]:
        """All pieces in order."""
        return (piece for partition in self.partitions for piece in partition)

    def load(self, number: int) -> pl.DataFrame:
        """One partition."""
        frames = [piece.load() for piece in self.partitions[number]]
        rows = frames[0] if len(frames) == 1 else pl.concat(frames)
        return rows.sort(TABLE, ROW, maintain_order=True) if self.scattered else rows

    def frame(self) -> pl.DataFrame:
        """All rows at once; for streams that are small by nature."""
        return pl.concat([self.load(number) for number in range(len(self.partitions))])

    def empty(self) -> pl.DataFrame:
        """No rows, with the columns of the stream."""
        return next(self.pieces()).load().clear()


@dataclass(frozen=True, slots=True)
class Turn:
    """One run of a step: the partition of each input (None: no rows of it), and of the looked-up table.

    `stretch`: only so many rows from one on, for a step that makes several of each.
    """

    inputs: tuple[tuple[Stream, int | None], ...]
    table: tuple[Stream, int] | None = None
    stretch: tuple[int, int] | None = None

    def load(self) -> tuple[list[pl.DataFrame], pl.DataFrame | None]:
        """The frames of the inputs and of the table."""
        frames = [stream.empty() if number is None else _whole(stream, number) for stream, number in self.inputs]
        if self.stretch:
            frames = [frame.slice(*self.stretch) for frame in frames]
        return frames, _whole(*self.table) if self.table else None


def _whole(stream: Stream, number: int) -> pl.DataFrame:
    return stream.frame() if number == ALL else stream.load(number)


def arrange(
    step: StepRow, kind: StepKind, inputs: list[Stream], table: Stream | None, keep: Keep, at_once: int
) -> tuple[list[Turn], tuple[str, tuple[str, ...]]]:
    """The turns in which a step runs, and by which item (and borders) its rows are parted afterwards."""
    rows = [*inputs, *([table] if table else [])]
    single = all(len(stream.partitions) == 1 for stream in rows)
    spread = kind.spreads(step)
    if not kind.apart or (single and sum(stream.height for stream in rows) * spread <= at_once):
        return [Turn(tuple((stream, ALL) for stream in inputs), (table, ALL) if table else None)], NOT_PARTED
    if spread > 1:
        return list(_stretches(inputs[0], max(1, at_once // spread))), NOT_PARTED
    if not step.keys:
        turns = [
            Turn(tuple((other, number if n == at else None) for n, other in enumerate(inputs)))
            for at, stream in enumerate(inputs)
            for number in range(len(stream.partitions))
        ]
        return turns, (inputs[0].by, inputs[0].borders) if len(inputs) == 1 else NOT_PARTED
    wanted = [(stream, step.keys[0]) for stream in inputs]
    wanted += [(table, kind.table_key(step))] if table else []
    parted = part_together(wanted, keep, at_once)
    tables = parted[len(inputs) :]
    turns = [
        Turn(tuple((stream, number) for stream in parted[: len(inputs)]), (tables[0], number) if tables else None)
        for number in range(len(parted[0].partitions))
    ]
    return turns, (step.keys[0], parted[0].borders)


def _stretches(stream: Stream, rows: int) -> Iterator[Turn]:
    """Turns of a few rows each: the step gives several for each of them."""
    for number, partition in enumerate(stream.partitions):
        height = sum(piece.height for piece in partition)
        for begin in range(0, max(1, height), rows):
            yield Turn(((stream, number),), stretch=(begin, rows))


def part_together(streams: list[tuple[Stream, str]], keep: Keep, at_once: int = ROWS_AT_ONCE) -> list[Stream]:
    """Streams parted by an item each, with the same borders; one that has them already stays as it is."""
    parted = next((stream for stream, item in streams if stream.by == item and stream.by), None)
    borders = parted.borders if parted else _borders(streams, at_once)
    return [
        stream if stream.by == item and stream.borders == borders else _exchange(stream, item, borders, keep)
        for stream, item in streams
    ]


def _borders(streams: list[tuple[Stream, str]], at_once: int) -> tuple[str, ...]:
    """Texts that cut all rows together into partitions of about equal size."""
    total = sum(stream.height for stream, _ in streams)
    stride = max(1, total // SAMPLE)
    columns = [
        piece.load([item])[item].gather_every(stride).drop_nulls()
        for stream, item in streams
        for piece in stream.pieces()
    ]
    seen = pl.concat([pl.Series([], dtype=pl.String), *columns]).sort()
    count = -(-total // at_once)
    places = [seen.len() * n // count for n in range(1, count)] if seen.len() else []
    return tuple(dict.fromkeys(seen[place] for place in places))


def _exchange(stream: Stream, item: str, borders: tuple[str, ...], keep: Keep) -> Stream:
    """Every row into the partition of its item's value."""
    parts: list[list[Kept]] = [[] for _ in range(len(borders) + 1)]
    for piece in stream.pieces():
        rows = piece.load()
        place = rows.select(
            pl.sum_horizontal(pl.lit(0), *((pl.col(item) >= border).cast(pl.UInt16) for border in borders))
            .cast(pl.UInt16).alias("place")
        )["place"] if borders else pl.repeat(0, rows.height, dtype=pl.UInt16, eager=True)  # fmt: skip
        if rows[item].null_count():
            place = pl.select(
                pl.when(rows[item].is_null()).then(len(borders)).otherwise(place).cast(pl.UInt16)
            ).to_series()
        for number, part in enumerate(parts):
            own = rows.filter(place == number)
            if own.height:
                part.append(keep(own))
    empty = stream.empty()
    moved = Stream(tuple(tuple(part) or (InMemory(empty),) for part in parts), item, borders, bool(stream.by))
    if moved.height != stream.height:
        raise LawBroken(f"parting by {item} gave {moved.height} rows of {stream.height}")
    return moved
