"""Damaged converters are caught: every mutant below fails an example or a law."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import polars as pl
import pytest
import test_conv_examples
import test_conv_legacy_examples
from test_conv_cases import CALLS, FAULT, REGISTRY, Build, Example, Row, holds
from test_conv_laws import check_laws

from dmig.converters import iso_dates, legacy_dates, relations, widths
from dmig.converters.contract import Converter, LegacyType, Output
from dmig.converters.outcome import Scope
from dmig.model import legal_date

Damage = Callable[[Output], Output]

KINDS: dict[str, Converter | LegacyType] = {**REGISTRY.converters} | {
    f"type {name}": kind for name, kind in REGISTRY.legacy_types.items()
}
EXAMPLES: dict[str, tuple[Example, ...]] = {**test_conv_examples.EXAMPLES} | {
    f"type {name}": examples for name, examples in test_conv_legacy_examples.EXAMPLES.items()
}

#: Converters that take any text; all others must show a fault in their examples.
NEVER_FAIL = {
    "copy",
    "const",
    "coalesce",
    "concat",
    "concat_all",
    "strip_zeros",
    "halfwidth_digits",
    "kana_half",
    "name_join",
    "date_source",
    "address_code_join",
    "type text",
    "type kana",
}


def damaged(build: Build, damage: Damage) -> Build:
    """The build with its output damaged."""
    return lambda request: damage(build(request))


def caught(name: str, build: Build) -> bool:
    """Whether some example of the converter fails on the build."""
    return not all(holds(build, example) for example in EXAMPLES[name])


def _values(change: Callable[[pl.Expr], pl.Expr], place: int = 0) -> Damage:
    def damage(output: Output) -> Output:
        part = list(output.values)[place]
        return dataclasses.replace(output, values={**output.values, part: change(output.values[part])})

    return damage


def drop_last_character(value: pl.Expr) -> pl.Expr:
    return value.str.slice(0, value.str.len_chars() - 1)


def add_character(value: pl.Expr) -> pl.Expr:
    return pl.concat_str([value, pl.lit("0")])


def no_fault(output: Output) -> Output:
    return dataclasses.replace(output, fault=pl.lit(False))


def always_fault(output: Output) -> Output:
    return dataclasses.replace(output, fault=pl.lit(True))


def no_findings(output: Output) -> Output:
    return dataclasses.replace(output, findings={})


def always_findings(output: Output) -> Output:
    return dataclasses.replace(output, findings=dict.fromkeys(output.findings, pl.lit(True)))


def swapped(first: int, second: int) -> Damage:
    def damage(output: Output) -> Output:
        parts = list(output.values)
        other = {parts[first]: output.values[parts[second]], parts[second]: output.values[parts[first]]}
        return dataclasses.replace(output, values={**output.values, **other})

    return damage


def _general() -> list[tuple[str, str, Damage]]:
    """The damages that make sense for each converter by its metadata."""
    cases: list[tuple[str, str, Damage]] = []
    for name, kind in KINDS.items():
        parts = kind.parts if isinstance(kind, Converter) and kind.parts != ("*",) else ("",)
        cases.append((name, "always a fault", always_fault))
        for place, part in enumerate(parts):
            cases.append((name, f"last character of {part or 'value'} dropped", _values(drop_last_character, place)))
            cases.append((name, f"a zero after {part or 'value'}", _values(add_character, place)))
            cases.extend((name, f"{part} and {parts[other]} swapped", swapped(place, other)) for other in range(place))
        if name not in NEVER_FAIL:
            cases.append((name, "fault dropped", no_fault))
        if kind.finding_codes and name != "code":
            cases.append((name, "findings dropped", no_findings))
            cases.append((name, "findings everywhere", always_findings))
    return cases


_GENERAL = _general()


@pytest.mark.parametrize(
    ("name", "damage"), [case[::2] for case in _GENERAL], ids=[f"{n}: {d}" for n, d, _ in _GENERAL]
)
def test_damage_of_the_output_is_caught(name: str, damage: Damage) -> None:
    assert caught(name, damaged(KINDS[name].build, damage))


@pytest.mark.parametrize("name", KINDS)
def test_examples_show_every_fault_and_finding(name: str) -> None:
    kind, examples = KINDS[name], EXAMPLES[name]
    assert any(example.expected == FAULT for example in examples) == (name not in NEVER_FAIL)
    if name != "code":
        assert {code for example in examples for code in example.findings} == set(kind.finding_codes)


def _moved(era: legal_date.Era, first: str, last: str) -> legal_date.Era:
    return dataclasses.replace(era, first_day=first, last_day=last)


_ERAS = {
    "明治 ends a day early": (0, "1868-01-25", "1912-07-29"),
    "明治 ends a day late": (0, "1868-01-25", "1912-07-31"),
    "明治 begins a day late": (0, "1868-01-26", "1912-07-30"),
    "大正 begins a day early": (1, "1912-07-29", "1926-12-25"),
    "大正 begins a day late": (1, "1912-07-31", "1926-12-25"),
    "大正 ends a day early": (1, "1912-07-30", "1926-12-24"),
    "大正 ends a day late": (1, "1912-07-30", "1926-12-26"),
    "昭和 begins a day early": (2, "1926-12-24", "1989-01-07"),
    "昭和 begins a day late": (2, "1926-12-26", "1989-01-07"),
    "昭和 ends a day early": (2, "1926-12-25", "1989-01-06"),
    "昭和 ends a day late": (2, "1926-12-25", "1989-01-08"),
    "平成 begins a day early": (3, "1989-01-07", "2019-04-30"),
    "平成 begins a day late": (3, "1989-01-09", "2019-04-30"),
    "平成 ends a day early": (3, "1989-01-08", "2019-04-29"),
    "平成 ends a day late": (3, "1989-01-08", "2019-05-01"),
    "令和 begins a day early": (4, "2019-04-30", "9999-12-31"),
    "令和 begins a day late": (4, "2019-05-02", "9999-12-31"),
    "昭和 counts from a year early": (2, "1925-12-25", "1989-01-07"),
    "平成 counts from a year late": (3, "1990-01-08", "2019-04-30"),
}


@pytest.mark.parametrize(("place", "first", "last"), _ERAS.values(), ids=_ERAS.keys())
def test_a_wrong_era_table_is_caught(monkeypatch: pytest.MonkeyPatch, place: int, first: str, last: str) -> None:
    eras = list(legal_date.ERAS)
    eras[place] = _moved(eras[place], first, last)
    monkeypatch.setattr(legacy_dates, "ERAS", tuple(eras))
    assert caught("type wareki7", KINDS["type wareki7"].build)


def _leap_every_four(year: pl.Expr, month: pl.Expr) -> pl.Expr:
    return pl.when(month == 2).then(pl.when(year % 4 == 0).then(29).otherwise(28)).otherwise(31)


def _same_wording(scope: Scope) -> Scope:
    return scope.then(wording=pl.lit("年月日不詳"))


#: Rules inside the converters bent one by one: module, name, the wrong rule, and who must notice.
_BENT: dict[str, tuple[object, str, object, str]] = {
    "a leap year every four years": (iso_dates, "days_in_month", _leap_every_four, "date_plain"),
    "months of 31 days only": (iso_dates, "days_in_month", lambda year, month: pl.lit(31), "type seireki8"),
    "sentinels are unknown": (iso_dates, "sentinel", lambda text: pl.lit(False), "date"),
    "known parts only": (
        iso_dates,
        "wellformed",
        lambda text: text.str.contains("^[0-9]+-[01][0-9]-[0-3][1-9]$"),
        "date",
    ),
    "wording of the year alone": (iso_dates, "with_wording", _same_wording, "date"),
    "NFKC over a name": (widths, "translated", lambda text, table: text.str.normalize("NFKC"), "name_full"),
    "spaces kept": (widths, "spaced_once", lambda text: text.str.strip_chars(), "kana_full"),
    "spaces dropped": (widths, "spaced_once", lambda text: text.str.replace_all("[ \u3000]", ""), "name_full"),
    "voiced marks not joined": (widths, "FULL_KANA_JOINED", widths._HALF_SINGLE, "kana_full"),
    "one level less": (relations, "MAX_LEVELS", 3, "relation"),
    "one level more": (relations, "MAX_LEVELS", 5, "relation"),
    "no standard words": (relations, "STANDARD_WORDS", {}, "relation"),
}


@pytest.mark.parametrize(("module", "rule", "wrong", "name"), _BENT.values(), ids=_BENT.keys())
def test_a_bent_rule_is_caught(
    monkeypatch: pytest.MonkeyPatch, module: object, rule: str, wrong: object, name: str
) -> None:
    assert not caught(name, KINDS[name].build)
    monkeypatch.setattr(module, rule, wrong)
    assert caught(name, KINDS[name].build)


def _raw_value_beside_fault(output: Output) -> Output:
    values = {part: pl.coalesce(value, pl.lit("x")) for part, value in output.values.items()}
    return dataclasses.replace(output, values=values)


def _null_mask(output: Output) -> Output:
    return dataclasses.replace(output, fault=pl.when(output.fault).then(True))


def _empty_text(output: Output) -> Output:
    return dataclasses.replace(output, values={part: value.fill_null("") for part, value in output.values.items()})


def _same_for_all(output: Output) -> Output:
    values = {p: pl.when(v.is_not_null()).then(pl.lit("x")).otherwise(v) for p, v in output.values.items()}
    return dataclasses.replace(output, values=values)


def _shifted(output: Output) -> Output:
    return dataclasses.replace(output, values={part: value.shift(1) for part, value in output.values.items()})


def _undeclared_part(output: Output) -> Output:
    return dataclasses.replace(output, values={**output.values, "other": pl.lit("x")})


_LAWLESS: dict[str, tuple[str, Damage]] = {
    "a value where the mask is set": ("date", _raw_value_beside_fault),
    "a mask that is null": ("kana_full", _null_mask),
    "a mask where the source is missing": ("kana_full", always_fault),
    "empty text for no value": ("name_part", _empty_text),
    "different numbers become one": ("number_checked", _same_for_all),
    "parts swapped against the inverse": ("name_part", swapped(0, 1)),
    "parts of an amount that do not add up": ("split_amount", _values(add_character)),
    "the value of another row": ("copy", _shifted),
    "a part that is not declared": ("name_part", _undeclared_part),
}

_ROWS: dict[str, list[Row]] = {
    "date": [("1935-11-00",), ("x",), (None,)],
    "kana_full": [("ｶﾞ",), ("x-y",), (None,)],
    "name_part": [("山田　太郎",), ("山田",), (None,)],
    "number_checked": [("123456789018",), ("345678901234",), (None,)],
    "split_amount": [("5000",), ("12",), (None,)],
    "copy": [("a",), ("b",), (None,)],
}


@pytest.mark.parametrize(("name", "damage"), _LAWLESS.values(), ids=_LAWLESS.keys())
def test_a_broken_law_is_noticed_by_the_laws_themselves(name: str, damage: Damage) -> None:
    converter, call, rows = REGISTRY.converters[name], CALLS[name][0], _ROWS[name]
    check_laws(converter, converter.build, rows, call)
    with pytest.raises(AssertionError):
        check_laws(converter, damaged(converter.build, damage), rows, call)


def test_a_whole_table_expression_would_be_noticed_in_the_plan() -> None:
    lazy = pl.LazyFrame(schema={"a": pl.String}).select(pl.col("a").replace_strict({"1": "x"}, default=None))
    plan = lazy.show_graph(engine="streaming", plan_stage="physical", raw_output=True)
    assert plan is not None and "columnar-function" in plan
