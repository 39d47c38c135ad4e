"""Legacy text to the canonical text of its declared type, with a mask where that was not possible."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

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
        self._glyphs = glyphs
        self._glyph_items: list[str] = []
        self._expressions: list[pl.Expr] = []
        for name, item in self.items.items():
            raw = pl.col(name)
            source = pl.when(raw.str.len_bytes() > 0).then(raw)
            if item.type in WITH_GLYPHS:
                self._glyph_items.append(name)
                self.findings.append((GLYPH_FINDING, name))
            output = registry.legacy_types[item.type].build(Request((source,), item.args))
            self._expressions.append(output.values[""].alias(name))
            self._expressions.append(output.fault.alias(bad(name)))
            for code, mask in output.findings.items():
                self.findings.append((code, name))
                self._expressions.append(mask.alias(finding(code, name)))

    def run(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with canonical items and masks; items that its table does not have become null columns."""
        absent = [pl.lit(None, pl.String).alias(name) for name in self.items if name not in frame.columns]
        # Lazy, because only then common parts of expressions are computed once.
        return self._with_glyphs(frame.with_columns(absent)).lazy().with_columns(self._expressions).collect()

    def _with_glyphs(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Private-use characters as decided; only columns that hold any pay for it."""
        found = frame.select(pl.col(name).str.contains(PRIVATE_USE).any() for name in self._glyph_items)
        marked = [name for name in self._glyph_items if found[name].item()]
        agreed = [glyph for glyph in self._glyphs if glyph.state == "agreed"]
        undecided = [glyph for glyph in self._glyphs if glyph.state != "agreed"]
        columns = []
        for name in self._glyph_items:
            decided = pl.col(name)
            if name in marked and agreed:
                decided = decided.str.replace_many([g.pua for g in agreed], [g.decided for g in agreed])
            open_left = decided.str.contains(PRIVATE_USE).fill_null(False) if name in marked else pl.lit(False)
            columns.append(open_left.alias(finding(GLYPH_FINDING, name)))
            if name in marked:
                if undecided:
                    decided = decided.str.replace_many([g.pua for g in undecided], [g.substitute for g in undecided])
                columns.append(decided.str.replace_all(PRIVATE_USE, SUBSTITUTE).alias(name))
        return frame.with_columns(columns)
