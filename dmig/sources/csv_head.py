"""The frame around the records of a CSV file: byte order mark, header line, end-of-file mark; and opening it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dmig.errors import DmigError
from dmig.model.legacy import LegacyTable
from dmig.sources.csv_rules import BOM, END_MARK, CsvRules


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where the content lies: bytes [start, end) without byte order mark and end-of-file mark; `size` of the file."""

    start: int
    end: int
    size: int


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """A file descriptor for reading; `DmigError` RED001 when there is no such file, RED007 when it cannot be opened."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        raise DmigError("RED001", file=path.name) from None
    except OSError:
        raise DmigError("RED007", file=path.name) from None
    try:
        if path.is_dir():
            raise DmigError("RED007", file=path.name)
        yield descriptor
    finally:
        os.close(descriptor)


def fetch(descriptor: int, start: int, end: int, file: str) -> bytes:
    """The bytes [start, end) of an open file; `DmigError` RED006 when it has become shorter."""
    pieces, place = [], start
    while place < end:
        piece = os.pread(descriptor, end - place, place)
        if not piece:
            raise DmigError("RED006", transient=True, file=file)
        pieces.append(piece)
        place += len(piece)
    return b"".join(pieces)


def bounds(descriptor: int) -> Bounds:
    """Find the content. An end-of-file mark counts as such only on a line of its own."""
    size = os.fstat(descriptor).st_size
    start = len(BOM) if os.pread(descriptor, len(BOM), 0) == BOM else 0
    marked = size > start and os.pread(descriptor, 1, size - 1) == END_MARK
    alone = marked and (size - 1 == start or os.pread(descriptor, 1, size - 2) == b"\n")
    return Bounds(start, size - 1 if alone else size, size)


def skip_header(descriptor: int, content: Bounds, file: str, table: LegacyTable, rules: CsvRules) -> int:
    """Check the header line and give the offset behind it.

    Its cells must be all names or all ids of the table's items, in order; otherwise `DmigError` RED003 with the
    position of the first cell that differs, never its text.
    """
    head = os.pread(descriptor, min(rules.max_record_bytes, content.end - content.start), content.start)
    line_end = head.find(b"\n") + 1 or len(head)
    line = head[:line_end].removesuffix(b"\n").removesuffix(b"\r")
    cells, whole = leading_cells(line, rules)
    found = [cell.decode(rules.charset, "replace") for cell in cells]
    names = [item.name for item in table.items]
    ids = [item.item for item in table.items]
    if not whole or found not in (names, ids):
        position = max(_first_difference(found, names), _first_difference(found, ids))
        raise DmigError("RED003", file=file, position=position)
    return content.start + line_end


def _first_difference(found: Sequence[str], wanted: Sequence[str]) -> int:
    pairs = zip(found, wanted, strict=False)
    return next((n for n, (a, b) in enumerate(pairs, 1) if a != b), min(len(found), len(wanted)) + 1)


def leading_cells(line: bytes, rules: CsvRules) -> tuple[list[bytes], bool]:
    """Cells of a line from the left, quotes taken off, up to the first place that is no cell; and whether all were."""
    cells: list[bytes] = []
    place = 0
    while (match := rules.cell.match(line, place)) is not None:
        quoted, plain = match.groups()
        cells.append(quoted[1:-1].replace(b'""', b'"') if quoted is not None else plain or b"")
        if match.end() == len(line):
            return cells, True
        place = match.end() + 1
    return cells, False
