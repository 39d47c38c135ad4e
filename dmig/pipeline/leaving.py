"""Records that staff type in by hand, and with each its whole unit in the group: what leaves is not half migrated."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from dmig.model.repairs import Treatment
from dmig.model.reports import FINDING, NOWHERE, ROOT, empty_reports, reports
from dmig.pipeline.context import Context
from dmig.pipeline.convert_pass import ConvertedGroup
from dmig.pipeline.rows import IDENTITY
from dmig.sources.port import OFFSET, RECORD
from dmig.steps.contract import TABLE

#: A report that a record leaves because staff type it in.
LEAVES = "RPR005"
#: A row that leaves, and the record that it is made of.
LEFT = {
    "part": pl.UInt32, "row": pl.UInt32, "table": pl.String, "record": pl.UInt64, "offset_bytes": pl.UInt64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Leaving:
    """What leaves a group: rows, and refused records (`table`, `record`) whose unit it is."""

    rows: pl.DataFrame
    refused: pl.DataFrame

    def reports(self, group: str) -> pl.DataFrame:
        """One finding per row that leaves."""
        if not self.rows.height:
            return empty_reports()
        return reports(self.rows, kind=ROOT, severity=FINDING, stage="repair", code=LEAVES, group=group)


NOTHING = Leaving(pl.DataFrame(schema=LEFT), pl.DataFrame(schema={"table": pl.String, "record": pl.UInt64}))


def leaving(context: Context, converted: ConvertedGroup, rescued: pl.DataFrame) -> Leaving:
    """The rows of a group that leave. Rows that steps made stand for others, which stay: such a group loses none."""
    plan = context.group(converted.group)
    if context.repaired is None or plan.created:
        return NOTHING
    asked = context.repaired.of(Treatment.MANUAL_ENTRY).select("table", "record").unique(maintain_order=True)
    if not asked.height:
        return NOTHING
    unit = plan.group.unit
    own = pl.concat([pl.DataFrame(schema=LEFT | {"unit": pl.String}), *_rows(context, converted, unit)])
    meant = own.join(asked, on=["table", "record"], how="semi", maintain_order="left")
    units = pl.concat([meant.select("unit"), rescued.join(asked, on=["table", "record"], how="semi").select("unit")])
    units = units.drop_nulls().unique()
    gone = own.join(units, on="unit", how="semi", maintain_order="left")
    alone = meant.filter(pl.col("unit").is_null())
    refused = rescued.join(units, on="unit", how="semi", maintain_order="left").select("table", "record")
    return Leaving(pl.concat([gone, alone]).sort("part", "row").select(*LEFT), refused)


def softened(found: pl.DataFrame, by_hand: tuple[tuple[str, int], ...]) -> pl.DataFrame:
    """Reports where a reject of a record that staff type in refuses nothing, unless it has a row that it refuses."""
    if not by_hand:
        return found
    typed = pl.DataFrame(by_hand, schema={"table": pl.String, "record": pl.UInt64}, orient="row")
    mine = found.join(
        typed.with_columns(pl.lit(True).alias("typed")), on=["table", "record"], how="left", maintain_order="left"
    )
    loose = pl.col("typed").fill_null(False) & ((pl.col("stage") == "read") | (pl.col("part") == NOWHERE))
    severity = pl.when(loose).then(pl.lit(FINDING)).otherwise("severity").alias("severity")
    return mine.with_columns(severity).drop("typed")


def _rows(context: Context, converted: ConvertedGroup, unit: str) -> list[pl.DataFrame]:
    """Every row of the group with its unit; only runs in which somebody types records by hand pay for it."""
    tables = pl.Series("table", [table.table for table in context.plan.legacy.tables], pl.String)
    found = []
    for part in converted.parts:
        rows = converted.rows.read(part.index, (*IDENTITY, unit)).with_row_index("row")
        found.append(
            rows.select(
                pl.lit(part.index, pl.UInt32).alias("part"), pl.col("row").cast(pl.UInt32),
                tables[rows[TABLE].to_list()].alias("table"), pl.col(RECORD).alias("record"),
                pl.col(OFFSET).alias("offset_bytes"), pl.col(unit).alias("unit"),
            )
        )  # fmt: skip
    return found
