"""介護保険 as the old system holds it: its tables' columns written from typed facts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from dmig.synth.care_law import BLANK, Facts
from dmig.synth.days import NEVER, NO_DAY
from dmig.synth.package import held_births
from dmig.synth.package_care_columns import COLUMNS, Old
from dmig.synth.package_forms import day_or_blank, seireki8, time6
from dmig.synth.package_names import KANA_GAPS, KANJI_GAPS, HeldNames
from dmig.synth.register import Register
from dmig.synth.streams import Ints
from dmig.synth.texts import digits, gather, joined, only, table
from dmig.synth.wording import birth_wordings

#: What boards and clerks wrote, by fact: letters and digits as they came.
_WORDS = {
    "opinion": table(("サービスの利用を勧める", "転倒に注意 6か月", "口腔ケアを要する")),
    "remark": table(("月遅れ請求あり", "過誤調整済み", "返戻 1件")),
}


class CareTexts:
    """Renders rows of a table by their places; texts of persons are made once."""

    def __init__(self, source: Register, number: Ints) -> None:
        births = source.population.persons.births
        self._of_person = {
            "number": digits(source.population.persons.number, 10),
            "insured": digits(number, 10),
            "birth": held_births(births),
            "wording": birth_wordings(births),
        }
        self._names, self._entries = HeldNames(source), source.entries

    def rows(self, name: str, facts: Facts) -> Callable[[Ints], pl.DataFrame]:
        """How rows of a table at given places are written."""

        def render(at: Ints) -> pl.DataFrame:
            return pl.DataFrame([self._cells(column, facts, at).alias(item) for item, column in COLUMNS[name].items()])

        return render

    def _cells(self, column: Old, facts: Facts, at: Ints) -> pl.Series:
        values = facts[column.fact][at]
        if column.form in self._of_person:
            return gather(self._of_person[column.form], values)
        if column.form in ("name", "kana"):
            return self._name(column.form, values, at)
        if column.form == "code":
            return gather(table(column.codes), values)
        if column.form == "words":
            return gather(_WORDS[column.fact], values)
        if column.form.startswith("digits"):
            return only(digits(values, int(column.form.removeprefix("digits"))), values != BLANK)
        return _FORMS[column.form](values, at)

    def _name(self, form: str, entry: Ints, at: Ints) -> pl.Series:
        """The name in kanji, or in letters where a foreigner has none; or the reading."""
        if form == "kana":
            return self._names.kana(entry, at % len(KANA_GAPS))
        letters = gather(self._names.letters, self._entries.person[entry])
        return self._names.kanji(entry, at % len(KANJI_GAPS)).fill_null(letters)


def _yen(values: Ints, at: Ints) -> pl.Series:
    return only(pl.Series("", values).cast(pl.String), values != BLANK)


def _day(values: Ints, at: Ints) -> pl.Series:
    """Days; where there is none an empty cell, or seven zeros in every other row."""
    none = (values <= NO_DAY) | (values >= NEVER)
    return day_or_blank(values, none & (at % 2 == 0))


_FORMS: dict[str, Callable[[Ints, Ints], pl.Series]] = {
    "yen": _yen,
    "flag": _yen,
    "day": _day,
    "day8": lambda values, at: seireki8(values),
    "time": lambda values, at: time6(values),
    "ten": lambda values, at: digits(values, 10),
    "clerk": lambda values, at: joined("KAI", digits(values, 3)),
}


def places(facts: Facts) -> Ints:
    """All rows of a table."""
    return np.arange(len(facts["person"]))
