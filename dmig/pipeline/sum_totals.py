"""Control totals to the yen within the reconciliation: what each block adds, and both sides together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from dmig.model.mapping import Total
from dmig.model.small_groups import LEAST
from dmig.pipeline.rereading import Source
from dmig.plan.nouns import Plan
from dmig.plan.totals import SUM
from dmig.stages import reconcile
from dmig.stages.reconcile import Added, Sum


def sums_of(plan: Plan, group: str) -> tuple[Sum, ...]:
    """The totals of a group that add amounts."""
    return tuple(
        Sum(total.total, total.tables, total.source, total.target)
        for total in plan.totals
        if total.kind == SUM and total.group == group
    )


class BlockSums:
    """What one block adds to the totals of its group; every record is counted once, however many rows it became."""

    def __init__(self, sums: tuple[Sum, ...], rows: pa.Table) -> None:
        self._added = {each: reconcile.add_targets(each, rows) for each in sums}
        self._seen: dict[str, np.ndarray[Any, Any]] = {}

    def records(self, table: str, cells: Mapping[str, pa.Array], offsets: np.ndarray[Any, Any]) -> None:
        """Add the source cells of rows of one table, which begin at some bytes."""
        if not self._added:
            return
        starts, first = np.unique(offsets, return_index=True)
        known = self._seen.get(table, np.array([], np.int64))
        own = pa.array(first[~np.isin(starts, known)])
        self._seen[table] = np.concatenate([known, starts])
        records = pa.table({name: column.take(own) for name, column in cells.items()})
        for each, added in self._added.items():
            added.add(reconcile.add_sources(each, table, records))

    def lost(self, sources: Mapping[str, Source], lineage: pl.DataFrame) -> None:
        """Add records whose row was not found again: what they should have become is missing on the other side."""
        for (table,), rows in lineage.group_by(["table"], maintain_order=True) if self._added else ():
            offsets = rows["offset_bytes"].to_numpy().astype(np.int64)
            self.records(str(table), sources[str(table)].cells(offsets), offsets)

    def stored(self) -> dict[str, list[int]]:
        """What a block's mark holds; it stays in the protected folder."""
        return {each.total: [own.source, own.target, own.records, own.unread] for each, own in self._added.items()}


def sum_totals(totals: Iterable[Total], blocks: Iterable[Mapping[str, list[int]]]) -> tuple[dict[str, Any], ...]:
    """Both sides of every such total; of fewer than ten records the amounts are not told."""
    added = {total.total: Added() for total in totals if total.kind == SUM}
    for block in blocks:
        for name, numbers in block.items():
            added[name].add(Added(*numbers))
    return tuple(
        {
            "total": name,
            "source": None if 0 < own.records < LEAST else own.source,
            "target": None if 0 < own.records < LEAST else own.target,
            "agrees": own.agrees,
        }
        for name, own in added.items()
    )
