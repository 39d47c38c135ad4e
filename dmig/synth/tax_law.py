"""Amounts of 個人住民税 as the invented city's ordinance and the law give them, year by year.

Articles are those of 地方税法: 均等割 第310条 and 第38条, 所得控除 第314条の2, 調整控除 第314条の6, 非課税 第295条 and
附則第3条の3; 森林環境税 from R6年度. They stand here as numbers of the program that invents, apart from the parameters that
a run reads.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmig.synth.streams import Ints

#: 課税年度 of the delivery: the present one for everybody, the earlier ones for some households.
YEARS = (2023, 2024, 2025, 2026)
#: First 課税年度 with 森林環境税.
FOREST_FROM = 2024
CITY_PERCENT, PREFECTURE_PERCENT = 6, 4
#: 非課税限度額: so much for each person and on top (均等割 of a city of the third class; 所得割).
EQUAL_FREE, EQUAL_FREE_FAMILY = 280_000, 168_000
RATE_FREE, RATE_FREE_FAMILY = 350_000, 320_000
FREE_FOR_ALL, FREE_FOR_SOME = 100_000, 1_350_000
#: 基礎控除 by 合計所得金額.
BASIC = ((24_000_000, 430_000), (24_500_000, 290_000), (25_000_000, 150_000))
#: 配偶者控除 by the taxpayer's 合計所得金額: ordinary, aged; and what 所得税 gives beyond it.
SPOUSE_LIMITS = (9_000_000, 9_500_000, 10_000_000)
SPOUSE, SPOUSE_AGED = (330_000, 220_000, 110_000), (380_000, 260_000, 130_000)
SPOUSE_GAP, SPOUSE_AGED_GAP = (50_000, 40_000, 20_000), (100_000, 60_000, 30_000)
#: 配偶者特別控除: up to this income of the spouse, by the taxpayer's income, in units of 10,000 yen.
SPOUSE_STEPS = (
    (1_000_000, (33, 22, 11)),
    (1_050_000, (31, 21, 11)),
    (1_100_000, (26, 18, 9)),
    (1_150_000, (21, 14, 7)),
    (1_200_000, (16, 11, 6)),
    (1_250_000, (11, 8, 4)),
    (1_300_000, (6, 4, 2)),
    (1_330_000, (3, 2, 1)),
)
#: 特定親族特別控除 from R8年度: up to this income of the relative, in units of 10,000 yen.
STUDENT_STEPS = (
    (950_000, 45),
    (1_000_000, 41),
    (1_050_000, 31),
    (1_100_000, 21),
    (1_150_000, 11),
    (1_200_000, 6),
    (1_230_000, 3),
)
STUDENT_FROM = 2026
#: 配偶者特別控除 counts for 調整控除 up to R7年度 only: spouse's income up to this, and the difference.
SPOUSE_STEPS_GAP = ((500_000, 50_000), (550_000, 30_000))
ADJUSTMENT_FROM, ADJUSTMENT_LEAST, ADJUSTMENT_INCOME = 2_000_000, 50_000, 25_000_000
HOUSING_PERCENT, HOUSING_MOST = 5, 97_500


@dataclass(frozen=True, slots=True)
class Law:
    """What changes from year to year: 均等割, 森林環境税, limit of dependants' income, least 給与所得控除."""

    year: int
    equal_city: int
    equal_prefecture: int
    forest: int
    dependant_income: int
    salary_least: int


def law_of(year: int) -> Law:
    """The amounts of a 課税年度."""
    after = year >= FOREST_FROM
    new = year >= STUDENT_FROM
    return Law(
        year=year,
        equal_city=3_000 if after else 3_500,
        equal_prefecture=1_000 if after else 1_500,
        forest=1_000 if after else 0,
        dependant_income=580_000 if new else 480_000,
        salary_least=650_000 if new else 550_000,
    )


def down(amounts: Ints, unit: int) -> Ints:
    """Amounts without what lies below a unit (第20条の4の2)."""
    return np.asarray(amounts // unit * unit)


def months(total: Ints, count: int = 12) -> Ints:
    """An amount in equal months of 100 yen each, the rest in the first (第20条の4の2第8項); one row per month."""
    return _parts(total, count, 100)


def instalments(total: Ints, count: int = 4) -> Ints:
    """An amount in equal instalments of 1,000 yen each, the rest in the first (第20条の4の2第6項)."""
    return _parts(total, count, 1_000)


def _parts(total: Ints, count: int, unit: int) -> Ints:
    each = down(total // count, unit)
    return np.stack([total - (count - 1) * each, *[each] * (count - 1)])


def step_of(value: Ints, limits: tuple[int, ...]) -> Ints:
    """The place of the first limit that a value does not exceed; the number of limits where it exceeds all."""
    return np.searchsorted(np.array(limits), value, side="left").astype(np.int64)


def by_step(step: Ints, amounts: tuple[int, ...]) -> Ints:
    """The amount of each step, 0 behind the last."""
    return np.array([*amounts, 0])[np.minimum(step, len(amounts))]
