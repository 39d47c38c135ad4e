"""収納 of premiums of 介護保険: what was paid of the levies of a year, doubles given back, what is still owed not at all."""

from __future__ import annotations

import numpy as np

from dmig.synth.care_law import INSTALMENTS, PENSION_MONTHS, Facts, joined, take
from dmig.synth.days import day_of
from dmig.synth.streams import Ints, Streams, chance

#: 賦課年度 whose receipts are handed over.
RECEIVED_YEAR = 2025
#: Places of codes: received, given back; by pension, otherwise.
RECEIVED, RETURNED = 0, 1
BY_PENSION, OTHERWISE = 0, 1


def receipts(fuka: Facts, number: Ints, streams: Streams) -> Facts:
    """One row per instalment that was paid, and one of the same amount below zero where it was paid twice."""
    draw = streams.of("care receipts")
    levied = take(
        fuka, np.flatnonzero((fuka["year"] == RECEIVED_YEAR) & (fuka["latest"] == 1) & (fuka["deleted"] == 0))
    )
    parts = [_of(levied, f"instalment{n}", n, OTHERWISE) for n in range(INSTALMENTS)]
    parts += [_of(levied, f"by_pension{n}", n, BY_PENSION) for n in range(len(PENSION_MONTHS))]
    due = joined(*parts)
    paid = take(due, np.flatnonzero((due["way"] == BY_PENSION) | chance(draw, 0.93, len(due["person"]))))
    twice = np.flatnonzero(
        (paid["way"] == OTHERWISE) & (chance(draw, 0.01, len(paid["person"])) | (paid["person"] % 53 == 0))
    )
    again, back = take(paid, twice), take(paid, twice)
    again |= {"serial": again["serial"] + 1, "day": again["day"] + 3}
    back |= {
        "serial": back["serial"] + 2, "day": back["day"] + 40, "amount": -back["amount"], "late": back["late"] * 0,
        "kind": np.full(len(twice), RETURNED),
    }  # fmt: skip
    rows = joined(paid, again, back)
    return take(rows, np.lexsort((rows["serial"], rows["part"], rows["way"], number[rows["person"]])))


def _of(levied: Facts, fact: str, place: int, way: int) -> Facts:
    """Receipts of one instalment: by pension on the 15th of its month, otherwise some days before or after the month's end."""
    rows = take(levied, np.flatnonzero(levied[fact] > 0))
    person, amount = rows["person"], rows[fact]
    month = int(PENSION_MONTHS[place]) if way == BY_PENSION else (7 + place - 1) % 12 + 1
    year = RECEIVED_YEAR + (month < 4)
    slow = (way == OTHERWISE) & (person % 19 == 0)
    size = len(person)
    return {
        "person": person, "year": rows["year"], "notice": rows["notice"], "way": np.full(size, way),
        "part": np.full(size, month if way == BY_PENSION else place + 1), "serial": np.ones(size, np.int64),
        "kind": np.full(size, RECEIVED), "day": day_of(year, month, 15) + np.where(way == BY_PENSION, 0, person % 12 + 60 * slow),
        "amount": amount, "late": np.where(slow, amount // 1_000 * 10, 0),
    }  # fmt: skip
