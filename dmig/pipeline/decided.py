"""What came of the decisions of staff, counted: carried out, lapsed, waiting for approval, open, without any effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from dmig.model.repairs import Treatment
from dmig.model.reports import FINDING, ROOT
from dmig.pipeline.causes import hidden
from dmig.pipeline.context import Context
from dmig.pipeline.judge_pass import JudgedGroup
from dmig.pipeline.narrow import start_items
from dmig.pipeline.overlay import APPLIED, STATES, UNUSED, Repaired
from dmig.plan.conditions import condition_items
from dmig.plan.nouns import Plan

#: What an accepted finding and its decision have in common.
CAUSE = ("table", "record", "item", "code")


def settled(
    context: Context, repaired: Repaired | None, judged: Mapping[str, JudgedGroup], reports: pl.DataFrame
) -> Repaired | None:
    """The decisions after the judgement: what was found and changed nothing is `unused`."""
    if repaired is None:
        return None
    decided = repaired.decided
    left = pl.DataFrame(
        [*_left(judged)], schema={"table": pl.String, "record": pl.UInt64}, orient="row"
    ).with_columns(pl.lit(Treatment.MANUAL_ENTRY.value).alias("treatment"))  # fmt: skip
    read = pl.DataFrame(
        sorted(_cells_read(context)), schema={"table": pl.String, "item": pl.String}, orient="row"
    ).with_columns(pl.lit(Treatment.REPAIR.value).alias("treatment"))  # fmt: skip
    told = findings(reports).with_columns(pl.lit(Treatment.ACCEPT.value).alias("treatment"))
    numbers = [
        decided.join(met, on=on, how="semi")["number"]
        for met, on in (
            (left, ["treatment", "table", "record"]), (read, ["treatment", "table", "item"]),
            (told, ["treatment", *CAUSE]),
        )
    ]  # fmt: skip
    idle = (pl.col("state") == APPLIED) & ~pl.col("number").is_in(pl.concat(numbers).implode())
    state = pl.when(idle).then(pl.lit(UNUSED)).otherwise("state").alias("state")
    return Repaired(decided.with_columns(state), repaired.reports)


def _left(judged: Mapping[str, JudgedGroup]) -> set[tuple[str, int]]:
    """Records that staff type in."""
    return {record for group in judged.values() for record in group.typed()}


def _cells_read(context: Context) -> set[tuple[str, str]]:
    """Items of legacy tables that any converter, condition or step reads."""
    found: set[tuple[str, str]] = set()
    for plan in context.plan.groups:
        for name in plan.read_items:
            found |= {(table, name) for table in plan.items[name].tables if not plan.items[name].maker}
        for table, wanted in start_items(context, plan).items():
            judged = (item for name in wanted.conditions for item in condition_items(context.plan.conditions[name]))
            found |= {(table, item) for item in (*wanted.items, *wanted.numbers, *judged)}
    return found


def findings(reports: pl.DataFrame) -> pl.DataFrame:
    """What can be accepted: findings that are causes, by what their decision names."""
    own = reports.filter(pl.col("severity") == FINDING, pl.col("kind") == ROOT)
    return own.select("table", "record", pl.col("source_item").alias("item"), "code").unique()


def with_accepted(reports: pl.DataFrame, repaired: Repaired | None) -> pl.DataFrame:
    """Reports with `accepted`: a finding that two persons accept."""
    if repaired is None:
        return reports.with_columns(pl.lit(False).alias("accepted"))
    accepted = repaired.of(Treatment.ACCEPT).select(*CAUSE).unique()
    names = ["table", "record", "source_item", "code"]
    marked = accepted.rename({"item": "source_item"}).with_columns(pl.lit(True).alias("accepted"))
    joined = reports.join(marked, on=names, how="left", maintain_order="left")
    return joined.with_columns(pl.col("accepted").fill_null(False) & (pl.col("severity") == FINDING))


def section(plan: Plan, repaired: Repaired | None) -> dict[str, Any]:
    """The part of the result about decisions: counts by treatment, and (folded) by item; never a value."""
    if repaired is None:
        return {"sha256": plan.repairs.sha256, "decisions": [], "items": []}
    items = [
        row | {"name": _name(plan, row["table"], row["item"])} | {n: hidden(row[n]) for n in ("declared", APPLIED)}
        for row in _counted(repaired.decided, ["treatment", "table", "item"], (APPLIED,))
    ]
    decisions = list(_counted(repaired.decided, ["treatment"], STATES))
    return {"sha256": plan.repairs.sha256, "decisions": decisions, "items": items}


def _counted(decided: pl.DataFrame, keys: list[str], states: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    order = pl.col("treatment").replace_strict({t.value: n for n, t in enumerate(Treatment)}, return_dtype=pl.UInt8)
    counted = decided.group_by(keys).agg(
        pl.len().alias("declared"), *((pl.col("state") == state).sum().alias(state) for state in states)
    )
    return counted.sort(order, *keys[1:]).iter_rows(named=True)


def _name(plan: Plan, table: str, item: str) -> str:
    found = plan.legacy.table(table)
    named = found.item(item) if found else None
    return named.name if named else ""
