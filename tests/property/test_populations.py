"""Keys cut out of the bytes of a file: those that a CSV reader finds, and as many records."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmig.stages.reconcile import LeftOut, populations, scan, stand_out
from dmig.stages.reconcile.populations import KeyFile, dangling, doubled_keys, published_keys, stand

CELLS = st.one_of(
    st.from_regex("[0-9]{0,12}", fullmatch=True),
    st.sampled_from([" 12 ", "a,b", 'say "x"', "line\nbreak", "山田", "ｱ"]),
)
KEYS = st.from_regex("[0-9A-Z]{1,15}", fullmatch=True)


@given(
    st.integers(0, 3).flatmap(
        lambda place: st.tuples(st.just(place), st.lists(st.tuples(KEYS, st.lists(CELLS, min_size=3, max_size=3))))
    ),
    st.booleans(), st.booleans(), st.sampled_from(["\n", "\r\n"]), st.sampled_from([8, 37, 1 << 16]),
    st.sampled_from([4, 96]),
)  # fmt: skip
def test_keys_and_records_are_those_of_a_csv_reader(
    given_rows: tuple[int, list[tuple[str, list[str]]]],
    header: bool,
    quoted: bool,
    newline: str,
    window: int,
    near: int,
) -> None:
    place, found = given_rows
    rows = [[*cells[:place], key, *cells[place:]] for key, cells in found]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=newline, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerows([["w", "x", "y", "z"]] * header + rows)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(text.getvalue().encode("cp932"))
        with (
            patch.object(populations, "WINDOW_BYTES", window), patch.object(populations, "NEAR_BYTES", near),
            patch.object(populations, "BATCH", 3), patch.object(populations, "KEYS_AT_ONCE", 4),
        ):  # fmt: skip
            counted = scan(KeyFile(path, header, ",", 0, line_breaks=True), [place])
    assert counted.records == len(rows)
    assert sorted(counted.keys[0]) == sorted({key for key, _ in found})


@pytest.mark.parametrize(("tail", "records"), [(b"", 2), (b"3,x", 3), (b"\x1a", 2), (b"3,x\r\n\x1a", 3)])
def test_the_last_record_may_lack_its_end_and_an_end_mark_is_none(tmp_path: Path, tail: bytes, records: int) -> None:
    (tmp_path / "t.csv").write_bytes(b"k,v\r\n1,a\r\n2,b\r\n" + tail)
    assert scan(KeyFile(tmp_path / "t.csv", True, ",", 0), [0]).records == records


@pytest.mark.parametrize("at_once", [1, 500_000])
def test_who_is_missing_who_was_not_there_and_who_refers_to_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(populations, "KEYS_AT_ONCE", at_once)
    one, two = tmp_path / "1.parquet", tmp_path / "2.parquet"
    pl.DataFrame({"k": ["1", "2", "2"], "n": ["1", "1", "2"], "r": ["2", None, "8"]}).write_parquet(one)
    pl.DataFrame({"k": ["3", "2"], "n": ["1", "2"], "r": ["9", "9"]}).write_parquet(two)
    target = published_keys([one, two], "k")
    line = stand(pl.Series(["1", "2", "4", "5"]), target)
    assert (line.source, line.target, line.missing, line.extra) == (4, 3, 2, 1)
    assert doubled_keys([one, two], ["k", "n"], tmp_path) == 1
    assert dangling([one, two], "r", target) == (4, 2)
    assert (doubled_keys([], ["k"], tmp_path), published_keys([], "k").len()) == (0, 0)


FLAGS = st.sampled_from(["", "0", "1", " 1", "9", "012"])
RECORDS = st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 5), st.sampled_from(["", "1", "02", "3"]), FLAGS))


@given(RECORDS, st.sampled_from([11, 1 << 16]), st.booleans())
def test_records_left_out_are_those_that_plain_python_leaves_out(
    rows: list[tuple[str, int, str, str]], window: int, quoted: bool
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    starts = []
    writer.writerow(["unit", "no", "other", "flag"])
    for row in rows:
        starts.append(len(text.getvalue().encode("cp932")))
        writer.writerow(row)
    numbers = {(unit, str(no)) for unit, no, _, _ in rows}
    refers = {(unit, other.lstrip("0")) for unit, _, other, _ in rows if other and (unit, other.lstrip("0")) in numbers}
    expected = {
        ("code", (3,), ("1", "9")): [flag.strip() in ("1", "9") for *_, flag in rows],
        ("not_code", (3,), ("1",)): [flag.strip() != "1" for *_, flag in rows],
        ("blank", (3,), ()): [not flag.strip() for *_, flag in rows],
        ("pair", (0, 1, 2), ()): [(u, str(n)) in refers or (u, o.lstrip("0")) in refers for u, n, o, _ in rows],
    }
    with TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(text.getvalue().encode("cp932"))
        rules = [LeftOut(kind, places, values) for kind, places, values in expected]
        with patch.object(populations, "WINDOW_BYTES", window):
            scanned = scan(KeyFile(path, True, ",", 0), [0], rules)
    assert scanned.records == len(rows)
    for (kind, *_), holds, found in zip(expected, expected.values(), scanned.left_out, strict=True):
        assert found.tolist() == [start for start, held in zip(starts, holds, strict=True) if held], kind


def test_what_was_kept_or_left_out_against_the_rule_is_counted() -> None:
    by_rule, excluded, for_any = (np.array(offsets) for offsets in ([10, 20, 30, 40], [10, 50], [10, 20, 50]))
    line = stand_out(by_rule, excluded, for_any)
    assert (line.source, line.excluded, line.kept, line.wrong) == (4, 2, 2, 1)
