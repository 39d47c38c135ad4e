"""Rules of arithmetic over amounts in whole yen: sums, rates, dated amounts, limits. Nothing is written, only checked.

Amounts are texts of whole numbers; what is none is left to the rule on its form. All arithmetic is on whole numbers: a
rate such as 0.06 is 6 of 100, so nothing is ever rounded but where the rule says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from dmig.converters.amounts import within
from dmig.model.layout import Group, Parameter, Rule, StandardLayout
from dmig.plan.rules import parameters_of

Form = Callable[[Rule, Group, StandardLayout], pl.Expr]


@dataclass(frozen=True, slots=True)
class Dated:
    """The value of a parameter for each row, as a fraction: `numerator` of `denominator`; null where it has none."""

    numerator: pl.Expr
    denominator: int = 1


def dated(rule: Rule, layout: StandardLayout, word: str) -> Dated:
    """A whole number, or the parameter of that name on the day (or in the year) that the item `at` gives."""
    if word.isdigit():
        return Dated(pl.lit(int(word), dtype=pl.Int64))
    rows = parameters_of(rule, layout, word)
    scale = max((max(0, -int(Decimal(row.value).as_tuple().exponent)) for row in rows), default=0)
    found: pl.Expr = pl.lit(None, dtype=pl.Int64)
    for row in rows:
        value = pl.lit(int(Decimal(row.value).scaleb(scale)), dtype=pl.Int64)
        found = pl.when(_holds_for(rule, row, word)).then(value).otherwise(found)
    return Dated(found, 10**scale)


def _holds_for(rule: Rule, row: Parameter, word: str) -> pl.Expr:
    holds = within(pl.col(rule.args["at"]), row.valid_from, row.valid_to) if "at" in rule.args else pl.lit(True)
    if "by" in rule.args and row.name != word:
        codes = row.name.removeprefix(f"{word}.").split(".")
        items = rule.args["by"].split()
        same = [pl.col(item) == code for item, code in zip(items, codes, strict=True)]
        holds = pl.all_horizontal(holds, *same)
    return holds.fill_null(False)


def yen(item: str) -> pl.Expr:
    """The amount of an item; null where it is blank or no number."""
    return pl.col(item).cast(pl.Int64, strict=False)


def _sum_of(items: tuple[str, ...] | list[str]) -> pl.Expr:
    """Amounts together; a blank one is nothing."""
    return pl.sum_horizontal([yen(item).fill_null(0) for item in items]) if items else pl.lit(0, dtype=pl.Int64)


def _minus(rule: Rule) -> pl.Expr:
    return _sum_of(rule.args.get("minus", "").split())


def _at_least(rule: Rule, layout: StandardLayout, amount: pl.Expr, scale: int = 1) -> pl.Expr:
    """An amount in parts of a yen (`scale` of them), not under `least`."""
    if "least" not in rule.args:
        return amount
    return pl.max_horizontal(amount, dated(rule, layout, rule.args["least"]).numerator * scale)


def _sum(rule: Rule, group: Group, layout: StandardLayout) -> pl.Expr:
    """The first item is the others together without `minus`, cut to full `unit`, and not under `least`."""
    unit = dated(rule, layout, rule.args.get("unit", "1")).numerator
    total = _at_least(rule, layout, _sum_of(rule.items[1:]) - _minus(rule))
    return yen(rule.items[0]) == total.floordiv(unit) * unit


def _product(rule: Rule, group: Group, layout: StandardLayout) -> pl.Expr:
    """The first item is the second times `rate` without `minus`, rounded to full `unit`: down unless `round` is up.

    The rate counts as often as the item `times` says, out of `of`: 5 months out of 12.
    """
    rate = dated(rule, layout, rule.args["rate"])
    whole_rate = rate.denominator * int(rule.args.get("of", "1"))
    unit = dated(rule, layout, rule.args.get("unit", "1")).numerator * whole_rate
    times = yen(rule.args["times"]) if "times" in rule.args else pl.lit(1, dtype=pl.Int64)
    exact = yen(rule.items[1]) * rate.numerator * times - _minus(rule) * whole_rate
    exact = _at_least(rule, layout, exact, whole_rate)
    whole = (exact + unit - 1 if rule.args.get("round") == "up" else exact).floordiv(unit)
    # No rate on that day is no proof.
    right = (yen(rule.items[0]) * whole_rate == whole * unit).fill_null(False)
    return yen(rule.items[0]).is_null() | yen(rule.items[1]).is_null() | right


def _amount(rule: Rule, group: Group, layout: StandardLayout) -> pl.Expr:
    """The item is the dated amount of the row's codes; where there is none for them, the rule is broken."""
    wanted = dated(rule, layout, rule.args["parameter"]).numerator
    return yen(rule.items[0]).is_null() | (yen(rule.items[0]) == wanted).fill_null(False)


def _limit(rule: Rule, group: Group, layout: StandardLayout) -> pl.Expr:
    """The items together are not under `least` and not over `most`; a limit that does not exist on the day is none."""
    total, holds = _sum_of(rule.items), pl.lit(True)
    if "least" in rule.args:
        holds = holds & (total >= dated(rule, layout, rule.args["least"]).numerator).fill_null(True)
    if "most" in rule.args:
        holds = holds & (total <= dated(rule, layout, rule.args["most"]).numerator).fill_null(True)
    return pl.all_horizontal(pl.col(item).is_null() for item in rule.items) | holds


def _line(rule: Rule, layout: StandardLayout) -> pl.Expr:
    """The amount up to which nothing is due: `limit`, `per` for oneself and each of `members`, `extra` if there are."""
    line = dated(rule, layout, rule.args["limit"]).numerator
    if "per" in rule.args:
        members = _sum_of(rule.args["members"].split())
        line = line + dated(rule, layout, rule.args["per"]).numerator * (members + 1)
        if "extra" in rule.args:
            extra = dated(rule, layout, rule.args["extra"]).numerator
            line = line + pl.when(members > 0).then(extra).otherwise(0)
    return line


def _exempt(rule: Rule, group: Group, layout: StandardLayout) -> pl.Expr:
    """The first item has an `expected` code exactly where the second, an income, is not over the line.

    With `only=below` it may have one for other reasons too.
    """
    below = yen(rule.items[1]) <= _line(rule, layout)
    expected = pl.col(rule.items[0]).is_in(rule.args["expected"].split("|"))
    return (expected | ~below) if rule.args.get("only") == "below" else expected == below


def _at_limit(rule: Rule, group: Group, layout: StandardLayout) -> pl.Expr:
    """The amount is more than `near` yen (1 unless said) away from the line: who is at it, is looked at by staff."""
    near = int(rule.args.get("near", "1"))
    return (yen(rule.items[0]) - _line(rule, layout)).abs() > near


def _adjustment(rule: Rule, group: Group, layout: StandardLayout) -> pl.Expr:
    """The first item is `rate` times what is left of the third, a difference of deductions, over the second, a base.

    Up to `limit` that is the lesser of both; above, the difference without what the base has over the limit, and not
    under `least`. Where `income` is over `most` it is nothing.
    """
    base, gap = yen(rule.items[1]), yen(rule.items[2])
    rate, limit = dated(rule, layout, rule.args["rate"]), dated(rule, layout, rule.args["limit"]).numerator
    above = pl.max_horizontal(gap - (base - limit), dated(rule, layout, rule.args["least"]).numerator)
    left = pl.when(base <= limit).then(pl.min_horizontal(gap, base)).otherwise(above)
    if "income" in rule.args:
        most = dated(rule, layout, rule.args["most"]).numerator
        left = pl.when(yen(rule.args["income"]) > most).then(0).otherwise(left)
    right = (yen(rule.items[0]) == (left * rate.numerator).floordiv(rate.denominator)).fill_null(False)
    return pl.any_horizontal(yen(item).is_null() for item in rule.items[:3]) | right


ARITHMETIC: dict[str, Form] = {
    "sum": _sum,
    "product": _product,
    "amount": _amount,
    "limit": _limit,
    "exempt": _exempt,
    "at_limit": _at_limit,
    "adjustment": _adjustment,
}
