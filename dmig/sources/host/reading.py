"""A host file from front to back in bounded memory: batches of records, and runs of bytes that are none."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

import pyarrow as pa

from dmig.errors import DmigError
from dmig.model.host import RecordRules
from dmig.sources.host.cutting import Cut, CutFault, Cutter
from dmig.sources.host.rows import Rows, cut_rows, fixed_rows
from dmig.sources.host.words import OwnLength, cutter

#: Bytes read at a time, and records handed on at a time.
WINDOW_BYTES, BATCH_RECORDS = 4 << 20, 16_384
#: So much of a run of lost bytes is kept.
MOST_RAW_BYTES = 64 << 10


class Readable(Protocol):
    """Bytes that can be read on."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, fewer only at the end."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A run of bytes that is no record: its number among the records, where it is, why, and its first bytes."""

    record: int
    offset_bytes: int
    size_bytes: int
    fault: CutFault
    raw: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """Some whole records, and what was lost among them."""

    rows: Rows
    lost: tuple[Lost, ...]


def opened(path: Path) -> IO[bytes] | pa.NativeFile:
    """A file, unpacked on the way where its name ends in `.gz`, `.bz2` or `.zst`. `DmigError` RED001, RED007."""
    try:
        if path.suffix == ".gz":
            return gzip.open(path)
        if path.suffix == ".bz2":
            return bz2.open(path)
        if path.suffix == ".zst":
            return pa.CompressedInputStream(pa.OSFile(str(path)), "zstd")
        return path.open("rb")
    except FileNotFoundError:
        raise DmigError("RED001", file=path.name) from None
    except OSError:
        raise DmigError("RED007", file=path.name) from None


def batches(path: Path, rules: RecordRules, width: int, own_length: OwnLength | None = None) -> Iterator[Batch]:
    """All records of a file, in order; `width` is the size of the longest."""
    with closing(opened(path)) as source:
        if rules.format.is_fixed and not rules.tail_bytes:
            yield from _of_one_length(source, path.name, rules)
            return
        yield from _batches(source, path.name, rules, width, cutter(rules, own_length))


def _of_one_length(source: Readable, file: str, rules: RecordRules) -> Iterator[Batch]:
    """Records of one length up to the end of the file: read whole, so that nothing is held over and copied."""
    _read(source, rules.skip_bytes, file)
    size, base, record = rules.record_bytes, rules.skip_bytes, 1
    while held := _read(source, max(WINDOW_BYTES // size, 1) * size, file):
        whole = len(held) // size
        yield from _fixed(held, size, base, record)
        base, record = base + whole * size, record + whole
        if rest := held[whole * size :]:
            lost = Lost(record, base, len(rest), CutFault.SHORT, rest[:MOST_RAW_BYTES])
            yield Batch(fixed_rows(b"", size, base, record), (lost,))
            return


def _batches(source: Readable, file: str, rules: RecordRules, width: int, own: Cutter) -> Iterator[Batch]:
    fixed = rules.record_bytes if rules.format.is_fixed else 0
    held, base, told, record = b"", rules.skip_bytes, 0, 1
    for window, final in _windows(source, file, rules):
        held = held + window if held else window
        if fixed and not final:
            used = len(held) // fixed * fixed
            yield from _fixed(held[:used], fixed, base, record)
            record += used // fixed
            held, base = held[used:], base + used
            continue
        # Segments of a record that is still open were told to the cutter, but are held until the record is whole.
        found = Cut(base)
        told += own.cut(held[told:] if told else held, base + told, final, found)
        yield from _cut(held, base, record, found, width)
        record += len(found.rows)
        used = found.place - base
        held, base, told = held[used:], found.place, told - used


def _windows(source: Readable, file: str, rules: RecordRules) -> Iterator[tuple[bytes, bool]]:
    """The bytes between what is skipped in front and behind; the last window says so."""
    _read(source, rules.skip_bytes, file)
    tail, ahead = rules.tail_bytes, b""
    while True:
        ahead += _read(source, WINDOW_BYTES + tail - len(ahead) + 1, file)
        final = len(ahead) <= WINDOW_BYTES + tail
        size = max(len(ahead) - tail, 0) if final else WINDOW_BYTES
        yield ahead[:size], final
        if final:
            return
        ahead = ahead[size:]


def _read(source: Readable, size: int, file: str) -> bytes:
    pieces, left = [], size
    try:
        while left > 0 and (piece := source.read(left)):
            pieces.append(piece)
            left -= len(piece)
    except (OSError, EOFError, pa.ArrowException):
        raise DmigError("HST010", file=file) from None
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _fixed(data: bytes, size: int, base: int, record: int) -> Iterator[Batch]:
    rows = fixed_rows(data, size, base, record)
    for start in range(0, len(rows), BATCH_RECORDS):
        yield Batch(rows.piece(start, start + BATCH_RECORDS), ())


def _cut(held: bytes, base: int, record: int, found: Cut, width: int) -> Iterator[Batch]:
    lost = []
    for at, (start, end, _, _, fault) in enumerate(found.rows):
        if fault:
            raw = held[max(start - base, 0) : min(end - base, start - base + MOST_RAW_BYTES)]
            lost.append(Lost(record + at, start, end - start, CutFault(fault), raw))
    rows = cut_rows(held, found, width, base, record)
    if not len(rows) and lost:
        yield Batch(rows, tuple(lost))
    for start in range(0, len(rows), BATCH_RECORDS):
        yield Batch(rows.piece(start, start + BATCH_RECORDS), tuple(lost) if start == 0 else ())
