"""The rules of `dmig.model.legal_date` as expressions over columns of ISO text.

The rules are written a second time here because the model judges one text at a time; tests compare the two.
"""

from __future__ import annotations

import polars as pl

from dmig.converters.outcome import NOTHING, TEXT, Scope
from dmig.model.legal_date import ERAS, OPEN_END, OPEN_START, SEASON_SLOTS, SEASONS, THIRD_SLOTS, THIRDS

_MONTH = "(?:0[1-9]|1[0-2])"
_DAY = "(?:0[0-9]|[12][0-9]|3[01])"
_FORM = f"^[0-9]{{4}}-(?:{_MONTH}-(?:{_DAY}|A[1-3])|00-{_DAY}|[A-D][1-4]-00)$"

_HALF_DIGITS = list("0123456789")
_FULL_DIGITS = list("０１２３４５６７８９")


def wellformed(text: pl.Expr) -> pl.Expr:
    """Whether the text is a legal date in form."""
    return (text.str.contains(_FORM) & (~text.str.starts_with("9999") | (text == OPEN_END))).fill_null(False)


def sentinel(text: pl.Expr) -> pl.Expr:
    """Whether the text is the open start or the open end."""
    return ((text == OPEN_START) | (text == OPEN_END)).fill_null(False)


def unknown(text: pl.Expr) -> pl.Expr:
    """Whether a wellformed date has a part that is unknown, a season or a third."""
    part = text.str.contains("^0000|-00|[A-D]")
    return (wellformed(text) & ~sentinel(text) & part).fill_null(False)


def days_in_month(year: pl.Expr, month: pl.Expr) -> pl.Expr:
    """The last day of a month; 31 where the month is unknown, 29 for February of an unknown year."""
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    return (
        pl.when(month == 2)
        .then(pl.when(leap).then(29).otherwise(28))
        .when(month.is_in([4, 6, 9, 11]))
        .then(30)
        .otherwise(31)
    )


def non_calendar(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Whether a day is one that its month never has; unknown parts are zero and forgive as much as they can."""
    return day > days_in_month(year, month)


def calendar(text: pl.Expr) -> pl.Expr:
    """Whether the text is a day of the calendar; sentinels are judged by `sentinel`."""
    year, month, day = numbers(text)
    known = wellformed(text) & (year > 0) & (month > 0) & (day > 0)
    return (known & ~non_calendar(year, month, day)).fill_null(False)


def numbers(text: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Year, month and day as numbers; null for a season, a third or what is no number."""
    return _number(text, 0, 4), _number(text, 5, 2), _number(text, 8, 2)


def order_key(text: pl.Expr) -> pl.Expr:
    """The place of a wellformed date in the total order of `legal_date.order_key`; null for any other text."""
    month = text.str.slice(5, 2).str.replace_many(list(SEASON_SLOTS), list(SEASON_SLOTS.values()))
    day = text.str.slice(8, 2).str.replace_many(list(THIRD_SLOTS), list(THIRD_SLOTS.values()))
    key = pl.concat_str([text.str.slice(0, 4), month.str.pad_end(3, "0"), day.str.pad_end(3, "0")])
    return pl.when(wellformed(text)).then(key).otherwise(NOTHING).cast(pl.Int64, strict=False)


def earliest(text: pl.Expr) -> pl.Expr:
    """The first calendar day that a legal date may mean: unknown parts (seasons and thirds too) at their least."""
    return _bound(text, "0000", "01-01", "01")


def latest(text: pl.Expr) -> pl.Expr:
    """The last day that a legal date may mean, as text to compare by: unknown parts at their greatest."""
    return _bound(text, "9999", "12-31", "31")


def _bound(text: pl.Expr, year: str, month_day: str, day: str) -> pl.Expr:
    month_known = text.str.contains("^[0-9]{4}-(0[1-9]|1[0-2])-")
    day_known = month_known & text.str.contains("-(0[1-9]|[12][0-9]|3[01])$")
    return (
        pl.when(day_known)
        .then(text)
        .when(month_known)
        .then(text.str.slice(0, 8) + day)
        .when(text.str.starts_with("0000"))
        .then(pl.lit(f"{year}-{month_day}"))
        .otherwise(text.str.slice(0, 5) + month_day)
    )


def wording(text: pl.Expr) -> pl.Expr:
    """The wording of an unknown date (see `legal_date.wording`); null where the date is known or not wellformed."""
    return with_wording(Scope(text=text).then(unknown=unknown(TEXT)))["wording"]


def with_wording(scope: Scope) -> Scope:
    """The scope, which has `text` and `unknown`, with the `wording`; known dates cost next to nothing."""
    doubt, month, day = pl.field("doubt"), pl.field("month"), pl.field("day")
    season, third = doubt.str.slice(5, 2), doubt.str.slice(8, 2)
    day_tail = pl.when(day == 0).then(pl.lit("日不詳")).when(day > 0).then(_day()).otherwise(_named(third, THIRDS))
    tail = (
        pl.when(month.is_null())
        .then(_named(season, SEASONS))
        .when((month == 0) & (day == 0))
        .then(pl.lit("月日不詳"))
        .when(month == 0)
        .then(pl.concat_str([pl.lit("月不詳"), _day()]))
        .otherwise(pl.concat_str([_full(month), pl.lit("月"), day_tail]))
    )
    numbered = (
        scope.then(doubt=pl.when(pl.field("unknown")).then(TEXT))
        .then(year=_number(doubt, 0, 4), month=_number(doubt, 5, 2), day=_number(doubt, 8, 2))
        .then(first=_year_bound(1, 1), last=_year_bound(12, 31))
    )
    whole = numbered.then(head=_head(), tail=tail).then(whole=pl.concat_str([pl.field("head"), pl.field("tail")]))
    return whole.then(wording=pl.when(pl.field("unknown")).then(pl.field("whole")))


def full_width_digits(text: pl.Expr) -> pl.Expr:
    """ASCII digits as full-width digits."""
    return text.str.replace_many(_HALF_DIGITS, _FULL_DIGITS)


def as_number(day: str) -> int:
    """A known ISO day as the number YYYYMMDD."""
    return int(day.replace("-", ""))


def _number(text: pl.Expr, start: int, length: int) -> pl.Expr:
    return text.str.slice(start, length).cast(pl.Int32, strict=False)


def _full(number: pl.Expr) -> pl.Expr:
    return full_width_digits(number.cast(pl.String))


def _named(part: pl.Expr, names: dict[str, str]) -> pl.Expr:
    return part.str.replace_many(list(names), list(names.values()))


def _day() -> pl.Expr:
    return pl.concat_str([_full(pl.field("day")), pl.lit("日")])


def _year_bound(month: int, day: int) -> pl.Expr:
    """The end of what the scope's `year` and `month` may mean, where the month is unknown or a season the whole year."""
    known = pl.field("month").fill_null(0) > 0
    return pl.field("year") * 10000 + pl.when(known).then(pl.field("month")).otherwise(month) * 100 + day


def _head() -> pl.Expr:
    """The era year where all the scope's date may mean lies within one era, otherwise the western year."""
    year, month = pl.field("year"), pl.field("month")
    chain = full_width_digits(year.cast(pl.String).str.pad_start(4, "0"))
    for era in ERAS:
        number = year - era.year_zero
        era_year = pl.when(number == 1).then(pl.lit("元")).otherwise(_full(number))
        inside = (pl.field("first") >= as_number(era.first_day)) & (pl.field("last") <= as_number(era.last_day))
        chain = pl.when(inside).then(pl.concat_str([pl.lit(era.name), era_year])).otherwise(chain)
    no_year = pl.when(month == 0).then(pl.lit("年")).otherwise(pl.lit("年不詳"))
    return pl.when(year == 0).then(no_year).otherwise(pl.concat_str([chain, pl.lit("年")]))
