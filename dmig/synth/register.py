"""The register: what each entry shows of its person, as typed facts; both the old and the standard form start here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmig.synth.addresses import Addresses, addresses
from dmig.synth.days import AS_OF, NEVER, day_of, era_of
from dmig.synth.entries import Entries
from dmig.synth.events import Events, Kind, events, moves
from dmig.synth.foreigners import Foreigners, foreigners
from dmig.synth.heads import Heads, heads, relations_to
from dmig.synth.papers import Papers, papers
from dmig.synth.people import People, people
from dmig.synth.snapshots import Snapshots, notice_days, snapshots
from dmig.synth.spells import Spells, spells
from dmig.synth.streams import Bools, Ints, Streams, chance

#: Days that systems went on writing in the era that had ended: 昭和64 and 平成31.
_STALE = ((day_of(1989, 1, 8), day_of(1989, 12, 31)), (day_of(2019, 5, 1), day_of(2019, 12, 31)))


@dataclass(frozen=True, slots=True)
class Register:
    """The population with all entries about it, what else each entry shows, and what papers each person has."""

    population: People
    addresses: Addresses
    entries: Entries
    snapshots: Snapshots
    foreigners: Foreigners
    papers: Papers


def register(residents: int, seed: int) -> Register:
    """The register of an invented municipality; the same arguments always give the same one."""
    if residents < 1:
        raise ValueError("residents must be at least 1")
    streams = Streams(seed)
    population = people(residents, streams)
    spell = spells(population, streams)
    moved = moves(population, spell, streams)
    places = addresses(population, spell, moved, streams)
    leaders = heads(population, spell)
    happened = events(population, spell, moved, leaders, streams)
    entries = _entries(population, spell, places, leaders, happened, streams)
    shown = snapshots(population, spell, leaders, entries, streams)
    return Register(
        population, places, entries, shown, foreigners(population, streams), papers(population, entries, shown, streams)
    )


def _entries(
    population: People, spell: Spells, places: Addresses, leaders: Heads, happened: Events, streams: Streams
) -> Entries:
    persons, person, day, kind = population.persons, happened.person, happened.day, happened.kind
    home = persons.household[person]
    first = np.concatenate(([True], np.diff(person) != 0))
    vague = _vague(kind, day, streams.of("unknown day"))
    era = era_of(day)
    stale = _stale(day, (vague == 0) & ~happened.deleted, streams.of("stale era"))
    ends = (kind == Kind.DIED) | (kind == Kind.REMOVED_BY_OFFICE)
    head = leaders.at(home, day - ends)
    renamed = np.full(len(persons), NEVER)
    is_renaming = kind == Kind.RENAMED
    renamed[person[is_renaming]] = day[is_renaming]
    households = population.households
    return Entries(
        person=person,
        number=_count(np.ones(len(person), dtype=np.int64), first),
        sequence=np.where(happened.deleted, 0, _count((~happened.deleted).astype(np.int64), first)),
        latest=np.concatenate((first[1:], [True])),
        deleted=happened.deleted,
        kind=kind,
        day=day,
        day_known=vague == 0,
        vague=vague,
        era=np.where(stale, era - 1, era),
        stale_era=stale,
        reported=_reported(home, day, vague == 0, streams.of("reported")),
        household_number=np.where(
            day >= spell.back[home], households.number_after_return[home], households.number[home]
        ),
        head=head,
        relation=relations_to(population, person, head),
        surname=np.where(day >= renamed[person], persons.new_surname[person], persons.surname[person]),
        # A move entered by mistake shows the address before it.
        address=places.at(home, day) - (happened.deleted & (kind == Kind.MOVED_HOUSE)),
    )


def _count(ones: Ints, first: Bools) -> Ints:
    """Running count within each person; `first` marks each person's first entry."""
    total = np.cumsum(ones)
    before = (total - ones)[first]
    return np.asarray(total - before[np.cumsum(first) - 1])


def _vague(kind: Ints, day: Ints, draw: np.random.Generator) -> Ints:
    """What was lost of the days of one in twenty first entries before 1980, and of the three oldest."""
    old = ((kind == Kind.MOVED_IN) | (kind == Kind.ENTERED_BY_OFFICE)) & (day < day_of(1980, 1, 1))
    vague = np.where(old & chance(draw, 0.05, len(day)), draw.integers(1, 4, len(day)), 0)
    oldest = np.flatnonzero(old)[np.argsort(day[old], kind="stable")[:3]]
    vague[oldest] = 1 + np.arange(len(oldest))
    return vague


def _stale(day: Ints, may: Bools, draw: np.random.Generator) -> Bools:
    """One in a hundred of the days after an era ended, and at least one for each such era where a day offers itself."""
    stale = np.zeros(len(day), dtype=np.bool_)
    for first, last in _STALE:
        inside = may & (day >= first) & (day <= last)
        where = np.flatnonzero(inside)
        stale[where[:1]] = True
        stale |= inside & chance(draw, 0.01, len(day))
    return stale


def _reported(home: Ints, day: Ints, known: Bools, draw: np.random.Generator) -> Ints:
    """The day of the notice, up to two weeks later and the same for a household; one in ten is missing."""
    later = np.minimum(day + notice_days(home, day), AS_OF)
    return np.where(known & ~chance(draw, 0.1, len(day)), later, NEVER)
