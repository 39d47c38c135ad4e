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


@dataclass(frozen=True, slots=True)
class StepFinding:
    """Rows about which a step has something to say; they are refused nothing by it."""

    code: str
    rows: pl.DataFrame
    item: str = ""


@dataclass(frozen=True, slots=True)
class StepResult:
    """What a step gives.

    `rows` is the new stream. `excluded` counts rows by reason and `fates` names them (`__table`, `__row`, reason).
    `looked_up` holds rows (`__table`, `__row`) of other tables that were matched at least once. `members` leads from
    rows made by this step (`__row`) to the source rows (`member_table`, `member_row`) they stand for.
    """

    rows: pl.DataFrame
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
    """A step row made ready to run: its conditions compiled, the table that it looks up loaded."""

    row: StepRow
    conditions: Mapping[str, pl.Expr] = field(default_factory=dict)
    table: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class StepKind:
    """A named step with everything the compiler must know.

    `inputs` is the least and greatest number of input streams. `reads` names the items the step needs of its input
    streams, `reads_table` those of the table named by its `table` argument, `gives` the items it adds. `law` says
    in words which of the counts may differ from zero.
    """

    name: str
    run: Callable[[StepCall, list[pl.DataFrame]], StepResult]
    law: str
    inputs: tuple[int, int] = (1, 1)
    args: tuple[ArgSpec, ...] = ()
    needs_keys: bool = False
    reads: Callable[[StepRow], tuple[str, ...]] = lambda row: row.keys
    reads_table: Callable[[StepRow], tuple[str, ...]] = lambda _: ()
    gives: Callable[[StepRow], tuple[str, ...]] = lambda _: ()


def nothing() -> pl.DataFrame:
    """An empty frame of row identities."""
    return pl.DataFrame(schema={TABLE: pl.UInt8, ROW: pl.UInt32})
