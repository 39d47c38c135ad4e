"""Amounts and periods of 介護保険 as the law and the invented city's ordinance give them, and days that follow from them.

Articles are those of 介護保険法. They stand here as numbers of the program that invents, apart from the parameters that a
run reads.
"""

from __future__ import annotations

import numpy as np

from dmig.synth.days import day_of, parts_of
from dmig.synth.streams import Ints

#: Cells of one table as typed columns, one place per row; `person` is in all of them.
Facts = dict[str, Ints]
#: No amount, code or text (an empty cell).
BLANK = -1
#: The law is in force from this day on (附則 第1条).
IN_FORCE = day_of(2000, 4, 1)
#: First day of 要支援1 and 要支援2, which was one 要支援 before.
TWO_LEVELS_FROM = day_of(2006, 4, 1)
#: Levels by place: 要支援1 and 2, 要介護1 to 5; and 要支援 (経過的要介護) before there were two.
LEVELS, OLD_SUPPORT = 7, 7
#: 区分支給限度基準額 by level, until September 2019 and since, and from when the city keeps them.
UNITS_BEFORE = (5_003, 10_473, 16_692, 19_616, 26_931, 30_806, 36_065)
UNITS_SINCE = (5_032, 10_531, 16_765, 19_705, 27_048, 30_938, 36_217)
UNITS_KEPT_FROM, UNITS_CHANGED = day_of(2014, 4, 1), day_of(2019, 10, 1)
#: 事業所番号 without check digit: 都道府県 99, 指定 (7), 郡市区 01, a running number.
OFFICES = 997_010_000
#: 賦課年度 of the delivery, the ordinance's 基準額, and the rate of each stage in thousandths (施行令 第38条, 第9期).
YEARS = (2024, 2025, 2026)
BASE = 72_000
RATES = (285, 485, 685, 900, 1_000, 1_200, 1_300, 1_500, 1_700, 1_900, 2_100, 2_300, 2_400)
#: Up to this 合計所得金額 stages 6 to 12 reach; the line between stages 1 and 2, and 4 and 5, by year.
STAGE_STEPS = (1_200_000, 2_100_000, 3_200_000, 4_200_000, 5_200_000, 6_200_000, 7_200_000)
LOW_INCOME = {2024: 800_000, 2025: 809_000, 2026: 826_500}
#: 負担限度額 by stage: rooms (five kinds) and food, since August 2024.
ROOMS = (
    (880, 880, 1_370, 1_370),
    (550, 550, 1_370, 1_370),
    (380, 480, 880, 880),
    (550, 550, 1_370, 1_370),
    (0, 430, 430, 430),
)
FOOD = (300, 390, 650, 1_360)
#: 高額介護サービス費 by band, since August 2021.
MOST_BORNE = (140_100, 93_000, 44_400, 24_600, 15_000)
#: 高額医療合算介護サービス費 by band of who is 70 or older, a year from August, since August 2018; up to LEAST_JOINT
#: yen more are not paid (施行令 第22条の3).
MOST_JOINT = (2_120_000, 1_410_000, 670_000, 560_000, 310_000, 190_000)
LEAST_JOINT = 500
#: Months in which a pension pays; instalments of 普通徴収, those before a pension pays, columns of the file.
PENSION_MONTHS = ("04", "06", "08", "10", "12", "02")
INSTALMENTS, INSTALMENTS_FIRST, COLUMNS = 8, 3, 12
#: A pension from this amount on pays the premium (第134条).
LEAST_PENSION = 180_000


def cut(amounts: Ints) -> Ints:
    """Amounts in full hundreds of yen."""
    return np.asarray(amounts // 100 * 100)


def month_of(days: Ints) -> Ints:
    """Months since January 1970."""
    return np.asarray(days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64))


def first_of_month(months: Ints) -> Ints:
    """The first day of months."""
    return np.asarray(months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64))


def reached(born: Ints, age: int) -> Ints:
    """The day on which an age is reached: the one before the birthday (年齢計算ニ関スル法律)."""
    parts = parts_of(born)
    return first_of_month((parts.year + age - 1970) * 12 + parts.month - 1) + parts.day - 2


def last_day(start: Ints, months: Ints) -> Ints:
    """The end of a certification: the rest of a month that has begun comes on top (施行規則 第38条第2項)."""
    begun = start > first_of_month(month_of(start))
    return first_of_month(month_of(start) + begun + months) - 1


def checked(base: Ints, digits: int) -> Ints:
    """Numbers with their check digit: weights 2 and 1 from the right, the digits of the products added, modulus 10."""
    total = np.zeros(len(base), np.int64)
    for place in range(digits):
        product = base // 10**place % 10 * (2 - place % 2)
        total += product // 10 + product % 10
    return np.asarray(base * 10 + -total % 10)


def running(first: Ints) -> Ints:
    """1, 2, 3 … anew where the key before is another one."""
    at = np.arange(len(first))
    new = np.concatenate(([True], np.diff(first) != 0))[: len(first)]
    return at - np.maximum.accumulate(np.where(new, at, 0)) + 1


def is_last(key: Ints) -> Ints:
    """1 for the last row of each key, else 0."""
    return np.concatenate((np.diff(key) != 0, [True]))[-len(key) :].astype(np.int64) if len(key) else key


def take(facts: Facts, at: Ints) -> Facts:
    """Some rows, in the order given."""
    return {name: column[at] for name, column in facts.items()}


def joined(*parts: Facts) -> Facts:
    """Rows of several one behind the other; all have the same columns."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
