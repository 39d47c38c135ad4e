"""What a rule says as a polars expression over standard items: true where it holds, never null."""

from __future__ import annotations

import re
from collections.abc import Callable

import polars as pl

from dmig.converters.check_digits import valid
from dmig.converters.iso_dates import calendar
from dmig.model.layout import Group, Rule, StandardItem, StandardLayout, StandardType
from dmig.model.private_use import barred_class
from dmig.plan.rules import side_items
from dmig.stages.check.arithmetic import ARITHMETIC

#: Variation selectors are not counted as characters (a base and its selector are one).
SELECTORS = "[\u180b-\u180d\ufe00-\ufe0f\U000e0100-\U000e01ef]"
LEGAL_DATE = r"^[0-9]{4}-(0[0-9]|1[0-2]|[A-D][1-4])-(0[0-9]|[12][0-9]|3[01]|A[1-3])$"
#: Forms by type: the text rule of the official legend. A BLOB cell holds name, bytes and sha256. No text has characters for
#: private use (外字): what they mean is agreed with nobody who reads the file.
FORMS: dict[StandardType, str] = {
    StandardType.X: r"^[\x20-\x7e]+$",
    StandardType.N: r"^[^\x00-\x09\x0b-\x7f\uff61-\uff9f]+$",
    StandardType.INTEGER: r"^[0-9]+$",
    StandardType.SIGNED: r"^-?[0-9]+$",
    StandardType.DECIMAL: r"^[0-9]+(\.[0-9]+)?$",
    StandardType.YEAR: r"^[0-9]{4}$",
    StandardType.DATE: LEGAL_DATE,
    StandardType.TIME: r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$",
    StandardType.BLOB: r"^[^,]+,[0-9]+,[0-9a-f]{64}$",
}
Form = Callable[[Rule, Group, StandardLayout], pl.Expr]


def _item(rule: Rule, group: Group) -> StandardItem:
    found = group.item(rule.items[0])
    if found is None:
        raise ValueError(f"rule {rule.rule} was not checked by the compiler")
    return found


def _required(rule: Rule, group: Group, layout: StandardLayout) -> pl.Expr:
    return pl.col(rule.items[0]).is_not_null()


def _form(rule: Rule, group: Group, layout: StandardLayout) -> pl.Expr:
    item = _item(rule, group)
    cell = pl.col(item.item)
    if item.repeat > 1:
        one, separator = FORMS[item.type].strip("^$"), re.escape(layout.dialect.repeat_separator)
        return cell.str.contains(f"^{one}$") & ~cell.str.contains(f"^{separator}|{separator}{separator}|{separator}$")
    matches = cell.str.contains(FORMS[item.type])
    if item.type is StandardType.DATE and not item.unknown_date:
        sentinel = cell.is_in(["0000-01-01", "9999-12-31"])
        return matches & (calendar(cell) | sentinel)
    return matches


def _max_chars(rule: Rule, group: Group, layout: StandardLayout) -> pl.Expr:
    item = _item(rule, group)
    cell = pl.col(item.item)
    if item.type is StandardType.DECIMAL:
        whole, fraction = cell.str.extract(r"^([0-9]*)", 1), cell.str.extract(r"\.([0-9]*)$", 1).fill_null("")
        return (whole.str.len_chars() <= item.max_chars) & (fraction.str.len_chars() <= item.decimals)
    if item.type is StandardType.SIGNED:
        return cell.str.strip_prefix("-").str.len_chars() <= item.max_chars
    if item.repeat > 1:
        separator = re.escape(layout.dialect.repeat_separator)
        one = f"[^{separator}]{{1,{item.max_chars}}}"
        return cell.str.contains(f"^{one}(?:{separator}{one}){{0,{item.repeat - 1}}}$")
    # The short way decides nearly all rows: a text that fits in bytes or characters needs no look at selectors.
    fits = cell.str.len_chars() <= item.max_chars
    return fits | (cell.str.replace_all(SELECTORS, "").str.len_chars() <= item.max_chars)


def _code(rule: Rule, group: Group, layout: StandardLayout) -> pl.Expr:
    item = _item(rule, group)
    values = [value.value for value in layout.codes[item.code]]
    if item.repeat > 1:
        separator, any_value = re.escape(layout.dialect.repeat_separator), "|".join(re.escape(v) for v in values)
        return pl.col(item.item).str.contains(f"^(?:{any_value})(?:{separator}(?:{any_value}))*$")
    return pl.col(item.item).is_in(values)


def _private_use(rule: Rule, group: Group, layout: StandardLayout) -> pl.Expr:
    return ~pl.col(rule.items[0]).str.contains(f"[{barred_class(rule.args.get('agreed', ''))}]")


def _applies(rule: Rule) -> pl.Expr:
    return pl.col(rule.args["item"]).is_in(rule.args["values"].split("|")).fill_null(False)


def _required_if(rule: Rule, group: Group, layout: StandardLayout) -> pl.Expr:
    return ~_applies(rule) | pl.col(rule.items[0]).is_not_null()


def _empty_if(rule: Rule, group: Group, layout: StandardLayout) -> pl.Expr:
    return ~_applies(rule) | pl.col(rule.items[0]).is_null()


def _value_if(rule: Rule, group: Group, layout: StandardLayout) -> pl.Expr:
    expected = rule.args["expected"].split("|")
    return ~_applies(rule) | pl.col(rule.items[0]).is_in(expected).fill_null(False)


def _not_after(rule: Rule, group: Group, layout: StandardLayout) -> pl.Expr:
    """Dates in order. Only complete dates of a known form are compared: unknown parts prove nothing."""
    one, other = pl.col(rule.items[0]), pl.col(rule.items[1])
    complete = pl.all_horizontal(
        date.str.contains(r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$").fill_null(False)
        & (date != "0000-01-01")
        & ~date.str.starts_with("0000")
        for date in (one, other)
    )
    return ~complete | (one <= other)


def _check_digit(rule: Rule, group: Group, layout: StandardLayout) -> pl.Expr:
    cell = pl.col(rule.items[0])
    return cell.is_null() | valid(rule.args["number"], cell)


def _required_any(rule: Rule, group: Group, layout: StandardLayout) -> pl.Expr:
    return pl.any_horizontal(pl.col(item).is_not_null() for item in rule.items)


def _period_length(rule: Rule, group: Group, layout: StandardLayout) -> pl.Expr:
    """The second date is the first plus `years`, `months` and `days`; only calendar dates are compared.

    With `begun=free` the rest of a month that has begun comes on top: it is counted from the first of the next one.
    """
    first, last = (pl.col(item).str.to_date("%Y-%m-%d", strict=False) for item in rule.items[:2])
    if rule.args.get("begun") == "free":
        first = pl.when(first.dt.day() > 1).then(first.dt.month_start().dt.offset_by("1mo")).otherwise(first)
    if "months" in rule.args:
        months = pl.col(rule.args["months"]).cast(pl.Int32, strict=False).cast(pl.String)
        first = first.dt.offset_by(months + pl.lit("mo"))
    return first.dt.offset_by(f"{rule.args['years']}y").dt.offset_by(f"{rule.args['days']}d") == last


ROW_FORMS: dict[str, Form] = {
    "required": _required,
    "form": _form,
    "max_chars": _max_chars,
    "code": _code,
    "private_use": _private_use,
    "required_if": _required_if,
    "empty_if": _empty_if,
    "value_if": _value_if,
    "not_after": _not_after,
    "check_digit": _check_digit,
    "required_any": _required_any,
    "period_length": _period_length,
    **ARITHMETIC,
}


def rule_expr(rule: Rule, group: Group, layout: StandardLayout) -> pl.Expr:
    """The rule as an expression; a blank cell breaks only rules that speak of blanks.

    A rule holds where its `where` does not hold, and where its `unless` does.
    """
    holds = ROW_FORMS[rule.kind](rule, group, layout).fill_null(True)
    return holds | ~held(rule.args.get("where", "")) | (held(rule.args["unless"]) if "unless" in rule.args else False)


def alike(rule: Rule, group: Group) -> tuple[object, ...] | None:
    """What a rule on one item depends on besides that item: rules with the same answer are one expression."""
    if (
        rule.kind not in ("form", "max_chars", "code", "private_use", "required")
        or {"where", "unless"} & rule.args.keys()
    ):
        return None
    item = _item(rule, group)
    by_kind: dict[str, tuple[object, ...]] = {
        "form": (item.type, item.repeat > 1, item.unknown_date),
        "max_chars": (item.type, item.max_chars, item.decimals, item.repeat),
        "code": (item.code, item.repeat > 1),
        "private_use": (rule.args.get("agreed", ""),),
        "required": (),
    }
    return (rule.kind, *by_kind[rule.kind])


def held(text: str) -> pl.Expr:
    """`item:value|value item:value`: whether all items have one of their values; blank text always holds."""
    tests = [
        pl.col(item).is_in(values.split("|")).fill_null(False)
        for item, _, values in (word.partition(":") for word in text.split())
    ]
    return pl.all_horizontal(*tests) if tests else pl.lit(True)


def judged_items(rule: Rule) -> tuple[str, ...]:
    """The items whose failure before makes the rule silent."""
    return (*rule.items, *filter(None, [rule.args.get("item", "")]), *side_items(rule))
