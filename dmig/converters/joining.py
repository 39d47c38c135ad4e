"""Texts joined, cut and filled up."""

from __future__ import annotations

import polars as pl

from dmig.converters.contract import ArgSpec, Converter, Output, Request
from dmig.converters.outcome import TEXT, Scope, in_form
from dmig.converters.plain import MAX_SOURCES

#: What stands between the digits of postal codes and telephone numbers; anything else is not dropped.
_BETWEEN_DIGITS = "[ \u3000().,/~〒（）．，・‐‑‒–—―−－ー\uff70-]"

_FULL_DIGITS = [chr(code) for code in range(0xFF10, 0xFF1A)]


def build_concat(request: Request) -> Output:
    """The filled sources joined by `sep`; a missing source leaves no separator; null only where all are missing."""
    joined = pl.concat_str(request.sources, separator=request.arg("sep"), ignore_nulls=True)
    filled = pl.any_horizontal([source.is_not_null() for source in request.sources])
    return Scope(text=pl.when(filled).then(joined)).single(TEXT)


def build_concat_all(request: Request) -> Output:
    """All sources joined by `sep`; null where any is missing (for codes, where a gap would shift the digits)."""
    joined = pl.concat_str(request.sources, separator=request.arg("sep"))
    return Scope(text=joined).single(TEXT)


def build_substring(request: Request) -> Output:
    """`length` characters from character `start` (from 1); without a length, all to the end.

    For codes, not names: a variation selector counts as a character here. Fault: the text ends before.
    """
    start = int(request.arg("start"))
    length = int(request.arg("length", "0"))
    if start < 1 or length < 0:
        raise ValueError("start counts from 1 and length is not negative")
    needed = start + max(length, 1) - 1
    piece = TEXT.str.slice(start - 1, length or None)
    return Scope(text=request.sources[0]).single(piece, TEXT.str.len_chars() < needed)


def build_pad_left(request: Request) -> Output:
    """The text filled up on the left to `width` characters with `fill` (0). Fault: the text is longer."""
    width, fill = int(request.arg("width")), request.arg("fill", "0")
    if len(fill) != 1:
        raise ValueError("fill is one character")
    return Scope(text=request.sources[0]).single(TEXT.str.pad_start(width, fill), TEXT.str.len_chars() > width)


def build_strip_zeros(request: Request) -> Output:
    """The text without leading zeros (or another `fill`); a text of nothing else keeps one."""
    fill = request.arg("fill", "0")
    rest = TEXT.str.strip_chars_start(fill)
    return Scope(text=request.sources[0]).single(pl.when(rest == "").then(pl.lit(fill)).otherwise(rest))


def build_digits_only(request: Request) -> Output:
    """The digits, half width, of a postal code or telephone number.

    Only what separates digits is dropped (spaces, hyphens, brackets, points, 〒). Fault: any other character, or
    no digit at all.
    """
    digits = TEXT.str.replace_many(_FULL_DIGITS, list("0123456789")).str.replace_all(_BETWEEN_DIGITS, "")
    scope = Scope(text=request.sources[0]).then(digits=digits)
    return scope.single(pl.field("digits"), ~pl.field("digits").str.contains("^[0-9]+$"))


_SEP = ArgSpec("sep")
_ANY = (1, MAX_SOURCES)

CONVERTERS = (
    Converter(name="concat", build=build_concat, sources=_ANY, optional=tuple(range(MAX_SOURCES)), args=(_SEP,)),
    Converter(name="concat_all", build=build_concat_all, sources=_ANY, args=(_SEP,)),
    Converter(
        name="substring",
        build=build_substring,
        args=(ArgSpec("start", kind="int", required=True), ArgSpec("length", kind="int")),
        fault_code="CNV011",
    ),
    Converter(
        name="pad_left",
        build=build_pad_left,
        args=(ArgSpec("width", kind="int", required=True), ArgSpec("fill", default="0")),
        fault_code="CNV012",
        inverse="strip_zeros",
        invertible=in_form("^(?:0|[1-9][0-9]*)$"),
    ),
    Converter(name="strip_zeros", build=build_strip_zeros, args=(ArgSpec("fill", default="0"),)),
    Converter(name="digits_only", build=build_digits_only, fault_code="CNV013"),
)
