"""The small groups of 児童手当: 配偶者, 現況届, 所得判定, 差止・時効, 徴収・寄附, 施設等入所児童, 支払口座."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth import truth_child_items as items
from dmig.synth.child_claims import SCHOOL_MEALS
from dmig.synth.child_law import INCOME_MONTHS, YEARS
from dmig.synth.child_papers import ChildPapers, Spans
from dmig.synth.child_sheets import report_days
from dmig.synth.city import FOREIGN_GIVEN, FOREIGN_SURNAMES
from dmig.synth.days import NO_DAY
from dmig.synth.streams import Ints
from dmig.synth.truth_child import ChildTruth
from dmig.synth.truth_forms import in_layout, iso_days, leading_zeros, ones
from dmig.synth.truth_names import whole
from dmig.synth.truth_tax import text

_BANKS = pl.Series(["見本銀行", "例示信用金庫", "架空農業協同組合"])
_BRANCHES = pl.Series(["本店", "青葉支店", "港支店", "表野支店"])
_HOMES = pl.Series(["見本学園", "隣見里親会", "見本療育センター"])
_NOTES = pl.Series([None, "申出書　受付済", "学校教育課へ照会済"])
_FOREIGN = pl.Series([f"{s.reading}　{g.reading}" for s in FOREIGN_SURNAMES for g in FOREIGN_GIVEN])


class ChildPaperTruth:
    """Renders their rows by place."""

    def __init__(self, truth: ChildTruth, papers: ChildPapers) -> None:
        self._truth, self._papers = truth, papers

    def haigusha(self, claim: Ints) -> pl.DataFrame:
        """配偶者."""
        truth = self._truth
        person = truth.found.partner[truth.held.home[claim]]
        entry = truth.found.stays.entry[person]
        columns = {
            **truth.keys(claim),
            "配偶者_宛名番号": truth.of(person),
            "配偶者_氏名": truth.names.full(entry),
            "配偶者_氏名_フリガナ": truth.names.reading(entry),
            **truth.born(person),
            "同居区分": ones(claim % 43 != 0),
            "被用者区分": text(2 - (truth.facts.employer[person] >= 0)),
        }
        return in_layout(columns, items.HAIGUSHA, len(claim))

    def genkyo(self, at: Ints) -> pl.DataFrame:
        """現況届."""
        rows = self._papers.reports
        claim = rows.claim[at]
        filed, checked = report_days(rows, at)
        columns = {
            **self._truth.keys(claim),
            "年度": text(YEARS[0][0] + rows.number[at]),
            "提出省略区分": ones(claim % 4 != 0),
            "提出年月日": iso_days(np.where(claim % 4 == 0, filed, NO_DAY)),
            "確認年月日": iso_days(checked),
            "審査結果": text(np.where(claim % 11 == 0, 2, 1)),
        }
        return in_layout(columns, items.GENKYO, len(at))

    def shotoku(self, at: Ints) -> pl.DataFrame:
        """所得判定."""
        rows, found = self._papers.incomes, self._truth.found
        n, home = rows.number[at], self._truth.held.home[rows.claim[at]]
        income, deduction = found.income[n, home], found.deduction[n, home]
        columns = {
            **self._truth.keys(rows.claim[at]),
            "年度": text(INCOME_MONTHS[0][0] + n),
            "所得額": text(income),
            "控除額": text(deduction),
            "判定所得額": text(np.where(income > deduction, income - deduction, 0)),
            "扶養人数": text(found.dependants[n, home]),
            "判定区分": text(1 + found.benefit[home, np.where(n == 0, 0, 12)]),
        }
        return in_layout(columns, items.SHOTOKUHANTEI, len(at))

    def _span(self, rows: Spans, at: Ints, begin: str, end: str) -> dict[str, pl.Series]:
        days = {begin: iso_days(rows.since[at]), end: iso_days(rows.until[at])}
        return {**self._truth.keys(rows.claim[at]), "連番": text(np.ones(len(at), np.int64)), **days}

    def sashitome(self, at: Ints) -> pl.DataFrame:
        """差止・時効."""
        rows = self._papers.stops
        columns = {
            **self._span(rows, at, "開始年月日", "解除年月日"),
            "差止区分": text(1 + rows.kind[at]),
            "差止事由": text(1 + at % 3),
            "差止額": text(10_000 * (1 + at % 3)),
        }
        return in_layout(columns, items.SASHITOME, len(at))

    def choshu(self, at: Ints) -> pl.DataFrame:
        """徴収・寄附."""
        rows = self._papers.transfers
        columns = {
            **self._span(rows, at, "開始年月", "終了年月"),
            "徴収区分": text(1 + rows.kind[at]),
            "申出年月日": iso_days(rows.since[at] - 20),
            "一回の額": text(np.full(len(at), SCHOOL_MEALS)),
            "摘要": _NOTES.gather(at % 3),
        }
        return in_layout(columns, items.CHOSHU, len(at))

    def shisetsu(self, at: Ints) -> pl.DataFrame:
        """施設等入所児童."""
        rows, truth = self._papers.stays, self._truth
        child = truth.found.slots[rows.slot[at], truth.held.home[rows.claim[at]]]
        columns = {
            **self._span(rows, at, "入所年月日", "退所年月日"),
            "児童_宛名番号": truth.of(child),
            "施設種別": text(1 + rows.kind[at]),
            "施設名": _HOMES.gather(rows.kind[at]),
        }
        return in_layout(columns, items.SHISETSU, len(at))

    def koza(self, at: Ints) -> pl.DataFrame:
        """支払口座."""
        rows, source = self._papers.accounts, self._truth.source
        person, persons, facts = rows.person[at], source.population.persons, source.foreigners
        away = persons.foreign[person]
        surname = source.entries.surname[self._truth.found.stays.entry[person]]
        own = whole(np.where(away, -1, surname), persons.given[person], "reading")
        holder = own.fill_null(
            _FOREIGN.gather(np.where(away, facts.surname[person] * len(FOREIGN_GIVEN) + facts.given[person], 0))
        )
        columns = {
            "宛名番号": self._truth.of(person),
            "連番": text(rows.number[at]),
            "金融機関コード": text(9_981 + rows.bank[at]),
            "金融機関名": _BANKS.gather(rows.bank[at]),
            "店舗コード": leading_zeros(1 + rows.branch[at], 3),
            "店舗名": _BRANCHES.gather(rows.branch[at]),
            "口座種別": text(np.array([1, 2, 4])[rows.kind[at]]),
            "口座番号": leading_zeros(rows.account[at], 7),
            "口座名義": holder,
            "公金受取口座区分": ones(rows.public[at]),
            "開始年月日": iso_days(rows.since[at]),
            "終了年月日": iso_days(rows.until[at]),
        }
        return in_layout(columns, items.KOZA, len(at))
