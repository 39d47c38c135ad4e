"""Birthdays as registers hold them: era edges, 29 February, impossible days, and the shapes of what is not known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from dmig.synth.days import Era, Parts, day_of, era_of, first_of_year, is_leap, parts_of
from dmig.synth.streams import Ints, between


class Shape(IntEnum):
    """What is known of a birthday, and how the old system writes what is not."""

    KNOWN = 0
    #: 29 February of a common year: complete, so not 不詳, yet no day of the calendar.
    NON_CALENDAR = 1
    #: Nothing known, written 0000000.
    NOTHING_ZEROS = 2
    #: Nothing known, written 9999999.
    NOTHING_NINES = 3
    #: Only the year known.
    YEAR_ONLY = 4
    #: About that year (頃).
    ABOUT_YEAR = 5
    #: Year and month known.
    YEAR_MONTH = 6
    #: About that month (頃).
    ABOUT_MONTH = 7
    #: A 29 February of a leap year: an ordinary day, planted because programs forget it.
    LEAP_DAY = 8


NOTHING_KNOWN = (Shape.NOTHING_ZEROS, Shape.NOTHING_NINES)
DAY_UNKNOWN = (*NOTHING_KNOWN, Shape.YEAR_ONLY, Shape.ABOUT_YEAR, Shape.YEAR_MONTH, Shape.ABOUT_MONTH)
MONTH_UNKNOWN = (*NOTHING_KNOWN, Shape.YEAR_ONLY, Shape.ABOUT_YEAR)


@dataclass(frozen=True, slots=True)
class Oddity:
    """A birthday worth planting: days [first, last], the era it is written in (None: its own), and for whom."""

    first: int
    last: int
    era: Era | None = None
    shape: Shape = Shape.KNOWN
    for_child: bool = False


def _edge(year: int, month: int, day: int, era: Era, *, for_child: bool = False) -> Oddity:
    return Oddity(day_of(year, month, day), day_of(year, month, day), era, for_child=for_child)


_LIVING = (day_of(1930, 1, 1), day_of(1994, 12, 1))

#: Legal, though two of them carry the old era's name on the new era's first day.
EDGES = (
    _edge(1912, 7, 29, Era.MEIJI),
    _edge(1912, 7, 30, Era.TAISHO),
    _edge(1912, 7, 30, Era.MEIJI),
    _edge(1926, 12, 24, Era.TAISHO),
    _edge(1926, 12, 25, Era.SHOWA),
    _edge(1926, 12, 25, Era.TAISHO),
    _edge(1989, 1, 7, Era.SHOWA),
    _edge(1989, 1, 8, Era.HEISEI),
    _edge(2019, 4, 30, Era.HEISEI, for_child=True),
    _edge(2019, 5, 1, Era.REIWA, for_child=True),
)
#: Days that no era of that name had: findings, no faults.
ERA_IMPOSSIBLE = (
    Oddity(day_of(1989, 1, 8), day_of(1989, 12, 31), Era.SHOWA),
    Oddity(day_of(1989, 1, 1), day_of(1989, 1, 7), Era.HEISEI),
    Oddity(day_of(1926, 12, 26), day_of(1926, 12, 31), Era.TAISHO),
    Oddity(day_of(1926, 12, 1), day_of(1926, 12, 24), Era.SHOWA),
    Oddity(day_of(1912, 7, 31), day_of(1912, 12, 31), Era.MEIJI),
    Oddity(day_of(1912, 7, 1), day_of(1912, 7, 29), Era.TAISHO),
    Oddity(day_of(2019, 5, 1), day_of(2019, 12, 31), Era.HEISEI, for_child=True),
    Oddity(day_of(2019, 4, 1), day_of(2019, 4, 30), Era.REIWA, for_child=True),
)
SHAPED = tuple(Oddity(*_LIVING, shape=shape) for shape in Shape if shape is not Shape.KNOWN)
ODDITIES = EDGES + ERA_IMPOSSIBLE + SHAPED


@dataclass(slots=True)
class Births:
    """The birthdays of all persons.

    `true_day` is the hidden day by which ages and events are drawn; `parts` is what the register knows (0 =
    unknown); `era` is the era the old system writes; `shape` is a `Shape`; `impossible_era` marks expected findings.
    """

    true_day: Ints
    parts: Parts
    era: Ints
    shape: Ints
    impossible_era: Ints


def births(true_day: Ints, oddity: Ints, draw: np.random.Generator) -> Births:
    """The birthdays of persons born on `true_day`; `oddity` is an index into ODDITIES, or -1."""
    odd = np.flatnonzero(oddity >= 0)
    pick = oddity[odd]
    low, high = (np.array([getattr(o, side) for o in ODDITIES])[pick] for side in ("first", "last"))
    days, shape, era = true_day.copy(), np.zeros(len(true_day), np.int64), np.zeros(len(true_day), np.int64)
    days[odd] = between(draw, low, high)
    shape[odd] = np.array([o.shape for o in ODDITIES])[pick]
    era[odd] = np.array([o.era or 0 for o in ODDITIES])[pick]
    days = _move_to_february(days, shape)
    known = parts_of(days)
    day = np.where(shape == Shape.NON_CALENDAR, 29, known.day)
    day[np.isin(shape, DAY_UNKNOWN)] = 0
    month = np.where(np.isin(shape, MONTH_UNKNOWN), 0, known.month)
    year = np.where(np.isin(shape, NOTHING_KNOWN), 0, known.year)
    impossible = np.zeros(len(days), np.int64)
    first = len(EDGES)
    impossible[odd] = (pick >= first) & (pick < first + len(ERA_IMPOSSIBLE))
    return Births(days, Parts(year, month, day), np.where(era > 0, era, era_of(days)), shape, impossible)


def _move_to_february(days: Ints, shape: Ints) -> Ints:
    """Hidden days of the 29 February shapes: the 29th of a leap year, the 28th of a common one."""
    year = parts_of(days).year
    leap, common = year - year % 4, year + is_leap(year)
    moved = np.where(shape == Shape.LEAP_DAY, first_of_year(leap) + 59, days)
    return np.where(shape == Shape.NON_CALENDAR, first_of_year(common) + 58, moved)
