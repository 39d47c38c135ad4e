"""A host file as blocks of whole records: cut once from front to back, and any block again by itself.

Which records exist does not depend on the blocks: a block ends only where a cutter can begin anew, and is cut with as much
of what follows it as the cutter needs to be certain.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dmig.errors import DmigError
from dmig.model.host import HostFile, RecordRules
from dmig.sources.host.cutting import WORD, Cut, CutFault
from dmig.sources.host.reading import MOST_RAW_BYTES, Lost, batches
from dmig.sources.host.rows import Rows, cut_rows, fixed_rows
from dmig.sources.host.words import cutter
from dmig.sources.port import Block

#: So many bytes behind a block are read with it at first.
AHEAD_BYTES = 256 << 10


def content_end(path: Path, rules: RecordRules) -> int:
    """Where the records of a file end: before its tail. `DmigError` RED001 when there is no such file."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise DmigError("RED001", file=path.name) from None
    return max(size - rules.tail_bytes, min(rules.skip_bytes, size))


def host_blocks(path: Path, file: HostFile, block_bytes: int) -> Iterator[Block]:
    """Blocks of some `block_bytes`, in order; a file without records gives one empty block."""
    rules, end = file.rules, content_end(path, file.rules)
    start = min(rules.skip_bytes, end)
    if rules.format.is_fixed:
        yield from _fixed_blocks(start, end, rules.record_bytes, block_bytes)
        return
    index, first = 0, 1
    for batch in batches(path, rules, rules.most_bytes):
        rows = batch.rows
        anew = rows.leads >= 2 * WORD if rules.format.is_blocked else np.ones(len(rows), np.bool_)
        borders = np.flatnonzero(anew)
        while True:
            at = int(np.searchsorted(rows.offsets[borders], start + block_bytes))
            if at == len(borders):
                break
            row = int(borders[at])
            yield Block(index, start, int(rows.offsets[row]), first)
            index, start, first = index + 1, int(rows.offsets[row]), int(rows.numbers[row])
    yield Block(index, start, end, first)


def _fixed_blocks(start: int, end: int, record_bytes: int, block_bytes: int) -> Iterator[Block]:
    size = max(1, -(-block_bytes // record_bytes)) * record_bytes
    for index, place in enumerate(range(start, end, size) if end > start else [start]):
        yield Block(index, place, min(place + size, end), 1 + (place - start) // record_bytes)


def cut_block(path: Path, file: HostFile, block: Block) -> tuple[Rows, tuple[Lost, ...]]:
    """The records of a block, and the runs of its bytes that are none.

    `DmigError` RED006 when the file has become shorter since it was cut.
    """
    rules, end = file.rules, content_end(path, file.rules)
    if end < block.end:
        raise DmigError("RED006", transient=True, file=path.name)
    if rules.format.is_fixed:
        return _cut_fixed(_bytes(path, block.start, block.end), rules.record_bytes, block)
    ahead = AHEAD_BYTES
    while True:
        stop = min(block.end + ahead, end)
        held, found = _bytes(path, block.start, stop), Cut(block.start)
        cutter(rules).cut(held, block.start, stop == end, found)
        if found.place >= block.end or stop == end:
            break
        ahead *= 4
    found.rows = [row for row in found.rows if row[0] < block.end]
    lost = tuple(
        Lost(block.first_record + at, start, stop - start, CutFault(fault),
             held[start - block.start : min(stop - block.start, start - block.start + MOST_RAW_BYTES)])
        for at, (start, stop, _, _, fault) in enumerate(found.rows)
        if fault
    )  # fmt: skip
    return cut_rows(held, found, rules.most_bytes, block.start, block.first_record), lost


def _cut_fixed(held: bytes, size: int, block: Block) -> tuple[Rows, tuple[Lost, ...]]:
    rows = fixed_rows(held, size, block.start, block.first_record)
    used = len(rows) * size
    if used == len(held):
        return rows, ()
    rest = held[used:]
    number, place = block.first_record + len(rows), block.start + used
    return rows, (Lost(number, place, len(rest), CutFault.SHORT, rest[:MOST_RAW_BYTES]),)


def _bytes(path: Path, start: int, end: int) -> bytes:
    with path.open("rb") as source:
        source.seek(start)
        return source.read(end - start)
