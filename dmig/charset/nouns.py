"""Character sets as they are compiled: look-up tables from codes to characters and back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum

import numpy as np
import numpy.typing as npt

from dmig.charset.tables import Codes

Bytes = npt.NDArray[np.uint8]
Units = npt.NDArray[np.uint16]
Faults = npt.NDArray[np.uint8]

#: In a table of 16-bit units: no such code; and a code whose character has more than one unit.
UNMAPPED, LONG = 0xFFFF, 0xFFFE
#: In a table from characters to codes.
NO_CODE = 0xFFFFFFFF


class Kind(Enum):
    """How the bytes of a text of the set are built."""

    SINGLE = "single"
    DOUBLE = "double"
    MIXED = "mixed"


class TextFault(IntEnum):
    """Why a cell is no text of the set, or a text has no bytes in it."""

    NONE = 0
    UNMAPPED = 1
    HALF_CODE = 2
    TOO_LONG = 3


class TextFinding(IntEnum):
    """What is odd about a cell that could be read."""

    NONE = 0
    UNCLOSED = 1
    STRAY_SHIFT = 2


class Trim(Enum):
    """Which blanks are taken off a text."""

    NONE = "none"
    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"

    @property
    def left(self) -> bool:
        """Whether blanks in front go."""
        return self in (Trim.LEFT, Trim.BOTH)

    @property
    def right(self) -> bool:
        """Whether blanks behind go."""
        return self in (Trim.RIGHT, Trim.BOTH)


@dataclass(frozen=True, slots=True)
class Shifts:
    """Byte sequences that turn to double-byte codes (the first is the one that is written) and back."""

    to_double: tuple[bytes, ...]
    to_single: bytes


class Table:
    """One half of a character set: codes of one width with their characters.

    `units` by code: the character as one 16-bit unit, UNMAPPED, or LONG (then it stands in `long`). `lengths` by code:
    its bytes in UTF-8. `blank` is the code of the blank.
    """

    def __init__(self, codes: Codes, width: int, blank: int, read_only: frozenset[int] = frozenset()) -> None:
        self.codes = codes
        self.read_only = read_only
        self.width = width
        self.blank = blank
        size = 1 << (8 * width)
        self.units: Units = np.full(size, UNMAPPED, np.uint16)
        self.lengths: Bytes = np.zeros(size, np.uint8)
        self.long: dict[int, str] = {}
        for code, text in codes.items():
            self.lengths[code] = len(text.encode())
            if len(text) == 1 and ord(text) < LONG:
                self.units[code] = ord(text)
            else:
                self.units[code] = LONG
                self.long[code] = text
        #: For single bytes: what the standard library's decoder takes, the codes that it may meet, and their lengths.
        self.mapping = "".join(codes.get(code, "\ufffe") for code in range(256)) if width == 1 and not self.long else ""
        self.known = bytes(code for code in range(256) if code in codes) if width == 1 else b""
        self._back: npt.NDArray[np.uint32] | None = None
        self.pairs = {text: code for code, text in codes.items() if len(text) > 1}

    def back(self, preferred: Codes | None = None) -> npt.NDArray[np.uint32]:
        """Codes by code point, NO_CODE where there is none; of several codes the lowest, or the preferred one.

        A code that is only read is written where nothing else means its character: otherwise it could not come back.
        """
        if self._back is None:
            found = np.full(0x110000, NO_CODE, np.uint32)
            for code in sorted(self.codes, key=lambda code: (code in self.read_only, code), reverse=True):
                if len(self.codes[code]) == 1:
                    found[ord(self.codes[code])] = code
            for code, text in (preferred or {}).items():
                found[ord(text)] = code
            self._back = found
        return self._back


@dataclass(frozen=True)
class Charset:
    """A character set, compiled. `basis`: where its table comes from. `preferred`: codes to write where several mean one."""

    name: str
    title: str
    kind: Kind
    basis: str
    single: Table | None = None
    double: Table | None = None
    shifts: Shifts | None = None
    preferred: Codes | None = None
