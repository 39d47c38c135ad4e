"""The items of a host record as a decoder needs them: where, how big, of what kind, and when they are there at all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from dmig.cobol.numbers.zoned import ZonedSign


class HostKind(Enum):
    """How the bytes of an item are to be understood."""

    TEXT = "text"  # PIC X, A and edited pictures: single bytes, or mixed where the charset has shifts
    DOUBLE = "double"  # PIC N and G: bare double-byte codes
    ZONED = "zoned"
    PACKED = "packed"
    BINARY = "binary"
    FLOAT = "float"


@dataclass(frozen=True, slots=True)
class Term:
    """What an item of variable occurrence moves: `stride_bytes` for each of the counter's elements."""

    counter: str
    stride_bytes: int


@dataclass(frozen=True, slots=True)
class HostItem:
    """One elementary item, one occurrence of it. Bytes count from the start of the record, without control words.

    `name`: its path in the record, with the number of each occurrence: `A.B(2).C`. `moved_by`: counters whose tables lie
    before it (shifting records). `within`: (counter, index from 0) pairs, all of which must be met for it to be there.
    `branches`: redefinitions that must be the record's, `unless`: that must not be. `scale`: digits behind the point,
    negative for zeros that are not stored.
    """

    name: str
    offset_bytes: int
    size_bytes: int
    kind: HostKind
    digits: int = 0
    scale: int = 0
    signed: bool = False
    sign: ZonedSign = ZonedSign.NONE
    truncated: bool = True
    native_order: bool = False
    has_sign_half: bool = True
    moved_by: tuple[Term, ...] = ()
    within: tuple[tuple[str, int], ...] = ()
    branches: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    filler: bool = False


@dataclass(frozen=True, slots=True)
class Nest:
    """How items nest: a leaf with its `item`, a group with `members`, or a table with `elements` of which `counter` tells
    how many there are ("": all). `branches` and `unless` as for items.
    """

    name: str
    item: str = ""
    members: tuple[Nest, ...] = ()
    elements: tuple[Nest, ...] = ()
    counter: str = ""
    branches: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """One kind of record: its name, and the texts of the deciding item that mean it."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BranchRule:
    """Which redefinition a record has: by the text of one item, named by its path."""

    item: str
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Counter:
    """The counter of a table of variable occurrence, with its limits."""

    item: str
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class RecordShape:
    """All items of a record, in order, with what decides about them.

    `size_bytes`: of the longest record. `least_bytes`: what a record has when every shifting table is empty, by branch
    ("" where none is known). `strides`: what the shifting tables add to that. `counters` in the order in which they can
    be read. `is_exact`: a record that is longer than that is not of this layout.
    """

    items: tuple[HostItem, ...]
    size_bytes: int
    least_bytes: dict[str, int]
    counters: tuple[Counter, ...] = ()
    strides: tuple[Term, ...] = ()
    rules: tuple[BranchRule, ...] = ()
    is_exact: bool = False
    nests: tuple[Nest, ...] = ()

    def item(self, name: str) -> HostItem | None:
        """An item by its name, or None."""
        return next((item for item in self.items if item.name == name), None)
