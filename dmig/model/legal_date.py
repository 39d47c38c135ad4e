"""Legal dates: ISO text that may have unknown parts, and one total order over all of them.

A legal date is `YYYY-MM-DD`. An unknown year is `0000`, an unknown month or day `00`; a month may be a season
(`A1` spring … `D4` late winter) and a day a third of a month (`A1` 上旬, `A2` 中旬, `A3` 下旬). `0000-01-01` and
`9999-12-31` are the open start and the open end. Days such as 29 February of a common year are wellformed though
no calendar has them. So nothing here ever becomes a `datetime.date` in the flow.

Basis: データ型 DATE of the 基本データリスト legends (sentinels); DS-441 (seasons, 旬, unknown parts);
住民記録システム標準仕様書 1.0 §1.1.8 (non-calendar days, 明治45-07-30, 大正15-12-25).
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

OPEN_START = "0000-01-01"
OPEN_END = "9999-12-31"
UNKNOWN = "0000-00-00"

#: Until this day the months and days of 明治 are those of the old calendar; the text keeps them as written.
LAST_OLD_CALENDAR_DAY = "1872-12-31"

#: Season codes in the month, with their wording.
SEASONS = {
    "A1": "春",
    "B1": "初春",
    "C1": "仲春",
    "D1": "晩春",
    "A2": "夏",
    "B2": "初夏",
    "C2": "仲夏",
    "D2": "晩夏",
    "A3": "秋",
    "B3": "初秋",
    "C3": "仲秋",
    "D3": "晩秋",
    "A4": "冬",
    "B4": "初冬",
    "C4": "仲冬",
    "D4": "晩冬",
}

#: Thirds of a month in the day, with their wording.
THIRDS = {"A1": "上旬", "A2": "中旬", "A3": "下旬"}

#: Where a season stands among the months (month × 10): a season and its early part before its first month (March,
#: June, September, December), the middle and the late part before the second and the third; the middle and the
#: late winter, which are January and February of the next year, after December.
SEASON_SLOTS = {
    "A1": "026",
    "B1": "027",
    "C1": "037",
    "D1": "047",
    "A2": "056",
    "B2": "057",
    "C2": "067",
    "D2": "077",
    "A3": "086",
    "B3": "087",
    "C3": "097",
    "D3": "107",
    "A4": "116",
    "B4": "117",
    "C4": "127",
    "D4": "128",
}

#: Where a third stands among the days (day × 10): before the 1st, the 11th and the 21st.
THIRD_SLOTS = {"A1": "007", "A2": "107", "A3": "207"}


@dataclass(frozen=True, slots=True)
class Era:
    """One era: its legacy digit and letter, its name, and its first and last day as ISO text.

    The day of a change belongs to both eras where the law writes it in both: 明治45-07-30 is 大正1-07-30.
    """

    digit: str
    letter: str
    name: str
    first_day: str
    last_day: str

    @property
    def year_zero(self) -> int:
        """The year before the first: `year_zero + 1` is 元年."""
        return int(self.first_day[:4]) - 1


ERAS = (
    Era("1", "M", "明治", "1868-01-25", "1912-07-30"),
    Era("2", "T", "大正", "1912-07-30", "1926-12-25"),
    Era("3", "S", "昭和", "1926-12-25", "1989-01-07"),
    Era("4", "H", "平成", "1989-01-08", "2019-04-30"),
    Era("5", "R", "令和", "2019-05-01", OPEN_END),
)

_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def era_of(sign: str) -> Era:
    """The era of a legacy digit or letter; KeyError if there is none."""
    for era in ERAS:
        if sign in (era.digit, era.letter):
            return era
    raise KeyError("no era of this sign")


def wareki(era: Era, year: int, month: int, day: int) -> str:
    """The ISO text of an era notation; zero stands for an unknown part.

    Days outside the era are written too (`fits_era` tells); ValueError for a month, day or year that no notation has.
    """
    if not (0 <= year <= 99 and 0 <= month <= 12 and 0 <= day <= 31):
        raise ValueError("not a year, month and day of an era notation")
    western = era.year_zero + year if year else 0
    return f"{western:04d}-{month:02d}-{day:02d}"


def fits_era(era: Era, text: str) -> bool:
    """Whether some day that the text may mean lies within the era; an unknown year fits always."""
    year, month, day = text.split("-")
    if year == "0000":
        return True
    known_month, known_day = _known(month), _known(day)
    earliest = f"{year}-{month if known_month else '01'}-{day if known_day else '01'}"
    latest = f"{year}-{month if known_month else '12'}-{day if known_day else '31'}"
    return earliest <= era.last_day and latest >= era.first_day


def is_wellformed(text: str) -> bool:
    """Whether the text is a legal date in form: calendar or not, known or not.

    A season has no day, a third has a month, and the year 9999 is only the open end.
    """
    if len(text) != 10 or text[4] != "-" or text[7] != "-" or not text.isascii():
        return False
    year, month, day = text[:4], text[5:7], text[8:]
    if not year.isdigit() or (year == "9999" and text != OPEN_END):
        return False
    if month in SEASONS:
        return day == "00"
    if not month.isdigit() or int(month) > 12:
        return False
    if day in THIRDS:
        return month != "00"
    return day.isdigit() and int(day) <= 31


def is_sentinel(text: str) -> bool:
    """Whether the text is the open start or the open end."""
    return text in (OPEN_START, OPEN_END)


def is_calendar(text: str) -> bool:
    """Whether the text is a day of the (proleptic Gregorian) calendar; the open start is none."""
    if not is_wellformed(text) or not (text[5:7].isdigit() and text[8:].isdigit()):
        return False
    try:
        datetime.date(int(text[:4]), int(text[5:7]), int(text[8:]))
    except ValueError:
        return False
    return True


def is_unknown(text: str) -> bool:
    """Whether a wellformed date has a part that is unknown, a season or a third; sentinels have none."""
    if not is_wellformed(text) or is_sentinel(text):
        return False
    return text[:4] == "0000" or not _known(text[5:7]) or not _known(text[8:])


def order_key(text: str) -> int:
    """The place of a wellformed date in the one total order; different texts have different places.

    By year, then month, then day. An unknown part comes before every known one of the same prefix; seasons stand
    as in `SEASON_SLOTS`, thirds as in `THIRD_SLOTS`. The open start follows from this: it comes after `0000-00-00`
    and before every known year. ValueError for a text that is not wellformed.
    """
    if not is_wellformed(text):
        raise ValueError("not a legal date")
    month, day = text[5:7], text[8:]
    return int(text[:4] + SEASON_SLOTS.get(month, month + "0") + THIRD_SLOTS.get(day, day + "0"))


def wording(text: str) -> str:
    """The wording of an unknown date for printing, in full-width digits: `昭和１０年月日不詳`; empty if not unknown.

    The era is named only where all possible days lie within one era; otherwise the year is western, since the
    text does not say which era was meant (1989-00-00 → `１９８９年月日不詳`).
    """
    if not is_unknown(text):
        return ""
    year, month, day = text[:4], text[5:7], text[8:]
    if month in SEASONS:
        tail = SEASONS[month]
    elif month == "00":
        tail = "月日不詳" if day == "00" else f"月不詳{_number(day)}日"
    else:
        tail = f"{_number(month)}月" + ("日不詳" if day == "00" else THIRDS.get(day) or f"{_number(day)}日")
    if year == "0000":
        return ("年" if month == "00" else "年不詳") + tail
    return _year_wording(year, month) + "年" + tail


def _year_wording(year: str, month: str) -> str:
    first, last = (month, month) if _known(month) else ("01", "12")
    for era in ERAS:
        if f"{year}-{first}-01" >= era.first_day and f"{year}-{last}-31" <= era.last_day:
            number = int(year) - era.year_zero
            return era.name + ("元" if number == 1 else str(number).translate(_FULL_WIDTH))
    return year.translate(_FULL_WIDTH)


def _number(digits: str) -> str:
    return str(int(digits)).translate(_FULL_WIDTH)


def _known(part: str) -> bool:
    return part.isdigit() and part != "00"
