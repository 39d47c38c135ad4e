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


#: The delivery's key date: nothing happens later.
AS_OF = day_of(2026, 10, 1)
#: 住民基本台帳法 in force: no resident record is older.
LAW_IN_FORCE = day_of(1967, 11, 10)
#: Stands for "never": later than anything.
NEVER = day_of(2300, 1, 1)
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
