"""Pass 8: source and target read again, block by block; signatures and counts compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from dmig.pipeline.context import Context
from dmig.pipeline.tasks import Workers, once
from dmig.pipeline.write_pass import Output
from dmig.plan.nouns import GroupPlan
from dmig.stages import reconcile
from dmig.stages.reconcile import Comparison, Form, Verdict, source_column, target_column
from dmig.stages.write import header_line


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Verdicts of all comparisons and totals."""

    verdicts: tuple[Verdict, ...]
    totals: tuple[dict[str, Any], ...]

    def with_totals(self, totals: tuple[dict[str, Any], ...]) -> Reconciled:
        """The same with more totals."""
        return replace(self, totals=(*totals, *self.totals))

    @property
    def differences(self) -> int:
        """Rows that differ plus totals that do not come out."""
        return sum(v.differing for v in self.verdicts) + sum(1 for t in self.totals if not t["agrees"])


@dataclass(frozen=True, slots=True)
class CompareTask:
    """One block of a group: the rows of one lineage file, which are the records of a run of bytes of the CSV."""

    comparisons: tuple[Comparison, ...]
    targets: tuple[str, ...]
    sources: dict[str, tuple[Path, Form, tuple[str, ...]]]
    csv: Path
    run: tuple[int, int]
    form: Form
    lineage: Path
    mark: Path


def reconcile_pass(
    context: Context, workers: Workers, outputs: list[Output], published: Path, folder: Path
) -> Reconciled:
    """Every signature proof of the plan on every table that feeds its group, and the records of every file."""
    tasks = [task for plan in context.plan.groups for task in _tasks(context, plan, outputs, published, folder)]
    found = []
    for result in workers.map(compare_rows, tasks):
        found += [
            Verdict(Comparison(**{**v["comparison"], "source_items": tuple(v["comparison"]["source_items"])}), v["table"],
                    v["compared"], v["differing"], tuple(v["records"]))
            for v in result["verdicts"]
        ]  # fmt: skip
    return Reconciled(tuple(reconcile.together(found)), _file_totals(context, outputs, published))


def _file_totals(context: Context, outputs: list[Output], published: Path) -> tuple[dict[str, Any], ...]:
    """Records counted in each published file against the rows that it should have."""
    totals = []
    for output in outputs:
        if output.kind == "csv":
            start = len(header_line(context.group(output.group).group, context.plan.layout.dialect))
            records = sum(ends.size for ends in reconcile.record_ends(published / output.file, start))
            totals.append(_agreement(f"{output.group}.records", output.records, records))
    return tuple(totals)


def _tasks(
    context: Context, plan: GroupPlan, outputs: list[Output], published: Path, folder: Path
) -> Iterator[CompareTask]:
    group = plan.group.group
    comparisons = tuple(
        Comparison(proof.group, item.name, proof.signature, proof.sources)
        for proof in context.plan.mapping.proofs
        if proof.proof == "signature" and proof.group == group and (item := plan.group.item(proof.target)) is not None
    )
    if not comparisons:
        return
    own = [output for output in outputs if output.group == group]
    csv_file = published / next(output.file for output in own if output.kind == "csv")
    lineage = [output for output in own if output.kind == "lineage"]
    dialect = context.plan.layout.dialect
    names = [item.name for item in plan.group.items]
    targets = tuple(sorted({names.index(comparison.target) for comparison in comparisons}))
    form = Form(dialect.encoding, ",", len(names), targets, blank_is_null=True)
    start = len(header_line(plan.group, dialect))
    places, _ = reconcile.cut(csv_file, start, [output.records for output in lineage])
    sources = _sources(context, plan, comparisons)
    for number, (output, run) in enumerate(zip(lineage, reconcile.runs(places), strict=True)):
        mark = folder / group / f"{number:05d}.json"
        yield CompareTask(
            comparisons,
            tuple(names[place] for place in targets),
            sources,
            csv_file,
            run,
            form,
            published / output.file,
            mark,
        )


def _sources(
    context: Context, plan: GroupPlan, comparisons: tuple[Comparison, ...]
) -> dict[str, tuple[Path, Form, tuple[str, ...]]]:
    """By table: its file, how it is read again, and the items that comparisons need of it."""
    items = dict.fromkeys(item for comparison in comparisons for item in comparison.source_items)
    found = {}
    for name in plan.tables:
        table = context.plan.legacy.table(name)
        if table is None:
            raise ValueError(f"table {name} was not checked by the compiler")
        at = {item.item: number for number, item in enumerate(table.items)}
        own = tuple(sorted((item for item in items if item in at), key=at.__getitem__))
        legacy = context.plan.legacy
        form = Form(legacy.charset, legacy.csv.delimiter, len(table.items), tuple(at[item] for item in own))
        found[name] = (context.inputs[name].path, form, own)
    return found


def compare_rows(task: CompareTask) -> dict[str, Any]:
    """Compare one block in whatever process this is."""

    def work() -> dict[str, Any]:
        lineage = pl.read_parquet(task.lineage, columns=["table", "record", "offset_bytes"])
        target = reconcile.read_range(task.csv, *task.run, task.form)
        names = {f"c{place}": target_column(name) for place, name in zip(task.form.wanted, task.targets, strict=True)}
        target = target.rename_columns([names[name] for name in target.column_names])
        # Rows that are missing or too many are a difference of counts; what is there is compared all the same.
        lineage = lineage.head(target.num_rows)
        verdicts: list[Verdict] = []
        for (table,), rows in lineage.with_row_index("at").group_by(["table"], maintain_order=True):
            cells = _source_cells(task, str(table), rows["offset_bytes"].to_numpy().astype(np.int64))
            block = target.take(pa.array(rows["at"].to_numpy())) if rows.height < target.num_rows else target
            columns = {name: block.column(name) for name in block.column_names} | cells
            columns |= {"table": pa.array([table] * rows.height), "record": rows["record"].to_arrow()}
            verdicts += reconcile.compare_block(task.comparisons, pa.table(columns))
        return {"verdicts": [asdict(verdict) for verdict in verdicts]}

    return once(task.mark, work)


def _source_cells(task: CompareTask, table: str, offsets: np.ndarray[Any, Any]) -> dict[str, pa.ChunkedArray]:
    """The cells of the records behind some rows; an item that the table does not have is blank."""
    path, form, items = task.sources[table]
    order = np.argsort(offsets, kind="stable")
    cells = reconcile.read_at(path, offsets[order], form)
    back = pa.array(np.argsort(order))
    wanted = {item for comparison in task.comparisons for item in comparison.source_items}
    found = {source_column(item): pa.repeat("", len(offsets)) for item in wanted}
    for item, name in zip(items, cells.column_names, strict=True):
        found[source_column(item)] = cells.column(name).take(back)
    return found


def count_totals(
    context: Context, tables: list[dict[str, Any]], groups: list[dict[str, Any]]
) -> tuple[dict[str, Any], ...]:
    """Every control total of the plan."""
    return tuple(_total(total, tables, groups) for total in context.plan.totals)


def _total(total: Any, tables: list[dict[str, Any]], groups: list[dict[str, Any]]) -> dict[str, Any]:
    """A count total: records used of the source tables against rows accepted and rejected of the group."""
    source = sum(int(entry["used"]) for entry in tables if entry["table"] in total.tables)
    target = next(int(g["accepted"]) + int(g["rejected"]) for g in groups if g["group"] == total.group)
    return _agreement(total.total, source, target)


def _agreement(total: str, source: int, target: int) -> dict[str, Any]:
    return {"total": total, "source": source, "target": target, "agrees": source == target}
