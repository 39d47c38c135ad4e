"""What a delivery of 介護保険 holds: the care system's tables, the standard groups, planted faults, expected findings."""

from __future__ import annotations

import polars as pl

from dmig.synth.care_benefits import benefits
from dmig.synth.care_faults import CareGround, expected, plant
from dmig.synth.care_law import Facts
from dmig.synth.care_levels import certified
from dmig.synth.care_levies import levies, reliefs, standing
from dmig.synth.care_people import insured
from dmig.synth.care_receipts import receipts
from dmig.synth.content import Content, Sheet
from dmig.synth.package_care import CareTexts, places
from dmig.synth.package_care_columns import COLUMNS, FILES
from dmig.synth.register import Register, register
from dmig.synth.streams import Ints, Streams
from dmig.synth.truth_care import CareTruth, standard_places
from dmig.synth.truth_care_columns import GROUPS
from dmig.synth.truth_care_levy_columns import LEVY_GROUPS


def kaigo(residents: int, seed: int, fault_rate: float) -> Content:
    """The care insurance of the city that `jumin` with the same seed and number of residents describes."""
    source, streams = register(residents, seed), Streams(seed)
    number, tables = _tables(source, streams)
    old, new = CareTexts(source, number), CareTruth(source, number)
    legacy = [
        Sheet(
            file,
            tuple(column.name for column in COLUMNS[name].values()),
            old.rows(name, tables[name]),
            places(tables[name]),
        )
        for name, file in FILES.items()
    ]
    truth = [
        Sheet(f"kaigo_{group.name}.csv", tuple(group.items), new.rows(group, facts), standard_places(group, facts))
        for group in (*GROUPS, *LEVY_GROUPS)
        for facts in (tables[group.table],)
    ]
    ground = CareGround(source, number, tables)
    faults = plant(ground, streams, fault_rate)
    units = pl.Series(source.population.persons.number).cast(pl.String).str.zfill(10)
    return Content(legacy, truth, faults.edits, faults.listing(units), expected(ground))


def _tables(source: Register, streams: Streams) -> tuple[Ints, dict[str, Facts]]:
    """被保険者番号 by person, and the facts of all tables."""
    people = insured(source, streams)
    levels, stands = certified(source, people, streams), standing(source, streams)
    fuka = levies(source, people, stands, streams)
    return people.number, {
        "shikaku": people.shikaku, "jutoku": people.jutoku, "jogai": people.jogai, "shinsei": levels.shinsei,
        "ninchosa": levels.chosa, "ikensho": levels.ikensho, "nintei": levels.nintei, "jigyo": levels.jigyo,
        "keikaku": levels.keikaku, **benefits(source, people, levels, stands, streams), "fuka": fuka,
        "hokengenmen": reliefs(fuka), "shunou": receipts(fuka, source.population.persons.number, streams),
    }  # fmt: skip
