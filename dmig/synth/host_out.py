"""Host files as they are delivered: records with their words, header and trailer, counted and hashed while written."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt
import polars as pl

from dmig.charset.catalogue import charset
from dmig.cobol.shape import HostKind
from dmig.model.host import RecordFormat, RecordRules
from dmig.synth.csv_out import Written
from dmig.synth.mainframe_items import KIND, Record, placed
from dmig.targets.host_file import HostWriter, framed

CHARSET = "ibm-939"
#: A block of an access method is at most this long.
_BLOCK_BYTES = 32_000
#: Damages the bytes of one cell, in place.
Damage = Callable[[npt.NDArray[np.uint8]], None]
#: Row in the frame (from 0), item, how it is damaged.
Planned = tuple[int, str, Damage]


class HostFile:
    """A host file being written in pieces. `DoesNotFit` for a text that its item cannot hold."""

    def __init__(self, path: Path, form: RecordFormat) -> None:
        self._path, self._rules = path, RecordRules(form)
        self._writer = HostWriter(charset(CHARSET))
        self._hash, self._records, self._size = hashlib.sha256(), 0, 0
        self._file = path.open("wb")

    def __enter__(self) -> HostFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, record: Record, kind: str, frame: pl.DataFrame, damages: Iterable[Planned] = ()) -> None:
        """Append records of one kind; null is a blank, or a number that was never filled in."""
        items = placed(record)
        size = items[-1].offset_bytes + items[-1].size_bytes
        columns = {name: frame[name] for name in frame.columns} | {KIND: pl.repeat(kind, frame.height, eager=True)}
        wide = [item.name for item in items if item.kind is HostKind.DOUBLE and item.name in columns]
        columns |= {name: columns[name].str.replace_all(" ", "\u3000", literal=True) for name in wide}
        matrix = self._writer.records((item for item in items if item.name), size, columns)
        at = {item.name: item for item in items}
        for row, name, damage in damages:
            damage(matrix[row, at[name].offset_bytes : at[name].offset_bytes + at[name].size_bytes])
        self._put(framed((row.tobytes() for row in matrix), self._rules, max(1, _BLOCK_BYTES // (size + 4))))
        self._records += frame.height

    def one(self, record: Record, kind: str, cells: Mapping[str, str]) -> None:
        """Append one record."""
        self.write(record, kind, pl.DataFrame({name: [text] for name, text in cells.items()}))

    def written(self) -> Written:
        """The sums of the file, which is closed now; header and trailer are records of it."""
        self._file.close()
        return Written(self._path, self._hash.hexdigest(), self._records, self._size)

    def _put(self, piece: bytes) -> None:
        self._file.write(piece)
        self._hash.update(piece)
        self._size += len(piece)
