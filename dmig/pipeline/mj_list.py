"""The national list of glyphs (MJ文字情報一覧表) as a site has it: the ledger's names and characters against it.

The list is under a share-alike licence and is no part of the program. It is read as CSV (saved from the official
workbook) or from an SQLite file with a table `mji`; columns are found by their official names.
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from dmig.errors import Diagnostics, DmigError
from dmig.model.mapping import Glyph

#: Words in the official headings: the name, the code point, the sequence with a variation selector.
NAME, UCS, SEQUENCE = "MJ文字図形名", "実装したUCS", "IVS"
SQLITE_HEAD = b"SQLite format 3\0"
TABLE = "mji"


def disagreements(glyphs: Sequence[Glyph], path: Path) -> tuple[int, Diagnostics]:
    """How many names agree, and every row whose name is not in the list or is another character there (GLY003)."""
    wanted = {glyph.mj for glyph in glyphs if glyph.mj}
    listed = {name: texts for name, texts in _entries(path) if name in wanted}
    diagnostics, agree = Diagnostics(), 0
    for glyph in glyphs:
        if glyph.mj and (not glyph.decided or glyph.decided in listed.get(glyph.mj, ())) and glyph.mj in listed:
            agree += 1
        elif glyph.mj:
            diagnostics.add(glyph.place.file, glyph.place.line, "GLY003", mj=glyph.mj, list=path.name)
    return agree, diagnostics


def _entries(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Names with the texts that are the glyph. `DmigError` RED001, RED007 when it cannot be read or is no such list."""
    try:
        with path.open("rb") as source:
            is_database = source.read(len(SQLITE_HEAD)) == SQLITE_HEAD
        head, *rows = _database(path) if is_database else _sheet(path)
    except FileNotFoundError:
        raise DmigError("RED001", file=path.name) from None
    except (OSError, UnicodeDecodeError, ValueError, sqlite3.Error):
        raise DmigError("RED007", file=path.name) from None
    at = [place for place, name in enumerate(head) if UCS in name or SEQUENCE in name]
    name = next((place for place, title in enumerate(head) if NAME in title), None)
    if name is None or not at:
        raise DmigError("RED007", file=path.name)
    for row in rows:
        if row[name]:
            yield row[name], tuple(filter(None, (_text(row[place]) for place in at)))


def _sheet(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as source:
        found = list(csv.reader(source))
    if not found:
        raise ValueError(path.name)
    return [row for row in found if len(row) == len(found[0])]


def _database(path: Path) -> list[list[str]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        found = connection.execute(f"select * from {TABLE}")  # noqa: S608
        head = [column[0] for column in found.description]
        return [head, *([str(cell or "") for cell in row] for row in found)]


def _text(cell: str) -> str:
    """`U+9089`, `9089_E011F` or the character itself."""
    points = cell.replace("U+", " ").replace("_", " ").replace("<", " ").replace(">", " ").replace(",", " ").split()
    try:
        return "".join(chr(int(point, 16)) for point in points)
    except (ValueError, OverflowError):
        return cell.strip()
