"""Steps that leave rows out or bring streams together: exclude, union."""

from __future__ import annotations

import polars as pl

from dmig.converters.contract import ArgSpec
from dmig.steps.contract import ROW, TABLE, StepCall, StepFinding, StepKind, StepResult


def _exclude(call: StepCall, inputs: list[pl.DataFrame]) -> StepResult:
    """Rows for which the condition holds leave, with the reason; a null condition does not hold."""
    rows = inputs[0]
    leaves = rows.select(call.conditions[call.row.arg("condition")].fill_null(False).alias("leaves"))["leaves"]
    reason = call.row.arg("reason")
    gone = rows.filter(leaves).select(TABLE, ROW, pl.lit(reason).alias("reason"))
    return StepResult(rows=rows.filter(~leaves), excluded={reason: gone.height}, fates=gone)


def _union(call: StepCall, inputs: list[pl.DataFrame]) -> StepResult:
    """All rows, streams in declared order; rows that share a key with an earlier one are findings."""
    rows = pl.concat(inputs, how="diagonal")
    keys = list(call.row.keys)
    if not keys:
        return StepResult(rows=rows)
    known = rows.filter(pl.all_horizontal(pl.col(keys).is_not_null()))
    doubled = known.filter(~pl.struct(keys).is_first_distinct()).select(TABLE, ROW)
    return StepResult(rows=rows, findings=(StepFinding("STP001", doubled, keys[0]),))


EXCLUDE = StepKind(
    name="exclude",
    run=_exclude,
    law="in = out + excluded",
    args=(ArgSpec("condition", required=True), ArgSpec("reason", required=True)),
)
UNION = StepKind(name="union", run=_union, law="in = out", inputs=(2, 9))
