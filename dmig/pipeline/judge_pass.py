"""Pass 6: from faults to refused units. Every report gets its place, its number and the root it hangs on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from dmig.model.reports import CASCADE, CONSEQUENCE, NOWHERE, ORDER, REJECT, ROOT, SCHEMA, empty_reports
from dmig.pipeline import convert_pass
from dmig.pipeline.check_pass import CheckedGroup
from dmig.pipeline.context import Context
from dmig.pipeline.convert_pass import ConvertedGroup
from dmig.pipeline.leaving import Leaving, leaving, softened
from dmig.pipeline.overlay import Repaired
from dmig.pipeline.read_pass import Staged
from dmig.pipeline.rows import IDENTITY
from dmig.pipeline.shape_pass import ShapedGroup
from dmig.pipeline.tasks import Workers, once
from dmig.pipeline.worker import MADE_FAULT
from dmig.plan.expansions import Expansion, expansions
from dmig.plan.rules import KINDS, SET
from dmig.sources.port import OFFSET, RECORD
from dmig.steps.contract import TABLE
from dmig.store.parts import Parts
from dmig.store.private import make_private, written_aside

#: Codes of rules over sets.
SET_CODES = tuple(kind.code for kind in KINDS.values() if kind.scopes == SET)
#: Why a unit is refused: the record at fault; `first_hand` unless only rules over sets speak of it.
CAUSE = {"unit": pl.String, "group": pl.String, "table": pl.String, "record": pl.UInt64, "first_hand": pl.Boolean}
#: A report that hangs on no other.
UNLINKED = (
    pl.lit("").alias("root_group"), pl.lit("").alias("root_table"), pl.lit(0, pl.UInt64).alias("root_record"),
)  # fmt: skip
#: Columns of a stored report beyond `model.reports.SCHEMA`: its number, and the number of its root (0 = none known).
NUMBERED = {"report": pl.UInt32, **SCHEMA, "root": pl.UInt32}


@dataclass(frozen=True, slots=True)
class JudgedGroup:
    """Which rows of a group are refused or left (`rejected` per part, row-aligned).

    `left_refused` are records that read refused and whose unit leaves for manual entry.
    """

    group: str
    folder: Path
    rejected_rows: int
    accepted_rows: int
    left_rows: int = 0
    left_refused: tuple[tuple[str, int], ...] = ()

    @property
    def rejected(self) -> Parts:
        """One boolean column, row-aligned with the converted part: rows that are not written."""
        return Parts(self.folder / "rejected")

    def typed(self) -> set[tuple[str, int]]:
        """All records of the group that staff type in."""
        rows = self.left().select("table", "record").iter_rows() if self.left_rows else ()
        return {*rows, *self.left_refused}

    def left(self) -> pl.DataFrame:
        """Rows that leave because staff type them in (`leaving.LEFT`)."""
        return pl.read_ipc(self.folder / "left.arrow")


@dataclass(frozen=True, slots=True)
class JudgeTask:
    """All that was said about one group."""

    context: Context
    staged: dict[str, Staged]
    shaped: ShapedGroup
    converted: ConvertedGroup
    checked: CheckedGroup
    folder: Path


@dataclass(frozen=True, slots=True)
class NumberTask:
    """The reports of all groups, in their order, and those of the read stage."""

    staged: dict[str, Staged]
    groups: tuple[str, ...]
    folder: Path
    repaired: Repaired | None = None
    by_hand: tuple[tuple[str, int], ...] = ()


def judge_pass(
    context: Context,
    workers: Workers,
    staged: dict[str, Staged],
    shaped: dict[str, ShapedGroup],
    converted: dict[str, ConvertedGroup],
    checked: dict[str, CheckedGroup],
    folder: Path,
) -> tuple[dict[str, JudgedGroup], pl.DataFrame]:
    """Refuse units, link cascades and consequences, number all reports."""
    make_private(folder)
    tasks = [JudgeTask(context, staged, shaped[n], converted[n], checked[n], folder) for n in converted]
    results = zip(converted, workers.map(judge_group, tasks), strict=True)
    judged = {n: _judged(n, folder / n, found) for n, found in results}
    by_hand = tuple(sorted({record for group in judged.values() for record in group.typed()}))
    list(workers.map(number_reports, [NumberTask(staged, tuple(converted), folder, context.repaired, by_hand)]))
    return judged, pl.read_ipc(folder / "reports.arrow")


def _judged(name: str, folder: Path, found: dict[str, Any]) -> JudgedGroup:
    refused = tuple((str(table), int(record)) for table, record in found["left_refused"])
    return JudgedGroup(name, folder, found["rejected_rows"], found["accepted_rows"], found["left_rows"], refused)


def judge_group(task: JudgeTask) -> dict[str, Any]:
    """Which units of a group are refused, and everything said about its rows; in whatever process this is."""
    name = task.converted.group

    def work() -> dict[str, Any]:
        said = _located(task.context, task.shaped, task.converted, task.checked)
        own = pl.concat([said, task.shaped.fates("reports")])
        rescued = convert_pass.rescued_units(task.context, task.staged, name)
        gone = leaving(task.context, task.converted, rescued)
        judged, said = _judge(task.context, task.converted, own, rescued, gone, task.folder / name)
        with written_aside(task.folder / f"{name}.arrow", durable=False) as aside:
            said.write_ipc(aside)
        return {
            "rejected_rows": judged.rejected_rows, "accepted_rows": judged.accepted_rows,
            "left_rows": judged.left_rows, "left_refused": judged.left_refused,
        }  # fmt: skip

    return once(task.folder / f"{name}.json", work)


def number_reports(task: NumberTask) -> dict[str, Any]:
    """All reports in one order, with numbers."""

    def work() -> dict[str, Any]:
        found = [entry.reports.all().with_columns(UNLINKED) for entry in task.staged.values()]
        found += [pl.read_ipc(task.repaired.reports).with_columns(UNLINKED)] if task.repaired else []
        found += [pl.read_ipc(task.folder / f"{name}.arrow") for name in task.groups]
        numbered = _numbered(_told_once(softened(pl.concat(found), task.by_hand)))
        with written_aside(task.folder / "reports.arrow") as aside:
            numbered.write_ipc(aside)
        return {"reports": numbered.height}

    return once(task.folder / "reports.json", work)


def _told_once(found: pl.DataFrame) -> pl.DataFrame:
    """One bad source cell that several groups read is one root, in the first group; elsewhere it is a consequence."""
    cell = ["table", "record", "source_item"]
    says = (pl.col("source_item") != "") & (pl.col("severity") == REJECT) & (pl.col("kind") == ROOT)
    places = found.with_row_index("at").filter(says)
    again = places.filter(~pl.struct(cell).is_first_distinct())["at"]
    at = pl.int_range(pl.len(), dtype=pl.UInt32).is_in(again.implode())
    return found.with_columns(
        pl.when(at).then(pl.lit(CONSEQUENCE)).otherwise("kind").alias("kind"),
        *(pl.when(at).then(name).otherwise(f"root_{name}").alias(f"root_{name}") for name in ("table", "record")),
    )


def _located(context: Context, shaped: ShapedGroup, converted: ConvertedGroup, checked: CheckedGroup) -> pl.DataFrame:
    """Reports of convert and check of one group with table, record and offset filled in; each cause named once."""
    names, made = table_names(context), expansions(context.group(converted.group))
    found = [empty_reports()]
    sets = checked.set_reports
    for part in converted.parts:
        finished = Parts(converted.finish_reports) if converted.finish_reports else None
        said = pl.concat(
            [
                *([finished.read(part.index)] if finished else []),
                converted.reports.read(part.index),
                checked.reports.read(part.index),
                sets.filter(pl.col("part") == part.index),
            ]
        )
        if said.height:
            said = _with_cells(said, made, shaped.sides, part.index)
            identity = converted.rows.read(part.index, IDENTITY)[said["row"].to_list()]
            found.append(
                said.with_columns(
                    names[identity[TABLE].to_list()].alias("table"), identity[RECORD].alias("record"),
                    identity[OFFSET].alias("offset_bytes"), pl.lit(part.index, pl.UInt32).alias("part"),
                    pl.lit(checked.group).alias("group"),
                ).select(*SCHEMA)
            )  # fmt: skip
    cause = ["table", "record", "code", "source_item", "target_item", "rule"]
    return pl.concat(found).unique(cause, keep="first", maintain_order=True)


def _with_cells(said: pl.DataFrame, made: dict[str, Expansion], sides: Parts, part: int) -> pl.DataFrame:
    """Reports about an item that `expand` made name the cell that it was in the row of its label."""
    named = [(name, own) for name, own in made.items() if said["source_item"].eq(name).any()]
    for name, own in named:
        labels = sides.read(part, (own.label,))[own.label].gather(said["row"])
        cell = pl.Series("cell", labels.replace_strict(own.items, default=name, return_dtype=pl.String))
        said = said.with_columns(
            pl.when(pl.col("source_item") == name).then(cell).otherwise("source_item").alias("source_item")
        )
    return said


def table_names(context: Context) -> pl.Series:
    """Names of legacy tables by index."""
    return pl.Series("table", [table.table for table in context.plan.legacy.tables], pl.String)


def _judge(
    context: Context, converted: ConvertedGroup, own: pl.DataFrame, rescued: pl.DataFrame, gone: Leaving, folder: Path
) -> tuple[JudgedGroup, pl.DataFrame]:
    unit = context.group(converted.group).group.unit
    # What is said of a row that staff type in refuses nothing.
    own = own.join(gone.rows, on=["part", "row"], how="anti", maintain_order="left")
    refused = own.filter(pl.col("severity") == REJECT)
    units, alone = _refused_units(context, converted, refused, unit)
    lost = rescued.select("unit", pl.lit("").alias("group"), "table", "record", pl.lit(True).alias("first_hand"))
    causes = pl.concat([units, lost.select(units.columns)])
    # A broken set may only follow from a lost row, so the root is a first-hand fault where there is one.
    by_unit = causes.sort(~pl.col("first_hand"), "table", "record").unique("unit", keep="first", maintain_order=True)
    by_unit = by_unit.drop("first_hand")
    alone = alone.with_columns(pl.lit(True).alias("alone"))
    cascades, rejected_rows, accepted_rows = [], 0, 0
    rejected = Parts(folder / "rejected")
    for part in converted.parts:
        values = converted.rows.read(part.index, (*IDENTITY, unit)).with_row_index("row")
        marked = (
            values.join(by_unit.rename({"unit": unit, "group": "root_group", "table": "root_table", "record": "root_record"}),
                        on=unit, how="left", maintain_order="left")
            .join(alone, on=[TABLE, RECORD], how="left", maintain_order="left")
        )  # fmt: skip
        left = marked["row"].is_in(gone.rows.filter(pl.col("part") == part.index)["row"].implode())
        mask = (marked["root_table"].is_not_null() | marked["alone"].fill_null(False)) & ~left
        rejected.write(part.index, (mask | left).alias("rejected").to_frame())
        rejected_rows += int(mask.sum())
        accepted_rows += marked.height - int((mask | left).sum())
        cascades.append(_cascades(context, marked, mask, refused, part.index, converted.group))
    said = _consequences(pl.concat([_own_links(own), *cascades]), causes)
    said = pl.concat([said, gone.reports(converted.group).with_columns(UNLINKED)])
    if gone.rows.height:
        with written_aside(folder / "left.arrow", durable=False) as aside:
            gone.rows.write_ipc(aside)
    by_hand = tuple(gone.refused.iter_rows())
    return JudgedGroup(converted.group, folder, rejected_rows, accepted_rows, gone.rows.height, by_hand), said


def _own_links(own: pl.DataFrame) -> pl.DataFrame:
    """A report that follows from another of its record hangs on that record's root.

    One bad source cell may break several targets (氏名, 氏, 名): the first is the root, the others follow.
    """
    says = (pl.col("source_item") != "") & (pl.col("severity") == REJECT) & (pl.col("kind") == ROOT)
    places = own.with_row_index("at").filter(says & (pl.col("part") != NOWHERE))
    again = places.filter(~pl.struct("table", "record", "source_item").is_first_distinct())["at"]
    # A made item that could not be read follows from the cell it was made of, when that is of the same record.
    made = pl.col("code") == MADE_FAULT
    unread = places.filter(~made).select("table", "record").unique()
    follow = places.filter(made).join(unread, on=["table", "record"], how="semi")["at"]
    at = pl.int_range(pl.len(), dtype=pl.UInt32).is_in(pl.concat([again, follow]).implode())
    own = own.with_columns(pl.when(at).then(pl.lit(CONSEQUENCE)).otherwise("kind").alias("kind"))
    follows = pl.col("kind") == CONSEQUENCE
    return own.with_columns(UNLINKED).with_columns(
        pl.when(follows).then(name).otherwise(f"root_{name}").alias(f"root_{name}")
        for name in ("group", "table", "record")
    )


def _refused_units(
    context: Context, converted: ConvertedGroup, refused: pl.DataFrame, unit: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Units with a refusing report and the record it stands at; records without a known unit stand alone."""
    units = [pl.DataFrame(schema=CAUSE)]
    alone = [pl.DataFrame(schema={"table": pl.String, "record": pl.UInt64})]
    for (part,), rows in refused.filter(pl.col("part") != NOWHERE).group_by(["part"], maintain_order=True):
        values = converted.rows.read(int(str(part)), (unit,)).with_row_index("row").rename({unit: "unit"})
        named = rows.group_by("part", "row", "group", "table", "record", maintain_order=True).agg(
            (~pl.col("code").is_in(list(SET_CODES))).any().alias("first_hand")
        )
        named = named.join(values, on="row", how="left", maintain_order="left")
        units.append(named.drop_nulls("unit").select(*CAUSE))
        alone.append(named.filter(pl.col("unit").is_null()).select("table", "record"))
    # A record may have become many rows: all of them are refused with it.
    records = pl.concat(alone).unique(maintain_order=True)
    numbers = [context.table_index(table) for table in records["table"].to_list()]
    return pl.concat(units), records.select(
        pl.Series(TABLE, numbers, dtype=pl.UInt8), pl.col("record").cast(pl.UInt64).alias(RECORD)
    )


def _cascades(
    context: Context, marked: pl.DataFrame, mask: pl.Series, refused: pl.DataFrame, part: int, group: str
) -> pl.DataFrame:
    """One report per row that is refused only because its unit is."""
    own = refused.filter(pl.col("part") == part).select("row").unique()
    rows = marked.filter(mask).join(own, on="row", how="anti", maintain_order="left")
    rows = rows.with_columns(table_names(context)[rows[TABLE].to_list()].alias("table")).with_columns(
        pl.coalesce("root_group", pl.lit(group)).alias("root_group"),
        pl.coalesce("root_table", "table").alias("root_table"),
        pl.coalesce("root_record", RECORD).alias("root_record"),
    )
    return rows.select(
        pl.lit(CASCADE).alias("kind"), pl.lit(REJECT).alias("severity"), pl.lit("STP002").alias("code"),
        pl.lit("check").alias("stage"), pl.lit(group).alias("group"), "table",
        pl.col(RECORD).alias("record"), pl.col(OFFSET).alias("offset_bytes"), pl.lit("").alias("source_item"),
        pl.lit("").alias("target_item"), pl.lit("").alias("rule"), pl.lit("").alias("place"),
        pl.lit(part, pl.UInt32).alias("part"), "row", "root_group", "root_table", "root_record",
    )  # fmt: skip


def _consequences(said: pl.DataFrame, causes: pl.DataFrame) -> pl.DataFrame:
    """A broken set rule in a unit that lost a row for another reason follows from that reason."""
    sets = said.filter(pl.col("kind") == ROOT, pl.col("code").is_in(list(SET_CODES)))
    if not sets.height:
        return said
    # The unit of a set report is that of its row; it is excused when the unit has a first-hand fault.
    place = ["group", "table", "record"]
    by_record = causes.join(sets.select(place).unique(), on=place, how="semi")
    because = (
        causes.filter(pl.col("first_hand"))
        .sort("table", "record")
        .unique("unit", keep="first", maintain_order=True)
        .select("unit", *(pl.col(name).alias(f"because_{name}") for name in place))
    )
    excused = by_record.select("unit", *place).join(because, on="unit", how="inner").drop("unit").unique(place)
    follows = pl.col("because_table").is_not_null() & pl.col("code").is_in(list(SET_CODES)) & (pl.col("kind") == ROOT)
    return (
        said.join(excused, on=place, how="left", maintain_order="left")
        .with_columns(
            pl.when(follows).then(pl.lit(CONSEQUENCE)).otherwise("kind").alias("kind"),
            *(pl.when(follows).then(f"because_{n}").otherwise(f"root_{n}").alias(f"root_{n}") for n in place),
        )
        .drop(f"because_{name}" for name in place)
    )


def _numbered(found: pl.DataFrame) -> pl.DataFrame:
    """Reports in their order with numbers from 1; `root` is the number of the root at the linked record."""
    ordered = found.sort(ORDER, maintain_order=True).with_row_index("report", offset=1)
    roots = (
        ordered.filter(pl.col("kind") == ROOT, pl.col("severity") == REJECT)
        .select(*(pl.col(name).alias(f"root_{name}") for name in ("group", "table", "record")),
                pl.col("report").alias("root"))
        .unique(["root_group", "root_table", "root_record"], keep="first", maintain_order=True)
    )  # fmt: skip
    # What hangs on a record whose own report hangs on another group's leads to that group's root.
    place = ["root_table", "root_record"]
    elsewhere = roots.unique(place, keep="first", maintain_order=True).select(*place, pl.col("root").alias("elsewhere"))
    return (
        ordered.join(roots, on=["root_group", *place], how="left", maintain_order="left")
        .join(elsewhere, on=place, how="left", maintain_order="left")
        .with_columns(pl.coalesce("root", "elsewhere", pl.lit(0)).alias("root"))
        .select(*NUMBERED)
        .cast(NUMBERED)  # type: ignore[arg-type]
    )
