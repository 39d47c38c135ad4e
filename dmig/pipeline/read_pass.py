"""Pass 1: legacy files, block by block, to staged text with row identity; what is refused is kept with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from dmig.converters.cells import encode
from dmig.model.legacy import LegacyTable
from dmig.model.reports import FINDING, REJECT, ROOT, empty_reports, reports
from dmig.pipeline import worker
from dmig.pipeline.context import Context
from dmig.pipeline.tasks import Workers, once
from dmig.sources.opening import open_source
from dmig.sources.port import Block, Controls, ReadFault
from dmig.store.parts import EncodedParts, Parts

#: What was refused at read, with its raw bytes and rescued keys; protected.
REFUSED = {"record": pl.UInt64, "offset_bytes": pl.UInt64, "code": pl.String, "raw": pl.Binary, "keys": pl.String}


@dataclass(frozen=True, slots=True)
class ReadTask:
    """One block of one table's file."""

    table: str
    file: Path
    block: Block
    folder: Path


@dataclass(frozen=True, slots=True)
class Staged:
    """The staged parts of one table: rows per part, counts of the file; `controls` by block where it answers for the file."""

    table: str
    folder: Path
    heights: tuple[int, ...]
    records: int
    refused: int
    controls: tuple[Controls, ...] = ()

    @property
    def parts(self) -> EncodedParts:
        """The frames."""
        return EncodedParts(self.folder / "rows")

    @property
    def reports(self) -> Parts:
        """What read has to say."""
        return Parts(self.folder / "reports")

    @property
    def refused_records(self) -> Parts:
        """The refused records with raw bytes and rescued keys."""
        return Parts(self.folder / "refused")

    @property
    def starts(self) -> list[int]:
        """Ordinal of the first row of each part in the table."""
        return [sum(self.heights[:n]) for n in range(len(self.heights))]


def read_pass(context: Context, workers: Workers, folder: Path) -> dict[str, Staged]:
    """Stage every table's file; tables that stand in one file share its blocks."""
    staged, blocks = {}, dict[str, list[Block]]()
    for table in context.plan.legacy.tables:
        place = folder / table.table
        done = list(workers.map(read_block, _tasks(context, table, place, blocks)))
        staged[table.table] = Staged(
            table=table.table,
            folder=place,
            heights=tuple(int(result["rows"]) for result in done),
            records=sum(int(result["records"]) for result in done),
            refused=sum(int(result["refused"]) for result in done),
            controls=tuple(_controls(result["controls"]) for result in done if result["controls"]),
        )
    return staged


def _tasks(context: Context, table: LegacyTable, folder: Path, known: dict[str, list[Block]]) -> Iterator[ReadTask]:
    """The table's blocks as they are cut; those of a file that holds other tables too are cut once."""
    path, legacy = context.inputs[table.table].path, context.plan.legacy
    shared = len(legacy.tables_of(table.file)) > 1
    if table.file in known:
        yield from (ReadTask(table.table, path, block, folder) for block in known[table.file])
        return
    for block in open_source(legacy, table.table, path, context.plan.block_bytes).blocks():
        if shared:
            known.setdefault(table.file, []).append(block)
        yield ReadTask(table.table, path, block, folder)


def read_block(task: ReadTask) -> dict[str, Any]:
    """Read one block in whatever process this is."""

    def work() -> dict[str, Any]:
        plan = worker.current().plan
        staged = open_source(plan.legacy, task.table, task.file, plan.block_bytes).read(task.block)
        index = task.block.index
        EncodedParts(task.folder / "rows").write(index, encode(staged.frame))
        said = [*((REJECT, fault) for fault in staged.rejects), *((FINDING, fault) for fault in staged.findings)]
        Parts(task.folder / "reports").write(index, _reports(task.table, said))
        Parts(task.folder / "refused").write(index, _refused(staged.rejects))
        controls = asdict(staged.controls) if staged.controls else None
        return {
            "rows": staged.frame.height,
            "records": staged.records,
            "refused": len(staged.rejects),
            "controls": controls,
        }

    return once(task.folder / f"{task.block.index:05d}.json", work)


def _controls(stored: dict[str, Any]) -> Controls:
    """Controls as they were stored."""
    return Controls(**stored | {"stated": tuple((item, count) for item, count in stored["stated"])})


def _reports(table: str, said: list[tuple[str, ReadFault]]) -> pl.DataFrame:
    if not said:
        return empty_reports()
    rows = pl.DataFrame(
        [
            {"severity": severity, "code": f.code, "record": f.record, "source_item": f.item,
             "offset_bytes": f.offset_bytes if f.place_bytes is None else f.place_bytes}
            for severity, f in said
        ]
    )  # fmt: skip
    return reports(rows, kind=ROOT, stage="read", table=table)


def _refused(rejects: tuple[ReadFault, ...]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "record": [fault.record for fault in rejects],
            "offset_bytes": [fault.offset_bytes for fault in rejects],
            "code": [fault.code for fault in rejects],
            "raw": [fault.raw for fault in rejects],
            "keys": [json.dumps(fault.keys, sort_keys=True) for fault in rejects],
        },
        schema=REFUSED,
    )
