"""Claims of 児童手当 as typed facts: entitlements, awards, payments, and the papers beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmig.synth.child_homes import MOST, Homes, monthly
from dmig.synth.child_law import (
    HIGH,
    INCOME_MONTHS,
    JUNIOR,
    MONTHS,
    NONE,
    PAYMENTS,
    PRIMARY,
    REFORM,
    UNDER_3,
    YEARS,
    amounts,
    month_after,
    month_starts,
    paid,
    raised,
)
from dmig.synth.days import NEVER, day_of
from dmig.synth.events import Kind
from dmig.synth.register import Register
from dmig.synth.streams import Bools, Ints

#: 消滅事由 in the order of the standard's codes; OPEN while the entitlement goes on.
OPEN, MOVED, NOT_RAISED, STATE, GROWN, DEAD, OTHER = -1, 0, 1, 2, 3, 4, 6
#: 決定事由 in the order of the standard's codes.
NEW, MORE, LESS, AGE, LAW, INCOME = range(6)
#: Why a child left a claim, in the order of the standard's codes.
BY_AGE, CHILD_MOVED, CHILD_DIED, CLAIM_ENDED, BY_OTHER = range(5)
PAY_MONTHS = (2, 4, 6, 8, 10, 12)
#: Paid too much, and taken back by a row of its own.
TOO_MUCH, SCHOOL_MEALS, SET_OFF = 10_000, 4_500, 5_000


@dataclass(frozen=True, slots=True)
class Claims:
    """One place per entitlement, ordered by 宛名番号 of the recipient: household, months [first, last], days, ending."""

    home: Ints
    person: Ints
    first: Ints
    last: Ints
    asked: Ints
    granted: Ints
    since: Ints
    ended: Ints
    ending: Ints

    def __len__(self) -> int:
        return len(self.home)


@dataclass(frozen=True, slots=True)
class Awards:
    """額決定: claim, number, month, days, reason, and by slot class, order and amount; `deleted` ones were mistakes."""

    claim: Ints
    number: Ints
    month: Ints
    decided: Ints
    since: Ints
    until: Ints
    benefit: Ints
    reason: Ints
    kind: Ints
    order: Ints
    amount: Ints
    deleted: Bools

    def counts(self) -> tuple[Ints, Ints]:
        """Children paid for and their amounts, by class: four ages, then third and later children."""
        more, there = raised(self.kind, self.order, self.month), paid(self.kind, self.month)
        masks = [there & ~more & (self.kind == kind) for kind in (UNDER_3, PRIMARY, JUNIOR, HIGH)]
        whole = np.stack([*masks, there & more])
        return whole.sum(axis=1), (whole * self.amount).sum(axis=1)


@dataclass(frozen=True, slots=True)
class Payments:
    """支払 in file order: claim, year, number, and by month of payment what is due, kept back, set off; `there`."""

    claim: Ints
    year: Ints
    number: Ints
    there: Bools
    due: Ints
    meals: Ints
    set_off: Ints


@dataclass(frozen=True, slots=True)
class Rows:
    """Claims and a year, month or number of rows of the smaller tables."""

    claim: Ints
    number: Ints


def claims(source: Register, found: Homes) -> Claims:
    """One claim for each run of months in which a household receives."""
    active = np.pad(found.active, ((0, 0), (1, 1)))
    home, first = np.nonzero(active[:, 1:-1] & ~active[:, :-2])
    _, last = np.nonzero(active[:, 1:-1] & ~active[:, 2:])
    person, starts = found.receiver[home], month_starts()
    arrived = np.where(
        found.slots >= 0, np.maximum(found.stays.arrived[found.slots], _born(source, found.slots)), NEVER
    )
    there = paid(found.kind[:, home, first], first)
    event = np.maximum(found.stays.arrived[person], np.where(there, arrived[:, home], NEVER).min(axis=0))
    late = (first > 0) & (month_after(event) != starts[first])
    asked = np.where(late, starts[first] - 20 - person % 9, event + person % 14)
    granted = asked + 15 + person % 5
    since = np.where(first > 0, starts[first], month_after(event))
    ended, ending = _endings(found, home, last)
    return Claims(home, person, first, last, asked, granted, since, ended, ending)


def _born(source: Register, slots: Ints) -> Ints:
    return source.population.persons.births.true_day[slots]


def _endings(found: Homes, home: Ints, last: Ints) -> tuple[Ints, Ints]:
    """The day on which each claim ended (NEVER: it goes on), and why."""
    stay, person, starts = found.stays, found.receiver[home], month_starts()
    over, next_month = last < MONTHS - 1, starts[last + 1]
    gone = stay.left[person] < next_month
    how = np.select([stay.how[person] == Kind.MOVED_AWAY, stay.how[person] == Kind.DIED], [MOVED, DEAD], OTHER)
    state, april = found.employed_by_state[home] == last + 1, (last + 1) % 12 == 10
    ending = np.select([~over, gone, state, april], [OPEN, how, STATE, GROWN], NOT_RAISED)
    return np.where(over, np.where(gone, stay.left[person], next_month - 1), NEVER), ending


def awards(found: Homes, held: Claims) -> Awards:
    """An award for the first month of a claim, for each in which a child or the benefit changes, and for the reform."""
    sign = found.benefit * 2 + (np.arange(MONTHS) >= REFORM)
    for kind, order in zip(found.kind, found.order, strict=True):
        sign = sign * 64 + kind * 8 + order
    new = np.zeros(found.active.shape, np.bool_)
    new[:, 1:] = found.active[:, 1:] & (sign[:, 1:] != sign[:, :-1])
    new[held.home, held.first] = True
    home, month = np.nonzero(new)
    claim = np.searchsorted(held.home * MONTHS + held.first, home * MONTHS + month, side="right") - 1
    number = np.arange(len(claim)) - np.searchsorted(claim, claim) + 1
    starts = month_starts()
    follows = np.append(claim[1:] == claim[:-1], False)
    ends = np.where(held.ending[claim] == OPEN, NEVER, starts[held.last[claim] + 1] - 1)
    until = np.where(follows, starts[np.append(month[1:], 0)] - 1, ends)
    kind, order = (states[:, home, month].astype(np.int64) for states in (found.kind, found.order))
    benefit = found.benefit[home, month]
    rows = Awards(
        claim=claim,
        number=number,
        month=month,
        decided=np.where((number == 1) & (month > 0), held.granted[claim], starts[month] - 12),
        since=starts[month],
        until=until,
        benefit=benefit,
        reason=_reasons(found, home, month, number),
        kind=kind,
        order=order,
        amount=amounts(kind, order, benefit, month),
        deleted=np.zeros(len(claim), np.bool_),
    )
    return _with_mistakes(rows)


def _reasons(found: Homes, home: Ints, month: Ints, number: Ints) -> Ints:
    before = np.maximum(month - 1, 0)
    now = paid(found.kind[:, home, month], month).sum(axis=0)
    then = paid(found.kind[:, home, before], before).sum(axis=0)
    changed = found.benefit[home, month] != found.benefit[home, before]
    return np.select(
        [number == 1, month == REFORM, changed, now > then, now < then], [NEW, LAW, INCOME, MORE, LESS], AGE
    )


def _with_mistakes(rows: Awards) -> Awards:
    """Behind the last award of some claims stands one that was entered by mistake and deleted."""
    last = np.flatnonzero(np.append(rows.claim[1:] != rows.claim[:-1], True))
    at = np.sort(np.concatenate((np.arange(len(rows.claim)), last[::40])))
    wrong = np.append(False, at[1:] == at[:-1])
    columns = {name: getattr(rows, name)[..., at] for name in rows.__slots__}
    return Awards(**columns | {"number": columns["number"] + wrong, "deleted": wrong})


def payments(found: Homes, held: Claims) -> Payments:
    """Rows of a claim and year; where too much was paid, a second one takes it back."""
    sums = np.pad(np.cumsum(monthly(found), axis=1), ((0, 0), (1, 0)))[held.home]
    every = np.arange(len(held))
    parts = []
    for year in sorted({payment[0] for payment in PAYMENTS}):
        due = np.zeros((len(PAY_MONTHS), len(held)), np.int64)
        for _, month, first, last in (payment for payment in PAYMENTS if payment[0] == year):
            low, high = np.maximum(held.first, first), np.minimum(held.last, last) + 1
            due[PAY_MONTHS.index(month)] = np.where(
                high > low, sums[every, high] - sums[every, np.minimum(low, high)], 0
            )
        parts += _of_year(held, year, due)
    whole = [np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in Payments.__slots__]
    order = np.lexsort((whole[2], whole[1], whole[0]))
    return Payments(*(column[..., order] for column in whole))


def _of_year(held: Claims, year: int, due: Ints) -> list[Payments]:
    place, month = np.arange(len(held)), np.array(PAY_MONTHS)[:, None]
    meals = np.where((place % 17 == 3) & (due >= 10_000) & (year * 12 + month >= 2025 * 12 + 2), SCHOOL_MEALS, 0)
    set_off = np.where((place % 31 == 8) & (due >= 20_000) & (year == 2025) & (month == 6), SET_OFF, 0)
    wrong = (place % 29 == 4) & (due > 0) & (year == 2025) & (month == 10)
    at, again = np.flatnonzero((due > 0).any(axis=0)), np.flatnonzero(wrong.any(axis=0))
    paid_out = due + TOO_MUCH * wrong
    years, none = np.full(len(held), year), np.zeros_like(due)
    first = Payments(at, years[at], np.ones_like(at), (due > 0)[:, at], paid_out[:, at], meals[:, at], set_off[:, at])
    back = none - TOO_MUCH * wrong
    zero = none[:, again]
    second = Payments(again, years[again], np.full_like(again, 2), wrong[:, again], back[:, again], zero, zero)
    return [first, second]


def yearly(held: Claims, years: tuple[tuple[int, int], ...] = YEARS) -> Rows:
    """Claims in force in June of a 年度; `number` is the place of the year."""
    found = np.stack([(held.first <= june) & (held.last >= june) for _, june in years], axis=1)
    return Rows(*np.nonzero(found))


def judged(held: Claims) -> Rows:
    """Claims of which the income of a 年度 decided."""
    found = np.stack([(held.first <= last) & (held.last >= first) for _, first, last in INCOME_MONTHS], axis=1)
    return Rows(*np.nonzero(found))


def children_of(found: Homes, held: Claims) -> tuple[Ints, Ints, Bools]:
    """(slot, claim): first and last month in which a child counts (-1: none), and whether it was ever paid for."""
    months = np.arange(MONTHS)
    first, last = np.full((MOST, len(held)), -1), np.full((MOST, len(held)), -1)
    ever = np.zeros((MOST, len(held)), np.bool_)
    within = (months >= held.first[:, None]) & (months <= held.last[:, None])
    for slot in range(MOST):
        kind = np.where(within, found.kind[slot, held.home], NONE)
        there, some = kind > NONE, (kind > NONE).any(axis=1)
        first[slot] = np.where(some, there.argmax(axis=1), -1)
        last[slot] = np.where(some, MONTHS - 1 - there[:, ::-1].argmax(axis=1), -1)
        ever[slot] = paid(kind, months).any(axis=1)
    return first, last, ever


#: First day of 公金受取口座, and of what the sample's papers speak of.
ACCOUNTS_FROM, MEALS_FROM = day_of(2022, 10, 1), day_of(2025, 2, 1)
