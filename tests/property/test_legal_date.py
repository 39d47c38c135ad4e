"""Legal dates: one total order, era changes on both sides, and the expressions against the model."""

from __future__ import annotations

import itertools

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_conv_cases import REGISTRY, Call, run

from dmig.converters import iso_dates
from dmig.model import legal_date

_YEARS = [
    "0000",
    "0001",
    "1867",
    "1868",
    "1872",
    "1873",
    "1900",
    "1911",
    "1912",
    "1926",
    "1989",
    "2000",
    "2019",
    "2020",
]
_MONTHS = [*(f"{month:02d}" for month in range(14)), *legal_date.SEASONS, "E1", "A5", "1 "]
_DAYS = [*(f"{day:02d}" for day in range(33)), *legal_date.THIRDS, "A4", "B1", "x1"]

#: Every year × month × day above, right or wrong, and texts that only look like dates.
EDGES = [f"{year}-{month}-{day}" for year, month, day in itertools.product([*_YEARS, "2021", "9999"], _MONTHS, _DAYS)]
ODD = [
    "",
    "1989",
    "1989/01/08",
    "1989-1-8",
    " 1989-01-08",
    "1989-01-08\n",
    "１９８９-01-08",
    "1989-01-0٣",
    "+989-01-08",
]


def _column(expression: pl.Expr, texts: list[str]) -> list[object]:
    return pl.DataFrame({"text": texts}).select(expression.alias("answer"))["answer"].to_list()


@pytest.mark.parametrize(
    ("expression", "reference"),
    [
        (iso_dates.wellformed, legal_date.is_wellformed),
        (iso_dates.calendar, legal_date.is_calendar),
        (iso_dates.unknown, legal_date.is_unknown),
        (iso_dates.sentinel, legal_date.is_sentinel),
    ],
)
def test_expressions_judge_as_the_model_on_all_edges(expression: object, reference: object) -> None:
    assert callable(expression) and callable(reference)
    texts = EDGES + ODD
    answers = _column(expression(pl.col("text")), texts)
    assert answers == [reference(text) for text in texts]
    assert True in answers and False in answers


@settings(deadline=None, max_examples=100)
@given(st.lists(st.one_of(st.text(max_size=12), st.from_regex(r"\A[0-9]{4}-[0-9A-D]{2}-[0-9A]{2}\Z")), min_size=1))
def test_expressions_judge_as_the_model_on_any_text(texts: list[str]) -> None:
    texts = [text.encode("utf-8", "ignore").decode() for text in texts]
    assert _column(iso_dates.wellformed(pl.col("text")), texts) == [legal_date.is_wellformed(text) for text in texts]
    assert _column(iso_dates.calendar(pl.col("text")), texts) == [legal_date.is_calendar(text) for text in texts]


def test_order_is_total_and_the_same_in_both_writings() -> None:
    legal = [text for text in EDGES if legal_date.is_wellformed(text)]
    keys = [legal_date.order_key(text) for text in legal]
    assert len(set(keys)) == len(legal) > 5000
    assert _column(iso_dates.order_key(pl.col("text")), legal) == keys
    assert _column(iso_dates.order_key(pl.col("text")), ["1989-13-01", "x"]) == [None, None]


#: One of each kind of place, from the first to the last.
ASCENDING = (
    "0000-00-00 0000-01-01 0000-12-31 1989-00-00 1989-00-15 1989-01-00 1989-01-07 1989-02-28 1989-02-29 1989-A1-00 "
    "1989-B1-00 1989-03-00 1989-03-A1 1989-03-01 1989-03-10 1989-03-A2 1989-03-11 1989-03-20 1989-03-A3 1989-03-21 "
    "1989-03-31 1989-C1-00 1989-04-00 1989-D1-00 1989-05-01 1989-A2-00 1989-06-01 1989-A4-00 1989-B4-00 1989-12-00 "
    "1989-12-31 1989-C4-00 1989-D4-00 1990-00-00 9999-12-31"
)


def test_order_has_unknown_parts_first_seasons_and_thirds_at_their_places() -> None:
    ascending = ASCENDING.split(" ")
    descending = ascending[::-1]
    assert sorted(descending, key=legal_date.order_key) == ascending


def test_order_agrees_with_the_calendar() -> None:
    days = [text for text in EDGES if legal_date.is_calendar(text)]
    assert sorted(days, key=legal_date.order_key) == sorted(days)


def test_what_is_not_wellformed_has_no_place_in_the_order() -> None:
    with pytest.raises(ValueError, match="not a legal date"):
        legal_date.order_key("1989-13-01")


def test_wording_is_the_same_in_both_writings() -> None:
    texts = [text for text in EDGES if legal_date.is_unknown(text)]
    assert _column(iso_dates.wording(pl.col("text")), texts) == [legal_date.wording(text) for text in texts]
    assert len({legal_date.wording(text) for text in texts}) == len(texts), "a wording stands for one text"


#: One sentence per reason: what is printed where something is unknown.
WORDINGS = {
    "nothing is known": ("0000-00-00", "年月日不詳"),
    "the year alone is known": ("1935-00-00", "昭和１０年月日不詳"),
    "the day is unknown": ("1935-11-00", "昭和１０年１１月日不詳"),
    "the month is unknown": ("1935-00-05", "昭和１０年月不詳５日"),
    "the year is unknown": ("0000-05-03", "年不詳５月３日"),
    "a first year is 元年": ("1990-00-00", "平成２年月日不詳"),
    "the first whole month of an era": ("2019-05-00", "令和元年５月日不詳"),
    "a year of two eras is western": ("1989-00-00", "１９８９年月日不詳"),
    "a month of two eras is western": ("1989-01-00", "１９８９年１月日不詳"),
    "a later month of a year of two eras": ("1989-02-00", "平成元年２月日不詳"),
    "an early month of a year of two eras": ("1912-06-00", "明治４５年６月日不詳"),
    "the last month of 大正 is shared": ("1926-12-00", "１９２６年１２月日不詳"),
    "before 明治": ("1860-00-00", "１８６０年月日不詳"),
    "a season": ("1935-D4-00", "昭和１０年晩冬"),
    "a third of a month": ("1935-03-A2", "昭和１０年３月中旬"),
    "a known date has none": ("1935-11-05", ""),
    "a day that no calendar has is known": ("1935-02-29", ""),
    "the open start is not unknown": ("0000-01-01", ""),
}


@pytest.mark.parametrize(("text", "words"), WORDINGS.values(), ids=WORDINGS.keys())
def test_wording(text: str, words: str) -> None:
    assert legal_date.wording(text) == words


def test_one_day_of_two_eras_is_one_date() -> None:
    meiji, taisho, showa, heisei, reiwa = legal_date.ERAS
    assert legal_date.wareki(meiji, 45, 7, 30) == legal_date.wareki(taisho, 1, 7, 30) == "1912-07-30"
    assert legal_date.wareki(taisho, 15, 12, 25) == legal_date.wareki(showa, 1, 12, 25) == "1926-12-25"
    assert legal_date.wareki(showa, 64, 1, 7) == "1989-01-07"
    assert legal_date.wareki(heisei, 1, 1, 8) == "1989-01-08"
    assert legal_date.wareki(heisei, 31, 4, 30) == "2019-04-30"
    assert legal_date.wareki(reiwa, 1, 5, 1) == "2019-05-01"


@pytest.mark.parametrize(("year", "month", "day"), [(100, 1, 1), (1, 13, 1), (1, 1, 32), (-1, 1, 1)])
def test_what_no_era_notation_has_is_refused(year: int, month: int, day: int) -> None:
    with pytest.raises(ValueError, match="era notation"):
        legal_date.wareki(legal_date.ERAS[0], year, month, day)


def test_signs_of_eras() -> None:
    assert [legal_date.era_of(sign).name for sign in ("1", "T", "3", "H", "R")] == [
        "明治",
        "大正",
        "昭和",
        "平成",
        "令和",
    ]
    with pytest.raises(KeyError):
        legal_date.era_of("6")


_WAREKI_YEARS = {era.digit: range(int(era.last_day[:4]) - era.year_zero + 3) for era in legal_date.ERAS[:4]} | {
    "5": range(9)
}
_WAREKI = [
    f"{digit}{year:02d}{month:02d}{day:02d}"
    for digit, years in _WAREKI_YEARS.items()
    for year in years
    for month in range(14)
    for day in (0, 1, 7, 8, 24, 25, 26, 28, 29, 30, 31, 32)
]


def test_every_era_notation_is_read_as_the_model_says() -> None:
    result = run(REGISTRY.legacy_types["wareki7"].build, [(text,) for text in _WAREKI], Call())
    faults = 0
    for text, row in zip(_WAREKI, result.iter_rows(named=True), strict=True):
        era, (year, month, day) = legal_date.era_of(text[0]), (int(text[at : at + 2]) for at in (1, 3, 5))
        if month > 12 or day > 31 or (year, month, day) == (0, 1, 1):
            assert row["fault"], text
            faults += 1
            continue
        iso = legal_date.wareki(era, year, month, day)
        assert row["v_"] == iso
        assert legal_date.is_wellformed(iso)
        assert row["f_NRM011"] == (not legal_date.fits_era(era, iso)), text
        complete = 0 not in (year, month, day)
        no_day = complete and not legal_date.is_calendar(iso)
        if complete:
            assert (row["f_NRM012"] or row["f_NRM013"]) == no_day, text
            assert row["f_NRM012"] == (no_day and iso.endswith("02-29")), text
        assert row["f_NRM014"] == (iso != "0000-00-00" and "0000" < iso[:4] < "1873"), text
    assert 0 < faults < len(_WAREKI)


def test_every_western_notation_is_read_as_the_model_says() -> None:
    texts = [text.replace("-", "") for text in EDGES if text.replace("-", "").isdigit() and len(text) == 10]
    result = run(REGISTRY.legacy_types["seireki8"].build, [(text,) for text in texts], Call())
    for text, row in zip(texts, result.iter_rows(named=True), strict=True):
        iso = f"{text[:4]}-{text[4:6]}-{text[6:]}"
        assert row["fault"] == (not legal_date.is_wellformed(iso)), text
        assert row["v_"] == (None if row["fault"] else iso)
