"""Codes by an agreed table: up to four legacy values, dated, `*` matches any, the more specific row wins."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from dmig.converters.contract import SINGLE, ArgSpec, Converter, Output, Request
from dmig.converters.iso_dates import earliest, latest
from dmig.converters.outcome import chosen
from dmig.model.mapping import CodeRow

ANY = "*"
BLANK = "(blank)"


def _matches(row: CodeRow, sources: tuple[pl.Expr, ...], as_of: pl.Expr | None) -> pl.Expr:
    """Whether a row of the table holds for the sources (and on the event date, when one is given)."""
    tests = []
    for value, source in zip(row.legacy, sources, strict=True):
        if value == BLANK:
            tests.append(source.is_null())
        elif value != ANY:
            tests.append((source == value).fill_null(False))
    if as_of is not None and (row.valid_from or row.valid_to):
        # An event day with unknown parts belongs to a period only with every day that it may be.
        tests += [(earliest(as_of) >= row.valid_from).fill_null(False)] if row.valid_from else []
        tests += [(latest(as_of) <= row.valid_to).fill_null(False)] if row.valid_to else []
    return pl.all_horizontal(*tests) if tests else pl.lit(True)


def _doubtful(row: CodeRow, sources: tuple[pl.Expr, ...], as_of: pl.Expr | None) -> pl.Expr:
    """Whether a dated row may hold for an event day with unknown parts, but need not."""
    if as_of is None or not (row.valid_from or row.valid_to):
        return pl.lit(False)
    dated = _matches(row, sources, as_of)
    possible = _matches(replace(row, valid_from="", valid_to=""), sources, as_of)
    if row.valid_from:
        possible = possible & (latest(as_of) >= row.valid_from).fill_null(False)
    if row.valid_to:
        possible = possible & (earliest(as_of) <= row.valid_to).fill_null(False)
    return possible & ~dated


def _chain(cases: list[tuple[pl.Expr, str]]) -> pl.Expr:
    """when/then over all cases; blank text means no value."""
    chain = pl.lit(None, pl.String)
    for test, value in reversed(cases):
        chain = pl.when(test).then(pl.lit(value or None, pl.String)).otherwise(chain)
    return chain


def _code(request: Request) -> Output:
    table = request.table
    if table is None:
        raise ValueError("the compiler lets no code converter pass without its table")
    sources, as_of = request.sources, None
    if request.arg("as_of"):
        sources, as_of = request.sources[:-1], request.sources[-1]
    rows = sorted(table.rows, key=lambda row: row.legacy.count(ANY))
    matches = [(_matches(row, sources, as_of), row) for row in rows]
    present = sources[0].is_not_null()
    agreed = [(test, row) for test, row in matches if row.state == "agreed"]
    doubtful = pl.any_horizontal(*(_doubtful(row, sources, as_of) for row in rows if row.state == "agreed"), False)
    known = pl.any_horizontal(*(test for test, _ in agreed), False) & ~doubtful
    opened = [test for test, row in matches if row.state == "open"]
    still_open = pl.any_horizontal(*opened) & ~known & present if opened else pl.lit(False)
    undated = present & doubtful
    values = {
        part: pl.when(present & ~doubtful).then(_chain([(test, row.standard[number]) for test, row in agreed]))
        for number, part in enumerate(table.parts)
    }
    return Output(values, present & ~known, {"CNV091": still_open & ~doubtful, "CNV092": undated})


def _given_back(request: Request) -> list[tuple[str, tuple[str, ...]]]:
    """The agreed legacy codes that their standard codes alone lead back to, each with these.

    `parts` chooses the columns of the table that are looked at. Codes of several legacy columns, codes that match any
    text and codes that stand for nothing lead nowhere.
    """
    table = request.table
    if table is None:
        raise ValueError("the compiler lets no code converter pass without its table")
    chosen_parts = [table.parts.index(part) for part in chosen(request.arg("parts"))] or range(len(table.parts))
    legacy: dict[tuple[str, ...], set[str]] = {}
    for row in table.rows:
        if row.state == "agreed":
            codes = legacy.setdefault(tuple(row.standard[n] for n in chosen_parts), set())
            codes.add(row.legacy[0] if len(row.legacy) == 1 and row.legacy[0] not in (ANY, BLANK) else "")
    return [(next(iter(c)), s) for s, c in legacy.items() if len(c) == 1 and "" not in c and any(s)]


def _code_source(request: Request) -> Output:
    """The legacy code of standard codes, where no other legacy code has the same. Fault: none or several have them."""
    columns = request.sources
    cases = [
        (pl.all_horizontal(*(column.eq_missing(pl.lit(code or None, pl.String))
                             for column, code in zip(columns, standard, strict=True))), legacy)
        for legacy, standard in _given_back(request)
    ]  # fmt: skip
    present = pl.any_horizontal(*(column.is_not_null() for column in columns))
    known = pl.any_horizontal(*(test for test, _ in cases), False)
    return Output({SINGLE: _chain(cases)}, present & ~known)


def _invertible(request: Request) -> pl.Expr:
    """Sources that `code_source` gives back."""
    return request.sources[0].is_in([legacy for legacy, _ in _given_back(request)])


CODE = Converter(
    name="code",
    build=_code,
    sources=(1, 5),
    optional=(1, 2, 3, 4),
    args=(ArgSpec("as_of", "choice", choices=("last",)),),
    parts=("*",),
    fault_code="CNV090",
    finding_codes=("CNV091", "CNV092"),
    explains=("CNV091", "CNV092"),
    needs_table=True,
    inverse="code_source",
    invertible=_invertible,
    basis="agreed code tables of the mapping",
)
CODE_SOURCE = Converter(
    name="code_source",
    build=_code_source,
    sources=(1, 9),
    optional=tuple(range(9)),
    args=(ArgSpec("parts", kind="list"),),
    fault_code="CNV090",
    needs_table=True,
    basis="inverse of `code`",
)
