"""Days as whole numbers since 1970-01-01, and the era in which each lies."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from dmig.synth.streams import Bools, Ints


class Era(IntEnum):
    """Eras by the digit that old systems use."""

    MEIJI = 1
    TAISHO = 2
    SHOWA = 3
    HEISEI = 4
    REIWA = 5


class Parts(NamedTuple):
    """Year, month and day of each place; 0 stands for a part that is not known."""

    year: Ints
    month: Ints
    day: Ints


def day_of(year: int, month: int, day: int) -> int:
    """The number of a calendar day."""
    return int(np.datetime64(f"{year:04d}-{month:02d}-{day:02d}", "D").astype(np.int64))


#: The delivery's key date.
AS_OF = day_of(2026, 10, 1)
#: Nothing happens later, so that every entry is processed before the key date.
LAST_DAY = AS_OF - 60
#: Latest entries that closed a record before this day (five years before the key date) lie apart as 除票.
CLOSED_LONG_AGO = day_of(2021, 10, 1)
#: 外国人 became residents under the law; 住民票コード, those of 外国人, and 個人番号 began; 旧氏 may be entered.
FOREIGNERS_FROM = day_of(2012, 7, 9)
CODES_FROM, FOREIGN_CODES_FROM, NUMBERS_FROM = day_of(2002, 8, 5), day_of(2013, 7, 8), day_of(2015, 10, 5)
FORMER_NAMES_FROM = day_of(2019, 11, 5)
#: 住民基本台帳法 in force: no resident record is older.
LAW_IN_FORCE = day_of(1967, 11, 10)
#: Stands for "never": later than anything.
NEVER = day_of(2300, 1, 1)
#: Stands for "no day": earlier than anything.
NO_DAY = day_of(1800, 1, 1)
#: Days of a mean year, for drawing ages.
YEAR = 365.25

#: First day of each era, by digit 1 to 5.
ERA_FIRST_DAY = np.array(
    [day_of(1868, 1, 25), day_of(1912, 7, 30), day_of(1926, 12, 25), day_of(1989, 1, 8), day_of(2019, 5, 1)]
)


def parts_of(days: Ints) -> Parts:
    """Year, month and day of day numbers."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    since = months.astype(np.int64)
    return Parts(since // 12 + 1970, since % 12 + 1, (dates - months).astype(np.int64) + 1)


def first_of_year(years: Ints) -> Ints:
    """The day number of 1 January of each year."""
    return (years - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)


def is_leap(years: Ints) -> Bools:
    """Whether the year has a 29 February."""
    return np.asarray((years % 4 == 0) & ((years % 100 != 0) | (years % 400 == 0)))


def era_of(days: Ints) -> Ints:
    """The era digit in which each day lies; the first day of an era counts to the new one."""
    return np.searchsorted(ERA_FIRST_DAY, days, side="right").astype(np.int64)
