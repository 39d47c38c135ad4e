"""Dates of the old system, and what the standard says of dates with unknown parts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from hand.columns import Mask, Texts
from hand.texts import Made, good

Ints = npt.NDArray[np.int64]
#: 明治, 大正, 昭和, 平成, 令和: name, first and last day; the sign of an era is its place from 1.
ERAS = (
    ("明治", 18680125, 19120730),
    ("大正", 19120730, 19261225),
    ("昭和", 19261225, 19890107),
    ("平成", 19890108, 20190430),
    ("令和", 20190501, 99991231),
)
_FIRST = np.array([0, *(first for _, first, _ in ERAS)])
_LAST = np.array([0, *(last for _, _, last in ERAS)])
_DAYS = np.array([31, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def _number(texts: Texts, form: str) -> tuple[Ints, Mask]:
    fits = texts.str.contains(form).to_numpy(bool, copy=True)
    return pd.to_numeric(texts.where(fits, "0")).to_numpy(np.int64), fits


def _iso(date: Ints, held: Mask) -> Texts:
    digits = pd.Series(date).astype("str").str.zfill(8)
    return (digits.str.slice(0, 4) + "-" + digits.str.slice(4, 6) + "-" + digits.str.slice(6, 8)).where(held)


def _beyond_month(date: Ints) -> Mask:
    """Days that their month never has; unknown parts are forgiven."""
    year, month, day = date // 10000, date // 100 % 100, date % 100
    common = (month == 2) & ~((year % 4 == 0) & (year % 100 != 0) | (year % 400 == 0))
    return day > _DAYS[np.minimum(month, 12)] - common


def wareki7(texts: Texts, unknown: list[str]) -> tuple[Texts, Mask, dict[str, Mask]]:
    """GYYMMDD to ISO text, faults, findings: outside its era, no such day, old calendar."""
    number, held = _number(texts, "^[1-5][0-9]{6}$")
    sign, year = number // 1_000_000, number // 10_000 % 100
    western = np.where(year > 0, year + _FIRST[sign] // 10_000 - 1, 0)
    date = western * 10_000 + number % 10_000
    held &= (date % 10_000 < 1_300) & (date % 100 <= 31) & (date != 101)
    nowhere = texts.isin(unknown).to_numpy()
    date, held = np.where(nowhere, 0, date), held | nowhere
    known = held & (date >= 10_000)
    earliest = date + (date // 100 % 100 == 0) * 100 + (date % 100 == 0)
    latest = date + (date // 100 % 100 == 0) * 1_200 + (date % 100 == 0) * 31
    never = held & _beyond_month(date)
    findings = {
        "NRM011": known & ((latest < _FIRST[sign]) | (earliest > _LAST[sign])),
        "NRM012": never & (date % 10_000 == 229),
        "NRM013": never & (date % 10_000 != 229),
        "NRM014": known & (date <= 18721231),
    }
    return _iso(date, held), ~held, findings


def seireki8(texts: Texts) -> Made:
    """YYYYMMDD to ISO text."""
    date, held = _number(texts, "^[0-9]{8}$")
    held &= (date % 10_000 < 1_300) & (date % 100 <= 31) & ((date < 99_990_000) | (date == 99991231))
    return _iso(date, held), ~held


def time6(texts: Texts) -> Made:
    """HHMMSS to HH:MM:SS."""
    time = texts.str.slice(0, 2) + ":" + texts.str.slice(2, 4) + ":" + texts.str.slice(4, 6)
    return good(time, texts.str.contains("^(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]$"))


def day_numbers(texts: Texts) -> Ints:
    """YYYYMMDD of complete days that the calendar has; 0 for any other text."""
    form = texts.str.contains("^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$")
    date, _ = _number(texts.where(form, "").str.replace("-", "", regex=False), "^[0-9]{8}$")
    return np.where((date >= 10_000) & ~_beyond_month(date), date, 0)


def calendar_day(texts: Texts) -> Made:
    """A date that must be a day of the calendar."""
    day = day_numbers(texts)
    return good(texts, (day > 0) & (day != 99991231))


def day_or_open(texts: Texts) -> Made:
    """A day of the calendar or an open end."""
    return good(texts, (day_numbers(texts) > 0) | texts.isin(["0000-01-01", "9999-12-31"]))


def unknown_dates(texts: Texts) -> Mask:
    """Dates with an unknown part."""
    return (texts.str.contains("^0000|-00") & ~texts.isin(["0000-01-01"])).to_numpy(bool)


def unknown_flags(texts: Texts) -> Made:
    """`1` for a date with an unknown part, otherwise `0`."""
    return pd.Series(np.where(unknown_dates(texts), "1", "0"), dtype="str"), np.zeros(len(texts), bool)


def wordings(texts: Texts) -> Made:
    """What a form prints for a date with unknown parts; missing for a known date."""
    values = texts.where(unknown_dates(texts)).map(_wording, na_action="ignore").astype("str")
    return values, np.zeros(len(texts), bool)


def _wording(text: str) -> str:
    year, month, day = (int(part) for part in text.split("-"))
    days = f"{day}日" if day else "日不詳"
    tail = f"{month}月{days}" if month else f"月不詳{days}" if day else "月日不詳"
    if year == 0:
        return (("年" if month == 0 else "年不詳") + tail).translate(_WIDE)
    first = year * 10_000 + (month or 1) * 100 + 1
    last = year * 10_000 + (month or 12) * 100 + 31
    head = f"{year:04d}"
    for name, begins, ends in ERAS:
        if first >= begins and last <= ends:
            number = year - begins // 10_000 + 1
            head = name + ("元" if number == 1 else str(number))
    return f"{head}年{tail}".translate(_WIDE)
