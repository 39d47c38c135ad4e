"""Golden examples of every legacy type, each named after its reason."""

from __future__ import annotations

import pytest
from test_conv_cases import FAULT, REGISTRY, Call, E, Example, holds, run

OUTSIDE, LEAP, NO_DAY, OLD = "NRM011", "NRM012", "NRM013", "NRM014"
_UNKNOWN = {"unknown": "0000000|9999999"}
_LIST = {"true": "有|Y", "false": "無|N"}

EXAMPLES: dict[str, tuple[Example, ...]] = {
    "text": (
        E("outer spaces of both widths go", " 　山田　太郎 　", gives="山田　太郎"),
        E("inner spaces stay", "a  b", gives="a  b"),
        E("compatibility characters stay", "㈱﨑", gives="㈱﨑"),
        E("spaces only are blank", " 　 ", gives=None),
        E("nothing", None, gives=None),
        E("a declared blank text", "なし", gives=None, args={"blank": "なし|不明"}),
    ),
    "kana": (E("half-width kana stays", "ﾔﾏﾀﾞ ﾀﾛｳ  ", gives="ﾔﾏﾀﾞ ﾀﾛｳ"), E("blank", "  ", gives=None)),
    "key": (
        E("leading zeros are significant", " 00012", gives="00012"),
        E("letters", "A12", gives="A12"),
        E("lost zeros are put back where declared", "12", gives="00012", args={"width": "5", "pad": "left"}),
        E("a short key is not padded by itself", "12", gives=FAULT, args={"width": "5"}),
        E("a long key", "123456", gives=FAULT, args={"width": "5", "pad": "left"}),
        E("blank is not a key of zeros", "  ", gives=None, args={"width": "5", "pad": "left"}),
        E("a space inside", "1 2", gives=FAULT),
        E("full-width digits", "１２", gives=FAULT),
        E("what a spreadsheet makes of long numbers", "1.23E+11", gives=FAULT),
    ),
    "code": (
        E("leading zeros are significant", "01 ", gives="01"),
        E("the declared width", "01", gives="01", args={"width": "2"}),
        E("another width", "1", gives=FAULT, args={"width": "2"}),
        E("blank", "", gives=None),
    ),
    "int": (
        E("leading zeros", "007", gives="7"),
        E("zero", "000", gives="0"),
        E("minus", "-012", gives="-12"),
        E("minus zero", "-0", gives="0"),
        E("plus", "+5", gives="5"),
        E("commas", "1,000", gives=FAULT),
        E("blank is not zero", " ", gives=None),
    ),
    "amount": (
        E("leading zeros", "0001200", gives="1200"),
        E("minus", "-0500", gives="-500"),
        E("decimals", "0012.50", gives="12.5", args={"scale": "2"}),
        E("decimals of zero", "12.00", gives="12", args={"scale": "2"}),
        E("too many decimals", "12.505", gives=FAULT, args={"scale": "2"}),
        E("decimals not declared", "12.5", gives=FAULT),
        E("commas", "1,000", gives=FAULT),
        E("a closing minus", "500-", gives=FAULT),
    ),
    "flag": (
        E("true by default", "1", gives="1"),
        E("false by default", "0", gives="0"),
        E("a declared true", "Y", gives="1", args=_LIST),
        E("a declared false", "無", gives="0", args=_LIST),
        E("anything else", "2", gives=FAULT),
        E("the default is gone when lists are declared", "1", gives=FAULT, args=_LIST),
        E("blank is not false", " ", gives=None),
    ),
    "wareki7": (
        E("an ordinary day", "3101105", gives="1935-11-05"),
        E("令和", "5061231", gives="2024-12-31"),
        E("an unknown day", "3101100", gives="1935-11-00"),
        E("an unknown month", "3100000", gives="1935-00-00"),
        E("an unknown year of a known era", "3000503", gives="0000-05-03"),
        E("the last day of 明治, a legal notation", "1450730", gives="1912-07-30"),
        E("the day after", "1450731", gives="1912-07-31", findings=(OUTSIDE,)),
        E("the first day of 大正", "2010730", gives="1912-07-30"),
        E("the day before", "2010729", gives="1912-07-29", findings=(OUTSIDE,)),
        E("the last day of 大正, a legal notation", "2151225", gives="1926-12-25"),
        E("the day after 大正", "2151226", gives="1926-12-26", findings=(OUTSIDE,)),
        E("the first day of 昭和", "3011225", gives="1926-12-25"),
        E("the day before 昭和", "3011224", gives="1926-12-24", findings=(OUTSIDE,)),
        E("the last day of 昭和", "3640107", gives="1989-01-07"),
        E("the day after 昭和", "3640108", gives="1989-01-08", findings=(OUTSIDE,)),
        E("the first day of 平成", "4010108", gives="1989-01-08"),
        E("the day before 平成", "4010107", gives="1989-01-07", findings=(OUTSIDE,)),
        E("the last day of 平成", "4310430", gives="2019-04-30"),
        E("the day after 平成", "4310501", gives="2019-05-01", findings=(OUTSIDE,)),
        E("the first day of 令和", "5010501", gives="2019-05-01"),
        E("the day before 令和", "5010430", gives="2019-04-30", findings=(OUTSIDE,)),
        E("an unknown day of a month wholly after the era", "3640200", gives="1989-02-00", findings=(OUTSIDE,)),
        E("an unknown day that may lie in the era", "3640100", gives="1989-01-00"),
        E("29 February of a common year is legal", "3100229", gives="1935-02-29", findings=(LEAP,)),
        E("29 February of a leap year", "3110229", gives="1936-02-29"),
        E("30 February", "3110230", gives="1936-02-30", findings=(NO_DAY,)),
        E("31 April", "3110431", gives="1936-04-31", findings=(NO_DAY,)),
        E("the old calendar", "1051202", gives="1872-12-02", findings=(OLD,)),
        E("the first day of the new calendar", "1060101", gives="1873-01-01"),
        E("the first day of 明治", "1010125", gives="1868-01-25", findings=(OLD,)),
        E("before 明治", "1010124", gives="1868-01-24", findings=(OUTSIDE, OLD)),
        E("a declared sentinel is unknown", "9999999", gives="0000-00-00", args=_UNKNOWN),
        E("another declared sentinel", "0000000", gives="0000-00-00", args=_UNKNOWN),
        E("a sentinel is nothing by itself", "0000000", gives=FAULT),
        E("a sentinel that would be a date of an era", "4990000", gives="0000-00-00", args={"unknown": "4990000"}),
        E("a text declared blank", "0000000", gives=None, args={"blank": "0000000"}),
        E("blank", "       ", gives=None),
        E("an era letter", "S101105", gives="1935-11-05", args={"era": "letter"}),
        E("a digit where letters are declared", "3101105", gives=FAULT, args={"era": "letter"}),
        E("no such era", "6010101", gives=FAULT),
        E("month 13", "3101305", gives=FAULT),
        E("day 32", "3101132", gives=FAULT),
        E("would read as the open start", "3000101", gives=FAULT),
        E("six digits", "310110", gives=FAULT),
        E("full-width digits", "３１０１１０５", gives=FAULT),
    ),
    "seireki8": (
        E("an ordinary day", "19351105", gives="1935-11-05"),
        E("an unknown day", "19351100", gives="1935-11-00"),
        E("an unknown month", "19350000", gives="1935-00-00"),
        E("wholly unknown by its zeros", "00000000", gives="0000-00-00"),
        E("a declared unknown", "99999999", gives="0000-00-00", args={"unknown": "99999999"}),
        E("a declared open end", "99999999", gives="9999-12-31", args={"open_end": "99999999"}),
        E("a declared open start", "00000000", gives="0000-01-01", args={"open_start": "00000000"}),
        E("the open end as itself", "99991231", gives="9999-12-31"),
        E("another day of 9999", "99990331", gives=FAULT),
        E("29 February of a common year", "19350229", gives="1935-02-29", findings=(LEAP,)),
        E("31 April", "19350431", gives="1935-04-31", findings=(NO_DAY,)),
        E("month 13", "19351305", gives=FAULT),
        E("day 32", "19351132", gives=FAULT),
        E("slashes", "1935/1/5", gives=FAULT),
        E("blank", " ", gives=None),
    ),
    "year4": (
        E("a year", "2024", gives="2024"),
        E("the open end", "9999", gives="9999"),
        E("two digits", "24", gives=FAULT),
        E("blank", " ", gives=None),
    ),
    "time6": (
        E("a time", "093015", gives="09:30:15"),
        E("the last second", "235959", gives="23:59:59"),
        E("hour 24", "240000", gives=FAULT),
        E("minute 60", "096000", gives=FAULT),
        E("second 60", "093060", gives=FAULT),
        E("four digits", "0930", gives=FAULT),
        E("blank", " ", gives=None),
    ),
}

_ALL = [(name, example) for name, examples in EXAMPLES.items() for example in examples]


@pytest.mark.parametrize(("name", "example"), _ALL, ids=[f"{name}: {example.reason}" for name, example in _ALL])
def test_example(name: str, example: Example) -> None:
    assert holds(REGISTRY.legacy_types[name].build, example)


@pytest.mark.parametrize("name", REGISTRY.legacy_types)
def test_every_legacy_type_has_examples(name: str) -> None:
    assert EXAMPLES.get(name)


def test_padding_without_a_width_is_refused_before_any_row() -> None:
    with pytest.raises(ValueError, match="width"):
        run(REGISTRY.legacy_types["key"].build, [("1",)], Call(1, {"pad": "left"}))
