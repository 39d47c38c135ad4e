"""The records of one table in a host file as a source: its kind of record decoded, every other one accounted for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from dmig.cobol.declared import declared_shape, item_called
from dmig.cobol.shape import HostItem, RecordShape
from dmig.errors import DmigError
from dmig.model.host import HostFile, HostSystem, RecordKind
from dmig.model.legacy import LegacyLayout, LegacyTable
from dmig.sources.host.blocks import cut_block, host_blocks
from dmig.sources.host.columns import CellFault, Column, HostForms, decode
from dmig.sources.host.decoding import Decoded, RecordDecoder, RecordFault
from dmig.sources.host.forms import declared_forms, worth_compiling
from dmig.sources.host.reading import Lost
from dmig.sources.host.reports import CELL_CODES, CUT_CODES, RECORD_CODES
from dmig.sources.host.rows import Rows
from dmig.sources.port import OFFSET, RECORD, Block, Controls, ReadFault, StagedBlock

Flags = npt.NDArray[np.bool_]

#: A record whose kind no table, header or trailer has.
UNKNOWN_KIND = "HST008"
_KEY = re.compile(r"[0-9A-Za-z-]{1,20}")


class HostSource:
    """A `Source` over the records of one table. The first table of a file also answers for what is nobody's in it.

    Records are numbered over the whole file, header included.
    """

    def __init__(self, path: Path, layout: LegacyLayout, table: LegacyTable, block_bytes: int) -> None:
        if layout.host is None or table.kind is None:
            raise ValueError(f"table {table.table} is not declared as a host file")
        self._path, self._layout, self._table = path, layout, table
        self._host: HostSystem = layout.host
        self._kind: RecordKind = table.kind
        self._file: HostFile = layout.file(table.file)
        self._block_bytes = block_bytes
        self._answers = layout.tables_of(table.file)[0] is table

    def blocks(self) -> Iterator[Block]:
        """Cut the file into blocks of whole records. `DmigError` RED001 (missing), RED002 (empty though it may not be)."""
        if self._path.is_file() and not self._path.stat().st_size and not self._table.may_be_empty:
            raise DmigError("RED002", file=self._path.name)
        return host_blocks(self._path, self._file, self._block_bytes)

    def read(self, block: Block) -> StagedBlock:
        """Decode the table's records of a block."""
        rows, lost = cut_block(self._path, self._file, block)
        own = self._is(rows, self._kind)
        rejects = list(self._nobodys(rows, own, lost)) if self._answers else []
        nobodys = len(rejects)
        found = self._decoder.decode(rows.only(own))
        frame, refused, findings = self._stage(found)
        rejects += refused
        return StagedBlock(
            frame,
            tuple(sorted(rejects, key=lambda fault: fault.record)),
            findings,
            int(own.sum()) + nobodys,
            self._controls(rows, lost, block, nobodys - len(lost)) if self._answers else None,
        )

    @cached_property
    def _forms(self) -> HostForms:
        return declared_forms(self._layout.charset, self._host, fast=worth_compiling(self._path))

    def _shape(self, kind: RecordKind) -> RecordShape:
        return declared_shape(kind.copybook, self._host, fixed=self._file.rules.format.is_fixed)[0]

    @cached_property
    def _items(self) -> dict[str, HostItem]:
        """Host items by legacy item."""
        shape, found = self._shape(self._kind), {}
        for item in self._table.items:
            host = item_called(shape, item.source)
            if host is None:
                raise KeyError(item.source)
            found[item.item] = host
        return found

    @cached_property
    def _decoder(self) -> RecordDecoder:
        return RecordDecoder(self._shape(self._kind), self._forms, [item.name for item in self._items.values()])

    def _is(self, rows: Rows, kind: RecordKind) -> Flags:
        """Which records are of a kind: by the text of one item, which lies at the same bytes in all of them."""
        if not kind.item:
            return np.ones(len(rows), np.bool_)
        item = item_called(self._shape(kind), kind.item)
        if item is None:
            raise KeyError(kind.item)
        end = item.offset_bytes + item.size_bytes
        marks: Flags = _texts(item, rows, self._forms).is_in(list(kind.values)).fill_null(value=False).to_numpy()
        return marks & (rows.sizes >= end)

    def _nobodys(self, rows: Rows, own: Flags, lost: tuple[Lost, ...]) -> Iterator[ReadFault]:
        """Runs of bytes that are no record, and records of no declared kind."""
        for run in lost:
            yield ReadFault(CUT_CODES[run.fault], run.record, run.offset_bytes, run.size_bytes, raw=run.raw)
        known = own.copy()
        for kind in self._others():
            known |= self._is(rows, kind)
        for row in np.flatnonzero(~known).tolist():
            yield _fault(UNKNOWN_KIND, rows, row)

    def _others(self) -> Iterator[RecordKind]:
        tables = self._layout.tables_of(self._file.file)
        kinds = [table.kind for table in tables if table is not self._table]
        yield from (kind for kind in (*kinds, self._file.header, self._file.trailer) if kind is not None)

    def _stage(self, found: Decoded) -> tuple[pl.DataFrame, list[ReadFault], tuple[ReadFault, ...]]:
        """The frame of the good records, the refused ones with their first fault, and findings about good ones."""
        rows, bad = found.rows, found.faults != 0
        for column in found.columns.values():
            bad |= column.faults != 0
        texts = {item: found.columns[host.name].to_text() for item, host in self._items.items()}
        keep = pl.Series(~bad)
        columns = [_filled(text).filter(keep).alias(item) for item, text in texts.items()]
        good = ~bad
        frame = pl.DataFrame(
            [*columns, pl.Series(RECORD, rows.numbers[good].astype(np.uint64)),
             pl.Series(OFFSET, rows.offsets[good].astype(np.uint64))]
        )  # fmt: skip
        refused = [self._refused(found, texts, row) for row in np.flatnonzero(bad).tolist()]
        return frame, refused, tuple(self._findings(found, good))

    def _refused(self, found: Decoded, texts: dict[str, pl.Series], row: int) -> ReadFault:
        keys = {
            name: text
            for name in self._table.keys
            if not found.faults[row] and (text := texts[name][row]) is not None and _KEY.fullmatch(text)
        }
        if found.faults[row]:
            return _fault(RECORD_CODES[RecordFault(int(found.faults[row]))], found.rows, row, keys=keys)
        for item, host in self._items.items():
            column = found.columns[host.name]
            if column.faults[row]:
                code = CELL_CODES[CellFault(int(column.faults[row]))]
                return _fault(code, found.rows, row, item, keys, _place(found, column, row))
        raise RuntimeError("a record was refused without a fault")

    def _findings(self, found: Decoded, good: Flags) -> Iterator[ReadFault]:
        for item, host in self._items.items():
            column = found.columns[host.name]
            for row in np.flatnonzero((column.findings != 0) & good).tolist():
                code = CELL_CODES[CellFault(int(column.findings[row]))]
                yield _fault(code, found.rows, row, item, {}, _place(found, column, row))

    def _controls(self, rows: Rows, lost: tuple[Lost, ...], block: Block, unknown: int) -> Controls:
        """What stands in the block besides records of tables, and what the trailer states."""
        file, counted = self._file, {"header": 0, "trailer": 0}
        stated: list[tuple[str, int | None]] = []
        for name, kind in (("header", file.header), ("trailer", file.trailer)):
            marks = self._is(rows, kind) if kind is not None else np.zeros(len(rows), np.bool_)
            counted[name] = int(marks.sum())
            if kind is not None and name == "trailer":
                stated += [pair for row in np.flatnonzero(marks).tolist() for pair in self._stated(rows, row, kind)]
        return Controls(
            size_bytes=block.end - block.start, records=len(rows), header=counted["header"], trailer=counted["trailer"],
            unknown=unknown, lost_runs=len(lost), lost_bytes=sum(run.size_bytes for run in lost), stated=tuple(stated),
        )  # fmt: skip

    def _stated(self, rows: Rows, row: int, kind: RecordKind) -> Iterator[tuple[str, int | None]]:
        """Counts of one trailer; None for one that is no number."""
        one, shape = rows.piece(row, row + 1), self._shape(kind)
        for count in self._file.counts:
            item = item_called(shape, count.item)
            text = None if item is None else _texts(item, one, self._forms)[0]
            yield count.item, int(text) if text is not None and text.strip().isdecimal() else None


def _texts(item: HostItem, rows: Rows, forms: HostForms) -> pl.Series:
    """The texts of an item that lies at the same bytes in all records; of one that is cut off they mean nothing."""
    matrix = rows.matrix
    end = item.offset_bytes + item.size_bytes
    if matrix.shape[1] < end:
        matrix = np.pad(matrix, ((0, 0), (0, end - matrix.shape[1])))
    return decode(item, np.ascontiguousarray(matrix[:, item.offset_bytes : end]), forms).to_text()


def _filled(text: pl.Series) -> pl.Series:
    """Blank texts as null."""
    return pl.select(pl.when(text != "").then(text)).to_series()


def _place(found: Decoded, column: Column, row: int) -> int:
    """The first byte of a cell in the file."""
    moved = sum(int(found.counts[term.counter][row]) * term.stride_bytes for term in column.item.moved_by)
    return int(found.rows.offsets[row] + found.rows.leads[row]) + column.item.offset_bytes + moved


def _fault(
    code: str, rows: Rows, row: int, item: str = "", keys: dict[str, str] | None = None, place: int | None = None
) -> ReadFault:
    size, offset = int(rows.sizes[row]), int(rows.offsets[row])
    raw = rows.matrix[row, : min(size, rows.matrix.shape[1])].tobytes()
    return ReadFault(code, int(rows.numbers[row]), offset, size, item, raw, keys or {}, place)
