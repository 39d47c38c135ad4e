"""What a step is: rows in, rows out, and counts that must add up.

A step sees narrow frames: row identity (`__table`, `__row`) and only the items it declares to read. Its count law is
`rows in + created + split = rows out + merged + excluded`; whoever runs a step measures both sides apart from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from dmig.converters.contract import ArgSpec
from dmig.model.mapping import StepRow

#: Row identity: index of the legacy table in its layout (or `CREATED`), ordinal of the row in that table from 0.
TABLE = "__table"
ROW = "__row"
#: `__table` of rows that a step made; `__row` counts them from 0.
CREATED = 255
#: How often a row left, where it may leave more than once (one of its sets of items each time).
TIMES = "__times"


@dataclass(frozen=True, slots=True)
class StepFinding:
    """Rows (`__table`, `__row`) about which a step has something to say; `rejects` says that it refuses them."""

    code: str
    rows: pl.DataFrame
    item: str = ""
    rejects: bool = False


@dataclass(frozen=True, slots=True)
class StepResult:
    """What a step gives.

    `rows` is the new stream, `others` further streams by name (rows that were routed there). `excluded` counts rows
    by reason and `fates` names them (`__table`, `__row`, reason; `__times` where a row may leave more than once).
    `looked_up` holds rows (`__table`, `__row`) of other tables that were matched at least once. `members` leads from
    rows made by this step (`__row`) to the source rows (`member_table`, `member_row`) they stand for.
    """

    rows: pl.DataFrame
    others: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    created: int = 0
    split: int = 0
    merged: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    fates: pl.DataFrame | None = None
    looked_up: pl.DataFrame | None = None
    members: pl.DataFrame | None = None
    findings: tuple[StepFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class StepCall:
    """A step row made ready to run: its conditions compiled, the table that it looks up loaded.

    `later`: items that something behind the step needs (None: nobody said, so all).
    """

    row: StepRow
    conditions: Mapping[str, pl.Expr] = field(default_factory=dict)
    table: pl.DataFrame | None = None
    later: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class StepKind:
    """A named step with everything the compiler must know.

    `inputs` is the least and greatest number of input streams. `reads` names the items the step needs of its input
    streams, `reads_table` those of the table named by its `table` argument, `gives` the items it adds, `streams` the
    names of further streams it makes. `together` pairs an argument with one that it needs. `makes_rows` says that its
    rows are new ones that stand for others; `repeats_rows` that a row may come out several times, `spreads` how often
    at most (such a step has one input and needs no keys). `apart` says that
    rows with different first keys (any rows, without keys) have nothing to do with each other, so that the step may
    run on one part of them after another; `table_key` is the item of the looked-up table that the first key is
    compared with. `law` says in words which counts may differ from zero.
    """

    name: str
    run: Callable[[StepCall, list[pl.DataFrame]], StepResult]
    law: str
    inputs: tuple[int, int] = (1, 1)
    args: tuple[ArgSpec, ...] = ()
    needs_keys: bool = False
    together: tuple[tuple[str, str], ...] = ()
    reads: Callable[[StepRow], tuple[str, ...]] = lambda row: row.keys
    reads_table: Callable[[StepRow], tuple[str, ...]] = lambda _: ()
    gives: Callable[[StepRow], tuple[str, ...]] = lambda _: ()
    streams: Callable[[StepRow], tuple[str, ...]] = lambda _: ()
    makes_rows: bool = False
    repeats_rows: bool = False
    spreads: Callable[[StepRow], int] = lambda _: 1
    apart: bool = False
    table_key: Callable[[StepRow], str] = lambda row: row.keys[0]


def mask(item: str) -> str:
    """Name of the boolean column that says where an item could not be read; steps carry it with the item."""
    return f"!{item}"


def with_masks(frame: pl.DataFrame, items: list[str]) -> list[str]:
    """The items and those of their masks that the frame has."""
    return [*items, *(mask(item) for item in items if mask(item) in frame.columns)]


def nothing() -> pl.DataFrame:
    """An empty frame of row identities."""
    return pl.DataFrame(schema={TABLE: pl.UInt8, ROW: pl.UInt32})
