"""Rules over sets of rows, judged in duckdb on key items only; each broken set is named once, by its first row."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import polars as pl

from dmig.model.layout import Rule
from dmig.model.reports import ROOT, empty_reports, reports
from dmig.plan.rules import KINDS, side_items
from dmig.stages.check.contract import SEVERITIES
from dmig.stages.check.forms import held

#: What a narrow query may hold before it spills.
SETTINGS = {"memory_limit": "400MB", "threads": 1}


def quoted(name: str) -> str:
    """An identifier safe for SQL."""
    return '"' + name.replace('"', '""') + '"'


def _unique(rule: Rule) -> tuple[list[str], str, list[str]]:
    return list(rule.items), "count(*) > 1", []


def _gapless(rule: Rule) -> tuple[list[str], str, list[str]]:
    number = f"try_cast({quoted(rule.items[-1])} as bigint)"
    broken = f"min({number}) <> 1 or max({number}) <> count(*) or count(distinct {number}) <> count(*)"
    return list(rule.items[:-1]), broken, []


def _one_of(rule: Rule) -> tuple[list[str], str, list[str]]:
    broken = f"count(*) filter (where {quoted(rule.items[-1])} = ?) <> try_cast(? as bigint)"
    return list(rule.items[:-1]), broken, [rule.args["value"], rule.args["count"]]


def _agree(rule: Rule) -> tuple[list[str], str, list[str]]:
    # The least and the greatest text need no memory per text, which counting distinct ones does.
    text = f"coalesce({quoted(rule.items[-1])}, '')"
    return list(rule.items[:-1]), f"min({text}) <> max({text})", []


#: Kind -> (items that make the set, condition on the set when it is broken, parameters).
SQL: dict[str, Callable[[Rule], tuple[list[str], str, list[str]]]] = {
    "unique": _unique,
    "gapless": _gapless,
    "one_of": _one_of,
    "agree": _agree,
}


def set_items(rule: Rule) -> tuple[str, ...]:
    """All items that a rule over sets reads."""
    return tuple(dict.fromkeys((*rule.items, *side_items(rule))))


def relevant(rule: Rule, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows that a rule speaks of."""
    rows = rows.filter(held(rule.args.get("where", "")))
    return rows.filter(~held(rule.args["unless"])) if "unless" in rule.args else rows


def set_violations(
    rule: Rule, rows: pl.DataFrame, sources: dict[str, str], other: pl.Series | None = None
) -> tuple[pl.DataFrame, int]:
    """Reports of broken sets, and the number of rows judged.

    `rows` has the rule's items, `part` and `row`; `other` the values of another group that must hold those of the
    rule's item. Rows whose set is not known (a blank item of the set) are not judged here: the blank has its own
    report.
    """
    rows = relevant(rule, rows)
    if not rows.height:
        return empty_reports(), 0
    if rule.kind == "exists":
        return _dangling(rule, rows, sources, other)
    keys, broken, parameters = SQL[rule.kind](rule)
    known = rows.filter(pl.all_horizontal(pl.col(key).is_not_null() for key in keys)).to_arrow()
    grouped = ", ".join(quoted(key) for key in keys)
    with duckdb.connect(config=SETTINGS) as connection:
        connection.execute("set enable_progress_bar = false")
        connection.register("rows", known)
        found = connection.sql(
            f"select min((part::ubigint << 32) | row) as first_row from rows group by {grouped} having {broken} order by first_row",  # noqa: S608 - identifiers are quoted, values are parameters
            params=parameters,
        ).pl()
    where = found.select((pl.col("first_row") // 2**32).alias("part"), (pl.col("first_row") % 2**32).alias("row"))
    return _broken(rule, where, sources), known.num_rows


def _dangling(
    rule: Rule, rows: pl.DataFrame, sources: dict[str, str], other: pl.Series | None
) -> tuple[pl.DataFrame, int]:
    """References that lead nowhere; each value is named once, by its first row."""
    item = rule.items[0]
    known = rows.drop_nulls(item)
    there = (
        (other if other is not None else pl.Series([], dtype=pl.String)).drop_nulls().unique().alias(item).to_frame()
    )
    lost = known.join(there, on=item, how="anti", maintain_order="left").unique(item, keep="first", maintain_order=True)
    return _broken(rule, lost.select("part", "row").sort("part", "row"), sources), known.height


def _broken(rule: Rule, where: pl.DataFrame, sources: dict[str, str]) -> pl.DataFrame:
    """One report per broken set, at its first row."""
    if not where.height:
        return empty_reports()
    return reports(
        where, kind=ROOT, stage="check", code=KINDS[rule.kind].code, severity=SEVERITIES[rule.outcome],
        target_item=rule.items[-1], source_item=sources.get(rule.items[-1], ""), rule=rule.rule,
    )  # fmt: skip
