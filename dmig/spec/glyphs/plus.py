"""The MJ+ list (行政事務標準文字) of a municipality: `glyphs/mj_plus.csv` in its site folder.

No public list in a form for machines is known, so its columns are ours. Characters without an international code stand
in the private use of plane 16 for the time being: such a code means something under the list that is loaded, and
nothing without it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dmig.errors import Diagnostics
from dmig.model.mapping import Place, PlusGlyph
from dmig.model.private_use import PLANE_16, private_in
from dmig.model.repertoire import in_jis
from dmig.spec.glyphs.tables import read_table
from dmig.spec.glyphs.texts import texts_of
from dmig.spec.sheet import Columns, SheetRow, read_sheet

PLUS_COLUMNS = Columns(("glyph", "code", "substitute", "note"))
FOLDER, FILE = "glyphs", "mj_plus.csv"


def plus_file(site: Path) -> Path:
    """Where a site's list lies."""
    return site / FOLDER / FILE


def read_plus(sites: Iterable[tuple[Path, str]], diagnostics: Diagnostics) -> tuple[PlusGlyph, ...]:
    """The list that lies in a site's folder (folder, name of the layer); nothing where there is none."""
    found: list[PlusGlyph] = []
    for site, layer in sites:
        _, rows = read_sheet(site, plus_file(site), PLUS_COLUMNS, diagnostics, layer=layer, needed=False)
        found += checked(rows)
    return tuple(found)


def checked(rows: Iterable[SheetRow]) -> list[PlusGlyph]:
    """The rows as glyphs; every fault is a diagnostic: GLY009 for a code, SPC014 for a glyph or character named twice."""
    found, seen = [], dict[str, int]()
    for row in rows:
        glyph, code, substitute = row.required("glyph"), row.required("code"), row.text("substitute")
        texts = texts_of(code.upper()) if code else ()
        if len(texts) != 1 or not all(PLANE_16[0] <= ord(one) <= PLANE_16[1] for one in private_in(texts[0])):
            row.fault("GLY009", code=code)
            continue
        if substitute and not in_jis(substitute):
            row.fault("GLY008")
        for key in filter(None, (glyph, texts[0])):
            said = glyph if key == glyph else code
            if key in seen:
                row.fault("SPC014", key=said, line=seen[key])
            seen.setdefault(key, row.place.line)
        found.append(PlusGlyph(glyph, texts[0], substitute, row.place))
    return found


def rows_of(path: Path, diagnostics: Diagnostics) -> list[SheetRow]:
    """Rows of a list that is to be loaded, a workbook or CSV with our columns in any order.

    `DmigError` RED001, RED007, GLY012.
    """
    head, rows = read_table(path, PLUS_COLUMNS.names[0])
    places = {name: head.index(name) for name in PLUS_COLUMNS.names if name in head}
    for name in PLUS_COLUMNS.names[:3]:
        if name not in places:
            diagnostics.add(path.name, 1, "SPC004", column=name)
    return [
        SheetRow(Place(path.name, line), {name: row[place].strip() for name, place in places.items()}, diagnostics)
        for line, row in enumerate(rows, start=2)
    ]
