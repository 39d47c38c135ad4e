"""The comparison of two keyed sets equals a dictionary written in plain Python, however the rows are cut and ordered."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmig.stages.reconcile import keyed
from dmig.stages.reconcile.keyed import KeyedDifferences, KeyedItem, compare_keyed
from dmig.stages.reconcile.keysets import NOWHERE

Row = tuple[str | None, ...]
ITEMS = ("k1", "k2", "a", "b")
#: Keys that are easily taken for each other.
KEY = st.sampled_from(["1", "01", "001", "1 ", " 1", "", None, "１", "a", "A", "a\x1fb"])
CELL = st.sampled_from([None, "", " ", "0", "00", "ｱ", "ア", "x"])
ROWS = st.lists(st.tuples(KEY, KEY, CELL, CELL), max_size=14)


def parts(folder: Path, rows: Sequence[Row], cuts: Sequence[int]) -> list[Path]:
    """The rows as Parquet files, cut at some places; blank files among them."""
    folder.mkdir()
    borders = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    paths = []
    for number, (start, end) in enumerate(pairwise(borders)):
        frame = pl.DataFrame(list(rows[start:end]), schema=dict.fromkeys(ITEMS, pl.String), orient="row")
        paths.append(folder / f"{number:05d}.parquet")
        frame.write_parquet(paths[-1], row_group_size=3)
    return paths


def compared(
    left: Sequence[Row], right: Sequence[Row], keys: Sequence[str], cuts: Sequence[int] = (), rows_at_once: int = 1000
) -> KeyedDifferences:
    with tempfile.TemporaryDirectory() as place:
        sides = [parts(Path(place) / name, rows, cuts) for name, rows in (("left", left), ("right", right))]
        items = [KeyedItem(item) for item in ITEMS]
        return compare_keyed(sides[0], sides[1], items, keys, Path(place), rows_at_once=rows_at_once)


def by_key(rows: Sequence[Row], width: int) -> dict[Row, list[int]]:
    found: dict[Row, list[int]] = {}
    for at, row in enumerate(rows):
        found.setdefault(row[:width], []).append(at)
    return found


@settings(deadline=None, max_examples=120)
@given(
    ROWS,
    ROWS,
    st.sampled_from([1, 2]),
    st.lists(st.integers(0, 14), max_size=2),
    st.sampled_from([1, 2, 3, 1000]),
    st.data(),
)
def test_it_equals_a_dictionary(
    left: list[Row], right: list[Row], width: int, cuts: list[int], rows_at_once: int, data: st.DataObject
) -> None:
    if data.draw(st.booleans()):
        right = data.draw(st.permutations([*left, *right[:2]]))
    found = compared(left, right, ITEMS[:width], cuts, rows_at_once)
    ours, theirs = by_key(left, width), by_key(right, width)
    once = {key: (at[0], theirs[key][0]) for key, at in ours.items() if len(at) == 1 and len(theirs.get(key, ())) == 1}
    wrong = Counter(
        (ITEMS[n], pair)
        for pair in once.values()
        for n in range(width, len(ITEMS))
        if left[pair[0]][n] != right[pair[1]][n]
    )
    sets = found.keys
    assert (sets.left_rows, sets.right_rows, found.rows) == (len(left), len(right), len(once))
    assert {at: int(to) for at, to in enumerate(sets.places) if to != NOWHERE} == dict(once.values())
    assert sets.only_left.rows == tuple(sorted(at[0] for key, at in ours.items() if key not in theirs))
    assert sets.only_right.rows == tuple(sorted(at[0] for key, at in theirs.items() if key not in ours))
    assert sets.doubled_left.rows == tuple(sorted(at[0] for at in ours.values() if len(at) > 1))
    assert sets.doubled_right.rows == tuple(sorted(at[0] for at in theirs.values() if len(at) > 1))
    assert Counter((cells.item, pair) for cells in found.cells for pair in cells.rows) == wrong
    assert Counter(cells.item for cells in found.cells for _ in range(cells.count)) == Counter(
        item for item, _ in wrong
    )
    assert found.differing == len({pair for _, pair in wrong})
    assert found.is_empty == (Counter(left) == Counter(right) and len(once) == len(left))


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("あ", None, "blank"), (None, "あ", "unexpected"), ("", None, "blank"),
        ("ｱ", "ア", "width"), ("山 田", "山田", "width"), ("山田", "田山", "order"),
        ("\ue000田", "髙田", "glyph"), ("髙田", "\ue000田", "glyph"),
        ("1000", "1001", "rounding"), ("0012", "12", "rounding"), ("髙", "高", "value"), ("12", "99", "value"),
    ],
)  # fmt: skip
def test_classes_of_texts(one: str | None, other: str | None, kind: str) -> None:
    found = compared([("1", "1", one, "x")], [("1", "1", other, "x")], ["k1"])
    assert [(cells.item, cells.kind, cells.count, cells.rows) for cells in found.cells] == [("a", kind, 1, [(0, 0)])]


@pytest.mark.parametrize(
    ("one", "other", "dates", "codes", "kind"),
    [
        ("1989-01-08", "1988-01-08", True, False, "era"), ("1989-01-08", "1989-01-09", True, False, "rounding"),
        ("1989-01-08", "1988-01-08", False, False, "value"), ("1", "2", False, True, "code"),
        ("1", None, False, True, "blank"), ("1989-01-00", "1926-01-00", True, False, "era"),
    ],
)  # fmt: skip
def test_classes_of_dates_and_codes(
    tmp_path: Path, one: str, other: str | None, dates: bool, codes: bool, kind: str
) -> None:
    sides = [parts(tmp_path / name, [("1", None, cell, None)], ()) for name, cell in (("l", one), ("r", other))]
    items = [KeyedItem("k1"), KeyedItem("a", dates=dates, codes=codes)]
    [cells] = compare_keyed(sides[0], sides[1], items, ["k1"], tmp_path).cells
    assert (cells.kind, cells.count) == (kind, 1)


@settings(deadline=None, max_examples=15)
@given(st.integers(1, 400), st.integers(0, 2**32), st.integers(1, 90), st.integers(1, 90))
def test_how_much_is_held_at_once_does_not_matter(rows: int, seed: int, rows_at_once: int, piece: int) -> None:
    left: list[Row] = [(f"{n:04d}", None, str(n * seed % 7), "x") for n in range(rows)]
    right = pl.Series(range(rows)).shuffle(seed=seed).to_list()
    other: list[Row] = [(f"{n:04d}", None, str(n * seed % 5), "x") for n in right if n % 11]
    whole = compared(left, other, ["k1"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keyed, "PIECE", piece)
        patch.setattr(keyed, "CELLS_AT_ONCE", piece)
        pieces = compared(left, other, ["k1"], (7, 50), rows_at_once)
    assert pieces.cells == whole.cells
    assert (pieces.rows, pieces.differing, pieces.keys.only_left) == (whole.rows, whole.differing, whole.keys.only_left)
    assert pieces.keys.places.tolist() == whole.keys.places.tolist()


def test_only_the_first_rows_are_located(tmp_path: Path) -> None:
    left: list[Row] = [(f"{n:04d}", None, "1", None) for n in range(300)]
    right: list[Row] = [(f"{n:04d}", None, "2", None) for n in range(100, 400)]
    found = compared(left, right, ["k1"], (40,), 50)
    [cells] = found.cells
    assert (cells.count, cells.rows) == (200, [(n, n - 100) for n in range(100, 120)])
    assert (found.keys.only_left.count, found.keys.only_left.rows) == (100, tuple(range(20)))
    assert (found.keys.only_right.count, found.keys.only_right.rows) == (100, tuple(range(200, 220)))
