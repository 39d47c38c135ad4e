"""Households and persons as typed columns, in household order (head first)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmig.synth.births import ODDITIES, Births, births
from dmig.synth.city import FIRST_FEMALE_NAME, GIVEN_NAMES, GLYPH_SURNAMES, SURNAMES
from dmig.synth.days import LAST_DAY, YEAR, day_of
from dmig.synth.families import ALONE, FAMILIES, PLACES, Relation
from dmig.synth.streams import Bools, Ints, Streams, between, chance, spread_numbers

#: Every place of every kind of household, in order; `Persons.place` is an index into it.
PLACE_OF_PERSON = tuple(PLACES[letter] for family in FAMILIES for letter in family.places)
_PLACE_AT = np.concatenate(([0], np.cumsum([len(family.places) for family in FAMILIES])[:-1]))
_SIZES = np.array([len(family.places) for family in FAMILIES])
_LAST_BIRTH = LAST_DAY - 45


@dataclass(frozen=True, slots=True)
class Households:
    """One place per household: kind, first person, size, and two numbers (the second after coming back)."""

    family: Ints
    first: Ints
    size: Ints
    number: Ints
    number_after_return: Ints

    def __len__(self) -> int:
        return len(self.family)


@dataclass(frozen=True, slots=True)
class Persons:
    """One place per person. Sex is 0 unknown, 1 male, 2 female; names are indexes into the city's lists.

    `rank` counts children of one sex in a household by birth (0: no child); `plainly_worded` says that the old
    system already holds the modern wording (子 instead of 長男). `order` is the place in ascending 宛名番号.
    """

    household: Ints
    place: Ints
    sex: Ints
    relation: Ints
    rank: Ints
    plainly_worded: Bools
    births: Births
    surname: Ints
    new_surname: Ints
    given: Ints
    number: Ints
    order: Ints
    foreign: Bools

    def __len__(self) -> int:
        return len(self.household)


@dataclass(frozen=True, slots=True)
class People:
    """The households and their persons."""

    households: Households
    persons: Persons


def people(residents: int, streams: Streams) -> People:
    """A population of exactly `residents` persons; the last household is cut to fit."""
    family = _families(residents, streams)
    size = _SIZES[family].copy()
    first = np.concatenate(([0], np.cumsum(size)[:-1]))
    size[-1] = residents - first[-1]
    household = np.repeat(np.arange(len(family)), size)
    place = _PLACE_AT[family][household] + np.arange(residents) - first[household]
    sex = _sexes(place, streams.of("sex"))
    true_day = _birth_days(family, household, place, first, streams.of("birth"))
    oddity = _oddities(family[household] == ALONE, place, true_day[first][household], streams.of("oddity"))
    born = births(true_day, oddity, streams.of("odd birth"))
    relation = np.where(sex == 2, _by_place("female")[place], _by_place("male")[place])
    draw = streams.of("name")
    given = _given(sex, draw)
    own = _with_glyphs(draw.integers(0, len(SURNAMES), residents), first, oddity, streams.of("glyph"))
    surname = np.where(_by_place("own_name")[place] == 1, own, own[first][household])
    numbers = streams.of("number")
    order = numbers.permutation(residents)
    persons = Persons(
        household=household,
        place=place,
        sex=np.where(_sex_unknown(family[household] == ALONE, oddity, streams.of("sex unknown")), 0, sex),
        relation=relation,
        rank=_ranks(household, sex, relation, born.true_day),
        plainly_worded=chance(streams.of("wording"), 0.25, residents),
        births=born,
        surname=surname,
        new_surname=draw.integers(0, len(SURNAMES), residents),
        given=given,
        number=spread_numbers(numbers, residents)[order],
        order=order,
        foreign=_foreigners(family, household, place, oddity, first, true_day, streams.of("foreign")),
    )
    two = numbers.permutation(spread_numbers(numbers, 2 * len(family))).reshape(2, -1)
    return People(Households(family, first, size, two[0], two[1]), persons)


def _given(sex: Ints, draw: np.random.Generator) -> Ints:
    """A given name for each person, from the list of the sex."""
    female = draw.integers(FIRST_FEMALE_NAME, len(GIVEN_NAMES), len(sex))
    return np.where(sex == 2, female, draw.integers(0, FIRST_FEMALE_NAME, len(sex)))


def _with_glyphs(surname: Ints, first: Ints, oddity: Ints, draw: np.random.Generator) -> Ints:
    """Surnames of which those of one head in five hundred, at least of four, have a private-use letter."""
    where = draw.permutation(first[oddity[first] < 0])[: max(4, len(first) // 500)]
    surname[where] = len(SURNAMES) + np.arange(len(where)) % len(GLYPH_SURNAMES)
    return surname


def _foreigners(
    family: Ints, household: Ints, place: Ints, oddity: Ints, first: Ints, true_day: Ints, draw: np.random.Generator
) -> Bools:
    """Foreign households of singles, couples and parents with children (about one in twenty), and some partners."""
    plain = np.array([set(kind.places) <= set("HSC") for kind in FAMILIES])[family]
    young = true_day[first] > day_of(1950, 1, 1)
    ordinary = np.bincount(household, weights=oddity >= 0, minlength=len(family)) == 0
    whole = plain & young & ordinary & chance(draw, 0.06, len(family))
    partner = (_by_place("male")[place] == Relation.HUSBAND) & (plain & young & ordinary)[household]
    return np.asarray(whole[household] | (partner & chance(draw, 0.02, len(household))))


def _families(residents: int, streams: Streams) -> Ints:
    """The kinds of household, enough for all residents: one of each kind first, then by weight."""
    weights = np.array([family.weight for family in FAMILIES])
    drawn = streams.of("family").choice(len(FAMILIES), size=residents, p=weights / weights.sum())
    family = np.concatenate((np.arange(len(FAMILIES)), drawn))
    enough = int(np.searchsorted(np.cumsum(_SIZES[family]), residents)) + 1
    return family[:enough]


def _by_place(fact: str) -> Ints:
    return np.array([int(getattr(place, fact)) for place in PLACE_OF_PERSON])


def _sexes(place: Ints, draw: np.random.Generator) -> Ints:
    """Sex of each person: fixed by the place, the opposite of the partner before, or drawn (heads: more men)."""
    is_head = _by_place("male")[place] == Relation.HEAD
    drawn = np.where(draw.random(len(place)) < np.where(is_head, 0.7, 0.51), 1, 2)
    rule = _by_place("sex")[place]
    sex = np.where((rule == 1) | (rule == 2), rule, drawn)
    partner = np.maximum(np.arange(len(place)) - _by_place("beside")[place], 0)
    return np.where(rule == 3, 3 - sex[partner], sex)


def _birth_days(family: Ints, household: Ints, place: Ints, first: Ints, draw: np.random.Generator) -> Ints:
    """Hidden birthdays: the head by kind of household, the others by their years beside the head."""
    low = np.array([kind.head_first_day for kind in FAMILIES])[family]
    high = np.array([kind.head_last_day for kind in FAMILIES])[family]
    head = between(draw, low, high)[household]
    years = np.array([place.years for place in PLACE_OF_PERSON])[place] * YEAR
    born = between(
        draw, head + years[:, 0].astype(np.int64), np.minimum(head + years[:, 1].astype(np.int64), _LAST_BIRTH)
    )
    is_head = first[household] == np.arange(len(household))
    return np.where(is_head, head, np.minimum(born, _LAST_BIRTH))


def _oddities(alone: Bools, place: Ints, head_born: Ints, draw: np.random.Generator) -> Ints:
    """Which person bears which odd birthday (-1: none).

    Persons living alone take those of adults, so that no parent is younger than a child; children of fitting parents
    take those of 2019. Each kind is planted as soon as there are persons enough.
    """
    chosen = np.full(len(alone), -1, dtype=np.int64)
    parent_fits = (head_born > day_of(1975, 1, 1)) & (head_born < day_of(1999, 1, 1))
    child = (_by_place("male")[place] == Relation.CHILD) & parent_fits
    for pool, for_child, share in ((alone, False, 60), (child, True, 250)):
        kinds = np.array([n for n, oddity in enumerate(ODDITIES) if oddity.for_child is for_child])
        where = draw.permutation(np.flatnonzero(pool))[: max(len(kinds), len(alone) // share)]
        chosen[where] = kinds[np.arange(len(where)) % len(kinds)]
    return chosen


def _sex_unknown(alone: Bools, oddity: Ints, draw: np.random.Generator) -> Bools:
    """About one person in a thousand, at least one, among ordinary persons living alone."""
    unknown = np.zeros(len(alone), dtype=np.bool_)
    pool = np.flatnonzero(alone & (oddity < 0))
    unknown[draw.permutation(pool)[: max(1, len(alone) // 1000)]] = True
    return unknown


def _ranks(household: Ints, sex: Ints, relation: Ints, true_day: Ints) -> Ints:
    """1 for the first child of its sex in the household by birth, 2 for the next, and so on; 0 for others."""
    rank = np.zeros(len(household), dtype=np.int64)
    child = np.flatnonzero(relation == Relation.CHILD)
    if len(child) == 0:
        return rank
    group = household[child] * 4 + sex[child]
    order = np.lexsort((child, true_day[child], group))
    starts = np.concatenate(([True], np.diff(group[order]) != 0))
    at = np.arange(len(child))
    rank[child[order]] = at - np.maximum.accumulate(np.where(starts, at, 0)) + 1
    return rank
