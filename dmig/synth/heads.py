"""Who is head of each household on each day, and how every member is related to that head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmig.synth.days import NEVER, YEAR
from dmig.synth.families import FAMILIES, Relation
from dmig.synth.people import People
from dmig.synth.spells import Spells
from dmig.synth.streams import Bools, Ints

_DAYS = 1 << 18
_SHIFT = 40_000
_MEMBERS = 6
_GROWN = int(16 * YEAR)
#: Letter of the place of every person of every kind of household, as in `people.PLACE_OF_PERSON`.
_LETTERS = "".join(family.places for family in FAMILIES)
_ALL = "HSUCKWGgLFMBbAaRX"
_LETTER = np.array([_ALL.index(letter) for letter in _LETTERS])

#: What a member (second letter) is to a new head (first letter), said by what decides it; other pairs are KIN.
_SPOUSE, _PARENT, _SIBLING, _CHILD, _GRANDCHILD, _CHILDS_SPOUSE, _SPOUSES_PARENT, _KIN = range(8)
_PAIRS = {
    _CHILD: "SC SK KG Kg WG gL",
    _GRANDCHILD: "SG FC MC KL",
    _CHILDS_SPOUSE: "SW FS MS",
    _SPOUSES_PARENT: "SF SM WS",
    _PARENT: "CS KS GK GW gK Lg",
    _SIBLING: "CC KK GG",
    _SPOUSE: "KW WK FM MF",
}


@dataclass(frozen=True, slots=True)
class Heads:
    """Heads in ascending order of (household, first day); `change` marks those who followed another by an event."""

    since: Ints
    person: Ints
    household: Ints
    day: Ints
    change: Bools

    def at(self, household: Ints, day: Ints) -> Ints:
        """The head of each household on each day."""
        return self.person[np.searchsorted(self.since, _key(household, day), side="right") - 1]


def heads(population: People, spell: Spells) -> Heads:
    """The first person is head until leaving alone; then a grown member follows, else the next of those at home.

    Where nobody is at home, whoever comes next is head from the first day, without an event.
    """
    households = population.households
    every = np.arange(len(households))
    current = households.first.copy()
    parts = [(every, np.full(len(every), -_SHIFT), current.copy(), np.zeros(len(every), np.bool_))]
    open_ = np.flatnonzero(spell.end[current] < NEVER)
    while len(open_):
        day = spell.end[current[open_]]
        follower, since, by_event = _follower(population, spell, open_, day)
        found = follower >= 0
        open_, follower = open_[found], follower[found]
        parts.append((open_, since[found], follower, by_event[found]))
        current[open_] = follower
        open_ = open_[spell.end[follower] < NEVER]
    household, day, person, change = (np.concatenate(column) for column in zip(*parts, strict=True))
    key = _key(household, day)
    order = np.argsort(key, kind="stable")
    return Heads(key[order], person[order], household[order], day[order], change[order])


def _follower(population: People, spell: Spells, household: Ints, day: Ints) -> tuple[Ints, Ints, Bools]:
    """The member who follows a head that left on `day` (-1: nobody), from which day, and whether by an event."""
    first, size = population.households.first[household], population.households.size[household]
    best, rank = np.full(len(household), -1), np.full(len(household), NEVER * 10)
    for offset in range(_MEMBERS):
        member = np.minimum(first + offset, len(spell.entry) - 1)
        there = (offset < size) & (spell.end[member] > day)
        home = spell.entry[member] <= day
        child = day - population.persons.births.true_day[member] < _GROWN
        score = np.where(home, child * 10 + offset, 100 + (spell.entry[member] + _SHIFT) * 10 + offset)
        better = there & (score < rank)
        best, rank = np.where(better, member, best), np.where(better, score, rank)
    entry = spell.entry[np.maximum(best, 0)]
    return best, np.maximum(day, entry), np.asarray((best >= 0) & (entry <= day))


def relations_to(population: People, person: Ints, head: Ints) -> Ints:
    """The relation of each person to each head, both of one household."""
    persons = population.persons
    first = population.households.first[persons.household[person]]
    table = np.full((len(_ALL), len(_ALL)), _KIN)
    for kind, pairs in _PAIRS.items():
        for pair in pairs.split():
            table[_ALL.index(pair[0]), _ALL.index(pair[1])] = kind
    kind = table[_LETTER[persons.place[head]], _LETTER[persons.place[person]]]
    female, of_woman = persons.sex[person] == 2, persons.sex[head] == 2
    born = persons.births.true_day
    younger = (born[person] > born[head]) | ((born[person] == born[head]) & (person > head))
    found = np.select(
        [
            kind == _SPOUSE,
            kind == _PARENT,
            kind == _SIBLING,
            kind == _CHILD,
            kind == _GRANDCHILD,
            kind == _CHILDS_SPOUSE,
        ],
        [
            np.where(female, Relation.WIFE, Relation.HUSBAND),
            np.where(female, Relation.MOTHER, Relation.FATHER),
            np.where(female, Relation.ELDER_SISTER, Relation.ELDER_BROTHER) + np.where(younger, 1, 0),
            np.full(len(person), Relation.CHILD),
            np.full(len(person), Relation.GRANDCHILD),
            np.where(female, Relation.CHILDS_WIFE, Relation.CHILDS_HUSBAND),
        ],
        default=Relation.KIN,
    )
    of_spouse = np.where(of_woman, Relation.HUSBANDS_FATHER, Relation.WIFES_FATHER) + female
    found = np.where(kind == _SPOUSES_PARENT, of_spouse, found)
    found = np.where(person == head, Relation.HEAD, found)
    return np.where(head == first, persons.relation[person], found)


def _key(household: Ints, day: Ints) -> Ints:
    return household * _DAYS + day + _SHIFT
