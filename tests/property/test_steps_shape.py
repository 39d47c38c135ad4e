"""Laws of the steps exclude, union and sequence, against plain Python on lists of rows."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmig.errors import LawBroken
from dmig.model.mapping import ConditionLine, Place, StepRow
from dmig.stages.shape import run_steps
from dmig.steps.contract import ROW, TABLE, StepCall, StepResult
from dmig.steps.partitions import Stream
from dmig.steps.registry import step_kinds

PLACE = Place("steps.csv", 2)
KINDS = step_kinds()
KEYS = st.sampled_from(["0000000001", "0000000002", "3", "あ", "a b"])
NUMBERS = st.sampled_from(["1", "2", "9", "10", "11", "100", "-3", "0"])
DATES = st.sampled_from(["2020-01-01", "2020-00-00", "1999-12-31", "0000-00-00", "9999-12-31"])
FLAGS = st.sampled_from(["0", "1", None, "2"])
Row = dict[str, Any]


def step(name: str, inputs: str = "a", keys: str = "", **args: str) -> StepRow:
    return StepRow("g", 1, name, tuple(inputs.split()), "out", tuple(keys.split()), tuple(args.items()), "", "", PLACE)


def frame(rows: list[Row], table: int = 0, start: int = 0) -> pl.DataFrame:
    schema = {TABLE: pl.UInt8, ROW: pl.UInt32, "key": pl.String, "no": pl.String, "day": pl.String, "flag": pl.String}
    numbered = [{TABLE: table, ROW: start + n, **row} for n, row in enumerate(rows)]
    return pl.DataFrame(numbered, schema=schema, orient="row")


def rows_of(null_keys: bool = False, null_order: bool = False) -> st.SearchStrategy[list[Row]]:
    return st.lists(
        st.fixed_dictionaries(
            {
                "key": KEYS | st.none() if null_keys else KEYS,
                "no": NUMBERS | st.none() if null_order else NUMBERS,
                "day": DATES,
                "flag": FLAGS,
            }
        ),
        max_size=25,
    )


def run(row: StepRow, *inputs: pl.DataFrame, **conditions: pl.Expr) -> StepResult:
    return KINDS[row.step].run(StepCall(row, conditions), list(inputs))


def law_holds(result: StepResult, *inputs: pl.DataFrame) -> bool:
    came = sum(one.height for one in inputs) + result.created + result.split
    return came == result.rows.height + result.merged + sum(result.excluded.values())


def given_by(rows: pl.DataFrame, item: str) -> list[int]:
    """What a step gave, as numbers: narrow passes may hold them as text or as integers."""
    found: list[int] = rows[item].cast(pl.Int64).to_list()
    return found


def identities(rows: pl.DataFrame) -> list[tuple[int, int]]:
    return list(rows.select(TABLE, ROW).iter_rows())


@settings(max_examples=150, deadline=None)
@given(rows=rows_of())
def test_exclude_takes_exactly_the_rows_that_meet_the_condition(rows: list[Row]) -> None:
    came = frame(rows)
    result = run(step("exclude", condition="gone", reason="論理削除"), came, gone=pl.col("flag") == "1")
    stay = [(0, n) for n, row in enumerate(rows) if row["flag"] != "1"]
    leave = [(0, n) for n, row in enumerate(rows) if row["flag"] == "1"]
    assert identities(result.rows) == stay
    assert result.fates is not None
    assert identities(result.fates) == leave
    assert set(result.fates["reason"]) <= {"論理削除"}
    assert result.excluded == {"論理削除": len(leave)}
    assert result.rows.columns == came.columns
    assert result.rows.equals(came[[n for _, n in stay]])
    assert law_holds(result, came)


@settings(max_examples=150, deadline=None)
@given(first=rows_of(null_keys=True), second=rows_of(null_keys=True), third=rows_of())
def test_union_keeps_all_rows_in_order_and_names_doubles(first: list[Row], second: list[Row], third: list[Row]) -> None:
    came = [frame(first, 0), frame(second, 1), frame(third, 2)]
    result = run(step("union", "a b c", "key no"), *came)
    assert identities(result.rows) == [pair for one in came for pair in identities(one)]
    assert result.rows.equals(pl.concat(came))
    seen: set[tuple[str, str]] = set()
    doubled = []
    for table, rows in enumerate((first, second, third)):
        for n, row in enumerate(rows):
            if row["key"] is None or row["no"] is None:
                continue
            if (row["key"], row["no"]) in seen:
                doubled.append((table, n))
            seen.add((row["key"], row["no"]))
    [finding] = result.findings
    assert (finding.code, finding.item, finding.rejects) == ("STP001", "key", False)
    assert identities(finding.rows) == doubled
    assert law_holds(result, *came)
    assert result.excluded == {}


@settings(max_examples=30, deadline=None)
@given(first=rows_of(), second=rows_of())
def test_union_of_tables_with_other_items_leaves_blanks(first: list[Row], second: list[Row]) -> None:
    one, other = frame(first, 0).drop("flag"), frame(second, 1).drop("day")
    result = run(step("union", "a b"), one, other)
    assert result.rows.height == len(first) + len(second)
    assert result.rows["flag"].to_list() == [None] * len(first) + [row["flag"] for row in second]
    assert result.rows["day"].to_list() == [row["day"] for row in first] + [None] * len(second)
    assert result.findings == ()


def place_in(text: str, row: Row) -> tuple[Any, ...]:
    """What a row is ordered by, for the ascending words of an order: text, or the number in it."""
    words = []
    for word in text.split():
        item, *how = word.split(":")
        words.append(int(row[item]) if "number" in how else row[item])
    return tuple(words)


@settings(max_examples=200, deadline=None)
@given(rows=rows_of(), text=st.sampled_from(["no:number", "no", "day no:number", "day"]))
def test_sequence_is_gapless_in_the_declared_order_and_the_last_is_the_latest(rows: list[Row], text: str) -> None:
    came = frame(rows)
    result = run(step("sequence", keys="key", order=text, number="seq", latest="now"), came)
    assert result.rows.drop("seq", "now").equals(came)
    groups: dict[str, list[int]] = defaultdict(list)
    for n, row in enumerate(rows):
        groups[row["key"]].append(n)
    expected: dict[int, tuple[int, int]] = {}
    for members in groups.values():
        ordered = sorted(members, key=lambda n: (place_in(text, rows[n]), n))
        for place, n in enumerate(ordered, start=1):
            expected[n] = (place, int(place == len(ordered)))
    said = zip(given_by(result.rows, "seq"), given_by(result.rows, "now"), strict=True)
    assert list(said) == [expected[n] for n in range(len(rows))]
    assert law_holds(result, came)
    assert result.excluded == {}


@settings(max_examples=100, deadline=None)
@given(rows=rows_of())
def test_descending_words_turn_the_order_but_ties_keep_the_source_order(rows: list[Row]) -> None:
    came = frame(rows)
    result = run(step("sequence", keys="key", order="day:desc no:number:desc", number="seq"), came)
    groups: dict[str, list[int]] = defaultdict(list)
    for n, row in enumerate(rows):
        groups[row["key"]].append(n)
    for members in groups.values():
        # Python keeps ties of a reversed sort in their order too, so ties stand in source order here.
        ordered = sorted(members, key=lambda n: -int(rows[n]["no"]))
        ordered.sort(key=lambda n: rows[n]["day"], reverse=True)
        numbers, latest = given_by(result.rows, "seq"), given_by(result.rows, "latest")
        assert [numbers[n] for n in ordered] == list(range(1, len(ordered) + 1))
        assert [latest[n] for n in ordered] == [0] * (len(ordered) - 1) + [1]


@settings(max_examples=150, deadline=None)
@given(rows=rows_of(null_order=True), text=st.sampled_from(["no:number", "no", "no:number:desc day", "no:desc"]))
def test_whatever_is_blank_numbers_stay_gapless_and_one_is_latest(rows: list[Row], text: str) -> None:
    result = run(step("sequence", keys="key", order=text, number="seq", latest="now"), frame(rows))
    for (_,), group in result.rows.group_by(["key"]):
        numbers, latest = given_by(group, "seq"), given_by(group, "now")
        assert sorted(numbers) == list(range(1, group.height + 1))
        assert sorted(latest) == [0] * (group.height - 1) + [1]
        assert numbers[latest.index(1)] == group.height


@settings(max_examples=60, deadline=None)
@given(rows=rows_of(), seed=st.randoms(use_true_random=False))
def test_sequence_does_not_depend_on_how_rows_are_mixed_between_tables(rows: list[Row], seed: Any) -> None:
    """With an order that leaves no ties, the numbers are a function of the rows alone."""
    distinct = list({(row["key"], row["no"]): row for row in rows}.values())
    mixed = distinct.copy()
    seed.shuffle(mixed)
    row = step("sequence", keys="key", order="no:number", number="seq")

    def numbers(source: list[Row]) -> dict[tuple[str, str], tuple[int, int]]:
        done = run(row, frame(source)).rows
        said = zip(given_by(done, "seq"), given_by(done, "latest"), strict=True)
        return dict(zip(done.select("key", "no").iter_rows(), said, strict=True))

    assert numbers(distinct) == numbers(mixed)


def test_numbers_are_ordered_as_numbers_and_text_as_text() -> None:
    rows = [{"key": "k", "no": no, "day": "2020-01-01", "flag": None} for no in ("10", "9", "2", "-3")]
    as_number = run(step("sequence", keys="key", order="no:number", number="seq"), frame(rows)).rows
    as_text = run(step("sequence", keys="key", order="no", number="seq"), frame(rows)).rows
    assert given_by(as_number, "seq") == [4, 3, 2, 1]
    assert given_by(as_text, "seq") == [2, 4, 3, 1]


def test_two_keys_are_one_key() -> None:
    rows = [{"key": "k", "no": "1", "day": "d", "flag": flag} for flag in ("0", "1", "0", "1", "1")]
    done = run(step("sequence", keys="key flag", order="no:number", number="seq"), frame(rows)).rows
    assert given_by(done, "seq") == [1, 1, 2, 2, 3]
    assert given_by(done, "latest") == [0, 0, 1, 0, 1]


#: exclude from both tables, bring them together, number them: the shape of a history.
CHAIN = (
    StepRow("g", 1, "exclude", ("a",), "a", (), (("condition", "gone"), ("reason", "削除")), "", "", PLACE),
    StepRow("g", 2, "exclude", ("b",), "b", (), (("condition", "gone"), ("reason", "削除")), "", "", PLACE),
    StepRow("g", 3, "union", ("a", "b"), "rows", ("key", "no"), (), "", "", PLACE),
    StepRow("g", 4, "sequence", ("rows",), "rows", ("key",),
            (("order", "no:number"), ("number", "seq"), ("latest", "now")), "", "", PLACE),
)  # fmt: skip
CONDITIONS = {"gone": (ConditionLine("gone", "1", "flag", "is", ("1",), PLACE),)}


def never(table: str, items: tuple[str, ...]) -> Stream:
    raise LawBroken(f"{table} is not looked up")


@settings(max_examples=80, deadline=None)
@given(first=rows_of(), second=rows_of())
def test_a_chain_of_steps_counts_every_row_once(first: list[Row], second: list[Row]) -> None:
    shaped = run_steps(
        CHAIN, KINDS, CONDITIONS, {"a": Stream.of(frame(first, 0)), "b": Stream.of(frame(second, 1))}, never
    )
    gone = sum(row["flag"] == "1" for row in (*first, *second))
    kept = len(first) + len(second) - gone
    assert shaped.stream.frame().height == kept
    assert sum(one.height for one in shaped.excluded) == gone
    assert [count.rows_in for count in shaped.counts] == [len(first), len(second), kept, kept]
    assert [count.rows_out for count in shaped.counts][2:] == [kept, kept]
    assert all(count.balanced() for count in shaped.counts)
    together = identities(shaped.stream.frame()) + [pair for one in shaped.excluded for pair in identities(one)]
    assert sorted(together) == [(0, n) for n in range(len(first))] + [(1, n) for n in range(len(second))]


LONG = (
    *CHAIN,
    StepRow("g", 5, "period", ("rows",), "dated", ("key",), (("from", "day"), ("to", "end"), ("ties", "no")), "", "", PLACE),
    StepRow("g", 6, "route", ("dated",), "some", (), (("condition", "gone"), ("rest", "others")), "", "", PLACE),
    StepRow("g", 7, "lookup", ("others",), "others", ("flag",),
            (("table", "dated"), ("as", "x"), ("items", "no day"), ("match", "no"), ("many", "first")), "", "", PLACE),
    StepRow("g", 8, "union", ("some", "others"), "rows", (), (), "", "", PLACE),
)  # fmt: skip
MADE = (
    StepRow("g", 1, "parents", ("a",), "made", ("key",), (("items", "no:join day"), ("members", "n")), "", "", PLACE),
    StepRow("g", 2, "sequence", ("made",), "made", ("key",), (("order", "day"), ("number", "seq")), "", "", PLACE),
)
SPREAD = (
    StepRow("g", 1, "exclude", ("a",), "a", (), (("condition", "gone"), ("reason", "r")), "", "", PLACE),
    StepRow("g", 2, "expand", ("a",), "rows", (),
            (("sets", "1:no|2:flag|3:key"), ("into", "what"), ("label", "which"), ("empty", "drop")), "", "", PLACE),
    StepRow("g", 3, "sequence", ("rows",), "rows", ("what",), (("order", "day"), ("number", "seq")), "", "", PLACE),
)  # fmt: skip
CHAINS = {"long": LONG, "made": MADE, "spread": SPREAD}


@settings(max_examples=120, deadline=None)
@given(first=rows_of(null_keys=True), second=rows_of(null_order=True), at_once=st.integers(1, 20))
@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_steps_in_parts_give_what_they_give_at_once(
    chain: tuple[StepRow, ...], first: list[Row], second: list[Row], at_once: int
) -> None:
    def everything(at_once: int) -> tuple[Any, ...]:
        start = {"a": frame(first, 0), "b": frame(second, 1)} if chain is LONG else {"a": frame(first, 0)}
        shaped = run_steps(
            chain, KINDS, CONDITIONS, {n: Stream.of(f) for n, f in start.items()}, never, at_once=at_once
        )
        said = [(step.n, f.code, *row) for step, f in shaped.findings for row in f.rows.iter_rows()]
        found = shaped.stream.frame()
        found = found.sort(TABLE, ROW, *(name for name in ("which",) if name in found.columns), nulls_last=True)
        members = [] if shaped.members is None else sorted(shaped.members.iter_rows())
        seen = [
            sorted(pl.concat(frames, how="diagonal").unique().iter_rows(), key=str)
            for frames in (shaped.excluded, shaped.looked_up)
            if frames
        ]
        return found.to_dicts(), [c.plus(c) for c in shaped.counts], sorted(said), members, seen

    assert everything(at_once) == everything(10**9)


@pytest.mark.parametrize("name", ["exclude", "union", "sequence"])
def test_steps_take_empty_streams(name: str) -> None:
    empty = frame([])
    row = step(name, "a b" if name == "union" else "a", "key", condition="gone", reason="r", order="no", number="seq")
    inputs = [empty, empty] if name == "union" else [empty]
    result = run(row, *inputs, gone=pl.col("flag") == "1")
    assert result.rows.height == 0
    assert law_holds(result, *inputs)
