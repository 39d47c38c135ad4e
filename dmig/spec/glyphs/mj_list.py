"""The national list of glyphs (MJ文字情報一覧表) as a site has it; it is under a share-alike licence and no part of dmig.

It is read from the official workbook, from CSV saved from that, or from an SQLite file with a table `mji` (the npm
package `@mandel59/mojidata`). Columns are found by their official names.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dmig.errors import DmigError
from dmig.spec.glyphs.tables import read_table
from dmig.spec.glyphs.texts import texts_of

#: Words in the official headings: the name, and the three ways in which a glyph is a text.
NAME = "MJ文字図形名"
TEXTS = ("実装したUCS", "IVS", "実装したSVS")
JUKI, KOSEKI, X0213 = "住基ネット統一文字コード", "戸籍統一文字番号", "X0213"
TABLE = "mji"


@dataclass(frozen=True, slots=True)
class ListedGlyph:
    """One glyph of the MJ list: the texts that are it, codes of 住基ネット and 戸籍, its place in JIS X 0213; blank: none."""

    name: str
    texts: tuple[str, ...]
    juki: str = ""
    koseki: str = ""
    x0213: str = ""


def read_mj_list(path: Path) -> dict[str, ListedGlyph]:
    """Glyphs by name. `DmigError` RED001, RED007, GLY012 where there is no such file, or it is no such list."""
    head, rows = read_table(path, NAME, TABLE)
    name = next(place for place, title in enumerate(head) if NAME in title)
    texts = [place for place, title in enumerate(head) if any(word in title for word in TEXTS)]
    if not texts:
        raise DmigError("GLY012", file=path.name, what=" ".join(TEXTS))
    juki, koseki, x0213 = (_place(head, title) for title in (JUKI, KOSEKI, X0213))
    return {
        row[name]: ListedGlyph(
            row[name],
            tuple(text for place in texts for text in texts_of(row[place])),
            *("" if place is None else row[place] for place in (juki, koseki, x0213)),
        )
        for row in rows
        if row[name]
    }


def _place(head: list[str], title: str) -> int | None:
    return next((place for place, name in enumerate(head) if name.strip() == title), None)
