"""Faults that were already in the old data, apart from what the migration did: whoever owns the records decides them."""

from __future__ import annotations

from typing import Any

import polars as pl

from dmig.model.reports import ROOT
from dmig.pipeline.causes import hidden
from dmig.plan.nouns import Plan

#: Codes by family: files and records as they were read, cells without their declared form.
FAMILIES = ("RED", "NRM")
#: Codes of faults that other stages meet in old records: check digits, doubles, dangling and ambiguous references,
#: unclear periods, members that do not agree, rows without a key.
CODES = ("CNV014", "CNV015", "CHK014", "STP001", "STP003", "STP004", "STP006", "STP007", "STP008")


def legacy_defects(reports: pl.DataFrame, plan: Plan) -> list[dict[str, Any]]:
    """Roots of old faults by code, table, item and the division that decides, the most frequent first."""
    old = pl.col("code").str.slice(0, 3).is_in(FAMILIES) | pl.col("code").is_in(CODES)
    own = {group.group: group.division or plan.layout.division for group in plan.layout.groups}
    counted = (
        reports.filter(pl.col("kind") == ROOT, old)
        .with_columns(pl.col("group").replace_strict(own, default=plan.layout.division).alias("division"))
        .group_by("code", "table", pl.col("source_item").alias("item"), "division")
        .len("count")
        .sort("count", "code", "table", "item", descending=[True, False, False, False])
    )
    return [row | {"count": hidden(row["count"])} for row in counted.iter_rows(named=True)]
