"""Truth finds what the program breaks: each damaged converter or legacy type makes the comparison with truth fail."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from e2e_support import GROUPS, ROOT, Delivery, column, deliver, dicts_of, differing, request_for, run

from dmig.converters.contract import Output, Registry, Request
from dmig.converters.registry import builtin
from dmig.errors import LawBroken

Damage = Callable[[Output, Request], Output]
Change = Callable[[pl.Expr], pl.Expr]


def value(change: Change, part: str = "") -> Damage:
    """Damage one output."""

    def damage(output: Output, request: Request) -> Output:
        return dataclasses.replace(output, values={**output.values, part: change(output.values[part])})

    return damage


def drop_last(cell: pl.Expr) -> pl.Expr:
    return cell.str.head(-1)


def drop_first(cell: pl.Expr) -> pl.Expr:
    return cell.str.slice(1)


def year_more(cell: pl.Expr) -> pl.Expr:
    year = cell.str.head(4).cast(pl.Int64, strict=False)
    later = (year + 1).cast(pl.String).str.zfill(4) + cell.str.slice(4)
    return pl.when(year > 0).then(later).otherwise(cell)


def month_and_day_swapped(cell: pl.Expr) -> pl.Expr:
    return cell.str.head(5) + cell.str.tail(2) + pl.lit("-") + cell.str.slice(5, 2)


def first_word(cell: pl.Expr) -> pl.Expr:
    return cell.str.split("\u3000").list.first()


def words_swapped(cell: pl.Expr) -> pl.Expr:
    words = cell.str.split("\u3000")
    return words.list.last() + pl.lit("\u3000") + words.list.first()


def other_digit(cell: pl.Expr) -> pl.Expr:
    return pl.when(cell == "1").then(pl.lit("2")).when(cell == "2").then(pl.lit("1")).otherwise(cell)


def flag_turned(cell: pl.Expr) -> pl.Expr:
    return pl.when(cell == "1").then(pl.lit("0")).when(cell == "0").then(pl.lit("1")).otherwise(cell)


def nothing(cell: pl.Expr) -> pl.Expr:
    return pl.when(False).then(cell)


def no_voice(cell: pl.Expr) -> pl.Expr:
    return cell.str.replace_all("ガ", "カ").str.replace_all("ダ", "タ").str.replace_all("ジ", "シ")


def half_digits(cell: pl.Expr) -> pl.Expr:
    return cell.str.replace_many(list("０１２３４５６７８９"), list("0123456789"))


def no_zeros(cell: pl.Expr) -> pl.Expr:
    return cell.str.strip_chars_start("0")


def turned_order(cell: pl.Expr) -> pl.Expr:
    return (1000 - cell.cast(pl.Int64, strict=False)).cast(pl.String)


def one_to_two(cell: pl.Expr) -> pl.Expr:
    return cell.str.replace_all("髙", "高").str.replace_all("﨑", "崎").str.replace_all("齋", "斎")


def parts_swapped(one: str, other: str) -> Damage:
    def damage(output: Output, request: Request) -> Output:
        values = {**output.values, one: output.values[other], other: output.values[one]}
        return dataclasses.replace(output, values=values)

    return damage


def untouched(output: Output, request: Request) -> Output:
    """The source as it came, with the converter's own faults."""
    [part] = output.values
    source = pl.when(~output.fault).then(request.sources[0])
    return dataclasses.replace(output, values={part: source})


def always_fault(output: Output, request: Request) -> Output:
    return dataclasses.replace(output, fault=request.sources[0].is_not_null())


#: Kind in the registry, name, what is wrong with it, the damage.
MUTANTS: tuple[tuple[str, str, str, Damage], ...] = (
    ("converters", "copy", "drops the last character", value(drop_last)),
    ("converters", "copy", "strips leading zeros", value(no_zeros)),
    ("converters", "code", "swaps two codes", lambda o, r: value(other_digit, next(iter(o.values)))(o, r)),
    ("converters", "code", "gives the old code", untouched),
    ("converters", "date", "a year too late", value(year_more, "date")),
    ("converters", "date", "day and month swapped", value(month_and_day_swapped, "date")),
    ("converters", "date", "flag turned", value(flag_turned, "fushoflag")),
    ("converters", "date", "wording lost", value(nothing, "fushohyoki")),
    ("converters", "date", "parts of a date swapped", parts_swapped("date", "fushoflag")),
    ("converters", "name_full", "first part only", value(first_word)),
    ("converters", "name_full", "family and given name swapped", value(words_swapped)),
    ("converters", "name_full", "blank not made one", untouched),
    ("converters", "name_full", "old forms of letters made new", value(one_to_two)),
    ("converters", "kana_full", "drops the last character", value(drop_last)),
    ("converters", "kana_full", "voiced marks lost", value(no_voice)),
    ("converters", "kana_full", "half width left", untouched),
    ("converters", "relation", "codes swapped", parts_swapped("code1", "code2")),
    ("converters", "relation", "second code lost", value(nothing, "code2")),
    ("converters", "relation", "wording loses its end", value(drop_last, "hyoki")),
    ("converters", "banchi_katagaki", "parts swapped", parts_swapped("banchi", "katagaki")),
    ("converters", "banchi_katagaki", "building lost", value(nothing, "katagaki")),
    ("converters", "banchi_katagaki", "half-width digits", value(half_digits, "banchi")),
    ("converters", "fullwidth", "half-width digits", value(half_digits)),
    ("converters", "fullwidth", "drops the first character", value(drop_first)),
    ("converters", "fullwidth", "refuses all", always_fault),
    ("converters", "date_plain", "a year too late", value(year_more)),
    ("converters", "name_part", "parts lose their end", lambda o, r: value(drop_last, next(iter(o.values)))(o, r)),
    ("converters", "concat", "drops the first character", value(drop_first)),
    ("converters", "const", "drops the last character", value(drop_last)),
    ("converters", "digits_only", "drops the last character", value(drop_last)),
    ("converters", "number_checked", "strips leading zeros", value(no_zeros)),
    ("converters", "pad_left", "does not pad", value(no_zeros)),
    ("converters", "substring", "drops the last character", value(drop_last)),
    ("legacy_types", "seireki8", "a year too late", value(year_more)),
    ("legacy_types", "time6", "drops the first character", value(drop_first)),
    ("legacy_types", "key", "strips leading zeros", value(no_zeros)),
    ("legacy_types", "int", "counts backwards", value(turned_order)),
    ("legacy_types", "kana", "drops the last character", value(drop_last)),
    ("legacy_types", "text", "first word only", value(first_word)),
    ("legacy_types", "code", "swaps two codes", value(other_digit)),
    ("legacy_types", "wareki7", "a year too late", value(year_more)),
    ("legacy_types", "flag", "turned", value(flag_turned)),
)


#: Damages of parts or values that only 住民記録 has.
ONLY_IN_JUMIN_DAMAGE = {
    "flag turned",
    "wording lost",
    "parts of a date swapped",
    "old forms of letters made new",
    "turned",
}


#: How damage shows without the truth. Where the rules refuse all rows that are damaged nothing is left to compare.
WAYS = {"reconciliation", "row contract"}
#: Damages after which every row still looks right.
FOUND_BY_SECOND_READING = {
    "strips leading zeros", "swaps two codes", "a year too late", "day and month swapped", "first part only",
    "family and given name swapped", "old forms of letters made new", "voiced marks lost", "codes swapped", "does not pad",
    "second code lost", "building lost", "parts swapped", "parts lose their end", "first word only", "turned",
}  # fmt: skip


def damaged_build(build: Callable[[Request], Output], damage: Damage, request: Request) -> Output:
    return damage(build(request), request)


def damaged_registry(kind: str, name: str, damage: Damage) -> Registry:
    registry = builtin()
    entries: dict[str, Any] = getattr(registry, kind)
    entries[name] = dataclasses.replace(entries[name], build=partial(damaged_build, entries[name].build, damage))
    return registry


def city(once: Any) -> Delivery:
    found: Delivery = once("mutants city", lambda place: deliver(place / "city", 150, 20))
    return found


def outsiders(once: Any) -> Delivery:
    """住登外者宛名: the same converters and types, and a run takes a tenth of the time."""
    found: Delivery = once("mutants others", lambda place: deliver(place / "city", 150, 29, operation="jutogai"))
    return found


#: What the mapping of 住登外者宛名 has no use for, or not in this part; damaged in 住民記録 then.
ONLY_IN_JUMIN = {"relation", "const", "substring", "pad_left", "int"}


def differences(delivery: Delivery, folder: Path, registry: Callable[[], Registry]) -> list[str]:
    ran = run(request_for(delivery.inputs, folder, operation=delivery.operation, make_registry=registry))
    return differing(ran.published, delivery)


def test_the_city_has_what_the_mutants_damage(once: Any) -> None:
    for name in ("生年月日_不詳表記", "続柄コード2", "住所_方書", "在留期間_年"):
        assert sum(cell != "" for cell in column(city(once).truth(), name)) > 5, name
    assert sum(cell == "1" for cell in column(city(once).truth(), "生年月日_不詳フラグ")) > 5
    assert sum(cell.startswith("0") for cell in column(city(once).truth(), "宛名番号")) > 5
    assert any(letter in cell for cell in column(city(once).truth(), "氏名") for letter in "髙﨑齋")


def test_undamaged_there_is_no_difference(once: Any, tmp_path: Path) -> None:
    assert differences(city(once), tmp_path / "jumin", builtin) == []
    assert differences(outsiders(once), tmp_path / "jutogai", builtin) == []


def proved_wrong(result: dict[str, Any]) -> str:
    """How a run without truth beside it shows the damage: its reconciliation differs, or the row contract refuses."""
    differing = sum(signature["differing"] for signature in result["reconciliation"]["signatures"])
    refused = sum(counts["root"] for counts in result["rejects_by_code"].values())
    return "reconciliation" if differing else "row contract" if refused else ""


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: f"{m[1]}: {m[2]}")
def test_a_damaged_converter_is_found(once: Any, tmp_path: Path, mutant: tuple[str, str, str, Damage]) -> None:
    """By the truth, and without it by the run's own second reading or its rules."""
    kind, name, what, damage = mutant
    delivery = city(once) if name in ONLY_IN_JUMIN or what in ONLY_IN_JUMIN_DAMAGE else outsiders(once)
    registry = partial(damaged_registry, kind, name, damage)
    try:
        ran = run(request_for(delivery.inputs, tmp_path / "run", operation=delivery.operation, make_registry=registry))
    except LawBroken:
        return
    assert differing(ran.published, delivery)
    assert proved_wrong(ran.result) in ({"reconciliation"} if what in FOUND_BY_SECOND_READING else WAYS)


def test_every_converter_of_the_mapping_has_a_mutant() -> None:
    used, types = set(), set()
    for group in GROUPS["jumin"]:
        used |= {row["converter"] for row in dicts_of(ROOT / f"mappings/jumin/package/{group}.csv")}
    for path in sorted((ROOT / "schemas/legacy/package/jumin").glob("*.csv")):
        types |= {row["type"] for row in dicts_of(path)}
    assert used == {name for kind, name, _, _ in MUTANTS if kind == "converters"}
    assert types == {name for kind, name, _, _ in MUTANTS if kind == "legacy_types"}
    assert len(used) + len(types) >= 20


def test_a_year_too_late_is_found_by_the_reconciliation_too(once: Any, tmp_path: Path) -> None:
    """The second reading shares nothing with the conversion, so it needs no truth."""
    registry = partial(damaged_registry, "converters", "date", value(year_more, "date"))
    ran = run(request_for(city(once).inputs, tmp_path / "run", make_registry=registry))
    assert ran.result["exit_code"] == 4
    assert sum(signature["differing"] for signature in ran.result["reconciliation"]["signatures"]) > 50
