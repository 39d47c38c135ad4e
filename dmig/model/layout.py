"""Standard layouts: groups, items, code lists, rules, parameters, and the CSV dialect they are written in."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class StandardType(StrEnum):
    """Item types of the official legend. `N` is the full-width letter in the sheets."""

    X = "X"
    N = "N"
    INTEGER = "9"
    DECIMAL = "9V"
    SIGNED = "S9"
    YEAR = "YEAR"
    DATE = "DATE"
    TIME = "TIME"
    BLOB = "BLOB"


class Requirement(StrEnum):
    """データ出力条件 of the official sheet."""

    REQUIRED = "必須"
    CONDITIONAL = "条件付き必須"
    OPTIONAL = "任意"


class Sensitivity(StrEnum):
    """How a value is handled outside the protected folder (never shown) and inside it."""

    NUMBER = "number"
    PROTECTED = "protected"
    PERSONAL = "personal"
    NONE = "none"


class Scope(StrEnum):
    """How far a rule looks."""

    CELL = "cell"
    RECORD = "record"
    UNIT = "unit"
    HOUSEHOLD = "household"
    BATCH = "batch"


class Outcome(StrEnum):
    """What follows when a rule does not hold."""

    REJECT = "reject"
    BLANK = "blank"
    FINDING = "finding"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class StandardItem:
    """One item of a standard layout. `max_chars` counts characters without variation selectors, not bytes."""

    item: str
    name: str
    group: str
    type: StandardType
    max_chars: int
    decimals: int
    primary_key: bool
    foreign_key: str
    code: str
    repeat: int
    requirement: Requirement
    must_output: bool
    unknown_date: bool
    sensitivity: Sensitivity
    status: str
    official_id: str
    definition: str
    source: str
    line: int

    @property
    def is_number(self) -> bool:
        """Whether the text is a number that may be added up."""
        return self.type in (StandardType.INTEGER, StandardType.DECIMAL, StandardType.SIGNED)


@dataclass(frozen=True, slots=True)
class Group:
    """A table of a layout, one file when written. `unit` names its item that may not be half migrated.

    `division` is the division of the municipality that treats its faults; blank: that of the layout.
    """

    group: str
    name: str
    unit: str
    items: tuple[StandardItem, ...]
    may_be_empty: bool = False
    division: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The primary key's items in layout order."""
        return tuple(item.item for item in self.items if item.primary_key)

    def item(self, name: str) -> StandardItem | None:
        """An item by its id, or None."""
        return next((item for item in self.items if item.item == name), None)


@dataclass(frozen=True, slots=True)
class CodeValue:
    """One value of a code list, valid on event dates from `valid_from` to `valid_to` (ISO text, blank = open)."""

    value: str
    label: str
    valid_from: str
    valid_to: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of rules.csv: what must hold, how far it looks, what follows if not, who judges it, and why.

    `sheet` is the file that it stands in: of the layout's version, or of one that it is based on.
    """

    rule: str
    group: str
    kind: str
    items: tuple[str, ...]
    args: dict[str, str]
    scope: Scope
    outcome: Outcome
    engines: tuple[str, ...]
    basis: str
    advice_staff: str
    advice_engineer: str
    line: int
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A dated value (rate, limit, amount): never in code."""

    name: str
    valid_from: str
    valid_to: str
    value: str
    basis: str
    line: int


@dataclass(frozen=True, slots=True)
class CsvDialect:
    """How a standard file is written. Each choice is explicit because the official rule was not obtained."""

    encoding: str = "utf-8"
    bom: bool = False
    newline: str = "crlf"
    quoting: str = "minimal"
    header: bool = True
    file_name: str = "{group}.csv"
    null: str = ""
    repeats: str = "columns"
    repeat_separator: str = "/"


@dataclass(frozen=True, slots=True)
class StandardLayout:
    """A versioned set of groups with everything a checker needs to know about them."""

    operation: str
    title: str
    version: str
    status: str
    national_id: str
    unit: str
    dialect: CsvDialect
    groups: tuple[Group, ...]
    codes: dict[str, tuple[CodeValue, ...]] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    division: str = ""

    def group(self, name: str) -> Group | None:
        """A group by id or Japanese name, or None."""
        return next((g for g in self.groups if name in (g.group, g.name)), None)
