"""Golden examples of every converter, each named after its reason."""

from __future__ import annotations

import pytest
from test_conv_cases import FAULT, LIMITS, REASONS, REGISTRY, RELATIONS, Call, E, Example, holds, run, table

_WORD = "推定昭和１０年１１月"
_SINCE = {"limit": "4000", "since": "2024"}
_DATED = {"limit": "@limit", "since": "2023-04-01"}
_CODED = table("codes", ("",), {"1": ("01",), "2": ("02",)})
_OPEN = table("codes", ("",), {"1": ("01",)}, "open")
#: 8 stands for nothing, so no standard code leads back to it.
_BLANK = table("codes", ("code", "wording"), {"1": ("1", "男"), "9": ("0", ""), "8": ("", "")})

EXAMPLES: dict[str, tuple[Example, ...]] = {
    "copy": (
        E("text stays, with its selectors", "葛\U000e0100 ", gives="葛\U000e0100 "),
        E("nothing", None, gives=None),
    ),
    "const": (E("the declared value", gives="01", args={"value": "01"}),),
    "coalesce": (
        E("the first wins", "a1", "b2", gives="a1"),
        E("the second where the first is missing", None, "b2", gives="b2"),
        E("nothing anywhere", None, None, gives=None),
    ),
    "concat": (
        E("in order, with a separator", "１", "２", "３", gives="１－２－３", args={"sep": "－"}),
        E("a missing piece leaves no separator", "１", None, "３", gives="１－３", args={"sep": "－"}),
        E("without a separator", "ab", "cd", gives="abcd"),
    ),
    "concat_all": (
        E("in order", "13", "101", gives="13101"),
        E("a gap would shift the digits", "13", None, gives=None),
    ),
    "substring": (
        E("characters count from one", "13101", gives="10", args={"start": "3", "length": "2"}),
        E("to the end", "13101", gives="101", args={"start": "3"}),
        E("the last character may be cut", "131", gives="1", args={"start": "3", "length": "1"}),
        E("a text that ends before", "131", gives=FAULT, args={"start": "3", "length": "2"}),
        E("a text that ends before the start", "13", gives=FAULT, args={"start": "3"}),
    ),
    "pad_left": (
        E("zeros on the left", "12", gives="00012", args={"width": "5"}),
        E("full already", "12345", gives="12345", args={"width": "5"}),
        E("nothing is cut off", "123456", gives=FAULT, args={"width": "5"}),
        E("another fill", "1", gives="xx1", args={"width": "3", "fill": "x"}),
    ),
    "strip_zeros": (
        E("leading zeros go, others stay", "00120", gives="120"),
        E("zero is a number", "000", gives="0"),
        E("one zero stays", "0", gives="0"),
        E("a zero before a letter", "0A", gives="A"),
    ),
    "digits_only": (
        E("a postal code", "〒123-4567", gives="1234567"),
        E("a telephone number in full width", "０３（１２３４）５６７８", gives="0312345678"),
        E("an extension is not thrown away", "03-1234内線5", gives=FAULT),
        E("hyphens only", "---", gives=FAULT),
    ),
    "fullwidth": (
        E("letters, digits and signs", "1-2A ~", gives="１－２Ａ　～"),
        E("a voiced half-width kana is one character", "ｶﾞｷﾊﾟ", gives="ガキパ"),
        E("compatibility characters are not NFKC", "㈱神\ue000", gives="㈱神\ue000"),
        E("a tab has no full width", "a\tb", gives=FAULT),
    ),
    "kana_half": (
        E("a kana and its mark are two", "ガパ　ワ", gives="ｶﾞﾊﾟ ﾜ"),
        E("letters, digits and the long mark", "Ａ１ー・", gives="A1ｰ･"),
        E("kanji and hiragana stay", "山たろう", gives="山たろう"),
    ),
    "code_source": (
        E("one legacy code has it", "02", gives="2", table=_CODED),
        E("nobody has it", "09", gives=FAULT, table=_CODED),
        E("two have it", "11", "3", gives=FAULT, table=REASONS),
        E("the second part tells them apart", "10", "2", gives="02", table=REASONS),
        E("the first part alone does not", "10", gives=FAULT, args={"parts": "jiyu"}, table=REASONS),
        E("a blank part is a part", "0", None, gives="9", table=_BLANK),
        E("open rows lead nowhere", "01", gives=FAULT, table=_OPEN),
        E("nothing", None, gives=None, table=_CODED),
    ),
    "halfwidth_digits": (E("digits and nothing else", "１２Ａ－３", gives="12Ａ－3"),),
    "kana_full": (
        E("half width with split voiced marks", "ﾔﾏｶﾞﾐ ﾊﾟｳﾛ", gives="ヤマガミ　パウロ"),
        E("several spaces are one", " ヤマダ 　 タロウ　", gives="ヤマダ　タロウ"),
        E("the long mark and the middle dot", "ｼｰﾀ･A1", gives="シータ・Ａ１"),
        E("full-width kana with a loose mark", "カ゛フ゜", gives="ガプ"),
        E("full-width kana with a combining mark", "カ\u3099", gives="ガ"),
        E("ヴ and small kana", "ｳﾞｧｯ", gives="ヴァッ"),
        E("a mark with nothing to join", "ｱﾞ", gives=FAULT),
        E("hiragana is not guessed", "やまだ", gives=FAULT),
        E("a hyphen may be a long mark or not", "ｼ-ﾀ", gives=FAULT),
        E("kanji in a reading", "山ダ", gives=FAULT),
    ),
    "name_full": (
        E("one full-width space", "山田 　太郎", gives="山田　太郎"),
        E("outer spaces go", "　山田 太郎 ", gives="山田　太郎"),
        E("letters in full width", "SMITH John", gives="ＳＭＩＴＨ　Ｊｏｈｎ"),
        E("half-width kana in full width", "ﾏﾘｱ ｶﾞﾙｼｱ", gives="マリア　ガルシア"),
        E("a variation selector stays", "葛\U000e0100城", gives="葛\U000e0100城"),
        E("characters outside the first plane stay", "\U00020bb7野", gives="\U00020bb7野"),
        E("private-use characters stay", "\ue123田", gives="\ue123田"),
        E("compatibility kanji are not NFKC", "神\ufa19﨑", gives="神\ufa19﨑"),
        E("a line break in a name", "山田\n太郎", gives=FAULT),
        E("nothing but spaces", " 　", gives=FAULT),
    ),
    "name_part": (
        E("cut at the space", "山田　太郎", gives=("山田", "太郎")),
        E("the first space only", "デラ　クルス　マリア", gives=("デラ", "クルス　マリア")),
        E("no space, no guess", "山田太郎", gives=FAULT),
        E("a half-width space is no cut", "山田 太郎", gives=FAULT),
        E("nothing before the space", "　太郎", gives=FAULT),
        E("nothing after the space", "山田　", gives=FAULT),
    ),
    "name_join": (
        E("one full-width space", "山田", "太郎", gives="山田　太郎"),
        E("half a name", "山田", None, gives=None),
    ),
    "date": (
        E("a known date has no wording", "1935-11-05", gives=("1935-11-05", "0", None)),
        E("an unknown day", "1935-11-00", gives=("1935-11-00", "1", "昭和１０年１１月日不詳")),
        E("a wholly unknown date", "0000-00-00", gives=("0000-00-00", "1", "年月日不詳")),
        E("a season", "1935-A1-00", gives=("1935-A1-00", "1", "昭和１０年春")),
        E("the old system's wording wins", "1935-11-00", _WORD, gives=("1935-11-00", "1", _WORD)),
        E("no wording in the old system", "1935-11-00", None, gives=("1935-11-00", "1", "昭和１０年１１月日不詳")),
        E(
            "a wording beside a known date is told",
            "1935-11-05",
            _WORD,
            gives=("1935-11-05", "0", None),
            findings=("CNV016",),
        ),
        E("29 February of a common year is kept", "1935-02-29", gives=("1935-02-29", "0", None)),
        E("the open start is not unknown", "0000-01-01", gives=("0000-01-01", "0", None)),
        E("the open end is not unknown", "9999-12-31", gives=("9999-12-31", "0", None)),
        E("no date, whatever the wording", None, _WORD, gives=(None, None, None)),
        E("a month 13", "1935-13-01", gives=FAULT),
        E("a date with slashes", "1935/11/05", gives=FAULT),
    ),
    "date_plain": (
        E("a day of the calendar", "2024-02-29", gives="2024-02-29"),
        E("29 February of a common year", "2023-02-29", gives=FAULT),
        E("a century without a leap day", "1900-02-29", gives=FAULT),
        E("a century with one", "2000-02-29", gives="2000-02-29"),
        E("31 April", "2023-04-31", gives=FAULT),
        E("an unknown day", "1935-11-00", gives=FAULT),
        E("the open start", "0000-01-01", gives="0000-01-01"),
        E("the open end", "9999-12-31", gives="9999-12-31"),
        E("open ends refused", "9999-12-31", gives=FAULT, args={"open": "no"}),
    ),
    "date_source": (E("the date part", "1935-11-00", "1", "昭和１０年１１月日不詳", gives="1935-11-00"),),
    "banchi_katagaki": (
        E("hyphens and a building", "1-2-3 コーポ山田101", gives=("1-2-3", "コーポ山田101")),
        E("written out, with a full-width space", "１２番地３　ハイツ　１０１", gives=("１２番地３", "ハイツ　１０１")),
        E("several spaces are one cut", "12番3号  　ABC棟", gives=("12番3号", "ABC棟")),
        E("a house number alone", "12番3号", gives=("12番3号", None)),
        E("kanji numerals", "三番地の二", gives=("三番地の二", None)),
        E("a 甲 number", "甲12番地", gives=("甲12番地", None)),
        E("no number", "無番地 山田方", gives=("無番地", "山田方")),
        E("glued without a space", "1-2-3コーポ山田101", gives=FAULT),
        E("the building first", "コーポ山田 1-2-3", gives=FAULT),
        E("a person's house", "山田方", gives=FAULT),
    ),
    "address_code": (
        E("千代田区", "13101001002", gives=("13", "101", "001", "002", "131016")),
        E("the check digit of 札幌市", "01100023045", gives=("01", "100", "023", "045", "011002")),
        E("prefecture 48", "48101001002", gives=FAULT),
        E("prefecture 00", "00101001002", gives=FAULT),
        E("ten digits", "1310100100", gives=FAULT),
        E("full-width digits", "１３１０１００１００２", gives=FAULT),
    ),
    "address_code_join": (
        E("the city code adds nothing", "13", "101", "001", "002", "131016", gives="13101001002"),
        E("without the city code", "13", "101", "001", "002", gives="13101001002"),
    ),
    "number": (
        E("leading zeros", "0012", gives="12"),
        E("full width and thousands", "１，０００", gives="1000"),
        E("an account's minus", "▲1,000", gives="-1000"),
        E("minus zero", "-0", gives="0"),
        E("decimals, closing zeros gone", "12.50", gives="12.5", args={"scale": "2"}),
        E("nothing is rounded", "12.505", gives=FAULT, args={"scale": "2"}),
        E("decimals where none are declared", "12.5", gives=FAULT),
        E("commas at other places", "1,00", gives=FAULT),
        E("too many digits", "1000", gives=FAULT, args={"digits": "3"}),
        E("digits that fit", "0999", gives="999", args={"digits": "3"}),
        E("negative where unsigned", "-5", gives=FAULT, args={"signed": "no"}),
        E("a unit", "5円", gives=FAULT),
    ),
    "split_amount": (
        E("the rest goes to b", "5000", gives=("4000", "1000"), args={"limit": "4000"}),
        E("less than the limit", "3500", gives=("3500", "0"), args={"limit": "4000"}),
        E("exactly the limit", "4000", gives=("4000", "0"), args={"limit": "4000"}),
        E("before the year all is a", "5000", "2023", gives=("5000", "0"), args=_SINCE),
        E("from the year on", "5000", "2024", gives=("4000", "1000"), args=_SINCE),
        E("a date within the year", "5000", "2024-06-01", gives=("4000", "1000"), args=_SINCE),
        E("an unknown year", "5000", "0000", gives=FAULT, args=_SINCE),
        E("an unknown month where it decides", "5", "2024-00-00", gives=FAULT, args={"limit": "1", "since": "2024-04"}),
        E("a negative correction", "-5000", gives=FAULT, args={"limit": "4000"}),
        E("no year", "5000", None, gives=(None, None), args=_SINCE),
        *(
            E(reason, "5000", day, gives=gives, args={"limit": "@limit"}, parameters=LIMITS)
            for reason, day, gives in (
                ("the last day of the old limit", "2024-03-31", ("3000", "2000")),
                ("the first day of the new limit", "2024-04-01", ("4000", "1000")),
                ("a day before any limit", "2023-03-31", FAULT),
                ("a day after all limits", "2026-04-01", FAULT),
                ("a year is too vague for limits by day", "2024", FAULT),
            )
        ),
        E("before since no limit is needed", "5000", "2022-01-01", gives=("5000", "0"), args=_DATED, parameters=LIMITS),
    ),
    "amount_sum": (
        E("the sum", "4000", "1000", gives="5000"),
        E("a negative part", "4000", "-1000", gives="3000"),
        E("no amount", "4000", "x", gives=FAULT),
    ),
    "relation": tuple(
        E(reason, word, gives=gives, table=RELATIONS)
        for reason, word, gives in (
            ("the head", "世帯主", ("02", None, None, None, "世帯主")),
            ("a chain", "子の妻", ("20", "12", None, None, "子の妻")),
            ("an old word", "長男", ("20", None, None, None, "子")),
            ("one word of two codes", "孫", ("20", "20", None, None, "子の子")),
            ("one word of two codes within a chain", "長男の孫の妻", ("20", "20", "20", "12", "子の子の子の妻")),
            ("half-width brackets", "夫(未届)の父", ("13", "51", None, None, "夫（未届）の父")),
            ("an old word with の inside", "未届の夫の母", ("13", "52", None, None, "夫（未届）の母")),
            ("a code without a standard word", "縁故者", ("98", None, None, None, "縁故者")),
            ("five levels are for staff", "子の子の子の子の子", FAULT),
            ("five levels by old words", "孫の孫の子", FAULT),
            ("a word within an unknown word", "養子", FAULT),
            ("words without の", "子妻", FAULT),
            ("a chain that ends in の", "子の", FAULT),
            ("a text that imitates the codes", "\x0120\x02", FAULT),
        )
    ),
    "number_checked": (
        E("a 個人番号", "123456789018", gives="123456789018", args={"kind": "kojin"}),
        E("a wrong 個人番号", "123456789012", gives=FAULT, args={"kind": "kojin"}),
        E("a 保険者番号", "138016", gives="138016", args={"kind": "m10w2-1"}),
        E("two digits of a 保険者番号 exchanged", "131806", gives=FAULT, args={"kind": "m10w2-1"}),
        E("a short 個人番号", "12345678901", gives=FAULT, args={"kind": "kojin"}),
        E("a 法人番号", "1180301018771", gives="1180301018771", args={"kind": "hojin"}),
        E("a wrong 法人番号", "2180301018771", gives=FAULT, args={"kind": "hojin"}),
        E("a city code", "131016", gives="131016", args={"kind": "dantai"}),
        E("a wrong city code", "131015", gives=FAULT, args={"kind": "dantai"}),
        E("a 住民票コード", "12345678903", gives="12345678903", args={"kind": "juminhyo"}),
        E(
            "an unproved 住民票コード",
            "12345678901",
            gives="12345678901",
            findings=("CNV015",),
            args={"kind": "juminhyo"},
        ),
        E("an old 宛名番号 is never refused", "12345", gives="12345", findings=("CNV015",), args={"kind": "m11w2-7"}),
    ),
    "code": (
        E("an agreed code", "1", gives="01", table=_CODED),
        E("another agreed code", "2", gives="02", table=_CODED),
        E("a code that is not in the table", "3", gives=FAULT, table=_CODED),
        E("no code", None, gives=None, table=_CODED),
    ),
}

_ALL = [(name, example) for name, examples in EXAMPLES.items() for example in examples if name in REGISTRY.converters]


@pytest.mark.parametrize(("name", "example"), _ALL, ids=[f"{name}: {example.reason}" for name, example in _ALL])
def test_example(name: str, example: Example) -> None:
    assert holds(REGISTRY.converters[name].build, example)


@pytest.mark.parametrize("name", REGISTRY.converters)
def test_every_converter_has_examples(name: str) -> None:
    assert EXAMPLES.get(name)


@pytest.mark.parametrize(
    ("name", "sources", "args", "why"),
    [
        ("substring", 1, {"start": "0"}, "from 1"),
        ("pad_left", 1, {"width": "3", "fill": "ab"}, "one character"),
        ("split_amount", 1, {"limit": "4000", "since": "2024"}, "second source"),
        ("split_amount", 2, {"limit": "4000"}, "second source"),
        ("split_amount", 2, {"limit": "4000", "since": "R6"}, "second source"),
        ("split_amount", 1, {"limit": "-1"}, "not negative"),
        ("split_amount", 1, {"limit": "@none"}, "at least one row"),
        ("number_checked", 1, {"kind": "other"}, "kind of number"),
    ],
)
def test_arguments_that_contradict_are_refused_before_any_row(
    name: str, sources: int, args: dict[str, str], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        run(REGISTRY.converters[name].build, [("1",) * sources], Call(sources, args))


def test_an_open_row_of_the_relation_table_decides_nothing() -> None:
    undecided = Example("open", ("養子",), FAULT, table=table("t", ("code1",), {"養子": ("20",)}, state="open"))
    assert holds(REGISTRY.converters["relation"].build, undecided)


def test_a_decided_row_wins_over_the_standard_word() -> None:
    decided, codes = table("t", ("code1",), {"同居人": ("98",)}), ("98", None, None, None, "同居人")
    assert holds(REGISTRY.converters["relation"].build, Example("decided", ("同居人",), codes, table=decided))


def test_names_keep_every_kanji() -> None:
    kanji = [
        chr(point)
        for start, end in ((0x3400, 0xA000), (0xF900, 0xFB00), (0x2F800, 0x2FA20))
        for point in range(start, end)
    ]
    result = run(REGISTRY.converters["name_full"].build, [(glyph,) for glyph in kanji], Call())
    assert result["v_"].to_list() == kanji


def test_half_and_full_width_give_the_same_name() -> None:
    half = [chr(point) for point in range(0x21, 0x7F)]
    full = [chr(ord(letter) + 0xFEE0) for letter in half]
    assert run(REGISTRY.converters["name_full"].build, [(text,) for text in half], Call())["v_"].to_list() == full
