"""Invented rows for the self-test: a row that breaks nothing, and for every kind of rule how to break it.

Each kind is written down a second time in plain Python, apart from the engines that are tested with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from dmig.model.check_digits import LENGTHS, is_valid
from dmig.model.layout import Requirement, Rule, StandardType
from dmig.pipeline import planting_amounts as arithmetic
from dmig.pipeline.ground import EARLY, FAR, HASH, LATE, Ground, Row
from dmig.plan.rules import OF_GROUPS, side_items

#: Rounds after which a row that still breaks a rule is left as it is: the self-test then says which rule it is.
ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Planted:
    """A row with one fault, made for one rule; `touched` are the items that differ from the row without faults."""

    rule: Rule
    row: Row
    touched: frozenset[str]


@dataclass(frozen=True, slots=True)
class PlantedSet:
    """Rows of sets of which the one that begins at `first` breaks a rule; `other`: values that another group has."""

    rule: Rule
    rows: tuple[Row, ...]
    first: int
    other: tuple[Row, ...] = ()


def row_without_faults(ground: Ground, rules: Iterable[Rule]) -> Row:
    """Required items filled, the others blank, then mended until no rule on rows is broken."""
    row: Row = {
        item.item: ground.sample(item.item) if item.requirement is Requirement.REQUIRED else None
        for item in ground.group.items
    }
    own = [rule for rule in rules if rule.kind in MENDED]
    for _ in range(ROUNDS):
        broken = [rule for rule in own if applies(rule, row) and BROKEN[rule.kind](rule, row, ground)]
        if not broken:
            break
        for rule in broken:
            MENDED[rule.kind](rule, row, ground)
    return row


def planted(rule: Rule, sound: Row, ground: Ground) -> Planted:
    """The row with a fault for one rule on rows."""
    row = dict(sound)
    _make_apply(rule, row)
    PLANTS[rule.kind](rule, row, ground)
    return Planted(rule, row, frozenset(name for name in row if row[name] != sound[name]))


def applies(rule: Rule, row: Row) -> bool:
    """Whether `where` holds and `unless` does not."""
    holds = all(row[item] in values for item, values in _words(rule, "where"))
    return holds and not ("unless" in rule.args and all(row[item] in values for item, values in _words(rule, "unless")))


def read_items(rule: Rule) -> frozenset[str]:
    """All items of its own group that a rule reads."""
    named = rule.args.get("item", "") if rule.kind not in OF_GROUPS else ""
    return frozenset(filter(None, (*rule.items, named, *side_items(rule))))


def planted_set(rule: Rule) -> PlantedSet:
    """Rows with a fault for one rule on sets: a set that holds, then one that does not."""
    rows, first, other = SETS[rule.kind](rule)
    side: Row = dict.fromkeys(side_items(rule))
    side |= {item: values[0] for item, values in _words(rule, "where")}
    return PlantedSet(rule, tuple(side | row for row in rows), first, other)


def _words(rule: Rule, name: str) -> list[tuple[str, list[str]]]:
    words = (word.partition(":") for word in rule.args.get(name, "").split())
    return [(item, values.split("|")) for item, _, values in words]


def _make_apply(rule: Rule, row: Row) -> None:
    for item, values in _words(rule, "where"):
        row[item] = values[0]
    for item, values in _words(rule, "unless"):
        row[item] = None if row[item] in values else row[item]
    if rule.kind in ("required_if", "empty_if", "value_if"):
        row[rule.args["item"]] = rule.args["values"].split("|")[0]


def _given(rule: Rule, row: Row) -> bool:
    return row[rule.args["item"]] in rule.args["values"].split("|")


def _end(rule: Rule, row: Row, begin: str) -> str:
    first = date.fromisoformat(begin)
    months = 12 * first.year + first.month - 1 + 12 * int(rule.args["years"])
    months += int(row[rule.args["months"]] or 0) if "months" in rule.args else 0
    if rule.args.get("begun") == "free" and first.day > 1:
        first, months = first.replace(day=1), months + 1
    later = first.replace(year=months // 12, month=months % 12 + 1)
    return (later + timedelta(days=int(rule.args["days"]))).isoformat()


def _dates(rule: Rule, row: Row) -> tuple[str, str] | None:
    one, other = row[rule.items[0]], row[rule.items[1]]
    return (one, other) if one and other else None


def _number(rule: Rule, ground: Ground, *, valid: bool) -> str:
    """A number of the rule's kind, of its length or the item's, with a right or a wrong check digit."""
    kind = rule.args["number"]
    rest = "1" * ((LENGTHS[kind] or min(11, ground.item(rule.items[0]).max_chars)) - 1)
    candidates = [text for digit in "0123456789" for text in (rest + digit, digit + rest)]
    return next(text for text in candidates if is_valid(kind, text) == valid)


#: Whether a row breaks a rule, by kind; only of rules that a row of samples may break.
BROKEN: dict[str, Callable[[Rule, Row, Ground], bool]] = {
    "required_if": lambda rule, row, ground: _given(rule, row) and row[rule.items[0]] is None,
    "empty_if": lambda rule, row, ground: _given(rule, row) and row[rule.items[0]] is not None,
    "value_if": lambda rule, row, ground: (
        _given(rule, row) and row[rule.items[0]] not in rule.args["expected"].split("|")
    ),
    "not_after": lambda rule, row, ground: (dates := _dates(rule, row)) is not None and dates[0] > dates[1],
    "check_digit": lambda rule, row, ground: (
        (text := row[rule.items[0]]) is not None and not is_valid(rule.args["number"], text)
    ),
    "required_any": lambda rule, row, ground: all(row[item] is None for item in rule.items),
    "period_length": lambda rule, row, ground: (
        (dates := _dates(rule, row)) is not None and _end(rule, row, dates[0]) != dates[1]
    ),
    **arithmetic.BROKEN,
    "required": lambda rule, row, ground: row[rule.items[0]] is None,
}


def _mend_first(rule: Rule, row: Row, ground: Ground) -> None:
    row[rule.items[0]] = ground.sample(rule.items[0])


def _mend_blank(rule: Rule, row: Row, ground: Ground) -> None:
    row[rule.items[0]] = None


def _mend_value(rule: Rule, row: Row, ground: Ground) -> None:
    row[rule.items[0]] = rule.args["expected"].split("|")[0]


def _mend_order(rule: Rule, row: Row, ground: Ground) -> None:
    row[rule.items[1]] = row[rule.items[0]]


def _mend_digit(rule: Rule, row: Row, ground: Ground) -> None:
    row[rule.items[0]] = _number(rule, ground, valid=True)


def _mend_end(rule: Rule, row: Row, ground: Ground) -> None:
    row[rule.items[1]] = _end(rule, row, row[rule.items[0]] or EARLY)


#: How a row that breaks a rule is mended, by kind.
MENDED: dict[str, Callable[[Rule, Row, Ground], None]] = {
    "required_if": _mend_first,
    "empty_if": _mend_blank,
    "value_if": _mend_value,
    "not_after": _mend_order,
    "check_digit": _mend_digit,
    "required_any": _mend_first,
    "period_length": _mend_end,
    **arithmetic.MENDED,
    "required": _mend_first,
}


def _plant_blank(rule: Rule, row: Row, ground: Ground) -> None:
    row.update(dict.fromkeys(rule.items))


def _plant_filled(rule: Rule, row: Row, ground: Ground) -> None:
    row[rule.items[0]] = ground.sample(rule.items[0])


def _plant_form(rule: Rule, row: Row, ground: Ground) -> None:
    kind = ground.item(rule.items[0]).type
    row[rule.items[0]] = "a" if kind is StandardType.N else "あ"


def _plant_length(rule: Rule, row: Row, ground: Ground) -> None:
    item = ground.item(rule.items[0])
    sign = "あ" if item.type is StandardType.N else "1"
    row[item.item] = sign * (item.max_chars + 1) + (f",1,{HASH}" if item.type is StandardType.BLOB else "")


def _plant_code(rule: Rule, row: Row, ground: Ground) -> None:
    item = ground.item(rule.items[0])
    values, most = ground.codes(item), item.max_chars
    free = ("〓" * most, "〒") if item.type is StandardType.N else (*(str(n) * most for n in range(10)), "Z", "z", "-")
    row[item.item] = next(text for text in free if text not in values)


def _plant_private(rule: Rule, row: Row, ground: Ground) -> None:
    row[rule.items[0]] = "\ue000" + (f",1,{HASH}" if ground.item(rule.items[0]).type is StandardType.BLOB else "")


def _plant_value(rule: Rule, row: Row, ground: Ground) -> None:
    others = [
        value for value in ground.codes(ground.item(rule.items[0])) if value not in rule.args["expected"].split("|")
    ]
    row[rule.items[0]] = next(iter(others), None)


def _plant_order(rule: Rule, row: Row, ground: Ground) -> None:
    row[rule.items[0]], row[rule.items[1]] = LATE, EARLY


def _plant_digit(rule: Rule, row: Row, ground: Ground) -> None:
    row[rule.items[0]] = _number(rule, ground, valid=False)


def _plant_end(rule: Rule, row: Row, ground: Ground) -> None:
    row[rule.items[0]], row[rule.items[1]] = EARLY, FAR


#: The fault of a rule on rows, by kind.
PLANTS: dict[str, Callable[[Rule, Row, Ground], None]] = {
    "required": _plant_blank,
    "form": _plant_form,
    "max_chars": _plant_length,
    "code": _plant_code,
    "private_use": _plant_private,
    "required_if": _plant_blank,
    "empty_if": _plant_filled,
    "value_if": _plant_value,
    "not_after": _plant_order,
    "check_digit": _plant_digit,
    "required_any": _plant_blank,
    "period_length": _plant_end,
    **arithmetic.PLANTS,
}
Sets = tuple[list[Row], int, tuple[Row, ...]]


def _row(rule: Rule, of_set: str, last: str) -> Row:
    return {**dict.fromkeys(rule.items[:-1], of_set), rule.items[-1]: last}


def _twice(rule: Rule) -> Sets:
    return [dict.fromkeys(rule.items, text) for text in ("1", "2", "2")], 1, ()


def _gap(rule: Rule) -> Sets:
    return [_row(rule, "1", "1"), _row(rule, "1", "2"), _row(rule, "2", "1"), _row(rule, "2", "3")], 2, ()


def _wrong_count(rule: Rule) -> Sets:
    value, count = rule.args["value"], int(rule.args["count"])
    right = [_row(rule, "1", value) for _ in range(count)] + [_row(rule, "1", f"not {value}")]
    return [*right, _row(rule, "2", f"not {value}" if count else value)], len(right), ()


def _unlike(rule: Rule) -> Sets:
    return [_row(rule, "1", "1"), _row(rule, "1", "1"), _row(rule, "2", "1"), _row(rule, "2", "2")], 2, ()


def _dangling(rule: Rule) -> Sets:
    return [{rule.items[0]: "1"}, {rule.items[0]: "2"}], 1, ({rule.args["item"]: "1"},)


def _uneven(rule: Rule) -> Sets:
    unit = int(rule.args["unit"])
    rows = [("1", 1, unit), ("1", 2, unit), ("2", 1, unit), ("2", 2, 2 * unit), ("2", 3, unit)]
    labels = rule.args["order"].split("|") if "order" in rule.args else [str(n) for n in range(1, 4)]
    return [_places(rule, of_set, labels[number - 1], str(amount)) for of_set, number, amount in rows], 2, ()


def _overlap(rule: Rule) -> Sets:
    rows = [
        ("1", EARLY, "2020-01-31"),
        ("1", "2020-02-01", None),
        ("2", EARLY, "2020-02-01"),
        ("2", "2020-02-01", None),
    ]
    return [_places(rule, of_set, first, last) for of_set, first, last in rows], 2, ()


def _places(rule: Rule, of_set: str, one: str, other: str | None) -> Row:
    return {**dict.fromkeys(rule.items[:-2], of_set), rule.items[-2]: one, rule.items[-1]: other}


def _other_sum(rule: Rule) -> Sets:
    side = {item: values[0] for item, values in _words(rule, "of_where")}
    of_others = [("1", "1"), ("1", "2"), ("2", "4")]
    others = tuple({**side, **_row(rule, of_set, ""), rule.args["item"]: amount} for of_set, amount in of_others)
    return [_row(rule, "1", "3"), _row(rule, "2", "5")], 1, others


#: The fault of a rule on sets, by kind: rows, where the broken set begins, values that another group has.
SETS: dict[str, Callable[[Rule], Sets]] = {
    "unique": _twice,
    "gapless": _gap,
    "one_of": _wrong_count,
    "agree": _unlike,
    "exists": _dangling,
    "split": _uneven,
    "apart": _overlap,
    "sum_of": _other_sum,
}
