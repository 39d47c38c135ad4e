"""Amounts and classes of 児童手当 as the law gives them by month; numbers of the program that invents.

Articles are those of 児童手当法: 第3条 (児童, その他の子), 第6条 (額), 第8条 (from the month after the claim to the month in which
the entitlement ended), 附則第2条 (特例給付, up to September 2024). A run reads its amounts from parameters of its own.
"""

from __future__ import annotations

import numpy as np

from dmig.synth.days import parts_of
from dmig.synth.streams import Bools, Ints

#: Months of the delivery, counted from June 2023 to September 2026.
MONTHS = 40
_FIRST_YEAR, _FIRST_MONTH = 2023, 6
#: October 2024: no more limits of income, high-school ages paid, children counted up to 22.
REFORM = 16
#: Ages as the law sees them, in the order of the standard's codes; 0 is who does not count.
NONE, UNDER_3, PRIMARY, JUNIOR, HIGH, COUNTED = range(6)
#: 給付区分, in the order of the standard's codes.
FULL, SPECIAL, NOTHING = range(3)
#: 所得制限限度額 and 所得上限限度額 without dependants, and what each dependant adds.
LIMIT, UPPER_LIMIT, PER_DEPENDANT = 6_220_000, 8_580_000, 380_000
#: Taken from every income (施行令 第3条第1項).
FLAT_DEDUCTION = 80_000
#: Yen by class: first and second child, third and later ones; before and after the reform.
_BEFORE = np.array([[0, 0], [15_000, 15_000], [10_000, 15_000], [10_000, 10_000], [0, 0], [0, 0]])
_AFTER = np.array([[0, 0], [15_000, 30_000], [10_000, 30_000], [10_000, 30_000], [10_000, 30_000], [0, 0]])
_SPECIAL = 5_000
#: Payments: year and month, and the months [first, last] that they are for.
PAYMENTS = (
    (2023, 10, 0, 3),
    (2024, 2, 4, 7),
    (2024, 6, 8, 11),
    (2024, 10, 12, 15),
    (2024, 12, 16, 17),
    *((2025, 2 * n, 16 + 2 * n, 17 + 2 * n) for n in range(1, 7)),
    *((2026, 2 * n, 28 + 2 * n, 29 + 2 * n) for n in range(1, 5)),
)
#: 年度 of income and 現況届, each with the month of its June.
YEARS = ((2023, 0), (2024, 12), (2025, 24), (2026, 36))
#: Months in which the income of a 年度 decided.
INCOME_MONTHS = ((2023, 0, 11), (2024, 12, 15))


def month_starts() -> Ints:
    """First day of each month, and of the one behind the last."""
    months = np.arange(MONTHS + 1) + (_FIRST_YEAR - 1970) * 12 + _FIRST_MONTH - 1
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def month_after(days: Ints) -> Ints:
    """First day of the month after each day."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def classes(born: Ints, month: int) -> Ints:
    """What each child counts as in a month by its age; an age is reached on the day before the birthday.

    Up to the month in which it is three, a child is under three; school ages end on the 31 March after 12, 15 and 18.
    """
    birth, before = parts_of(born), parts_of(born - 1)
    absolute = (_FIRST_YEAR * 12 + _FIRST_MONTH - 1) + month
    third = (birth.year + 3) * 12 + birth.month - 1 - (birth.day == 1)
    cohort = before.year - (before.month < 4)
    school = (absolute - 3) // 12 - cohort
    age = np.select([school <= 12, school <= 15, school <= 18], [PRIMARY, JUNIOR, HIGH], COUNTED)
    counts = school <= (22 if month >= REFORM else 18)
    alive = birth.year * 12 + birth.month - 1 <= absolute
    return np.where(counts & alive, np.where(absolute <= third, UNDER_3, age), NONE)


def paid(kind: Ints, month: Ints | int) -> Bools:
    """Whether a class is one that is paid for."""
    return np.asarray((kind >= UNDER_3) & (kind <= np.where(np.asarray(month) >= REFORM, HIGH, JUNIOR)))


def amounts(kind: Ints, order: Ints, benefit: Ints, month: Ints | int) -> Ints:
    """Yen a month of children by class, order among those that count, and 給付区分."""
    after, later = np.asarray(month) >= REFORM, (order >= 3).astype(np.int64)
    full = np.where(after, _AFTER[kind, later], _BEFORE[kind, later])
    return np.select([benefit == FULL, benefit == SPECIAL], [full, _SPECIAL * paid(kind, month)], 0)


def raised(kind: Ints, order: Ints, month: Ints | int) -> Bools:
    """Whether a child is paid for as a third or later one: before the reform up to the end of primary school."""
    last = np.where(np.asarray(month) >= REFORM, HIGH, PRIMARY)
    return np.asarray((order >= 3) & (kind >= UNDER_3) & (kind <= last))


def benefit_of(income: Ints, dependants: Ints) -> Ints:
    """給付区分 by income and dependants, up to September 2024."""
    more = PER_DEPENDANT * dependants
    return np.select([income < LIMIT + more, income < UPPER_LIMIT + more], [FULL, SPECIAL], NOTHING)
