"""Pass 8: source and target read again; signatures compared, counts compared. Only the pipeline hands over places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from dmig.pipeline.context import Context
from dmig.pipeline.write_pass import Output
from dmig.plan.nouns import GroupPlan
from dmig.stages.reconcile import Comparison, Verdict, compare, read_source_items


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Verdicts of all comparisons and totals."""

    verdicts: tuple[Verdict, ...]
    totals: tuple[dict[str, Any], ...]

    @property
    def differences(self) -> int:
        """Rows that differ plus totals that do not come out."""
        return sum(v.differing for v in self.verdicts) + sum(1 for t in self.totals if not t["agrees"])


def reconcile_pass(context: Context, outputs: list[Output], published: Path, tables: list[dict[str, Any]],
                   groups: list[dict[str, Any]]) -> Reconciled:  # fmt: skip
    """Every signature proof of the plan on every table that feeds the group, and every control total."""
    verdicts: list[Verdict] = []
    for plan in context.plan.groups:
        comparisons = [
            Comparison(proof.group, item.name, proof.signature, proof.sources)
            for proof in context.plan.mapping.proofs
            if proof.proof == "signature" and proof.group == plan.group.group
            and (item := plan.group.item(proof.target)) is not None
        ]  # fmt: skip
        if comparisons:
            csv_file = published / next(o.file for o in outputs if o.group == plan.group.group and o.kind == "csv")
            lineage = published / "lineage" / plan.group.group
            verdicts += compare(comparisons, _source(context, plan, comparisons, lineage), csv_file, lineage)
    totals = tuple(_total(context, total, tables, groups) for total in context.plan.totals)
    return Reconciled(tuple(verdicts), totals)


def _source(context: Context, plan: GroupPlan, comparisons: list[Comparison], lineage: Path) -> pa.Table:
    """The source cells of all accepted rows of a group, read again at their offsets, table after table."""
    items = sorted({item for comparison in comparisons for item in comparison.source_items})
    parts = sorted(lineage.glob("*.parquet"))
    empty = {"table": pa.string(), "record": pa.uint64(), **dict.fromkeys(items, pa.string())}
    found = [pa.table({name: pa.array([], kind) for name, kind in empty.items()})]
    for table in plan.tables if parts else ():
        rows = (
            pl.scan_parquet(parts)
            .filter(pl.col("table") == table)
            .select("record", "offset_bytes")
            .collect(engine="streaming")
            .sort("offset_bytes")
        )
        found += list(_table_cells(context, table, items, rows))
    return pa.concat_tables(found)


def _table_cells(context: Context, table: str, items: list[str], rows: pl.DataFrame) -> Iterator[pa.Table]:
    """Cells of one table, window by window; an item that the table does not have is null."""
    layout = context.plan.legacy.table(table)
    if layout is None:
        raise ValueError(f"table {table} was not checked by the compiler")
    at = {item.item: number for number, item in enumerate(layout.items)}
    own = [item for item in items if item in at]
    start = 0
    path, charset = context.inputs[table].path, context.plan.legacy.charset
    for cells in read_source_items(path, charset, [at[item] for item in own], rows["offset_bytes"].to_list()):
        height = cells.num_rows
        columns = {item: cells.column(f"c{own.index(item)}") if item in at else pa.nulls(height, pa.string())
                   for item in items}  # fmt: skip
        record = rows["record"].slice(start, height).to_arrow()
        yield pa.table({"table": pa.array([table] * height, pa.string()), "record": record, **columns})
        start += height


def _total(context: Context, total: Any, tables: list[dict[str, Any]], groups: list[dict[str, Any]]) -> dict[str, Any]:
    """A count total: records used of the source tables against rows accepted and rejected of the group."""
    source = sum(int(entry["used"]) for entry in tables if entry["table"] in total.tables)
    target = next(int(g["accepted"]) + int(g["rejected"]) for g in groups if g["group"] == total.group)
    return {"total": total.total, "source": source, "target": target, "agrees": source == target}
