"""What the old tax system holds of collection: instalments and months as columns, employers, documents, levies."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.city import CITY, PREFECTURE, TOWNS
from dmig.synth.days import NEVER, day_of
from dmig.synth.package_forms import day_or_blank, half_width
from dmig.synth.package_tax import TaxTexts, day, flags, laid_out, yen
from dmig.synth.package_tax_items import (
    CHOTEI_ITEMS,
    JIGYOSHO_ITEMS,
    KIBETSU_ITEMS,
    MONTHS,
    NENTOKU_ITEMS,
    SHIRYO_ITEMS,
    TOKUCHO_ITEMS,
)
from dmig.synth.register import Register
from dmig.synth.streams import Ints
from dmig.synth.tax_assessments import Assessments, due_days
from dmig.synth.tax_income import Earnings, Source
from dmig.synth.tax_reckon import Deduction
from dmig.synth.tax_sheets import (
    DOCUMENT_KINDS,
    PAY,
    Employers,
    Levies,
    by_account,
    has_before,
    has_several_documents,
    stopped,
)
from dmig.synth.texts import digits, gather, joined, only, table

_PLACE_NAMES = ("青葉", "若草", "港", "表野", "十文字", "本町", "能見", "見晴")
_PLACE_READINGS = ("アオバ", "ワカクサ", "ミナト", "オモテノ", "ジュウモンジ", "ホンマチ", "ノウミ", "ミハラシ")
_TRADE_NAMES = ("工業", "商事", "建設", "食品", "運輸", "電機", "印刷", "サービス")
_TRADE_READINGS = ("コウギョウ", "ショウジ", "ケンセツ", "ショクヒン", "ウンユ", "デンキ", "インサツ", "サービス")
_NAMES = table([f"見本{place}{trade}株式会社" for place in _PLACE_NAMES for trade in _TRADE_NAMES])
_READINGS = table(
    [half_width(f"ミホン{place}{trade}カブシキガイシャ") for place in _PLACE_READINGS for trade in _TRADE_READINGS]
)
_PENSION_MONTHS = table(("04", "06", "08", "10", "12", "02"))
_DOCUMENTS = table(("K", "N", "S"))
_TOWNS = table(TOWNS)


class CollectionTexts:
    """Renders rows of collection by their places."""

    def __init__(
        self, source: Register, rows: Assessments, facts: Earnings, firms: Employers, levy: Levies, texts: TaxTexts
    ) -> None:
        self._source, self._rows, self._facts = source, rows, facts
        self._firms, self._levy, self._texts = firms, levy, texts
        self._account, self._before, self._stopped = by_account(rows), has_before(rows), stopped(rows)
        self._order, self._pension = source.population.persons.order, source.papers.pension

    def _notice(self, at: Ints) -> pl.Series:
        """通知書番号: two digits of the year, eight of the person's place among all numbers."""
        rows = self._rows
        return joined(digits(rows.year[at] % 100, 2), digits(self._order[rows.person[at]], 8))

    def kibetsu(self, at: Ints) -> pl.DataFrame:
        """普通徴収: the instalments as columns, amounts with leading zeros."""
        rows, due = self._rows, due_days(self._rows.year[at])
        cells = self._texts.keys(at) | {"tsuchisho_no": self._notice(at), "koza_kbn": flags(self._account[at])}
        for n in range(4):
            cells |= {
                f"k{n + 1}_gaku": digits(rows.by_instalment[n, at], 9),
                f"k{n + 1}_kigen": day(due[n]),
                f"k{n + 1}_mae": only(digits(np.maximum(rows.before[n, at], 0), 9), self._before[at]),
            }
        return laid_out(cells, KIBETSU_ITEMS, len(at))

    def tokucho(self, at: Ints) -> pl.DataFrame:
        """特別徴収: the twelve months as columns."""
        rows, person = self._rows, self._rows.person[at]
        cells = self._texts.keys(at) | {
            "shitei_no": digits(self._firms.number[self._facts.employer[person]], 8),
            "jukyusha_no": only(joined("A-", digits(person % 90_000, 5)), person % 3 > 0),
            "ido_kbn": only(yen(1 + person % 3), person % 25 == 0),
            "nenzei": yen(rows.monthly[at]),
            **{f"m{month}": yen(rows.by_month[n, at]) for n, month in enumerate(MONTHS)},
        }
        return laid_out(cells, TOKUCHO_ITEMS, len(at))

    def nentoku(self, places: Ints) -> pl.DataFrame:
        """年金特別徴収: one row per month."""
        at, month = places // 6, places % 6
        person = self._rows.person[at]
        cells = self._texts.keys(at) | {
            "tsuki": gather(_PENSION_MONTHS, month),
            "kari_kbn": yen(1 + (month >= 3)),
            "gaku": yen(self._rows.by_pension[month, at]),
            "gimusha_cd": table(("001",)).new_from_index(0, len(at)),
            "nenkin_cd": table(("1150",)).new_from_index(0, len(at)),
            "kiso_no": only(digits(np.maximum(self._pension[person], 0), 10), self._pension[person] >= 0),
            "teishi_kbn": flags(self._stopped[at] & (month == 5)),
        }
        return laid_out(cells, NENTOKU_ITEMS, len(at))

    def jigyosho(self, at: Ints) -> pl.DataFrame:
        """特別徴収義務者, closed ones among them."""
        firms, lot = self._firms, digits(1 + at * 13 % 300, 1)
        corporate = firms.corporate[at] >= 0
        cells = {
            "shitei_no": digits(firms.number[at], 8),
            "meisho": gather(_NAMES, firms.name[at]),
            "kana": gather(_READINGS, firms.name[at]),
            "hojin_no": only(digits(np.maximum(firms.corporate[at], 0), 13), corporate),
            "yubin": joined("000-", digits(1 + firms.town[at], 4)),
            "jusho": joined(PREFECTURE, CITY, gather(_TOWNS, firms.town[at]), lot, "番地"),
            "tel": joined("0000-", digits(10 + firms.town[at], 2), "-", digits(1_000 + at % 9_000, 4)),
            "keiri": only(joined("経理係 内線", digits(100 + at % 900, 3)), at % 3 > 0),
            "noki_kbn": flags(firms.quarterly[at]),
            "kaishi_ymd": day(firms.opened[at]),
            "haishi_ymd": day_or_blank(firms.closed[at], (firms.closed[at] == NEVER) & (at % 2 == 0)),
            "sokatsu_kbn": flags(corporate),
            "denshi_kbn": flags(firms.electronic[at]),
        }
        return laid_out(cells, JIGYOSHO_ITEMS, len(at))

    def shiryo(self, places: Ints) -> pl.DataFrame:
        """課税資料: 給与支払報告書, 公的年金等支払報告書, 確定申告書."""
        rows, at, kind = self._rows, places // DOCUMENT_KINDS, places % DOCUMENT_KINDS
        person, pay = rows.person[at], kind == PAY
        gross, net = _paid(rows, at, kind)
        earlier = pay & (person % 8 == 0)
        cells = {
            "nendo": yen(rows.year[at]),
            "shiryo_no": joined(digits(rows.year[at] % 100, 2), digits(kind + 1, 1), digits(self._order[person], 9)),
            "atena_no": digits(self._source.population.persons.number[person], 10),
            "shiryo_kbn": gather(_DOCUMENTS, kind),
            "tokutei_kbn": yen(1 + (person % 20 == 0)),
            "shitei_no": only(digits(self._firms.number[np.maximum(self._facts.employer[person], 0)], 8), pay),
            "shiharai": yen(gross),
            "kojogo": only(yen(net), pay),
            "kojo_kei": only(yen(rows.deducted[at]), pay),
            "gensen": only(yen(gross * 3 // 100), kind < 2),
            "shaho": only(yen(rows.deductions[Deduction.INSURANCE, at]), pay),
            "tekiyo": only(joined("前職 支払 ", yen(gross // 10), "円"), earlier),
            "zenshoku_kbn": flags(earlier),
            "shushoku_ymd": only(day(_last_april(rows.year[at])), pay & (person % 10 < 2)),
            "taishoku_ymd": only(day(_last_april(rows.year[at]) + 200), pay & (person % 20 < 2)),
            "gazo_no": joined("IMG", digits(places % 10_000_000, 7)),
            "heigo_kbn": flags(has_several_documents(rows, at)),
        }
        return laid_out(cells, SHIRYO_ITEMS, len(at))

    def chotei(self, places: Ints) -> pl.DataFrame:
        """調定, corrections as rows of their own."""
        levy, at = self._levy, self._levy.row[places]
        cells = {
            "nendo": yen(self._rows.year[at]),
            "chotei_nendo": yen(levy.year[places]),
            "atena_no": digits(self._source.population.persons.number[self._rows.person[at]], 10),
            "tsuchisho_no": self._notice(at),
            "ren_no": yen(levy.number[places]),
            "chotei_gaku": yen(levy.amount[places]),
            "chotei_ymd": day(levy.day[places]),
            "genkuri_kbn": yen(1 + levy.carried[places]),
            "zeimoku": digits(1 + levy.kind[places], 2),
        }
        return laid_out(cells, CHOTEI_ITEMS, len(at))


def _paid(rows: Assessments, at: Ints, kind: Ints) -> tuple[Ints, Ints]:
    """収入 and 所得 that a document tells."""
    gross = np.stack([rows.gross[Source.SALARY, at], rows.gross[Source.PENSION, at], rows.gross[2:, at].sum(axis=0)])
    net = np.stack([rows.net[Source.SALARY, at], rows.net[Source.PENSION, at], rows.net[2:, at].sum(axis=0)])
    every = np.arange(len(at))
    return gross[kind, every], net[kind, every]


def _last_april(years: Ints) -> Ints:
    starts = np.array([day_of(year, 4, 1) for year in range(2019, 2030)])
    return starts[years - 1 - 2019]
