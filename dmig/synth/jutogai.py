"""What a delivery of 住登外者宛名 holds: persons outside the register, as facts, in the old form and in the standard."""

from __future__ import annotations

import polars as pl

from dmig.synth.content import Content, Sheet
from dmig.synth.outside import outside
from dmig.synth.outside_faults import expected, plant
from dmig.synth.package_items import JUTOGAI_ITEMS
from dmig.synth.package_outside import OutsideTexts
from dmig.synth.streams import Streams
from dmig.synth.truth_items import JUTOGAI
from dmig.synth.truth_outside import OutsideTruth

FILE = "JUTOGAI.csv"


def jutogai(residents: int, seed: int, fault_rate: float) -> Content:
    """The delivery of `residents` persons with a 宛名番号 outside of 住民記録."""
    streams = Streams(seed)
    people = outside(residents, streams)
    every = people.at
    old, new = OutsideTexts(people), OutsideTruth(people)
    faults = plant(people, streams, fault_rate)
    units = pl.Series(people.number).cast(pl.String).str.zfill(10)
    return Content(
        [Sheet(FILE, tuple(JUTOGAI_ITEMS.values()), old.rows, every)],
        [Sheet("031_住登外者宛名基本情報.csv", JUTOGAI, new.rows, every)],
        faults.edits,
        faults.listing(FILE, units),
        expected(people, FILE),
    )
