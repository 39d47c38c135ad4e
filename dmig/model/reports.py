"""Reports: what is said about records. One frame schema from every stage; it holds locators and codes, never values."""

from __future__ import annotations

import polars as pl

#: Severity of a report: `reject` refuses the record, `blank` leaves the item empty, `finding` refuses nothing.
REJECT, BLANK, FINDING = "reject", "blank", "finding"
#: A root stands for a cause; a cascade is a record refused because its unit is; a consequence follows from a root.
ROOT, CASCADE, CONSEQUENCE = "root", "cascade", "consequence"

#: `part` and `row` of a report about a record that is in no part of its group.
NOWHERE = 2**32 - 1

#: One report. `part` and `row` locate it in the group's parts; `record` is 0 where no single record is meant.
SCHEMA: dict[str, type[pl.DataType]] = {
    "kind": pl.String,
    "severity": pl.String,
    "code": pl.String,
    "stage": pl.String,
    "group": pl.String,
    "table": pl.String,
    "record": pl.UInt64,
    "offset_bytes": pl.UInt64,
    "source_item": pl.String,
    "target_item": pl.String,
    "rule": pl.String,
    "place": pl.String,
    "part": pl.UInt32,
    "row": pl.UInt32,
}
#: Order of reports in every store and list.
ORDER = ["group", "table", "record", "kind", "stage", "code", "source_item", "target_item", "rule", "part", "row"]


def empty_reports() -> pl.DataFrame:
    """No reports, with the schema."""
    return pl.DataFrame(schema=SCHEMA)


def reports(frame: pl.DataFrame, **constants: str | int) -> pl.DataFrame:
    """Rows of `frame` as reports: constants fill columns, what is neither there nor constant is blank."""
    columns = []
    for name, kind in SCHEMA.items():
        if name in constants:
            columns.append(pl.lit(constants[name], kind).alias(name))
        elif name in frame.columns:
            columns.append(pl.col(name).cast(kind))
        else:
            columns.append((pl.lit("", kind) if kind is pl.String else pl.lit(0, kind)).alias(name))
    return frame.select(columns) if frame.height else empty_reports()
