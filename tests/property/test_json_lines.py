"""JSON lines are what another parser reads back, to the last digit."""

from __future__ import annotations

import json
from decimal import Decimal

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from dmig.targets.json_lines import Elements, Leaf, Members, json_lines

TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
RECORD = Members(
    (
        ("名前", Leaf("text")),
        ("額", Leaf("amount")),
        ("数", Leaf("number")),
        (
            "群",
            Members((("中", Leaf("text")), ("表", Elements((Leaf("number"), Leaf("number")), count="count"))), "there"),
        ),
        ("列", Elements((Leaf("float"), Members((("x", Leaf("text")),))))),
        ("空", Elements(())),
    )
)
ROWS = st.fixed_dictionaries(
    {
        "text": TEXTS,
        "amount": st.none() | st.integers(-(10**25), 10**25).map(lambda units: Decimal(units).scaleb(-2)),
        "number": st.none() | st.integers(-(2**63), 2**63 - 1),
        "there": st.booleans(),
        "count": st.integers(0, 2),
        "float": st.none() | st.floats(allow_nan=False, allow_infinity=False),
    }
)
SCHEMA = {
    "text": pl.String, "amount": pl.Decimal(28, 2), "number": pl.Int64, "there": pl.Boolean, "count": pl.Int64,
    "float": pl.Float64,
}  # fmt: skip


@given(st.lists(ROWS, min_size=1, max_size=10))
def test_another_parser_reads_what_was_written(rows: list[dict[str, object]]) -> None:
    lines = json_lines(pl.DataFrame(rows, schema=SCHEMA), RECORD)
    for line, row in zip(lines, rows, strict=True):
        assert "\n" not in line
        found = json.loads(line, parse_float=Decimal, parse_int=Decimal)
        number = row["number"]
        group = {"中": row["text"], "表": [number] * row["count"]} if row["there"] else None  # type: ignore[operator]
        assert found["名前"] == row["text"]
        assert found["額"] == row["amount"]
        assert found["数"] == number
        assert found["群"] == group
        assert found["空"] == []
        assert [None if row["float"] is None else float(found["列"][0]), found["列"][1]] == [
            row["float"],
            {"x": row["text"]},
        ]
