"""What is wrong with a copybook, with line and column; everything is said at once."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Place:
    """Line and column in the copybook's file, from 1. A full-width character takes two columns, as on the host."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class CopybookFault:
    """One fault: code of the catalogue, place, and what its text names (words of the copybook, never values of records)."""

    code: str
    place: Place
    params: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Faults:
    """Faults as they are found."""

    found: list[CopybookFault] = field(default_factory=list)

    def add(self, code: str, place: Place, **params: object) -> None:
        """One more."""
        self.found.append(CopybookFault(code, place, tuple((name, str(value)) for name, value in params.items())))
