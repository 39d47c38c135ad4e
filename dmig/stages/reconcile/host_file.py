"""A table of a host file as reconciliation reads it: cells of records by where they begin, keys of all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dmig.charset.catalogue import charset, with_dashes, with_table
from dmig.charset.tables import parse_table
from dmig.cobol.declared import declared_shape, item_called
from dmig.cobol.shape import HostItem, RecordShape
from dmig.model.host import HostSystem, RecordKind, RecordRules
from dmig.model.legacy import LegacyLayout, LegacyTable
from dmig.stages.reconcile.host_cells import BAD, CellReader
from dmig.stages.reconcile.host_records import HostRecords, host_records

Offsets = npt.NDArray[np.int64]
Keys = npt.NDArray[np.bytes_]
#: Records are gone through in pieces of so many.
PIECE_RECORDS = 65_536
TEXTS = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True, slots=True)
class HostForm:
    """How the records of one table are read again: the declarations of its file and copybook, and which items are wanted."""

    charset: str
    host: HostSystem
    rules: RecordRules
    kind: RecordKind
    sources: tuple[str, ...]
    wanted: tuple[int, ...] = ()

    @classmethod
    def of(cls, layout: LegacyLayout, table: LegacyTable, wanted: Sequence[int] = ()) -> HostForm:
        """The form of a table that stands in a host file."""
        if layout.host is None or table.kind is None:
            raise ValueError(f"table {table.table} is not declared as a host file")
        rules, sources = layout.file(table.file).rules, tuple(item.source for item in table.items)
        return cls(layout.charset, layout.host, rules, table.kind, sources, tuple(wanted))

    def cells_at(self, path: Path, offsets: Offsets) -> pa.Table:
        """Cells of the records that begin at some bytes: columns `c0`, `c1`, … for the wanted items."""
        found, table = _open(path, self.rules), _table(self)
        bodies = found.bodies(found.places(offsets))
        return pa.table({f"c{place}": table.column(place, bodies) for place in self.wanted})

    def keyed(self, path: Path, places: Sequence[int]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Where each record of the table begins, and the texts of some of its items."""
        for piece in HostFile(path, self).pieces():
            texts = [piece.texts(place) for place in places]
            yield from zip(piece.offsets.tolist(), zip(*texts, strict=True), strict=True)


@dataclass(frozen=True, slots=True)
class HostPiece:
    """Some records of a table: where they begin, and their items."""

    offsets: Offsets
    table: _Table
    bodies: list[bytes]

    def texts(self, place: int) -> list[str]:
        """The texts of an item."""
        found: list[str] = self.table.column(place, self.bodies).to_pylist()
        return found

    def cells(self, place: int) -> Keys:
        """The texts of an item as bytes, filled up with spaces; blank where they are no ASCII."""
        texts = [text if text.isascii() else "" for text in self.texts(place)]
        size = max(1, max(map(len, texts), default=1))
        return np.array([text.ljust(size).encode("ascii") for text in texts], f"S{size}")


@dataclass(frozen=True, slots=True)
class HostFile:
    """A table of a host file, to be gone through from front to back."""

    path: Path
    form: HostForm

    def pieces(self) -> Iterator[HostPiece]:
        """All records of the table, some at a time."""
        found, table = _open(self.path, self.form.rules), _table(self.form)
        for start in range(0, len(found), PIECE_RECORDS):
            stop = min(start + PIECE_RECORDS, len(found))
            bodies = found.bodies(range(start, stop))
            own = [at for at, body in enumerate(bodies) if table.holds(body)]
            yield HostPiece(found.starts[start:stop][own], table, [bodies[at] for at in own])


def _open(path: Path, rules: RecordRules) -> HostRecords:
    state = path.stat()
    return host_records(path, rules, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=16)
def _table(form: HostForm) -> _Table:
    return _Table(form)


class _Table:
    """The items of a table; each distinct cell is read once a column."""

    def __init__(self, form: HostForm) -> None:
        self._form = form
        base = with_dashes(charset(form.charset), form.host.dashes)
        own = with_table(base, parse_table(form.host.table))[0] if form.host.table else base
        self._reader = CellReader(own, form.host)

    @cached_property
    def _shape(self) -> RecordShape:
        return declared_shape(self._form.kind.copybook, self._form.host, fixed=self._form.rules.format.is_fixed)[0]

    def holds(self, body: bytes) -> bool:
        """Whether a record is of the table's kind."""
        kind = self._form.kind
        if not kind.item:
            return True
        item = self._item(kind.item)
        end = item.offset_bytes + item.size_bytes
        return len(body) >= end and self._reader.text(item, body[item.offset_bytes : end]) in kind.values

    def column(self, place: int, bodies: list[bytes]) -> pa.Array:
        """The texts of an item; blank where a record does not have it."""
        item = self._item(self._form.sources[place])
        cells = [self._cell(item, body) for body in bodies]
        known: dict[bytes | None, int] = {}
        codes = [known.setdefault(cell, len(known)) for cell in cells]
        texts = [self._text(item, cell) for cell in known]
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(texts, pa.string()))

    def _text(self, item: HostItem, cell: bytes | None) -> str:
        if cell is None:
            return ""
        return BAD if len(cell) < item.size_bytes else self._reader.text(item, cell)

    def _cell(self, item: HostItem, body: bytes) -> bytes | None:
        """The item's bytes in a record; None where the record does not have it."""
        start = item.offset_bytes
        if item.moved_by or item.within:
            if any(self._count(counter, body) <= index for counter, index in item.within):
                return None
            start += sum(self._count(term.counter, body) * term.stride_bytes for term in item.moved_by)
        return body[start : start + item.size_bytes]

    def _count(self, counter: str, body: bytes) -> int:
        text = self._text(self._item(counter), self._cell(self._item(counter), body))
        return int(text) if text.isdecimal() else 0

    def _item(self, name: str) -> HostItem:
        found = item_called(self._shape, name)
        if found is None:
            raise KeyError(name)
        return found
