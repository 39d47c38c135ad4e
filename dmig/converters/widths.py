"""Half width and full width, character by character; kanji, selectors and private-use characters stay as they are.

NFKC of a whole text is never used: it changes compatibility kanji. Only the fixed tables below are.
"""

from __future__ import annotations

import unicodedata

import polars as pl

from dmig.converters.contract import ArgSpec, Converter, Output, Request
from dmig.converters.outcome import TEXT, Scope, in_form

#: Half-width katakana with its punctuation and its two marks.
_HALF_KANA = [chr(code) for code in range(0xFF61, 0xFFA0)]
_HALF_MARKS = {"\uff9e": "\u3099", "\uff9f": "\u309a"}

#: A mark in its three writings: half width, with its own space, combining.
_ALL_MARKS = {
    "\uff9e": "\u3099",
    "\u309b": "\u3099",
    "\u3099": "\u3099",
    "\uff9f": "\u309a",
    "\u309c": "\u309a",
    "\u309a": "\u309a",
}


def _full(half: str) -> str:
    """The full-width form of one half-width kana; a mark alone becomes the one with its own space."""
    return {"\uff9e": "\u309b", "\uff9f": "\u309c"}.get(half) or unicodedata.normalize("NFKC", half)


def _marked(bases: list[str], marks: dict[str, str]) -> dict[str, str]:
    """Base + mark -> the one character that Unicode has for both, where it has one."""
    pairs = {}
    for base in bases:
        for mark, combining in marks.items():
            joined = unicodedata.normalize("NFC", _full(base) + combining)
            if len(joined) == 1:
                pairs[base + mark] = joined
    return pairs


_HALF_SINGLE = {kana: _full(kana) for kana in _HALF_KANA}
_FULL_KATAKANA = [chr(code) for code in range(0x30A1, 0x30FB)]

#: ASCII without the space -> full width.
FULL_ASCII = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)}

#: Half-width kana -> full width, base and half-width mark as one.
FULL_KANA = _marked(_HALF_KANA, _HALF_MARKS) | _HALF_SINGLE

#: The same, and marks in any writing joined to half-width and full-width katakana.
FULL_KANA_JOINED = _marked([*_HALF_KANA, *_FULL_KATAKANA], _ALL_MARKS) | _HALF_SINGLE

FULL_SPACE = {" ": "\u3000"}

#: Full-width kana and ASCII -> half width, a kana with its mark as both.
HALF = {full: half for half, full in (FULL_KANA | FULL_ASCII | FULL_SPACE).items()}

#: A text in which every character is full width already, so that widening leaves it as it is.
WIDE = "^[^\x20-\x7e\uff61-\uff9f\\p{Cc}]+$"

#: Control characters have no full-width form. Rust's `\p{Cc}` also covers U+0080 to U+009F.
CONTROL = r"\p{Cc}"


def translated(text: pl.Expr, table: dict[str, str]) -> pl.Expr:
    """The text with every key of the table replaced; earlier keys win, so pairs stand before single characters."""
    return text.str.replace_many(list(table), list(table.values()), leftmost=True)


def spaced_once(text: pl.Expr) -> pl.Expr:
    """No outer blanks, and every run of half- or full-width spaces as exactly one full-width space."""
    return text.str.strip_chars(" \u3000").str.replace_all("[ \u3000]+", "\u3000")


def build_fullwidth(request: Request) -> Output:
    """ASCII, spaces and half-width kana as full width, one for one (a kana and its mark become one).

    `lines=keep` keeps line breaks, each written as LF. Fault: a control character, which has no full-width form.
    """
    source = request.sources[0]
    if request.arg("lines") == "keep":
        source = source.str.replace_all("\r\n?", "\n")
        wrong = TEXT.str.replace_all("\n", "", literal=True).str.contains(CONTROL)
    else:
        wrong = TEXT.str.contains(CONTROL)
    full = translated(TEXT, FULL_KANA | FULL_ASCII | FULL_SPACE)
    return Scope(text=source).single(full, wrong)


def build_kana_half(request: Request) -> Output:
    """Full-width katakana, ASCII and spaces as half width; everything else stays. A kana with its mark becomes two."""
    return Scope(text=request.sources[0]).single(translated(TEXT, HALF))


def build_halfwidth_digits(request: Request) -> Output:
    """Full-width digits as ASCII digits; everything else stays."""
    half = translated(TEXT, {FULL_ASCII[digit]: digit for digit in "0123456789"})
    return Scope(text=request.sources[0]).single(half)


CONVERTERS = (
    Converter(
        name="fullwidth",
        build=build_fullwidth,
        args=(ArgSpec("lines", kind="choice", choices=("keep",)),),
        fault_code="CNV005",
        inverse="copy",
        invertible=in_form(WIDE),
        basis="データ型 Ｎ (全角文字列)",
    ),
    Converter(name="kana_half", build=build_kana_half, basis="inverse of `kana_full`"),
    Converter(name="halfwidth_digits", build=build_halfwidth_digits, basis="データ型 X, 9 (半角)"),
)
