"""Names as the old system holds them: with letters of its own, and spaces at will."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.city import FOREIGN_GIVEN, FOREIGN_SURNAMES, GIVEN_NAMES, GLYPH_SURNAMES, SURNAMES
from dmig.synth.foreigners import Written
from dmig.synth.package_forms import half_width
from dmig.synth.register import Register
from dmig.synth.streams import Ints
from dmig.synth.texts import gather, table

KANJI_GAPS, KANA_GAPS = ("\u3000", "\u3000\u3000", " "), (" ", "  ")
_HELD = [word.written for word in SURNAMES] + [glyph.held for glyph in GLYPH_SURNAMES]
_READ = [half_width(reading) for reading in [*(w.reading for w in SURNAMES), *(g.reading for g in GLYPH_SURNAMES)]]
_GIVEN, _GIVEN_READ = [word.written for word in GIVEN_NAMES], [half_width(word.reading) for word in GIVEN_NAMES]
SURNAMES_HELD, SURNAMES_READ = table(_HELD), table(_READ)
NAMES_HELD = table([f"{surname}\u3000{given}" for surname in _HELD for given in _GIVEN])
NAMES_READ = table([f"{surname} {given}" for surname in _READ for given in _GIVEN_READ])
_SPACED = table([surname + gap + given for surname in _HELD for given in _GIVEN for gap in KANJI_GAPS])
_READ_SPACED = table([surname + gap + given for surname in _READ for given in _GIVEN_READ for gap in KANA_GAPS])
FOREIGN_LETTERS = table([f"{s.letters} {g.letters}" for s in FOREIGN_SURNAMES for g in FOREIGN_GIVEN])
FOREIGN_KANJI = table([f"{s.kanji}\u3000{g.kanji}" for s in FOREIGN_SURNAMES for g in FOREIGN_GIVEN])
FOREIGN_READ = table(
    [f"{half_width(s.reading)} {half_width(g.reading)}" for s in FOREIGN_SURNAMES for g in FOREIGN_GIVEN]
)


class HeldNames:
    """Names of the entries of a register; foreigners have theirs in letters, kanji or both."""

    def __init__(self, source: Register) -> None:
        self._entries, self._persons, facts = source.entries, source.population.persons, source.foreigners
        name = facts.surname * len(FOREIGN_GIVEN) + facts.given
        foreign = self._persons.foreign
        self.letters = gather(FOREIGN_LETTERS, np.where(foreign & (facts.written != Written.KANJI), name, -1))
        self.foreign_kanji = gather(FOREIGN_KANJI, np.where(foreign & (facts.written != Written.LETTERS), name, -1))
        self._read = gather(FOREIGN_READ, np.where(foreign & facts.read, name, -1))

    def kanji(self, at: Ints, gap: Ints) -> pl.Series:
        """漢字氏名 of entries with one of KANJI_GAPS; empty for a foreigner without kanji."""
        person = self._entries.person[at]
        name = self._entries.surname[at] * len(GIVEN_NAMES) + self._persons.given[person]
        own = gather(_SPACED, np.where(self._persons.foreign[person], -1, name * len(KANJI_GAPS) + gap))
        return own.fill_null(gather(self.foreign_kanji, person))

    def kana(self, at: Ints, gap: Ints) -> pl.Series:
        """カナ氏名 of entries with one of KANA_GAPS; not every foreigner's is known."""
        person = self._entries.person[at]
        name = self._entries.surname[at] * len(GIVEN_NAMES) + self._persons.given[person]
        own = gather(_READ_SPACED, np.where(self._persons.foreign[person], -1, name * len(KANA_GAPS) + gap))
        return own.fill_null(gather(self._read, person))
