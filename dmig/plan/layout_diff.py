"""What changes between two versions of a layout, and which declarations of a mapping each change touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dmig.model.layout import Rule, StandardLayout
from dmig.model.mapping import Mapping as MappingFiles
from dmig.model.mapping import Place
from dmig.plan.rules import OF_PARAMETERS, side_items

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
#: Parts of a declaration that say where it stands, not what it says.
BESIDE = ("line", "sheet", "definition", "source", "basis", "advice_staff", "advice_engineer")
SUITES = "suites/{group}.json"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: of a `group`, `item`, `code`, `rule` or `parameter`; `fields` are what differs in it.

    `touches` names declarations that must be looked at: `file:line`, rules by id, suites by file.
    """

    what: str
    name: str
    change: str
    fields: tuple[str, ...]
    touches: tuple[str, ...]
    stops: bool = False


def diff_layouts(old: StandardLayout, new: StandardLayout, mapping: MappingFiles) -> list[Change]:
    """All differences in the order group, item, code, rule, parameter; `stops` where no run can start before."""
    return [
        *_groups(old, new, mapping), *_items(old, new, mapping), *_codes(old, new, mapping), *_rules(old, new, mapping),
        *_parameters(old, new, mapping),
    ]  # fmt: skip


def _differing(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> Iterator[tuple[Any, str, tuple[str, ...]]]:
    """Keys that only one side has, or whose values differ, with the names of the fields that do."""
    for key in [*before, *(key for key in after if key not in before)]:
        if key not in after:
            yield key, REMOVED, ()
        elif key not in before:
            yield key, ADDED, ()
        else:
            one, other = _plain(before[key]), _plain(after[key])
            if fields := tuple(name for name in one if one[name] != other[name]):
                yield key, CHANGED, fields


def _plain(noun: Any) -> dict[str, Any]:
    return {name: value for name, value in asdict(noun).items() if name not in BESIDE and name != "items"}


def _at(place: Place) -> str:
    return f"{place.file}:{place.line}"


def _groups(old: StandardLayout, new: StandardLayout, mapping: MappingFiles) -> Iterator[Change]:
    before, after = ({group.group: group for group in layout.groups} for layout in (old, new))
    for name, change, fields in _differing(before, after):
        steps = [_at(step.place) for step in mapping.steps if step.group == name]
        rows = [_at(row.place) for row in mapping.rows if row.group == name][:1]
        stops = change == ADDED and not steps
        yield Change("group", name, change, fields, (*steps, *rows, SUITES.format(group=name)), stops)


def _items(old: StandardLayout, new: StandardLayout, mapping: MappingFiles) -> Iterator[Change]:
    before, after = ({(i.group, i.item): i for group in layout.groups for i in group.items} for layout in (old, new))
    for (group, item), change, fields in _differing(before, after):
        own = [row for row in mapping.rows if (row.group, row.target) == (group, item)]
        finishing = [
            step for step in mapping.steps
            if step.group == group and item in (step.output, *step.keys, *(w for _, v in step.args for w in _words(v)))
        ]  # fmt: skip
        needed = change != REMOVED and after[group, item].must_output
        touches = [*(_at(row.place) for row in own), *(_at(step.place) for step in finishing)]
        touches += [_at(proof.place) for proof in mapping.proofs if proof.group == group and item in proof.targets]
        touches += [_at(total.place) for total in mapping.totals if total.group == group and item in total.target]
        touches += [rule.rule for rule in (*old.rules, *new.rules) if _speaks_of(rule, group, item)]
        yield Change(
            "item", f"{group}.{item}", change, fields, _once([*touches, SUITES.format(group=group)]),
            needed and not own and not finishing,
        )  # fmt: skip


def _words(text: str) -> list[str]:
    return [word.partition(":")[0] for word in text.replace("|", " ").split()]


def _speaks_of(rule: Rule, group: str, item: str) -> bool:
    elsewhere = rule.args.get("group") == group and rule.args.get("item") == item
    return elsewhere or (rule.group == group and item in (*rule.items, *side_items(rule), rule.args.get("item", "")))


def _codes(old: StandardLayout, new: StandardLayout, mapping: MappingFiles) -> Iterator[Change]:
    before, after = (
        {(code, value.value, value.valid_from): value for code, values in layout.codes.items() for value in values}
        for layout in (old, new)
    )
    for (code, value, since), change, fields in _differing(before, after):
        items = [i for layout in (old, new) for group in layout.groups for i in group.items if i.code == code]
        tables = {row.code_table for row in mapping.rows for i in items if (row.group, row.target) == (i.group, i.item)}
        touches = [
            _at(row.place) for name in sorted(tables & mapping.code_tables.keys())
            for row in mapping.code_tables[name].rows if value in row.standard
        ]  # fmt: skip
        touches += [f"code_tables/{name}.csv" for name in sorted(tables) if change == ADDED and name]
        touches += [
            rule.rule for rule in new.rules for i in items if _speaks_of(rule, i.group, i.item) and _names(rule, value)
        ]
        touches += [SUITES.format(group=i.group) for i in items]
        yield Change("code", " ".join(filter(None, (code, value, since))), change, fields, _once(touches))


def _names(rule: Rule, value: str) -> bool:
    """Whether a rule has a code among its values."""
    return any(value in text.replace(":", "|").replace(" ", "|").split("|") for text in rule.args.values())


def _rules(old: StandardLayout, new: StandardLayout, mapping: MappingFiles) -> Iterator[Change]:
    before, after = ({rule.rule: rule for rule in layout.rules} for layout in (old, new))
    for name, change, fields in _differing(before, after):
        sides = [rules[name] for rules in (before, after) if name in rules]
        suites = [SUITES.format(group=rule.group) for rule in sides if "gx" in rule.engines]
        own = [_at(row.place) for rule in sides for row in mapping.rows if (row.group, row.target) in _seats(rule)]
        yield Change("rule", name, change, fields, _once([*own, *suites]))


def _seats(rule: Rule) -> set[tuple[str, str]]:
    return {(rule.group, item) for item in (*rule.items, *side_items(rule))}


def _parameters(old: StandardLayout, new: StandardLayout, mapping: MappingFiles) -> Iterator[Change]:
    before, after = ({(row.name, row.valid_from): row for row in layout.parameters} for layout in (old, new))
    for (name, since), change, fields in _differing(before, after):
        rows = [_at(row.place) for row in mapping.rows if f"@{name}" in dict(row.args).values()]
        rules = [rule.rule for rule in new.rules if _uses(rule, name)]
        yield Change("parameter", " ".join(filter(None, (name, since))), change, fields, _once([*rows, *rules]))


def _uses(rule: Rule, parameter: str) -> bool:
    words = [rule.args[name] for name in OF_PARAMETERS if name in rule.args]
    return any(parameter == word or ("by" in rule.args and parameter.startswith(f"{word}.")) for word in words)


def _once(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
