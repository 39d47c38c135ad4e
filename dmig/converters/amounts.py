"""Numbers from text, and one amount split in two by a limit that holds from a date on."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from dmig.converters.contract import SINGLE, ArgSpec, Converter, Output, Request
from dmig.converters.legacy_types import plain_number
from dmig.converters.outcome import TEXT, Scope

#: Full-width digits and signs; ▲ and △ are how accounts write a minus.
_NUMBER_SIGNS = dict(zip("０１２３４５６７８９－−▲△＋，．", "0123456789----+,.", strict=True))

#: Up to fifteen digits: what 64-bit arithmetic adds without loss, written in the one canonical way.
_YEN = "^(?:0|[1-9][0-9]{0,14})$"
_SIGNED_YEN = "^(?:0|-?[1-9][0-9]{0,14})$"

_SINCE = re.compile("[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?", re.ASCII)
_PERIOD = {
    4: "^[0-9]{4}$",
    7: "^[0-9]{4}-(?:0[1-9]|1[0-2])$",
    10: "^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$",
}


def build_number(request: Request) -> Output:
    """A number in its one canonical writing, from text with full-width digits, ▲ for minus or thousands commas.

    `digits` is the most digits before the point, `scale` the most after it, `signed=no` refuses negative numbers.
    Fault: no number, or one that does not fit; nothing is rounded.
    """
    scale, digits = int(request.arg("scale", "0")), int(request.arg("digits", "0"))
    decimals = "(?:[.][0-9]+)?" if scale else ""
    whole = f"[0-9]{{1,{digits}}}" if digits else "[0-9]+"
    minus = "-?" if request.arg("signed", "yes") == "yes" else ""
    half, number = pl.field("half"), pl.field("number")
    scope = (
        Scope(text=request.sources[0])
        .then(half=TEXT.str.replace_many(list(_NUMBER_SIGNS), list(_NUMBER_SIGNS.values())))
        .then(number=plain_number(half.str.replace_all(",", "", literal=True)))
    )
    form = half.str.contains(f"^[+-]?(?:[0-9]{{1,3}}(?:,[0-9]{{3}})+|[0-9]+){decimals}$")
    fits = number.str.contains(f"^{minus}{whole}" + (f"(?:[.][0-9]{{1,{scale}}})?$" if scale else "$"))
    return scope.single(number, ~(form & fits))


def build_split_amount(request: Request) -> Output:
    """An amount split in two: `a` holds up to `limit` yen, `b` the rest; `a` + `b` is always the amount.

    The second source is the period of the amount (a year, or a date). With `since` (YYYY, YYYY-MM or YYYY-MM-DD)
    all is `a` before it (森林環境税 stands beside 均等割 from R6年度 on only). `limit=@name` takes the dated
    parameter of that name. Fault: a negative or not canonical amount, a period too vague for `since` or the
    parameter, or one that no row of the parameter holds.
    """
    since, steps = request.arg("since"), _limits(request)
    bounds = [bound for limit in steps for bound in (limit.first, limit.last) if bound] + ([since] if since else [])
    if bool(bounds) != (len(request.sources) == 2) or not all(_SINCE.fullmatch(bound) for bound in bounds):
        raise ValueError("a second source goes with since or a dated limit, whose bounds are years, months or days")
    amount, period = pl.field("amount"), pl.field("period")
    limit: pl.Expr = pl.lit(None, dtype=pl.Int64)
    for step in steps:
        limit = pl.when(within(period, step.first, step.last)).then(pl.lit(step.yen, dtype=pl.Int64)).otherwise(limit)
    limit = pl.when(~within(period, since, "")).then(amount).otherwise(limit) if since else limit
    wrong = ~TEXT.str.contains(_YEN) | pl.field("limit").is_null()
    if bounds:
        length = max(len(bound) for bound in bounds)
        known = period.str.slice(0, length).str.contains(_PERIOD[length]) & ~period.str.contains("^(?:0000|9999)")
        wrong = wrong | ~known
    first = pl.min_horizontal(amount, pl.field("limit"))
    scope = (
        Scope(text=request.sources[0], period=request.sources[-1])
        .then(amount=TEXT.cast(pl.Int64, strict=False))
        .then(limit=limit)
        .then(first=first)
    )
    parts = {"a": pl.field("first").cast(pl.String), "b": (amount - pl.field("first")).cast(pl.String)}
    return scope.outcome(parts, wrong, present=TEXT.is_not_null() & period.is_not_null())


@dataclass(frozen=True, slots=True)
class _Limit:
    """An amount and the first and last period that it holds for; blank is open."""

    yen: int
    first: str = ""
    last: str = ""


def _limits(request: Request) -> list[_Limit]:
    """The declared limit, or the rows of the dated parameter that it names; ValueError if it is no amount."""
    declared = request.arg("limit")
    rows = [_Limit(int(declared))] if not declared.startswith("@") else []
    if declared.startswith("@"):
        dated = request.parameters.get(declared[1:], ())
        rows = [_Limit(int(row.value), row.valid_from, row.valid_to) for row in dated]
    if not rows or any(row.yen < 0 for row in rows):
        raise ValueError("the limit is an amount or a parameter with at least one row, and not negative")
    return rows


def within(period: pl.Expr, first: str, last: str) -> pl.Expr:
    """Whether a period lies within two bounds, each compared at its own precision; blank bounds are open."""
    after = period.str.slice(0, len(first)) >= first if first else pl.lit(True)
    before = period.str.slice(0, len(last)) <= last if last else pl.lit(True)
    return after & before


def build_amount_sum(request: Request) -> Output:
    """The sum of canonical amounts. Fault: one of them is no amount of up to fifteen digits."""
    numbers = [source.cast(pl.Int64, strict=False) for source in request.sources]
    scope = Scope(
        given=pl.all_horizontal([source.is_not_null() for source in request.sources]),
        right=pl.all_horizontal([source.str.contains(_SIGNED_YEN) for source in request.sources]),
        sum=pl.sum_horizontal(numbers).cast(pl.String),
    )
    return scope.outcome({SINGLE: pl.field("sum")}, ~pl.field("right"), present=pl.field("given"))


CONVERTERS = (
    Converter(
        name="number",
        build=build_number,
        args=(
            ArgSpec("digits", kind="int"),
            ArgSpec("scale", kind="int"),
            ArgSpec("signed", kind="choice", choices=("yes", "no"), default="yes"),
        ),
        fault_code="CNV010",
        basis="データ型 9, 9V, S9",
    ),
    Converter(
        name="split_amount",
        build=build_split_amount,
        sources=(1, 2),
        args=(ArgSpec("limit", kind="amount", required=True), ArgSpec("since")),
        parts=("a", "b"),
        carries=("a", "b"),
        fault_code="CNV017",
        inverse="amount_sum",
        basis="森林環境税及び森林環境譲与税に関する法律: from R6年度",
    ),
    Converter(
        name="amount_sum",
        build=build_amount_sum,
        sources=(1, 9),
        fault_code="CNV010",
        basis="inverse of `split_amount`",
    ),
)
