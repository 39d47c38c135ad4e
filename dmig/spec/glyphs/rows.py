"""Rows of the glyph ledger, `glyphs.csv`: under which code, in which character, who stands for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from dmig.errors import Diagnostics, SpecError, UsageFault
from dmig.model.mapping import GETA, GLYPH_KINDS, GLYPH_STATES, SAME_GLYPH, Glyph, PlusGlyph
from dmig.model.private_use import PRIVATE_USE, private_in
from dmig.model.repertoire import in_jis
from dmig.spec.charsets import find_charset
from dmig.spec.sheet import Columns, SheetRow

#: What a ledger had before it named codes of hosts, MJ+ glyphs and what people look glyphs up by.
_FIRST_COLUMNS = (
    "pua", "mj", "decided", "class", "substitute", "state", "decided_by", "decided_on", "approved_by", "approved_on",
    "note",
)  # fmt: skip
_COLUMNS = (
    "pua", "src_encoding", "src_code", "font", "reading", "strokes", "radical", "image", "dots", "mj", "mj_plus",
    "juki_code", "koseki_no", "decided", "class", "substitute", "substitute_basis", "state", "decided_by",
    "decided_on", "approved_by", "approved_on", "evidence", "note",
)  # fmt: skip
GLYPHS = Columns(_COLUMNS, optional=tuple(name for name in _COLUMNS if name not in _FIRST_COLUMNS))
#: What tells two rows of one file apart; which character a row speaks of may follow from the code of the host.
GLYPH_KEY = ("pua", "src_encoding", "src_code")
#: Encodings of the old system beside the character sets of hosts: their user-defined area is that of Unicode by rule.
WINDOWS, UNICODE = ("cp932", "windows-31j"), ("utf-16", "unicode", "ucs")
_FIRST, _LAST = PRIVATE_USE[0]
FORMS = {
    "mj": r"MJ\d{6}",
    "juki_code": r"J\+[0-9A-F]{4,6}",
    "koseki_no": r"\d{6}",
    "strokes": r"\d{1,2}",
    "dots": r"\d{1,3}",
}


def read_glyphs(
    rows: Sequence[SheetRow], plus: Sequence[PlusGlyph], site: Path, diagnostics: Diagnostics
) -> tuple[Glyph, ...]:
    """The ledger, one glyph a character; a later layer's row replaces that of an earlier one, whichever code names it.

    `site` holds the site's tables of character sets. GLY005 where one layer speaks of a character twice.
    """
    found: dict[str, Glyph] = {}
    listed = {glyph.glyph: glyph.text for glyph in plus}
    known = set(listed.values())
    for row in rows:
        glyph = _glyph(row, site)
        _check_lists(row, glyph, listed, known)
        before = found.get(glyph.pua)
        if before is not None and glyph.pua and before.place.layer == row.place.layer:
            row.fault("GLY005", code=f"{ord(glyph.pua):04X}", line=before.place.line)
        found[glyph.pua] = glyph
    return tuple(glyph for pua, glyph in found.items() if pua)


def _glyph(row: SheetRow, site: Path) -> Glyph:
    state, kind = row.text("state"), row.text("class")
    if state not in GLYPH_STATES:
        row.fault("SPC007", column="state", value=state, allowed=" | ".join(GLYPH_STATES))
    if kind not in (*GLYPH_KINDS, ""):
        row.fault("SPC007", column="class", value=kind, allowed=" | ".join(GLYPH_KINDS))
    for column, form in FORMS.items():
        if row.text(column) and not re.fullmatch(form, row.text(column)):
            row.fault("SPC008", column=column, value=row.text(column))
    for column in ("decided_on", "approved_on"):
        row.day(column)
    if state in ("agreed", "decided"):
        _decided(row, kind)
    if state == "agreed":
        _approved(row)
    source = " ".join(filter(None, (row.text("src_encoding"), row.text("src_code").upper())))
    return Glyph(
        pua=_character(row, site), decided=row.text("decided"), substitute=row.text("substitute") or GETA, state=state,
        decided_by=row.text("decided_by"), decided_on=row.text("decided_on"), note=row.text("note"), place=row.place,
        kind=kind, mj=row.text("mj"), approved_by=row.text("approved_by"), approved_on=row.text("approved_on"),
        source=source, mj_plus=row.text("mj_plus"), basis=row.text("substitute_basis"),
        juki=row.text("juki_code"), koseki=row.text("koseki_no"),
    )  # fmt: skip


def _character(row: SheetRow, site: Path) -> str:
    """The private-use character that a row speaks of, by its code point, its code in the old system, or both alike."""
    point, code = row.text("pua"), row.text("src_code")
    own = _of_point(row, point) if point else ""
    if not code and not row.text("src_encoding"):
        if not point:
            row.required("pua")
        return own
    text = _of_code(row, row.required("src_encoding"), row.required("src_code"), site)
    if text and own and text != own:
        row.fault("GLY004", code=code, encoding=row.text("src_encoding"))
    return own or text


def _of_point(row: SheetRow, point: str) -> str:
    if re.fullmatch("[0-9A-Fa-f]{4}", point) and _FIRST <= int(point, 16) <= _LAST:
        return chr(int(point, 16))
    row.fault("SPC008", column="pua", value=point)
    return ""


def _of_code(row: SheetRow, encoding: str, code: str, site: Path) -> str:
    """What the set makes of the code; a fault where that is no private-use character."""
    if not encoding or not code:
        return ""
    if not re.fullmatch("[0-9A-Fa-f]{4}", code):
        row.fault("SPC008", column="src_code", value=code)
        return ""
    try:
        text = _decoded(encoding.lower(), code, site)
    except UsageFault:
        row.fault("SPC020", what="charset", name=encoding)
        return ""
    except SpecError as faults:
        for fault in faults.diagnostics:
            row.diagnostics.add(fault.file, fault.line, fault.code, **dict(fault.values))
        return ""
    if len(text) != 1 or not _FIRST <= ord(text) <= _LAST:
        row.fault("GLY004", code=code, encoding=encoding)
        return ""
    return text


def _decoded(encoding: str, code: str, site: Path) -> str:
    if encoding in UNICODE:
        return chr(int(code, 16))
    if encoding in WINDOWS:
        return bytes.fromhex(code).decode("cp932", errors="ignore")
    double = find_charset(encoding, site).double
    return double.codes.get(int(code, 16), "") if double else ""


def _decided(row: SheetRow, kind: str) -> None:
    """What somebody has decided: one character that is the same, or else what is written instead."""
    row.required("class")
    row.required("decided_by")
    if kind in SAME_GLYPH:
        row.required("decided")
    elif kind and (row.text("decided") or not row.text("substitute")):
        row.fault("GLY002", kind=kind)


def _approved(row: SheetRow) -> None:
    row.required("approved_by")
    if row.text("approved_by") and row.text("approved_by") == row.text("decided_by"):
        row.fault("GLY001")


def _check_lists(row: SheetRow, glyph: Glyph, listed: dict[str, str], known: set[str]) -> None:
    """A glyph of MJ+ is that of the loaded list; no private-use character but one of it; a substitute within JIS X 0213."""
    if glyph.mj_plus and (glyph.mj_plus not in listed or glyph.decided not in ("", listed[glyph.mj_plus])):
        row.fault("GLY006", glyph=glyph.mj_plus)
    for column in ("decided", "substitute"):
        if any(one not in known for one in private_in(row.text(column))):
            row.fault("GLY007", column=column)
    if row.text("substitute") and not private_in(row.text("substitute")) and not in_jis(row.text("substitute")):
        row.fault("GLY008")
