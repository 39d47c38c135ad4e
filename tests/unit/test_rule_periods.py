"""Periods in months and parts of a year: one row that breaks the rule, one that just does not, one with a blank."""

from __future__ import annotations

import polars as pl
import pytest

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
from dmig.pipeline.ground import Ground
from dmig.pipeline.planting import BROKEN
from dmig.stages.check.forms import rule_expr

ITEMS = {"start": StandardType.DATE, "end": StandardType.DATE, "months": StandardType.INTEGER}
ITEMS |= {"part": StandardType.INTEGER, "whole": StandardType.INTEGER, "stage": StandardType.X}


def item(name: str) -> StandardItem:
    return StandardItem(
        item=name, name=name, group="g", type=ITEMS[name], max_chars=10, decimals=0, primary_key=name == "start",
        foreign_key="", code="", repeat=1, requirement=Requirement.OPTIONAL, must_output=False, unknown_date=False,
        sensitivity=Sensitivity.NONE, status="reconstructed", official_id="", definition="", source="test", line=1,
    )  # fmt: skip


GROUP = Group(group="g", name="g", unit="start", items=tuple(item(name) for name in ITEMS))
LAYOUT = StandardLayout(
    operation="test", title="", version="1", status="", national_id="", unit="start", dialect=CsvDialect(),
    groups=(GROUP,),
    parameters=(
        Parameter("rate.1", "", "", "0.5", "test", 1), Parameter("rate.2", "", "", "1.25", "test", 2),
        Parameter("rounding", "", "", "100", "test", 3),
    ),
)  # fmt: skip


def judged(kind: str, items: str, args: dict[str, str], **cells: str | None) -> bool:
    """Whether the rule holds for a row, by the engine; the second writing in plain Python must say the same."""
    rule = Rule(
        rule="R", group="g", kind=kind, items=tuple(items.split()), args=args, scope=Scope.RECORD,
        outcome=Outcome.REJECT, engines=("pandera",), basis="", advice_staff="", advice_engineer="", line=1,
    )  # fmt: skip
    row = dict.fromkeys(ITEMS) | cells
    frame = pl.DataFrame([row], schema=dict.fromkeys(ITEMS, pl.String))
    holds = bool(frame.select(rule_expr(rule, GROUP, LAYOUT)).item())
    assert BROKEN[kind](rule, row, Ground(GROUP, LAYOUT)) is not holds
    return holds


BEGUN = {"years": "0", "days": "-1", "months": "months", "begun": "free"}


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2025-04-01", "6", "2025-09-30"),
        ("2025-04-02", "6", "2025-10-31"),
        ("2025-04-30", "6", "2025-10-31"),
        ("2024-01-31", "1", "2024-02-29"),
        ("2023-12-15", "12", "2024-12-31"),
    ],
    ids=["from the first", "from the second", "from the last", "leap year", "over the year"],
)
def test_months_with_the_rest_of_a_month_that_has_begun(start: str, months: str, end: str) -> None:
    assert judged("period_length", "start end", BEGUN, start=start, end=end, months=months)
    assert not judged("period_length", "start end", BEGUN, start=start, end=end, months=str(int(months) + 1))
    day_less = f"{end[:8]}{int(end[8:]) - 1:02}"
    assert not judged("period_length", "start end", BEGUN, start=start, end=day_less, months=months)


def test_years_and_days_alone_are_as_before() -> None:
    args = {"years": "1", "days": "-1"}
    assert judged("period_length", "start end", args, start="2025-08-01", end="2026-07-31")
    assert not judged("period_length", "start end", args, start="2025-08-01", end="2026-08-01")


def test_a_blank_end_proves_nothing() -> None:
    assert judged("period_length", "start end", BEGUN, start="2025-04-01", months="6")


def test_so_many_months_of_twelve_cut_to_the_unit() -> None:
    args = {"rate": "1", "times": "months", "of": "12", "unit": "100"}
    assert judged("product", "part whole", args, part="30000", whole="72000", months="5")
    assert judged("product", "part whole", args, part="20900", whole="50400", months="5") is False
    assert judged("product", "part whole", args, part="21000", whole="50400", months="5")
    assert judged("product", "part whole", args, part="20500", whole="49300", months="5")
    assert not judged("product", "part whole", args, part="20600", whole="49300", months="5")


def test_a_parameter_without_codes_holds_for_all_codes() -> None:
    args = {"rate": "rate", "by": "stage", "unit": "rounding"}
    assert judged("product", "part whole", args, part="400", whole="900", stage="1")
    assert judged("product", "part whole", args, part="1100", whole="900", stage="2")
    assert not judged("product", "part whole", args, part="1125", whole="900", stage="2")
