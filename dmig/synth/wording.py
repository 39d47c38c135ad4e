"""The printed wording of birthdays that are not wholly known: a fact that staff once typed in, the same everywhere."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.births import DAY_UNKNOWN, Births, Shape
from dmig.synth.days import parts_of
from dmig.synth.texts import full_width, gather, joined, table

_ERA_NAMES = ("", "明治", "大正", "昭和", "平成", "令和")
_ERA_YEAR_1 = np.array([0, 1868, 1912, 1926, 1989, 2019])
_TAIL = {
    Shape.NOTHING_ZEROS: "年月日不詳",
    Shape.NOTHING_NINES: "年月日不詳",
    Shape.YEAR_ONLY: "年月日不詳",
    Shape.ABOUT_YEAR: "年頃",
    Shape.YEAR_MONTH: "月日不詳",
    Shape.ABOUT_MONTH: "月頃",
}


def birth_wordings(births: Births) -> pl.Series:
    """昭和１０年月日不詳, 平成元年３月頃, 年月日不詳 …; null for a birthday that is known."""
    month_known, year_known = births.parts.month > 0, births.parts.year > 0
    year = parts_of(births.true_day).year - _ERA_YEAR_1[births.era] + 1
    eras, numbers = table(_ERA_NAMES), table(["", "元", *(full_width(n) for n in range(2, 130))])
    months = table(["", *(f"年{full_width(n)}" for n in range(1, 13))])
    tails = table([_TAIL.get(shape, "") for shape in Shape])
    unknown = np.isin(births.shape, DAY_UNKNOWN)
    return joined(
        gather(eras, np.where(unknown & year_known, births.era, 0)),
        gather(numbers, np.where(unknown & year_known, year, 0)),
        gather(months, np.where(unknown & month_known, births.parts.month, 0)),
        gather(tails, births.shape),
    )
