"""Steps that number rows within a key: sequence."""

from __future__ import annotations

import polars as pl

from dmig.converters.contract import ArgSpec
from dmig.converters.iso_dates import order_key
from dmig.steps.contract import ROW, TABLE, StepCall, StepKind, StepResult


def order_columns(text: str) -> list[tuple[str, bool, str]]:
    """`item item:desc item:number item:date:desc` -> (item, descending, kind) in order."""
    columns = []
    for word in text.split():
        item, *how = word.split(":")
        kind = "date" if "date" in how else "number" if "number" in how else "text"
        columns.append((item, "desc" in how, kind))
    return columns


def sort_key(item: str, kind: str) -> pl.Expr:
    """The expression to order by: the text, the number in it, or the place in the total order of legal dates."""
    if kind == "number":
        return pl.col(item).cast(pl.Int64, strict=False)
    return order_key(pl.col(item)) if kind == "date" else pl.col(item)


def _sequence(call: StepCall, inputs: list[pl.DataFrame]) -> StepResult:
    """Numbers 1..n within the keys in the declared order; ties keep source order; the last row is marked `1`."""
    rows, keys = inputs[0], list(call.row.keys)
    order = order_columns(call.row.arg("order"))
    ranked = (
        rows.lazy()
        .select(*keys, TABLE, ROW, *(sort_key(item, kind).alias(f"__by{n}") for n, (item, _, kind) in
                                     enumerate(order)))
        .with_row_index("__at")
        .sort([*keys, *(f"__by{n}" for n in range(len(order))), TABLE, ROW],
              descending=[False] * len(keys) + [down for _, down, _ in order] + [False, False])
        .with_columns(pl.struct(keys).rle_id().alias("__run"))
        .with_columns(
            pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).over("__run").alias("__number"),
            (pl.col("__run") != pl.col("__run").shift(-1)).fill_null(True).alias("__last"),
        )
        .sort("__at")
        .select(
            pl.col("__number").cast(pl.String).alias(call.row.arg("number")),
            pl.when("__last").then(pl.lit("1")).otherwise(pl.lit("0")).alias(call.row.arg("latest", "latest")),
        )
        .collect()
    )  # fmt: skip
    return StepResult(rows=rows.hstack(ranked))


SEQUENCE = StepKind(
    name="sequence",
    run=_sequence,
    law="in = out",
    args=(ArgSpec("order", required=True), ArgSpec("number", required=True), ArgSpec("latest")),
    needs_keys=True,
    reads=lambda row: (*row.keys, *(item for item, _, _ in order_columns(row.arg("order")))),
    gives=lambda row: (row.arg("number"), row.arg("latest", "latest")),
)
