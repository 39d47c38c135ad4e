"""減免, 送付先, 証明発行 and 調査 as the standard groups want them."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.city import OTHERS
from dmig.synth.register import Register
from dmig.synth.streams import Ints
from dmig.synth.tax_assessments import Assessments
from dmig.synth.tax_papers import TaxPapers
from dmig.synth.truth_forms import WIDE_NUMBERS, in_layout, iso_days, leading_zeros, ten_digits, together
from dmig.synth.truth_names import whole
from dmig.synth.truth_tax import text
from dmig.synth.truth_tax_items import CHOSA, GENMEN, SHOMEIHAKKO, SOFUSAKI

_PLACES = pl.Series([f"{place.prefecture}{place.name}{place.town}" for place in OTHERS])


class PaperTruth:
    """Renders their rows by place."""

    def __init__(self, source: Register, rows: Assessments, papers: TaxPapers) -> None:
        self._source, self._rows, self._papers = source, rows, papers

    def _keys(self, row: Ints) -> dict[str, pl.Series]:
        numbers = self._source.population.persons.number[self._rows.person[row]]
        return {"課税年度": text(self._rows.year[row]), "宛名番号": ten_digits(numbers)}

    def genmen(self, at: Ints) -> pl.DataFrame:
        """減免."""
        reliefs, row = self._papers.reliefs, self._papers.reliefs.row[at]
        columns = {
            **self._keys(row),
            "減免連番": pl.Series(["1"]).new_from_index(0, len(at)),
            "減免事由": pl.Series(["1", "2"]).gather(reliefs.reason[at]),
            "決定年月日": iso_days(reliefs.day[at]),
            "減免割合": text(reliefs.percent[at]),
            "減免額": text(self._rows.relief[0, row] + self._rows.relief[1, row]),
        }
        return in_layout(columns, GENMEN, len(at))

    def sofusaki(self, at: Ints) -> pl.DataFrame:
        """納税管理人・送付先."""
        agents = self._papers.agents
        columns = {
            "宛名番号": ten_digits(self._source.population.persons.number[agents.person[at]]),
            "税目": pl.Series(["01"]).new_from_index(0, len(at)),
            "連番": pl.Series(["1"]).new_from_index(0, len(at)),
            "送付先区分": text(np.where(agents.agent[at], 1, 2)),
            "送付先_氏名": whole(agents.surname[at], agents.given[at]),
            "送付先_フリガナ": whole(agents.surname[at], agents.given[at], "reading"),
            "送付先_郵便番号": together("000", leading_zeros(agents.place[at] + 1, 4)),
            "送付先_住所": together(_PLACES.gather(agents.place[at]), WIDE_NUMBERS.gather(agents.house[at]), "番地"),
            "開始年月日": iso_days(agents.since[at]),
            "終了年月日": iso_days(agents.until[at]),
        }
        return in_layout(columns, SOFUSAKI, len(at))

    def shomeihakko(self, at: Ints) -> pl.DataFrame:
        """証明発行."""
        slips = self._papers.certificates
        columns = {
            **self._keys(slips.row[at]),
            "発行連番": text(slips.number[at]),
            "証明種類": text(slips.kind[at] + 1),
            "発行年月日": iso_days(slips.day[at]),
            "枚数": text(slips.count[at]),
        }
        return in_layout(columns, SHOMEIHAKKO, len(at))

    def chosa(self, at: Ints) -> pl.DataFrame:
        """調査."""
        slips = self._papers.inquiries
        columns = {
            **self._keys(slips.row[at]),
            "調査連番": text(slips.number[at]),
            "調査事由": text(slips.kind[at] + 1),
            "調査年月日": iso_days(slips.day[at]),
            "調査結果": text(slips.count[at] - 1),
        }
        return in_layout(columns, CHOSA, len(at))
