"""Pass 2: the narrow pass. Key items of all rows go through the steps; row-aligned side parts come out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dmig.model.reports import FINDING, NOWHERE, REJECT, ROOT, empty_reports, reports
from dmig.pipeline.context import Context
from dmig.pipeline.narrow import Loader, locate, start_items
from dmig.pipeline.read_pass import Staged
from dmig.plan.nouns import GroupPlan
from dmig.sources.port import OFFSET, RECORD
from dmig.stages.shape import Shaped, StepCount, run_steps
from dmig.steps.contract import CREATED, ROW, TABLE, with_masks
from dmig.store.parts import Parts
from dmig.store.private import make_private, read_json, write_json, written_aside

Schema = dict[str, type[pl.DataType]]

#: Rows of a part that steps made (they have no staged part to follow).
CREATED_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class ShapedPart:
    """One part of a group: rows of one staged part (or made rows), with what the steps gave them."""

    index: int
    table: str
    staged_part: int
    rows: int


@dataclass(frozen=True, slots=True)
class ShapedGroup:
    """A group after its steps: parts in publishing order, the ledger lines, where the side files are."""

    group: str
    folder: Path
    parts: tuple[ShapedPart, ...]
    counts: tuple[StepCount, ...]

    @property
    def sides(self) -> Parts:
        """Per part: `row` (within its staged part) and the items made by steps."""
        return Parts(self.folder / "sides")

    def fates(self, name: str) -> pl.DataFrame:
        """One of `excluded`, `looked_up`, `members`, `reports`."""
        return pl.read_ipc(self.folder / f"{name}.arrow")


def shape_pass(context: Context, staged: dict[str, Staged], folder: Path) -> dict[str, ShapedGroup]:
    """Run every group's steps."""
    return {plan.group.group: _shape(context, plan, staged, folder / plan.group.group) for plan in context.plan.groups}


def load_shaped(group: str, folder: Path) -> ShapedGroup:
    """A shaped group from its folder."""
    entry = read_json(folder / group / "shaped.json")
    return ShapedGroup(
        group=group,
        folder=folder / group,
        parts=tuple(ShapedPart(**part) for part in entry["parts"]),
        counts=tuple(StepCount(**count) for count in entry["counts"]),
    )


def _shape(context: Context, plan: GroupPlan, staged: dict[str, Staged], folder: Path) -> ShapedGroup:
    if not (folder / "shaped.json").exists():
        loader = Loader(context, staged)
        start = {name: loader.load_start(name, wanted) for name, wanted in start_items(context, plan).items()}
        shaped = run_steps(plan.shape, context.steps, context.plan.conditions, start, loader.load)
        make_private(folder)
        parts = _write_sides(context, plan, staged, shaped, Parts(folder / "sides"))
        _write_fates(context, plan, staged, shaped, parts, folder)
        write_json(
            folder / "shaped.json",
            {
                "parts": [{"index": p.index, "table": p.table, "staged_part": p.staged_part, "rows": p.rows}
                          for p in parts],
                "counts": [{name: getattr(c, name) for name in StepCount.__slots__} for c in shaped.counts],
            },
        )  # fmt: skip
    return load_shaped(plan.group.group, folder.parent)


def _write_sides(
    context: Context, plan: GroupPlan, staged: dict[str, Staged], shaped: Shaped, sides: Parts
) -> list[ShapedPart]:
    """Cut the final stream along the staged parts; order within a part is source order."""
    parts: list[ShapedPart] = []
    rows = shaped.rows
    made = with_masks(rows, [name for name, item in plan.items.items() if item.maker])
    texts = [pl.col(name).cast(pl.Boolean if name.startswith("!") else pl.String) for name in made]
    if plan.created:
        rows = _located_rows(context, staged, shaped).select(pl.col("made").alias("row"), TABLE, RECORD, OFFSET, *texts)
        for start in range(0, rows.height, CREATED_ROWS):
            chunk = rows.slice(start, CREATED_ROWS)
            sides.write(len(parts), chunk)
            parts.append(ShapedPart(len(parts), "", -1, chunk.height))
        return parts
    for table in plan.tables:
        own = rows.filter(pl.col(TABLE) == context.table_index(table)).sort(ROW, maintain_order=True)
        starts = [*staged[table].starts, sum(staged[table].heights)]
        for number, start in enumerate(starts[:-1]):
            chunk = own.filter((pl.col(ROW) >= start) & (pl.col(ROW) < starts[number + 1]))
            sides.write(len(parts), chunk.select((pl.col(ROW) - start).cast(pl.UInt32).alias("row"), *texts))
            parts.append(ShapedPart(len(parts), table, number, chunk.height))
    return parts


def _write_fates(
    context: Context, plan: GroupPlan, staged: dict[str, Staged], shaped: Shaped, parts: list[ShapedPart], folder: Path
) -> None:
    identity: Schema = {TABLE: pl.UInt8, ROW: pl.UInt32}
    members = [shaped.members] if shaped.members is not None else []
    _write_frames(folder / "excluded.arrow", shaped.excluded, {**identity, "reason": pl.String})
    _write_frames(folder / "looked_up.arrow", shaped.looked_up, identity)
    _write_frames(
        folder / "members.arrow", members, {ROW: pl.UInt32, "member_table": pl.UInt8, "member_row": pl.UInt32}
    )
    with written_aside(folder / "reports.arrow") as aside:
        pl.concat([empty_reports(), *_step_reports(context, plan, staged, shaped, parts)]).write_ipc(aside)


def _write_frames(path: Path, frames: list[pl.DataFrame], schema: Schema) -> None:
    with written_aside(path) as aside:
        pl.concat([pl.DataFrame(schema=schema), *(frame.select(*schema) for frame in frames)]).write_ipc(aside)


def _step_reports(
    context: Context, plan: GroupPlan, staged: dict[str, Staged], shaped: Shaped, parts: list[ShapedPart]
) -> Iterator[pl.DataFrame]:
    """What steps said about rows: with the record, and the place in the group's parts if the row got that far."""
    if not shaped.findings:
        return
    places = _places(context, plan, staged, shaped, parts)
    for step, finding in shaped.findings:
        rows = finding.rows.join(places, on=[TABLE, ROW], how="left", maintain_order="left")
        rows = source_rows(rows, shaped.members)
        for (number,), own in rows.group_by(["member_table"], maintain_order=True):
            table = context.plan.legacy.tables[int(str(number))].table
            located = pl.concat([own.select("part", "row"), locate(staged[table], own["member_row"])], how="horizontal")
            yield reports(
                located.with_columns(pl.col("part").fill_null(NOWHERE), pl.col("row").fill_null(NOWHERE)),
                kind=ROOT, stage="shape", severity=REJECT if finding.rejects else FINDING, code=finding.code,
                group=plan.group.group, table=table, source_item=finding.item, place=str(step.place),
            )  # fmt: skip


def source_rows(rows: pl.DataFrame, members: pl.DataFrame | None) -> pl.DataFrame:
    """`member_table` and `member_row` of each row: itself, or for a made row the first row it stands for."""
    if members is None:
        return rows.with_columns(pl.col(TABLE).alias("member_table"), pl.col(ROW).alias("member_row"))
    first = members.unique(ROW, keep="first", maintain_order=True).with_columns(pl.lit(CREATED, pl.UInt8).alias(TABLE))
    joined = rows.join(first, on=[TABLE, ROW], how="left", maintain_order="left")
    return joined.with_columns(
        pl.col("member_table").fill_null(pl.col(TABLE)), pl.col("member_row").fill_null(pl.col(ROW))
    ).filter(pl.col("member_table") != CREATED)


def _located_rows(context: Context, staged: dict[str, Staged], shaped: Shaped) -> pl.DataFrame:
    """Made rows with the table, record and offset of the first source row each stands for."""
    rows = source_rows(shaped.rows, shaped.members).rename({ROW: "made"}).drop(TABLE)
    found = []
    for (number,), own in rows.group_by(["member_table"], maintain_order=True):
        place = locate(staged[context.plan.legacy.tables[int(str(number))].table], own["member_row"])
        found.append(pl.concat([own, place.rename({"record": RECORD, "offset_bytes": OFFSET})], how="horizontal"))
    located = pl.concat(found) if found else rows.with_columns(pl.lit(0, pl.UInt64).alias(n) for n in (RECORD, OFFSET))
    return located.sort("made", maintain_order=True).rename({"member_table": TABLE})


def _places(
    context: Context, plan: GroupPlan, staged: dict[str, Staged], shaped: Shaped, parts: list[ShapedPart]
) -> pl.DataFrame:
    """`__table`, `__row` of the final stream with `part` and the position `row` in it (the first, if repeated)."""
    found = [pl.DataFrame(schema={TABLE: pl.UInt8, ROW: pl.UInt32, "part": pl.UInt32, "row": pl.UInt32})]
    taken = 0
    for part in parts:
        if not part.table:
            own = shaped.rows.select(TABLE, ROW).slice(taken, part.rows)
            taken += part.rows
        else:
            start = staged[part.table].starts[part.staged_part]
            end = start + staged[part.table].heights[part.staged_part]
            own = shaped.rows.select(TABLE, ROW).filter(
                pl.col(TABLE) == context.table_index(part.table), pl.col(ROW) >= start, pl.col(ROW) < end
            )
            own = own.sort(ROW, maintain_order=True)
        found.append(own.with_columns(pl.lit(part.index, pl.UInt32).alias("part")).with_row_index("row").select(
            TABLE, ROW, "part", "row"))  # fmt: skip
    return pl.concat(found).unique([TABLE, ROW], keep="first", maintain_order=True)
