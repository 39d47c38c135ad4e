"""The port of a legacy source: blocks that depend on the input alone, and staged text with row identity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

#: Row identity beside the items of a staged frame: record number from 1 (header not counted), byte offset from 0.
RECORD = "__record"
OFFSET = "__offset"


@dataclass(frozen=True, slots=True)
class Block:
    """A run of whole records of one file: bytes [start, end), the number of its first record."""

    index: int
    start: int
    end: int
    first_record: int


@dataclass(frozen=True, slots=True)
class ReadFault:
    """A record refused at read, or a finding about one that was kept.

    `raw` (bytes of the record, cut at 64 KiB) and `keys` (key items rescued from it, item -> text) are values: they
    go to the protected store only. `item` is the legacy item where the fault stands, or "". `offset_bytes` is where the
    record begins, `place_bytes` where the item does, if the source knows.
    """

    code: str
    record: int
    offset_bytes: int
    size_bytes: int
    item: str = ""
    raw: bytes = b""
    keys: dict[str, str] = field(default_factory=dict)
    place_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Controls:
    """What a block of a file with several kinds of records holds, told by the table that answers for the file.

    `records` are whole records of any kind, header and trailer included, `unknown` those of
    no declared kind; `lost_bytes` are bytes of no record. `stated`:
    items of the trailer with the count that stands there, None where it is no number.
    """

    size_bytes: int
    records: int
    header: int
    trailer: int
    unknown: int
    lost_runs: int
    lost_bytes: int
    stated: tuple[tuple[str, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class StagedBlock:
    """One block read: the frame of text items (all String, empty cell = null) with identity, and what was refused.

    `records` counts every record of the block that is the table's, or for which it answers: records = frame.height +
    len(rejects). `controls` is told of files with several kinds of records.
    """

    frame: pl.DataFrame
    rejects: tuple[ReadFault, ...]
    findings: tuple[ReadFault, ...]
    records: int
    controls: Controls | None = None


class Source(Protocol):
    """One legacy file. `blocks` scans it once; `read` may run in another process, in any order."""

    def blocks(self) -> Iterator[Block]:
        """Cut the file into blocks of whole records; the borders depend on the bytes and the block size only."""

    def read(self, block: Block) -> StagedBlock:
        """Decode and parse one block."""
