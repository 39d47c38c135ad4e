"""Picture strings: how many characters or digits, where the point is thought, what is stored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class Category(Enum):
    """What a picture describes."""

    NUMERIC = "numeric"
    ALPHANUMERIC = "alphanumeric"
    NATIONAL = "national"
    NUMERIC_EDITED = "numeric-edited"
    ALPHANUMERIC_EDITED = "alphanumeric-edited"


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture. `characters` it takes as text; `digits` and `scale` of a number (scale < 0: zeros not stored)."""

    text: str
    category: Category
    characters: int
    digits: int = 0
    scale: int = 0
    signed: bool = False


_MOST = 1 << 24
_UNIT = re.compile(r"(CR|DB|[AXNGSVPEZ90B/*.,+\-$\\¥])(?:\((\d{1,9})\))?", re.IGNORECASE)
_NUMERIC = re.compile(r"S?(V?P+|)(9*)(V?)(9*)(P+V?|)")


def parse_picture(text: str) -> Picture | str:
    """The picture, or the reason why it is none: `symbol`, `size`, `order`, `mixed`."""
    runs: list[tuple[str, int]] = []
    at = 0
    while at < len(text):
        unit = _UNIT.match(text, at)
        if unit is None:
            return "symbol"
        runs.append((unit.group(1).upper(), int(unit.group(2) or 1)))
        at = unit.end()
    total = sum(count for _, count in runs)
    if not 0 < total <= _MOST or any(count == 0 for _, count in runs):
        return "size"
    symbols = {symbol for symbol, _ in runs}
    if symbols <= set("9SVP"):
        return _number(text, runs)
    if {"S", "V"} & symbols and symbols & set("AXNG"):
        return "mixed"
    size = sum(count * len(symbol) for symbol, count in runs if symbol not in ("S", "V", "P"))
    if symbols & set("NG"):
        return Picture(text, Category.NATIONAL, size) if symbols <= set("NGB0/") else "mixed"
    if symbols & set("XA"):
        edited = bool(symbols & set("B0/"))
        if not symbols <= set("XA9B0/"):
            return "mixed"
        return Picture(text, Category.ALPHANUMERIC_EDITED if edited else Category.ALPHANUMERIC, size)
    if "S" in symbols:
        return "mixed"
    return Picture(text, Category.NUMERIC_EDITED, size)


def _number(text: str, runs: list[tuple[str, int]]) -> Picture | str:
    # A run longer than any picture allows would only be counted; the limit of digits is judged with its dialect.
    plain = "".join(symbol * min(count, 400) for symbol, count in runs)
    found = _NUMERIC.fullmatch(plain)
    if found is None or not (found.group(2) + found.group(4)):
        return "order"
    before, whole, point, fraction, after = found.groups()
    if (before and after) or (before and point and whole) or (after and fraction):
        return "order"
    digits = len(whole) + len(fraction)
    scale = before.count("P") + digits if before else len(fraction) - after.count("P")
    return Picture(text, Category.NUMERIC, digits, digits, scale, plain.startswith("S"))
