"""What both the old and the standard form of the allowances show, as typed facts: numbers, days of care and of payment."""

from __future__ import annotations

import numpy as np

from dmig.synth.child_claims import (
    BY_AGE,
    BY_OTHER,
    CHILD_DIED,
    CHILD_MOVED,
    CLAIM_ENDED,
    GROWN,
    OPEN,
    PAY_MONTHS,
    Awards,
    Claims,
    Payments,
    Rows,
)
from dmig.synth.child_homes import MOST, Homes
from dmig.synth.child_law import YEARS, month_starts
from dmig.synth.days import NEVER, day_of, parts_of
from dmig.synth.events import Kind
from dmig.synth.register import Register
from dmig.synth.streams import Ints

_PAY_DAY, _BACK_DAY = 10, 25


def claim_numbers(held: Claims) -> Ints:
    """認定番号: two digits of the year of the first month, then a running number."""
    year = parts_of(held.since).year
    return year % 100 * 100_000_000 + 7 * np.arange(len(held)) + 1_001


def care_days(
    source: Register, found: Homes, held: Claims, slot: int, claim: Ints, last: Ints
) -> tuple[Ints, Ints, Ints]:
    """Since when and until when (NEVER: still) the recipient raises a child, and why it ended (-1: it did not)."""
    child = np.maximum(found.slots[slot, held.home[claim]], 0)
    stay, born = found.stays, source.population.persons.births.true_day[child]
    since = np.maximum(np.maximum(stay.arrived[child], born), stay.arrived[held.person[claim]])
    starts = month_starts()
    with_claim = last == held.last[claim]
    gone = stay.left[child] < starts[last + 1]
    how = np.select(
        [stay.how[child] == Kind.MOVED_AWAY, stay.how[child] == Kind.DIED], [CHILD_MOVED, CHILD_DIED], BY_OTHER
    )
    own = np.where(gone, how, BY_AGE)
    own_day = np.where(gone, stay.left[child], starts[last + 1] - 1)
    ended = held.ending[claim] != OPEN
    why_claim = np.where(held.ending[claim] == GROWN, BY_AGE, CLAIM_ENDED)
    why = np.select([~with_claim, ended], [own, why_claim], -1)
    return since, np.select([~with_claim, ended], [own_day, held.ended[claim]], NEVER), why


def pay_days(rows: Payments) -> Ints:
    """(month, row): the day of each payment; what was taken back has a later one."""
    starts = {(year, month): day_of(year, month, _PAY_DAY) for year in range(2023, 2027) for month in PAY_MONTHS}
    years = sorted({year for year, _ in starts})
    days = np.array([[starts[year, month] for year in years] for month in PAY_MONTHS])
    return np.asarray(days[:, rows.year - years[0]] + (_BACK_DAY - _PAY_DAY) * (rows.number > 1))


def report_days(rows: Rows, at: Ints) -> tuple[Ints, Ints]:
    """The days on which 現況届 came in and was checked."""
    claim, june = rows.claim[at], month_starts()[np.array([first for _, first in YEARS])[rows.number[at]]]
    return june + claim % 28, june + 40 + claim % 15


def children_at(first: Ints) -> Ints:
    """Places `claim * slots + slot` of the children of claims."""
    return np.flatnonzero((first >= 0).T.ravel())


def details_at(rows: Awards) -> Ints:
    """Places `award * slots + slot` of the children of awards that were not deleted."""
    return np.flatnonzero(((rows.kind > 0) & ~rows.deleted).T.ravel())


def payments_at(rows: Payments) -> Ints:
    """Places `row * months + month` of payments."""
    return np.flatnonzero(rows.there.T.ravel())


#: Places of one row of children or payments.
SLOTS, PAY_COLUMNS = MOST, len(PAY_MONTHS)
