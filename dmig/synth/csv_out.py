"""CSV files as they are delivered: one header, CRLF, quotes only where needed, counted and hashed while written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import polars as pl

from dmig.synth.edits import Edit

_NEWLINE = "\r\n"
#: Record (from 1), how to damage it, position of the item, and the fault's own text.
Planned = tuple[int, Edit, int, bytes]


class Written(NamedTuple):
    """What was written: records without the header, bytes with it."""

    path: Path
    sha256: str
    records: int
    size_bytes: int


class CsvFile:
    """A CSV file being written in pieces. ValueError (UnicodeEncodeError) for a text that the charset lacks."""

    def __init__(self, path: Path, header: Iterable[str], encoding: str) -> None:
        self._path, self._encoding = path, encoding
        self._hash, self._records, self._size = hashlib.sha256(), 0, 0
        self._file = path.open("wb")
        self._put((",".join(header) + _NEWLINE).encode(encoding))

    def __enter__(self) -> CsvFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def next_record(self) -> int:
        """Number of the record that is written next, from 1."""
        return self._records + 1

    def write(self, frame: pl.DataFrame, edits: Iterable[Planned] = ()) -> None:
        """Append rows; null is an empty cell. `edits` damage single records, named by number, after encoding."""
        body, planned = self._body(frame), list(edits)
        if planned and b'"' in body:
            body = self._damaged_one_by_one(frame, planned)
        elif planned:
            lines = body[:-2].split(b"\r\n")
            for record, edit, position, own in planned:
                at = record - self.next_record
                lines[at] = _damaged(lines[at], edit, position, own, frame.width)
            body = b"".join(line + b"\r\n" for line in lines)
        self._put(body)
        self._records += frame.height

    def _damaged_one_by_one(self, frame: pl.DataFrame, planned: list[Planned]) -> bytes:
        """As above where quoted cells may hold line breaks, so that records cannot be told apart by them."""
        pieces, done = [], 0
        for record, edit, position, own in sorted(planned, key=lambda plan: plan[0]):
            at = record - self.next_record
            line = self._body(frame.slice(at, 1))[:-2]
            pieces += [
                self._body(frame.slice(done, at - done)),
                _damaged(line, edit, position, own, frame.width),
                b"\r\n",
            ]
            done = at + 1
        return b"".join(pieces) + self._body(frame.slice(done))

    def _body(self, frame: pl.DataFrame) -> bytes:
        text = frame.write_csv(include_header=False, line_terminator=_NEWLINE, null_value="")
        return text.encode(self._encoding)

    def written(self) -> Written:
        """The sums of the file, which is closed now."""
        self._file.close()
        return Written(self._path, self._hash.hexdigest(), self._records, self._size)

    def _put(self, piece: bytes) -> None:
        self._file.write(piece)
        self._hash.update(piece)
        self._size += len(piece)


def _damaged(line: bytes, edit: Edit, position: int, own: bytes, width: int) -> bytes:
    cells = line.split(b",")
    if len(cells) != width:
        raise RuntimeError("a record with quoted cells cannot be damaged by cell")
    edit(cells, position, own)
    return b",".join(cells)
