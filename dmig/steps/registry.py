"""The closed set of steps, and plug-ins that state their law too."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from dmig.steps.contract import StepKind
from dmig.steps.filters import EXCLUDE, PICK, ROUTE, UNION
from dmig.steps.groups import COLLAPSE, EXPAND, PARENTS
from dmig.steps.lookup import LOOKUP
from dmig.steps.order import SEQUENCE
from dmig.steps.periods import PERIOD, RENUMBER

BUILTIN: tuple[StepKind, ...] = (
    EXCLUDE, ROUTE, UNION, LOOKUP, PICK, COLLAPSE, PARENTS, EXPAND, SEQUENCE, PERIOD, RENUMBER,
)  # fmt: skip


@cache
def step_kinds(extra: tuple[StepKind, ...] = ()) -> dict[str, StepKind]:
    """All steps by name: the built-in ones, those of entry point `dmig.steps`, and `extra`."""
    plugged = tuple(entry.load() for entry in entry_points(group="dmig.steps"))
    return {kind.name: kind for kind in (*BUILTIN, *plugged, *extra)}
