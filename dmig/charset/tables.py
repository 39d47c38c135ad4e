"""Tables of codes: the package's own, and those that a site supplies; parsed from text, with every fault named."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

#: What a code means: one character, or two code points that make one.
Codes = dict[int, str]
_TARGET = re.compile(r"U\+([0-9A-F]{4,6})")
_CODE = re.compile(r"[0-9A-Fa-f]{2}(?:[0-9A-Fa-f]{2})?")
_LAST, _SURROGATES, _REPLACEMENT = 0x10FFFF, (0xD800, 0xDFFF), 0xFFFD
_MOST_POINTS, _CELLS = 2, 3


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


@dataclass(slots=True)
class SiteTable:
    """What a site supplies: codes with their characters. `read_only` codes are never written, `write_only` never read.

    `contradicted`: codes of which it says two things, and which are therefore left unknown.
    """

    codes: Codes = field(default_factory=dict)
    read_only: set[int] = field(default_factory=set)
    write_only: Codes = field(default_factory=dict)
    contradicted: set[int] = field(default_factory=set)
    faults: list[TableFault] = field(default_factory=list)

    def add(self, line: int, code: str, points: list[int], way: str) -> None:
        """One row, or its fault."""
        if any(value > _LAST or _SURROGATES[0] <= value <= _SURROGATES[1] for value in points):
            self.faults.append(TableFault(line, "CHS003", code))
            return
        number, text = int(code, 16), "".join(map(chr, points))
        half = self.write_only if way == "write" else self.codes
        if number in half:
            self.faults.append(TableFault(line, "CHS002", code))
            return
        half[number] = text
        if way == "read":
            self.read_only.add(number)

    def lines(self) -> list[str]:
        """The table in the form that `parse_table` reads."""
        rows = [(code, text, "read" if code in self.read_only else "") for code, text in self.codes.items()]
        rows += [(code, text, "write") for code, text in self.write_only.items()]
        told = []
        for code, text, way in sorted(rows):
            points = " ".join(f"U+{ord(character):04X}" for character in text)
            told.append(f"{code:0{2 if code <= 0xFF else 4}X}\t{points}" + (f"\t{way}" if way else ""))
        return told


def parse_table(text: str) -> SiteTable:
    """A site's table: lines of code (2 or 4 hexadecimal digits), tab or comma, one or two `U+XXXX`, and, where it holds one
    way only, `read` or `write` in a third column; `#` begins a remark.

    Faults: CHS001 no such line, CHS002 a code twice, CHS003 a target that is no character.
    """
    found = SiteTable()
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        body = line.partition("#")[0].strip()
        if not body:
            continue
        cells = [cell.strip() for cell in re.split("[\t,]", body)]
        code, targets, way = (*cells, "", "")[:3]
        points = [_TARGET.fullmatch(target) for target in targets.upper().split()]
        good = (
            _CODE.fullmatch(code)
            and 0 < len(points) <= _MOST_POINTS
            and None not in points
            and way in ("", "read", "write")
        )
        if not good or len(cells) > _CELLS:
            found.faults.append(TableFault(number, "CHS001", code[:8] if code.isascii() else ""))
            continue
        found.add(number, code, [int(point.group(1), 16) for point in points if point], way)
    return found


def parse_json_table(text: str) -> SiteTable:
    """A public table in JSON: rows of `code`, `unicode` and `options` (decode_only, oneway, encode_only, cjk_ci, unmappable).

    Line numbers of faults count rows. Rows without a character (unmappable, U+FFFD) are left out, and so is a code of which
    the table says two things: such codes stay unknown. A compatibility ideograph beside its ideograph is only written.
    """
    found = SiteTable()
    try:
        rows = json.loads(text)
    except ValueError:
        rows = None
    if not isinstance(rows, list):
        found.faults.append(TableFault(1, "CHS001", ""))
        return found
    for number, row in enumerate(rows, 1):
        code, target = (str(row.get(key, "")) if isinstance(row, dict) else "" for key in ("code", "unicode"))
        if not _CODE.fullmatch(code) or not re.fullmatch("[0-9A-Fa-f]{4,6}(?:_[0-9A-Fa-f]{4,6})?", target):
            found.faults.append(TableFault(number, "CHS001", code[:8] if code.isascii() else ""))
            continue
        options, points = row.get("options", []), [int(point, 16) for point in target.split("_")]
        if "unmappable" in options or points == [_REPLACEMENT]:
            continue
        if int(code, 16) in found.codes and "encode_only" not in options:
            text = "".join(map(chr, points))
            if "cjk_ci" in options:
                found.write_only[int(code, 16)] = text
            elif found.codes[int(code, 16)] != text:
                found.contradicted.add(int(code, 16))
            continue
        one_way = "read" if {"decode_only", "oneway"} & set(options) else "write" if "encode_only" in options else ""
        found.add(number, code, points, one_way)
    for number in found.contradicted:
        del found.codes[number]
        found.read_only.discard(number)
    return found
