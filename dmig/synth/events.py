"""What happened to each person, in order: one typed row per entry of the register, as the old system keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from dmig.synth.city import OPEN_SURNAMES, SURNAMES
from dmig.synth.days import FORMER_NAMES_FROM, LAST_DAY, NEVER, YEAR
from dmig.synth.heads import Heads
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
    FORMER_NAME_ENTERED = 6
    FORMER_NAME_REMOVED = 7
    ALIAS_ENTERED = 8
    ALIAS_REMOVED = 9
    MISTAKE_CORRECTED = 10
    CORRECTED_BY_OFFICE = 11
    MOVED_AWAY = 12
    DIED = 13
    REMOVED_BY_OFFICE = 14


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
    stop = np.concatenate((np.minimum(spell.left[first], LAST_DAY + 1), np.full(len(second), LAST_DAY + 1))) - 1
    fits = start <= stop
    return Moves(household[fits], between(draw, start[fits], stop[fits]))


def events(population: People, spell: Spells, moved: Moves, head: Heads, streams: Streams) -> Events:
    """All entries of all persons, one a day each; about four in a hundred entered twice, the first of two deleted."""
    renamed = _renamings(population, spell, streams.of("renaming"))
    parts = [
        *_comings_and_goings(population, spell),
        _moves_of_persons(population, spell, moved),
        _head_changes(population, spell, head),
        renamed,
        _members_of_renamed_heads(population, spell, head, renamed),
        *_former_names(population, spell, renamed, streams.of("former name")),
        *_aliases(population, spell, streams.of("alias")),
        *_corrections(population, spell, streams.of("correction")),
    ]
    person, day, kind = (np.concatenate(column) for column in zip(*parts, strict=True))
    rank = population.persons.order[person]
    kept = np.unique(_by_day(rank, day) * 32 + kind, return_index=True)[1]
    person, day, kind = person[kept], day[kept], kind[kept]
    kept = np.unique(_by_day(population.persons.order[person], day), return_index=True)[1]
    person, day, kind = person[kept], day[kept], kind[kept]
    doubled = np.flatnonzero(chance(streams.of("deleted"), 0.04, len(person)))
    # Findings about a deleted entry could be reported or not: such persons have no deleted entries, so none is open.
    births = population.persons.births
    odd = (births.impossible_era > 0) | (births.shape > 0) | np.isin(population.persons.surname, OPEN_SURNAMES)
    doubled = doubled[~odd[person[doubled]]]
    true_entry = np.arange(len(person) + len(doubled)) < len(person)
    person, day, kind = (np.concatenate((column, column[doubled])) for column in (person, day, kind))
    rank = population.persons.order[person]
    order = np.argsort(_by_day(rank, day) * 2 + true_entry, kind="stable")
    return Events(person[order], day[order], kind[order], ~true_entry[order])


def _by_day(rank: Ints, day: Ints) -> Ints:
    return (rank << 17) + day + 40_000


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


def _head_changes(population: People, spell: Spells, head: Heads) -> _Part:
    household, days = head.household[head.change], head.day[head.change]
    which, person = _members(population, household)
    day = days[which]
    here = spell.present(household[which], person, day)
    return _all_of(Kind.HEAD_CHANGED, person[here], day[here])


def _members_of_renamed_heads(population: People, spell: Spells, head: Heads, renamed: _Part) -> _Part:
    """Where a head is renamed, the others at home get an entry, because 世帯主氏名 stands in theirs too."""
    person, day, _ = renamed
    household = population.persons.household[person]
    is_head = head.at(household, day) == person
    which, member = _members(population, household[is_head])
    days, leader = day[is_head][which], person[is_head][which]
    here = spell.present(household[is_head][which], member, days) & (member != leader)
    return _all_of(Kind.CORRECTED_BY_OFFICE, member[here], days[here])


def _within_stay(population: People, spell: Spells, person: Ints, draw: np.random.Generator) -> tuple[Ints, Ints]:
    """One day for each person given, where it falls in a stay; the others are left out."""
    day = between(draw, spell.entry[person] + 1, np.minimum(spell.end[person], LAST_DAY + 1) - 1)
    here = spell.present(population.persons.household[person], person, day) & (day <= LAST_DAY)
    return person[here], day[here]


def _renamings(population: People, spell: Spells, draw: np.random.Generator) -> _Part:
    """A new surname once in a while, for grown Japanese whose name has no private-use letter."""
    persons = population.persons
    may = ~persons.foreign & (persons.surname < len(SURNAMES))
    person = np.flatnonzero(chance(draw, 0.04, len(persons)) & may)
    person, day = _within_stay(population, spell, person, draw)
    adult = day > persons.births.true_day[person] + 18 * YEAR
    return _all_of(Kind.RENAMED, person[adult], day[adult])


def _later(
    population: People, spell: Spells, part: tuple[Ints, Ints], kinds: tuple[Kind, Kind], draw: np.random.Generator
) -> list[_Part]:
    """A name beside the name, entered on the day given at the earliest and in part of the cases removed later."""
    person, first = part
    home = population.persons.household[person]
    stop = np.minimum(np.minimum(spell.end[person], spell.left[home]), LAST_DAY + 1) - 1
    day = between(draw, first, stop)
    here = spell.present(home, person, day) & (day >= first) & (day <= stop)
    person, day, stop, home = person[here], day[here], stop[here], home[here]
    removed = between(draw, day + 1, stop)
    gone = chance(draw, 0.25, len(person)) & (removed <= stop) & spell.present(home, person, removed)
    return [_all_of(kinds[0], person, day), _all_of(kinds[1], person[gone], removed[gone])]


def _former_names(population: People, spell: Spells, renamed: _Part, draw: np.random.Generator) -> list[_Part]:
    """旧氏 for half of the renamed, since the law allows it."""
    wants = chance(draw, 0.5, len(renamed[0]))
    person, first = renamed[0][wants], np.maximum(renamed[1][wants] + 1, FORMER_NAMES_FROM)
    kinds = (Kind.FORMER_NAME_ENTERED, Kind.FORMER_NAME_REMOVED)
    return _later(population, spell, (person, first), kinds, draw)


def _aliases(population: People, spell: Spells, draw: np.random.Generator) -> list[_Part]:
    """通称 for four in ten foreigners."""
    person = np.flatnonzero(population.persons.foreign & chance(draw, 0.4, len(population.persons)))
    return _later(population, spell, (person, spell.entry[person] + 1), (Kind.ALIAS_ENTERED, Kind.ALIAS_REMOVED), draw)


def _corrections(population: People, spell: Spells, draw: np.random.Generator) -> list[_Part]:
    """Corrections by the office, on average not quite two in a life, and now and then one of a mistake."""
    count, parts = len(population.persons), []
    for kind, mean in ((Kind.CORRECTED_BY_OFFICE, 1.7), (Kind.MISTAKE_CORRECTED, 0.1)):
        person = np.repeat(np.arange(count), np.minimum(draw.poisson(mean, count), 8))
        parts.append(_all_of(kind, *_within_stay(population, spell, person, draw)))
    return parts
