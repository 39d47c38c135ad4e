"""How converters are run in tests, and the given calls that the laws and the mutants use; every name must have both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl
import pytest

from dmig.converters.contract import Converter, LegacyType, Output, Request
from dmig.converters.registry import MAY_BE_NULL, builtin
from dmig.errors.catalogue import catalogue
from dmig.model.layout import Parameter
from dmig.model.mapping import CodeRow, CodeTable, Place

REGISTRY = builtin()
Build = Callable[[Request], Output]
Row = tuple[str | None, ...]


def table(name: str, parts: Sequence[str], rows: Mapping[str, tuple[str, ...]], state: str = "agreed") -> CodeTable:
    """A code table with one legacy column."""
    place = Place("code_tables/test.csv", 1)
    return CodeTable(
        name,
        1,
        tuple(parts),
        tuple(CodeRow((old,), new, "", "", state, "", "", "", place) for old, new in rows.items()),
    )


RELATIONS = table(
    "tsuzukigara",
    ("code1", "code2", "code3", "code4"),
    {
        "長男": ("20",),
        "長女": ("20", "", "", ""),
        "孫": ("20", "20"),
        "未届の夫": ("13",),
        "縁故者": ("98",),
    },
)
SEXES = table("seibetsu", ("",), {"1": ("1",), "2": ("2",)})

#: 01 and 02 differ in the second part only, 03 and 04 in none.
REASONS = table(
    "jiyu",
    ("jiyu", "kubun"),
    {"01": ("10", "1"), "02": ("10", "2"), "03": ("11", "3"), "04": ("11", "3")},
)


#: A limit that changed at the end of March 2024; nothing is said about the time after 2025年度.
LIMITS = {
    "limit": (
        Parameter("limit", "2023-04-01", "2024-03-31", "3000", "", 1),
        Parameter("limit", "2024-04-01", "2026-03-31", "4000", "", 2),
    )
}


@dataclass(frozen=True)
class Call:
    """One way to call a converter: how many sources, arguments, table, and texts worth trying."""

    sources: int = 1
    args: Mapping[str, str] = field(default_factory=dict)
    table: CodeTable | None = None
    parameters: Mapping[str, tuple[Parameter, ...]] = field(default_factory=dict)
    seeds: tuple[str, ...] = ()


_DATES = (
    "1935-11-05",
    "1935-00-00",
    "0000-00-00",
    "0000-01-01",
    "9999-12-31",
    "1900-02-29",
    "2019-05-A1",
    "2020-A3-00",
)
_NAMES = ("山田　太郎", "ﾔﾏﾀﾞ ﾀﾛｳ", "葛\U000e0100城　花子", "\U00020bb7田  一", "\ue000田　次郎", "SMITH JOHN", "カ゛")
_ADDRESSES = ("1-2-3 コーポ山田101", "１番地２　ハイツ", "12番3号", "1-2コーポ", "甲12番地 A棟　102")
_NUMBERS = ("0", "-12", "0012", "▲1,000", "１２．５", "999999999999999", "12.50", "1000")
_CHECKED = ("123456789018", "1180301018771", "131016", "12345678903", "345678901234")

#: Every converter's calls. `code` belongs to another file but obeys the same laws.
CALLS: dict[str, tuple[Call, ...]] = {
    "copy": (Call(),),
    "const": (Call(0, {"value": "01"}),),
    "coalesce": (Call(1), Call(3)),
    "concat": (Call(2, {"sep": "－"}), Call(3)),
    "concat_all": (Call(2), Call(3, {"sep": "-"})),
    "substring": (Call(1, {"start": "2", "length": "2"}), Call(1, {"start": "3"})),
    "pad_left": (Call(1, {"width": "5"}), Call(1, {"width": "3", "fill": "x"}, seeds=("12", "ab"))),
    "strip_zeros": (Call(seeds=("000", "0012", "0", "0a")), Call(1, {"fill": "x"}, seeds=("xx1", "x"))),
    "digits_only": (Call(seeds=("〒123-4567", "０３（１２３４）５６７８", "ー")),),
    "fullwidth": (Call(seeds=_NAMES),),
    "halfwidth_digits": (Call(seeds=("１２a",)),),
    "kana_half": (Call(seeds=("ヤマダ　タロウ", "ガＡ１", "\u309b")),),
    "kana_full": (Call(seeds=(*_NAMES, "ｶﾞｷﾞ ﾊﾟ-", "ｱﾞ", "ﾜﾞ A1")),),
    "name_full": (Call(seeds=_NAMES),),
    "name_part": (Call(seeds=_NAMES),),
    "name_join": (Call(2, seeds=("山田", "太郎")),),
    "date": (Call(1, seeds=_DATES), Call(2, seeds=_DATES)),
    "date_plain": (Call(seeds=_DATES), Call(1, {"open": "no"}, seeds=_DATES)),
    "date_source": (Call(3, seeds=_DATES), Call(1, seeds=_DATES)),
    "banchi_katagaki": (Call(seeds=_ADDRESSES),),
    "address_code": (Call(seeds=("13101001002", "01100000000", "48101001002")),),
    "address_code_join": (Call(5, seeds=("13", "101", "001")),),
    "number": (Call(seeds=_NUMBERS), Call(1, {"digits": "3", "scale": "1", "signed": "no"}, seeds=_NUMBERS)),
    "split_amount": (
        Call(1, {"limit": "4000"}, seeds=_NUMBERS),
        Call(2, {"limit": "4000", "since": "2024"}, seeds=(*_NUMBERS, "2023", "2024-06-01", "0000")),
        Call(2, {"limit": "@limit"}, parameters=LIMITS, seeds=(*_NUMBERS, "2024-06-01", "2023-06-01", "2027-01-01")),
    ),
    "amount_sum": (Call(2, seeds=_NUMBERS),),
    "relation": (
        Call(table=RELATIONS, seeds=("子の妻", "孫の長男", "夫(未届)", "子の子の子の子", "\x0120\x02", "養子")),
    ),
    "number_checked": tuple(
        Call(1, {"kind": kind}, seeds=_CHECKED)
        for kind in ("kojin", "hojin", "dantai", "juminhyo", "m11w2-7", "m10w2-1")
    ),
    "code": (
        Call(table=SEXES, seeds=("1", "2", "3")),
        Call(table=REASONS, seeds=("01", "02", "03", "04")),
    ),
    "code_source": (
        Call(1, table=SEXES, seeds=("1", "2", "3")),
        Call(2, table=REASONS, seeds=("10", "1", "11", "3")),
        Call(1, {"parts": "kubun"}, table=REASONS, seeds=("1", "2", "3", "10")),
    ),
}

_WAREKI = ("3101105", "1450730", "3640108", "3110229", "3100230", "3000101", "0000000", "S101105", " 4310430 ")
_WESTERN = ("20240229", "20230229", "00000000", "99991231", "99999999", "19350000", "20241301")

LEGACY_CALLS: dict[str, tuple[Call, ...]] = {
    "text": (Call(seeds=(" 山田　太郎　 ",)), Call(1, {"blank": "なし|不明"}, seeds=("なし", "不明"))),
    "kana": (Call(seeds=("ﾔﾏﾀﾞ ﾀﾛｳ ",)),),
    "key": (Call(seeds=("12 ", "A1")), Call(1, {"width": "5", "pad": "left"}, seeds=("12",)), Call(1, {"width": "2"})),
    "code": (Call(), Call(1, {"width": "2"}, seeds=("01", "1 "))),
    "int": (Call(seeds=_NUMBERS),),
    "amount": (Call(seeds=_NUMBERS), Call(1, {"scale": "2"}, seeds=_NUMBERS)),
    "flag": (Call(seeds=("0", "1")), Call(1, {"true": "有|Y", "false": "無"}, seeds=("有", "Y", "無"))),
    "wareki7": (
        Call(seeds=_WAREKI),
        Call(1, {"unknown": "0000000|9999999", "blank": "8888888"}, seeds=(*_WAREKI, "9999999", "8888888")),
        Call(1, {"era": "letter"}, seeds=_WAREKI),
    ),
    "seireki8": (
        Call(seeds=_WESTERN),
        Call(1, {"unknown": "99999999", "open_start": "00000000", "open_end": "99991231"}, seeds=_WESTERN),
    ),
    "year4": (Call(seeds=("2024", "0000")),),
    "time6": (Call(seeds=("235959", "240000")),),
}


def frame(rows: Sequence[Row], sources: int) -> pl.DataFrame:
    """The rows as text columns s0, s1 …; a row number keeps the length where there is no source."""
    columns = {f"s{place}": [row[place] for row in rows] for place in range(sources)}
    schema = dict.fromkeys(columns, pl.String)
    return pl.DataFrame(columns, schema=schema).with_columns() if sources else pl.DataFrame({"n": [0] * len(rows)})


def run(build: Build, rows: Sequence[Row], call: Call) -> pl.DataFrame:
    """All outputs of a build over rows: `v_<part>`, `fault`, `f_<code>`."""
    given = frame(rows, call.sources)
    sources = tuple(pl.col(f"s{place}") for place in range(call.sources))
    output = build(Request(sources, call.args, call.table, call.parameters))
    columns = {f"v_{part}": value for part, value in output.values.items()}
    columns |= {"fault": output.fault} | {f"f_{code}": mask for code, mask in output.findings.items()}
    return given.with_columns(**columns).drop(given.columns)


def values_of(result: pl.DataFrame) -> pl.DataFrame:
    """The parts alone."""
    return result.select(column for column in result.columns if column.startswith("v_"))


FAULT = "fault"


@dataclass(frozen=True)
class Example:
    """Given sources and what must come: parts in their order, or a fault, and the findings."""

    reason: str
    sources: tuple[str | None, ...]
    expected: tuple[str | None, ...] | str
    findings: tuple[str, ...] = ()
    args: Mapping[str, str] = field(default_factory=dict)
    table: CodeTable | None = None
    parameters: Mapping[str, tuple[Parameter, ...]] = field(default_factory=dict)


def holds(build: Build, example: Example) -> bool:
    """Whether a build gives exactly what the example says."""
    call = Call(len(example.sources), example.args, example.table, example.parameters)
    result = run(build, [example.sources], call).row(0, named=True)
    values = tuple(value for name, value in result.items() if name.startswith("v_"))
    found = {name.removeprefix("f_") for name, value in result.items() if name.startswith("f_") and value}
    if example.expected == FAULT:
        return bool(result["fault"]) and set(values) == {None} and found == set()
    expected = (example.expected,) if isinstance(example.expected, str) else example.expected
    return not result["fault"] and values == expected and found == set(example.findings)


def E(reason: str, *sources: str | None, gives: tuple[str | None, ...] | str | None, **more: object) -> Example:  # noqa: N802 -- a row of a table
    """One row of the example tables; `gives=None` is no value."""
    expected = (None,) if gives is None else gives
    return Example(reason, sources, expected, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", REGISTRY.converters)
def test_every_converter_has_calls_for_the_laws(name: str) -> None:
    assert CALLS.get(name), f"give {name} a call here, so that the laws see it"


@pytest.mark.parametrize("name", REGISTRY.legacy_types)
def test_every_legacy_type_has_calls_for_the_laws(name: str) -> None:
    assert LEGACY_CALLS.get(name)


def test_calls_use_only_declared_arguments_and_all_that_are_required() -> None:
    kinds: dict[str, tuple[Converter | LegacyType, tuple[Call, ...]]] = {
        name: (kind, CALLS[name]) for name, kind in REGISTRY.converters.items()
    }
    kinds |= {f"type {name}": (kind, LEGACY_CALLS[name]) for name, kind in REGISTRY.legacy_types.items()}
    for name, (kind, calls) in kinds.items():
        declared = {spec.name for spec in kind.args}
        required = {spec.name for spec in kind.args if spec.required}
        for call in calls:
            assert required <= set(call.args) <= declared, name


def test_codes_of_converters_stand_in_the_catalogue() -> None:
    kinds = [*REGISTRY.converters.values(), *REGISTRY.legacy_types.values()]
    used = {code for kind in kinds for code in (kind.fault_code, *kind.finding_codes)}
    assert used <= set(catalogue())


def test_inverses_and_parts_that_may_be_null_exist() -> None:
    for converter in REGISTRY.converters.values():
        assert not converter.inverse or converter.inverse in REGISTRY.converters
    for name, parts in MAY_BE_NULL.items():
        assert set(parts) < set(REGISTRY.converters[name].parts)
