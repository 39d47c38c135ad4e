"""Steps that number rows within a key: sequence."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from dmig.converters.contract import ArgSpec
from dmig.converters.iso_dates import order_key
from dmig.steps.contract import StepCall, StepKind, StepResult


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


def compact(values: pl.Series) -> pl.Series:
    """Keys of digits as numbers: the same order among texts of one width, an eighth of the memory, quick to compare.

    A leading 1 keeps leading zeros apart (`01` and `1` stay different). Other texts are left as they are.
    """
    if values.dtype != pl.String:
        return values
    fits = values.str.contains("^[0-9]{1,18}$")
    return ("1" + values).cast(pl.UInt64) if fits.fill_null(True).all() else values


def in_runs(
    rows: pl.DataFrame, keys: list[str], by: list[tuple[pl.Expr, bool]]
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.bool_]]:
    """Row positions ordered by keys, then by the expressions (with descending), ties in stream order; run starts.

    Rows whose keys are equal stand together; `starts` marks the first of each run in that order.
    """
    columns = [compact(rows[key]).alias(f"__key{n}") for n, key in enumerate(keys)]
    order = rows.select(
        pl.arg_sort_by(
            [*columns, *(expression for expression, _ in by)],
            descending=[False] * len(keys) + [down for _, down in by],
            nulls_last=True,
            maintain_order=True,
        )
    ).to_series()
    starts = np.zeros(rows.height, np.bool_)
    starts[:1] = True
    for column in columns:
        ordered = column.gather(order)
        starts[1:] |= ordered.ne_missing(ordered.shift(1)).to_numpy()[1:]
    return order.to_numpy(), starts


def _sequence(call: StepCall, inputs: list[pl.DataFrame]) -> StepResult:
    """Numbers 1..n within the keys in the declared order; ties keep stream order; the last row is marked `1`."""
    rows, keys = inputs[0], list(call.row.keys)
    by = [(sort_key(item, kind), down) for item, down, kind in order_columns(call.row.arg("order"))]
    order, starts = in_runs(rows, keys, by)
    places = np.arange(rows.height, dtype=np.uint32)
    first = np.maximum.accumulate(np.where(starts, places, 0).astype(np.uint32))
    number, latest = np.empty(rows.height, np.uint32), np.empty(rows.height, np.uint8)
    number[order] = places - first + 1
    latest[order] = np.append(starts[1:], True)[: rows.height]
    made = pl.DataFrame({call.row.arg("number"): number, call.row.arg("latest", "latest"): latest})
    return StepResult(rows=rows.hstack(made))


SEQUENCE = StepKind(
    name="sequence",
    apart=True,
    run=_sequence,
    law="in = out",
    args=(ArgSpec("order", required=True), ArgSpec("number", required=True), ArgSpec("latest")),
    needs_keys=True,
    reads=lambda row: (*row.keys, *(item for item, _, _ in order_columns(row.arg("order")))),
    gives=lambda row: (row.arg("number"), row.arg("latest", "latest")),
)
