"""Rules that look from one operation's published rows into those of others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seat:
    """One item of one group of one operation."""

    operation: str
    group: str
    item: str

    def __str__(self) -> str:
        return f"{self.operation}.{self.group}.{self.item}"


@dataclass(frozen=True, slots=True)
class AcrossRule:
    """One row of across.csv: what must hold between operations, and what follows if it does not."""

    rule: str
    kind: str
    item: Seat
    others: tuple[Seat, ...]
    args: dict[str, str]
    outcome: str
    basis: str
    advice_staff: str
    advice_engineer: str
    line: int

    @property
    def operations(self) -> tuple[str, ...]:
        """Operations that the rule looks at, its own first."""
        return tuple(dict.fromkeys(seat.operation for seat in (self.item, *self.others)))


@dataclass(frozen=True, slots=True)
class AcrossKind:
    """What a kind of rule needs: how many others (least, most), arguments, and which of them name items of which side."""

    others: tuple[int, int]
    args: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    own_items: tuple[str, ...] = ()
    other_items: tuple[str, ...] = ()


#: The closed set of kinds. `where` and `other_where` narrow the rows of either side: `item:value|value item:value`.
#: Of `reached` the first other holds the people, the further ones those who are excused (as long as `end` says).
KINDS: dict[str, AcrossKind] = {
    "known": AcrossKind((1, 9), (), ("where", "other_where")),
    "listed": AcrossKind((1, 1), (), ("where", "other_where")),
    "same": AcrossKind((1, 1), ("pairs",), ("where", "other_where", "compare")),
    "age": AcrossKind((1, 1), ("at", "birth"), ("where", "other_where", "least", "most"), ("at",), ("birth",)),
    "reached": AcrossKind((1, 9), ("birth", "least"), ("where", "other_where", "end"), (), ("birth",)),
    "left": AcrossKind((1, 1), ("end", "status"), ("where", "other_where"), ("end",)),
    "once": AcrossKind((0, 0), ("per",), ("where", "within"), ("per", "within")),
}
OUTCOMES = ("difference", "finding")
