"""Rules of arithmetic against a second working-out in plain Python, and against published worked examples."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmig.model.layout import (
    CsvDialect,
    Group,
    Outcome,
    Parameter,
    Requirement,
    Rule,
    Scope,
    Sensitivity,
    StandardItem,
    StandardLayout,
    StandardType,
)
from dmig.pipeline import planting_amounts
from dmig.pipeline.ground import Ground
from dmig.pipeline.planting import planted, row_without_faults
from dmig.stages.check.forms import rule_expr
from dmig.stages.check.sets import set_violations

ITEMS = ("nendo", "kubun", "a", "b", "c", "ninzu")


def item(name: str) -> StandardItem:
    kind = StandardType.YEAR if name == "nendo" else StandardType.X if name == "kubun" else StandardType.SIGNED
    return StandardItem(
        item=name, name=name, group="g", type=kind, max_chars=15, decimals=0, primary_key=name == "nendo",
        foreign_key="", code="", repeat=1, requirement=Requirement.OPTIONAL, must_output=False, unknown_date=False,
        sensitivity=Sensitivity.NONE, status="reconstructed", official_id="", definition="", source="test", line=1,
    )  # fmt: skip


def parameter(name: str, first: str, last: str, value: str) -> Parameter:
    return Parameter(name, first, last, value, "test", 1)


GROUP = Group(group="g", name="g", unit="nendo", items=tuple(item(name) for name in ITEMS))
LAYOUT = StandardLayout(
    operation="test", title="", version="1", status="", national_id="", unit="nendo", dialect=CsvDialect(),
    groups=(GROUP,),
    parameters=(
        parameter("ritsu", "", "2023", "0.06"), parameter("ritsu", "2024", "", "0.055"),
        parameter("gaku.1", "", "2023", "1000"), parameter("gaku.1", "2024", "", "1500"),
        parameter("gaku.2", "2024", "", "3000"), parameter("gendo", "2021", "", "100000"),
        parameter("hitori", "2021", "", "350000"), parameter("kasan", "2021", "", "210000"),
    ),
)  # fmt: skip
RULES = {
    "sum": [{}, {"minus": "ninzu"}, {"unit": "1000", "least": "0"}, {"minus": "ninzu", "unit": "100", "least": "0"}],
    "product": [
        {"rate": "ritsu", "at": "nendo"}, {"rate": "ritsu", "at": "nendo", "unit": "100", "minus": "c"},
        {"rate": "ritsu", "at": "nendo", "unit": "100", "round": "up"},
        {"rate": "ritsu", "at": "nendo", "minus": "c", "least": "0"},
        {"rate": "ritsu", "at": "nendo", "minus": "c", "least": "5", "unit": "10"},
    ],
    "amount": [{"parameter": "gaku", "at": "nendo", "by": "kubun"}, {"parameter": "gendo", "at": "nendo"}],
    "limit": [{"most": "gendo", "at": "nendo"}, {"least": "0"}, {"least": "5", "most": "gendo", "at": "nendo"}],
    "adjustment": [
        {"rate": "ritsu", "limit": "gendo", "least": "50", "at": "nendo"},
        {"rate": "ritsu", "limit": "gendo", "least": "50", "income": "ninzu", "most": "hitori", "at": "nendo"},
    ],
    "exempt": [
        {"expected": "1", "only": "below", "limit": "gendo", "at": "nendo", "per": "hitori", "members": "ninzu"},
        {"expected": "1|2", "limit": "gendo", "per": "hitori", "members": "ninzu", "extra": "kasan", "at": "nendo"}
    ],
    "at_limit": [
        {"limit": "gendo", "per": "hitori", "members": "ninzu", "extra": "kasan", "at": "nendo"},
        {"limit": "gendo", "near": "1000", "at": "nendo"},
    ],
}  # fmt: skip
JUDGED = {"sum": ("a", "b", "c"), "product": ("a", "b"), "exempt": ("kubun", "a"), "adjustment": ("a", "b", "c")}
AMOUNTS = st.one_of(
    st.none(),
    st.integers(-10, 10).map(str),
    st.sampled_from(["99999", "100000", "100001", "450000", "450001", "1010000", "2380000", "1000", "1500", "3000"]),
    st.integers(0, 10**12).map(str),
)
ROWS = st.fixed_dictionaries(
    {"nendo": st.sampled_from([None, "2020", "2023", "2024"]), "kubun": st.sampled_from([None, "1", "2", "3"]),
     "a": AMOUNTS, "b": AMOUNTS, "c": AMOUNTS, "ninzu": st.sampled_from([None, "0", "1", "3"])}
)  # fmt: skip
EVERY = [(kind, args) for kind, found in RULES.items() for args in found]


def rule(kind: str, args: dict[str, str], items: tuple[str, ...] | None = None) -> Rule:
    return Rule(
        rule="T1", group="g", kind=kind, items=items or JUDGED.get(kind, ("a",)), args=args, scope=Scope.RECORD,
        outcome=Outcome.REJECT, engines=("pandera",), basis="test", advice_staff="", advice_engineer="", line=1,
    )  # fmt: skip


def holds(judged: Rule, rows: list[dict[str, Any]]) -> list[bool]:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(ITEMS, pl.String))
    return frame.select(rule_expr(judged, GROUP, LAYOUT).alias("holds"))["holds"].to_list()


@given(st.sampled_from(EVERY), st.lists(ROWS, min_size=1, max_size=20), st.booleans())
def test_rules_of_arithmetic_are_what_plain_python_says(
    chosen: tuple[str, dict[str, str]], rows: list[dict[str, str | None]], right: bool
) -> None:
    judged, ground = rule(*chosen), Ground(GROUP, LAYOUT)
    if right:
        # Amounts drawn at random hardly ever come out right: half of the rows are made to.
        for row in rows:
            planting_amounts.MENDED[judged.kind](judged, row, ground)
    expected = [not planting_amounts.BROKEN[judged.kind](judged, row, ground) for row in rows]
    assert holds(judged, rows) == expected


@pytest.mark.parametrize(("kind", "args"), EVERY)
def test_a_planted_fault_is_found_and_the_row_before_is_sound(kind: str, args: dict[str, str]) -> None:
    judged, ground = rule(kind, args), Ground(GROUP, LAYOUT)
    sound = row_without_faults(ground, [judged])
    assert holds(judged, [sound, planted(judged, sound, ground).row]) == [True, False]


@pytest.mark.parametrize(
    ("kind", "args", "row", "right"),
    [
        # 課税標準 2,380,000 × 6 % − 調整控除 1,500 = 141,300, and one yen or 100 beside it.
        ("product", {"rate": "ritsu", "at": "nendo", "unit": "100", "minus": "c"},
         {"nendo": "2023", "a": "141300", "b": "2380000", "c": "1500"}, True),
        ("product", {"rate": "ritsu", "at": "nendo", "unit": "100", "minus": "c"},
         {"nendo": "2023", "a": "141200", "b": "2380000", "c": "1500"}, False),
        # No rate holds on a day that is not known: what cannot be proved is not passed over.
        ("product", {"rate": "ritsu", "at": "nendo"}, {"nendo": None, "a": "6", "b": "100"}, False),
        ("amount", {"parameter": "gaku", "at": "nendo", "by": "kubun"}, {"nendo": "2023", "kubun": "2", "a": "3000"}, False),
        ("amount", {"parameter": "gaku", "at": "nendo", "by": "kubun"}, {"nendo": "2024", "kubun": "2", "a": "3000"}, True),
        # 350,000 × (1 + 1) + 100,000 + 210,000 = 1,010,000 is still exempt, one yen more is not.
        ("exempt", RULES["exempt"][1], {"nendo": "2024", "kubun": "1", "a": "1010000", "ninzu": "1"}, True),
        ("exempt", RULES["exempt"][1], {"nendo": "2024", "kubun": "1", "a": "1010001", "ninzu": "1"}, False),
        ("exempt", RULES["exempt"][1], {"nendo": "2024", "kubun": "3", "a": "1010000", "ninzu": "1"}, False),
    ],
)  # fmt: skip
def test_worked_examples(kind: str, args: dict[str, str], row: dict[str, str], right: bool) -> None:
    assert holds(rule(kind, args), [dict.fromkeys(ITEMS) | row]) == [right]


def month12(total: int, unit: int = 100, months: int = 12) -> list[int]:
    """地方税法 20条の4の2: full units each month, what is left over in the first."""
    each = total // months // unit * unit
    return [total - (months - 1) * each] + [each] * (months - 1)


def split_rows(amounts: list[int]) -> pl.DataFrame:
    rows = [{"k": "1", "n": str(n), "a": str(amount), "part": 0, "row": n} for n, amount in enumerate(amounts)]
    return pl.DataFrame(
        rows, schema={"k": pl.String, "n": pl.String, "a": pl.String, "part": pl.UInt32, "row": pl.UInt32}
    )


@given(
    st.integers(0, 10**9), st.sampled_from([100, 1000]), st.integers(1, 12), st.integers(0, 11), st.integers(1, 5000)
)
def test_a_split_is_found_broken_exactly_when_an_amount_moved(
    total: int, unit: int, parts: int, at: int, moved: int
) -> None:
    judged = rule("split", {"unit": str(unit)}, ("k", "n", "a"))
    amounts = month12(total, unit, parts)
    assert set_violations(judged, split_rows(amounts), {})[0].is_empty()
    changed = list(amounts)
    changed[at % parts] += moved
    expected = changed != month12(sum(changed), unit, parts)
    assert (not set_violations(judged, split_rows(changed), {})[0].is_empty()) == expected


@pytest.mark.parametrize(
    ("total", "parts", "unit", "first", "each"),
    [(100000, 12, 100, 8700, 8300), (182500, 12, 100, 15300, 15200), (240500, 12, 100, 20500, 20000),
     (50300, 4, 1000, 14300, 12000), (3900, 4, 1000, 3900, 0), (202500, 4, 1000, 52500, 50000)],
)  # fmt: skip
def test_published_splits_are_right(total: int, parts: int, unit: int, first: int, each: int) -> None:
    amounts = [first] + [each] * (parts - 1)
    assert sum(amounts) == total
    assert set_violations(rule("split", {"unit": str(unit)}, ("k", "n", "a")), split_rows(amounts), {})[0].is_empty()


@pytest.mark.parametrize(("order", "right"), [("06|07|05", True), ("05|06|07", False)])
def test_the_first_of_a_split_is_the_first_of_its_order(order: str, right: bool) -> None:
    """Months of collection begin with June: the rest stands in the first label, not in the least number."""
    rows = split_rows([400, 300, 300]).with_columns(pl.Series("n", ["06", "07", "05"]))
    said, _ = set_violations(rule("split", {"unit": "100", "order": order}, ("k", "n", "a")), rows, {})
    assert said.is_empty() == right


DAYS = st.one_of(st.none(), st.sampled_from([f"2024-{m:02}-{d:02}" for m in (1, 2, 12) for d in (1, 28)]))


@given(st.lists(st.tuples(st.sampled_from("12"), DAYS, DAYS), min_size=1, max_size=8))
def test_periods_apart(periods: list[tuple[str, str | None, str | None]]) -> None:
    schema = {"k": pl.String, "f": pl.String, "t": pl.String}
    rows = (
        pl.DataFrame(periods, schema=schema, orient="row").with_row_index("row").with_columns(part=pl.lit(0, pl.UInt32))
    )
    said, _ = set_violations(rule("apart", {}, ("k", "f", "t")), rows, {})
    broken = 0
    for key in "12":
        own = sorted((f or "", t or "9999", t) for k, f, t in periods if k == key and f)
        starts_ends = [(f, t) for f, _, t in own]
        broken += any((t or "9999-12-31") >= g for (_, t), (g, _) in pairwise(starts_ends))
    assert said.height == broken


@given(
    st.lists(st.tuples(st.sampled_from("123"), st.integers(0, 5)), max_size=8),
    st.lists(st.tuples(st.sampled_from("123"), st.integers(-5, 5), st.sampled_from("xy")), max_size=12),
)
def test_sums_of_another_group(totals: list[tuple[str, int]], amounts: list[tuple[str, int, str]]) -> None:
    judged = rule("sum_of", {"group": "h", "item": "a", "of_where": "c:x"}, ("k", "t"))
    rows = pl.DataFrame([(k, str(t)) for k, t in totals], schema={"k": pl.String, "t": pl.String}, orient="row")
    rows = rows.with_row_index("row").with_columns(part=pl.lit(0, pl.UInt32))
    schema = {"k": pl.String, "a": pl.String, "c": pl.String}
    others = pl.DataFrame([(k, str(a), c) for k, a, c in amounts], schema=schema, orient="row")
    said, judged_rows = set_violations(judged, rows, {}, others)
    wrong = [n for n, (k, t) in enumerate(totals) if t != sum(a for key, a, c in amounts if key == k and c == "x")]
    assert (said["row"].to_list(), judged_rows) == (wrong, len(totals))
