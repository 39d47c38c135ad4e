"""The small tables of the old allowance system: 配偶者, 現況届, 所得判定, 差止, 徴収・寄附, 施設入所, 口座."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth import package_child_items as items
from dmig.synth.child_claims import SCHOOL_MEALS, Rows
from dmig.synth.child_law import INCOME_MONTHS, YEARS
from dmig.synth.child_papers import ChildPapers, Spans
from dmig.synth.child_sheets import report_days
from dmig.synth.city import FOREIGN_GIVEN, GIVEN_NAMES
from dmig.synth.package_child import BENEFITS, ChildTexts
from dmig.synth.package_forms import day_or_blank
from dmig.synth.package_names import FOREIGN_READ, NAMES_READ
from dmig.synth.package_tax import day, day_or_zeros, flags, laid_out, yen
from dmig.synth.streams import Ints
from dmig.synth.texts import digits, gather, only, table

_BANKS, _BRANCHES = (
    table(("見本銀行", "例示信用金庫", "架空農業協同組合")),
    table(("本店", "青葉支店", "港支店", "表野支店")),
)
_KINDS, _STAYS = table(("1", "2", "4")), table(tuple("SRB"))
_HOMES = table(("見本学園", "隣見里親会", "見本療育ｾﾝﾀｰ"))
_NOTES = table(("", "申出書 受付済", "学校教育課へ照会済"))


class ChildPaperTexts:
    """Renders their rows by place."""

    def __init__(self, texts: ChildTexts, papers: ChildPapers) -> None:
        self._texts, self._papers = texts, papers

    def haigu(self, claim: Ints) -> pl.DataFrame:
        """配偶者."""
        texts = self._texts
        person = texts.found.partner[texts.held.home[claim]]
        cells = texts.keys(claim) | {
            "haigu_no": gather(texts.number, person),
            **texts.named(person, claim, "haigu_", ""),
            "umare_ymd": gather(texts.birth, person),
            "umare_hyoki": gather(texts.wording, person),
            "dokyo_kbn": flags(claim % 43 > 0),
            "hiyo_kbn": yen(np.where(texts.facts.employer[person] >= 0, 1, 2)),
        }
        return laid_out(cells, items.HAIGU_ITEMS, len(claim))

    def genkyo(self, at: Ints) -> pl.DataFrame:
        """現況届."""
        rows = self._papers.reports
        claim, filed, checked = rows.claim[at], *report_days(rows, at)
        cells = self._texts.keys(claim) | {
            "nendo": self._year(rows, at, YEARS),
            "shoryaku_kbn": flags(claim % 4 > 0),
            "teishutsu_ymd": day_or_zeros(filed, claim % 4 == 0),
            "kakunin_ymd": day(checked),
            "kekka": yen(1 + (claim % 11 == 0)),
        }
        return laid_out(cells, items.GENKYO_ITEMS, len(at))

    def _year(self, rows: Rows, at: Ints, years: tuple[tuple[int, ...], ...]) -> pl.Series:
        return yen(np.array([year for year, *_ in years])[rows.number[at]])

    def shotoku(self, at: Ints) -> pl.DataFrame:
        """所得判定."""
        rows, found, held = self._papers.incomes, self._texts.found, self._texts.held
        claim, n = rows.claim[at], rows.number[at]
        home = held.home[claim]
        income, deduction = found.income[n, home], found.deduction[n, home]
        june = np.array([first for _, first, _ in INCOME_MONTHS])[n]
        cells = self._texts.keys(claim) | {
            "nendo": self._year(rows, at, INCOME_MONTHS),
            "shotoku": yen(income),
            "kojo": yen(deduction),
            "hantei_gaku": yen(np.maximum(income - deduction, 0)),
            "fuyo_nin": yen(found.dependants[n, home]),
            "hantei": gather(BENEFITS, found.benefit[home, june]),
        }
        return laid_out(cells, items.SHOTOKU_ITEMS, len(at))

    def sashi(self, at: Ints) -> pl.DataFrame:
        """差止."""
        rows = self._papers.stops
        cells = self._span(rows, at, "kaijo_ymd") | {
            "kbn": yen(1 + rows.kind[at]),
            "jiyu": digits(1 + at % 3, 2),
            "gaku": yen(10_000 * (1 + at % 3)),
        }
        return laid_out(cells, items.SASHI_ITEMS, len(at))

    def _span(self, rows: Spans, at: Ints, end: str, begin: str = "kaishi_ymd") -> dict[str, pl.Series]:
        return self._texts.keys(rows.claim[at]) | {
            "ren_no": yen(np.ones(len(at), np.int64)),
            begin: day(rows.since[at]),
            end: day_or_blank(rows.until[at], at % 2 == 0),
        }

    def choshu(self, at: Ints) -> pl.DataFrame:
        """徴収・寄附."""
        rows = self._papers.transfers
        cells = self._span(rows, at, "shuryo_ymd") | {
            "kbn": gather(table(tuple("KHF")), rows.kind[at]),
            "moshide_ymd": day(rows.since[at] - 20),
            "gaku": yen(np.full(len(at), SCHOOL_MEALS)),
            "tekiyo": gather(_NOTES, at % 3),
        }
        return laid_out(cells, items.CHOSHU_ITEMS, len(at))

    def shisetsu(self, at: Ints) -> pl.DataFrame:
        """施設入所."""
        rows, texts = self._papers.stays, self._texts
        child = texts.found.slots[rows.slot[at], texts.held.home[rows.claim[at]]]
        cells = self._span(rows, at, "taisho_ymd", "nyusho_ymd") | {
            "jido_no": gather(texts.number, child),
            "shubetsu": gather(_STAYS, rows.kind[at]),
            "meisho": gather(_HOMES, rows.kind[at]),
        }
        return laid_out(cells, items.SHISETSU_ITEMS, len(at))

    def koza(self, at: Ints) -> pl.DataFrame:
        """口座; its holder is always written in half-width kana."""
        rows, source = self._papers.accounts, self._texts.source
        person, persons, facts = rows.person[at], source.population.persons, source.foreigners
        own = source.entries.surname[self._texts.found.stays.entry[person]] * len(GIVEN_NAMES) + persons.given[person]
        foreign = facts.surname[person] * len(FOREIGN_GIVEN) + facts.given[person]
        away = persons.foreign[person]
        holder = only(gather(NAMES_READ, own), ~away).fill_null(gather(FOREIGN_READ, np.where(away, foreign, -1)))
        cells = {
            "atena_no": gather(self._texts.number, person),
            "ren_no": yen(rows.number[at]),
            "kinyu_cd": digits(9_981 + rows.bank[at], 4),
            "kinyu_mei": gather(_BANKS, rows.bank[at]),
            "shiten_cd": digits(1 + rows.branch[at], 3),
            "shiten_mei": gather(_BRANCHES, rows.branch[at]),
            "shubetsu": gather(_KINDS, rows.kind[at]),
            "koza_no": digits(rows.account[at], 7),
            "meigi": holder,
            "kokin_kbn": flags(rows.public[at]),
            "kaishi_ymd": day(rows.since[at]),
            "shuryo_ymd": day_or_blank(rows.until[at], at % 2 == 0),
        }
        return laid_out(cells, items.KOZA_ITEMS, len(at))
