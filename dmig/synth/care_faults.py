"""Planted faults and expected findings of 介護保険: each chosen person carries one fault, in a record that is not deleted."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.births import Shape
from dmig.synth.care_fault_kinds import FAULTS, CareFault, CareGround
from dmig.synth.city import OPEN_SURNAMES
from dmig.synth.package_care_columns import COLUMNS, FILES
from dmig.synth.planted import PlantedFaults
from dmig.synth.streams import Bools, Ints, Streams

__all__ = ["CareGround", "expected", "plant"]
_TABLES = list(FILES)


def plant(ground: CareGround, streams: Streams, rate: float) -> PlantedFaults:
    """Kinds in equal shares on persons without findings; at least one fault when `rate` is above 0."""
    if not 0 <= rate <= 1:
        raise ValueError("fault_rate must lie between 0 and 1")
    draw, count = streams.of("care faults"), len(ground.source.population.persons)
    free: Bools = np.asarray(~_odd(ground).any(axis=0))
    total = max(1, round(rate * count)) if rate > 0 else 0
    fits = [_fitting(ground, fault) for fault in FAULTS]
    room = [len(np.unique(ground.tables[fault.table]["person"][at])) for fault, at in zip(FAULTS, fits, strict=True)]
    parts = []
    # What few can carry comes first, or others would take their persons.
    for turn, n in enumerate(np.argsort(room, kind="stable").tolist()):
        fault, wanted = FAULTS[n], total // len(FAULTS) + (turn < total % len(FAULTS))
        person = ground.tables[fault.table]["person"]
        chosen = _one_each(draw.permutation(fits[n][free[person[fits[n]]]]), person)[:wanted]
        free[person[chosen]] = False
        own = fault.own(ground).gather(chosen) if fault.own else pl.Series([""] * len(chosen), dtype=pl.String)
        parts.append(_planted(n, _TABLES.index(fault.table), chosen, person[chosen], own))
    items = [list(COLUMNS[table]) for table in _TABLES]
    return PlantedFaults(pl.concat(parts).sort("table", "record"), FAULTS, items, list(FILES.values()))


def _fitting(ground: CareGround, fault: CareFault) -> Ints:
    """The records of its table that can carry a kind."""
    facts = ground.tables[fault.table]
    fits = facts.get("deleted", np.zeros(len(facts["person"]), np.int64)) == 0
    return np.flatnonzero(fits if fault.eligible is None else fits & fault.eligible(ground))


def _one_each(records: Ints, unit: Ints) -> Ints:
    """The first record of each unit, in the order given."""
    _, first = np.unique(unit[records], return_index=True)
    return records[np.sort(first)]


def _planted(kind: int, table: int, chosen: Ints, unit: Ints, own: pl.Series) -> pl.DataFrame:
    whole = np.zeros(len(chosen), np.int64)
    return pl.DataFrame({"table": whole + table, "record": chosen + 1, "kind": whole + kind, "unit": unit, "own": own})


def _odd(ground: CareGround) -> Bools:
    """Persons with an expected finding: an era that had ended, a day of no calendar, a glyph not decided; by kind."""
    persons, entries = ground.source.population.persons, ground.source.entries
    births, glyph = persons.births, np.zeros(len(persons), np.bool_)
    glyph[entries.person[np.isin(entries.surname, OPEN_SURNAMES) & entries.latest]] = True
    return np.stack([births.impossible_era == 1, births.shape == Shape.NON_CALENDAR, glyph & ~persons.foreign])


#: Kinds of findings, and the item of 資格 at which they stand.
_FINDINGS = (
    ("era_impossible_day", "umare_ymd"),
    ("non_calendar_date", "umare_ymd"),
    ("open_glyph", "kanji_shimei"),
)


def expected(ground: CareGround) -> pl.DataFrame:
    """Expected findings in file order; all of them in 資格, which holds names and birthdays."""
    rows = ground.tables["shikaku"]
    odd = _odd(ground)[:, rows["person"]] & (rows["deleted"] == 0)
    parts = [
        pl.DataFrame({"record": np.flatnonzero(odd[n]) + 1}).with_columns(kind=pl.lit(kind), item=pl.lit(item))
        for n, (kind, item) in enumerate(_FINDINGS)
    ]
    found = pl.concat(parts).sort("record", "item").with_columns(file=pl.lit(FILES["shikaku"]))
    return found.select("kind", "file", "record", "item")
