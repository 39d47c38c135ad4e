"""The small tables of the old tax system: 減免, 送付先, 証明発行, 調査."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.city import GIVEN_NAMES, OTHERS
from dmig.synth.days import NEVER
from dmig.synth.package_forms import day_or_blank
from dmig.synth.package_names import NAMES_HELD, NAMES_READ
from dmig.synth.package_tax import day, laid_out, yen
from dmig.synth.package_tax_items import CHOSA_ITEMS, GENMEN_ITEMS, SHOMEI_ITEMS, SOFUSAKI_ITEMS
from dmig.synth.register import Register
from dmig.synth.streams import Ints
from dmig.synth.tax_assessments import Assessments
from dmig.synth.tax_papers import Slips, TaxPapers
from dmig.synth.texts import digits, gather, joined, table

_CERTIFICATES, _INQUIRIES, _RESULTS = table(("A", "B", "C")), table(("01", "02", "03")), table(("", "0", "1"))
_PLACES = table([f"{place.prefecture}{place.name}{place.town}" for place in OTHERS])


class PaperTexts:
    """Renders their rows by place."""

    def __init__(self, source: Register, rows: Assessments, papers: TaxPapers) -> None:
        self._source, self._rows, self._papers = source, rows, papers

    def _keys(self, row: Ints) -> dict[str, pl.Series]:
        numbers = self._source.population.persons.number[self._rows.person[row]]
        return {"nendo": yen(self._rows.year[row]), "atena_no": digits(numbers, 10)}

    def genmen(self, at: Ints) -> pl.DataFrame:
        """減免."""
        reliefs, row = self._papers.reliefs, self._papers.reliefs.row[at]
        cells = self._keys(row) | {
            "ren_no": yen(np.ones(len(at), np.int64)),
            "jiyu": digits(1 + reliefs.reason[at], 2),
            "kettei_ymd": day(reliefs.day[at]),
            "wariai": yen(reliefs.percent[at]),
            "gaku": yen(self._rows.relief.sum(axis=0)[row]),
        }
        return laid_out(cells, GENMEN_ITEMS, len(at))

    def sofusaki(self, at: Ints) -> pl.DataFrame:
        """送付先."""
        agents = self._papers.agents
        name = agents.surname[at] * len(GIVEN_NAMES) + agents.given[at]
        cells = {
            "atena_no": digits(self._source.population.persons.number[agents.person[at]], 10),
            "zeimoku": table(("01",)).new_from_index(0, len(at)),
            "ren_no": yen(np.ones(len(at), np.int64)),
            "kbn": yen(2 - agents.agent[at]),
            "kana": gather(NAMES_READ, name),
            "kanji": gather(NAMES_HELD, name),
            "yubin": joined("000-", digits(1 + agents.place[at], 4)),
            "jusho": joined(gather(_PLACES, agents.place[at]), digits(agents.house[at], 1), "番地"),
            "kaishi_ymd": day(agents.since[at]),
            "shuryo_ymd": day_or_blank(agents.until[at], (agents.until[at] == NEVER) & (at % 2 == 0)),
        }
        return laid_out(cells, SOFUSAKI_ITEMS, len(at))

    def shomei(self, at: Ints) -> pl.DataFrame:
        """証明発行."""
        slips = self._papers.certificates
        cells = self._slip(slips, at) | {
            "shurui": gather(_CERTIFICATES, slips.kind[at]),
            "hakko_ymd": day(slips.day[at]),
            "maisu": yen(slips.count[at]),
        }
        return laid_out(cells, SHOMEI_ITEMS, len(at))

    def chosa(self, at: Ints) -> pl.DataFrame:
        """調査."""
        slips = self._papers.inquiries
        cells = self._slip(slips, at) | {
            "jiyu": gather(_INQUIRIES, slips.kind[at]),
            "chosa_ymd": day(slips.day[at]),
            "kekka": gather(_RESULTS, slips.count[at]),
        }
        return laid_out(cells, CHOSA_ITEMS, len(at))

    def _slip(self, slips: Slips, at: Ints) -> dict[str, pl.Series]:
        return self._keys(slips.row[at]) | {"ren_no": yen(slips.number[at])}
