"""Conditions as polars expressions against a tiny interpreter that knows nothing of polars."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmig.model.mapping import ConditionLine, Place
from dmig.plan.conditions import TESTS, condition_expr, condition_items

PLACE = Place("conditions.csv", 2)
Row = dict[str, str | None]


def line(number: str, item: str, test: str, *values: str) -> ConditionLine:
    return ConditionLine("c", number, item, test, values, PLACE)


def test_holds(cell: str | None, test: str, values: tuple[str, ...]) -> bool:
    """One test on one cell. A blank cell fails every test but `blank`."""
    if test == "blank":
        return cell is None
    if cell is None:
        return False
    match test:
        case "filled":
            return True
        case "is":
            return cell in values
        case "is_not":
            return cell not in values
        case "starts_with":
            return any(cell[: len(value)] == value for value in values)
        case "contains":
            return any(value in cell for value in values)
        case "at_least":
            return not cell < values[0]
        case "at_most":
            return not cell > values[0]
    raise AssertionError(test)


test_holds.__test__ = False  # type: ignore[attr-defined]


def holds(row: Row, lines: list[ConditionLine]) -> bool:
    """AND among the tests of a line, OR between lines."""
    by_line: dict[str, bool] = {}
    for one in lines:
        by_line[one.line] = by_line.get(one.line, True) and test_holds(row[one.item], one.test, one.values)
    return any(by_line.values())


ITEMS = ("a", "b", "c")
TEXT = st.text("01あ-.^$*\\[(", max_size=4).filter(bool)
CELLS = st.none() | TEXT | st.sampled_from(["2024-01-01", "0000-00-00", "9999-12-31", "1", "10", "2"])
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(ITEMS, CELLS)), min_size=0, max_size=12)
LINES = st.lists(
    st.builds(
        ConditionLine,
        condition=st.just("c"),
        line=st.sampled_from("123"),
        item=st.sampled_from(ITEMS),
        test=st.sampled_from(sorted(TESTS)),
        values=st.lists(TEXT | st.sampled_from(["2024-01-01", "1", "10"]), min_size=1, max_size=3).map(tuple),
        place=st.just(PLACE),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=300, deadline=None)
@given(rows=ROWS, lines=LINES)
def test_the_expression_says_what_the_interpreter_says(rows: list[Row], lines: list[ConditionLine]) -> None:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(ITEMS, pl.String), orient="row")
    said = frame.select(condition_expr(tuple(lines)).alias("said"))["said"]
    assert said.null_count() == 0
    assert said.to_list() == [holds(row, lines) for row in rows]


@settings(max_examples=50, deadline=None)
@given(rows=ROWS, lines=LINES)
def test_neither_the_order_of_lines_nor_the_cut_of_the_frame_matters(
    rows: list[Row], lines: list[ConditionLine]
) -> None:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(ITEMS, pl.String), orient="row")
    whole = frame.select(condition_expr(tuple(lines)).alias("said"))["said"].to_list()
    turned = frame.select(condition_expr(tuple(reversed(lines))).alias("said"))["said"].to_list()
    assert whole == turned
    for at in range(len(rows)):
        assert frame[at : at + 1].select(condition_expr(tuple(lines)).alias("said"))["said"].to_list() == [whole[at]]


@pytest.mark.parametrize(
    ("test", "values", "true", "false"),
    [
        ("is", ("1", "2"), ["1", "2"], ["12", "", None, "１"]),
        ("is_not", ("1", "2"), ["3", "12", "１"], ["1", "2", None]),
        ("filled", (), ["x", "0"], [None]),
        ("blank", (), [None], ["x", "0"]),
        ("starts_with", ("10", "2"), ["10", "100", "2x"], ["1", "010", None]),
        ("contains", (".",), ["a.b"], ["ab", None]),
        ("at_least", ("2020-04-01",), ["2020-04-01", "9999-12-31", "2020-04-A1"], ["2020-03-31", "0000-00-00", None]),
        ("at_most", ("2020-04-01",), ["2020-04-01", "0000-01-01"], ["2020-04-02", None]),
    ],
)
def test_each_test_on_cells_that_matter(
    test: str, values: tuple[str, ...], true: list[str | None], false: list[str | None]
) -> None:
    frame = pl.DataFrame({"a": [*true, *false]}, schema={"a": pl.String})
    said = frame.select(condition_expr((line("1", "a", test, *values),)).alias("said"))["said"].to_list()
    assert said == [True] * len(true) + [False] * len(false)


def test_and_within_a_line_or_between_lines() -> None:
    lines = (line("1", "a", "is", "x"), line("1", "b", "is", "y"), line("2", "a", "is", "z"))
    frame = pl.DataFrame({"a": ["x", "x", "z", None], "b": ["y", "n", None, "y"]})
    assert frame.select(condition_expr(lines).alias("said"))["said"].to_list() == [True, False, True, False]


def test_items_each_once_in_order() -> None:
    lines = (line("1", "b", "filled"), line("1", "a", "is", "x"), line("2", "b", "blank"))
    assert condition_items(lines) == ("b", "a")
    assert condition_items(()) == ()


def test_every_test_of_the_program_is_known_here() -> None:
    assert set(TESTS) == {"is", "is_not", "filled", "blank", "starts_with", "contains", "at_least", "at_most"}
