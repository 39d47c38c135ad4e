"""Values taken as they are: a copy, a constant, the first filled of several."""

from __future__ import annotations

import polars as pl

from dmig.converters.contract import SINGLE, ArgSpec, Converter, Output, Request
from dmig.converters.outcome import NEVER, TEXT, Scope

#: The most sources that one call joins or chooses from.
MAX_SOURCES = 9


def build_copy(request: Request) -> Output:
    """The source itself."""
    return Scope(text=request.sources[0]).single(TEXT)


def build_const(request: Request) -> Output:
    """The declared value in every row; a literal, so it takes the length of the frame it is set in."""
    return Output(values={SINGLE: pl.lit(request.arg("value"), dtype=pl.String)}, fault=NEVER)


def build_coalesce(request: Request) -> Output:
    """The first filled source; null only where all are missing."""
    return Scope(text=pl.coalesce(request.sources)).single(TEXT)


CONVERTERS = (
    Converter(name="copy", build=build_copy, lossless=True, inverse="copy"),
    Converter(
        name="const", build=build_const, sources=(0, 0), args=(ArgSpec("value", required=True),), on_null="value"
    ),
    Converter(name="coalesce", build=build_coalesce, sources=(1, MAX_SOURCES), optional=tuple(range(MAX_SOURCES))),
)
