"""Rules over sets of rows, judged in duckdb on key items only.

A broken set is named once, by its first row. One that reaches over units (scope `batch`: a key, a reference) is named
once in each of them: whichever unit were left could be the wrong one.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import polars as pl

from dmig.model.layout import Rule, Scope
from dmig.model.reports import ROOT, empty_reports, reports
from dmig.plan.rules import KINDS, OF_GROUPS, side_items
from dmig.stages.check.contract import SEVERITIES
from dmig.stages.check.forms import held

#: Column of the unit that a row belongs to, and of what tells units apart (rows without one are each their own).
UNIT, APART = "__unit", "__apart"
#: What a narrow query may hold before it spills.
SETTINGS = {"memory_limit": "400MB", "threads": 1}
FULL_DAY = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"


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


def _split(rule: Rule) -> tuple[list[str], str, list[str]]:
    """Each amount is the total by the number of rows cut to full units, and what is left over is in the first one."""
    amount = f"try_cast({quoted(rule.items[-1])} as hugeint)"
    number = _number(rule)
    first, total = f"arg_min({amount}, {number})", f"sum({amount})"
    # The others are all alike exactly if their sum and the sum of their squares say so.
    even, rest = f"({total} // (count(*) * cast(? as hugeint)) * cast(? as hugeint))", "(count(*) - 1)"
    broken = f"{total} - {first} <> {rest} * {even} or sum({amount} * {amount}) - {first} * {first} <> {rest} * {even} * {even}"
    return list(rule.items[:-2]), broken, [rule.args["unit"]] * 6


def _number(rule: Rule) -> str:
    """What the rows of a set are in order of: a number, or the place of a label in `order`."""
    item = quoted(rule.items[-2])
    if "order" not in rule.args:
        return f"try_cast({item} as bigint)"
    labels = ", ".join("'" + label.replace("'", "''") + "'" for label in rule.args["order"].split("|"))
    return f"nullif(list_position([{labels}], {item}), 0)"


def _apart(rule: Rule) -> tuple[list[str], str, list[str]]:
    """Periods of a set do not overlap; only full days are compared, an open end is after all others."""
    return list(rule.items[:-2]), f"bool_or({_overlaps(rule)})", []


def _overlaps(rule: Rule) -> str:
    """That the period that follows begins before the row's own has ended."""
    last = quoted(rule.items[-1])
    full = f"regexp_full_match(following, '{FULL_DAY}') and ({last} is null or regexp_full_match({last}, '{FULL_DAY}'))"
    return f"({full} and coalesce({last}, '9999-12-31') >= following)"


def _seen(rule: Rule) -> str:
    """The rows as a kind sees them: with the first day of the period that follows."""
    if rule.kind != "apart":
        return "rows"
    keys = ", ".join(quoted(key) for key in rule.items[:-2])
    begin, end = (quoted(item) for item in rule.items[-2:])
    return f"(select *, lead({begin}) over (partition by {keys} order by {begin}, {end}, part, row) as following from rows)"  # noqa: S608


#: Kind -> (items that make the set, condition on the set when it is broken, parameters).
SQL: dict[str, Callable[[Rule], tuple[list[str], str, list[str]]]] = {
    "unique": _unique,
    "gapless": _gapless,
    "one_of": _one_of,
    "agree": _agree,
    "split": _split,
    "apart": _apart,
}


def set_items(rule: Rule) -> tuple[str, ...]:
    """All items that a rule over sets reads."""
    return tuple(dict.fromkeys((*rule.items, *side_items(rule))))


def set_keys(rule: Rule) -> tuple[str, ...]:
    """The items that make the sets of a rule, or that lead into another group: rows of one set agree in all of them."""
    if rule.kind in OF_GROUPS:
        return rule.items[:1] if rule.kind == "exists" else rule.items[:-1]
    return tuple(SQL[rule.kind](rule)[0])


def relevant(rule: Rule, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows that a rule speaks of."""
    rows = rows.filter(held(rule.args.get("where", "")))
    return rows.filter(~held(rule.args["unless"])) if "unless" in rule.args else rows


def set_violations(
    rule: Rule, rows: pl.DataFrame, sources: dict[str, str], other: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, int]:
    """Reports of broken sets, and the number of rows judged.

    `rows` has the rule's items, `part`, `row` and for a rule over a batch `__unit`; `other` those items of another
    group that the rule looks at (see `other_items`). Rows whose set is not known (a blank item of the set) are not
    judged here: the blank has its own report.
    """
    rows = _told_apart(rule, relevant(rule, rows))
    if not rows.height:
        return empty_reports(), 0
    if rule.kind in OF_GROUPS:
        there = other if other is not None else pl.DataFrame(schema=dict.fromkeys(other_items(rule), pl.String))
        return (_dangling if rule.kind == "exists" else _unlike_sum)(rule, rows, sources, there)
    keys, broken, parameters = SQL[rule.kind](rule)
    known = rows.filter(pl.all_horizontal(pl.col(key).is_not_null() for key in keys)).to_arrow()
    grouped = ", ".join(quoted(key) for key in keys)
    with duckdb.connect(config=SETTINGS) as connection:
        connection.execute("set enable_progress_bar = false")
        connection.register("rows", known)
        # Identifiers are quoted, values are parameters.
        found = connection.sql(_asked(rule, grouped, broken), params=parameters).pl()
    where = found.select((pl.col("first_row") // 2**32).alias("part"), (pl.col("first_row") % 2**32).alias("row"))
    return _broken(rule, where, sources), known.num_rows


def _told_apart(rule: Rule, rows: pl.DataFrame) -> pl.DataFrame:
    """With what tells the units apart in which a broken set is named: none within a unit or household."""
    if rule.scope is not Scope.BATCH or UNIT not in rows.columns:
        return rows.with_columns(pl.lit("").alias(APART))
    alone = pl.format("{} {}", "part", "row")
    return rows.with_columns(pl.when(pl.col(UNIT).is_null()).then(alone).otherwise(pl.format("={}", UNIT)).alias(APART))


def _asked(rule: Rule, grouped: str, broken: str) -> str:
    """The first row of each broken set in each unit; of periods those that run into the next one."""
    guilty = f"where {_overlaps(rule)}" if rule.kind == "apart" and rule.scope is Scope.BATCH else ""
    return f"""
        with seen as (select *, (part::ubigint << 32) | row as place from {_seen(rule)}),
             broken as (select {grouped} from seen group by {grouped} having {broken})
        select min(place) as first_row from seen semi join broken using ({grouped}) {guilty}
        group by {grouped}, {APART} order by first_row
    """  # noqa: S608


def _dangling(rule: Rule, rows: pl.DataFrame, sources: dict[str, str], other: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """References that lead nowhere; each value is named once in each unit, by its first row."""
    item = rule.items[0]
    known = rows.drop_nulls(item)
    there = other.select(pl.col(rule.args["item"]).alias(item)).drop_nulls().unique()
    lost = known.join(there, on=item, how="anti", maintain_order="left")
    lost = lost.unique([item, APART], keep="first", maintain_order=True)
    return _broken(rule, lost.select("part", "row").sort("part", "row"), sources), known.height


def _unlike_sum(
    rule: Rule, rows: pl.DataFrame, sources: dict[str, str], other: pl.DataFrame
) -> tuple[pl.DataFrame, int]:
    """Totals that are not the sum of the amounts that another group has under the same keys."""
    keys, total = list(rule.items[:-1]), rule.items[-1]
    known = rows.drop_nulls([*keys, total]).with_columns(pl.col(total).cast(pl.Int64, strict=False)).drop_nulls(total)
    amounts = other.filter(held(rule.args.get("of_where", ""))).drop_nulls(keys)
    sums = amounts.group_by(keys).agg(
        pl.col(rule.args["item"]).cast(pl.Int64, strict=False).sum().alias("sum of others")
    )
    joined = known.join(sums, on=keys, how="left", maintain_order="left")
    wrong = joined.filter(pl.col(total) != pl.col("sum of others").fill_null(0))
    return _broken(rule, wrong.select("part", "row").sort("part", "row"), sources), known.height


def other_items(rule: Rule) -> tuple[str, ...]:
    """The items that a rule looks at in another group: those that match its own keys, the one it names, of `of_where`."""
    if rule.kind == "exists":
        return (rule.args["item"],)
    where = (word.partition(":")[0] for word in rule.args.get("of_where", "").split())
    return tuple(dict.fromkeys([*rule.items[:-1], rule.args["item"], *where]))


def _broken(rule: Rule, where: pl.DataFrame, sources: dict[str, str]) -> pl.DataFrame:
    """One report per broken set, at its first row."""
    if not where.height:
        return empty_reports()
    return reports(
        where, kind=ROOT, stage="check", code=KINDS[rule.kind].code, severity=SEVERITIES[rule.outcome],
        target_item=rule.items[-1], source_item=sources.get(rule.items[-1], ""), rule=rule.rule,
    )  # fmt: skip
