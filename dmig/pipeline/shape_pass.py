"""Pass 2: the narrow pass. Key items of all rows go through the steps; row-aligned side parts come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from dmig.model.reports import FINDING, NOWHERE, REJECT, ROOT, empty_reports, reports
from dmig.pipeline.context import Context
from dmig.pipeline.narrow import Loader, locate, start_items, start_tables
from dmig.pipeline.read_pass import Staged
from dmig.pipeline.tasks import Workers, once
from dmig.plan.nouns import GroupPlan
from dmig.sources.port import OFFSET, RECORD
from dmig.stages.shape import Shaped, StepCount, run_steps
from dmig.steps.contract import CREATED, ROW, TABLE
from dmig.steps.partitions import ROWS_AT_ONCE, Keep, Kept, Stream
from dmig.store.parts import Parts
from dmig.store.private import make_private, read_json, written_aside
from dmig.store.spill import Spill

Schema = dict[str, type[pl.DataType]]

#: Where a row stands: its number among those asked for, the part and the position in it.
PLACED = {"at": pl.UInt32, "part": pl.UInt32, "row": pl.UInt32}
#: Side files about source rows, and their column of legacy tables.
FATES = {"excluded": TABLE, "looked_up": TABLE, "members": "member_table"}
#: Rows of a part that steps made (they have no staged part to follow), or of one whose rows steps repeated.
CREATED_ROWS = 50_000
#: So many of them are located at once: they carry all that steps gave them.
LOCATED_AT_ONCE = 3 * CREATED_ROWS


@dataclass(frozen=True, slots=True)
class ShapedPart:
    """One part of a group: rows of one staged part (or made rows), with what the steps gave them.

    Where rows are repeated, several parts follow one another on the same staged part.
    """

    index: int
    table: str
    staged_part: int
    rows: int


@dataclass(frozen=True, slots=True)
class ShapedGroup:
    """A group after its steps: parts in publishing order, the ledger lines, where the side files are.

    `told`: the legacy tables (by index) whose rows `excluded`, `looked_up` and `members` name.
    """

    group: str
    folder: Path
    parts: tuple[ShapedPart, ...]
    counts: tuple[StepCount, ...]
    told: dict[str, list[int]]

    @property
    def sides(self) -> Parts:
        """Per part: `row` (within its staged part) and the items made by steps."""
        return Parts(self.folder / "sides")

    def fates(self, name: str) -> pl.DataFrame:
        """One of `excluded`, `looked_up`, `members`, `reports`."""
        return pl.read_ipc(self.folder / f"{name}.arrow")

    def fates_of(self, name: str, table: int) -> list[pl.DataFrame]:
        """Rows of `excluded`, `looked_up` or `members` about one legacy table; nothing is read where there are none."""
        return [self.fates(name).filter(pl.col(FATES[name]) == table)] if table in self.told[name] else []


@dataclass(frozen=True, slots=True)
class ShapeTask:
    """The steps of one group."""

    context: Context
    group: str
    staged: dict[str, Staged]
    folder: Path


#: Gives a group, once its steps have run.
Promise = Callable[[], ShapedGroup]


def shape_pass(context: Context, workers: Workers, staged: dict[str, Staged], folder: Path) -> dict[str, Promise]:
    """Begin every group's steps, the groups with most rows first; given in the order in which they may be ready.

    The steps of the largest group run in one process, so the others go on to their conversion meanwhile.
    """
    plans = sorted(context.plan.groups, key=lambda plan: -_rows_in(context, plan, staged))
    tasks = [ShapeTask(context, plan.group.group, staged, folder / plan.group.group) for plan in plans]
    begun = workers.at_home(context.extra_steps).start(shape_group, tasks)
    return {
        task.group: partial(_loaded, promise, task.group, folder)
        for task, promise in reversed(list(zip(tasks, begun, strict=True)))
    }


def _loaded(promise: Callable[[], dict[str, Any]], group: str, folder: Path) -> ShapedGroup:
    promise()
    return load_shaped(group, folder)


def _rows_in(context: Context, plan: GroupPlan, staged: dict[str, Staged]) -> int:
    return sum(sum(staged[table].heights) for table in start_tables(context, plan))


def load_shaped(group: str, folder: Path) -> ShapedGroup:
    """A shaped group from its folder."""
    entry = read_json(folder / group / "shaped.json")
    return ShapedGroup(
        group=group,
        folder=folder / group,
        parts=tuple(ShapedPart(**part) for part in entry["parts"]),
        counts=tuple(StepCount(**count) for count in entry["counts"]),
        told=entry["told"],
    )


def shape_group(task: ShapeTask) -> dict[str, Any]:
    """Run the steps of one group in whatever process this is."""
    context, staged, folder = task.context, task.staged, task.folder
    plan = context.group(task.group)

    def work() -> dict[str, Any]:
        spill = Spill(make_private(folder) / "spill")
        loader = Loader(context, staged, spill.keep)
        start = {name: loader.load_start(name, wanted) for name, wanted in start_items(context, plan).items()}
        shaped = run_steps(plan.shape, context.steps, context.plan.conditions, start, loader.load, spill.keep)
        del start
        write = _write_created if plan.created else _write_sides
        parts = write(context, plan, staged, shaped, (Parts(folder / "sides"), spill.keep))
        told = _write_fates(context, plan, staged, shaped, parts, folder)
        spill.close()
        return {
            "parts": [
                {"index": p.index, "table": p.table, "staged_part": p.staged_part, "rows": p.rows} for p in parts
            ],
            "counts": [{name: getattr(c, name) for name in StepCount.__slots__} for c in shaped.counts],
            "told": told,
        }

    return once(folder / "shaped.json", work)


def _texts(plan: GroupPlan, columns: list[str]) -> list[pl.Expr]:
    """What steps made, as text, with its masks."""
    made = {name for name, item in plan.items.items() if item.maker}
    kept = [name for name in columns if name.removeprefix("!") in made]
    return [pl.col(name).cast(pl.Boolean if name.startswith("!") else pl.String) for name in kept]


def _write_created(
    context: Context, plan: GroupPlan, staged: dict[str, Staged], shaped: Shaped, room: tuple[Parts, Keep]
) -> list[ShapedPart]:
    """Made rows in their order, in parts of one size."""
    sides, keep = room
    parts: list[ShapedPart] = []

    def write(rows: pl.DataFrame, least: int) -> pl.DataFrame:
        """Write full parts; what is left over, unless `least` allows it, waits for more rows."""
        while rows.height >= least:
            chunk = rows.head(CREATED_ROWS)
            sides.write(len(parts), chunk)
            parts.append(ShapedPart(len(parts), "", -1, chunk.height))
            rows = rows.slice(CREATED_ROWS)
        return rows

    rest: list[pl.DataFrame] = []
    for rows in _located_rows(context, staged, shaped, keep):
        rows = rows.select(pl.col("made").alias("row"), TABLE, RECORD, OFFSET, *_texts(plan, rows.columns))
        rest = [write(pl.concat([*rest, rows]), CREATED_ROWS)]
    for rows in rest:
        write(rows, 1)
    return parts


def _write_sides(
    context: Context, plan: GroupPlan, staged: dict[str, Staged], shaped: Shaped, room: tuple[Parts, Keep]
) -> list[ShapedPart]:
    """Cut the final stream along the staged parts; order within a part is source order."""
    sides, keep = room
    parts: list[ShapedPart] = []
    for table in plan.tables:
        starts = pl.Series([*staged[table].starts, sum(staged[table].heights)], dtype=pl.UInt32)
        for stretch, rows in _by_stretch(shaped.stream, context.table_index(table), starts, keep):
            for number in stretch:
                chunk = rows.filter((pl.col(ROW) >= starts[number]) & (pl.col(ROW) < starts[number + 1]))
                chunk = chunk.sort(ROW, maintain_order=True)
                row = (pl.col(ROW) - starts[number]).cast(pl.UInt32).alias("row")
                chunk = chunk.select(row, *_texts(plan, chunk.columns))
                for piece in list(chunk.iter_slices(max(CREATED_ROWS, staged[table].heights[number]))) or [chunk]:
                    sides.write(len(parts), piece)
                    parts.append(ShapedPart(len(parts), table, number, piece.height))
    return parts


def _by_stretch(
    stream: Stream, table: int, starts: pl.Series, keep: Keep, at_once: int = ROWS_AT_ONCE
) -> Iterator[tuple[range, pl.DataFrame]]:
    """The rows of one table, for runs of staged parts for which some `at_once` rows of the stream stand together."""
    last = starts.len() - 1
    at_once = max(1, at_once * int(starts[-1]) // max(1, stream.height, int(starts[-1])))
    if len(stream.partitions) == 1:
        yield range(last), stream.load(0).filter(pl.col(TABLE) == table)
        return
    stretches, begin = [], 0
    for number in range(1, last + 1):
        if starts[number] - starts[begin] >= at_once or number == last:
            stretches.append(range(begin, number))
            begin = number
    pieces: list[list[Kept]] = [[] for _ in stretches]
    for partition in range(len(stream.partitions)):
        rows = stream.load(partition).filter(pl.col(TABLE) == table)
        for own, stretch in zip(pieces, stretches, strict=True):
            here = rows.filter((pl.col(ROW) >= starts[stretch.start]) & (pl.col(ROW) < starts[stretch.stop]))
            own += [keep(here)] if here.height else []
    for own, stretch in zip(pieces, stretches, strict=True):
        yield stretch, pl.concat([stream.empty(), *(piece.load() for piece in own)])


def _write_fates(
    context: Context, plan: GroupPlan, staged: dict[str, Staged], shaped: Shaped, parts: list[ShapedPart], folder: Path
) -> dict[str, list[int]]:
    """Write what became of source rows; the tables that each file names."""
    identity: Schema = {TABLE: pl.UInt8, ROW: pl.UInt32}
    members = [shaped.members] if shaped.members is not None else []
    behind: Schema = {ROW: pl.UInt32, "member_table": pl.UInt8, "member_row": pl.UInt32}
    files: dict[str, tuple[list[pl.DataFrame], Schema]] = {
        "excluded": (shaped.excluded, {**identity, "reason": pl.String}),
        "looked_up": (shaped.looked_up, identity),
        "members": (members, behind),
    }
    told = {}
    for name, (frames, schema) in files.items():
        told[name] = sorted({int(table) for frame in frames for table in frame[FATES[name]].unique()})
        with written_aside(folder / f"{name}.arrow") as aside:
            pl.concat([pl.DataFrame(schema=schema), *(frame.select(*schema) for frame in frames)]).write_ipc(aside)
    with written_aside(folder / "reports.arrow") as aside:
        said = _step_reports(context, plan, staged, shaped, (parts, Parts(folder / "sides")))
        pl.concat([empty_reports(), *said]).write_ipc(aside)
    return told


def _step_reports(
    context: Context,
    plan: GroupPlan,
    staged: dict[str, Staged],
    shaped: Shaped,
    written: tuple[list[ShapedPart], Parts],
) -> Iterator[pl.DataFrame]:
    """What steps said about rows: with the record, and the place in the group's parts if the row got that far."""
    first = first_members(shaped.members)
    for step, finding in shaped.findings:
        rows = finding.rows.hstack(_places(context, staged, written, finding.rows))
        rows = source_rows(rows, first)
        for (number,), own in rows.group_by(["member_table"], maintain_order=True):
            table = context.plan.legacy.tables[int(str(number))].table
            located = pl.concat([own.select("part", "row"), locate(staged[table], own["member_row"])], how="horizontal")
            yield reports(
                located, kind=ROOT, stage="shape", severity=REJECT if finding.rejects else FINDING, code=finding.code,
                group=plan.group.group, table=table, source_item=finding.item, place=str(step.place),
            )  # fmt: skip


def first_members(members: pl.DataFrame | None) -> pl.DataFrame | None:
    """The first source row that each made row stands for."""
    if members is None:
        return None
    first = members.unique(ROW, keep="first", maintain_order=True)
    return first.with_columns(pl.lit(CREATED, pl.UInt8).alias(TABLE))


def source_rows(rows: pl.DataFrame, first: pl.DataFrame | None) -> pl.DataFrame:
    """`member_table` and `member_row` of each row: itself, or for a made row the first row it stands for."""
    if first is None:
        return rows.with_columns(pl.col(TABLE).alias("member_table"), pl.col(ROW).alias("member_row"))
    near = first.filter(pl.col(ROW).is_between(rows[ROW].min(), rows[ROW].max()))
    joined = rows.join(near, on=[TABLE, ROW], how="left", maintain_order="left")
    return joined.with_columns(
        pl.col("member_table").fill_null(pl.col(TABLE)), pl.col("member_row").fill_null(pl.col(ROW))
    ).filter(pl.col("member_table") != CREATED)


def _located_rows(context: Context, staged: dict[str, Staged], shaped: Shaped, keep: Keep) -> Iterator[pl.DataFrame]:
    """Made rows in their order, with the table, record and offset of the first source row each stands for."""
    first = first_members(shaped.members)
    last = max((int(str(piece.load([ROW])[ROW].max())) for piece in shaped.stream.pieces() if piece.height), default=0)
    starts = pl.Series(range(0, last + CREATED_ROWS + 1, CREATED_ROWS), dtype=pl.UInt32)
    for _, made in _by_stretch(shaped.stream, CREATED, starts, keep, LOCATED_AT_ONCE):
        rows = source_rows(made, first).rename({ROW: "made"}).drop(TABLE)
        found = []
        for (table,), own in rows.group_by(["member_table"], maintain_order=True):
            place = locate(staged[context.plan.legacy.tables[int(str(table))].table], own["member_row"])
            place = place.rename({"record": RECORD, "offset_bytes": OFFSET})
            found.append(pl.concat([own, place], how="horizontal"))
        if found:
            yield pl.concat(found).sort("made", maintain_order=True).rename({"member_table": TABLE})


def _places(
    context: Context, staged: dict[str, Staged], written: tuple[list[ShapedPart], Parts], rows: pl.DataFrame
) -> list[pl.Series]:
    """`part` and `row` in it of rows (`__table`, `__row`): the first place, if repeated; `NOWHERE` if they left."""
    parts, sides = written
    numbers = {n: table.table for n, table in enumerate(context.plan.legacy.tables)}
    by_source: dict[tuple[str, int], list[ShapedPart]] = {}
    for part in parts:
        by_source.setdefault((part.table, part.staged_part), []).append(part)
    found = [pl.DataFrame(schema=PLACED)]
    for (number,), own in rows.with_row_index("at").group_by([TABLE], maintain_order=True):
        table = numbers.get(int(str(number)), "")
        if not table:
            found += [_placed(own, part, sides, 0) for part in parts if not part.table]
            continue
        starts = pl.Series(staged[table].starts, dtype=pl.UInt32)
        own = own.with_columns((starts.search_sorted(own[ROW], side="right") - 1).cast(pl.UInt32).alias("staged"))
        for (staged_part,), few in own.group_by(["staged"], maintain_order=True):
            own_parts = by_source.get((table, int(str(staged_part))), [])
            found += [_placed(few, part, sides, starts[int(str(staged_part))]) for part in own_parts]
    placed = rows.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("at")).join(
        pl.concat(found).unique("at", keep="first", maintain_order=True), on="at", how="left", maintain_order="left"
    )
    return placed.select(pl.col("part", "row").fill_null(NOWHERE)).get_columns()


def _placed(rows: pl.DataFrame, part: ShapedPart, sides: Parts, start: int) -> pl.DataFrame:
    """Where those of some rows stand that a part has; `start` is the ordinal of the first row it may have."""
    there = sides.read(part.index, ("row",)).with_row_index("place").unique("row", keep="first")
    hit = rows.with_columns((pl.col(ROW) - start).alias("row")).join(there, on="row", how="inner")
    return hit.select("at", pl.lit(part.index, pl.UInt32).alias("part"), pl.col("place").alias("row"))
