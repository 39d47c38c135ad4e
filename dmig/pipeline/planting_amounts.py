"""Faults for the rules of arithmetic: what each amount should be, worked out a second time in plain Python."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from dmig.model.layout import Parameter, Rule, StandardType
from dmig.pipeline.ground import Ground, Row
from dmig.plan.rules import parameters_of


def _whole(row: Row, item: str) -> int | None:
    text = row[item]
    return int(text) if text is not None and text.removeprefix("-").isdigit() else None


def _together(row: Row, items: tuple[str, ...] | list[str]) -> int:
    return sum(_whole(row, item) or 0 for item in items)


def _value(rule: Rule, row: Row, ground: Ground, name: str, default: str = "") -> Fraction | None:
    """The value of the parameter that an argument names, for a row."""
    word = rule.args.get(name, default)
    if word.isdigit():
        return Fraction(word)
    for parameter in reversed(parameters_of(rule, ground.layout, word)):
        if _is_for(rule, row, parameter, word):
            return Fraction(parameter.value)
    return None


def _is_for(rule: Rule, row: Row, parameter: Parameter, word: str) -> bool:
    if (
        "by" in rule.args
        and parameter.name != word
        and parameter.name.removeprefix(f"{word}.").split(".") != [row[item] for item in rule.args["by"].split()]
    ):
        return False
    if "at" not in rule.args:
        return True
    period, first, last = row[rule.args["at"]], parameter.valid_from, parameter.valid_to
    return period is not None and period[: len(first)] >= first and (not last or period[: len(last)] <= last)


def _bounded(rule: Rule, row: Row, ground: Ground, amount: Fraction) -> Fraction:
    least = _value(rule, row, ground, "least") if "least" in rule.args else None
    return amount if least is None else max(amount, least)


def _sum(rule: Rule, row: Row, ground: Ground) -> int | None:
    """What the first item should be."""
    unit = _value(rule, row, ground, "unit", "1")
    total = _together(row, rule.items[1:]) - _together(row, rule.args.get("minus", "").split())
    return None if unit is None else int(_bounded(rule, row, ground, Fraction(total)) // unit * unit)


def _product(rule: Rule, row: Row, ground: Ground) -> int | None:
    rate, unit, base = (
        _value(rule, row, ground, "rate"), _value(rule, row, ground, "unit", "1"), _whole(row, rule.items[1])
    )  # fmt: skip
    if rate is None or unit is None or base is None:
        return None
    rate *= Fraction(_whole(row, rule.args["times"]) or 0 if "times" in rule.args else 1, int(rule.args.get("of", "1")))
    exact = _bounded(rule, row, ground, base * rate - _together(row, rule.args.get("minus", "").split()))
    return int((-(-exact // unit) if rule.args.get("round") == "up" else exact // unit) * unit)


def _amount(rule: Rule, row: Row, ground: Ground) -> int | None:
    value = _value(rule, row, ground, "parameter")
    return None if value is None else int(value)


def _adjustment(rule: Rule, row: Row, ground: Ground) -> int | None:
    base, gap = _whole(row, rule.items[1]), _whole(row, rule.items[2])
    rate, limit, least = (_value(rule, row, ground, name) for name in ("rate", "limit", "least"))
    if base is None or gap is None or rate is None or limit is None or least is None:
        return None
    left = Fraction(min(gap, base)) if base <= limit else max(gap - (base - limit), least)
    most = _value(rule, row, ground, "most") if "income" in rule.args else None
    income = _whole(row, rule.args["income"]) if "income" in rule.args else None
    if most is not None and income is not None and income > most:
        left = Fraction(0)
    return math.floor(left * rate)


def _line(rule: Rule, row: Row, ground: Ground) -> int | None:
    """The amount up to which nothing is due."""
    words = [name for name in ("limit", "per", "extra") if name in rule.args]
    values = {name: _value(rule, row, ground, name) for name in words}
    if any(value is None for value in values.values()):
        return None
    known = {name: int(value) for name, value in values.items() if value is not None}
    members = _together(row, rule.args.get("members", "").split())
    return known["limit"] + known.get("per", 0) * (members + 1) + (known.get("extra", 0) if members else 0)


#: Kinds that say nothing unless their second item, up to this one, is filled.
BASED = {"product": 2, "adjustment": 3}
EXPECTED: dict[str, Callable[[Rule, Row, Ground], int | None]] = {
    "sum": _sum,
    "product": _product,
    "amount": _amount,
    "adjustment": _adjustment,
}


def _is_other(rule: Rule, row: Row, ground: Ground) -> bool:
    found = _whole(row, rule.items[0])
    if rule.kind in BASED and any(_whole(row, item) is None for item in rule.items[1 : BASED[rule.kind]]):
        return False
    return found is not None and found != EXPECTED[rule.kind](rule, row, ground)


def _is_outside(rule: Rule, row: Row, ground: Ground) -> bool:
    least, most, total = (
        _value(rule, row, ground, "least"), _value(rule, row, ground, "most"), _together(row, rule.items)
    )  # fmt: skip
    filled = any(row[item] is not None for item in rule.items)
    return filled and ((least is not None and total < least) or (most is not None and total > most))


def _is_misjudged(rule: Rule, row: Row, ground: Ground) -> bool:
    code, income, line = row[rule.items[0]], _whole(row, rule.items[1]), _line(rule, row, ground)
    if code is None or income is None or line is None:
        return False
    expected = code in rule.args["expected"].split("|")
    return income <= line and not expected if rule.args.get("only") == "below" else expected != (income <= line)


def _is_near(rule: Rule, row: Row, ground: Ground) -> bool:
    amount, line = _whole(row, rule.items[0]), _line(rule, row, ground)
    return amount is not None and line is not None and abs(amount - line) <= int(rule.args.get("near", "1"))


def _date(rule: Rule, row: Row, ground: Ground) -> None:
    """The row on a day, and with codes, for which the parameters of a rule have a value."""
    words = [rule.args[name] for name in ("parameter", "rate", "limit", "most", "least", "per") if name in rule.args]
    named = next((word for word in words if not word.isdigit()), "")
    rows = parameters_of(rule, ground.layout, named)
    if not rows:
        return
    chosen = max(rows, key=lambda parameter: parameter.valid_from)
    if "at" in rule.args:
        year = (chosen.valid_from or chosen.valid_to or "2020")[:4]
        is_year = ground.item(rule.args["at"]).type is not StandardType.DATE
        row[rule.args["at"]] = year if is_year else max(f"{year}-06-01", chosen.valid_from)
    for item, code in zip(
        rule.args.get("by", "").split(), chosen.name.removeprefix(f"{named}.").split("."), strict=False
    ):
        row[item] = code


def _mend_amount(rule: Rule, row: Row, ground: Ground) -> None:
    if EXPECTED[rule.kind](rule, row, ground) is None:
        _date(rule, row, ground)
    expected = EXPECTED[rule.kind](rule, row, ground)
    row[rule.items[0]] = None if expected is None else str(expected)


def _mend_limit(rule: Rule, row: Row, ground: Ground) -> None:
    bound = _value(rule, row, ground, "most" if "most" in rule.args else "least")
    row.update(dict.fromkeys(rule.items))
    row[rule.items[0]] = None if bound is None else str(int(bound))


def _mend_code(rule: Rule, row: Row, ground: Ground) -> None:
    line = _line(rule, row, ground) or 0
    is_expected = row[rule.items[0]] in rule.args["expected"].split("|")
    row[rule.items[1]] = str(max(line, 0) if is_expected else line + 10)


def _mend_near(rule: Rule, row: Row, ground: Ground) -> None:
    row[rule.items[0]] = str((_line(rule, row, ground) or 0) + int(rule.args.get("near", "1")) + 10)


def _plant_amount(rule: Rule, row: Row, ground: Ground) -> None:
    _date(rule, row, ground)
    for item in rule.items[1 : BASED.get(rule.kind, 1)]:
        row[item] = row[item] if _whole(row, item) is not None else "1000"
    row[rule.items[0]] = str((EXPECTED[rule.kind](rule, row, ground) or 0) + 1)


def _plant_outside(rule: Rule, row: Row, ground: Ground) -> None:
    _date(rule, row, ground)
    row.update(dict.fromkeys(rule.items))
    most, least = _value(rule, row, ground, "most"), _value(rule, row, ground, "least")
    row[rule.items[0]] = str(int(most) + 1) if most is not None else str(int(least or 0) - 1)


def _plant_misjudged(rule: Rule, row: Row, ground: Ground) -> None:
    _date(rule, row, ground)
    line = _line(rule, row, ground) or 0
    if rule.args.get("only") == "below":
        row[rule.items[0]], row[rule.items[1]] = _other_code(rule, ground), str(line)
        return
    row[rule.items[0]], row[rule.items[1]] = rule.args["expected"].split("|")[0], str(line + 1)


def _other_code(rule: Rule, ground: Ground) -> str:
    """A code, or an amount, that is none of those expected."""
    expected = rule.args["expected"].split("|")
    return next(text for text in (*ground.codes(ground.item(rule.items[0])), "1", "2", "3") if text not in expected)


def _plant_near(rule: Rule, row: Row, ground: Ground) -> None:
    _date(rule, row, ground)
    row[rule.items[0]] = str(_line(rule, row, ground) or 0)


BROKEN: dict[str, Callable[[Rule, Row, Ground], bool]] = {
    **dict.fromkeys(EXPECTED, _is_other),
    "limit": _is_outside,
    "exempt": _is_misjudged,
    "at_limit": _is_near,
}
MENDED: dict[str, Callable[[Rule, Row, Ground], None]] = {
    **dict.fromkeys(EXPECTED, _mend_amount),
    "limit": _mend_limit,
    "exempt": _mend_code,
    "at_limit": _mend_near,
}
PLANTS: dict[str, Callable[[Rule, Row, Ground], None]] = {
    **dict.fromkeys(EXPECTED, _plant_amount),
    "limit": _plant_outside,
    "exempt": _plant_misjudged,
    "at_limit": _plant_near,
}
