"""The ledger against the lists that a municipality has: names in the MJ list, substitutes from the reduction map, MJ+."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dmig.errors import Diagnostics
from dmig.model.mapping import GETA, Glyph
from dmig.pipeline.sheets import Desk, book_of, lay_in
from dmig.spec.glyphs.mj_list import read_mj_list
from dmig.spec.glyphs.plus import FILE, FOLDER, PLUS_COLUMNS, checked, plus_file, rows_of
from dmig.spec.glyphs.reduction import Target, choose
from dmig.spec.sheets.changes import Change
from dmig.spec.sheets.nouns import Row
from dmig.store.private import disk_faults, refuse_missing_folder, written_aside


def disagreements(glyphs: Sequence[Glyph], path: Path) -> tuple[int, Diagnostics]:
    """How many names agree, and every row that does not.

    GLY003: its name is not in the list or is another character there; GLY011: the list has another code of 住基ネット or
    戸籍統一文字 for it.
    """
    listed, diagnostics, agree = read_mj_list(path), Diagnostics(), 0
    for glyph in (glyph for glyph in glyphs if glyph.mj):
        entry, file, line = listed.get(glyph.mj), glyph.place.file, glyph.place.line
        if entry is None or (glyph.decided and glyph.decided not in entry.texts):
            diagnostics.add(file, line, "GLY003", mj=glyph.mj, list=path.name)
        elif (glyph.juki and glyph.juki != entry.juki) or (glyph.koseki and glyph.koseki != entry.koseki):
            diagnostics.add(file, line, "GLY011", mj=glyph.mj, list=path.name)
        else:
            agree += 1
    return agree, diagnostics


@dataclass(frozen=True, slots=True)
class Substituted:
    """What the reduction map gave: changes of the ledger, files written, rows filled by table, and codes left open.

    `several`: the first table that speaks of the glyph names several characters; `none`: no table of the order does.
    """

    changes: tuple[Change, ...]
    files: tuple[str, ...]
    tables: Mapping[str, int]
    several: tuple[str, ...]
    none: tuple[str, ...]


def substitute(
    desk: Desk, targets: Mapping[str, Sequence[Target]], order: Sequence[str], *, write: bool
) -> Substituted:  # fmt: skip
    """Substitutes for rows of the ledger that name an MJ glyph and have none yet, by the declared order of tables.

    A row that is open keeps its geta mark: what stands for a character is not known before the character is.
    """
    book = book_of(desk, "glyphs")
    [page] = book.pages
    mine = {glyph.place.line: glyph for glyph in desk.declared.mapping.glyphs if glyph.place.layer == desk.layer.name}
    rows, tables = list[Row](), Counter[str]()
    several, none = list[str](), list[str]()
    for row in page.rows:
        glyph, cells = mine.get(row.line), dict(row.cells)
        if glyph is not None and glyph.mj and glyph.substitute == GETA:
            choice = choose(targets.get(glyph.mj, ()), order)
            if choice is None or not choice.text:
                (none if choice is None else several).append(f"{ord(glyph.pua):04X}")
            else:
                cells |= {"substitute": choice.text, "substitute_basis": choice.table}
                tables[choice.table] += 1
        rows.append(Row(row.line, {name: cells[name] for name in page.own}))
    changes, files = lay_in(desk, book, {page.title: rows}, write=write)
    told = {table: tables[table] for table in order if tables[table]}
    return Substituted(tuple(changes), tuple(files), told, tuple(several), tuple(none))


def add_plus(source: Path, site: Path) -> tuple[int, int, int]:
    """Check a site's MJ+ list and lay it into its folder: glyphs, those with a provisional code, those with a substitute.

    It takes the place of the one that lies there. `SpecError` with all faults, and nothing is written.
    """
    diagnostics = Diagnostics()
    rows = rows_of(source, diagnostics)
    diagnostics.stop_if_any()
    glyphs = checked(rows)
    if not glyphs and not diagnostics.items:
        diagnostics.add(source.name, 0, "SPC001")
    diagnostics.stop_if_any()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(PLUS_COLUMNS.names)
    writer.writerows([row.cells.get(name, "") for name in PLUS_COLUMNS.names] for row in rows)
    path = plus_file(site)
    refuse_missing_folder(path.parent)
    with disk_faults(path):
        path.parent.mkdir(exist_ok=True)
    with written_aside(path) as aside:
        aside.write_bytes(text.getvalue().encode())
    path.chmod(0o644)
    provisional = sum(1 for glyph in glyphs if len(glyph.text) == 1 and ord(glyph.text) >= FIRST_PROVISIONAL)
    return len(glyphs), provisional, sum(1 for glyph in glyphs if glyph.substitute)


#: Where provisional codes begin.
FIRST_PROVISIONAL = 0x100000
PLACE = f"{FOLDER}/{FILE}"
