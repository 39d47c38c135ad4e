"""Pass 5: from faults to refused units. Every report gets its place, its number and the root it hangs on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dmig.model.reports import CASCADE, CONSEQUENCE, ORDER, REJECT, ROOT, SCHEMA, empty_reports
from dmig.pipeline import convert_pass
from dmig.pipeline.check_pass import CheckedGroup
from dmig.pipeline.context import Context
from dmig.pipeline.convert_pass import ConvertedGroup
from dmig.pipeline.read_pass import Staged
from dmig.pipeline.shape_pass import ShapedGroup
from dmig.sources.port import OFFSET, RECORD
from dmig.store.parts import Parts
from dmig.store.private import make_private, written_aside

#: Columns of a stored report beyond `model.reports.SCHEMA`: its number, and the number of its root (0 = none known).
NUMBERED = {"report": pl.UInt32, **SCHEMA, "root": pl.UInt32}


@dataclass(frozen=True, slots=True)
class JudgedGroup:
    """Which rows of a group are refused (`rejected` per part, row-aligned)."""

    group: str
    folder: Path
    rejected_rows: int
    accepted_rows: int

    @property
    def rejected(self) -> Parts:
        """One boolean column, row-aligned with the converted part."""
        return Parts(self.folder / "rejected")


def judge_pass(
    context: Context,
    staged: dict[str, Staged],
    shaped: dict[str, ShapedGroup],
    converted: dict[str, ConvertedGroup],
    checked: dict[str, CheckedGroup],
    folder: Path,
) -> tuple[dict[str, JudgedGroup], pl.DataFrame]:
    """Refuse units, link cascades and consequences, number all reports."""
    judged, found = {}, [entry.reports.all() for entry in staged.values()]
    for name in converted:
        own = _located(converted[name], checked[name])
        rescued = convert_pass.rescued_units(context, staged, name)
        judged[name], said = _judge(context, converted[name], own, rescued, folder / name)
        found += [said, shaped[name].fates("reports")]
    numbered = _numbered(pl.concat([frame for frame in found if frame.width], how="diagonal"))
    make_private(folder)
    with written_aside(folder / "reports.arrow") as aside:
        numbered.write_ipc(aside)
    return judged, numbered


def _located(converted: ConvertedGroup, checked: CheckedGroup) -> pl.DataFrame:
    """Reports of convert and check of one group with table, record and offset filled in, and the unit's value."""
    unit = checked.group
    found = []
    for part in converted.parts:
        frames = [
            converted.reports.read(part.index),
            checked.reports.read(part.index),
            checked.set_reports.filter(pl.col("part") == part.index),
        ]
        said = pl.concat(frames)
        if said.height:
            identity = converted.values.read(part.index, (RECORD, OFFSET)).with_row_index("row")
            found.append(
                said.drop("record", "offset_bytes", "table", "part", "group")
                .join(identity, on="row", how="left", maintain_order="left")
                .rename({RECORD: "record", OFFSET: "offset_bytes"})
                .with_columns(
                    pl.lit(part.table).alias("table"),
                    pl.lit(part.index, pl.UInt32).alias("part"),
                    pl.lit(unit).alias("group"),
                )
                .select(*SCHEMA)
            )
    return pl.concat(found) if found else empty_reports()


def _judge(
    context: Context, converted: ConvertedGroup, own: pl.DataFrame, rescued: pl.DataFrame, folder: Path
) -> tuple[JudgedGroup, pl.DataFrame]:
    unit = context.group(converted.group).group.unit
    refused = own.filter(pl.col("severity") == REJECT)
    units, alone = _refused_units(converted, refused, unit)
    lost = rescued.select(pl.col("unit"), pl.lit(converted.group).alias("group"), pl.col("table"), pl.col("record"))
    causes = pl.concat([units, lost.select(units.columns)])
    by_unit = causes.sort("table", "record").unique("unit", keep="first", maintain_order=True)
    cascades, rejected_rows, accepted_rows = [], 0, 0
    rejected = Parts(folder / "rejected")
    for part in converted.parts:
        values = converted.values.read(part.index, (RECORD, OFFSET, unit)).with_row_index("row")
        marked = (
            values.join(by_unit.rename({"unit": unit, "table": "root_table", "record": "root_record"}).drop("group"),
                        on=unit, how="left", maintain_order="left")
            .join(alone.filter(pl.col("part") == part.index).select("row", pl.lit(True).alias("alone")),
                  on="row", how="left", maintain_order="left")
        )  # fmt: skip
        mask = marked["root_table"].is_not_null() | marked["alone"].fill_null(False)
        rejected.write(part.index, mask.alias("rejected").to_frame())
        rejected_rows += int(mask.sum())
        accepted_rows += marked.height - int(mask.sum())
        cascades.append(_cascades(marked, mask, refused, part.index, part.table, converted.group))
    said = _consequences(pl.concat([own.with_columns(root_table=pl.lit(""), root_record=pl.lit(0, pl.UInt64)),
                                    *cascades]), causes)  # fmt: skip
    return JudgedGroup(converted.group, folder, rejected_rows, accepted_rows), said


def _refused_units(
    converted: ConvertedGroup, refused: pl.DataFrame, unit: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Units with a refusing report and the record it stands at; rows without a known unit stand alone."""
    units = [pl.DataFrame(schema={"unit": pl.String, "group": pl.String, "table": pl.String, "record": pl.UInt64})]
    alone = [pl.DataFrame(schema={"part": pl.UInt32, "row": pl.UInt32})]
    for (part,), rows in refused.group_by(["part"], maintain_order=True):
        values = converted.values.read(int(str(part)), (unit,)).with_row_index("row").rename({unit: "unit"})
        named = rows.select("part", "row", "group", "table", "record").unique(maintain_order=True)
        named = named.join(values, on="row", how="left", maintain_order="left")
        units.append(named.drop_nulls("unit").select("unit", "group", "table", "record"))
        alone.append(named.filter(pl.col("unit").is_null()).select("part", "row").unique(maintain_order=True))
    return pl.concat(units), pl.concat(alone)


def _cascades(
    marked: pl.DataFrame, mask: pl.Series, refused: pl.DataFrame, part: int, table: str, group: str
) -> pl.DataFrame:
    """One report per row that is refused only because its unit is."""
    own = refused.filter(pl.col("part") == part).select("row").unique()
    rows = marked.filter(mask).join(own, on="row", how="anti", maintain_order="left")
    return rows.select(
        pl.lit(CASCADE).alias("kind"), pl.lit(REJECT).alias("severity"), pl.lit("STP002").alias("code"),
        pl.lit("check").alias("stage"), pl.lit(group).alias("group"), pl.lit(table).alias("table"),
        pl.col(RECORD).alias("record"), pl.col(OFFSET).alias("offset_bytes"), pl.lit("").alias("source_item"),
        pl.lit("").alias("target_item"), pl.lit("").alias("rule"), pl.lit("").alias("place"),
        pl.lit(part, pl.UInt32).alias("part"), "row", "root_table", "root_record",
    )  # fmt: skip


def _consequences(said: pl.DataFrame, causes: pl.DataFrame) -> pl.DataFrame:
    """A broken set rule in a unit that lost a row for another reason follows from that reason."""
    sets = said.filter(pl.col("kind") == ROOT, pl.col("code").is_in(list(SET_CODES)))
    if not sets.height:
        return said
    # The unit of a set report is that of its row; a unit is excused when a record with another report caused it.
    by_record = causes.join(
        sets.select("group", "table", "record").unique(), on=["group", "table", "record"], how="semi"
    )
    other = causes.join(by_record.select("unit").unique(), on="unit", how="semi").join(
        sets.select("table", "record"), on=["table", "record"], how="anti"
    )
    excused = by_record.join(
        other.select("unit", pl.col("table").alias("because_table"), pl.col("record").alias("because_record"))
        .unique("unit", keep="first", maintain_order=True),
        on="unit", how="inner",
    ).select("table", "record", "because_table", "because_record").unique(["table", "record"])  # fmt: skip
    follows = pl.col("because_table").is_not_null() & pl.col("code").is_in(list(SET_CODES)) & (pl.col("kind") == ROOT)
    return said.join(excused, on=["table", "record"], how="left", maintain_order="left").with_columns(
        pl.when(follows).then(pl.lit(CONSEQUENCE)).otherwise("kind").alias("kind"),
        pl.when(follows).then("because_table").otherwise("root_table").alias("root_table"),
        pl.when(follows).then("because_record").otherwise("root_record").alias("root_record"),
    ).drop("because_table", "because_record")  # fmt: skip


#: Codes of rules over sets.
SET_CODES = ("CHK020", "CHK021", "CHK022", "CHK023")


def _numbered(found: pl.DataFrame) -> pl.DataFrame:
    """Reports in their order with numbers from 1; `root` is the number of the root at the linked record."""
    if "root_table" not in found.columns:
        found = found.with_columns(root_table=pl.lit(""), root_record=pl.lit(0, pl.UInt64))
    ordered = found.sort(ORDER, maintain_order=True).with_row_index("report", offset=1)
    roots = (
        ordered.filter(pl.col("kind") == ROOT, pl.col("severity") == REJECT)
        .select(pl.col("table").alias("root_table"), pl.col("record").alias("root_record"),
                pl.col("report").alias("root"))
        .unique(["root_table", "root_record"], keep="first", maintain_order=True)
    )  # fmt: skip
    return (
        ordered.join(roots, on=["root_table", "root_record"], how="left", maintain_order="left")
        .with_columns(pl.col("root").fill_null(0))
        .select(*NUMBERED)
        .cast(NUMBERED)  # type: ignore[arg-type]
    )
