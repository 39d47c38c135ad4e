"""One strict legacy CSV file as a source: cut by one scan, read block by block, every record accounted for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from dmig.errors import DmigError
from dmig.model.legacy import CsvSource, LegacyTable
from dmig.sources.csv_check import Faults, decode, judge
from dmig.sources.csv_cut import BlockCutter, Cut, RecordCutter, cut_all
from dmig.sources.csv_head import Bounds, bounds, fetch, leading_cells, opened, skip_header
from dmig.sources.csv_rules import (
    BOM,
    BOM_FOUND,
    CUT_OFF_SIGNS,
    END_MARK_FOUND,
    MAX_RAW_BYTES,
    NO_LINE_END,
    Fault,
    Offsets,
    csv_rules,
)
from dmig.sources.port import OFFSET, RECORD, Block, ReadFault, StagedBlock

#: Records are judged and decoded in pieces that stay in the processor's cache.
_CHUNK_BYTES = 512 << 10
_KEY = re.compile(r"[0-9A-Za-z-]{1,20}")


class CsvFile:
    """A `Source` over one CSV file. Blocks may be read in any order and in other processes; it holds no open file.

    `block_bytes`: a block closes at the first record border that many bytes behind its start. Which records exist,
    and what is refused, does not depend on it. Line ends LF and CRLF may be mixed; nothing is said about that.
    """

    def __init__(
        self, path: Path, table: LegacyTable, csv: CsvSource, charset: str, block_bytes: int = 16 << 20
    ) -> None:
        self._path = path
        self._table = table
        self._header = csv.header
        self._block_bytes = block_bytes
        self._rules = csv_rules(path.name, csv, charset, len(table.items), table.line_breaks == "allowed")
        self._keys = [(place, item.item) for place, item in enumerate(table.items) if item.key]

    def blocks(self) -> Iterator[Block]:
        """Cut the file into blocks of whole records, in order; a file without records gives one empty block.

        `DmigError` RED001 or RED007 (file missing, not to be opened), RED002 (empty), RED003 (header differs).
        """
        with opened(self._path) as descriptor:
            content = bounds(descriptor)
            start = self._first_offset(descriptor, content)
            records = RecordCutter(self._rules, lambda a, b: fetch(descriptor, a, b, self._path.name), start)
            grouped = BlockCutter(self._block_bytes, self._rules.max_record_bytes, start)
            window = memoryview(bytearray(min(self._block_bytes, content.end - start)))
            place = start
            while place < content.end:
                size = os.preadv(descriptor, [window[: content.end - place]], place)
                if not size:
                    raise DmigError("RED006", transient=True, file=self._path.name)
                place += size
                yield from grouped.feed(records.feed(np.frombuffer(window[:size], np.uint8)).ends)
            yield from grouped.feed(records.finish().ends)
            yield from grouped.finish()

    def read(self, block: Block) -> StagedBlock:
        """Decode and parse one block; every record is in the frame or among the rejects.

        `DmigError` RED006 when the file has become shorter since it was cut.
        """
        with opened(self._path) as descriptor:
            findings = _file_findings(block, bounds(descriptor))
            # Longer than any group of records can be: one record above the limit, of which only the head is kept.
            huge = block.end - block.start > self._block_bytes + self._rules.max_record_bytes
            end = min(block.end, block.start + MAX_RAW_BYTES) if huge else block.end
            data = fetch(descriptor, block.start, end, self._path.name)
        if not huge:
            return self._stage(block, data, findings)
        reject = self._reject(Fault.TOO_LONG, block.first_record, block.start, block.end - block.start, data)
        return StagedBlock(self._frame(b"", _no_offsets(), _no_offsets()), (reject,), findings, 1)

    def _first_offset(self, descriptor: int, content: Bounds) -> int:
        # Without a header a table that may be empty is rightly delivered as a file of no bytes.
        if content.start == content.end and (self._header or not self._table.may_be_empty):
            raise DmigError("RED002", file=self._path.name)
        if not self._header:
            return content.start
        return skip_header(descriptor, content, self._path.name, self._table, self._rules)

    def _stage(self, block: Block, data: bytes, findings: tuple[ReadFault, ...]) -> StagedBlock:
        cut = cut_all(data, self._rules)
        starts = np.concatenate((np.zeros(1, np.int64), cut.ends))[:-1]
        sizes = cut.ends - starts
        text, faults = self._judge_chunks(data, starts, sizes, cut)
        if data and not data.endswith(b"\n"):
            if faults[-1] == Fault.NONE:
                last = len(starts) - 1
                place, size = block.start + int(starts[last]), int(sizes[last])
                findings += (ReadFault(NO_LINE_END, block.first_record + last, place, size),)
            elif faults[-1] in CUT_OFF_SIGNS:
                faults[-1] = Fault.CUT_OFF
        good = np.flatnonzero(faults == Fault.NONE)
        frame = self._frame(text, good + block.first_record, starts[good] + block.start)
        rejects = []
        for place in np.flatnonzero(faults).tolist():
            start, size = int(starts[place]), int(sizes[place])
            raw = data[start : start + min(size, MAX_RAW_BYTES)]
            fault = Fault(int(faults[place]))
            rejects.append(self._reject(fault, block.first_record + place, block.start + start, size, raw))
        return StagedBlock(frame, tuple(rejects), findings, len(starts))

    def _judge_chunks(self, data: bytes, starts: Offsets, sizes: Offsets, cut: Cut) -> tuple[bytes, Faults]:
        """UTF-8 bytes of the good records, and the fault of each record."""
        everything = np.frombuffer(data, np.uint8)
        faults = np.zeros(len(starts), np.uint8)
        pieces: list[bytes] = []
        first = 0
        while first < len(starts):
            begin = int(starts[first])
            last = max(first + 1, int(np.searchsorted(cut.ends, begin + _CHUNK_BYTES, side="right")))
            end = int(cut.ends[last - 1])
            some, length = slice(first, last), sizes[first:last]
            chunk = everything[begin:end]
            found = judge(chunk, starts[some] - begin, length, cut.alone[some], self._rules)
            good = found == Fault.NONE
            kept = data[begin:end] if good.all() else chunk[np.repeat(good, length)].tobytes()
            text, undecodable = decode(kept, length[good], self._rules.charset)
            found[np.flatnonzero(good)[undecodable]] = Fault.UNDECODABLE
            faults[some] = found
            pieces.append(text)
            first = last
        return b"".join(pieces), faults

    def _frame(self, text: bytes, records: Offsets, offsets: Offsets) -> pl.DataFrame:
        """Parse good records; their number is known, so a parser that sees another is a fault of the program."""
        names = [item.item for item in self._table.items]
        schema = dict.fromkeys(names, pl.String)
        frame = pl.DataFrame(schema=schema)
        if text:
            # The parser drops one byte order mark before the first cell; a value may start with that character.
            guarded = BOM + text if text.startswith(BOM) else text
            try:
                frame = pl.read_csv(
                    guarded,
                    has_header=False,
                    schema=schema,
                    separator=chr(self._rules.delimiter),
                    quote_char='"',
                    null_values="",
                )
            except pl.exceptions.PolarsError:
                # Without its cause: the parser quotes the text it stumbled over.
                raise RuntimeError("the CSV parser refused records that were judged good") from None
        if frame.height != len(records):
            raise RuntimeError(f"the CSV parser gave {frame.height} records of {len(records)}")
        return frame.hstack(
            [pl.Series(RECORD, records.astype(np.uint64)), pl.Series(OFFSET, offsets.astype(np.uint64))]
        )

    def _reject(self, fault: Fault, record: int, offset: int, size: int, raw: bytes) -> ReadFault:
        cells, whole = leading_cells(raw.rstrip(b"\r\n"), self._rules)
        if whole and (fault is Fault.CUT_OFF or len(raw) < size):
            # The last cell may be the first half of a longer value.
            cells = cells[:-1]
        keys = {}
        for place, item in self._keys:
            cell = cells[place].decode(self._rules.charset, "replace") if place < len(cells) else ""
            if _KEY.fullmatch(cell):
                keys[item] = cell
        return ReadFault(fault.code, record, offset, size, raw=raw, keys=keys)


def raw_record(path: Path, offset_bytes: int, size_bytes: int) -> bytes:
    """The bytes of one record, to be shown later under protection.

    `DmigError` RED001 or RED007 when the file cannot be opened, RED006 when it is shorter than the record's end.
    """
    with opened(path) as descriptor:
        return fetch(descriptor, offset_bytes, offset_bytes + size_bytes, path.name)


def _file_findings(block: Block, content: Bounds) -> tuple[ReadFault, ...]:
    """Findings about the file as a whole (record 0): told once, by the first or the last block."""
    found = []
    if block.index == 0 and content.start > 0:
        found.append(ReadFault(BOM_FOUND, 0, 0, content.start))
    if block.end == content.end < content.size:
        found.append(ReadFault(END_MARK_FOUND, 0, content.end, content.size - content.end))
    return tuple(found)


def _no_offsets() -> Offsets:
    return np.empty(0, np.int64)
