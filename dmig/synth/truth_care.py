"""介護保険 as the standard groups want it, rendered from the same facts by code of its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from dmig.synth.births import DAY_UNKNOWN
from dmig.synth.care_law import BLANK, Facts
from dmig.synth.register import Register
from dmig.synth.streams import Ints
from dmig.synth.truth_care_columns import Group, New
from dmig.synth.truth_forms import iso, iso_days, leading_zeros, ones, pick, ten_digits, together, where
from dmig.synth.truth_names import StandardNames
from dmig.synth.wording import birth_wordings

#: Everything in full width.
_WORDS = {
    "opinion": pl.Series(["サービスの利用を勧める", "転倒に注意　６か月", "口腔ケアを要する"]),
    "remark": pl.Series(["月遅れ請求あり", "過誤調整済み", "返戻　１件"]),
}


class CareTruth:
    """Renders rows of a group by their places; texts of persons are made once."""

    def __init__(self, source: Register, number: Ints) -> None:
        births = source.population.persons.births
        self._of_person = {
            "number": ten_digits(source.population.persons.number),
            "insured": ten_digits(number),
            "birth": iso(births.parts),
            "unknown": ones(np.isin(births.shape, DAY_UNKNOWN)),
            "wording": birth_wordings(births),
        }
        self._names = StandardNames(source)

    def rows(self, group: Group, facts: Facts) -> Callable[[Ints], pl.DataFrame]:
        """How rows of a group are written; a place of a spread group is that of the row by the number of labels."""
        times = max(1, len(group.labels))

        def render(at: Ints) -> pl.DataFrame:
            row, label = at // times, at % times
            cells = [self._cells(item, group, facts, row, label).alias(name) for name, item in group.items.items()]
            return pl.DataFrame(cells)

        return render

    def _cells(self, item: New, group: Group, facts: Facts, row: Ints, label: Ints) -> pl.Series:
        if item.form == "label":
            return pl.Series(group.labels).gather(label)
        if item.form == "spread":
            values = _spread(item.fact, group, facts)[row, label]
            return pick(pl.Series(item.codes), values) if item.codes else _amount(values)
        values = facts[item.fact][row]
        if item.form in self._of_person:
            return self._of_person[item.form].gather(values)
        if item.form == "code":
            return pick(pl.Series(item.codes), values)
        if item.form == "words":
            return pick(_WORDS[item.fact], values)
        if item.form in ("name", "kana"):
            return self._names.full(values) if item.form == "name" else self._names.reading(values)
        if item.form.startswith("digits"):
            width = int(item.form.removeprefix("digits"))
            return where(leading_zeros(np.maximum(values, 0), width), values != BLANK)
        return _FORMS[item.form](values)


def _amount(values: Ints) -> pl.Series:
    return where(pl.Series(values).cast(pl.String), values != BLANK)


def _spread(fact: str, group: Group, facts: Facts) -> Ints:
    return np.stack([facts[f"{fact}{n}"] for n in range(len(group.labels))], axis=1)


def _time(seconds: Ints) -> pl.Series:
    parts = (seconds // 3_600, seconds // 60 % 60, seconds % 60)
    hour, minute, second = (leading_zeros(part, 2) for part in parts)
    return together(hour, ":", minute, ":", second)


_FORMS: dict[str, Callable[[Ints], pl.Series]] = {
    "text": _amount,
    "flag": _amount,
    "day": iso_days,
    "time": _time,
    "ten": ten_digits,
    "clerk": lambda values: together("KAI", leading_zeros(values, 3)),
}


def standard_places(group: Group, facts: Facts) -> Ints:
    """The rows of a group in file order: nothing that was deleted, of spread columns those that are filled."""
    kept = facts["deleted"] == 0 if "deleted" in facts else np.ones(len(facts["person"]), np.bool_)
    if not group.labels:
        return np.flatnonzero(kept)
    fact = next(item.fact for item in group.items.values() if item.form == "spread")
    return np.flatnonzero((kept[:, None] & (_spread(fact, group, facts) >= 0)).ravel())
