"""Faults of cutting and decoding as reports with file offset, record and item."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dmig.model.decoding import HostReport
from dmig.sources.host.columns import CellFault, Column
from dmig.sources.host.cutting import CutFault
from dmig.sources.host.decoding import Decoded, RecordFault
from dmig.sources.host.reading import Lost

CUT_CODES = {
    CutFault.SHORT: "HST001", CutFault.LOST: "HST002", CutFault.TOO_LONG: "HST003", CutFault.OUT_OF_TURN: "HST004",
}  # fmt: skip
RECORD_CODES = {RecordFault.TOO_SHORT: "HST005", RecordFault.TOO_LONG: "HST006", RecordFault.BAD_COUNTER: "HST007"}
CELL_CODES = {
    CellFault.BAD_DIGIT: "HST011", CellFault.BAD_SIGN: "HST012", CellFault.TOO_LARGE: "HST013",
    CellFault.NOT_FINITE: "HST014", CellFault.UNMAPPED: "HST015", CellFault.HALF_CODE: "HST016",
    CellFault.UNCLOSED: "HST017", CellFault.STRAY_SHIFT: "HST018",
}  # fmt: skip
#: These refuse nothing.
FINDINGS = ("HST017", "HST018")


def lost_report(lost: Lost) -> HostReport:
    """A run of bytes that is no record."""
    return HostReport(CUT_CODES[lost.fault], lost.record, lost.offset_bytes, lost.size_bytes)


def reports_of(found: Decoded) -> Iterator[HostReport]:
    """All reports about some decoded records, by record faults first, then item by item."""
    rows = found.rows
    for row in np.flatnonzero(found.faults).tolist():
        code = RECORD_CODES[RecordFault(int(found.faults[row]))]
        yield HostReport(code, int(rows.numbers[row]), int(rows.offsets[row]), int(rows.sizes[row]))
    for column in found.columns.values():
        for marks in (column.faults, column.findings):
            if marks.any():
                yield from _cells(found, column, marks)


def _cells(found: Decoded, column: Column, marks: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> Iterator[HostReport]:
    rows, item = found.rows, column.item
    for row in np.flatnonzero(marks).tolist():
        code = CELL_CODES[CellFault(int(marks[row]))]
        moved = sum(int(found.counts[term.counter][row]) * term.stride_bytes for term in item.moved_by)
        place = int(rows.offsets[row] + rows.leads[row]) + item.offset_bytes + moved
        yield HostReport(code, int(rows.numbers[row]), place, item.size_bytes, item.name)
