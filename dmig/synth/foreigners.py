"""What the register holds of foreign residents: nationality, status of residence, names in letters and in kanji."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from dmig.synth.city import (
    COUNTRIES,
    FOREIGN_GIVEN,
    FOREIGN_SURNAMES,
    GIVEN_NAMES,
    GIVEN_WITH_KANJI,
    SURNAMES,
    WITH_KANJI,
)
from dmig.synth.days import LAST_DAY, NO_DAY
from dmig.synth.people import People
from dmig.synth.streams import Bools, Ints, Streams, chance


class Status(NamedTuple):
    """A status of residence: the old system's number, the standard's, years of stay (0: without end), weight."""

    held: str
    standard: str
    years: int
    weight: float


STATUSES = (
    Status("10", "030", 0, 30),
    Status("11", "031", 3, 6),
    Status("12", "032", 3, 1),
    Status("13", "033", 5, 6),
    Status("20", "026", 2, 12),
    Status("21", "027", 1, 0.3),
    Status("22", "028", 3, 8),
    Status("23", "024", 1, 0.3),
    Status("30", "014", 5, 12),
    Status("31", "015", 3, 1),
    Status("32", "018", 3, 1.5),
    Status("33", "016", 5, 1),
    Status("34", "009", 5, 1.5),
    Status("35", "013", 3, 0.5),
    Status("36", "003", 5, 0.5),
    Status("37", "011", 5, 0.3),
    Status("38", "012", 5, 0.2),
    Status("39", "017", 1, 0.2),
    Status("40", "019", 1, 6),
    Status("41", "020", 3, 0.5),
    Status("42", "021", 1, 3),
    Status("43", "022", 2, 3),
    Status("44", "023", 2, 1.5),
    Status("45", "007", 5, 1),
    Status("46", "008", 0, 0.3),
    Status("50", "029", 1, 3),
)


class Written(IntEnum):
    """How the name is held: letters alone, kanji and letters, or kanji alone."""

    LETTERS = 0
    BOTH = 1
    KANJI = 2


@dataclass(frozen=True, slots=True)
class Foreigners:
    """One place per person, of meaning for foreigners only.

    `rule` is the case of 住基法30条の45 (1 to 6); `status` an index into STATUSES (-1: none); the stay was granted for
    `years`, `months` or `days` (the others -1) until `until`. `prefers_alias`: the 通称 leads where there is one.
    """

    surname: Ints
    given: Ints
    written: Ints
    read: Bools
    nation: Ints
    rule: Ints
    status: Ints
    years: Ints
    months: Ints
    days: Ints
    until: Ints
    card: Ints
    alias_surname: Ints
    alias_given: Ints
    prefers_alias: Bools


def foreigners(population: People, streams: Streams) -> Foreigners:
    """Draw for everybody, so that one person's draws never depend on the others."""
    draw, count = streams.of("foreigners"), len(population.persons)
    asian = chance(draw, 0.4, count)
    written = np.where(asian, draw.choice(len(Written), size=count, p=(0.3, 0.5, 0.2)), Written.LETTERS)
    rule = draw.choice([1, 2, 3, 4, 5, 6], size=count, p=(0.86, 0.1, 0.005, 0.005, 0.02, 0.01))
    weights = np.array([status.weight for status in STATUSES])
    status = np.where(rule == 1, draw.choice(len(STATUSES), size=count, p=weights / weights.sum()), -1)
    years = np.where(status >= 0, np.array([status.years for status in STATUSES])[status], 0)
    unit = np.where(years > 0, draw.choice(3, size=count, p=(0.85, 0.1, 0.05)), -1)
    return Foreigners(
        surname=np.where(asian, draw.integers(0, WITH_KANJI, count), draw.integers(0, len(FOREIGN_SURNAMES), count)),
        given=np.where(asian, draw.integers(0, GIVEN_WITH_KANJI, count), draw.integers(0, len(FOREIGN_GIVEN), count)),
        written=written.astype(np.int64),
        read=chance(draw, 0.7, count),
        nation=draw.integers(0, len(COUNTRIES), count),
        rule=rule.astype(np.int64),
        status=status,
        years=np.where(unit == 0, years, -1),
        months=np.where(unit == 1, 3 * draw.integers(1, 6, count), -1),
        days=np.where(unit == 2, draw.choice([30, 90, 180], size=count), -1),
        until=np.where(years > 0, LAST_DAY + draw.integers(90, 1_600, count), NO_DAY),
        card=draw.integers(0, 100_000_000, count),
        alias_surname=draw.integers(0, len(SURNAMES), count),
        alias_given=draw.integers(0, len(GIVEN_NAMES), count),
        prefers_alias=chance(draw, 0.5, count),
    )
