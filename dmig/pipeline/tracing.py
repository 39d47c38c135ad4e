"""One record through every stage of a stored run: from bytes to published rows, and why it stopped where it did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from dmig.converters.cells import Cells
from dmig.converters.registry import builtin
from dmig.pipeline import worker
from dmig.pipeline.leaving import LEFT
from dmig.pipeline.lookup import StoredRun
from dmig.pipeline.overlay import LAID, Overlay
from dmig.pipeline.shape_pass import ShapedPart, load_shaped
from dmig.plan.nouns import GroupPlan, Plan
from dmig.sources.port import OFFSET, RECORD
from dmig.store.parts import EncodedParts, Parts


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One thing that a stage made of the record. `item` is its id, `value` its text; both may be blank for a note."""

    stage: str
    group: str
    item: str
    value: str
    note: str = ""


def records_of_unit(stored: StoredRun, plan: Plan, key: str) -> list[tuple[str, int]]:
    """Every staged record whose first key item holds `key`, as (table, record)."""
    found = []
    for table in plan.legacy.tables:
        if not table.keys:
            continue
        for frame in EncodedParts(stored.protected / "read" / table.table / "rows").frames((RECORD, table.keys[0])):
            rows = frame.filter(pl.col(table.keys[0]).str.strip_chars() == key)
            found += [(table.table, int(record)) for record in rows[RECORD]]
    return found


def trace(stored: StoredRun, plan: Plan, table: str, record: int) -> Iterator[TraceLine]:
    """What each stage made of one record."""
    worker.prepare(plan, builtin)
    place = _staged_row(stored.protected / "read" / table, record)
    if place is None:
        raw = stored.record(table, record)
        yield TraceLine("read", "", "raw", raw.get("raw") or "", "refused" if raw else "no such record")
        yield from _reports(stored, table, record, "")
        return
    part, row, values = place
    yield TraceLine("read", "", RECORD, str(record), f"byte {values[OFFSET]}")
    for name, value in values.items():
        if name not in (RECORD, OFFSET):
            yield TraceLine("read", "", name, value or "")
    for entry in _laid(stored, table, record).iter_rows(named=True):
        yield TraceLine("repair", "", entry["item"], entry["value"] or "", "repaired")
    yield from _reports(stored, table, record, "")
    for group in plan.groups:
        yield from _in_group(stored, group, table, record, (part, row))


def _laid(stored: StoredRun, table: str, record: int) -> pl.DataFrame:
    """The repaired cells of a record."""
    path = stored.protected / "repair" / "laid.arrow"
    cells = Overlay(path).cells() if path.is_file() else pl.DataFrame(schema=LAID)
    return cells.filter(pl.col("table") == table, pl.col("record") == record)


def _laid_over(stored: StoredRun, table: str, row: pl.DataFrame) -> pl.DataFrame:
    """One staged row with the texts that staff decided in place of its own."""
    laid = _laid(stored, table, int(row[RECORD][0]))
    return row.with_columns(
        pl.lit(value, pl.String).alias(item) for item, value in laid.select("item", "value").iter_rows()
    )


def _staged_row(folder: Path, record: int) -> tuple[int, int, dict[str, Any]] | None:
    parts = EncodedParts(folder / "rows")
    for index in parts.indexes():
        records = parts.read(index, (RECORD,))[RECORD]
        at = records.search_sorted(record)
        if at < records.len() and records[at] == record:
            return index, at, parts.read(index).row(at, named=True)
    return None


def _in_group(
    stored: StoredRun, plan: GroupPlan, table: str, record: int, place: tuple[int, int]
) -> Iterator[TraceLine]:
    name = plan.group.group
    shaped = load_shaped(name, stored.protected / "shape")
    excluded = _excluded(stored, name, table, place)
    if excluded:
        yield TraceLine("shape", name, "", "", f"excluded: {excluded}")
    for part in shaped.parts:
        if part.table == table and part.staged_part == place[0]:
            side = shaped.sides.read(part.index)
            for at in side.with_row_index("__at").filter(pl.col("row") == place[1])["__at"]:
                yield from _row(stored, plan, part, side, int(at))
    yield from _reports(stored, table, record, name)


def _excluded(stored: StoredRun, group: str, table: str, place: tuple[int, int]) -> str:
    starts = EncodedParts(stored.protected / "read" / table / "rows")
    ordinal = sum(starts.read(i, (RECORD,)).height for i in starts.indexes() if i < place[0]) + place[1]
    number = next(n for n, entry in enumerate(stored.legacy.tables) if entry.table == table)
    gone = pl.read_ipc(stored.protected / "shape" / group / "excluded.arrow")
    hit = gone.filter(pl.col("__table") == number, pl.col("__row") == ordinal)
    return str(hit["reason"][0]) if hit.height else ""


def _row(stored: StoredRun, plan: GroupPlan, part: ShapedPart, side: pl.DataFrame, at: int) -> Iterator[TraceLine]:
    name = plan.group.group
    staged = EncodedParts(stored.protected / "read" / part.table / "rows").read(part.staged_part)
    kernels = worker.current().groups[name]
    row = staged[[int(side["row"][at])]]
    canonical = kernels.normaliser.run(Cells.of_frame(_laid_over(stored, part.table, row)))
    for legacy in plan.read_items:
        if legacy in canonical and not plan.items[legacy].maker:
            value, bad = canonical.rows(legacy)[0], canonical.rows(f"!{legacy}")[0]
            yield TraceLine("normalise", name, legacy, value or "", "unreadable" if bad else "")
    for made in side.columns:
        if made != "row" and not made.startswith("!"):
            yield TraceLine("shape", name, made, side[made][at] or "")
    values = EncodedParts(stored.protected / "convert" / name / "values").read(part.index).row(at, named=True)
    finish = stored.protected / "finish" / name
    finished = Parts(finish).read(part.index).row(at, named=True) if plan.finished and finish.exists() else {}
    for item in plan.group.items:
        stage = "finish" if item.item in finished else "convert"
        yield TraceLine(stage, name, item.item, finished.get(item.item, values[item.item]) or "")
    rejected = Parts(stored.protected / "judge" / name / "rejected").read(part.index)["rejected"]
    if rejected[at]:
        yield TraceLine("write", name, "", "", "manual entry" if _left(stored, name, part.index, at) else "refused")
    else:
        yield TraceLine("write", name, "", "", f"published: row {_published_row(stored, name, part, rejected, at)}")


def _left(stored: StoredRun, group: str, part: int, at: int) -> bool:
    """Whether a row left because staff type it in."""
    path = stored.protected / "judge" / group / "left.arrow"
    gone = pl.read_ipc(path) if path.is_file() else pl.DataFrame(schema=LEFT)
    return gone.filter(pl.col("part") == part, pl.col("row") == at).height > 0


def _published_row(stored: StoredRun, group: str, part: ShapedPart, rejected: pl.Series, at: int) -> int:
    """Row of the published CSV, from 1, header not counted."""
    judged = Parts(stored.protected / "judge" / group / "rejected")
    before = sum(int((~judged.read(n)["rejected"]).sum()) for n in range(part.index))
    return before + int((~rejected.head(at + 1)).sum())


def _reports(stored: StoredRun, table: str, record: int, group: str) -> Iterator[TraceLine]:
    said = stored.all_reports().filter(pl.col("table") == table, pl.col("record") == record, pl.col("group") == group)
    for entry in said.iter_rows(named=True):
        root = f" root {entry['root']}" if entry["root"] else ""
        item = entry["source_item"] or entry["target_item"]
        yield TraceLine(entry["stage"], group, item, "", f"{entry['kind']} {entry['code']} #{entry['report']}{root}")
