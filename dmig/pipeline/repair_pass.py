"""Pass 1b: what staff decided finds its records by key; new values come out as cells to be laid over the raw text.

A decision whose record is gone, stands twice or holds another value than when it was made lapses, and says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from dmig.model.repairs import Decision, Treatment, keyed_hash, record_text
from dmig.model.reports import FINDING, NOWHERE, ROOT, empty_reports, reports
from dmig.pipeline.context import Context
from dmig.pipeline.overlay import APPLIED, DECIDED, LAID, LAPSED, OPEN, UNAPPROVED, Overlay, Repaired
from dmig.pipeline.read_pass import Staged
from dmig.pipeline.tasks import Workers, once
from dmig.sources.port import OFFSET, RECORD
from dmig.store.private import make_private, written_aside

#: Why a decision is not carried out: record gone, several with the key, another value by now, nobody stands for it.
GONE, SEVERAL, CHANGED, UNAPPROVED_CODE = "RPR001", "RPR002", "RPR003", "RPR004"
NUMBER = "__number"


@dataclass(frozen=True, slots=True)
class Place:
    """A record that has the key of a decision, with the keyed hash of what the decision speaks of."""

    part: int
    row: int
    record: int
    offset_bytes: int
    hash: str


@dataclass(frozen=True, slots=True)
class SeekTask:
    """The decisions about one table, looked for in one staged part."""

    staged: Staged
    index: int
    keys: tuple[str, ...]
    wanted: tuple[tuple[int, tuple[str, ...], str], ...] = field(repr=False)
    secret: bytes = field(repr=False)
    mark: Path


def repair_pass(context: Context, workers: Workers, staged: dict[str, Staged], folder: Path) -> Repaired:
    """Find the records of all decisions; write the repaired cells and the findings about lapsed decisions."""
    decisions = context.plan.repairs.decisions
    places: dict[int, list[Place]] = {number: [] for number in range(len(decisions))}
    tasks = list(_tasks(context, staged, folder))
    for task, found in zip(tasks, workers.map(seek, tasks), strict=True):
        for number, *place in found["found"]:
            places[number].append(Place(task.index, *place))
    for number, place in _among_refused(context, staged):
        places[number].append(place)
    fates = [_fate(decision, places[number]) for number, decision in enumerate(decisions)]
    rows = [_row(number, decision, *fates[number]) for number, decision in enumerate(decisions)]
    decided = pl.DataFrame(rows, schema=DECIDED, orient="row")
    make_private(folder)
    laid = _laid(decided, decisions)
    with written_aside(folder / "laid.arrow", durable=False) as aside:
        laid.write_ipc(aside)
    with written_aside(folder / "reports.arrow", durable=False) as aside:
        _reports(decided).write_ipc(aside)
    context.overlay = Overlay(folder / "laid.arrow") if laid.height else None
    return Repaired(decided, folder / "reports.arrow")


def is_sought(decision: Decision) -> bool:
    """Whether a decision needs its record: what nobody stands for and what stays open does not."""
    return decision.approved and decision.treatment is not Treatment.FIX_AT_SOURCE


def _tasks(context: Context, staged: dict[str, Staged], folder: Path) -> Iterator[SeekTask]:
    for table in context.plan.legacy.tables:
        wanted = tuple(
            (number, decision.key, decision.item)
            for number, decision in enumerate(context.plan.repairs.decisions)
            if decision.table == table.table and is_sought(decision)
        )
        own = staged[table.table]
        for index in range(len(own.heights)) if wanted else ():
            mark = folder / "found" / table.table / f"{index:05d}.json"
            yield SeekTask(own, index, table.keys, wanted, context.secret, mark)


def seek(task: SeekTask) -> dict[str, Any]:
    """The records of one part that have the key of a decision; in whatever process this is."""

    def work() -> dict[str, Any]:
        parts, keys = task.staged.parts, list(task.keys)
        wanted = pl.DataFrame(
            [(number, *key) for number, key, _ in task.wanted],
            schema={NUMBER: pl.UInt32, **dict.fromkeys(keys, pl.String)}, orient="row",
        )  # fmt: skip
        rows = parts.read(task.index, keys).with_columns(pl.col(keys).fill_null("")).with_row_index("row")
        hits = rows.join(wanted, on=keys, how="inner").sort(NUMBER, "row").select(NUMBER, "row")
        if not hits.height:
            return {"found": []}
        items = {number: item for number, _, item in task.wanted}
        cells = parts.read(task.index)[hits["row"].to_list()]
        names = [name for name in cells.columns if name not in (RECORD, OFFSET)]
        found = []
        for (number, row), record in zip(hits.iter_rows(), cells.iter_rows(named=True), strict=True):
            raw = record[items[number]] or "" if items[number] else record_text(record[name] for name in names)
            found.append([number, row, record[RECORD], record[OFFSET], keyed_hash(task.secret, raw)])
        return {"found": found}

    return once(task.mark, work)


def _among_refused(context: Context, staged: dict[str, Staged]) -> Iterator[tuple[int, Place]]:
    """Records that read refused, as far as their keys could be rescued; the hash is that of their bytes."""
    wanted: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for number, decision in enumerate(context.plan.repairs.decisions):
        if is_sought(decision):
            wanted.setdefault((decision.table, decision.key), []).append(number)
    for table in sorted({table for table, _ in wanted}):
        layout = context.plan.legacy.table(table)
        for frame in staged[table].refused_records.frames():
            for row in frame.iter_rows(named=True):
                rescued = json.loads(row["keys"])
                key = tuple(rescued.get(name, "") for name in layout.keys) if layout else ()
                for number in wanted.get((table, key), ()):
                    told = keyed_hash(context.secret, row["raw"])
                    yield number, Place(NOWHERE, NOWHERE, row["record"], row["offset_bytes"], told)


def _fate(decision: Decision, found: list[Place]) -> tuple[str, str, Place]:
    """State, code of the finding, and the record that a report can name."""
    nowhere = Place(NOWHERE, NOWHERE, 0, 0, "")
    if decision.treatment is Treatment.FIX_AT_SOURCE:
        return OPEN, "", nowhere
    if not decision.approved:
        return UNAPPROVED, UNAPPROVED_CODE, nowhere
    if not found:
        return LAPSED, GONE, nowhere
    if len(found) > 1:
        return LAPSED, SEVERAL, found[0]
    unread = decision.treatment is Treatment.REPAIR and found[0].part == NOWHERE
    if found[0].hash != decision.old_hash or unread:
        return LAPSED, CHANGED, found[0]
    return APPLIED, "", found[0]


def _row(number: int, decision: Decision, state: str, why: str, place: Place) -> tuple[object, ...]:
    return (
        number, decision.treatment.value, decision.table, decision.item, decision.code, state, why,
        place.part, place.row, place.record, place.offset_bytes,
    )  # fmt: skip


def _laid(decided: pl.DataFrame, decisions: tuple[Decision, ...]) -> pl.DataFrame:
    """The cells of applied repairs; a blank new value is null, as a blank cell is."""
    values = pl.Series("value", [decision.new_value or None for decision in decisions], pl.String)
    repairs = decided.with_columns(values).filter(
        pl.col("treatment") == Treatment.REPAIR.value, pl.col("state") == APPLIED
    )
    return repairs.select(*LAID).unique(["table", "part", "row", "item"], keep="first", maintain_order=True)


def _reports(decided: pl.DataFrame) -> pl.DataFrame:
    """One finding per decision that is not carried out."""
    silent = decided.filter(pl.col("why") != "")
    if not silent.height:
        return empty_reports()
    told = silent.select(
        "table", "record", "offset_bytes", pl.col("why").alias("code"), pl.col("item").alias("source_item")
    )
    return reports(told, kind=ROOT, severity=FINDING, stage="repair")
