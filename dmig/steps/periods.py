"""Steps that give rows an end or a new number: period, renumber."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.converters.cells import per_value
from dmig.converters.contract import ArgSpec
from dmig.converters.iso_dates import calendar, order_key
from dmig.steps.contract import ROW, TABLE, StepCall, StepFinding, StepKind, StepResult
from dmig.steps.order import in_runs


def _period(call: StepCall, inputs: list[pl.DataFrame]) -> StepResult:
    """The end of each row is the day before the next row of the same key begins; the last one stays open.

    Two rows that begin on the same day: the earlier ends on that day too, or with `same_day=later` on the day before,
    so that it holds no day. A next row that begins on a day which is not a
    calendar date proves no end: `unclear` says what stands then, and a finding names the row.
    """
    rows, row, keys = inputs[0], call.row, list(call.row.keys)
    start, end = row.arg("from"), row.arg("to")
    ties = [(pl.col(name).cast(pl.Int64, strict=False), False) for name in row.arg("ties").split()]
    place = per_value(rows[start], order_key(pl.col("value")).alias("__place"))
    order, starts = in_runs(rows.hstack(place), keys, [(pl.col("__place"), False), *ties])
    following = np.full(rows.height, rows.height, np.int64)
    inner = np.flatnonzero(~starts[1:])
    following[order[inner]] = order[inner + 1]
    is_last = pl.Series("__last", following == rows.height)
    upcoming = pl.concat([rows[start], pl.Series([None], dtype=pl.String)]).gather(following).alias("__next")
    value = pl.col("value")
    day_before = (value.str.to_date("%Y-%m-%d", strict=False) - pl.duration(days=1)).dt.strftime("%Y-%m-%d")
    known = calendar(value).fill_null(False) & ~value.str.starts_with("0000").fill_null(True)
    worked = per_value(upcoming, known.alias("__known"), day_before.alias("__before"))
    ended = rows.select(start).hstack([is_last, upcoming, *worked.get_columns()]).select(
        pl.when("__last").then(pl.lit(row.arg("open", "9999-12-31")))
        .when(pl.col("__known") & (pl.col("__next") == pl.col(start)) & pl.lit(row.arg("same_day", "shared") == "shared"))
        .then(pl.col(start))
        .when("__known").then(pl.col("__before"))
        .otherwise(pl.lit(row.arg("unclear", "0000-00-00"))).alias(end),
        (~pl.col("__last") & ~pl.col("__known")).alias("__unclear"),
    )  # fmt: skip
    unclear = rows.select(TABLE, ROW).filter(ended["__unclear"])
    return StepResult(rows=rows.hstack([ended[end]]), findings=(StepFinding("STP007", unclear, start),))


def _renumber(call: StepCall, inputs: list[pl.DataFrame]) -> StepResult:
    """New numbers for keys in ascending order of the old ones; the pair of both is the crosswalk."""
    rows, keys = inputs[0], list(call.row.keys)
    width, start = int(call.row.arg("width", "0")), int(call.row.arg("start", "1"))
    crosswalk = (
        rows.select(keys)
        .filter(pl.all_horizontal(pl.col(key).is_not_null() for key in keys))
        .unique()
        .sort(keys)
        .with_row_index("__number", offset=start)
        .with_columns(pl.col("__number").cast(pl.String).str.zfill(width).alias(call.row.arg("number")))
        .drop("__number")
    )
    return StepResult(rows=rows.join(crosswalk, on=keys, how="left", maintain_order="left"))


PERIOD = StepKind(
    name="period",
    apart=True,
    run=_period,
    law="in = out",
    args=(
        ArgSpec("from", required=True),
        ArgSpec("to", required=True),
        ArgSpec("ties"),
        ArgSpec("open"),
        ArgSpec("unclear"),
        ArgSpec("same_day", "choice", choices=("shared", "later")),
    ),
    needs_keys=True,
    reads=lambda row: (*row.keys, row.arg("from"), *row.arg("ties").split()),
    gives=lambda row: (row.arg("to"),),
)
RENUMBER = StepKind(
    name="renumber",
    run=_renumber,
    law="in = out",
    args=(ArgSpec("number", required=True), ArgSpec("start", "int"), ArgSpec("width", "int")),
    needs_keys=True,
    gives=lambda row: (row.arg("number"),),
)
