"""Root causes counted by where they were met, for the report: codes and names of items, never a value.

A count of fewer than ten records stands as null, so that nobody can be singled out outside the protected folder.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from dmig.model.legacy import LegacyTable
from dmig.model.reports import BLANK, CASCADE, CONSEQUENCE, FINDING, REJECT, ROOT
from dmig.model.small_groups import LEAST
from dmig.plan.nouns import Plan

#: So many causes and pairs of codes stand in a result.
MOST_CAUSES, MOST_PAIRS = 2000, 50
KEYS = ("code", "severity", "kind", "group", "table", "source_item", "target_item", "rule")


def hidden(count: int) -> int | None:
    """A count as it may stand outside the protected folder: null for one to nine."""
    return None if 0 < count < LEAST else count


def breakdown(reports: pl.DataFrame, plan: Plan) -> dict[str, Any]:
    """What the report needs to name causes: by item, by division, by record."""
    return {
        "causes": causes(reports, plan),
        "divisions": divisions(reports, plan),
        "co_occurrence": co_occurrence(reports),
    }


def _place(plan: Plan, table: LegacyTable) -> str:
    """The file of a table; where others stand in it too, with the table's name."""
    return table.file if len(plan.legacy.tables_of(table.file)) == 1 else f"{table.file}（{table.name}）"


def names(plan: Plan) -> dict[str, Any]:
    """Japanese names of the operation and its groups, and the files of the legacy tables."""
    return {
        "operation": plan.layout.title,
        "groups": {entry.group.group: entry.group.name for entry in plan.groups},
        "tables": {table.table: _place(plan, table) for table in plan.legacy.tables},
    }


def causes(reports: pl.DataFrame, plan: Plan) -> list[dict[str, Any]]:
    """Reports counted by code, treatment, kind, group, table, items and rule; of these what staff accept.

    Roots come first, of these what refuses, then the most frequent.
    """
    row = pl.struct("table", "record", "group", "part", "row")
    kinds, treatments = {ROOT: 0, CONSEQUENCE: 1, CASCADE: 2}, {REJECT: 0, BLANK: 1, FINDING: 2}
    counted = (
        reports.group_by(KEYS)
        .agg(row.n_unique().alias("records"), row.filter("accepted").n_unique().alias("accepted"))
        .sort(pl.col("kind").replace_strict(kinds, default=3), pl.col("severity").replace_strict(treatments, default=3),
              pl.col("records"), *KEYS, descending=[False, False, True, *[False] * len(KEYS)])
        .head(MOST_CAUSES)
    )  # fmt: skip
    return [
        entry
        | {"source_name": _source(plan, entry), "target_name": _target(plan, entry)}
        | {name: hidden(entry[name]) for name in ("records", "accepted")}
        for entry in counted.iter_rows(named=True)
    ]


def _source(plan: Plan, row: dict[str, Any]) -> str:
    table = plan.legacy.table(row["table"])
    item = table.item(row["source_item"]) if table else None
    return item.name if item else ""


def _target(plan: Plan, row: dict[str, Any]) -> str:
    group = plan.layout.group(row["group"])
    item = group.item(row["target_item"]) if group else None
    return item.name if item else ""


def divisions(reports: pl.DataFrame, plan: Plan) -> list[dict[str, Any]]:
    """Reports counted by the division that treats them, which is that of their group, else that of the layout."""
    own = {group.group: group.division or plan.layout.division for group in plan.layout.groups}
    counted = (
        reports.with_columns(pl.col("group").replace_strict(own, default=plan.layout.division).alias("division"))
        .group_by("division")
        .agg(
            *((pl.col("kind").eq(ROOT) & pl.col("severity").eq(name)).sum().alias(name)
              for name in (REJECT, BLANK, FINDING)),
            *(pl.col("kind").eq(name).sum().alias(name) for name in (CASCADE, CONSEQUENCE)),
        )
        .sort("division")
    )  # fmt: skip
    return [
        {key: value if key == "division" else hidden(value) for key, value in row.items()}
        for row in counted.iter_rows(named=True)
    ]


def co_occurrence(reports: pl.DataFrame) -> list[dict[str, Any]]:
    """Pairs of codes whose roots lie in the same record, the most frequent first."""
    told = reports.filter(pl.col("kind") == ROOT, pl.col("record") > 0).select("table", "record", "code").unique()
    several = told.filter(pl.len().over("table", "record") > 1)
    pairs = (
        several.join(several, on=["table", "record"])
        .filter(pl.col("code") < pl.col("code_right"))
        .group_by("code", "code_right")
        .len()
        .sort("len", "code", "code_right", descending=[True, False, False])
        .head(MOST_PAIRS)
    )
    return [{"codes": [one, other], "records": hidden(count)} for one, other, count in pairs.iter_rows()]
