"""The suite of a group, generated from its layout and rules: what Great Expectations is asked about the written file.

Every rule that names the engine `gx` is covered by one expectation, which names it in `meta.rules`. Form, length,
presence and code list of an item are one pattern; items with the same pattern are judged together, their cells joined
by a unit separator, so that a group stays at some 80 expectations. Blank cells are read as texts, so presence is part
of the pattern. Whether keys are unique cannot be seen batch by batch: duckdb judges that over the whole file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dmig.model.layout import Group, Rule, StandardItem, StandardLayout
from dmig.stages.accept.patterns import (
    SELECTORS,
    UNIT_SEPARATOR,
    amount_pattern,
    cell_pattern,
    code_values,
    is_counted_apart,
    joined_pattern,
)

REGEX, IN_SET = "expect_column_values_to_match_regex", "expect_column_values_to_be_in_set"
COLUMNS, ROWS = "expect_table_columns_to_match_ordered_list", "expect_table_row_count_to_equal"
#: Name of the run-time parameter that holds how many rows a batch was announced to have.
ANNOUNCED = "announced_rows"
#: Items are joined as long as their lengths add up to no more than this: patterns that count get large.
JOINED_CHARS = 800
#: Characters that a reader of a suite could not see; they are escaped in its text.
_UNSEEN = re.compile(f"[{SELECTORS}\uff61\uff9f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Expectation:
    """One expectation of a suite: its type, what it is told, the items it looks at and the rules it covers.

    `each` is the pattern of one item where several are judged together, else "".
    """

    type: str
    kwargs: dict[str, Any]
    items: tuple[str, ...]
    rules: tuple[str, ...]
    each: str = ""

    @property
    def of_table(self) -> bool:
        """Whether it looks at the file as a whole, not at cells."""
        return self.type in (COLUMNS, ROWS)


def suite(layout: StandardLayout, group: Group, rules: Sequence[Rule]) -> dict[str, Any]:
    """The suite of a group as Great Expectations reads it."""
    return {
        "name": f"{layout.operation} {layout.version} {group.group}",
        "meta": {
            "group": group.group,
            "layout": f"{layout.operation} {layout.version}",
            "not_here": "uniqueness of keys and references: judged by duckdb over all batches",
        },
        "expectations": [_stored(found) for found in _generated(layout, group, rules)],
    }


def canonical(found: dict[str, Any]) -> str:
    """A suite as the text of its file: sorted keys, one expectation per block, unseen characters escaped."""
    text = json.dumps(found, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    return _UNSEEN.sub(lambda match: json.dumps(match[0])[1:-1], text)


def expectations(found: dict[str, Any]) -> tuple[Expectation, ...]:
    """The expectations of a suite that was read from its file."""
    return tuple(
        Expectation(
            entry["type"], entry["kwargs"], tuple(entry["meta"]["items"]), tuple(entry["meta"]["rules"]),
            entry["meta"].get("each", ""),
        )
        for entry in found["expectations"]
    )  # fmt: skip


def _stored(found: Expectation) -> dict[str, Any]:
    meta: dict[str, Any] = {"items": list(found.items), "rules": list(found.rules)}
    if found.each:
        meta |= {"each": found.each, "joined_by": UNIT_SEPARATOR}
    return {"type": found.type, "kwargs": found.kwargs, "meta": meta, "severity": "critical"}


def _generated(layout: StandardLayout, group: Group, rules: Sequence[Rule]) -> list[Expectation]:
    names = [item.name for item in group.items]
    found = [
        Expectation(COLUMNS, {"column_list": names}, (), (f"{group.group}.columns",)),
        Expectation(ROWS, {"value": {"$PARAMETER": ANNOUNCED}}, (), (f"{group.group}.rows",)),
    ]
    families: dict[str, list[tuple[StandardItem, tuple[Rule, ...]]]] = {}
    for item in group.items:
        own = tuple(rule for rule in rules if "gx" in rule.engines and rule.items[0] == item.item)
        kinds = {rule.kind for rule in own}
        pattern = cell_pattern(item, layout, required="required" in kinds, coded="code" in kinds)
        if own:
            families.setdefault(pattern, []).append((item, own))
    for pattern, members in families.items():
        for at in range(0, len(members), step := _together(members[0][0])):
            found.append(_expectation(layout, pattern, members[at : at + step]))
    apart = [(item, own) for members in families.values() for item, own in members if is_counted_apart(item)]
    return [*found, *(_amount(layout, item, own) for item, own in apart)]


def _together(item: StandardItem) -> int:
    """How many items of one pattern are judged together."""
    return max(1, JOINED_CHARS // max(1, item.max_chars * item.repeat))


def _expectation(
    layout: StandardLayout, pattern: str, members: list[tuple[StandardItem, tuple[Rule, ...]]]
) -> Expectation:
    items = tuple(item.name for item, _ in members)
    rules = tuple(rule.rule for _, own in members for rule in own)
    first, own = members[0]
    kinds = {rule.kind for rule in own}
    if len(members) > 1:
        column = f"{first.name} +{len(members) - 1}"
        kwargs = {"column": column, "regex": joined_pattern(pattern, len(members))}
        return Expectation(REGEX, kwargs, items, rules, joined_pattern(pattern, 1))
    if "code" in kinds and first.repeat == 1:
        values = code_values(first, layout) + ([] if "required" in kinds else [layout.dialect.null])
        return Expectation(IN_SET, {"column": first.name, "value_set": values}, items, rules)
    return Expectation(REGEX, {"column": first.name, "regex": joined_pattern(pattern, 1)}, items, rules)


def _amount(layout: StandardLayout, item: StandardItem, rules: tuple[Rule, ...]) -> Expectation:
    """How much a cell may hold, where one pattern cannot count that beside its form."""
    covered = tuple(rule.rule for rule in rules if rule.kind == "max_chars")
    return Expectation(REGEX, {"column": item.name, "regex": amount_pattern(item, layout)}, (item.name,), covered)
