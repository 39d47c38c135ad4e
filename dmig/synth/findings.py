"""Expected findings: legal oddities that a run must mention and must not refuse."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.births import Shape
from dmig.synth.city import OPEN_SURNAMES
from dmig.synth.history import History
from dmig.synth.register import Register
from dmig.synth.streams import Bools, Ints
from dmig.synth.tables import FILES, IDO, Tables

ERA_IMPOSSIBLE_DAY = "era_impossible_day"  # NRM011
NON_CALENDAR_DATE = "non_calendar_date"  # NRM012, NRM013
OPEN_GLYPH = "open_glyph"  # NRM020
HEAD_NOT_FOUND = "head_not_found"  # STP003
CANCELLED_EVENT_NOT_FOUND = "cancelled_event_not_found"  # STP003
WRONG_RESIDENT_CODE = "wrong_juminhyo_cd"  # CNV015
WRONG_CITY_CODE = "wrong_city_code"  # CHK014


def expected_findings(source: Register, where: Tables, history: History) -> pl.DataFrame:
    """One row per finding in file order: kind, file, record (from 1), legacy item. Deleted entries have none."""
    entries, births, shown, papers = source.entries, source.population.persons.births, source.snapshots, source.papers
    kept, person = ~entries.deleted, entries.person
    glyph = np.isin(entries.surname, OPEN_SURNAMES)
    marks = (
        (ERA_IMPOSSIBLE_DAY, "umare_ymd", births.impossible_era[person] == 1),
        (NON_CALENDAR_DATE, "umare_ymd", births.shape[person] == Shape.NON_CALENDAR),
        (ERA_IMPOSSIBLE_DAY, "ido_ymd", entries.stale_era),
        (OPEN_GLYPH, "kanji_shimei", glyph & ~source.population.persons.foreign[person]),
        (OPEN_GLYPH, "hittousha", glyph & ~source.population.persons.foreign[person]),
        (HEAD_NOT_FOUND, "nushi_no", shown.lost_head),
        (WRONG_RESIDENT_CODE, "juminhyo_cd", papers.code_wrong[person] & shown.coded),
        (WRONG_CITY_CODE, "tennyu_shi_cd", papers.origin_code_wrong),
    )
    parts = []
    for kind, item, mark in marks:
        at = np.flatnonzero(kept & mark)
        parts.append(_rows(kind, item, where.table[at], where.record[at]))
    stale = np.flatnonzero(entries.stale_era[history.entry] & (history.sequence > 0))
    dangling = np.flatnonzero(history.dangling)
    for kind, item, rows in (
        (ERA_IMPOSSIBLE_DAY, "ido_ymd", stale),
        (CANCELLED_EVENT_NOT_FOUND, "atena_no", dangling),
    ):
        parts.append(_rows(kind, item, np.full(len(rows), IDO), rows + 1))
    found = pl.concat(parts).sort("table", "record", "item")
    files = pl.Series("file", FILES).gather(found["table"])
    return found.with_columns(files).select("kind", "file", "record", "item")


def has_findings(source: Register, history: History) -> Bools:
    """Persons with an expected finding in any entry."""
    births, entries, papers = source.population.persons.births, source.entries, source.papers
    odd = (births.impossible_era == 1) | (births.shape == Shape.NON_CALENDAR) | papers.code_wrong
    odd[entries.person[entries.stale_era | source.snapshots.lost_head | papers.origin_code_wrong]] = True
    odd[entries.person[np.isin(entries.surname, OPEN_SURNAMES)]] = True
    odd[entries.person[history.entry[history.dangling]]] = True
    return np.asarray(odd)


def _rows(kind: str, item: str, table: Ints, record: Ints) -> pl.DataFrame:
    frame = pl.DataFrame({"table": table, "record": record})
    return frame.with_columns(kind=pl.lit(kind), item=pl.lit(item))
