"""Steps that leave rows out, part streams or bring them together: exclude, route, pick, union."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.converters.contract import ArgSpec
from dmig.steps.contract import ROW, TABLE, StepCall, StepFinding, StepKind, StepResult
from dmig.steps.order import in_runs, order_columns, sort_key


def _exclude(call: StepCall, inputs: list[pl.DataFrame]) -> StepResult:
    """Rows for which the condition holds leave, with the reason; a null condition does not hold."""
    rows = inputs[0]
    leaves = rows.select(call.conditions[call.row.arg("condition")].fill_null(False).alias("leaves"))["leaves"]
    reason = call.row.arg("reason")
    gone = rows.filter(leaves).select(TABLE, ROW, pl.lit(reason).alias("reason"))
    return StepResult(rows=rows.filter(~leaves), excluded={reason: gone.height}, fates=gone)


def _route(call: StepCall, inputs: list[pl.DataFrame]) -> StepResult:
    """Rows for which the condition holds stay in the output stream, the others go on in the stream `rest`."""
    rows = inputs[0]
    stays = rows.select(call.conditions[call.row.arg("condition")].fill_null(False).alias("stays"))["stays"]
    return StepResult(rows=rows.filter(stays), others={call.row.arg("rest"): rows.filter(~stays)})


def _pick(call: StepCall, inputs: list[pl.DataFrame]) -> StepResult:
    """The first row of each key in the declared order stays, the others leave with the reason."""
    rows, keys = inputs[0], list(call.row.keys)
    by = [(sort_key(item, kind), down) for item, down, kind in order_columns(call.row.arg("order"))]
    order, starts = in_runs(rows, keys, by)
    first = np.empty(rows.height, np.bool_)
    first[order] = starts
    unknown = rows.select(pl.any_horizontal(pl.col(key).is_null() for key in keys)).to_series()
    stays = pl.Series(first) | unknown
    reason = call.row.arg("reason")
    gone = rows.filter(~stays).select(TABLE, ROW, pl.lit(reason).alias("reason"))
    return StepResult(rows=rows.filter(stays), excluded={reason: gone.height}, fates=gone)


def _union(call: StepCall, inputs: list[pl.DataFrame]) -> StepResult:
    """All rows, streams in declared order; rows that share a key with an earlier one are findings."""
    rows = pl.concat(inputs, how="diagonal")
    keys = list(call.row.keys)
    if not keys:
        return StepResult(rows=rows)
    order, starts = in_runs(rows, keys, [])
    later = np.sort(order[~starts])
    doubled = rows.select(TABLE, ROW, *keys)[later].drop_nulls(keys).select(TABLE, ROW)
    return StepResult(rows=rows, findings=(StepFinding("STP001", doubled, keys[0]),))


EXCLUDE = StepKind(
    name="exclude",
    apart=True,
    run=_exclude,
    law="in = out + excluded",
    args=(ArgSpec("condition", required=True), ArgSpec("reason", required=True)),
)
ROUTE = StepKind(
    name="route",
    apart=True,
    run=_route,
    law="in = out + rows of the stream `rest`",
    args=(ArgSpec("condition", required=True), ArgSpec("rest", required=True)),
    streams=lambda row: (row.arg("rest"),),
)
PICK = StepKind(
    name="pick",
    apart=True,
    run=_pick,
    law="in = out + excluded",
    args=(ArgSpec("order", required=True), ArgSpec("reason", required=True)),
    needs_keys=True,
    reads=lambda row: (*row.keys, *(item for item, _, _ in order_columns(row.arg("order")))),
)
UNION = StepKind(name="union", run=_union, law="in = out", inputs=(1, 9), apart=True)
