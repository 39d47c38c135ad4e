"""The register: what each entry shows of its person, as typed facts; both the old and the standard form start here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmig.synth.addresses import Addresses, addresses
from dmig.synth.days import AS_OF, NEVER, day_of, era_of
from dmig.synth.events import Events, Kind, events, moves
from dmig.synth.families import Relation
from dmig.synth.people import People, people
from dmig.synth.spells import Spells, becomes_head, spells
from dmig.synth.streams import Bools, Ints, Streams, chance

#: Days that systems went on writing in the era that had ended: 昭和64 and 平成31.
_STALE = ((day_of(1989, 1, 8), day_of(1989, 12, 31)), (day_of(2019, 5, 1), day_of(2019, 12, 31)))


@dataclass(frozen=True, slots=True)
class Entries:
    """One place per entry of the register, ordered by 宛名番号 and age of the entry.

    `number` counts a person's entries with the deleted ones, `sequence` without (0 for a deleted one); `latest` marks
    the current entry. `era` is the era written for `day`; `day_known` is False where the day was lost;
    `stale_era` marks an era that had ended (an expected finding). `reported` is the day of the notice, or NEVER.
    """

    person: Ints
    number: Ints
    sequence: Ints
    latest: Bools
    deleted: Bools
    kind: Ints
    day: Ints
    day_known: Bools
    era: Ints
    stale_era: Bools
    reported: Ints
    household_number: Ints
    relation: Ints
    surname: Ints
    address: Ints

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True, slots=True)
class Register:
    """The population with all entries about it."""

    population: People
    addresses: Addresses
    entries: Entries


def register(residents: int, seed: int) -> Register:
    """The register of an invented municipality; the same arguments always give the same one."""
    if residents < 1:
        raise ValueError("residents must be at least 1")
    streams = Streams(seed)
    population = people(residents, streams)
    spell = spells(population, streams)
    moved = moves(population, spell, streams)
    places = addresses(population, spell, moved, streams)
    happened = events(population, spell, moved, streams)
    return Register(population, places, _entries(population, spell, places, happened, streams))


def _entries(population: People, spell: Spells, places: Addresses, happened: Events, streams: Streams) -> Entries:
    persons, person, day, kind = population.persons, happened.person, happened.day, happened.kind
    home = persons.household[person]
    first = np.concatenate(([True], np.diff(person) != 0))
    known = _days_known(kind, day, streams.of("unknown day"))
    era = era_of(day)
    stale = _stale(day, known & ~happened.deleted, streams.of("stale era"))
    era = np.where(stale, era - 1, era)
    new_head = becomes_head(population, spell.head_change)[person] & (day >= spell.head_change[home])
    renamed = np.full(len(persons), NEVER)
    is_renaming = kind == Kind.RENAMED
    renamed[person[is_renaming]] = day[is_renaming]
    address = places.at(home, day)
    households = population.households
    return Entries(
        person=person,
        number=_count(np.ones(len(person), dtype=np.int64), first),
        sequence=np.where(happened.deleted, 0, _count((~happened.deleted).astype(np.int64), first)),
        latest=np.concatenate((first[1:], [True])),
        deleted=happened.deleted,
        kind=kind,
        day=day,
        day_known=known,
        era=era,
        stale_era=stale,
        reported=_reported(day, known, streams.of("reported")),
        household_number=np.where(
            day >= spell.back[home], households.number_after_return[home], households.number[home]
        ),
        relation=np.where(new_head, Relation.HEAD, persons.relation[person]),
        surname=np.where(day >= renamed[person], persons.new_surname[person], persons.surname[person]),
        # A move entered by mistake shows the address before it.
        address=address - (happened.deleted & (kind == Kind.MOVED_HOUSE)),
    )


def _count(ones: Ints, first: Bools) -> Ints:
    """Running count within each person; `first` marks each person's first entry."""
    total = np.cumsum(ones)
    before = (total - ones)[first]
    return np.asarray(total - before[np.cumsum(first) - 1])


def _days_known(kind: Ints, day: Ints, draw: np.random.Generator) -> Bools:
    """False for one in twenty first entries before 1980, and for the oldest of all."""
    old = ((kind == Kind.MOVED_IN) | (kind == Kind.ENTERED_BY_OFFICE)) & (day < day_of(1980, 1, 1))
    known = np.asarray(~(old & chance(draw, 0.05, len(day))))
    where = np.flatnonzero(old)
    if len(where):
        known[where[np.argmin(day[where])]] = False
    return known


def _stale(day: Ints, may: Bools, draw: np.random.Generator) -> Bools:
    """One in a hundred of the days after an era ended, and at least one for each such era where a day offers itself."""
    stale = np.zeros(len(day), dtype=np.bool_)
    for first, last in _STALE:
        inside = may & (day >= first) & (day <= last)
        where = np.flatnonzero(inside)
        stale[where[:1]] = True
        stale |= inside & chance(draw, 0.01, len(day))
    return stale


def _reported(day: Ints, known: Bools, draw: np.random.Generator) -> Ints:
    """The day of the notice, up to two weeks later and never after the key date; one in ten is missing."""
    later = np.minimum(day + draw.integers(0, 15, len(day)), AS_OF)
    return np.where(known & ~chance(draw, 0.1, len(day)), later, NEVER)
