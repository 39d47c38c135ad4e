"""What makes bytes one strict CSV record, and the codes given to those that are not."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from dmig.errors import DmigError
from dmig.model.legacy import CsvSource

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

LF, CR, QUOTE = 0x0A, 0x0D, 0x22
BOM = b"\xef\xbb\xbf"
END_MARK = b"\x1a"

#: A quoted cell may run over this many physical lines; it bounds the look-ahead after a stray quote.
MAX_LINES = 200
#: Bytes of a refused record that are kept with it.
MAX_RAW_BYTES = 64 << 10

BOM_FOUND, NO_LINE_END, END_MARK_FOUND = "RED021", "RED022", "RED023"


class Fault(IntEnum):
    """Why a record is refused. Where several faults hold the one with the smallest number is told."""

    NONE = 0
    TOO_LONG = 1
    CUT_OFF = 2
    EMPTY_LINE = 3
    NUL = 4
    QUOTES = 5
    LONE_CR = 6
    COLUMNS = 7
    LINE_BREAK = 8
    UNDECODABLE = 9

    @property
    def code(self) -> str:
        """The catalogue's code."""
        return _CODES[self]


_CODES = {
    Fault.QUOTES: "RED011",
    Fault.COLUMNS: "RED012",
    Fault.EMPTY_LINE: "RED013",
    Fault.LINE_BREAK: "RED014",
    Fault.LONE_CR: "RED015",
    Fault.NUL: "RED016",
    Fault.UNDECODABLE: "RED017",
    Fault.TOO_LONG: "RED018",
    Fault.CUT_OFF: "RED019",
}

#: Faults which a file that was cut off explains when they stand in its last record, without a line end.
CUT_OFF_SIGNS = (Fault.QUOTES, Fault.LONE_CR, Fault.COLUMNS)


@dataclass(frozen=True, slots=True)
class CsvRules:
    """The form of every record of one file: `columns` cells parted by one byte, at most `max_record_bytes` long."""

    delimiter: int
    columns: int
    max_record_bytes: int
    charset: str
    breaks_allowed: bool
    record: re.Pattern[bytes]
    cell: re.Pattern[bytes]


def csv_rules(file: str, csv: CsvSource, charset: str, columns: int, breaks_allowed: bool) -> CsvRules:
    """Compile the form of a file.

    `DmigError` RED004 for a charset and RED005 for a delimiter that a scan over bytes cannot serve.
    """
    try:
        known = codecs.lookup(charset).name
    except LookupError:
        known = ""
    if known not in ("cp932", "utf-8"):
        raise DmigError("RED004", file=file, charset=charset)
    # From 0x40 on a byte may be the second half of a cp932 character.
    if len(csv.delimiter) != 1 or not 0 < ord(csv.delimiter) < 0x40 or csv.delimiter in '"\r\n':
        raise DmigError("RED005", file=file)
    delimiter = re.escape(csv.delimiter.encode("ascii"))
    # Possessive repeats: a long damaged record must not make the engine go back.
    quoted = rb'"(?:[^"]++|"")*+"'
    plain = rb'[^"\r\n' + delimiter + rb"]*+"
    strict = rb"(?:" + quoted + rb"|" + plain + rb")"
    record = strict + rb"(?:" + delimiter + strict + rb"){%d}(?:\r?\n)?" % (columns - 1)
    # A cell that starts as unquoted text ends at the next delimiter whatever quotes stand in it.
    loose = rb'[^"' + delimiter + rb"][^" + delimiter + rb"]*+"
    cell = rb"(?:(" + quoted + rb")|(" + loose + rb")|)(?=" + delimiter + rb"|\Z)"
    return CsvRules(
        delimiter=ord(csv.delimiter),
        columns=columns,
        max_record_bytes=csv.max_record_bytes,
        charset=known,
        breaks_allowed=breaks_allowed,
        record=re.compile(record),
        cell=re.compile(cell),
    )
