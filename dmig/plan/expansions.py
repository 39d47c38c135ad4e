"""Which legacy cell an item stands for that `expand` made: one of several, told by the row's label."""

from __future__ import annotations

from dataclasses import dataclass

from dmig.plan.nouns import GroupPlan
from dmig.steps.groups import EXPAND, item_sets


@dataclass(frozen=True, slots=True)
class Expansion:
    """A made item: the item that holds the label, and the legacy item of each label."""

    label: str
    items: dict[str, str]


def expansions(group: GroupPlan) -> dict[str, Expansion]:
    """By name of the made item; of several steps that make it the last."""
    found: dict[str, Expansion] = {}
    for step in group.shape:
        if step.step != EXPAND.name:
            continue
        sets = item_sets(step)
        for place, name in enumerate(step.arg("into").split()):
            found[name] = Expansion(step.arg("label"), {label: items[place] for label, items in sets})
    return found
