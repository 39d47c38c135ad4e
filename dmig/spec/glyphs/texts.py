"""How published lists write a character."""

from __future__ import annotations

import re

_POINTS = re.compile(r"(?:U\+)?[0-9A-F]{4,6}(?:[_ ,](?:U\+)?[0-9A-F]{4,6})*", re.IGNORECASE)


def texts_of(cell: str) -> tuple[str, ...]:
    """Characters of a cell of a list: `U+9089`, `9089_E011F`, the character itself; several are parted by `;`."""
    return tuple(filter(None, (_text(part.strip().strip("<>")) for part in cell.split(";"))))


def _text(part: str) -> str:
    if not _POINTS.fullmatch(part):
        return part
    points = [int(point.upper().removeprefix("U+"), 16) for point in re.split("[_ ,]", part)]
    return "".join(map(chr, points)) if all(point <= 0x10FFFF for point in points) else part
