"""What a written cell must look like: one regular expression per item, for form, length and code list together.

Written a second time, apart from the row contract. The patterns mean the same to RE2 (which judges columns of Arrow
text) and to Python, so they know no look-ahead; characters that cannot be seen stand in them as themselves, because the
two engines write their escapes differently.
"""

from __future__ import annotations

import re

from dmig.model.layout import StandardItem, StandardLayout, StandardType

#: Between the cells of items that are judged together. No form of the legend allows it.
UNIT_SEPARATOR = "\x1f"
#: Variation selectors are not counted as characters.
SELECTORS = "\u180b-\u180d\ufe00-\ufe0f\U000e0100-\U000e01ef"
#: What a full-width text may not hold: control characters but the line feed, ASCII, half-width kana.
HALF_WIDTH = r"\x00-\x09\x0b-\x7f" + "\uff61-\uff9f"
#: RE2 counts no further, nested counts multiplied.
MOST_COUNTED = 1000
NEVER = r"[^\s\S]"
#: The very end of a text. A dollar sign would forgive a line feed, and pandas then leaves RE2 for Python's own engine.
END = r"\Z"

_MONTH_DAY = (
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_KNOWN_YEAR = "(?:[1-8][0-9]{3}|0(?:[1-9][0-9]{2}|0[1-9][0-9]|00[1-9])|9(?:[0-8][0-9]{2}|9[0-8][0-9]|99[0-8]))"
_LEAP_YEAR = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"  # 0000 is no year
CALENDAR_DATE = f"(?:{_KNOWN_YEAR}-{_MONTH_DAY}|{_LEAP_YEAR}-02-29|0000-01-01|9999-12-31)"
LEGAL_DATE = "[0-9]{4}-(?:0[0-9]|1[0-2]|[A-D][1-4])-(?:0[0-9]|[12][0-9]|3[01]|A[1-3])"


def cell_pattern(item: StandardItem, layout: StandardLayout, *, required: bool, coded: bool) -> str:
    """What a cell of the item may be, blank included unless it is required; without anchors."""
    one = _element(item, layout.dialect.repeat_separator if item.repeat > 1 else "")
    if coded:
        one = _alternatives(code_values(item, layout))
    if item.repeat > 1:
        again = "*" if is_counted_apart(item) else f"{{0,{item.repeat - 1}}}"
        one = f"{one}(?:{re.escape(layout.dialect.repeat_separator)}{one}){again}"
    if required:
        return one
    blank = re.escape(layout.dialect.null)
    return f"(?:{one}|{blank})" if blank else f"(?:{one})?"


def is_counted_apart(item: StandardItem) -> bool:
    """Whether how much a cell holds needs a pattern of its own."""
    return item.type is StandardType.BLOB or (item.repeat > 1 and item.max_chars * item.repeat > MOST_COUNTED)


def amount_pattern(item: StandardItem, layout: StandardLayout) -> str:
    """How many characters (of a BLOB cell) or values a cell may hold, whatever they are; with anchors."""
    if item.type is StandardType.BLOB:
        return f"^[{SELECTORS}]*(?:[^{SELECTORS}][{SELECTORS}]*){{0,{item.max_chars}}}" + END
    separator = re.escape(layout.dialect.repeat_separator)
    return f"^[^{separator}]*(?:{separator}[^{separator}]*){{0,{item.repeat - 1}}}" + END


def code_values(item: StandardItem, layout: StandardLayout) -> list[str]:
    """Values of the item's code list that its form and length allow, in order of the list, each once."""
    form = re.compile(_element(item, ""))
    values = dict.fromkeys(value.value for value in layout.codes[item.code])
    return [value for value in values if form.fullmatch(value)]


def joined_pattern(pattern: str, items: int) -> str:
    """What the cells of several items with one pattern look like, joined by the unit separator."""
    return f"^{pattern}{END}" if items == 1 else rf"^{pattern}(?:\x1f{pattern}){{{items - 1}}}{END}"


def _element(item: StandardItem, separator: str) -> str:
    """One value in form and length; of an item that repeats, one without the separator in it."""
    most = item.max_chars
    if item.type is StandardType.X:
        return f"[{_ascii(separator)}]{{1,{most}}}"
    if item.type is StandardType.N:
        barred = HALF_WIDTH + (re.escape(separator) if separator and not separator.isascii() else "")
        return f"[{SELECTORS}]*(?:[^{barred}{SELECTORS}][{SELECTORS}]*){{1,{most}}}"
    if item.type is StandardType.DECIMAL:
        return f"[0-9]{{1,{most}}}" + (rf"(?:\.[0-9]{{1,{item.decimals}}})?" if item.decimals else "")
    if item.type is StandardType.BLOB:
        return r"[^,\x1f]+,[0-9]+,[0-9a-f]{64}"
    if item.type in (StandardType.INTEGER, StandardType.SIGNED):
        return ("-?" if item.type is StandardType.SIGNED else "") + f"[0-9]{{1,{most}}}"
    return _fixed(item, most)


def _fixed(item: StandardItem, most: int) -> str:
    """Forms of a fixed length; an item that is shorter than its form can have no value."""
    minute, second = "(?:[01][0-9]|2[0-3]):[0-5][0-9]", ":[0-5][0-9]"
    if item.type is StandardType.TIME:
        return NEVER if most < 5 else minute + (f"(?:{second})?" if most >= 8 else "")
    if item.type is StandardType.YEAR:
        return NEVER if most < 4 else "[0-9]{4}"
    return NEVER if most < 10 else LEGAL_DATE if item.unknown_date else CALENDAR_DATE


def _ascii(separator: str) -> str:
    """Printable ASCII as the inside of a character class, the separator left out."""
    if len(separator) != 1 or not " " <= separator <= "~":
        return r"\x20-\x7e"
    before, after = ord(separator) - 1, ord(separator) + 1
    ranges = [rf"\x20-\x{before:02x}" if before >= 0x20 else "", rf"\x{after:02x}-\x7e" if after <= 0x7E else ""]
    return "".join(ranges)


def _alternatives(values: list[str]) -> str:
    return "(?:" + "|".join(map(re.escape, values)) + ")" if values else NEVER
