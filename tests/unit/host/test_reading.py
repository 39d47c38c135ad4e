"""Whole host files in bounded memory: windows, packing, bytes in front and behind."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path

import pyarrow as pa
import pytest

from dmig.errors import DmigError
from dmig.model.host import RecordFormat, RecordRules
from dmig.sources.host import reading
from dmig.sources.host.cutting import CutFault
from dmig.sources.host.reading import batches


def bodies(path: Path, rules: RecordRules, width: int = 64) -> tuple[list[bytes], list[tuple[int, int, CutFault]]]:
    found, lost = [], []
    for batch in batches(path, rules, width):
        rows = batch.rows
        found += [bytes(row[:size]) for row, size in zip(rows.matrix, rows.sizes.tolist(), strict=True)]
        lost += [(one.record, one.size_bytes, one.fault) for one in batch.lost]
    return found, lost


@pytest.fixture(autouse=True)
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "WINDOW_BYTES", 13)
    monkeypatch.setattr(reading, "BATCH_RECORDS", 3)


def spanned(records: list[bytes]) -> bytes:
    out = b""
    for record in records:
        middle = len(record) // 2
        for kind, piece in ((1, record[:middle]), (2, record[middle:])):
            out += (len(piece) + 4).to_bytes(2, "big") + bytes([kind, 0]) + piece
    return out


RECORDS = [bytes([65 + n]) * (10 + n) for n in range(20)]


@pytest.mark.parametrize("packed", ["", ".gz", ".bz2", ".zst"])
def test_a_packed_file_is_unpacked_on_the_way(tmp_path: Path, packed: str) -> None:
    data = b"".join(len(r).to_bytes(2, "big") + b"\0\0" + r for r in RECORDS)
    how = {
        "": bytes,
        ".gz": gzip.compress,
        ".bz2": bz2.compress,
        ".zst": lambda d: pa.Codec("zstd").compress(d, asbytes=True),
    }
    path = tmp_path / f"DATA{packed}"
    path.write_bytes(how[packed](data))
    assert bodies(path, RecordRules(RecordFormat.VARIABLE)) == (RECORDS, [])


def test_segments_over_windows_are_joined(tmp_path: Path) -> None:
    path = tmp_path / "DATA"
    path.write_bytes(spanned(RECORDS))
    assert bodies(path, RecordRules(RecordFormat.SPANNED, includes_itself=True)) == (RECORDS, [])


def test_bytes_in_front_and_behind_are_no_records(tmp_path: Path) -> None:
    path = tmp_path / "DATA"
    path.write_bytes(b"HEADER!" + b"abcdefghij" * 5 + b"xy" + b"END")
    rules = RecordRules(RecordFormat.FIXED, record_bytes=10, skip_bytes=7, tail_bytes=3)
    found = list(batches(path, rules, 10))
    assert [offset for batch in found for offset in batch.rows.offsets.tolist()] == [7, 17, 27, 37, 47]
    assert bodies(path, rules, 10) == ([b"abcdefghij"] * 5, [(6, 2, CutFault.SHORT)])


@pytest.mark.parametrize("size", [0, 9, 10, 12, 13, 14, 26, 130])
def test_every_byte_is_read_whatever_the_size(tmp_path: Path, size: int) -> None:
    path = tmp_path / "DATA"
    path.write_bytes(bytes(range(size)))
    found, lost = bodies(path, RecordRules(RecordFormat.FIXED, record_bytes=10), 10)
    assert b"".join(found) == bytes(range(size // 10 * 10))
    assert sum(bytes_ for _, bytes_, _ in lost) == size % 10


def test_a_damaged_archive_is_an_error_of_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "DATA.gz"
    path.write_bytes(gzip.compress(b"x" * 1000)[:-12])
    with pytest.raises(DmigError, match="HST010"):
        bodies(path, RecordRules(RecordFormat.FIXED, record_bytes=10))
