"""Who counts as whose dependant on 1 January of a 課税年度, and what that deducts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import partial

import numpy as np

from dmig.synth.days import day_of
from dmig.synth.events import Kind
from dmig.synth.families import Relation
from dmig.synth.register import Register
from dmig.synth.streams import Bools, Ints
from dmig.synth.tax_income import Earnings, ages
from dmig.synth.tax_law import (
    SPOUSE,
    SPOUSE_AGED,
    SPOUSE_AGED_GAP,
    SPOUSE_GAP,
    SPOUSE_LIMITS,
    SPOUSE_STEPS,
    SPOUSE_STEPS_GAP,
    STUDENT_FROM,
    STUDENT_STEPS,
    Law,
    by_step,
    step_of,
)

#: 合計所得金額 up to which ひとり親控除 and 寡婦控除 are given.
LONE_INCOME = 5_000_000
#: Most dependants that the old system has columns for.
MOST = 6
_PARENTS = (
    Relation.FATHER,
    Relation.MOTHER,
    Relation.HUSBANDS_FATHER,
    Relation.HUSBANDS_MOTHER,
    Relation.WIFES_FATHER,
    Relation.WIFES_MOTHER,
)
_SIBLINGS = (
    Relation.ELDER_BROTHER,
    Relation.YOUNGER_BROTHER,
    Relation.ELDER_SISTER,
    Relation.YOUNGER_SISTER,
)
_KIN = (Relation.CHILD, Relation.GRANDCHILD, Relation.GREAT_GRANDCHILD, *_PARENTS, *_SIBLINGS)


class Dependant(IntEnum):
    """扶養区分, in the order of the standard's codes."""

    SPOUSE = 0
    AGED_SPOUSE = 1
    ORDINARY = 2
    SPECIFIED = 3
    AGED = 4
    AGED_PARENT = 5
    UNDER_16 = 6
    STUDENT = 7


#: What each deducts, and what 所得税 gives beyond it.
_AMOUNT = np.array([0, 0, 330_000, 450_000, 380_000, 450_000, 0, 0])
_GAP = np.array([0, 0, 50_000, 180_000, 100_000, 130_000, 0, 0])
_DISABILITY, _DISABILITY_GAP = np.array([0, 260_000, 530_000]), np.array([0, 10_000, 220_000])


@dataclass(frozen=True, slots=True)
class Presence:
    """Of each person the entry in force on 1 January (-1: none), whether a resident, and the relation to the head."""

    entry: Ints
    resident: Bools
    relation: Ints


@dataclass(frozen=True, slots=True)
class Family:
    """One place per person, 0 for who claims nobody: deductions for others, the gap for 調整控除, how many they are.

    `slots` has for each household up to six dependants (entries, -1: none) and `kinds` what they are; `claimer` says
    who claims them (-1: nobody). `lone_parent` and `widow` are the claimer's own.
    """

    claimer: Ints
    spouse: Ints
    spouse_special: Ints
    others: Ints
    students: Ints
    disability: Ints
    gap: Ints
    count: Ints
    lone_parent: Bools
    widow: Bools
    slots: Ints
    kinds: Ints


def presence(source: Register, year: int) -> Presence:
    """Who lived here on 1 January, told by the entries."""
    entries, count = source.entries, len(source.population.persons)
    before = np.flatnonzero((entries.day < day_of(year, 1, 1)) & ~entries.deleted)
    entry = np.full(count, -1)
    entry[entries.person[before]] = before  # The last entry of a person is the one that stays.
    known = np.maximum(entry, 0)
    resident = (entry >= 0) & (entries.kind[known] < Kind.MOVED_AWAY)
    return Presence(entry, resident, np.where(resident, entries.relation[known], -1))


def family(source: Register, facts: Earnings, here: Presence, total: Ints, law: Law) -> Family:
    """Claims of one year; `total` is everybody's 合計所得金額."""
    persons = source.population.persons
    homes, age = len(source.population.households), ages(persons, law.year)
    claimer, other = _pair(persons.household, here, total, homes, law)
    special, aged, spouse_gap, listed = _spouse(total, age, claimer, other, law)
    ordinary = np.where(listed, by_step(aged.step, SPOUSE) * ~aged.old + by_step(aged.step, SPOUSE_AGED) * aged.old, 0)
    kind = _kinds(here, persons.household, total, age, claimer, law)
    mine = np.flatnonzero(kind >= 0)
    home = persons.household[mine]
    slots, kinds = _slots(here, mine, kind[mine], home, np.where(listed, other, -1), aged.old, homes)
    disabled = facts.disabled[mine] * (kind[mine] != Dependant.STUDENT)
    counted = kind[mine] != Dependant.STUDENT
    claimed = partial(_claimed, claimer, len(persons))

    def summed(amounts: Ints) -> Ints:
        return np.bincount(home, weights=amounts, minlength=homes).astype(np.int64)

    partner_disabled = np.where(listed, _at(facts.disabled, other), 0)
    has_child, has_kin = summed(counted & (here.relation[mine] == Relation.CHILD)) > 0, summed(counted) > 0
    lone, widow = _alone(claimer, other, total, persons.sex, has_child, has_kin)
    return Family(
        claimer=claimer,
        spouse=claimed(ordinary),
        spouse_special=claimed(special),
        others=claimed(summed(_AMOUNT[kind[mine]])),
        students=claimed(summed(_student(total[mine]) * (kind[mine] == Dependant.STUDENT))),
        disability=claimed(summed(_DISABILITY[disabled]) + _DISABILITY[partner_disabled]),
        gap=claimed(
            summed(_GAP[kind[mine]] + _DISABILITY_GAP[disabled]) + spouse_gap + _DISABILITY_GAP[partner_disabled]
        ),
        count=claimed(summed(counted) + ((other >= 0) & (_at(total, other) <= law.dependant_income))),
        lone_parent=claimed(lone.astype(np.int64)) > 0,
        widow=claimed(widow.astype(np.int64)) > 0,
        slots=slots,
        kinds=kinds,
    )


def _pair(home: Ints, here: Presence, total: Ints, homes: int, law: Law) -> tuple[Ints, Ints]:
    """By household who claims (of head and partner whoever earns more, and enough), and the other of both; -1: nobody."""
    head = _first(home, here.resident & (here.relation == Relation.HEAD), homes)
    partner = _first(home, np.isin(here.relation, (Relation.HUSBAND, Relation.WIFE)), homes)
    partner = np.where(head >= 0, partner, -1)
    partner_earns = (partner >= 0) & (_at(total, partner) > _at(total, head))
    claimer = np.where(partner_earns, partner, head)
    other = np.where(partner < 0, -1, np.where(partner_earns, head, partner))
    return np.where(_at(total, claimer) > law.dependant_income, claimer, -1), other


def _claimed(claimer: Ints, everybody: int, amounts: Ints) -> Ints:
    """Amounts of households as amounts of whoever claims."""
    whole = np.zeros(everybody, np.int64)
    whole[claimer[claimer >= 0]] = amounts[claimer >= 0]
    return whole


def _alone(
    claimer: Ints, partner: Ints, total: Ints, sex: Ints, has_child: Bools, has_kin: Bools
) -> tuple[Bools, Bools]:
    """ひとり親, and 寡婦 with dependants other than children: who claims and has no partner, up to an income."""
    alone = (claimer >= 0) & (partner < 0) & (_at(total, claimer) <= LONE_INCOME)
    return np.asarray(alone & has_child), np.asarray(alone & ~has_child & has_kin & (_at(sex, claimer) == 2))


@dataclass(frozen=True, slots=True)
class _Step:
    """The claimer's step of income, and whether the spouse is aged."""

    step: Ints
    old: Bools


def _spouse(total: Ints, age: Ints, claimer: Ints, other: Ints, law: Law) -> tuple[Ints, _Step, Ints, Bools]:
    """配偶者特別控除, the step of 配偶者控除, the gap of both, and whether 配偶者控除 is claimed; by household."""
    there = (claimer >= 0) & (other >= 0)
    step = _Step(np.where(there, step_of(_at(total, claimer), SPOUSE_LIMITS), 3), there & (_at(age, other) >= 70))
    income = _at(total, other)
    listed = there & (income <= law.dependant_income) & (step.step < 3)
    at = step_of(income, tuple(limit for limit, _ in SPOUSE_STEPS))
    table = np.array([*(amounts for _, amounts in SPOUSE_STEPS), (0, 0, 0)]) * 10_000
    table = np.concatenate([table, np.zeros((len(table), 1), np.int64)], axis=1)
    special = np.where(there & (income > law.dependant_income), table[at, step.step], 0)
    gap = np.where(
        listed, by_step(step.step, SPOUSE_GAP) * ~step.old + by_step(step.step, SPOUSE_AGED_GAP) * step.old, 0
    )
    small = step_of(income, tuple(limit for limit, _ in SPOUSE_STEPS_GAP))
    share = by_step(small, tuple(amount for _, amount in SPOUSE_STEPS_GAP))
    # Only up to R7年度, and in full only for a claimer of the first step; of the others this city has none.
    special_gap = np.where((special > 0) & (law.year < STUDENT_FROM), share, 0)
    special = np.where((special_gap > 0) & (step.step > 0), 0, special)
    return special, step, gap + np.where(special > 0, special_gap, 0), listed


def _kinds(here: Presence, home: Ints, total: Ints, age: Ints, claimer: Ints, law: Law) -> Ints:
    """What each person is to whoever claims for the household; -1 for who is nobody's dependant."""
    kin = here.resident & np.isin(here.relation, _KIN) & (claimer[home] >= 0)
    small = kin & (total <= law.dependant_income)
    parent = np.isin(here.relation, _PARENTS)
    kind = np.select(
        [age < 16, age >= 70, (age >= 19) & (age <= 22)],
        [Dependant.UNDER_16, np.where(parent, Dependant.AGED_PARENT, Dependant.AGED), Dependant.SPECIFIED],
        Dependant.ORDINARY,
    )
    student = kin & ~small & (age >= 19) & (age <= 22) & (total <= STUDENT_STEPS[-1][0]) & (law.year >= STUDENT_FROM)
    return np.where(small, kind, np.where(student, Dependant.STUDENT, -1))


def _student(income: Ints) -> Ints:
    """特定親族特別控除 by the relative's income."""
    at = step_of(income, tuple(limit for limit, _ in STUDENT_STEPS))
    return by_step(at, tuple(amount * 10_000 for _, amount in STUDENT_STEPS))


def _slots(
    here: Presence, mine: Ints, kind: Ints, home: Ints, spouse: Ints, old: Bools, homes: int
) -> tuple[Ints, Ints]:
    """The spouse first, then the others in the order of the household."""
    slots, kinds = np.full((homes, MOST), -1), np.full((homes, MOST), -1)
    has = spouse >= 0
    slots[has, 0] = here.entry[spouse[has]]
    kinds[has, 0] = np.where(old[has], Dependant.AGED_SPOUSE, Dependant.SPOUSE)
    order = np.argsort(home, kind="stable")
    at = np.arange(len(home))
    first = np.concatenate(([True], np.diff(home[order]) != 0)) if len(home) else np.zeros(0, np.bool_)
    rank = at - np.maximum.accumulate(np.where(first, at, 0)) if len(home) else at
    place = rank + has[home[order]]
    slots[home[order], place] = here.entry[mine[order]]
    kinds[home[order], place] = kind[order]
    return slots, kinds


def _first(home: Ints, who: Bools, homes: int) -> Ints:
    """A person of each household for whom the mask is set; -1 where there is none."""
    found = np.full(homes, -1)
    at = np.flatnonzero(who)
    found[home[at]] = at
    return found


def _at(values: Ints, persons: Ints) -> Ints:
    """Values of persons; 0 where there is none."""
    return np.where(persons >= 0, values[np.maximum(persons, 0)], 0)
