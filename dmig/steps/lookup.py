"""The step that brings items of another table's row: one match, none and many are declared outcomes."""

from __future__ import annotations

import polars as pl

from dmig.converters.cells import per_value
from dmig.converters.contract import ArgSpec
from dmig.converters.iso_dates import earliest, latest
from dmig.model.legal_date import OPEN_START
from dmig.model.mapping import StepRow
from dmig.steps.contract import ROW, TABLE, StepCall, StepFinding, StepKind, StepResult, mask, with_masks

#: What follows when no row, or more than one, is found.
BLANK, FINDING, REJECT, FIRST = "blank", "finding", "reject", "first"


#: The number of a day that no day comes after.
NEVER_ENDS = 99_999_999


def _match_keys(row: StepRow) -> tuple[str, ...]:
    return tuple(row.arg("match").split()) or row.keys


def _brought(row: StepRow) -> tuple[str, ...]:
    return tuple(f"{row.arg('as')}.{item}" for item in row.arg("items").split())


def _candidates(call: StepCall, rows: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """All pairs of a row (`__at`) and a row of the table (`__there`) that match by key, and by period if asked.

    Pairs may be many times the rows, so they carry positions and days as numbers and nothing else.
    """
    row = call.row
    match = _match_keys(row)
    left = rows.select(pl.col(key).alias(f"__key{n}") for n, key in enumerate(row.keys)).with_row_index("__at")
    right = table.select(pl.col(key).alias(f"__key{n}") for n, key in enumerate(match)).with_row_index("__there")
    if row.arg("as_of"):
        # What has unknown parts holds only if it does so whatever they are.
        day = pl.col("value")
        starts = pl.when(day == OPEN_START).then(0).otherwise(_day(latest(day))).alias("__from")
        ends = pl.when(day.is_null()).then(NEVER_ENDS).otherwise(_day(earliest(day))).alias("__to")
        on = (_day(earliest(day)).alias("__on"), _day(latest(day)).alias("__on_latest"))
        left = left.hstack(per_value(rows[row.arg("as_of")], *on))
        right = right.hstack(per_value(table[row.arg("from")], starts)).hstack(per_value(table[row.arg("to")], ends))
    pairs = left.join(right, on=[f"__key{n}" for n in range(len(match))], how="inner", maintain_order="left_right")
    if row.arg("as_of"):
        begun = (pl.col("__from") == 0) | (pl.col("__from") <= pl.col("__on"))
        ended = (pl.col("__to") == NEVER_ENDS) | (pl.col("__on_latest") <= pl.col("__to"))
        pairs = pairs.filter(begun.fill_null(False) & ended.fill_null(False))
    return pairs.select("__at", "__there")


def _day(text: pl.Expr) -> pl.Expr:
    """A day of digits as a number, in the order of its text."""
    return text.str.replace_all("-", "", literal=True).cast(pl.Int32, strict=False)


def _lookup(call: StepCall, inputs: list[pl.DataFrame]) -> StepResult:
    """Each row gets the items of its one match under `as.item`; a row without keys looks nothing up."""
    rows, row, table = inputs[0], call.row, call.table
    if table is None:
        raise ValueError("the compiler lets no lookup pass without its table")
    pairs = _candidates(call, rows, table)
    counts = pairs.group_by("__at").len()
    many = counts.filter(pl.col("len") > 1).select("__at")
    if row.arg("many", FINDING) != FIRST:
        pairs = pairs.join(many, on="__at", how="anti", maintain_order="left")
    first = pairs.unique("__at", keep="first", maintain_order=True)
    there = (
        rows.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("__at"))
        .join(first, on="__at", how="left", maintain_order="left")["__there"]
    )  # fmt: skip
    items = with_masks(table, row.arg("items").split())
    brought = [table[item].gather(there).alias(_prefixed(row.arg("as"), item)) for item in items]
    asked = rows.select(pl.all_horizontal(pl.col(key).is_not_null() for key in row.keys)).to_series()
    found = rows.select(pl.int_range(pl.len(), dtype=pl.UInt32)).to_series().is_in(counts["__at"].implode())
    identity = rows.select(TABLE, ROW)
    findings = []
    for outcome, code, at in (
        (row.arg("none", FINDING), "STP003", identity.filter(asked & ~found)),
        (row.arg("many", FINDING), "STP004", identity[many["__at"]]),
    ):
        if outcome in (FINDING, REJECT):
            findings.append(StepFinding(code, at, row.keys[0], outcome == REJECT))
    looked_up = table.select(TABLE, ROW)[first["__there"].unique()].unique()
    return StepResult(rows=rows.hstack(brought), looked_up=looked_up.sort(TABLE, ROW), findings=tuple(findings))


def _prefixed(prefix: str, item: str) -> str:
    return mask(f"{prefix}.{item[1:]}") if item.startswith("!") else f"{prefix}.{item}"


LOOKUP = StepKind(
    name="lookup",
    apart=True,
    table_key=lambda row: _match_keys(row)[0],
    run=_lookup,
    law="in = out",
    args=(
        ArgSpec("table", required=True),
        ArgSpec("as", required=True),
        ArgSpec("items", required=True),
        ArgSpec("match"),
        ArgSpec("as_of"),
        ArgSpec("from"),
        ArgSpec("to"),
        ArgSpec("none", "choice", choices=(BLANK, FINDING, REJECT), default=FINDING),
        ArgSpec("many", "choice", choices=(FIRST, FINDING, REJECT), default=FINDING),
    ),
    needs_keys=True,
    together=(("as_of", "from"), ("as_of", "to")),
    reads=lambda row: (*row.keys, *filter(None, [row.arg("as_of")])),
    reads_table=lambda row: (
        *_match_keys(row), *row.arg("items").split(), *filter(None, [row.arg("from"), row.arg("to")]),
    ),
    gives=_brought,
)  # fmt: skip
