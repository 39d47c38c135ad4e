"""What an entry shows beside its event: stay, head at the time, places come from and gone to, day of processing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmig.synth.city import COUNTRIES, OTHERS
from dmig.synth.days import CODES_FROM, FOREIGN_CODES_FROM, LAST_DAY, NUMBERS_FROM
from dmig.synth.entries import Entries
from dmig.synth.events import Kind
from dmig.synth.heads import Heads
from dmig.synth.people import People
from dmig.synth.spells import Spells
from dmig.synth.streams import Bools, Ints, Streams, chance

#: `origin` and `destination` from here on are countries, below it other municipalities; -1 is nowhere.
ABROAD = 100
_ENTRY = (Kind.MOVED_IN, Kind.BORN, Kind.ENTERED_BY_OFFICE)
_MEMBERS = 6
_DAYS = 1 << 18
_SHIFT = 40_000


@dataclass(frozen=True, slots=True)
class Snapshots:
    """One place per entry.

    `stay` and `settled` are the entries that began the stay and gave the address; `processed` is the day of
    processing, which rises within a household. `head_entry` is the head's entry in force then (-1: none found, as
    for `lost_head`, whose head is a number of nobody; `no_head`: no number). `rank` is 記載順位. `former` and `alias`
    say that 旧氏 and 通称 are shown, `numbered` and `coded` that 個人番号 and 住民票コード are.
    """

    stay: Ints
    settled: Ints
    processed: Ints
    head_entry: Ints
    lost_head: Bools
    no_head: Bools
    rank: Ints
    origin: Ints
    destination: Ints
    confirmed: Bools
    former: Bools
    alias: Bools
    numbered: Bools
    coded: Bools
    clerk: Ints
    second: Ints


def notice_days(household: Ints, day: Ints) -> Ints:
    """Days from an event to its notice: 0 to 14, the same for all of a household."""
    return np.asarray((household * 7_919 + day * 104_729) % 15)


def snapshots(population: People, spell: Spells, leaders: Heads, entries: Entries, streams: Streams) -> Snapshots:
    """Everything that follows from the entries, and the few things drawn for each of them."""
    draw, count = streams.of("snapshots"), len(entries)
    persons, person = population.persons, entries.person
    home, at = persons.household[person], np.arange(count)
    stay = np.maximum.accumulate(np.where(np.isin(entries.kind, _ENTRY), at, 0))
    move = (entries.kind == Kind.MOVED_HOUSE) & ~entries.deleted
    settled = np.maximum.accumulate(np.where(np.isin(entries.kind, _ENTRY) | move, at, 0))
    processed = _processed(home, entries.day)
    lost, none = _lost_heads(entries, draw)
    foreign = persons.foreign[person]
    gone = entries.kind == Kind.MOVED_AWAY
    # Residents got their numbers without an entry.
    current = entries.latest & (entries.kind < Kind.MOVED_AWAY)
    return Snapshots(
        stay=stay,
        settled=settled,
        processed=processed,
        head_entry=np.where(lost | none, -1, _head_entries(persons.order, entries, processed)),
        lost_head=lost,
        no_head=none,
        rank=_ranks(population, spell, entries),
        origin=np.where(entries.kind[stay] == Kind.MOVED_IN, _elsewhere(draw, foreign)[stay], -1),
        destination=np.where(gone, _elsewhere(draw, foreign), -1),
        confirmed=gone & chance(draw, 0.8, count),
        former=_between(entries, Kind.FORMER_NAME_ENTERED, Kind.FORMER_NAME_REMOVED),
        alias=_between(entries, Kind.ALIAS_ENTERED, Kind.ALIAS_REMOVED),
        numbered=current | (processed >= NUMBERS_FROM),
        coded=current | (processed >= np.where(foreign, FOREIGN_CODES_FROM, CODES_FROM)),
        clerk=draw.integers(1, 40, count),
        second=draw.integers(8 * 3_600 + 1_800, 17 * 3_600 + 900, count),
    )


def _processed(home: Ints, day: Ints) -> Ints:
    """Notice and up to two days more, then pushed on so that a household's later day is never processed earlier."""
    key, back = np.unique(home * _DAYS + day + _SHIFT, return_inverse=True)
    household, event = key // _DAYS, key % _DAYS - _SHIFT
    done = event + notice_days(household, event) + (household + event) % 3
    at = np.arange(len(key))
    # One strictly rising sequence for all: households lie far apart.
    rising = np.maximum.accumulate(household * _DAYS + done + _SHIFT - at) + at
    return np.asarray((rising - household * _DAYS - _SHIFT)[back], np.int64)


def _lost_heads(entries: Entries, draw: np.random.Generator) -> tuple[Bools, Bools]:
    """Old entries of members whose head has a number of nobody or none: one in two thousand, at least one each."""
    fits = np.flatnonzero(~entries.latest & ~entries.deleted & (entries.person != entries.head))
    chosen = draw.permutation(fits)[: max(2, len(fits) // 1_000)]
    marks = np.zeros((2, len(entries)), np.bool_)
    for n in range(2):
        marks[n, chosen[n::2]] = True
    return marks[0], marks[1]


def _head_entries(order: Ints, entries: Entries, processed: Ints) -> Ints:
    """For each entry the last kept entry of its head that was processed on or before its own day."""
    kept = np.flatnonzero(~entries.deleted)
    keys = order[entries.person[kept]] * _DAYS + processed[kept] + _SHIFT
    wanted = order[entries.head] * _DAYS + processed + _SHIFT
    found = kept[np.maximum(np.searchsorted(keys, wanted, side="right") - 1, 0)]
    return np.where((entries.person[found] == entries.head) & (processed[found] <= processed), found, -1)


def _ranks(population: People, spell: Spells, entries: Entries) -> Ints:
    """1 for the head, then the others at home in the order of the family; today's for entries still in force."""
    household = population.persons.household[entries.person]
    first, size = population.households.first[household], population.households.size[household]
    day = np.where(entries.latest, LAST_DAY, entries.day)
    before = np.zeros(len(entries), np.int64)
    for offset in range(_MEMBERS):
        other = np.minimum(first + offset, len(spell.entry) - 1)
        home = (offset < size) & (spell.entry[other] <= day) & (spell.end[other] > day)
        before += home & (other < entries.person) & (other != entries.head)
    return np.where(entries.person == entries.head, 1, 2 + before)


def _elsewhere(draw: np.random.Generator, foreign: Bools) -> Ints:
    """Another municipality, or a country: rarely for Japanese, in every second case for foreigners."""
    abroad = draw.random(len(foreign)) < np.where(foreign, 0.5, 0.04)
    return np.where(
        abroad,
        ABROAD + draw.integers(0, len(COUNTRIES), len(foreign)),
        draw.integers(0, len(OTHERS), len(foreign)),
    )


def _between(entries: Entries, start: Kind, stop: Kind) -> Bools:
    """Entries from one kind on until another, within the person."""
    at = np.arange(len(entries))
    started = np.maximum.accumulate(np.where(entries.kind == start, at, -1))
    stopped = np.maximum.accumulate(np.where(entries.kind == stop, at, -1))
    mine = (started >= 0) & (entries.person[np.maximum(started, 0)] == entries.person)
    return np.asarray(mine & (started > stopped))
