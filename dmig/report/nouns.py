"""What a report is made of, in one language and free of any file format: sections, tables, pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from dmig.model.small_groups import LEAST, SMALL


class Few(Enum):
    """A count from one to nine where groups of persons are counted: shown as `<10`, never as a number."""

    FEW = SMALL


FEW = Few.FEW


@dataclass(frozen=True, slots=True)
class Mark:
    """A judgement: `tone` is good, bad, open or plain; the text says the same without colour."""

    tone: str
    text: str


Cell = str | int | float | Few | Mark | None
#: Kinds of columns: long texts wrap early; short texts and codes never.
KINDS = ("text", "short", "long", "code", "id", "hash", "count", "seconds", "mark")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the key of its heading in the table of words, and how its cells are set."""

    word: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its heading; `folded` tables are closed on the screen until asked for, and left out in print."""

    key: str
    columns: tuple[Column, ...]
    rows: list[tuple[Cell, ...]]
    note: str = ""
    folded: bool = False
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of a bar. `look` names colour and pattern, `name` says the same in words; lengths in picture units."""

    look: str
    name: str
    count: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a picture, named at its left, its total at its right."""

    name: str
    total: int
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """Stacked bars over one scale; `legend` pairs looks with their words."""

    key: str
    note: str
    legend: tuple[tuple[str, str], ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One chapter of the report. Without tables it says that this run has no such part; `lacks` names single ones."""

    key: str
    tables: list[Table] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)

    @property
    def is_absent(self) -> bool:
        """Whether the run has nothing of this kind."""
        return not self.tables


def few(count: Any) -> Cell:
    """A count of persons: exact from ten on, `<10` below; 0 is 0. A result says null or `<10` where it hides one."""
    if count is None or isinstance(count, str):
        return FEW
    number = int(count)
    return FEW if 0 < number < LEAST else number


def rows_of(result: Mapping[str, Any], *path: str) -> list[dict[str, Any]] | None:
    """The list at a path of the result, or None where the run has none."""
    found: Any = result
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, list) else None
