"""Steps that give rows an end or a new number: period, renumber."""

from __future__ import annotations

import polars as pl

from dmig.converters.contract import ArgSpec
from dmig.converters.iso_dates import calendar, order_key
from dmig.steps.contract import ROW, TABLE, StepCall, StepFinding, StepKind, StepResult


def _period(call: StepCall, inputs: list[pl.DataFrame]) -> StepResult:
    """The end of each row is the day before the next row of the same key begins; the last one stays open.

    Two rows that begin on the same day: the earlier ends on that day. A next row that begins on a day which is not a
    calendar date proves no end: `unclear` says what stands then, and a finding names the row.
    """
    rows, row, keys = inputs[0], call.row, list(call.row.keys)
    start, end = row.arg("from"), row.arg("to")
    day = pl.col("__next").str.to_date("%Y-%m-%d", strict=False)
    known = calendar(pl.col("__next")).fill_null(False) & ~pl.col("__next").str.starts_with("0000").fill_null(True)
    ended = (
        rows.lazy()
        .select(*keys, TABLE, ROW, pl.col(start).alias("__from"), order_key(pl.col(start)).alias("__order"),
                *(pl.col(name).cast(pl.Int64, strict=False).alias(f"__tie{n}")
                  for n, name in enumerate(row.arg("ties").split())))
        .with_row_index("__at")
        .sort([*keys, "__order", *(f"__tie{n}" for n in range(len(row.arg("ties").split()))), TABLE, ROW],
              nulls_last=True)
        .with_columns(pl.struct(keys).rle_id().alias("__run"))
        .with_columns(
            pl.when(pl.col("__run") == pl.col("__run").shift(-1)).then(pl.col("__from").shift(-1)).alias("__next"),
            (pl.col("__run") != pl.col("__run").shift(-1)).fill_null(True).alias("__last"),
        )
        .with_columns(
            pl.when("__last").then(pl.lit(row.arg("open", "9999-12-31")))
            .when(known & (pl.col("__next") == pl.col("__from"))).then(pl.col("__from"))
            .when(known).then((day - pl.duration(days=1)).dt.strftime("%Y-%m-%d"))
            .otherwise(pl.lit(row.arg("unclear", "0000-00-00"))).alias(end),
            (~pl.col("__last") & ~known).alias("__unclear"),
        )
        .sort("__at")
        .select(end, "__unclear")
        .collect()
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
    run=_period,
    law="in = out",
    args=(
        ArgSpec("from", required=True),
        ArgSpec("to", required=True),
        ArgSpec("ties"),
        ArgSpec("open"),
        ArgSpec("unclear"),
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
