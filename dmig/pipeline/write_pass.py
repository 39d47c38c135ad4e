"""Pass 7: accepted rows to their published forms, part by part, then one CSV per group; nothing is published here."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from dmig.model.layout import CsvDialect, Group
from dmig.pipeline import worker
from dmig.pipeline.context import Context
from dmig.pipeline.convert_pass import ConvertedGroup
from dmig.pipeline.judge_pass import JudgedGroup
from dmig.pipeline.overlay import Overlay
from dmig.pipeline.rows import IDENTITY, StandardRows
from dmig.pipeline.shape_pass import ShapedPart
from dmig.pipeline.tasks import Workers, once
from dmig.plan.nouns import GroupPlan
from dmig.sources.port import OFFSET, RECORD
from dmig.stages import reduce, write
from dmig.steps.contract import TABLE
from dmig.store.parts import Parts
from dmig.store.private import make_private, read_json, write_json, written_aside

#: Folder of the files with the forms of cells within JIS X 0213, and their kind among the outputs.
SUBSTITUTES = "substitutes"


@dataclass(frozen=True, slots=True)
class WriteTask:
    """One part of one group on its way out."""

    group: str
    part: ShapedPart
    sources: tuple[tuple[str, str], ...]
    rows: StandardRows
    judged: Path
    folder: Path
    dialect: CsvDialect
    overlay: Overlay | None = None
    reductions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """One file ready to be published, named below the generation's folder."""

    file: str
    sha256: str
    records: int
    group: str
    kind: str


def write_pass(
    context: Context,
    workers: Workers,
    converted: dict[str, ConvertedGroup],
    judged: dict[str, JudgedGroup],
    folder: Path,
) -> list[Output]:
    """Write every group below `folder/published`."""
    outputs: list[Output] = []
    for name, group in converted.items():
        outputs += _write_group(context, workers, group, judged[name], folder)
    return outputs


def _write_group(
    context: Context, workers: Workers, group: ConvertedGroup, judged: JudgedGroup, folder: Path
) -> list[Output]:
    mark = folder / f"{group.group}.json"
    if mark.exists():
        return [Output(**entry) for entry in read_json(mark)]
    layout = context.plan.layout
    plan = context.group(group.group).group
    dialect = layout.dialect
    sources = tuple((t.table, context.inputs[t.table].path.name) for t in context.plan.legacy.tables)
    reductions = tuple(context.plan.mapping.reductions.items()) if reduce.reducible(plan) else ()
    tasks = [
        WriteTask(group.group, part, sources, group.rows, judged.folder, folder, dialect, context.overlay, reductions)
        for part in group.parts
    ]
    published = make_private(folder / "published")
    name = dialect.file_name.format(group=plan.group, name=plan.name, national_id=layout.national_id)
    done: list[dict[str, Any]] = []

    def csv_parts() -> Iterator[Path]:
        """The parts in order; each is joined while workers write the next ones."""
        for task, result in zip(tasks, workers.map(write_part, tasks), strict=True):
            done.append(result)
            yield folder / "csv" / group.group / f"{task.part.index:05d}.csv"

    with written_aside(published / name) as aside:
        sha256 = write.join_files(write.header_line(plan, dialect), csv_parts(), aside)
    records = sum(int(result["records"]) for result in done)
    outputs = [Output(name, sha256, records, group.group, "csv")]
    if tasks and tasks[0].reductions:
        outputs.append(_join_reduced(plan, dialect, folder, name, sum(int(result["reduced"]) for result in done)))
    for result in done:
        outputs += [Output(**entry) for entry in result["outputs"]]
    write_json(mark, [asdict(output) for output in outputs])
    for forms in ("csv", SUBSTITUTES):
        shutil.rmtree(folder / forms / group.group, ignore_errors=True)
    return outputs


def _join_reduced(plan: Group, dialect: CsvDialect, folder: Path, name: str, records: int) -> Output:
    """The file of cells that have another form within JIS X 0213, beside that of the group."""
    file = f"{SUBSTITUTES}/{name}"
    path = folder / "published" / file
    make_private(path.parent)
    parts = sorted((folder / SUBSTITUTES / plan.group).glob("*.csv"))
    with written_aside(path) as aside:
        sha256 = write.join_files(write.heading_line(reduce.headings(plan), dialect), parts, aside)
    return Output(file, sha256, records, plan.group, SUBSTITUTES)


def write_part(task: WriteTask) -> dict[str, Any]:
    """Write one part in whatever process this is."""

    def work() -> dict[str, Any]:
        index = task.part.index
        plan = worker.current().plan.group(task.group)
        items = [item.item for item in plan.group.items]
        accepted = ~Parts(task.judged / "rejected").read(index)["rejected"]
        rows = task.rows.read(index, (*IDENTITY, *items), accepted)
        csv_folder = make_private(task.folder / "csv" / task.group)
        with written_aside(csv_folder / f"{index:05d}.csv") as aside:
            write.write_csv_part(rows.select(items), task.dialect, aside)
        cells = _write_reduced(task, plan.group, rows) if task.reductions else 0
        lineage = rows.select(
            pl.Series("table", [table for table, _ in task.sources], pl.String)[rows[TABLE].to_list()],
            pl.Series("file", [file for _, file in task.sources], pl.String)[rows[TABLE].to_list()],
            pl.col(RECORD).alias("record"),
            pl.col(OFFSET).alias("offset_bytes"),
        )
        lineage = lineage.with_columns(_repaired(task.overlay, lineage, plan).alias("repaired"))
        outputs = []
        for kind, frame in (("parquet", rows.select(items)), ("lineage", lineage)):
            file = f"{kind}/{task.group}/{index:05d}.parquet"
            path = task.folder / "published" / file
            make_private(path.parent)
            with written_aside(path) as aside:
                write.write_parquet(frame, aside)
            outputs.append(
                {"file": file, "sha256": write.file_sha256(path), "records": rows.height, "group": task.group,
                 "kind": kind}
            )  # fmt: skip
        return {"records": rows.height, "reduced": cells, "outputs": outputs}

    return once(task.folder / "marks" / task.group / f"{task.part.index:05d}.json", work)


def _write_reduced(task: WriteTask, group: Group, rows: pl.DataFrame) -> int:
    """Cells of a part that have another form within JIS X 0213, and how many."""
    cells = reduce.reduced(rows, group, dict(task.reductions))
    place = make_private(task.folder / SUBSTITUTES / task.group) / f"{task.part.index:05d}.csv"
    with written_aside(place) as aside:
        write.write_csv_part(cells, task.dialect, aside)
    return cells.height


def _repaired(overlay: Overlay | None, lineage: pl.DataFrame, plan: GroupPlan) -> pl.Series:
    """Per row the source items that staff repaired and the group reads, joined by blanks; null for none."""
    if overlay is None:
        return pl.Series([None], dtype=pl.String).new_from_index(0, lineage.height)
    return overlay.repaired_items(lineage, {name: number for number, name in enumerate(plan.read_items)})
