"""Pass 8: source and target read again; signatures compared, counts compared. Only the pipeline hands over places."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from dmig.pipeline.context import Context
from dmig.pipeline.write_pass import Output
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
    verdicts = []
    for proof in context.plan.mapping.proofs:
        if proof.proof != "signature":
            continue
        csv_file = published / next(o.file for o in outputs if o.group == proof.group and o.kind == "csv")
        lineage = published / "lineage" / proof.group
        name = context.group(proof.group).group.item(proof.target)
        for table in context.group(proof.group).tables:
            comparison = Comparison(proof.group, name.name if name else "", proof.signature, table, proof.sources)
            verdicts.append(compare(comparison, _source(context, comparison, lineage), csv_file, lineage))
    totals = tuple(_total(context, total, tables, groups) for total in context.plan.totals)
    return Reconciled(tuple(verdicts), totals)


def _source(context: Context, comparison: Comparison, lineage: Path) -> pa.Table:
    """The source cells of all accepted rows of one table, read again at their offsets."""
    layout = context.plan.legacy.table(comparison.table)
    if layout is None:
        raise ValueError(f"table {comparison.table} was not checked by the compiler")
    places = [next(n for n, item in enumerate(layout.items) if item.item == s) for s in comparison.source_items]
    rows = (
        pl.scan_parquet(sorted(lineage.glob("*.parquet")))
        .filter(pl.col("table") == comparison.table)
        .select("record", "offset_bytes")
        .collect(engine="streaming")
    )
    path = context.inputs[comparison.table].path
    rows = rows.sort("offset_bytes")
    cells = list(read_source_items(path, context.plan.legacy.charset, places, rows["offset_bytes"].to_list()))
    if not cells:
        empty = {**{f"c{n}": pa.string() for n in range(len(places))}, "record": pa.uint64()}
        return pa.table({name: pa.array([], kind) for name, kind in empty.items()})
    return pa.concat_tables(cells).append_column("record", rows["record"].to_arrow())


def _total(context: Context, total: Any, tables: list[dict[str, Any]], groups: list[dict[str, Any]]) -> dict[str, Any]:
    """A count total: records used of the source tables against rows accepted and rejected of the group."""
    source = sum(int(entry["used"]) for entry in tables if entry["table"] in total.tables)
    target = next(int(g["accepted"]) + int(g["rejected"]) for g in groups if g["group"] == total.group)
    return {"total": total.total, "source": source, "target": target, "agrees": source == target}
