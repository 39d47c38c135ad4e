"""New values of repaired cells, laid over the raw text of staged parts before it is normalised; the raw text stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dmig.model.repairs import Treatment

#: One repaired cell: where it stands among the staged rows of its table, and the text that takes its place.
LAID = {
    "table": pl.String, "part": pl.UInt32, "row": pl.UInt32, "record": pl.UInt64, "item": pl.String,
    "value": pl.String,
}  # fmt: skip
APPLIED, LAPSED, UNAPPROVED, OPEN, UNUSED = "applied", "lapsed", "unapproved", "open", "unused"
#: What may have become of a decision: together all that were declared.
STATES = (APPLIED, LAPSED, UNAPPROVED, OPEN, UNUSED)
#: What became of each decision, in the order of the file; `part` is NOWHERE for a record that was refused at read.
DECIDED = {
    "number": pl.UInt32, "treatment": pl.String, "table": pl.String, "item": pl.String, "code": pl.String,
    "state": pl.String, "why": pl.String, "part": pl.UInt32, "row": pl.UInt32, "record": pl.UInt64,
    "offset_bytes": pl.UInt64,
}  # fmt: skip
#: Columns of a block as distinct values and codes, or as they are.
Columns = dict[str, tuple[pl.Series, pl.Series | None]]


@dataclass(frozen=True, slots=True)
class Overlay:
    """All repaired cells of a run. Somebody has typed each of them, so they are few: one file holds them all."""

    path: Path

    def cells(self) -> pl.DataFrame:
        """Every repaired cell."""
        return pl.read_ipc(self.path)

    def rows(self, table: str, part: int) -> pl.DataFrame:
        """The repaired cells of one staged part."""
        return self.cells().filter(pl.col("table") == table, pl.col("part") == part)

    def lay(self, table: str, part: int, columns: Columns) -> Columns:
        """The columns of one staged part with the new values in place of the raw texts."""
        laid = dict(columns)
        for (name,), own in self.rows(table, part).group_by(["item"], maintain_order=True):
            if (item := str(name)) in laid:
                laid[item] = _replaced(*laid[item], own)
        return laid

    def repaired_items(self, rows: pl.DataFrame, order: Mapping[str, int]) -> pl.Series:
        """Per row (`table`, `record`) the repaired ones of some items, in their order, joined by blanks; else null."""
        named = (
            self.cells()
            .filter(pl.col("item").is_in(list(order)))
            .sort(pl.col("item").replace_strict(order, default=len(order)))
            .group_by("table", "record", maintain_order=True)
            .agg(pl.col("item").str.join(" ").alias("repaired"))
        )
        return rows.join(named, on=["table", "record"], how="left", maintain_order="left")["repaired"]


@dataclass(frozen=True, slots=True)
class Repaired:
    """What became of the decisions of a run, and what they said."""

    decided: pl.DataFrame
    reports: Path

    def of(self, treatment: Treatment) -> pl.DataFrame:
        """Decisions of one kind that are carried out."""
        return self.decided.filter(pl.col("treatment") == treatment.value, pl.col("state") == APPLIED)


def _replaced(values: pl.Series, codes: pl.Series | None, own: pl.DataFrame) -> tuple[pl.Series, pl.Series | None]:
    if codes is None:
        return values.clone().scatter(own["row"], own["value"]), None
    new = pl.Series(range(values.len(), values.len() + own.height), dtype=codes.dtype)
    return pl.concat([values, own["value"].alias(values.name)]), codes.clone().scatter(own["row"], new)
