"""Expected findings: legal oddities that a run must mention and must not refuse."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.births import Shape
from dmig.synth.register import Register
from dmig.synth.streams import Bools, Ints
from dmig.synth.tables import FILES, Tables

ERA_IMPOSSIBLE_DAY = "era_impossible_day"
NON_CALENDAR_DATE = "non_calendar_date"


def expected_findings(source: Register, where: Tables) -> pl.DataFrame:
    """One row per finding in file order: kind, file, record (from 1), legacy item. Deleted entries have none."""
    entries, births = source.entries, source.population.persons.births
    kept = ~entries.deleted
    parts = (
        (ERA_IMPOSSIBLE_DAY, "umare_ymd", np.flatnonzero(kept & (births.impossible_era[entries.person] == 1))),
        (NON_CALENDAR_DATE, "umare_ymd", np.flatnonzero(kept & (births.shape[entries.person] == Shape.NON_CALENDAR))),
        (ERA_IMPOSSIBLE_DAY, "ido_ymd", np.flatnonzero(kept & entries.stale_era)),
    )
    found = pl.concat(_rows(kind, item, at, where) for kind, item, at in parts)
    return found.sort("table", "record", "item").select("kind", "file", "record", "item")


def has_findings(source: Register) -> Bools:
    """Persons with an expected finding in any entry."""
    births = source.population.persons.births
    odd = (births.impossible_era == 1) | (births.shape == Shape.NON_CALENDAR)
    odd[source.entries.person[source.entries.stale_era]] = True
    return np.asarray(odd)


def _rows(kind: str, item: str, at: Ints, where: Tables) -> pl.DataFrame:
    frame = pl.DataFrame({"table": where.table[at], "record": where.record[at]})
    file = pl.when(pl.col("table") == 0).then(pl.lit(FILES[0])).otherwise(pl.lit(FILES[1]))
    return frame.with_columns(file=file, kind=pl.lit(kind), item=pl.lit(item))
