"""Round trips within the reconciliation: the rows that it has read again, their sources rebuilt from their targets."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from dmig.converters.cells import Cells
from dmig.pipeline import worker
from dmig.pipeline.worker import INVERSE
from dmig.plan.nouns import Plan
from dmig.stages import reconcile
from dmig.stages.reconcile import Comparison, Verdict
from dmig.stages.reconcile.pairs import coded


def inverses_of(plan: Plan, group: str) -> tuple[Comparison, ...]:
    """The proofs of a group that rebuild a source item."""
    return tuple(
        Comparison(group, INVERSE, proof.signature, proof.targets, proof.sources, proof.args)
        for proof in plan.mapping.proofs
        if proof.group == group and proof.proof == INVERSE
    )


def round_trips(group: str, table: str, block: pa.Table) -> list[Verdict]:
    """The verdicts over rows of one legacy table, columns as the reconciliation names them, with `record`."""
    kernel = worker.current().groups[group].roundtrip
    if not kernel.inverses or not block.num_rows:
        return []
    sources = {each.source for each in kernel.inverses}
    targets = {target for each in kernel.inverses for target in each.targets}
    names = {name: reconcile.source_column(name) for name in sources}
    names |= {reconcile.target_column(name): reconcile.target_column(name) for name in targets}
    columns = {}
    for name, column in names.items():
        cells = coded(block.column(column))
        columns[name] = (pl.Series(name, cells.texts, dtype=pl.String), pl.Series(name, cells.codes))
    canonical = worker.current().groups[group].source_normaliser.run(Cells.of(columns, block.num_rows))
    records = block.column("record")
    return [
        Verdict(
            Comparison(group, INVERSE, found.inverse.name, found.inverse.targets, (found.inverse.source,),
                       found.inverse.args),
            table, found.compared, {INVERSE: found.differing} if found.differing else {},
            records.take(pa.array(found.rows, pa.int64())).to_pylist(), apart=found.apart,
        )
        for found in kernel.run(canonical)
    ]  # fmt: skip
