"""Names as the standard layout wants them: one full-width space, full width, decided letters."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.city import FOREIGN_GIVEN, FOREIGN_SURNAMES, GIVEN_NAMES, GLYPH_SURNAMES, SURNAMES
from dmig.synth.foreigners import Written
from dmig.synth.register import Register
from dmig.synth.streams import Bools, Ints
from dmig.synth.truth_forms import WIDE, ones, pick

_WRITTEN = [*(word.written for word in SURNAMES), *(glyph.decided for glyph in GLYPH_SURNAMES)]
_READING = [*(word.reading for word in SURNAMES), *(glyph.reading for glyph in GLYPH_SURNAMES)]
FAMILY = pl.DataFrame({"written": _WRITTEN, "reading": _READING})
GIVEN = pl.DataFrame({"written": [g.written for g in GIVEN_NAMES], "reading": [g.reading for g in GIVEN_NAMES]})
WHOLE = pl.DataFrame(
    [(f"{s}　{g.written}", f"{r}　{g.reading}") for s, r in zip(_WRITTEN, _READING, strict=True) for g in GIVEN_NAMES],
    schema=["written", "reading"],
    orient="row",
)
_FOREIGN = pl.DataFrame(
    [
        (f"{s.letters} {g.letters}".translate(WIDE), f"{s.kanji}　{g.kanji}", f"{s.reading}　{g.reading}")
        for s in FOREIGN_SURNAMES
        for g in FOREIGN_GIVEN
    ],
    schema=["letters", "kanji", "reading"],
    orient="row",
)


def whole(surname: Ints, given: Ints, column: str = "written") -> pl.Series:
    """Full names of surnames and given names; null where the surname is negative."""
    return pick(WHOLE[column], np.where(surname < 0, -1, surname * len(GIVEN_NAMES) + given))


class StandardNames:
    """Names of the entries of a register."""

    def __init__(self, source: Register) -> None:
        self._source = source
        facts, foreign = source.foreigners, source.population.persons.foreign
        index = facts.surname * len(FOREIGN_GIVEN) + facts.given
        self._letters = pick(_FOREIGN["letters"], np.where(foreign & (facts.written != Written.KANJI), index, -1))
        self._kanji = pick(_FOREIGN["kanji"], np.where(foreign & (facts.written != Written.LETTERS), index, -1))
        self._reading = pick(_FOREIGN["reading"], np.where(foreign & facts.read, index, -1))
        self._leading = self._kanji.fill_null(self._letters)

    def full(self, at: Ints) -> pl.Series:
        """氏名 of entries; null where `at` is negative."""
        entries, persons = self._source.entries, self._source.population.persons
        person = entries.person[np.maximum(at, 0)]
        foreign = persons.foreign[person]
        own = whole(np.where(foreign | (at < 0), -1, entries.surname[at]), persons.given[person])
        return own.fill_null(pick(self._leading, np.where(foreign & (at >= 0), person, -1)))

    def reading(self, at: Ints) -> pl.Series:
        """氏名_フリガナ of entries; not every foreigner's is known."""
        person = self._source.entries.person[at]
        persons = self._source.population.persons
        surname = np.where(persons.foreign[person], -1, self._source.entries.surname[at])
        return whole(surname, persons.given[person], "reading").fill_null(self._reading.gather(person))

    def columns(self, at: Ints) -> dict[str, pl.Series]:
        """All items about names."""
        entries, persons, shown = self._source.entries, self._source.population.persons, self._source.snapshots
        person = entries.person[at]
        foreign = persons.foreign[person]
        surname = np.where(foreign, -1, entries.surname[at])
        given = np.where(foreign, -1, persons.given[person])
        former = np.where(shown.former[at], persons.surname[person], -1)
        facts = self._source.foreigners
        alias = np.where(shown.alias[at], facts.alias_surname[person], -1)
        head = np.where(entries.person[at] == entries.head[at], at, shown.head_entry[at])
        return {
            "氏名": self.full(at),
            "氏_日本人": pick(FAMILY["written"], surname),
            "名_日本人": pick(GIVEN["written"], given),
            "氏名_外国人ローマ字": self._letters.gather(person),
            "氏名_外国人漢字": self._kanji.gather(person),
            "氏名_フリガナ": self.reading(at),
            "氏_日本人_フリガナ": pick(FAMILY["reading"], surname),
            "名_日本人_フリガナ": pick(GIVEN["reading"], given),
            "氏名_フリガナ確認状況": ones(self._source.papers.read[person]),
            "旧氏": pick(FAMILY["written"], former),
            "旧氏_フリガナ": pick(FAMILY["reading"], former),
            "通称": whole(alias, facts.alias_given[person]),
            "通称_フリガナ": whole(alias, facts.alias_given[person], "reading"),
            "氏名優先区分": self._leading_name(person, foreign, shown.alias[at]),
            "世帯主氏名": self.full(head),
        }

    def _leading_name(self, person: Ints, foreign: Bools, alias: Bools) -> pl.Series:
        """1 the real name, 2 通称, 3 kanji, 4 letters."""
        facts = self._source.foreigners
        own = np.select([facts.written[person] == Written.LETTERS, facts.written[person] == Written.BOTH], [4, 3], 1)
        code = np.where(foreign, np.where(alias & facts.prefers_alias[person], 2, own), 1)
        return pl.Series(code).cast(pl.String)
