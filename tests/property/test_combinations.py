"""The distinct combinations of cells: the same as counting them one by one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from dmig.stages.reconcile.pairs import coded, combinations

CELLS = st.one_of(st.none(), st.sampled_from(["", " ", "0", "00", "山", "山 "]), st.text(max_size=3))


@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[CELLS] * width), min_size=1, max_size=60)))
def test_combinations_are_those_of_the_rows(rows: list[tuple[str | None, ...]]) -> None:
    found = combinations([coded(pa.array(column, pa.string())) for column in zip(*rows, strict=True)])
    cells = list(zip(*(column.to_pylist() for column in found.cells), strict=True))
    assert dict(zip(cells, found.counts.tolist(), strict=True)) == Counter(rows)
    assert len(set(cells)) == len(cells)
    assert [cells[number] for number in found.of_row] == rows
    assert found.rows([0]).tolist() == [at for at, row in enumerate(rows) if row == cells[0]]


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=50))
def test_more_possible_combinations_than_can_be_listed(rows: list[tuple[int, int, int]]) -> None:
    """Many texts that few rows use, so that combinations are found by hashing."""
    texts = pa.array([str(n) for n in range(401)])
    columns = [pa.DictionaryArray.from_arrays(pa.array(np.array(c, np.int32)), texts) for c in zip(*rows, strict=True)]
    found = combinations([coded(column) for column in columns])
    cells = list(zip(*(column.to_pylist() for column in found.cells), strict=True))
    assert dict(zip(cells, found.counts.tolist(), strict=True)) == Counter(tuple(map(str, row)) for row in rows)


def test_a_piece_is_taken_of_the_trimmed_text() -> None:
    piece = coded(pa.array([" 12345 ", "12", ""])).piece(2, 3)
    assert [piece.texts[code].as_py() for code in piece.codes.tolist()] == ["23", "2", ""]
