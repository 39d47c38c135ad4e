"""Legacy text to the canonical text of its declared type, with a mask where that was not possible."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from dmig.converters.cells import Alike, Cells, Member, named
from dmig.converters.contract import Registry, Request
from dmig.model.legacy import LegacyItem
from dmig.model.mapping import Glyph

#: Legacy types whose text may hold private-use characters (外字).
WITH_GLYPHS = ("text", "kana")
#: Said of a cell in which an undecided private-use character was replaced by its substitute.
GLYPH_FINDING = "NRM020"
PRIVATE_USE = "[\ue000-\uf8ff]"
#: Written where the ledger does not name a substitute: the geta mark.
SUBSTITUTE = "〓"


def bad(item: str) -> str:
    """Name of the mask column of an item: set where its text does not have its declared form."""
    return f"!{item}"


def finding(code: str, item: str) -> str:
    """Name of the mask column of a finding about an item."""
    return f"?{code}|{item}"


class Normaliser:
    """The compiled normalisation of some items of one table or union; picklable by its declarations."""

    def __init__(self, items: Mapping[str, LegacyItem], registry: Registry, glyphs: tuple[Glyph, ...] = ()) -> None:
        self.items = dict(items)
        self.fault_codes = {name: registry.legacy_types[item.type].fault_code for name, item in items.items()}
        self.findings: list[tuple[str, str]] = []
        self._agreed = {glyph.pua: glyph.written for glyph in glyphs if glyph.settled}
        self._undecided = {glyph.pua: glyph.written for glyph in glyphs if not glyph.settled}
        self._glyph_items = [name for name, item in self.items.items() if item.type in WITH_GLYPHS]
        alike: dict[tuple[object, ...], list[LegacyItem]] = {}
        for item in self.items.values():
            alike.setdefault((item.type, *sorted(item.args.items())), []).append(item)
        self._alike = tuple(self._build(registry, members) for members in alike.values())

    def _build(self, registry: Registry, items: list[LegacyItem]) -> Alike:
        """The reading of all items of one declared form."""
        raw = pl.col("raw")
        source = pl.when(raw.str.len_bytes() > 0).then(raw)
        output = registry.legacy_types[items[0].type].build(Request((source,), items[0].args))
        results = [output.values[""].alias("value"), output.fault.alias("bad")]
        results += [mask.alias(code) for code, mask in output.findings.items()]
        members = []
        for item in items:
            self.findings += [(GLYPH_FINDING, item.item)] if item.type in WITH_GLYPHS else []
            self.findings += [(code, item.item) for code in output.findings]
            marks = (finding(code, item.item) for code in output.findings)
            members.append(Member((item.item,), (item.item, bad(item.item), *marks)))
        return Alike(("raw",), named(results), tuple(members))

    def run(self, cells: Cells) -> Cells:
        """The block with canonical items and masks; items that its table does not have become blank."""
        for name in self.items:
            if name not in cells:
                cells.fill(name, pl.Series([None], dtype=pl.String))
        for name in self._glyph_items:
            self._decide_glyphs(cells, name)
        for alike in self._alike:
            cells.evaluate_alike(alike)
        return cells

    def _decide_glyphs(self, cells: Cells, name: str) -> None:
        """Private-use characters as decided, substitutes for the others; only items that hold any pay for it."""
        text, mark = cells.values(name), finding(GLYPH_FINDING, name)
        cells.fill(mark, pl.Series([False]))
        if not text.str.contains(PRIVATE_USE).any():
            return
        if self._agreed:
            text = text.str.replace_many(list(self._agreed), list(self._agreed.values()))
        undecided = text.str.contains(PRIVATE_USE).fill_null(False)
        if self._undecided:
            text = text.str.replace_many(list(self._undecided), list(self._undecided.values()))
        cells.lay(mark, name, undecided)
        cells.lay(name, name, text.str.replace_all(PRIVATE_USE, SUBSTITUTE))
