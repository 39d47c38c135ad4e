"""Named conditions as polars expressions: AND within a line, OR between lines; nothing is ever evaluated as code."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from dmig.model.mapping import ConditionLine

Test = Callable[[pl.Expr, tuple[str, ...]], pl.Expr]


def _filled(item: pl.Expr, values: tuple[str, ...]) -> pl.Expr:
    return item.is_not_null()


def _blank(item: pl.Expr, values: tuple[str, ...]) -> pl.Expr:
    return item.is_null()


#: Tests by name. Comparisons are of canonical text (ISO dates, padded keys); a blank item fails each but `blank`.
TESTS: dict[str, tuple[int, Test]] = {
    "is": (1, lambda item, values: item.is_in(list(values)).fill_null(False)),
    "is_not": (1, lambda item, values: (~item.is_in(list(values))).fill_null(False)),
    "filled": (0, _filled),
    "blank": (0, _blank),
    "starts_with": (1, lambda item, values: pl.any_horizontal(*(item.str.starts_with(v) for v in values)).fill_null(False)),
    "contains": (1, lambda item, values: pl.any_horizontal(*(item.str.contains(v, literal=True) for v in values)).fill_null(False)),
    "at_least": (1, lambda item, values: (item >= values[0]).fill_null(False)),
    "at_most": (1, lambda item, values: (item <= values[0]).fill_null(False)),
}  # fmt: skip


def condition_expr(lines: tuple[ConditionLine, ...], masks: Mapping[str, str] | None = None) -> pl.Expr:
    """The condition as a boolean expression that is never null.

    `masks` names, by item, the column that says where its cell could not be read: such a cell is not blank, and no
    test holds for it, so a condition never sends a faulty row out of sight.
    """
    grouped: dict[str, list[pl.Expr]] = {}
    for line in lines:
        _, test = TESTS[line.test]
        holds = test(pl.col(line.item), line.values)
        unread = (masks or {}).get(line.item)
        grouped.setdefault(line.line, []).append(holds & ~pl.col(unread) if unread else holds)
    return pl.any_horizontal(*(pl.all_horizontal(*tests) for tests in grouped.values()))


def condition_items(lines: tuple[ConditionLine, ...]) -> tuple[str, ...]:
    """The items a condition reads, each once, in the order of its lines."""
    return tuple(dict.fromkeys(line.item for line in lines))
