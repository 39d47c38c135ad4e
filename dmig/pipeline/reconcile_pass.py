"""Pass 9: source and target read again, block by block; signatures and counts compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from dmig.pipeline.context import Context
from dmig.pipeline.narrow import start_tables
from dmig.pipeline.population_pass import NOBODY, Populations
from dmig.pipeline.rereading import Source, corrected_sources, form_again
from dmig.pipeline.roundtrips import inverses_of, round_trips
from dmig.pipeline.sum_totals import BlockSums, sum_totals, sums_of
from dmig.pipeline.tasks import Workers, once
from dmig.pipeline.write_pass import Output
from dmig.plan.nouns import GroupPlan, Plan
from dmig.plan.totals import COUNT
from dmig.stages import reconcile
from dmig.stages.reconcile import Comparison, Form, Sum, Verdict, source_column, target_column
from dmig.stages.write import header_line

#: What a verdict about lost rows is of.
KEYS = "keys"
#: Cells of source and target that are compared at a time: blocks have many short records, or wide ones.
CELLS_AT_ONCE = 2_500_000


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Verdicts of all comparisons and totals."""

    verdicts: tuple[Verdict, ...]
    totals: tuple[dict[str, Any], ...]
    populations: Populations = NOBODY

    def with_totals(self, totals: tuple[dict[str, Any], ...]) -> Reconciled:
        """The same with more totals."""
        return replace(self, totals=(*totals, *self.totals))

    @property
    def differences(self) -> int:
        """Rows that differ plus totals, keys and references that do not come out."""
        totals = sum(1 for total in self.totals if not total["agrees"])
        return sum(v.differing for v in self.verdicts) + totals + self.populations.differences


@dataclass(frozen=True, slots=True)
class Proofs:
    """What is compared in a group, and what staff decided about codes and glyphs, read apart from the plan."""

    comparisons: tuple[Comparison, ...]
    glyphs: tuple[tuple[str, str], ...]
    folders: tuple[Path, ...]
    inverses: tuple[Comparison, ...] = ()
    sums: tuple[Sum, ...] = ()

    @property
    def source_items(self) -> dict[str, None]:
        """Legacy items that any of the proofs reads, in the order in which they come."""
        sources = [source for each in (*self.comparisons, *self.inverses) for source in each.sources]
        sources += [source for each in self.sums for source in each.sources]
        return dict.fromkeys(reconcile.source_item(source) for source in sources)

    @property
    def target_items(self) -> set[str]:
        """Standard items that any of the proofs reads."""
        found = {item for each in (*self.comparisons, *self.inverses) for item in each.read_targets}
        return found | {item for each in self.sums for item in each.targets}


@dataclass(frozen=True, slots=True)
class CompareTask:
    """One block of a group: the rows of one lineage file, which are the records of a run of bytes of the CSV."""

    group: str
    proofs: Proofs
    targets: tuple[str, ...]
    sources: dict[str, Source]
    csv: Path
    run: tuple[int, int]
    form: Form
    lineage: Path
    mark: Path
    unit: str
    rows: list[int] | None = None


@dataclass(frozen=True, slots=True)
class ScanTask:
    """One published file, to be cut into runs of records as long as its lineage files."""

    csv: Path
    start: int
    heights: tuple[int, ...]


def scan_file(task: ScanTask) -> dict[str, Any]:
    """Where the runs of records lie, and how many records there are."""
    places, records = reconcile.cut(task.csv, task.start, task.heights)
    return {"places": places, "records": records}


@dataclass(frozen=True, slots=True)
class AlignTask:
    """One published file that has not as many records as it should: by which key its rows are found again."""

    scan: ScanTask
    form: Form
    unit: str
    sources: dict[str, Source]
    lineage: tuple[Path, ...]


def align_file(task: AlignTask) -> dict[str, Any]:
    """Where the runs of records lie after rows were lost or added, and where each row stands in its run."""
    expected: list[str | None] = []
    for path in task.lineage:
        lineage = pl.read_parquet(path, columns=["table", "offset_bytes"])
        keys = pl.Series([None] * lineage.height, dtype=pl.String)
        for (table,), rows in lineage.with_row_index("at").group_by(["table"], maintain_order=True):
            cells = task.sources[str(table)].cells(rows["offset_bytes"].to_numpy().astype(np.int64))
            own = pl.Series(cells[source_column(task.unit)].to_pylist(), dtype=pl.String).str.strip_chars(" \u3000")
            keys = keys.scatter(rows["at"], own)
        expected += keys.to_list()
    end = task.scan.csv.stat().st_size
    found = reconcile.read_range(task.scan.csv, task.scan.start, end, task.form).column(0).to_pylist()
    windows = reconcile.in_windows(reconcile.align(expected, found), task.scan.heights)
    places, _ = reconcile.cut(task.scan.csv, task.scan.start, [height for height, _ in windows])
    return {"places": places, "records": len(found), "rows": [places.tolist() for _, places in windows]}


def reconcile_pass(
    context: Context, workers: Workers, outputs: list[Output], published: Path, folder: Path
) -> Reconciled:
    """Every signature proof of the plan on every table that feeds its group, and the records of every file."""
    context.corrected = context.corrected or corrected_sources(context, workers)
    plans = {plan.group.group: plan for plan in context.plan.groups}
    files = {output.group: output for output in outputs if output.kind == "csv"}
    lineage = {name: [o for o in outputs if o.group == name and o.kind == "lineage"] for name in files}
    scans = [
        ScanTask(published / output.file, len(header_line(plans[name].group, context.plan.layout.dialect)),
                 tuple(piece.records for piece in lineage[name]))
        for name, output in files.items()
    ]  # fmt: skip
    scanned = dict(zip(files, workers.map(scan_file, scans), strict=True))
    totals = tuple(_agreement(f"{n}.records", files[n].records, int(scanned[n]["records"])) for n in files)
    for name, scan in zip(files, scans, strict=True):
        paths = tuple(published / piece.file for piece in lineage[name])
        if scanned[name]["records"] != sum(scan.heights) and (task := _align(context, plans[name], scan, paths)):
            scanned[name] = next(iter(workers.map(align_file, [task])))
    tasks: list[CompareTask] = []
    for name, output in files.items():
        runs = reconcile.runs(scanned[name]["places"])
        rows = scanned[name].get("rows") or [None] * len(runs)
        blocks = list(zip(runs, (published / piece.file for piece in lineage[name]), rows, strict=True))
        tasks += _tasks(context, plans[name], published / output.file, blocks, folder)
    sums: list[dict[str, list[int]]] = []

    def verdicts() -> Iterator[Verdict]:
        for result in workers.map(compare_rows, tasks):
            sums.append(result["sums"])
            yield from map(_verdict, result["verdicts"])

    found = tuple(reconcile.together(verdicts()))
    return Reconciled(found, (*sum_totals(context.plan.totals, sums), *totals))


def _align(context: Context, plan: GroupPlan, scan: ScanTask, lineage: tuple[Path, ...]) -> AlignTask | None:
    """How the rows of a group are found again: by the signature of the item that makes its units."""
    unit = plan.group.unit
    own = [c for c in comparisons_of(context.plan, plan.group.group) if c.targets == (unit,) and c.name == "exact"]
    if not own:
        return None
    place = next(n for n, item in enumerate(plan.group.items) if item.item == unit)
    form = Form(context.plan.layout.dialect.encoding, ",", len(plan.group.items), (place,), blank_is_null=True)
    return AlignTask(scan, form, own[0].sources[0], _sources(context, plan, dict.fromkeys(own[0].sources)), lineage)


def _verdict(stored: dict[str, Any]) -> Verdict:
    """A verdict from what a block's mark holds."""
    group, kind, name, targets, sources, args = stored["comparison"]
    comparison = Comparison(group, kind, name, tuple(targets), tuple(sources), tuple((n, value) for n, value in args))
    pairs = {(tuple(sources), tuple(targets)): int(count) for sources, targets, count in stored["pairs"]}
    wrong = {(tuple(sources), tuple(targets)) for sources, targets in stored["wrong"]}
    return Verdict(
        comparison,
        stored["table"],
        stored["compared"],
        stored["classes"],
        stored["records"],
        pairs,
        wrong,
        stored["apart"],
        stored["repaired"],
    )


def _stored(verdict: Verdict) -> dict[str, Any]:
    """What a block's mark holds; it stays in the protected folder."""
    own = verdict.comparison
    return {
        "comparison": [own.group, own.kind, own.name, own.targets, own.sources, own.args],
        "table": verdict.table, "compared": verdict.compared, "apart": verdict.apart,
        "repaired": verdict.repaired, "classes": verdict.classes,
        "records": verdict.records,
        "pairs": [[*pair, count] for pair, count in verdict.pairs.items()],
        "wrong": sorted(([*pair] for pair in verdict.wrong), key=str),
    }  # fmt: skip


def comparisons_of(plan: Plan, group: str) -> tuple[Comparison, ...]:
    """The proofs of a group that compare source with target."""
    return tuple(
        Comparison(
            group,
            proof.proof,
            proof.signature,
            proof.targets,
            proof.sources,
            proof.args,
        )
        for proof in plan.mapping.proofs
        if proof.group == group and proof.proof in (reconcile.SIGNATURE, reconcile.FUNCTION)
    )


def _tasks(
    context: Context,
    plan: GroupPlan,
    csv_file: Path,
    blocks: list[tuple[tuple[int, int], Path, list[int] | None]],
    folder: Path,
) -> Iterator[CompareTask]:
    group = plan.group.group
    comparisons, sums = comparisons_of(context.plan, group), sums_of(context.plan, group)
    inverses = inverses_of(context.plan, group)
    if not (comparisons or inverses or sums):
        return
    glyphs = tuple((glyph.pua, glyph.written) for glyph in context.plan.mapping.glyphs)
    proofs = Proofs(comparisons, glyphs, context.mapping_folders, inverses, sums)
    wanted = proofs.target_items
    places = tuple(number for number, item in enumerate(plan.group.items) if item.item in wanted)
    form = Form(context.plan.layout.dialect.encoding, ",", len(plan.group.items), places, blank_is_null=True)
    sources = _sources(context, plan, proofs.source_items)
    targets = tuple(plan.group.items[place].item for place in places)
    for number, (run, lineage, rows) in enumerate(blocks):
        mark = folder / group / f"{number:05d}.json"
        yield CompareTask(group, proofs, targets, sources, csv_file, run, form, lineage, mark, plan.group.unit, rows)


def _sources(context: Context, plan: GroupPlan, items: dict[str, None]) -> dict[str, Source]:
    """By table: its file, how it is read again, and the items that are needed of it."""
    found = {}
    for name in plan.tables or start_tables(context, plan, with_lookups=False):
        table = context.plan.legacy.table(name)
        if table is None:
            raise ValueError(f"table {name} was not checked by the compiler")
        at = {item.item: number for number, item in enumerate(table.items)}
        own = tuple(sorted((item for item in items if item in at), key=at.__getitem__))
        form = form_again(context.plan.legacy, table, [at[item] for item in own])
        found[name] = Source(context.inputs[name].path, form, own, context.corrected.get(name, {}))
    return found


def compare_rows(task: CompareTask) -> dict[str, Any]:
    """Compare one block in whatever process this is."""
    wanted = task.proofs.source_items

    def work() -> dict[str, Any]:
        lineage = pl.read_parquet(task.lineage, columns=["table", "record", "offset_bytes"])
        target = reconcile.read_range(task.csv, *task.run, task.form)
        target = target.rename_columns([target_column(item) for item in task.targets])
        verdicts: list[Verdict] = []
        sums, lost = BlockSums(task.proofs.sums, target), lineage.clear()
        if task.rows is not None:
            there = pl.Series(task.rows, dtype=pl.Int64)
            lost = lineage.filter(there < 0)
            verdicts += _missing(task, lost)
            lineage, target = lineage.filter(there >= 0), target.take(pa.array(there.filter(there >= 0).to_numpy()))
        # Rows that cannot be found again are a difference of counts; what is there is compared all the same.
        lineage = lineage.head(target.num_rows)
        comparer = reconcile.Comparer(
            task.proofs.comparisons, task.proofs.glyphs, reconcile.read_code_tables(task.proofs.folders)
        )
        at_once = max(1, CELLS_AT_ONCE // (len(wanted) + len(task.targets)))
        for (table,), own in lineage.with_row_index("at").group_by(["table"], maintain_order=True):
            for rows in own.iter_slices(at_once):
                offsets = rows["offset_bytes"].to_numpy().astype(np.int64)
                cells = {source_column(item): pa.repeat("", len(offsets)) for item in wanted}
                cells |= task.sources[str(table)].cells(offsets)
                sums.records(str(table), cells, offsets)
                block = target.take(pa.array(rows["at"].to_numpy())) if rows.height < target.num_rows else target
                columns = {name: block.column(name) for name in block.column_names} | cells
                whole = pa.table(columns | {"record": rows["record"].to_arrow()})
                said = [*comparer.compare(str(table), whole), *round_trips(task.group, str(table), whole)]
                verdicts += task.sources[str(table)].note_repaired(said, offsets)
        sums.lost(task.sources, lost)
        return {"verdicts": [_stored(verdict) for verdict in verdicts], "sums": sums.stored()}

    return once(task.mark, work)


def _missing(task: CompareTask, lost: pl.DataFrame) -> list[Verdict]:
    """Records whose row is not in the published file."""
    if not lost.height:
        return []
    return [
        Verdict(Comparison(task.group, KEYS, "", (task.unit,), ()), str(table), rows.height, {"missing": rows.height},
                rows["record"].head(1000).to_list())
        for (table,), rows in lost.group_by(["table"], maintain_order=True)
    ]  # fmt: skip


def count_totals(
    context: Context, tables: list[dict[str, Any]], groups: list[dict[str, Any]]
) -> tuple[dict[str, Any], ...]:
    """Every control total of the plan that counts."""
    return tuple(_total(total, tables, groups) for total in context.plan.totals if total.kind == COUNT)


def _total(total: Any, tables: list[dict[str, Any]], groups: list[dict[str, Any]]) -> dict[str, Any]:
    """A count total: records used of the source tables against rows accepted and rejected of the group."""
    source = sum(int(entry["used"]) for entry in tables if entry["table"] in total.tables)
    target = next(int(g["accepted"]) + int(g["rejected"]) for g in groups if g["group"] == total.group)
    return _agreement(total.total, source, target)


def _agreement(total: str, source: int, target: int) -> dict[str, Any]:
    return {"total": total, "source": source, "target": target, "agrees": source == target}
