"""Names and their readings: full width, one full-width space between the parts, glyphs untouched."""

from __future__ import annotations

import polars as pl

from dmig.converters import widths
from dmig.converters.contract import Converter, Output, Request
from dmig.converters.outcome import TEXT, Scope, in_form

_SPACE = "\u3000"

#: What a reading may hold: full-width katakana, long and iteration marks, the middle dot, the space, letters, digits.
_READING = "^[ァ-ヺ・ーヽヾㇰ-ㇿＡ-Ｚａ-ｚ０-９\u3000]+$"

#: Readings in half width with one half-width space between parts: the one writing that is told from full width.
_HALF_READING = "^[0-9A-Za-z\uff65-\uff9f]+(?: [0-9A-Za-z\uff65-\uff9f]+)*$"

#: Names in full width with one full-width space between parts already.
_WIDE_NAME = "^[^\x20-\x7e\uff61-\uff9f\u3000\\p{Cc}]+(?:\u3000[^\x20-\x7e\uff61-\uff9f\u3000\\p{Cc}]+)*$"


def build_kana_full(request: Request) -> Output:
    """A reading in full-width katakana with exactly one full-width space between parts.

    Half-width kana, letters and digits become full width; voiced and semi-voiced marks in any writing join their
    kana. Fault: any other character (hiragana, kanji, a hyphen for the long mark, a mark with nothing to join):
    what was meant is for staff to say.
    """
    reading = widths.translated(widths.spaced_once(TEXT), widths.FULL_KANA_JOINED | widths.FULL_ASCII)
    full = pl.field("full")
    return Scope(text=request.sources[0]).then(full=reading).single(full, ~full.str.contains(_READING))


def build_name_full(request: Request) -> Output:
    """A name with one full-width space between parts, letters and half-width kana as full width.

    Kanji, variation selectors, characters outside the first plane and private-use characters stay exactly as they
    are. Fault: a control character, or nothing but spaces.
    """
    name = widths.translated(widths.spaced_once(TEXT), widths.FULL_KANA | widths.FULL_ASCII)
    full = pl.field("full")
    wrong = full.str.contains(widths.CONTROL) | (full == "")
    return Scope(text=request.sources[0]).then(full=name).single(full, wrong)


def build_name_part(request: Request) -> Output:
    """氏 and 名 of a full-width name, cut at the first full-width space; 名 keeps any further spaces.

    Fault: there is no full-width space, or nothing on one side of it: where to cut is for staff to say.
    """
    cut = TEXT.str.splitn(_SPACE, 2)
    scope = Scope(text=request.sources[0]).then(uji=cut.struct.field("field_0"), na=cut.struct.field("field_1"))
    uji, na = pl.field("uji"), pl.field("na")
    return scope.outcome({"uji": uji, "na": na}, ~((uji != "") & (na != "")).fill_null(False))


def build_name_join(request: Request) -> Output:
    """氏 and 名 joined by one full-width space."""
    return Scope(text=pl.concat_str(request.sources, separator=_SPACE)).single(TEXT)


CONVERTERS = (
    Converter(
        name="kana_full",
        build=build_kana_full,
        fault_code="CNV004",
        inverse="kana_half",
        invertible=in_form(_HALF_READING),
        basis="共通機能標準仕様書 別紙 項目 03100008: full-width katakana with a space",
    ),
    Converter(
        name="name_full",
        build=build_name_full,
        fault_code="CNV005",
        inverse="copy",
        invertible=in_form(_WIDE_NAME),
        basis="共通機能標準仕様書 別紙 項目 03100003: one full-width space between parts",
    ),
    Converter(
        name="name_part",
        build=build_name_part,
        parts=("uji", "na"),
        carries=("uji", "na"),
        fault_code="CNV006",
        lossless=True,
        inverse="name_join",
        basis="共通機能標準仕様書 別紙 項目 03100004, 03100005",
    ),
    Converter(
        name="name_join",
        build=build_name_join,
        sources=(2, 2),
        basis="共通機能標準仕様書 別紙 項目 03100003",
    ),
)
