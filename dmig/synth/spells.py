"""When households and persons were residents: coming, leaving, coming back, death and removal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmig.synth.days import FOREIGNERS_FROM, LAST_DAY, LAW_IN_FORCE, NEVER, YEAR
from dmig.synth.people import PLACE_OF_PERSON, People
from dmig.synth.streams import Bools, Ints, Streams, between, chance

_ADULT = int(18 * YEAR)
#: Share of persons dead by the key date, by age reached on it.
_DEAD_BY_AGE = ((0, 0.004), (50, 0.02), (65, 0.07), (75, 0.2), (85, 0.5), (95, 0.85))
_OLDEST = int(105 * YEAR)


@dataclass(frozen=True, slots=True)
class Spells:
    """Days of households (came, left, back) and persons (entry, end); NEVER where it did not happen.

    `born_here` and `by_office` tell how a person first came; `dead` tells death from 職権消除 at `end`.
    """

    came: Ints
    left: Ints
    back: Ints
    by_office: Bools
    entry: Ints
    born_here: Bools
    end: Ints
    dead: Bools

    def present(self, household: Ints, person: Ints, day: Ints) -> Bools:
        """Whether the person was a resident all day: after the entry, before the end, not while moved away."""
        away = (day >= self.left[household]) & (day <= self.back[household])
        return (day > self.entry[person]) & (day < self.end[person]) & ~away


def spells(population: People, streams: Streams) -> Spells:
    """Draw when everybody came and left; a household never leaves before its last child is born."""
    households, persons = population.households, population.persons
    born = persons.births.true_day
    head_born = born[households.first]
    draw = streams.of("spells")
    # Foreigners have been residents under the law since 2012 only.
    mixed = np.bincount(persons.household, weights=persons.foreign, minlength=len(households)) > 0
    law = np.where(mixed, FOREIGNERS_FROM, LAW_IN_FORCE)
    came = between(draw, np.maximum(head_born + _ADULT, law), np.minimum(head_born + int(70 * YEAR), LAST_DAY - 60))
    last_birth = np.maximum.reduceat(born, households.first)
    left, back = _moves_away(draw, np.maximum(came, last_birth) + 30, head_born)
    entry, born_here = _entries(population, came, left, draw)
    end, dead = _ends(population, entry, left, back, streams.of("ends"))
    by_office = chance(streams.of("by office"), 0.05, len(came))
    return Spells(came, left, back, by_office, entry, born_here, end, dead)


def _moves_away(draw: np.random.Generator, earliest: Ints, head_born: Ints) -> tuple[Ints, Ints]:
    """Days of moving away (one household in six) and of coming back (a third of these, never the very old)."""
    leaves = chance(draw, 1 / 6, len(earliest)) & (earliest < LAST_DAY)
    left = np.where(leaves, between(draw, earliest, np.full_like(earliest, LAST_DAY)), NEVER)
    returns = leaves & chance(draw, 0.35, len(left)) & (left + 60 < LAST_DAY) & (head_born > LAST_DAY - 80 * YEAR)
    return left, np.where(returns, between(draw, left + 30, np.full_like(left, LAST_DAY - 1)), NEVER)


def _entries(population: People, came: Ints, left: Ints, draw: np.random.Generator) -> tuple[Ints, Bools]:
    """First day of each person as a resident, and whether it is the birth.

    Partners, parents and others join later than the head in part of the cases, always when born after the head came.
    """
    persons = population.persons
    home, born = persons.household, persons.births.true_day
    may_join = np.array([place.joins for place in PLACE_OF_PERSON])[persons.place]
    late = may_join & (chance(draw, 0.4, len(home)) | (born > came[home]))
    until = np.minimum(left[home], LAST_DAY) - 1
    grown = np.maximum(came[home], born + _ADULT)
    joined = between(draw, np.where(grown <= until, grown, np.maximum(came[home], born + 1)), until)
    born_here = ~may_join & (born > came[home])
    return np.where(late, joined, np.where(born_here, born, came[home])), born_here


def _ends(population: People, entry: Ints, left: Ints, back: Ints, draw: np.random.Generator) -> tuple[Ints, Bools]:
    """Day of death or removal by the office, and whether it is death. Nobody dies here while living elsewhere."""
    home, born = population.persons.household, population.persons.births.true_day
    age = (LAST_DAY - born) / YEAR
    steps = np.array([share for _, share in _DEAD_BY_AGE])
    share = steps[np.searchsorted([years for years, _ in _DEAD_BY_AGE], age, side="right") - 1]
    dies = draw.random(len(born)) < np.where(age > 104, 1.0, share)
    death = between(draw, entry + 1, np.minimum(LAST_DAY, np.maximum(born + _OLDEST, entry + 1)))
    away = (death >= left[home]) & (death <= back[home])
    death = np.where(dies & ~away & (death <= LAST_DAY), death, NEVER)
    returned = back[home] < NEVER
    still = returned | (left[home] == NEVER)
    forced = (age > 108) & still
    start = np.where(returned, back[home], entry) + 1
    may = still & (death == NEVER) & (start <= LAST_DAY)
    removed = may & (forced | (draw.random(len(born)) < 0.006))
    if not removed.any():
        removed[np.flatnonzero(may)[:1]] = True
    removal = between(draw, start, np.full_like(start, LAST_DAY))
    return np.where(removed, removal, death), death < NEVER
