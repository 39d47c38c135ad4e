"""Any bytes: the same records for any block size, all accounted for, as a slow reader sees them."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dmig.model.layout import Sensitivity
from dmig.model.legacy import CsvSource, LegacyItem, LegacyTable
from dmig.sources.csv_file import CsvFile
from dmig.sources.port import OFFSET, RECORD, ReadFault

LIMIT = 40
PIECES = [
    b'"',
    b'"',
    b",",
    b",",
    b"\n",
    b"\r\n",
    b"\r\n",
    b"a",
    b"7",
    b'""',
    b'"x"',
    b"\r",
    b"\0",
    "表".encode("cp932"),
    b"\x81",
]
PIECES += [b"\x80", b"\xa0", b"\xfe", b"\xf0\x40", b"1,2\r\n", b'1,"x\r\ny"\r\n', b'"', b"\x1a", b"z" * 30]
SOUP = st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join)


def table(line_breaks: str) -> LegacyTable:
    items = tuple(LegacyItem(n, n, "text", {}, n == "a", False, Sensitivity.NONE, "", 2) for n in ("a", "b"))
    return LegacyTable("t", "t", "t.csv", items, line_breaks, may_be_empty=True)


@dataclass
class Seen:
    cells: list[tuple[str | None, ...]]
    places: list[tuple[int, int]]
    rejects: list[ReadFault]
    findings: list[ReadFault]
    records: int


def read(content: bytes, line_breaks: str, block_bytes: int) -> Seen:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(content)
        source = CsvFile(
            path, table(line_breaks), CsvSource(header=False, max_record_bytes=LIMIT), "cp932", block_bytes
        )
        blocks = list(source.blocks())
        # Read backwards: a block must not need another one.
        staged = [source.read(block) for block in reversed(blocks)][::-1]
    assert [one.end for one in blocks[:-1]] == [one.start for one in blocks[1:]]
    for block, one in zip(blocks, staged, strict=True):
        assert one.records == one.frame.height + len(one.rejects)
        assert block.first_record == 1 + sum(s.records for s in staged[: block.index])
    frame = pl.concat([one.frame for one in staged])
    return Seen(
        frame.select("a", "b").rows(),
        frame.select(RECORD, OFFSET).rows(),
        [fault for one in staged for fault in one.rejects],
        [fault for one in staged for fault in one.findings],
        sum(one.records for one in staged),
    )


def slow_cells(record: bytes) -> list[bytes] | str:
    """Cells of one record by a state machine, byte by byte, or the code of the first fault that outranks the others."""
    body = record[:-2] if record.endswith(b"\r\n") else record.removesuffix(b"\n")
    cells, cell, state, faults = [], bytearray(), "start", set()
    for byte in body:
        one = bytes([byte])
        if state == "quoted":
            if one == b'"':
                state = "closed"
            else:
                cell += one
        elif one == b'"' and state == "start":
            state = "quoted"
        elif one == b'"' and state == "closed":
            state, cell = "quoted", cell + one
        elif one == b",":
            cells.append(bytes(cell))
            state, cell = "start", bytearray()
        elif one == b"\r":
            faults.add("RED015")
            state = "plain"
        elif one == b'"' or state == "closed":
            faults.add("RED011")
            state = "quoted" if one == b'"' else "closed"
        else:
            state, cell = "plain", cell + one
    cells.append(bytes(cell))
    if state == "quoted":
        faults.add("RED011")
    if len(cells) != 2:
        faults.add("RED012")
    return next((code for code in ("RED011", "RED015", "RED012") if code in faults), cells)


def strictly_decoded(cells: list[bytes]) -> tuple[str, ...] | None:
    """Text by a walk over lead bytes: a single byte outside ASCII and half-width kana is no character."""
    texts = []
    for cell in cells:
        at = 0
        while at < len(cell):
            byte = cell[at]
            double = 0x81 <= byte <= 0x9F or 0xE0 <= byte <= 0xFC
            if not double and not (byte < 0x80 or 0xA1 <= byte <= 0xDF):
                return None
            at += 2 if double else 1
        try:
            texts.append(cell.decode("cp932"))
        except UnicodeDecodeError:
            return None
    return tuple(texts)


def slow_code(record: bytes, line_breaks: str, unended: bool) -> tuple[str, tuple[str | None, ...]]:
    if len(record) > LIMIT:
        return "RED018", ()
    if record in (b"\n", b"\r\n"):
        return "RED013", ()
    if b"\0" in record:
        return "RED016", ()
    cells = slow_cells(record)
    if isinstance(cells, str):
        return ("RED019" if unended else cells), ()
    if line_breaks == "refused" and any(b in cell for cell in cells for b in (b"\r", b"\n")):
        return "RED014", ()
    texts = strictly_decoded(cells)
    return ("RED017", ()) if texts is None else ("", tuple(text or None for text in texts))


def slow_records(content: bytes) -> list[bytes]:
    *whole, rest = content.split(b"\n")
    lines = [part + b"\n" for part in whole] + ([rest] if rest else [])
    records, at = [], 0
    while at < len(lines):
        size = 1
        if lines[at].count(b'"') % 2:
            for end in range(at + 2, len(lines) + 1):
                joined = b"".join(lines[at:end])
                if joined.count(b'"') % 2 == 0:
                    if len(joined) <= LIMIT and isinstance(slow_cells(joined), list):
                        size = end - at
                    break
        records.append(b"".join(lines[at : at + size]))
        at += size
    return records


@settings(max_examples=600, deadline=None)
@given(SOUP, st.sampled_from(["allowed", "refused"]))
@example(b'a,5"x\r\n1,2\r\n1,"x\r\ny"\r\n', "allowed")
@example(b'1,"x\ny"', "allowed")
@example(b'1,"open\r\n1,2\r\n3,"4"\r\n', "allowed")
def test_records_and_codes_are_those_of_the_slow_reader(content: bytes, line_breaks: str) -> None:
    seen = read(content, line_breaks, 1 << 20)
    # An end-of-file mark on a line of its own is no record.
    marked = content.endswith(b"\n\x1a") or content == b"\x1a"
    content = content[:-1] if marked else content
    cells, places, codes, offset = [], [], [], 0
    for number, record in enumerate(slow_records(content), 1):
        unended = not record.endswith(b"\n")
        code, texts = slow_code(record, line_breaks, unended)
        if code:
            codes.append((code, number, offset, len(record), record))
        else:
            cells.append(texts)
            places.append((number, offset))
        offset += len(record)
    assert seen.cells == cells
    assert seen.places == places
    assert [(f.code, f.record, f.offset_bytes, f.size_bytes, f.raw) for f in seen.rejects] == codes
    last_kept = bool(content) and not content.endswith(b"\n") and bool(cells) and places[-1][0] == seen.records
    expected = (["RED023"] if marked else []) + (["RED022"] if last_kept else [])
    assert [fault.code for fault in seen.findings] == expected


@settings(max_examples=600, deadline=None)
@given(SOUP, st.sampled_from(["allowed", "refused"]), st.integers(1, 100))
def test_block_size_changes_nothing(content: bytes, line_breaks: str, block_bytes: int) -> None:
    assert read(content, line_breaks, block_bytes) == read(content, line_breaks, 1 << 20)


@settings(max_examples=200, deadline=None)
@given(SOUP, st.binary(max_size=30))
def test_whatever_stands_before_a_damaged_line_and_behind_it_is_kept(before: bytes, damage: bytes) -> None:
    """A fault never reaches further than the limits allow."""
    good = b"".join(b"%d,k\r\n" % n for n in range(260))
    seen = read(before + b"\r\n" + damage + b"\r\n" + good, "allowed", 1 << 20)
    assert seen.cells[-250:] == [(str(n), "k") for n in range(10, 260)]
