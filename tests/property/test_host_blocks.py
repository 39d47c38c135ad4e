"""Blocks of host files: which records exist does not depend on them, and a second reading finds the same records."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from test_host_cutting import BODIES, RULES, written

from dmig.model.host import HostFile, RecordFormat, RecordRules
from dmig.sources.host.blocks import cut_block, host_blocks
from dmig.sources.host.reading import batches
from dmig.stages.reconcile.host_records import HostRecords

Found = list[tuple[int, int, bytes]]
LOST = list[tuple[int, int, int]]
DAMAGE = st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=3)


def whole(path: Path, rules: RecordRules) -> tuple[Found, LOST]:
    rows: Found = []
    lost: LOST = []
    for batch in batches(path, rules, rules.most_bytes):
        own = batch.rows
        bodies = [own.matrix[at, : own.sizes[at]].tobytes() for at in range(len(own))]
        rows += zip(own.numbers.tolist(), own.offsets.tolist(), bodies, strict=True)
        lost += [(run.record, run.offset_bytes, run.size_bytes) for run in batch.lost]
    return rows, lost


def in_blocks(path: Path, rules: RecordRules, block_bytes: int) -> tuple[Found, LOST, list[tuple[int, int]]]:
    rows: Found = []
    lost: LOST = []
    file, borders = HostFile(path.name, rules), []
    for block in host_blocks(path, file, block_bytes):
        own, runs = cut_block(path, file, block)
        bodies = [own.matrix[at, : own.sizes[at]].tobytes() for at in range(len(own))]
        rows += zip(own.numbers.tolist(), own.offsets.tolist(), bodies, strict=True)
        lost += [(run.record, run.offset_bytes, run.size_bytes) for run in runs]
        borders.append((block.start, block.end))
    return rows, lost, borders


def damaged(data: bytes, damage: list[tuple[int, int]], missing: int) -> bytes:
    found = bytearray(data)
    for place, byte in damage:
        found[place % len(found)] = byte
    return bytes(found[: max(len(found) - missing, 1)])


@given(
    BODIES, RULES, st.lists(st.integers(0, 50), min_size=1, max_size=4), DAMAGE, st.integers(0, 30), st.integers(1, 400)
)
def test_blocks_hold_the_records_of_the_whole_file(
    bodies: list[bytes],
    rules: RecordRules,
    cuts: list[int],
    damage: list[tuple[int, int]],
    missing: int,
    block_bytes: int,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "A.DAT"
        path.write_bytes(damaged(written(bodies, rules, cuts), damage, missing))
        rows, lost = whole(path, rules)
        again, runs, borders = in_blocks(path, rules, block_bytes)
        assert again == rows
        assert runs == lost
        assert [start for start, _ in borders[1:]] == [end for _, end in borders[:-1]]
        assert (borders[0][0], borders[-1][1]) == (0, path.stat().st_size)
        if not damage and not missing:
            assert [body for _, _, body in rows] == bodies


@given(BODIES, RULES, st.lists(st.integers(0, 50), min_size=1, max_size=4), DAMAGE, st.integers(0, 30))
def test_the_second_reading_finds_the_same_records(
    bodies: list[bytes], rules: RecordRules, cuts: list[int], damage: list[tuple[int, int]], missing: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "A.DAT"
        path.write_bytes(damaged(written(bodies, rules, cuts), damage, missing))
        rows, _ = whole(path, rules)
        second = HostRecords(path, rules)
        assert second.starts.tolist() == [offset for _, offset, _ in rows]
        assert second.bodies(range(len(second))) == [body for _, _, body in rows]
        wanted = np.array([offset for _, offset, _ in rows] + [10**9], np.int64)
        assert second.places(wanted) == [*range(len(rows)), -1]


@given(st.integers(1, 40), st.integers(0, 9), st.integers(0, 9), st.binary(max_size=400), st.integers(1, 100))
def test_fixed_records_lie_between_what_is_skipped_and_the_tail(
    size: int, skip: int, tail: int, data: bytes, block_bytes: int
) -> None:
    rules = RecordRules(RecordFormat.FIXED, size, least_bytes=size, most_bytes=size, skip_bytes=skip, tail_bytes=tail)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "A.DAT"
        path.write_bytes(bytes(skip) + data + bytes(tail))
        rows, lost, _ = in_blocks(path, rules, block_bytes)
        whole_records = len(data) // size
        assert [body for _, _, body in rows] == [data[at * size : (at + 1) * size] for at in range(whole_records)]
        assert sum(size_bytes for _, _, size_bytes in lost) == len(data) % size
        assert len(HostRecords(path, rules)) == whole_records
