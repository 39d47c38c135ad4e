"""Same input, same plan: the same bytes, for any block size and any number of workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from e2e_support import GROUPS, Delivery, Ran, deliver, request_for, run, sha256_of

from dmig.pipeline.run import Request

KIB = 1 << 10
#: Where a report stands in the parts depends on the blocks; all else may not.
PLACES = ["part", "row"]
#: Of the result, what names the run, what was measured, and what is a function of the block size.
CIRCUMSTANCES = ("run_id", "stages")


def small(once: Any) -> Delivery:
    """住登外者宛名, where the many runs of the matrix are quick."""
    found: Delivery = once(
        "determinism small", lambda place: deliver(place / "city", 200, 31, 0.2, operation="jutogai")
    )
    return found


def big(once: Any) -> Delivery:
    found: Delivery = once("determinism big", lambda place: deliver(place / "city", 300, 32, 0.1))
    return found


def asked(delivery: Delivery, folder: Path, **options: Any) -> Request:
    return request_for(delivery.inputs, folder, operation=delivery.operation, **options)


def plain(once: Any, name: str, delivery: Delivery) -> Ran:
    """The run that all others are compared with: default block size, one worker."""
    found: Ran = once(("determinism", name), lambda place: run(asked(delivery, place / "run")))
    return found


def on_disk(ran: Ran) -> dict[str, str]:
    """Hashes of the published files computed here, not taken from the result."""
    return {
        path.relative_to(ran.published).as_posix(): sha256_of(path)
        for path in sorted(ran.published.rglob("*"))
        if path.is_file()
    }


def told(result: dict[str, Any], *but: str) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name not in (*CIRCUMSTANCES, *but)}


def assert_same_apart_from_parts(one: Ran, other: Ran) -> None:
    assert one.csv_hashes == other.csv_hashes
    assert [path for path in on_disk(one) if path.endswith(".csv")] == sorted(one.csv_hashes)
    assert {n: h for n, h in on_disk(one).items() if n.endswith(".csv")} == one.csv_hashes
    assert {n: h for n, h in on_disk(other).items() if n.endswith(".csv")} == one.csv_hashes
    assert one.reports.drop(PLACES).equals(other.reports.drop(PLACES))
    assert one.reports.height > 0
    assert told(one.result, "outputs", "plan_hash") == told(other.result, "outputs", "plan_hash")
    for group in GROUPS[one.request.operation]:
        assert one.parts("lineage", group).equals(other.parts("lineage", group))
        assert one.parts("parquet", group).equals(other.parts("parquet", group))


def test_two_runs_give_identical_bytes(tmp_path: Path, once: Any) -> None:
    delivery = big(once)
    first, second = plain(once, "big", delivery), run(asked(delivery, tmp_path / "second"))
    assert first.hashes == second.hashes == on_disk(first) == on_disk(second)
    assert first.reports.equals(second.reports)
    assert told(first.result) == told(second.result)


def test_the_order_of_other_files_and_the_place_of_the_run_do_not_matter(tmp_path: Path, once: Any) -> None:
    delivery = small(once)
    moved = tmp_path / "elsewhere" / "深い場所"
    moved.mkdir(parents=True)
    for file in sorted(delivery.inputs.iterdir(), reverse=True):
        (moved / file.name).write_bytes(file.read_bytes())
    (moved / "読まない.csv").write_text("x\n")
    second = run(request_for(moved, tmp_path / "also" / "run", operation="jutogai"))
    first = plain(once, "small", delivery)
    assert first.hashes == second.hashes
    assert told(first.result) == told(second.result)


@pytest.mark.parametrize(("block_bytes", "workers"), [(4 * KIB, 1), (64 * KIB, 1), (16 * KIB * KIB, 1), (8 * KIB, 2)])
def test_block_size_and_workers_change_no_cell_and_no_report(
    tmp_path: Path, once: Any, block_bytes: int, workers: int
) -> None:
    delivery = small(once)
    other = run(asked(delivery, tmp_path / "run", block_bytes=block_bytes, workers=workers))
    assert_same_apart_from_parts(plain(once, "small", delivery), other)
    if block_bytes < 64 * KIB:
        assert len(list((other.published / "parquet" / "jutogaikihon").glob("*.parquet"))) > 2


@pytest.mark.parametrize(("block_bytes", "workers"), [(128 * KIB, 1), (256 * KIB, 2)])
def test_a_larger_delivery_in_blocks(tmp_path: Path, once: Any, block_bytes: int, workers: int) -> None:
    delivery = big(once)
    other = run(asked(delivery, tmp_path / "run", block_bytes=block_bytes, workers=workers))
    assert_same_apart_from_parts(plain(once, "big", delivery), other)


def test_records_that_become_many_rows_in_blocks(tmp_path: Path, once: Any) -> None:
    """The rows of a record stay together, however small the blocks; so do their reports and the totals to the yen."""
    delivery: Delivery = once(
        "determinism spread", lambda place: deliver(place / "city", 300, 33, 0.1, operation="kojin")
    )
    other = run(asked(delivery, tmp_path / "run", block_bytes=8 * KIB, workers=2))
    assert_same_apart_from_parts(plain(once, "spread", delivery), other)
    assert len(list((other.published / "parquet" / "getsuwari").glob("*.parquet"))) > 1


def test_two_workers_give_the_very_bytes_of_one(tmp_path: Path, once: Any) -> None:
    """With the same block size not even the Parquet and lineage parts may differ."""
    delivery = small(once)
    other = run(asked(delivery, tmp_path / "run", workers=2))
    one = plain(once, "small", delivery)
    assert on_disk(one) == on_disk(other) == one.hashes
    assert one.reports.equals(other.reports)
    assert told(one.result) == told(other.result)


def test_another_input_gives_another_output(tmp_path: Path, once: Any) -> None:
    """The comparisons above can fail: one changed letter changes the hash."""
    delivery = deliver(tmp_path / "city", 200, 31, 0.2, operation="jutogai")
    faulty = delivery.faulty()
    sound = next(n for n in delivery.kept("JUTOGAI.csv") if delivery.unit("JUTOGAI.csv", n) not in faulty)
    delivery.edit("JUTOGAI.csv", sound, kanji_shimei="山田　花子改")
    assert run(asked(delivery, tmp_path / "run")).csv_hashes != plain(once, "small", small(once)).csv_hashes
