"""Legacy types of dates, years and times: eight digits, an era digit and six digits, four digits, six digits."""

from __future__ import annotations

import polars as pl

from dmig.converters import iso_dates
from dmig.converters.contract import ArgSpec, LegacyType, Output, Request
from dmig.converters.legacy_types import BLANK, canonical
from dmig.converters.outcome import TEXT, Scope, chosen
from dmig.model.legal_date import ERAS, LAST_OLD_CALENDAR_DAY, OPEN_END, OPEN_START, Era

#: Findings of a date that is kept although something is wrong with it.
OUTSIDE_ERA, LEAP_DAY, NO_SUCH_DAY, OLD_CALENDAR = "NRM011", "NRM012", "NRM013", "NRM014"

#: Dates are judged as numbers YYYYMMDD: parsing a text once is far cheaper than cutting it for every question.
_OPEN_START, _OPEN_END = iso_dates.as_number(OPEN_START), iso_dates.as_number(OPEN_END)


def build_wareki7(request: Request) -> Output:
    """An era notation GYYMMDD to ISO text: `3101105` → `1935-11-05`, unknown parts (00) kept as unknown.

    `era=letter` reads M T S H R instead of 1 to 5. Texts in `unknown` give `0000-00-00`. A day outside its era is
    converted by the era's arithmetic with a finding; 明治45-07-30 and 大正15-12-25 lie within. A day that no
    calendar has, and a day before 1873 (old calendar), are kept with a finding. Fault: another form, a month over
    12, a day over 31, or an unknown year with 1 January, which would read as the open start.
    """
    letters = request.arg("era", "digit") == "letter"
    number, sign, year, date = (pl.field(name) for name in ("number", "sign", "year_in_era", "date"))
    western = pl.when(year > 0).then(year + _of_era({era: era.year_zero for era in ERAS})).otherwise(0)
    # Seven bytes that make a number with an era digit in front are seven digits: no sign, point or blank fits in.
    form = (pl.field("digits").str.len_bytes() == 7) & (sign >= int(ERAS[0].digit)) & (sign <= int(ERAS[-1].digit))
    scope = (
        canonical(request)
        .then(digits=_era_as_digit() if letters else TEXT)
        .then(number=pl.field("digits").cast(pl.Int32, strict=False))
        .then(sign=number // 1_000_000, year_in_era=number // 10_000 % 100)
        .then(date=western * 10_000 + number % 10_000)
        .then(date=pl.when(form & _parts_exist() & (date != _OPEN_START)).then(date))
        .then(
            first=_of_era({era: iso_dates.as_number(era.first_day) for era in ERAS}),
            last=_of_era({era: iso_dates.as_number(era.last_day) for era in ERAS}),
        )
    )
    known_year = date >= 10_000
    findings = {
        OUTSIDE_ERA: known_year & ((_latest() < pl.field("first")) | (_earliest() > pl.field("last"))),
        OLD_CALENDAR: known_year & (date <= iso_dates.as_number(LAST_OLD_CALENDAR_DAY)),
    }
    return _dates(request, scope, findings)


def build_seireki8(request: Request) -> Output:
    """A western date YYYYMMDD to ISO text, unknown parts (0000, 00) kept as unknown.

    Texts in `unknown` give `0000-00-00`, those in `open_start` and `open_end` the sentinels, which may also be
    written as themselves (00000101, 99991231). A day that no calendar has is kept with a finding. Fault: another
    form, a month over 12, a day over 31, or another day of the year 9999.
    """
    date = pl.field("date")
    scope = canonical(request).then(date=TEXT.cast(pl.Int32, strict=False))
    form = TEXT.str.contains("^[0-9]{8}$") & _parts_exist() & ((date < 99_990_000) | (date == _OPEN_END))
    scope = scope.then(date=pl.when(form).then(date))
    for name, sentinel in (("open_end", _OPEN_END), ("open_start", _OPEN_START)):
        scope = _stated(scope, request.arg(name), sentinel)
    return _dates(request, scope, {})


def build_year4(request: Request) -> Output:
    """A year of four digits; 0000 (unknown or open start) and 9999 (open end) are legal."""
    return canonical(request).single(TEXT, ~TEXT.str.contains("^[0-9]{4}$"))


def build_time6(request: Request) -> Output:
    """A time HHMMSS to HH:MM:SS. Fault: another form, or not a time of the day."""
    time = pl.concat_str([TEXT.str.slice(0, 2), TEXT.str.slice(2, 2), TEXT.str.slice(4, 2)], separator=":")
    return canonical(request).single(time, ~TEXT.str.contains("^(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]$"))


def _dates(request: Request, scope: Scope, findings: dict[str, pl.Expr]) -> Output:
    """The ISO text of the scope's `date` YYYYMMDD, a fault where it is null; `unknown` texts go before both."""
    date, digits = pl.field("date"), pl.field("iso_digits")
    scope = _stated(scope, request.arg("unknown"), 0)
    scope = scope.then(iso_digits=date.cast(pl.String).str.pad_start(8, "0"))
    iso = pl.concat_str([digits.str.slice(0, 4), digits.str.slice(4, 2), digits.str.slice(6, 2)], separator="-")
    leap_day = date % 10_000 == 229
    never = iso_dates.non_calendar(date // 10_000, date // 100 % 100, date % 100)
    return scope.single(iso, date.is_null(), {**findings, LEAP_DAY: never & leap_day, NO_SUCH_DAY: never & ~leap_day})


def _stated(scope: Scope, texts: str, meaning: int) -> Scope:
    """The scope with its date set where the text is one of those joined by `|`."""
    declared = chosen(texts)
    if not declared:
        return scope
    return scope.then(date=pl.when(TEXT.is_in(declared)).then(meaning).otherwise(pl.field("date")))


def _era_as_digit() -> pl.Expr:
    """The text with its era letter as the era's digit; null where there is no letter in front."""
    chain: pl.Expr = pl.lit(None, dtype=pl.String)
    for era in ERAS:
        chain = pl.when(TEXT.str.starts_with(era.letter)).then(pl.lit(era.digit)).otherwise(chain)
    return pl.concat_str([chain, TEXT.str.slice(1)])


def _of_era(numbers: dict[Era, int]) -> pl.Expr:
    """The number that belongs to the era of the scope's `sign`; null for no era."""
    chain: pl.Expr = pl.lit(None, dtype=pl.Int32)
    for era, number in numbers.items():
        chain = pl.when(pl.field("sign") == int(era.digit)).then(pl.lit(number, dtype=pl.Int32)).otherwise(chain)
    return chain


def _parts_exist() -> pl.Expr:
    """Whether there can be such a month and day as those of the scope's `date`, unknown ones included."""
    return (pl.field("date") % 10_000 < 1_300) & (pl.field("date") % 100 <= 31)


def _earliest() -> pl.Expr:
    """The first day that the scope's `date` may mean."""
    date = pl.field("date")
    return date + pl.when(date // 100 % 100 == 0).then(100).otherwise(0) + pl.when(date % 100 == 0).then(1).otherwise(0)


def _latest() -> pl.Expr:
    """The last day that the scope's `date` may mean."""
    date = pl.field("date")
    month_end = pl.when(date // 100 % 100 == 0).then(1_200).otherwise(0)
    return date + month_end + pl.when(date % 100 == 0).then(31).otherwise(0)


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
