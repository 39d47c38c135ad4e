"""Facts about places and people outside the city and in family registers, each a plain function of the entry."""

from __future__ import annotations

import numpy as np

from dmig.synth.city import GIVEN_NAMES, SURNAMES
from dmig.synth.register import Register
from dmig.synth.streams import Ints

NO_ROOM, FIRST_ROOM = 0, 101


def lot(entry: Ints) -> Ints:
    """First number of a house elsewhere."""
    return np.asarray(1 + entry * 37 % 900)


def house(entry: Ints) -> Ints:
    """Second number of a house elsewhere."""
    return np.asarray(1 + entry * 11 % 29)


def room(entry: Ints) -> Ints:
    """Room in a building elsewhere, or NO_ROOM."""
    return np.where(entry % 3 == 0, FIRST_ROOM + entry * 13 % 19, NO_ROOM)


def origin_head(entry: Ints) -> tuple[Ints, Ints]:
    """Surname and given name of the head of the household that was left elsewhere."""
    return np.asarray(entry * 31 % len(SURNAMES)), np.asarray(entry * 17 % len(GIVEN_NAMES))


def registrants(source: Register, at: Ints) -> tuple[Ints, Ints]:
    """Surname and given name of 筆頭者: the first of the household where the surname is shared, else the person."""
    entries, persons = source.entries, source.population.persons
    person = entries.person[at]
    first = source.population.households.first[persons.household[person]]
    surname = entries.surname[at]
    shared = (persons.surname[first] == surname) & ~persons.foreign[first]
    return surname, np.where(shared, persons.given[first], persons.given[person])
