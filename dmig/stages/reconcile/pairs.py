"""Cells as distinct texts and codes, and the distinct combinations of cells that rows have.

A register repeats itself: some thousand combinations of a source cell and a target cell stand for millions of rows. Each
is judged once; the rows that have it are counted and found by its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Codes = npt.NDArray[np.int64]

#: Up to so many times as many possible combinations as rows, they are counted in a table of all possible ones.
SPARSE = 8


@dataclass(frozen=True, slots=True)
class Coded:
    """A column: the code of each row, and the text of each code; a null has a code of its own."""

    codes: Codes
    texts: pa.Array

    def piece(self, first: int, last: int) -> Coded:
        """The characters `first` to `last` (from 1) of the texts without outer spaces; different codes may be alike."""
        return Coded(self.codes, pc.utf8_slice_codeunits(pc.utf8_trim(self.texts, " "), first - 1, last))


@dataclass(frozen=True, slots=True)
class Combinations:
    """The distinct combinations of some columns: the number of each row's, how many rows have each, their cells."""

    of_row: Codes
    counts: Codes
    cells: tuple[pa.Array, ...]

    def rows(self, numbers: Sequence[int]) -> npt.NDArray[np.intp]:
        """The rows that have one of some combinations."""
        wanted = np.zeros(self.counts.size, np.bool_)
        wanted[list(numbers)] = True
        return np.flatnonzero(wanted[self.of_row])


def coded(column: pa.Array | pa.ChunkedArray) -> Coded:
    """A column of texts, encoded or not."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks else pa.array([], pa.string())
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    texts = column.dictionary
    codes = column.indices
    if codes.null_count:
        codes = codes.fill_null(len(texts))
        texts = pa.concat_arrays([texts, pa.nulls(1, texts.type)])
    return Coded(codes.to_numpy(zero_copy_only=False).astype(np.int64), texts)


def chosen(by: Coded, labels: Sequence[str], sources: Sequence[Coded]) -> Coded:
    """One column of many: in each row the cell of the source whose label stands in `by`; blank where none has it."""
    places = {label: place for place, label in enumerate(labels)}
    place = np.array([places.get(str(text), -1) for text in by.texts.to_pylist()], np.int64)[by.codes]
    starts = np.cumsum([0, *(len(source.texts) for source in sources)])
    codes = np.full(by.codes.size, starts[-1], np.int64)
    for number, source in enumerate(sources):
        here = place == number
        codes[here] = source.codes[here] + starts[number]
    return Coded(codes, pa.concat_arrays([*(source.texts.cast(pa.string()) for source in sources), pa.array([""])]))


def combinations(columns: Sequence[Coded]) -> Combinations:
    """The distinct combinations that the rows of some columns have, in no particular order."""
    of_row, present = _dense(columns[0].codes, len(columns[0].texts))
    parts = [present]
    for column in columns[1:]:
        width = len(column.texts)
        of_row, present = _dense(of_row * width + column.codes, present.size * width)
        parts = [part[present // width] for part in parts] + [present % width]
    counts = np.bincount(of_row, minlength=present.size)
    cells = tuple(column.texts.take(pa.array(part)) for column, part in zip(columns, parts, strict=True))
    return Combinations(of_row, counts, cells)


def _dense(codes: Codes, possible: int) -> tuple[Codes, Codes]:
    """Codes renumbered without gaps, and which code each number stands for."""
    if possible <= SPARSE * codes.size:
        there = np.zeros(possible, np.bool_)
        there[codes] = True
        present = np.flatnonzero(there)
        numbers = np.empty(possible, np.int64)
        numbers[present] = np.arange(present.size)
        return numbers[codes], present
    encoded = pa.array(codes).dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_numpy()
