"""Tables of codes: the package's own, and those that a site supplies; parsed from text, with every fault named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

#: What a code means: one character, or two code points that make one.
Codes = dict[int, str]
_TARGET = re.compile(r"U\+([0-9A-F]{4,6})")


@dataclass(frozen=True, slots=True)
class TableFault:
    """One fault of a table: line from 1, code of the catalogue, the code (hexadecimal) that it is about."""

    line: int
    code: str
    about: str


@cache
def own_table(name: str) -> Codes:
    """One of the package's tables: code, tab, code points (see tests/charsets/generate.py for where they come from)."""
    text = resources.files("dmig.charset").joinpath("tables", f"{name}.tsv").read_text(encoding="ascii")
    found = {}
    for line in text.splitlines():
        code, _, targets = line.partition("\t")
        found[int(code, 16)] = "".join(chr(int(target[2:], 16)) for target in targets.split(" "))
    return found


def parse_table(text: str) -> tuple[Codes, list[TableFault]]:
    """A site's table: lines of code (2 or 4 hexadecimal digits), tab or comma, and one or two `U+XXXX`; `#` begins a remark.

    Faults: CHS001 no such line, CHS002 a code twice, CHS003 a target that is no character.
    """
    found: Codes = {}
    faults = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        body = line.partition("#")[0].strip()
        if not body:
            continue
        code, _, targets = (part.strip() for part in body.replace(",", "\t", 1).partition("\t"))
        points = [_TARGET.fullmatch(target) for target in targets.upper().split()]
        if (
            not re.fullmatch(r"[0-9A-Fa-f]{2}(?:[0-9A-Fa-f]{2})?", code)
            or not points
            or None in points
            or len(points) > 2
        ):
            faults.append(TableFault(number, "CHS001", code[:8] if code.isascii() else ""))
            continue
        values = [int(point.group(1), 16) for point in points if point]
        if any(value > 0x10FFFF or 0xD800 <= value <= 0xDFFF for value in values):
            faults.append(TableFault(number, "CHS003", code))
        elif int(code, 16) in found:
            faults.append(TableFault(number, "CHS002", code))
        else:
            found[int(code, 16)] = "".join(map(chr, values))
    return found, faults
