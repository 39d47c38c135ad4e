"""Records to columns: which items a record has, where they lie, and what is wrong with the record as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from dmig.cobol.shape import BranchRule, HostItem, RecordShape
from dmig.sources.host.columns import Column, HostForms, decode
from dmig.sources.host.cutting import Offsets
from dmig.sources.host.rows import Bytes, Rows

Flags = npt.NDArray[np.bool_]


class RecordFault(IntEnum):
    """Why a record that was cut rightly is not what its layout says."""

    NONE = 0
    TOO_SHORT = 1
    TOO_LONG = 2
    BAD_COUNTER = 3


@dataclass(slots=True)
class Decoded:
    """Records as columns. `faults` (n): `RecordFault`; `branches`: which records have a redefinition; `counts` by counter."""

    rows: Rows
    columns: dict[str, Column]
    faults: npt.NDArray[np.uint8]
    branches: dict[str, Flags] = field(default_factory=dict)
    counts: dict[str, Offsets] = field(default_factory=dict)


class RecordDecoder:
    """Decodes records of one shape; `wanted` names the items (None: all)."""

    def __init__(self, shape: RecordShape, forms: HostForms, wanted: Sequence[str] | None = None) -> None:
        self._shape = shape
        self._forms = forms
        self._items = [item for item in shape.items if wanted is None or item.name in wanted]

    def decode(self, rows: Rows) -> Decoded:
        """The items of some records. A record that is shorter than its layout has no value where it has no bytes."""
        found = Decoded(rows, {}, np.zeros(len(rows), np.uint8))
        for counter in self._shape.counters:
            found.counts[counter.item] = self._count(counter.item, counter.least, counter.most, found)
        for rule in self._shape.rules:
            found.branches |= self._branches(rule, found)
        self._judge_sizes(found)
        for item in self._items:
            found.columns[item.name] = self._column(item, found)
        return found

    def _count(self, name: str, least: int, most: int, found: Decoded) -> Offsets:
        """A counter's values; one outside its limits is a fault of the record and counts as the nearest limit.

        A counter in an element that is not there counts as none.
        """
        item = self._shape.item(name)
        if item is None:
            raise KeyError(name)
        column = self._column(item, found)
        counts = pl.Series(column.to_text()).cast(pl.Int64, strict=False)
        known = counts.is_not_null().to_numpy()
        values = counts.fill_null(least).to_numpy().astype(np.int64)
        wrong = ~known | (values < least) | (values > most)
        clipped: Offsets = np.clip(values, least, most)
        there = self._there(item, self._places(item, found), found)
        if there is not None:
            wrong, clipped = wrong & there, np.where(there, clipped, 0)
        found.faults[wrong & (found.faults == 0)] = RecordFault.BAD_COUNTER
        return clipped

    def _branches(self, rule: BranchRule, found: Decoded) -> dict[str, Flags]:
        item = self._shape.item(rule.item)
        if item is None:
            raise KeyError(rule.item)
        texts = self._column(item, found).to_text()
        marks = {}
        for branch in rule.branches:
            marks[branch.name] = texts.is_in(list(branch.values)).fill_null(value=False).to_numpy()
        return marks

    def _judge_sizes(self, found: Decoded) -> None:
        sizes = found.rows.sizes
        least = np.full(len(sizes), self._shape.least_bytes.get("", 0), np.int64)
        for name, mark in found.branches.items():
            if name in self._shape.least_bytes:
                least = np.where(mark, self._shape.least_bytes[name], least)
        for term in self._shape.strides:
            least = least + found.counts[term.counter] * term.stride_bytes
        good = found.faults == 0
        found.faults[good & (sizes < least)] = RecordFault.TOO_SHORT
        most = least if self._shape.is_exact else np.full(len(sizes), self._shape.size_bytes)
        found.faults[good & (sizes > most)] = RecordFault.TOO_LONG

    def _column(self, item: HostItem, found: Decoded) -> Column:
        places = self._places(item, found)
        there = self._there(item, places, found)
        cells = self._cells(item, places, found.rows)
        if there is None:
            return decode(item, cells, self._forms)
        return _spread(decode(item, np.ascontiguousarray(cells[there]), self._forms), there)

    def _places(self, item: HostItem, found: Decoded) -> Offsets | None:
        """Where the item lies in each record; None: at its offset in all."""
        if not item.moved_by:
            return None
        places = np.full(len(found.rows), item.offset_bytes, np.int64)
        for term in item.moved_by:
            places += found.counts[term.counter] * term.stride_bytes
        return places

    def _there(self, item: HostItem, places: Offsets | None, found: Decoded) -> Flags | None:
        """Which records have the item; None: all."""
        there: Flags | None = None
        ends = (item.offset_bytes if places is None else places) + item.size_bytes
        inside = found.rows.sizes >= ends
        if not inside.all():
            there = inside
        for counter, index in item.within:
            some = found.counts[counter] > index
            there = some if there is None else there & some
        for name in item.branches:
            there = found.branches[name] if there is None else there & found.branches[name]
        for name in item.unless:
            there = ~found.branches[name] if there is None else there & ~found.branches[name]
        return there

    def _cells(self, item: HostItem, places: Offsets | None, rows: Rows) -> Bytes:
        if places is None:
            return rows.matrix[:, item.offset_bytes : item.offset_bytes + item.size_bytes]
        # A record that is too short has no such bytes; what is taken instead is not looked at.
        starts = np.clip(places, 0, max(rows.matrix.shape[1] - item.size_bytes, 0))
        at = starts[:, None] + np.arange(item.size_bytes)
        return np.take_along_axis(rows.matrix, at, axis=1)


def _spread(column: Column, there: Flags) -> Column:
    """A column of some records as one of all: no value, and no fault, where the item is not there."""
    count, places = len(there), np.flatnonzero(there)
    faults, findings = np.zeros(count, np.uint8), np.zeros(count, np.uint8)
    faults[places], findings[places] = column.faults, column.findings
    if column.texts is not None:
        at = np.zeros(count, np.int64)
        at[places] = np.arange(len(places))
        texts = column.texts.take(pa.array(at, mask=~there))
        return Column(column.item, faults, findings, texts=texts)
    if column.floats is not None:
        floats = np.zeros(count, np.float64)
        floats[places] = column.floats
        return Column(column.item, faults, findings, floats=floats, missing=~there)
    if column.numbers is None:
        raise RuntimeError("a column without values")
    return Column(column.item, faults, findings, numbers=column.numbers.spread(there))


def counts_of(found: Mapping[str, Offsets]) -> pl.DataFrame:
    """Counters as a frame, for who writes arrays of variable length."""
    return pl.DataFrame(dict(found))
