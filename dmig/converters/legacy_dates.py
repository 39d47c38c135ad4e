"""Legacy types of dates, years and times: eight digits, an era digit and six digits, four digits, six digits."""

from __future__ import annotations

import polars as pl

from dmig.converters import iso_dates
from dmig.converters.contract import ArgSpec, LegacyType, Output, Request
from dmig.converters.legacy_types import BLANK, canonical
from dmig.converters.outcome import chosen, single
from dmig.model.legal_date import ERAS, LAST_OLD_CALENDAR_DAY, OPEN_END, OPEN_START, UNKNOWN

#: Findings of a date that is kept although something is wrong with it.
OUTSIDE_ERA, LEAP_DAY, NO_SUCH_DAY, OLD_CALENDAR = "NRM011", "NRM012", "NRM013", "NRM014"


def build_wareki7(request: Request) -> Output:
    """An era notation GYYMMDD to ISO text: `3101105` → `1935-11-05`, unknown parts (00) kept as unknown.

    `era=letter` reads M T S H R instead of 1 to 5. Texts in `unknown` give `0000-00-00`. A day outside its era is
    converted by the era's arithmetic with a finding; 明治45-07-30 and 大正15-12-25 lie within. A day that no
    calendar has, and a day before 1873 (old calendar), are kept with a finding. Fault: another form, a month over
    12, a day over 31, or an unknown year with 1 January, which would read as the open start.
    """
    text = canonical(request)
    sign = text.str.slice(0, 1)
    signs = {era: era.letter if request.arg("era", "digit") == "letter" else era.digit for era in ERAS}
    form = f"^[{''.join(signs.values())}][0-9]{{6}}$"
    year_in_era, month, day = (text.str.slice(start, 2).cast(pl.Int32, strict=False) for start in (1, 3, 5))
    year_zero = _of_era(sign, {letter: era.year_zero for era, letter in signs.items()})
    first = _of_era(sign, {letter: iso_dates.as_number(era.first_day) for era, letter in signs.items()})
    last = _of_era(sign, {letter: iso_dates.as_number(era.last_day) for era, letter in signs.items()})
    year = pl.when(year_in_era == 0).then(0).otherwise(year_zero + year_in_era)
    iso = pl.concat_str(
        [year.cast(pl.String).str.pad_start(4, "0"), text.str.slice(3, 2), text.str.slice(5, 2)], separator="-"
    )
    good = text.str.contains(form) & (month <= 12) & (day <= 31) & (iso != OPEN_START)
    old = (year > 0) & (iso <= LAST_OLD_CALENDAR_DAY)
    earliest, latest = _bounds(year, month, day)
    outside = (year > 0) & ((latest < first) | (earliest > last))
    findings = {OUTSIDE_ERA: outside, OLD_CALENDAR: old, **_impossible(year, month, day)}
    return _with_unknown(request, text, iso, good, findings)


def build_seireki8(request: Request) -> Output:
    """A western date YYYYMMDD to ISO text, unknown parts (0000, 00) kept as unknown.

    Texts in `unknown` give `0000-00-00`, those in `open_start` and `open_end` the sentinels, which may
    also be written as themselves (00000101, 99991231). A day that no calendar has is kept with a finding. Fault:
    another form, a month over 12, a day over 31, or another day of the year 9999.
    """
    text = canonical(request)
    year = text.str.slice(0, 4).cast(pl.Int32, strict=False)
    month, day = (text.str.slice(start, 2).cast(pl.Int32, strict=False) for start in (4, 6))
    iso = pl.concat_str([text.str.slice(0, 4), text.str.slice(4, 2), text.str.slice(6, 2)], separator="-")
    starts, ends = text.is_in(chosen(request.arg("open_start"))), text.is_in(chosen(request.arg("open_end")))
    iso = pl.when(starts).then(pl.lit(OPEN_START)).when(ends).then(pl.lit(OPEN_END)).otherwise(iso)
    form = text.str.contains("^[0-9]{8}$") & iso_dates.wellformed(iso)
    findings = {code: found & ~starts & ~ends for code, found in _impossible(year, month, day).items()}
    return _with_unknown(request, text, iso, starts | ends | form, findings)


def build_year4(request: Request) -> Output:
    """A year of four digits; 0000 (unknown or open start) and 9999 (open end) are legal."""
    text = canonical(request)
    return single(text, text, ~text.str.contains("^[0-9]{4}$"))


def build_time6(request: Request) -> Output:
    """A time HHMMSS to HH:MM:SS. Fault: another form, or not a time of the day."""
    text = canonical(request)
    time = pl.concat_str([text.str.slice(0, 2), text.str.slice(2, 2), text.str.slice(4, 2)], separator=":")
    return single(text, time, ~text.str.contains("^(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]$"))


def _of_era(sign: pl.Expr, numbers: dict[str, int]) -> pl.Expr:
    """The number that belongs to the era of a sign; null for no era."""
    chain: pl.Expr = pl.lit(None, dtype=pl.Int32)
    for letter, number in numbers.items():
        chain = pl.when(sign == letter).then(pl.lit(number, dtype=pl.Int32)).otherwise(chain)
    return chain


def _bounds(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The first and the last day that a date with unknown parts may mean, as numbers YYYYMMDD."""
    first_month, last_month = (pl.when(month == 0).then(month_at_end).otherwise(month) for month_at_end in (1, 12))
    first_day, last_day = (pl.when(day == 0).then(day_at_end).otherwise(day) for day_at_end in (1, 31))
    return year * 10000 + first_month * 100 + first_day, year * 10000 + last_month * 100 + last_day


def _impossible(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> dict[str, pl.Expr]:
    """Findings of a day that its month never has; 29 February of a common year apart, since the law knows it."""
    leap_day = (month == 2) & (day == 29)
    never = iso_dates.non_calendar(year, month, day)
    return {LEAP_DAY: never & leap_day, NO_SUCH_DAY: never & ~leap_day}


def _with_unknown(request: Request, text: pl.Expr, iso: pl.Expr, good: pl.Expr, findings: dict[str, pl.Expr]) -> Output:
    """The declared texts of a wholly unknown date, over what the digits say."""
    unknown = text.is_in(chosen(request.arg("unknown")))
    value = pl.when(unknown).then(pl.lit(UNKNOWN)).otherwise(iso)
    return single(
        text, value, ~(unknown | good.fill_null(False)), {code: found & ~unknown for code, found in findings.items()}
    )


_UNKNOWN = ArgSpec("unknown", kind="list")
_ERA_BASIS = "元号 first and last days; 住民記録システム標準仕様書 1.0 §1.1.8"

LEGACY_DATES = (
    LegacyType(
        name="wareki7",
        build=build_wareki7,
        args=(BLANK, _UNKNOWN, ArgSpec("era", kind="choice", choices=("digit", "letter"), default="digit")),
        fault_code="NRM006",
        finding_codes=(OUTSIDE_ERA, LEAP_DAY, NO_SUCH_DAY, OLD_CALENDAR),
        basis=_ERA_BASIS,
    ),
    LegacyType(
        name="seireki8",
        build=build_seireki8,
        args=(BLANK, _UNKNOWN, ArgSpec("open_start", kind="list"), ArgSpec("open_end", kind="list")),
        fault_code="NRM006",
        finding_codes=(LEAP_DAY, NO_SUCH_DAY),
    ),
    LegacyType(name="year4", build=build_year4, args=(BLANK,), fault_code="NRM007"),
    LegacyType(name="time6", build=build_time6, args=(BLANK,), fault_code="NRM008"),
)
