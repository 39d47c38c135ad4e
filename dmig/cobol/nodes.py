"""The nodes of a copybook: entries as they are written, items as they nest."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from dmig.cobol.faults import Place
from dmig.cobol.picture import Picture


class Usage(Enum):
    """How an item is stored."""

    DISPLAY = "DISPLAY"
    DISPLAY_1 = "DISPLAY-1"
    NATIONAL = "NATIONAL"
    COMP = "COMP"
    COMP_1 = "COMP-1"
    COMP_2 = "COMP-2"
    COMP_3 = "COMP-3"
    COMP_5 = "COMP-5"
    COMP_6 = "COMP-6"
    INDEX = "INDEX"


@dataclass(frozen=True, slots=True)
class SignClause:
    """SIGN LEADING or TRAILING, SEPARATE or not."""

    leading: bool
    separate: bool


@dataclass(frozen=True, slots=True)
class Occurs:
    """OCCURS: at least and at most so many; `counter` of DEPENDING ON with the names that qualify it, "" for none."""

    least: int
    most: int
    counter: str = ""
    qualifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """Level 88: a name for values; (from, to) pairs, `to` blank for a single one."""

    name: str
    values: tuple[tuple[str, str], ...]
    place: Place


@dataclass(slots=True)
class Entry:
    """One entry with its clauses. `filler`: it has no name that could be used."""

    level: int
    name: str
    place: Place
    filler: bool = False
    redefines: str = ""
    picture: Picture | None = None
    usage: Usage | None = None
    sign: SignClause | None = None
    occurs: Occurs | None = None
    sync: bool = False
    renames: tuple[str, str] = ("", "")
    values: tuple[tuple[str, str], ...] = ()
    blank_when_zero: bool = False
    justified: bool = False


@dataclass(slots=True)
class Item:
    """An entry in the tree. Usage and sign are its own or inherited; sizes are of one occurrence.

    `offset_bytes`: from the start of its parent's occurrence.
    """

    entry: Entry
    children: list[Item] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    usage: Usage = Usage.DISPLAY
    sign: SignClause | None = None
    size_bytes: int = 0
    offset_bytes: int = 0
    alignment: int = 1

    @property
    def name(self) -> str:
        """Its name as it is written."""
        return self.entry.name

    @property
    def is_group(self) -> bool:
        """Whether it has items below it."""
        return bool(self.children)

    @property
    def slot_bytes(self) -> int:
        """All its occurrences."""
        return self.size_bytes * (self.entry.occurs.most if self.entry.occurs else 1)

    def same(self, name: str) -> bool:
        """Whether this is its name; COBOL does not tell capitals from small letters."""
        return self.name.upper() == name.upper()


@dataclass(frozen=True, slots=True)
class Renaming:
    """Level 66: another name for a run of items."""

    name: str
    first: str
    last: str
    place: Place


@dataclass(frozen=True, slots=True)
class Copybook:
    """A copybook read: its records, each a tree; several describe the same bytes. `free`: it is in free format."""

    records: tuple[Item, ...]
    renamings: tuple[Renaming, ...] = ()
    free: bool = False
