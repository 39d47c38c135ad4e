"""Who receives 児童手当 for whom, month by month: parents and children of the city's households."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmig.synth.child_law import (
    COUNTED,
    FLAT_DEDUCTION,
    INCOME_MONTHS,
    MONTHS,
    NONE,
    amounts,
    benefit_of,
    classes,
    month_starts,
    paid,
)
from dmig.synth.days import NEVER, NO_DAY, parts_of
from dmig.synth.events import Kind
from dmig.synth.families import Relation
from dmig.synth.register import Register
from dmig.synth.streams import Bools, Ints
from dmig.synth.tax_income import Earnings, Source, ages, income_of
from dmig.synth.tax_law import law_of

#: Most children that the old system has columns for.
MOST = 6
_ARRIVALS = (Kind.MOVED_IN, Kind.BORN, Kind.ENTERED_BY_OFFICE)


@dataclass(frozen=True, slots=True)
class Stays:
    """Of each person the entry in force, the day of the last arrival, and of leaving for good (NEVER: still here)."""

    entry: Ints
    arrived: Ints
    left: Ints
    how: Ints


@dataclass(frozen=True, slots=True)
class Homes:
    """Households with children. By household: who receives, the partner (-1: none), `slots` (children by birth, -1).

    `kind` and `order` are (slot, household, month) of what each child counts as and its order among those that count;
    `income`, `deduction` and `dependants` are (年度, household); `benefit` and `active` are (household, month).
    `employed_by_state` is the first month in which the recipient is 公務員 (MONTHS: never).
    """

    stays: Stays
    receiver: Ints
    partner: Ints
    slots: Ints
    kind: Ints
    order: Ints
    income: Ints
    deduction: Ints
    dependants: Ints
    benefit: Ints
    active: Bools
    employed_by_state: Ints


def stays(source: Register) -> Stays:
    """When everybody last came and left, told by the entries."""
    entries, count = source.entries, len(source.population.persons)
    arrived, left, how = np.full(count, NO_DAY), np.full(count, NEVER), np.zeros(count, np.int64)
    coming = np.flatnonzero(np.isin(entries.kind, _ARRIVALS) & ~entries.deleted)
    arrived[entries.person[coming]] = entries.day[coming]  # The last one of a person is the one that stays.
    latest = np.flatnonzero(entries.latest)
    entry = np.zeros(count, np.int64)
    entry[entries.person[latest]] = latest
    gone = latest[entries.kind[latest] >= Kind.MOVED_AWAY]
    left[entries.person[gone]], how[entries.person[gone]] = entries.day[gone], entries.kind[gone]
    return Stays(entry, arrived, left, how)


def homes(source: Register, facts: Earnings) -> Homes:
    """All households in which a child may count in one of the months, in the order of the recipient's 宛名番号."""
    persons, stay = source.population.persons, stays(source)
    slots = _children(source)
    head = source.population.households.first
    partner = _partners(persons.household, persons.relation, len(head))
    earned = facts.amounts[Source.SALARY] + facts.amounts[Source.BUSINESS]
    other = (partner >= 0) & (earned[partner] > earned[head])
    receiver, second = np.where(other, partner, head), np.where(other, head, partner)
    some = np.flatnonzero((slots >= 0).any(axis=0))
    some = some[np.argsort(persons.number[receiver[some]], kind="stable")]
    receiver, second, slots = receiver[some], second[some], slots[:, some]
    kind, order = _states(source, stay, slots)
    income, deduction, dependants = _incomes(source, facts, receiver, kind)
    benefit = np.zeros((len(some), MONTHS), np.int64)
    for n, (_, first, last) in enumerate(INCOME_MONTHS):
        net = np.maximum(income[n] - deduction[n], 0)
        benefit[:, first : last + 1] = benefit_of(net, dependants[n])[:, None]
    here = present(stay, receiver)
    may = (paid(kind, np.arange(MONTHS)).any(axis=0)) & here
    state = np.where(np.arange(len(some)) % 23 == 7, 18 + np.arange(len(some)) % 17, MONTHS)
    active = may & (np.arange(MONTHS) < state[:, None])
    return Homes(stay, receiver, second, slots, kind, order, income, deduction, dependants, benefit, active, state)


def present(stay: Stays, person: Ints) -> Bools:
    """(person, month): residents before the month began, and not gone before it."""
    first = month_starts()[:MONTHS]
    return np.asarray((stay.arrived[person][:, None] < first) & (stay.left[person][:, None] >= first))


def _partners(household: Ints, relation: Ints, count: int) -> Ints:
    found = np.full(count, -1)
    at = np.flatnonzero(np.isin(relation, (Relation.HUSBAND, Relation.WIFE)))
    found[household[at]] = at
    return found


def _children(source: Register) -> Ints:
    """(slot, household): children of the head by birth, -1 where there is none, of those who may count at all."""
    persons = source.population.persons
    born = persons.births.true_day
    young = (parts_of(born - 1).year >= 2001) & (persons.relation == Relation.CHILD)
    at = np.flatnonzero(young)
    at = at[np.lexsort((at, born[at], persons.household[at]))]
    home = persons.household[at]
    place = np.arange(len(at))
    first = np.concatenate(([True], np.diff(home) != 0)) if len(at) else np.zeros(0, np.bool_)
    rank = place - np.maximum.accumulate(np.where(first, place, 0)) if len(at) else place
    slots = np.full((MOST, len(source.population.households)), -1)
    fits = rank < MOST
    slots[rank[fits], home[fits]] = at[fits]
    return slots


def _states(source: Register, stay: Stays, slots: Ints) -> tuple[Ints, Ints]:
    born = source.population.persons.births.true_day
    kind = np.zeros((MOST, slots.shape[1], MONTHS), np.int8)
    for n, child in enumerate(slots):
        at = np.flatnonzero(child >= 0)
        who = child[at]
        grown = np.stack([classes(born[who], month) for month in range(MONTHS)], axis=1) if len(at) else None
        if grown is not None:
            kind[n, at] = np.where(present(stay, who), grown, NONE)
    order = np.where(kind > NONE, np.cumsum(kind > NONE, axis=0), 0).astype(np.int8)
    return np.asarray(kind), np.asarray(order)


def _incomes(source: Register, facts: Earnings, receiver: Ints, kind: Ints) -> tuple[Ints, Ints, Ints]:
    """Of each 年度: 合計所得金額 of the recipient, what is deducted of it, and children who count in June."""
    persons, total = source.population.persons, []
    for year, _, _ in INCOME_MONTHS:
        total.append(income_of(facts, ages(persons, year), law_of(year)).total[receiver])
    deduction = FLAT_DEDUCTION + 10_000 * (receiver % 4)
    counted = [((kind[:, :, june] > NONE) & (kind[:, :, june] < COUNTED)).sum(axis=0) for _, june, _ in INCOME_MONTHS]
    return np.stack(total), np.stack([deduction] * len(total)), np.stack(counted)


def monthly(found: Homes) -> Ints:
    """(household, month): yen a month of all children, 0 while nothing is received."""
    whole = np.zeros(found.active.shape, np.int64)
    months = np.arange(MONTHS)
    for kind, order in zip(found.kind, found.order, strict=True):
        whole += amounts(kind.astype(np.int64), order.astype(np.int64), found.benefit, months)
    return np.where(found.active, whole, 0)
