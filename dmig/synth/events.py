"""What happened to each person, in order: one typed row per entry of the register, as the old system keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from dmig.synth.days import AS_OF, NEVER, YEAR
from dmig.synth.people import People
from dmig.synth.spells import Spells
from dmig.synth.streams import Bools, Ints, Streams, between, chance


class Kind(IntEnum):
    """Kinds of entry, in the order in which entries of one day follow each other."""

    MOVED_IN = 0
    BORN = 1
    ENTERED_BY_OFFICE = 2
    HEAD_CHANGED = 3
    MOVED_HOUSE = 4
    RENAMED = 5
    CORRECTED_BY_OFFICE = 6
    MOVED_AWAY = 7
    DIED = 8
    REMOVED_BY_OFFICE = 9


@dataclass(frozen=True, slots=True)
class Events:
    """One place per entry, ordered by 宛名番号, then day, then kind; `deleted` entries stand before the true one."""

    person: Ints
    day: Ints
    kind: Ints
    deleted: Bools


@dataclass(frozen=True, slots=True)
class Moves:
    """Moves within the city, one place each: household and day, drawn within a stay."""

    household: Ints
    day: Ints


_Part = tuple[Ints, Ints, Ints]


def moves(population: People, spell: Spells, streams: Streams) -> Moves:
    """Draw the moves of all households: about one in the first stay, half as many after coming back."""
    draw = streams.of("moves")
    every = np.arange(len(population.households))
    first = np.repeat(every, np.minimum(draw.poisson(1.15, len(every)), 5))
    second = np.repeat(every, np.where(spell.back < NEVER, np.minimum(draw.poisson(0.5, len(every)), 3), 0))
    household = np.concatenate((first, second))
    start = np.concatenate((spell.came[first], spell.back[second])) + 1
    stop = np.concatenate((np.minimum(spell.left[first], AS_OF + 1), np.full(len(second), AS_OF + 1))) - 1
    fits = start <= stop
    return Moves(household[fits], between(draw, start[fits], stop[fits]))


def events(population: People, spell: Spells, moved: Moves, streams: Streams) -> Events:
    """All entries of all persons, with about four in a hundred entered twice, the first of the two deleted."""
    parts = [
        *_comings_and_goings(population, spell),
        _moves_of_persons(population, spell, moved),
        _head_changes(population, spell),
        _renamings(population, spell, streams.of("renaming")),
        _corrections(population, spell, streams.of("correction")),
    ]
    person, day, kind = (np.concatenate(column) for column in zip(*parts, strict=True))
    doubled = np.flatnonzero(chance(streams.of("deleted"), 0.04, len(person)))
    # Findings about a deleted entry could be reported or not: such births have no deleted entries, so none is open.
    births = population.persons.births
    doubled = doubled[(births.impossible_era[person[doubled]] == 0) & (births.shape[person[doubled]] == 0)]
    true_entry = np.arange(len(person) + len(doubled)) < len(person)
    person, day, kind = (np.concatenate((column, column[doubled])) for column in (person, day, kind))
    rank = population.persons.order[person]
    order = np.argsort((((rank << 17) + day + 40_000) << 5) + kind * 2 + true_entry, kind="stable")
    return Events(person[order], day[order], kind[order], ~true_entry[order])


def _all_of(kind: Kind, person: Ints, day: Ints) -> _Part:
    return person, day, np.full(len(person), kind, dtype=np.int64)


def _comings_and_goings(population: People, spell: Spells) -> list[_Part]:
    """Entry, moving away, coming back, and death or removal."""
    home = population.persons.household
    every = np.arange(len(home))
    left, back = spell.left[home], spell.back[home]
    by_office = spell.by_office[home] & (spell.entry == spell.came[home])
    entry_kind = np.where(spell.born_here, Kind.BORN, np.where(by_office, Kind.ENTERED_BY_OFFICE, Kind.MOVED_IN))
    leaves = every[(left < NEVER) & (spell.end > left)]
    returns = leaves[back[leaves] < NEVER]
    ends = every[spell.end < NEVER]
    end_kind = np.where(spell.dead[ends], Kind.DIED, Kind.REMOVED_BY_OFFICE)
    return [
        (every, spell.entry, entry_kind.astype(np.int64)),
        _all_of(Kind.MOVED_AWAY, leaves, left[leaves]),
        _all_of(Kind.MOVED_IN, returns, back[returns]),
        (ends, spell.end[ends], end_kind.astype(np.int64)),
    ]


def _members(population: People, household: Ints) -> tuple[Ints, Ints]:
    """All members of each given household: the index into `household` and the person, side by side."""
    size = population.households.size[household]
    which = np.repeat(np.arange(len(household)), size)
    inside = np.arange(len(which)) - np.repeat(np.cumsum(size) - size, size)
    return which, population.households.first[household][which] + inside


def _moves_of_persons(population: People, spell: Spells, moved: Moves) -> _Part:
    which, person = _members(population, moved.household)
    day = moved.day[which]
    here = spell.present(moved.household[which], person, day)
    return _all_of(Kind.MOVED_HOUSE, person[here], day[here])


def _head_changes(population: People, spell: Spells) -> _Part:
    changed = np.flatnonzero(spell.head_change < NEVER)
    which, person = _members(population, changed)
    day = spell.head_change[changed][which]
    here = spell.present(changed[which], person, day)
    return _all_of(Kind.HEAD_CHANGED, person[here], day[here])


def _within_stay(population: People, spell: Spells, person: Ints, draw: np.random.Generator) -> tuple[Ints, Ints]:
    """One day for each person given, where it falls in a stay; the others are left out."""
    day = between(draw, spell.entry[person] + 1, np.minimum(spell.end[person], AS_OF + 1) - 1)
    here = spell.present(population.persons.household[person], person, day) & (day <= AS_OF)
    return person[here], day[here]


def _renamings(population: People, spell: Spells, draw: np.random.Generator) -> _Part:
    """A new surname once in a while, for adults."""
    person = np.flatnonzero(chance(draw, 0.04, len(population.persons)))
    person, day = _within_stay(population, spell, person, draw)
    adult = day > population.persons.births.true_day[person] + 18 * YEAR
    return _all_of(Kind.RENAMED, person[adult], day[adult])


def _corrections(population: People, spell: Spells, draw: np.random.Generator) -> _Part:
    """Corrections by the office: on average not quite two in a life."""
    count = len(population.persons)
    person = np.repeat(np.arange(count), np.minimum(draw.poisson(1.8, count), 8))
    return _all_of(Kind.CORRECTED_BY_OFFICE, *_within_stay(population, spell, person, draw))
