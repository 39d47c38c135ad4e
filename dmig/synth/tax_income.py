"""What everybody earns: facts drawn once, and the income of each year by kind (収入 and 所得)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from dmig.synth.days import parts_of
from dmig.synth.people import Persons
from dmig.synth.streams import Bools, Ints, Streams, chance
from dmig.synth.tax_law import Law


class Source(IntEnum):
    """Kinds of income that this city knows, in the order of their codes."""

    SALARY = 0
    PENSION = 1
    SIDE_WORK = 2
    MISCELLANEOUS = 3
    BUSINESS = 4
    FARM = 5
    RENT = 6
    DIVIDEND = 7


class Correction(IntEnum):
    """Why the tax of a year was corrected: income declared late, or a deduction claimed late."""

    NONE = 0
    INCOME = 1
    DEDUCTION = 2


@dataclass(frozen=True, slots=True)
class Earnings:
    """One place per person: amounts of the present year by kind, the employer (-1: none), what is declared late.

    `expenses` are what business, farm, rent and side work cost, in percent. `welfare`, `disabled` (0, 1, 2) and
    `withheld` (the employer collects the tax) are facts of the person.
    """

    amounts: dict[Source, Ints]
    expenses: Ints
    employer: Ints
    employers: int
    withheld: Bools
    late: Ints
    late_amount: Ints
    insurance: Ints
    life: Ints
    quake: Ints
    housing: Bools
    gift: Bools
    relieved: Bools
    welfare: Bools
    disabled: Ints
    unfiled: Bools


@dataclass(frozen=True, slots=True)
class Income:
    """収入 and 所得 by kind (rows in the order of `Source`), and 合計所得金額."""

    gross: Ints
    net: Ints

    @property
    def total(self) -> Ints:
        """合計所得金額: losses are set off, never below 0."""
        return np.asarray(np.maximum(self.net.sum(axis=0), 0))


#: Most people work within these ages (at the end of the year before).
_WORK_FROM, _WORK_TO, _PENSION_FROM = 18, 70, 65
#: Least 給与所得控除 up to R7年度, with the steps of 別表第五 behind it.
OLD_LEAST = 550_000


def ages(persons: Persons, year: int) -> Ints:
    """Ages at the end of the year before a 課税年度; an age is reached on the day before the birthday."""
    born = parts_of(persons.births.true_day)
    new_year = (born.month == 1) & (born.day == 1)
    return np.asarray(year - 1 - born.year + new_year)


def earnings(persons: Persons, streams: Streams) -> Earnings:
    """Draw what everybody earns."""
    draw, count = streams.of("earnings"), len(persons)
    age = ages(persons, 2026)
    adult, old = (age >= _WORK_FROM) & (age < _WORK_TO), age >= _PENSION_FROM
    place = draw.random(count)
    employed = adult & (place < np.where(old, 0.25, 0.68))
    own = adult & ~employed & (place < 0.8)
    both = employed & chance(draw, 0.06, count)
    employers, pay = max(12, count // 60), _lognormal(draw, 15.05, 0.6, count)
    late = np.where(chance(draw, 0.05, count), draw.integers(1, 3, count), 0)
    amounts = {
        Source.SALARY: np.where(employed, np.where(age < 23, draw.integers(150_000, 2_400_000, count), pay), 0),
        Source.PENSION: np.where(old, np.clip(draw.normal(1_650_000, 500_000, count), 300_000, 4_000_000), 0),
        Source.SIDE_WORK: np.where(both, _lognormal(draw, 13.2, 0.6, count), 0),
        Source.MISCELLANEOUS: np.where(late == Correction.INCOME, draw.integers(120_000, 400_000, count), 0),
        Source.BUSINESS: np.where(own & (place < 0.77), _lognormal(draw, 15.4, 0.7, count), 0),
        Source.FARM: np.where(own & (place >= 0.77), _lognormal(draw, 14.6, 0.6, count), 0),
        Source.RENT: np.where(adult & chance(draw, 0.04, count), _lognormal(draw, 14.0, 0.6, count), 0),
        Source.DIVIDEND: np.where(adult & chance(draw, 0.03, count), draw.integers(1_000, 300_000, count), 0),
    }
    return Earnings(
        amounts={kind: value.astype(np.int64) for kind, value in amounts.items()},
        expenses=draw.integers(15, 115, count),
        employer=np.where(employed, open_employer(draw.integers(0, employers, count)), -1),
        employers=employers,
        withheld=chance(draw, 0.92, count),
        late=late,
        late_amount=draw.integers(40_000, 220_000, count),
        insurance=draw.integers(130, 160, count),
        life=np.minimum(draw.integers(0, 110_000, count), 70_000),
        quake=np.minimum(draw.integers(0, 40_000, count), 25_000) * chance(draw, 0.4, count),
        housing=chance(draw, 0.06, count),
        gift=chance(draw, 0.07, count),
        relieved=chance(streams.of("relief"), 0.025, count),
        welfare=chance(draw, 0.012, count),
        disabled=np.where(chance(draw, 0.03, count), draw.integers(1, 3, count), 0),
        unfiled=chance(draw, 0.03, count),
    )


def _lognormal(draw: np.random.Generator, mean: float, spread: float, count: int) -> Ints:
    return np.clip(draw.lognormal(mean, spread, count), 100_000, 60_000_000).astype(np.int64)


def income_of(facts: Earnings, age: Ints, law: Law, *, before_correction: bool = False) -> Income:
    """The income of a year; before a correction without what was declared late."""
    percent = 100 + 2 * (law.year - 2026)
    gross = np.stack([facts.amounts[kind] * percent // 100 for kind in Source])
    if before_correction:
        gross[Source.MISCELLANEOUS] = 0
    net = gross.copy()
    net[Source.SALARY] = salary_income(gross[Source.SALARY], law)
    net[Source.PENSION] = pension_income(gross[Source.PENSION], age)
    for kind in (Source.SIDE_WORK, Source.BUSINESS, Source.FARM, Source.RENT):
        net[kind] -= gross[kind] * facts.expenses // 100
    net[Source.SIDE_WORK] = np.maximum(net[Source.SIDE_WORK], 0)
    return Income(gross, net)


def salary_income(gross: Ints, law: Law) -> Ints:
    """給与所得: 所得税法 第28条 and 別表第五 (a quarter of the pay, below 1,000 yen cut, decides from 1.628 or 1.9 million)."""
    quarter = gross // 4 // 1_000 * 1_000
    first = np.maximum(gross - law.salary_least, 0)
    high = np.select(
        [gross < 3_600_000, gross < 6_600_000, gross < 8_500_000],
        [quarter * 28 // 10 - 80_000, quarter * 32 // 10 - 440_000, gross * 9 // 10 - 1_100_000],
        gross - 1_950_000,
    )
    if law.salary_least > OLD_LEAST:
        return np.where(gross < 1_900_000, first, high)
    edges = [gross < edge for edge in (1_620_000, 1_622_000, 1_624_000, 1_628_000, 1_800_000)]
    steps = [np.full_like(gross, amount) for amount in (1_069_000, 1_070_000, 1_072_000, 1_074_000)]
    middle = np.select(edges, [*steps, quarter * 24 // 10 + 100_000], high)
    return np.where(gross < 1_619_000, first, middle)


def pension_income(gross: Ints, age: Ints) -> Ints:
    """雑所得（公的年金等）of those aged 65 and over, others below (所得税法 第35条)."""
    least = np.where(age >= _PENSION_FROM, 1_100_000, 600_000)
    flat = np.where(age >= _PENSION_FROM, 3_300_000, 1_300_000)
    return np.where(gross < flat, np.maximum(gross - least, 0), gross * 75 // 100 - 275_000)


def is_closed(employer: Ints) -> Bools:
    """Whether an employer has closed: then it employs nobody."""
    return np.asarray(employer % 9 == 8)


def open_employer(employer: Ints) -> Ints:
    """The employer itself, or the one before a closed one."""
    return np.asarray(employer - is_closed(employer))
