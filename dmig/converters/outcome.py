"""How every build closes: masks hold no nulls, and no value stands where a source is missing or the mask is set."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from dmig.converters.contract import SINGLE, Output

#: No value, as text.
NOTHING = pl.lit(None, dtype=pl.String)

#: A mask that is never set.
NEVER = pl.lit(False)

#: What counts as blank at the ends of a text: the half-width and the full-width space.
BLANKS = " \u3000"


def outcome(
    present: pl.Expr,
    values: Mapping[str, pl.Expr],
    fault: pl.Expr,
    findings: Mapping[str, pl.Expr] | None = None,
) -> Output:
    """Parts that come and fail together: where `present` holds, either all of them or the fault.

    A test that is null (no answer) counts as not met, so a fault must be put as a doubt: `~(text is good)` is
    wrong where the test may be null, `~good.fill_null(False)` is right.
    """
    mask = present & fault.fill_null(False)
    good = present & ~mask
    return Output(
        values={part: pl.when(good).then(value).otherwise(NOTHING) for part, value in values.items()},
        fault=mask,
        findings={code: good & found.fill_null(False) for code, found in (findings or {}).items()},
    )


def single(
    source: pl.Expr, value: pl.Expr, fault: pl.Expr = NEVER, findings: Mapping[str, pl.Expr] | None = None
) -> Output:
    """The outcome of one source and one output."""
    return outcome(source.is_not_null(), {SINGLE: value}, fault, findings)


def chosen(text: str) -> list[str]:
    """The values of a list argument, which are joined by `|`."""
    return [value for value in text.split("|") if value]
