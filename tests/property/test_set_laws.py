"""Rules over a whole batch: once the units that they name are taken out, what is left holds, whoever shared a set."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmig.model.layout import Outcome, Rule, Scope
from dmig.stages.check.sets import UNIT, set_violations

KEYS = st.sampled_from("123") | st.none()
DAYS = st.sampled_from([f"2024-{month:02}-{day:02}" for month in (1, 2, 3) for day in (1, 15, 28)])
ROWS = st.lists(
    st.fixed_dictionaries(
        {UNIT: st.sampled_from("ABCD") | st.none(), "k": KEYS, "begin": DAYS, "end": DAYS | st.none()}
    ),
    max_size=12,
)
SCHEMA = {UNIT: pl.String, "k": pl.String, "begin": pl.String, "end": pl.String}


def rule(kind: str, items: tuple[str, ...], scope: Scope = Scope.BATCH, **args: str) -> Rule:
    return Rule(
        rule="R1", group="g", kind=kind, items=items, args=args, scope=scope, outcome=Outcome.REJECT,
        engines=("duckdb",), basis="", advice_staff="", advice_engineer="", line=1,
    )  # fmt: skip


RULES = {
    "unique": rule("unique", ("k",)),
    "exists": rule("exists", ("k",), group="h", item="k"),
    "apart": rule("apart", ("k", "begin", "end")),
}


def holds(kind: str, rows: list[dict[str, Any]]) -> bool:
    """Worked out again in plain Python."""
    known = [row for row in rows if row["k"] is not None]
    if kind == "exists":
        return all(row["k"] == "1" for row in known)
    if kind == "unique":
        return len({row["k"] for row in known}) == len(known)
    known.sort(key=lambda row: (row["k"], row["begin"], row["end"] or "9999"))
    return all(a["k"] != b["k"] or (a["end"] or "9999") < b["begin"] for a, b in pairwise(known))


@pytest.mark.parametrize("kind", RULES)
@settings(max_examples=200, deadline=None)
@given(given_rows=ROWS)
def test_what_is_left_holds(kind: str, given_rows: list[dict[str, Any]]) -> None:
    rows = pl.DataFrame(given_rows, schema=SCHEMA, orient="row").with_row_index("row")
    rows = rows.with_columns(part=pl.lit(0, pl.UInt32))
    said, _ = set_violations(RULES[kind], rows, {}, pl.DataFrame({"k": ["1"]}))
    assert said.is_empty() == holds(kind, given_rows)
    named = [given_rows[at] for at in said["row"]]
    gone = {row[UNIT] for row in named if row[UNIT] is not None}
    left = [row for at, row in enumerate(given_rows) if row[UNIT] not in gone and at not in set(said["row"])]
    assert holds(kind, left)
    # Each set is named once in each unit.
    told = [(row["k"], row[UNIT]) for row in named if row[UNIT] is not None]
    assert len(set(told)) == len(told)


def test_a_set_within_a_household_is_named_once() -> None:
    rows = pl.DataFrame({"row": [0, 1, 2], "part": [0, 0, 0], "k": ["1", "1", "1"], UNIT: ["A", "B", "C"]})
    said, _ = set_violations(rule("unique", ("k",), Scope.HOUSEHOLD), rows, {})
    assert said["row"].to_list() == [0]
