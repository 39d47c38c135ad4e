"""Persons outside of 住民記録: owners, taxpayers and payees who live elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmig.synth.births import ODDITIES, Births, Shape, births
from dmig.synth.city import FOREIGN_GIVEN, FOREIGN_SURNAMES, GIVEN_NAMES, OTHERS, SURNAME_COUNT, SURNAMES
from dmig.synth.days import LAST_DAY, day_of
from dmig.synth.numbers import checked_numbers
from dmig.synth.streams import Bools, Ints, Streams, between, chance, spread_numbers


@dataclass(frozen=True, slots=True)
class Outsiders:
    """One place per person, in order of 宛名番号.

    `kojin` is -1 where 個人番号 is not known. `place` is an index into OTHERS; `housing` says whether the building is
    missing (0), in its own cell (1) or glued to the house number (2). `merged` is the place of the person that this
    row was found to be (-1: none).
    """

    number: Ints
    kojin: Ints
    zeros_lost: Bools
    foreign: Bools
    surname: Ints
    given: Ints
    foreign_surname: Ints
    foreign_given: Ints
    sex: Ints
    births: Births
    place: Ints
    housing: Ints
    business: Ints
    own_system: Ints
    merged: Ints
    clerk: Ints
    done: Ints
    second: Ints

    def __len__(self) -> int:
        return len(self.number)

    @property
    def at(self) -> Ints:
        """All places."""
        return np.arange(len(self))


def outside(count: int, streams: Streams) -> Outsiders:
    """Draw `count` of them."""
    if count < 1:
        raise ValueError("residents must be at least 1")
    draw = streams.of("outside")
    adults = [n for n, oddity in enumerate(ODDITIES) if not oddity.for_child]
    odd = chance(draw, 0.04, count)
    oddity = np.where(odd, np.array(adults)[np.cumsum(odd) % len(adults)], -1)
    days = between(draw, np.full(count, day_of(1930, 1, 1)), np.full(count, day_of(2004, 1, 1)))
    kojin = checked_numbers(streams, "outside kojin", count, 12)
    at = np.arange(count)
    # Odd places merge into the even place before them, so no merged row leads to another.
    merged = np.where(chance(draw, 0.06, count) & (at % 2 == 1), at - 1, -1)
    return Outsiders(
        number=spread_numbers(draw, count),
        kojin=np.where(chance(draw, 0.6, count), kojin, -1),
        zeros_lost=(kojin < 10**11) & chance(draw, 0.5, count),
        foreign=chance(draw, 0.06, count) & (oddity < 0),
        surname=np.where(
            chance(draw, 0.02, count),
            draw.integers(len(SURNAMES), SURNAME_COUNT, count),
            draw.integers(0, len(SURNAMES), count),
        ),
        given=draw.integers(0, len(GIVEN_NAMES), count),
        foreign_surname=draw.integers(0, len(FOREIGN_SURNAMES), count),
        foreign_given=draw.integers(0, len(FOREIGN_GIVEN), count),
        sex=draw.choice(3, size=count, p=(0.01, 0.5, 0.49)),
        births=births(days, oddity, streams.of("outside births")),
        place=draw.integers(0, len(OTHERS), count),
        housing=draw.choice(3, size=count, p=(0.5, 0.4, 0.1)),
        business=draw.integers(0, 4, count),
        own_system=draw.integers(-3, 2, count),
        merged=merged,
        clerk=draw.integers(1, 40, count),
        done=between(draw, np.full(count, day_of(2008, 1, 1)), np.full(count, LAST_DAY)),
        second=draw.integers(8 * 3_600 + 1_800, 17 * 3_600 + 900, count),
    )


def non_calendar(people: Outsiders) -> Bools:
    """Born on a day that no calendar has."""
    return np.asarray(people.births.shape == Shape.NON_CALENDAR)
