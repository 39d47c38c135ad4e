"""The compiled plan: plain frozen values, so that worker processes can be handed the whole of it."""

from __future__ import annotations

from dataclasses import dataclass

from dmig.model.layout import Group, Rule, StandardItem, StandardLayout
from dmig.model.legacy import LegacyItem, LegacyLayout
from dmig.model.mapping import Bad, ConditionLine, Disposition, Mapping, Missing, Place, StepRow, Total
from dmig.model.repairs import NO_REPAIRS, Repairs


@dataclass(frozen=True, slots=True)
class StreamItem:
    """An item that mapping rows of a group may use.

    `legacy` is its legacy item (None for items made by a step); `tables` are the tables that hold it; `maker` is the
    step that made it, or "".
    """

    name: str
    legacy: LegacyItem | None
    tables: tuple[str, ...]
    maker: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One distinct call of a converter: same converter, sources, arguments and code table are one call.

    `level` is 1 for calls on stream items, one more for each intermediate in between.
    """

    number: int
    converter: str
    sources: tuple[str, ...]
    args: tuple[tuple[str, str], ...]
    code_table: str
    level: int
    place: Place

    def value(self, part: str) -> str:
        """Name of the column that holds one output."""
        return f"@{self.number}.{part}"

    @property
    def fault(self) -> str:
        """Name of the column that holds the fault mask."""
        return f"@{self.number}!"

    @property
    def bad(self) -> str:
        """Name of the column that says whether a source had already failed."""
        return f"@{self.number}~"


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to fill a target: the output `part` of a call, when a condition holds and its sources are filled."""

    call: int
    part: str
    when: str
    place: Place
    basis: str


@dataclass(frozen=True, slots=True)
class Target:
    """A standard item or an intermediate (`_name`) with its alternatives in order."""

    name: str
    item: StandardItem | None
    alternatives: tuple[Alternative, ...]
    if_missing: Missing
    if_bad: Bad
    level: int
    undecided: bool = False


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """Everything that makes one group.

    `tables` are the legacy tables whose rows become rows of the group; `created` says that steps made the rows
    instead. `read_items` are all stream items that a converter, a condition or a step of the group reads: a fault in
    one of them is a fault of the record.
    """

    group: Group
    stream: str
    tables: tuple[str, ...]
    created: bool
    shape: tuple[StepRow, ...]
    finish: tuple[StepRow, ...]
    finished: tuple[str, ...]
    items: dict[str, StreamItem]
    read_items: tuple[str, ...]
    calls: tuple[Call, ...]
    targets: tuple[Target, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled mapping. `plan_hash` covers layouts, mapping, code tables, parameters, repairs and the program's version."""

    operation: str
    system: str
    layout: StandardLayout
    legacy: LegacyLayout
    mapping: Mapping
    groups: tuple[GroupPlan, ...]
    conditions: dict[str, tuple[ConditionLine, ...]]
    totals: tuple[Total, ...]
    dispositions: tuple[Disposition, ...]
    plan_hash: str
    block_bytes: int
    repairs: Repairs = NO_REPAIRS

    def group(self, name: str) -> GroupPlan:
        """A group's plan by id."""
        return next(plan for plan in self.groups if plan.group.group == name)
