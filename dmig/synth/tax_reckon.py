"""From income and deductions to the tax of a year: 課税標準, 所得割, 調整控除, 均等割, 森林環境税, non-taxable limits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from dmig.synth.people import Persons
from dmig.synth.streams import Bools, Ints
from dmig.synth.tax_family import Family
from dmig.synth.tax_income import Correction, Earnings, Income, Source
from dmig.synth.tax_law import (
    ADJUSTMENT_FROM,
    ADJUSTMENT_INCOME,
    ADJUSTMENT_LEAST,
    BASIC,
    CITY_PERCENT,
    EQUAL_FREE,
    EQUAL_FREE_FAMILY,
    FREE_FOR_ALL,
    FREE_FOR_SOME,
    HOUSING_MOST,
    HOUSING_PERCENT,
    PREFECTURE_PERCENT,
    RATE_FREE,
    RATE_FREE_FAMILY,
    Law,
    by_step,
    down,
    step_of,
)


class Deduction(IntEnum):
    """所得控除 that this city knows, in the order of the layouts."""

    MEDICAL = 0
    INSURANCE = 1
    LIFE = 2
    QUAKE = 3
    DISABILITY = 4
    WIDOW = 5
    LONE_PARENT = 6
    SPOUSE = 7
    SPOUSE_SPECIAL = 8
    DEPENDANTS = 9
    STUDENTS = 10
    BASIC = 11


class Status(IntEnum):
    """課税非課税区分, in the order of the standard's codes."""

    TAXED = 0
    EQUAL_ONLY = 1
    FREE = 2
    UNFILED = 3


@dataclass(frozen=True, slots=True)
class Tax:
    """One place per person. Pairs are (city, prefecture).

    `relief` is 減免; `equal` is without 森林環境税, `forest` 0 before R6年度.
    """

    income: Income
    deductions: Ints
    deducted: Ints
    gap: Ints
    count: Ints
    base: Ints
    raw: Ints
    adjustment: Ints
    housing: Ints
    gift: Ints
    relief: Ints
    rate: Ints
    equal: Ints
    forest: Ints
    status: Ints

    @property
    def total(self) -> Ints:
        """年税額."""
        return np.asarray(self.rate.sum(axis=0) + self.equal.sum(axis=0) + self.forest)


def reckon(
    persons: Persons,
    facts: Earnings,
    income: Income,
    claims: Family,
    age: Ints,
    law: Law,
    *,
    before_correction: bool = False,
) -> Tax:
    """The tax of everybody by the law of one year; before a correction without what was claimed late."""
    total, deductions = income.total, _deductions(facts, income, claims, before_correction)
    deducted, gap = deductions.sum(axis=0), _gap(persons, facts, claims, total)
    no_equal, no_rate = _free(facts, claims, total, age)
    base = np.where(no_rate, 0, down(np.maximum(total - deducted, 0), 1_000))
    raw = np.stack([base * CITY_PERCENT // 100, base * PREFECTURE_PERCENT // 100])
    adjustment = _adjustment(base, gap, total)
    housing, gift = _credits(facts, base, raw - adjustment)
    left = np.maximum(raw - adjustment - housing - gift, 0)
    relief = np.where(facts.relieved, down(left // 2, 10), 0)
    equal, forest = _equal(no_equal, law)
    rate = down(left - relief, 100)
    status = _status(facts, income, claims, no_equal, rate)
    return Tax(
        income,
        deductions,
        deducted,
        gap,
        claims.count,
        base,
        raw,
        adjustment,
        housing,
        gift,
        relief,
        rate,
        equal,
        forest,
        status,
    )


def _equal(no_equal: Bools, law: Law) -> tuple[Ints, Ints]:
    """均等割 of city and prefecture, and 森林環境税."""
    pair = [np.where(no_equal, 0, law.equal_city), np.where(no_equal, 0, law.equal_prefecture)]
    return np.stack(pair), np.where(no_equal, 0, law.forest)


def _status(facts: Earnings, income: Income, claims: Family, no_equal: Bools, rate: Ints) -> Ints:
    """課税非課税区分."""
    unfiled = facts.unfiled & (income.gross.sum(axis=0) == 0) & (claims.count == 0) & ~facts.welfare
    kinds = [unfiled, no_equal, rate.sum(axis=0) == 0]
    return np.select(kinds, [Status.UNFILED, Status.FREE, Status.EQUAL_ONLY], Status.TAXED)


def _gap(persons: Persons, facts: Earnings, claims: Family, total: Ints) -> Ints:
    """What 所得税 deducts more for persons."""
    own = np.array([0, 10_000, 100_000])[facts.disabled] + 10_000 * claims.widow
    own += np.where(claims.lone_parent, np.where(persons.sex == 1, 10_000, 50_000), 0)
    return np.asarray(own + claims.gap + 50_000 * (total <= ADJUSTMENT_INCOME))


def _deductions(facts: Earnings, income: Income, claims: Family, before: bool) -> Ints:
    """One row per `Deduction`."""
    total, pay = income.total, income.gross[Source.SALARY] + income.gross[Source.BUSINESS] + income.gross[Source.FARM]
    late = np.where((facts.late == Correction.DEDUCTION) & (not before), facts.late_amount, 0)
    rows = {
        Deduction.MEDICAL: late,
        Deduction.INSURANCE: np.minimum(pay * facts.insurance // 1_000, 1_900_000)
        + income.gross[Source.PENSION] * 4 // 100,
        Deduction.LIFE: np.where(pay > 0, facts.life, 0),
        Deduction.QUAKE: np.where(pay > 0, facts.quake, 0),
        Deduction.DISABILITY: np.array([0, 260_000, 300_000])[facts.disabled] + claims.disability,
        Deduction.WIDOW: 260_000 * claims.widow,
        Deduction.LONE_PARENT: 300_000 * claims.lone_parent,
        Deduction.SPOUSE: claims.spouse,
        Deduction.SPOUSE_SPECIAL: claims.spouse_special,
        Deduction.DEPENDANTS: claims.others,
        Deduction.STUDENTS: claims.students,
        Deduction.BASIC: by_step(step_of(total, tuple(m for m, _ in BASIC)), tuple(amount for _, amount in BASIC)),
    }
    return np.stack([np.asarray(rows[each]) for each in Deduction])


def _free(facts: Earnings, claims: Family, total: Ints, age: Ints) -> tuple[Bools, Bools]:
    """Who pays no 均等割, and who no 所得割."""
    some = claims.count >= 1
    person = (facts.disabled > 0) | (age < 18) | claims.widow | claims.lone_parent
    exempt = facts.welfare | (person & (total <= FREE_FOR_SOME))
    equal = exempt | (total <= EQUAL_FREE * (claims.count + 1) + FREE_FOR_ALL + EQUAL_FREE_FAMILY * some)
    rate = equal | (total <= RATE_FREE * (claims.count + 1) + FREE_FOR_ALL + RATE_FREE_FAMILY * some)
    return np.asarray(equal), np.asarray(rate)


def _adjustment(base: Ints, gap: Ints, total: Ints) -> Ints:
    """調整控除: 3% and 2% of what 所得税 deducts more, at most of the base; above two million of what is left of it."""
    small = np.minimum(gap, base)
    large = np.maximum(gap - (base - ADJUSTMENT_FROM), ADJUSTMENT_LEAST)
    of = np.where(total > ADJUSTMENT_INCOME, 0, np.where(base <= ADJUSTMENT_FROM, small, large))
    return np.stack([of * 3 // 100, of * 2 // 100])


def _credits(facts: Earnings, base: Ints, left: Ints) -> tuple[Ints, Ints]:
    """住宅借入金等特別税額控除 and 寄附金税額控除, three fifths to the city; in hundreds, so that the shares are exact."""
    most = down(np.maximum(left.sum(axis=0), 0) * 2 // 10, 500)
    housing = np.where(
        facts.housing, np.minimum(down(np.minimum(base * HOUSING_PERCENT // 100, HOUSING_MOST), 500), most), 0
    )
    gift = np.where(facts.gift & ~facts.housing, np.minimum(most, 30_000), 0)
    return np.stack([housing * 3 // 5, housing * 2 // 5]), np.stack([gift * 3 // 5, gift * 2 // 5])
