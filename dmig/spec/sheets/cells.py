"""Texts of declarations as cells of a workbook and back: nothing becomes a formula, nothing is lost."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

#: Code units of UTF-16 that a cell of Excel holds at most.
MOST_UNITS = 32_767
#: A cell that begins so is taken for a formula, or becomes one when it is saved as CSV.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Characters that XML, and so a workbook, cannot hold. A lone CR would come back as a line break.
UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
#: `_x0041_` in a workbook means a character by its number; the library drops `x005F_` wherever it stands.
_NUMBERED = re.compile(r"x('*)([0-9A-Fa-f]{4})(?=_)")
_NEUTRAL = re.compile(r"x'('*)([0-9A-Fa-f]{4})(?=_)")
_RETURN = re.compile("(?:_x000D_|\r)+\n", re.IGNORECASE)
_LEFT_NUMBERED = re.compile("_x[0-9A-Fa-f]{4}_")
QUOTE = "'"
#: Of a text that is only there to be read, no more code units are shown.
MOST_READ = 10_000


def to_cell(text: str) -> str:
    """The text of a cell for the text of a CSV cell: line breaks are real ones, an apostrophe stands before formulas."""
    shown = _NUMBERED.sub(r"x'\1\2", text.replace("\\n", "\n"))
    return QUOTE + shown if shown.startswith((*FORMULA, QUOTE)) else shown


def from_cell(shown: str) -> str:
    """The inverse of `to_cell`; a text that staff wrote without the apostrophe stays what it is."""
    text = _RETURN.sub("\n", shown)
    if text.startswith(QUOTE) and text[1:].startswith((*FORMULA, QUOTE)):
        text = text[1:]
    return _NEUTRAL.sub(r"x\1\2", text).replace("\n", "\\n")


def units(text: str) -> int:
    """How long Excel takes a text to be: characters beyond the basic plane count twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def unwritable(shown: str) -> str:
    """The first character of a cell that a workbook cannot hold, as `U+0001`; "" when there is none."""
    text = _RETURN.sub("\n", shown)
    if found := UNWRITABLE.search(text):
        return f"U+{ord(found[0]):04X}"
    return found[0] if (found := _LEFT_NUMBERED.search(text)) else ""


def readable(text: str) -> str:
    """A text that is only there to be read: what a workbook cannot hold shows as U+FFFD, what is too long is cut."""
    shown = UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return shown if units(shown) < MOST_READ else shown[: MOST_READ // 2] + "…"


def classes(text: str) -> str:
    """What kinds of characters a text is made of, and how many of each: all that may be said of a resident's value."""
    runs = ((kind, len(list(run))) for kind, run in groupby(text, _kind))
    return "".join(f"{kind}{count}" for kind, count in runs)


def _kind(character: str) -> str:
    name = unicodedata.name(character, "")
    for begins, kind in (("CJK", "漢字"), ("HIRAGANA", "かな"), ("KATAKANA", "カナ"), ("HALFWIDTH KATAKANA", "カナ")):
        if name.startswith(begins):
            return kind
    return (
        "数字" if character.isdigit() else "英字" if character.isalpha() else "空白" if character.isspace() else "記号"
    )
