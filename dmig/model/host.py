"""How a file of a host is cut into records: declared, never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class RecordFormat(Enum):
    """Record formats by their usual names. FB is F: blocks of fixed records leave no trace in a file."""

    FIXED = "F"
    FIXED_BLOCKED = "FB"
    VARIABLE = "V"
    VARIABLE_BLOCKED = "VB"
    SPANNED = "VS"
    SPANNED_BLOCKED = "VBS"
    DELIMITED = "D"
    BY_ITEM = "L"

    @property
    def is_fixed(self) -> bool:
        """Whether all records have one length."""
        return self in (RecordFormat.FIXED, RecordFormat.FIXED_BLOCKED)

    @property
    def is_blocked(self) -> bool:
        """Whether block descriptor words stand in the file."""
        return self in (RecordFormat.VARIABLE_BLOCKED, RecordFormat.SPANNED_BLOCKED)

    @property
    def is_spanned(self) -> bool:
        """Whether a record may lie in several segments."""
        return self in (RecordFormat.SPANNED, RecordFormat.SPANNED_BLOCKED)


@dataclass(frozen=True, slots=True)
class LengthRule:
    """The length of a record by an item of its own.

    `item` names it; `lengths` maps its text to bytes (empty: it holds the length itself); `plus` is added to what it
    holds, for lengths that leave out a part of the record.
    """

    item: str
    lengths: tuple[tuple[str, int], ...] = ()
    plus: int = 0


@dataclass(frozen=True, slots=True)
class RecordRules:
    """One record format with its choices; sizes in bytes, of records without control words.

    `record_bytes`: of F and FB. `least_bytes`, `most_bytes`: what the layout allows; a length outside is a broken one.
    `big_endian`, `includes_itself`: of the record and block descriptor words (4 bytes). `skip_bytes`, `tail_bytes`: in
    front of the first and behind the last record. `line_end`: of D.
    """

    format: RecordFormat = RecordFormat.FIXED
    record_bytes: int = 0
    least_bytes: int = 1
    most_bytes: int = 32_760
    big_endian: bool = True
    includes_itself: bool = False
    block_includes_itself: bool = False
    skip_bytes: int = 0
    tail_bytes: int = 0
    line_end: bytes = b"\n"
    length: LengthRule | None = None


@dataclass(frozen=True, slots=True)
class HostSystem:
    """How the files of a host are to be understood, apart from their copybooks; names as the options of `dmig decode`.

    `table`: the text of a table of codes that is laid over the character set, "" where there is none. `dashes`: on which side
    the wave-dash family is (`jis`, `cp932`, "" as the table says).
    """

    odo: str = "fixed"
    trim: str = "right"
    floats: str = ""
    binary: str = "2-4-8"
    source_format: str = "auto"
    strict_signs: bool = False
    table: str = ""
    dashes: str = ""


@dataclass(frozen=True, slots=True)
class RecordKind:
    """One kind of record of a file: the text of its copybook, and which item tells by which values that a record is one.

    Without an item every record of the file is of this kind.
    """

    copybook: str
    item: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatedCount:
    """An item of the trailer that says how many records the file has: of some tables, or of all kinds where none is named.

    Header and trailer are not counted.
    """

    item: str
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HostFile:
    """One file of a host: its record format, and the records in it that belong to no table."""

    file: str
    rules: RecordRules
    header: RecordKind | None = None
    trailer: RecordKind | None = None
    counts: tuple[StatedCount, ...] = ()
