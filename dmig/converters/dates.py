"""Legal dates in the standard layout: the date with its companions, and dates that must be known."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from dmig.converters import iso_dates
from dmig.converters.contract import ArgSpec, Converter, Output, Request
from dmig.converters.outcome import NOTHING, TEXT, Scope


def build_date(request: Request) -> Output:
    """A date that may be unknown: the ISO text, `0`/`1` for known/unknown, and the wording where it is unknown.

    Source 1 is a canonical date. Source 2 (optional) is the wording of the old system; where it is missing and the
    date is unknown, the wording is made from the known parts. A complete day that no calendar has (29 February of a
    common year) and the open start and end are not unknown. Finding: a wording (頃, 推定) stands beside a known date
    and has no place in the target. Fault: the text is not a legal date in form.
    """
    given = request.sources[1] if len(request.sources) > 1 else NOTHING
    scope = Scope(text=request.sources[0], given=given).then(unknown=iso_dates.unknown(TEXT))
    unknown, fault = pl.field("unknown"), ~iso_dates.wellformed(TEXT)
    flag = pl.when(unknown).then(pl.lit("1")).otherwise(pl.lit("0"))
    beside = {"CNV016": ~unknown & pl.field("given").is_not_null()}
    dated = scope.outcome({"date": TEXT, "fushoflag": flag}, fault, beside)
    # The wording is dear, so its scope serves its own part alone.
    wording = pl.when(unknown).then(pl.coalesce(pl.field("given"), pl.field("wording"))).otherwise(NOTHING)
    worded = iso_dates.with_wording(scope).outcome({"fushohyoki": wording}, fault)
    return replace(dated, values={**dated.values, **worded.values})


def build_date_plain(request: Request) -> Output:
    """A date that must be a day of the calendar or an open end (`open=no`: a day of the calendar only)."""
    ends = iso_dates.sentinel(TEXT)
    good = iso_dates.calendar(TEXT)
    return Scope(text=request.sources[0]).single(
        TEXT, ~(good | ends if request.arg("open", "yes") == "yes" else good & ~ends)
    )


def build_date_source(request: Request) -> Output:
    """The canonical date from the parts of `date`: the first of them; it is the inverse used in proofs."""
    return Scope(text=request.sources[0]).single(TEXT)


CONVERTERS = (
    Converter(
        name="date",
        build=build_date,
        sources=(1, 2),
        optional=(1,),
        parts=("date", "fushoflag", "fushohyoki"),
        fault_code="CNV018",
        finding_codes=("CNV016",),
        inverse="date_source",
        basis="DS-441 日付及び時刻; 付番API 2.0 _不詳フラグ/_不詳表記; 住民記録システム標準仕様書 1.0 §1.1.8",
    ),
    Converter(
        name="date_plain",
        build=build_date_plain,
        args=(ArgSpec("open", kind="choice", choices=("yes", "no"), default="yes"),),
        fault_code="CNV003",
        lossless=True,
        inverse="copy",
        basis="基本データリスト 凡例 データ型 DATE",
    ),
    Converter(
        name="date_source",
        build=build_date_source,
        sources=(1, 3),
        optional=(1, 2),
        basis="inverse of `date`",
    ),
)
