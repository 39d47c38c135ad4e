"""Legacy types of texts, keys, codes, numbers and flags: the canonical text of a raw cell."""

from __future__ import annotations

import polars as pl

from dmig.converters.contract import ArgSpec, LegacyType, Output, Request
from dmig.converters.outcome import BLANKS, NEVER, TEXT, Scope, chosen


def canonical(request: Request) -> Scope:
    """A scope whose text is the cell without outer blanks; null where nothing is left or it is a `blank` text."""
    blanks = chosen(request.arg("blank"))
    filled = (TEXT != "") & ~TEXT.is_in(blanks) if blanks else TEXT != ""
    return Scope(text=request.sources[0].str.strip_chars(BLANKS)).then(text=pl.when(filled).then(TEXT))


def build_text(request: Request) -> Output:
    """The text without half- or full-width spaces at its ends; inside nothing changes."""
    return canonical(request).single(TEXT)


def build_key(request: Request) -> Output:
    """A key of ASCII digits and letters; with `width` and `pad=left`, lost zeros on the left are put back.

    Fault: another character, or another length than the declared width (longer, or shorter without padding).
    """
    scope = canonical(request)
    width = int(request.arg("width", "0"))
    if request.arg("pad", "none") == "left":
        if not width:
            raise ValueError("pad=left needs a width")
        scope = scope.then(text=TEXT.str.pad_start(width, "0"))
    length = f"{{{width}}}" if width else "+"
    return scope.single(TEXT, ~TEXT.str.contains(f"^[0-9A-Za-z]{length}$"))


def build_code(request: Request) -> Output:
    """A code as it is, without outer blanks. Fault: another length than the declared `width`."""
    width = int(request.arg("width", "0"))
    return canonical(request).single(TEXT, TEXT.str.len_chars() != width if width else NEVER)


def build_int(request: Request) -> Output:
    """A whole number with an optional sign before it; no leading zeros afterwards, `-` if negative."""
    return canonical(request).single(plain_number(TEXT), ~TEXT.str.contains("^[+-]?[0-9]+$"))


def build_amount(request: Request) -> Output:
    """An amount with an optional minus and, with `scale`, up to so many decimals after a point; no commas.

    Leading zeros and closing zeros of decimals are removed.
    """
    scale = int(request.arg("scale", "0"))
    decimals = f"(?:[.][0-9]{{1,{scale}}})?" if scale else ""
    return canonical(request).single(plain_number(TEXT), ~TEXT.str.contains(f"^-?[0-9]+{decimals}$"))


def build_flag(request: Request) -> Output:
    """`1` for one of the `true` texts, `0` for one of the `false` texts. Fault: any other text."""
    true = TEXT.is_in(chosen(request.arg("true", "1")))
    false = TEXT.is_in(chosen(request.arg("false", "0")))
    flag = pl.when(true).then(pl.lit("1")).otherwise(pl.lit("0"))
    return canonical(request).single(flag, ~(true | false))


def plain_number(text: pl.Expr) -> pl.Expr:
    """The one way to write a number: no plus, no leading zeros, no closing decimal zeros, no minus before zero."""
    decimals = text.str.replace("([.][0-9]*[1-9])0+$", "${1}").str.replace("[.]0*$", "")
    return decimals.str.replace("^([+-]?)0+([0-9])", "${1}${2}").str.replace("^[+]|^-0$", "").str.replace("^$", "0")


BLANK = ArgSpec("blank", kind="list")
_WIDTH = ArgSpec("width", kind="int")

LEGACY_TYPES = (
    LegacyType(name="text", build=build_text, args=(BLANK,)),
    LegacyType(name="kana", build=build_text, args=(BLANK,)),
    LegacyType(
        name="key",
        build=build_key,
        args=(BLANK, _WIDTH, ArgSpec("pad", kind="choice", choices=("left", "none"), default="none")),
        fault_code="NRM002",
    ),
    LegacyType(name="code", build=build_code, args=(BLANK, _WIDTH), fault_code="NRM003"),
    LegacyType(name="int", build=build_int, args=(BLANK,), fault_code="NRM004"),
    LegacyType(name="amount", build=build_amount, args=(BLANK, ArgSpec("scale", kind="int")), fault_code="NRM004"),
    LegacyType(
        name="flag",
        build=build_flag,
        args=(BLANK, ArgSpec("true", kind="list", default="1"), ArgSpec("false", kind="list", default="0")),
        fault_code="NRM005",
    ),
)
