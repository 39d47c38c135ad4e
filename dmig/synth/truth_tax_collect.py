"""Collection as the standard groups want it: a row per instalment and month, employers, documents, levies."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.city import CITY, PREFECTURE, TOWNS
from dmig.synth.days import day_of
from dmig.synth.register import Register
from dmig.synth.streams import Ints
from dmig.synth.tax_assessments import BLANK, Assessments, due_days
from dmig.synth.tax_income import Earnings
from dmig.synth.tax_reckon import Deduction
from dmig.synth.tax_sheets import (
    DOCUMENT_KINDS,
    PAY,
    RETURN,
    Employers,
    Levies,
    by_account,
    has_several_documents,
    stopped,
)
from dmig.synth.truth_forms import (
    WIDE,
    WIDE_NUMBERS,
    in_layout,
    iso_days,
    leading_zeros,
    ones,
    ten_digits,
    together,
    where,
)
from dmig.synth.truth_tax import TaxTruth, text
from dmig.synth.truth_tax_items import (
    CHOTEI,
    GETSUWARI,
    KAZEISHIRYO,
    KIBETSU,
    NENKINTOKUCHO,
    TOKUBETSUCHOSHUGIMUSHA,
)

_MONTHS = pl.Series(["06", "07", "08", "09", "10", "11", "12", "01", "02", "03", "04", "05"])
_PENSION_MONTHS = pl.Series(["04", "06", "08", "10", "12", "02"])
_PLACES = {
    "青葉": "アオバ",
    "若草": "ワカクサ",
    "港": "ミナト",
    "表野": "オモテノ",
    "十文字": "ジュウモンジ",
    "本町": "ホンマチ",
    "能見": "ノウミ",
    "見晴": "ミハラシ",
}
_TRADES = {
    "工業": "コウギョウ",
    "商事": "ショウジ",
    "建設": "ケンセツ",
    "食品": "ショクヒン",
    "運輸": "ウンユ",
    "電機": "デンキ",
    "印刷": "インサツ",
    "サービス": "サービス",
}
_NAMES = pl.Series([f"見本{place}{trade}株式会社" for place in _PLACES for trade in _TRADES])
_READINGS = pl.Series(
    [f"ミホン{place}{trade}カブシキガイシャ" for place in _PLACES.values() for trade in _TRADES.values()]
)


class CollectionTruth:
    """Renders rows of collection by their places."""

    def __init__(
        self, source: Register, rows: Assessments, facts: Earnings, firms: Employers, levy: Levies, truth: TaxTruth
    ) -> None:
        self._source, self._rows, self._facts = source, rows, facts
        self._firms, self._levy, self._truth = firms, levy, truth
        self._account, self._stopped = by_account(rows), stopped(rows)

    def _notice(self, at: Ints) -> pl.Series:
        order = self._source.population.persons.order[self._rows.person[at]]
        return together(leading_zeros(self._rows.year[at] - 2000, 2), leading_zeros(order, 8))

    def kibetsu(self, places: Ints) -> pl.DataFrame:
        """期別: one row per instalment."""
        rows, at, n = self._rows, places // 4, places % 4
        every, before = np.arange(len(at)), rows.before[n, at]
        columns = {
            **self._truth.keys(at),
            "期別": leading_zeros(n + 1, 2),
            "期別税額": text(rows.by_instalment[n, at]),
            "納期限": iso_days(due_days(rows.year[at])[n, every]),
            "変更前税額": where(text(before), before != BLANK),
            "通知書番号": self._notice(at),
            "口座区分": ones(self._account[at]),
        }
        return in_layout(columns, KIBETSU, len(at))

    def getsuwari(self, places: Ints) -> pl.DataFrame:
        """特別徴収月割: one row per month."""
        rows, at, month = self._rows, places // 12, places % 12
        person = rows.person[at]
        columns = {
            **self._truth.keys(at),
            "月": _MONTHS.gather(month),
            "月割額": text(rows.by_month[month, at]),
            "指定番号": leading_zeros(self._firms.number[self._facts.employer[person]], 8),
            "受給者番号": where(together("A-", leading_zeros(person % 90_000, 5)), person % 3 != 0),
            "異動区分": where(text(person % 3 + 1), person % 25 == 0),
        }
        return in_layout(columns, GETSUWARI, len(at))

    def nenkintokucho(self, places: Ints) -> pl.DataFrame:
        """年金特別徴収: one row per month."""
        rows, at, month = self._rows, places // 6, places % 6
        pension = self._source.papers.pension[rows.person[at]]
        columns = {
            **self._truth.keys(at),
            "月": _PENSION_MONTHS.gather(month),
            "仮徴収本徴収区分": text(np.where(month < 3, 1, 2)),
            "徴収額": text(rows.by_pension[month, at]),
            "特別徴収義務者コード": pl.Series(["001"]).new_from_index(0, len(at)),
            "年金コード": pl.Series(["1150"]).new_from_index(0, len(at)),
            "基礎年金番号": where(leading_zeros(np.maximum(pension, 0), 10), pension >= 0),
            "停止区分": ones(self._stopped[at] & (month == 5)),
        }
        return in_layout(columns, NENKINTOKUCHO, len(at))

    def tokubetsuchoshugimusha(self, at: Ints) -> pl.DataFrame:
        """特別徴収義務者."""
        firms = self._firms
        corporate, town = firms.corporate[at], firms.town[at]
        columns = {
            "指定番号": leading_zeros(firms.number[at], 8),
            "名称": _NAMES.gather(firms.name[at]),
            "名称_フリガナ": _READINGS.gather(firms.name[at]),
            "法人番号": where(leading_zeros(np.maximum(corporate, 0), 13), corporate >= 0),
            "郵便番号": together("000", leading_zeros(town + 1, 4)),
            "住所": together(
                PREFECTURE, CITY, pl.Series(TOWNS).gather(town), WIDE_NUMBERS.gather(1 + at * 13 % 300), "番地"
            ),
            "電話番号": together("0000", leading_zeros(town + 10, 2), leading_zeros(1_000 + at % 9_000, 4)),
            "経理連絡先": where(together("経理係　内線", WIDE_NUMBERS.gather(100 + at % 900)), at % 3 != 0),
            "納期特例区分": ones(firms.quarterly[at]),
            "開始年月日": iso_days(firms.opened[at]),
            "廃止年月日": iso_days(firms.closed[at]),
            "総括表区分": ones(corporate >= 0),
            "電子通知区分": ones(firms.electronic[at]),
        }
        return in_layout(columns, TOKUBETSUCHOSHUGIMUSHA, len(at))

    def kazeishiryo(self, places: Ints) -> pl.DataFrame:
        """課税資料."""
        rows, at, kind = self._rows, places // DOCUMENT_KINDS, places % DOCUMENT_KINDS
        person, pay = rows.person[at], kind == PAY
        single = np.minimum(kind, 1)
        gross = np.where(kind == RETURN, rows.gross[2:, at].sum(axis=0), rows.gross[single, at])
        april = np.array([day_of(year, 4, 1) for year in range(2019, 2030)])[rows.year[at] - 2020]
        remark = together("前職　支払　", _wide(gross // 10), "円")
        columns = {
            "課税年度": text(rows.year[at]),
            "資料番号": together(
                leading_zeros(rows.year[at] - 2000, 2), text(kind + 1),
                leading_zeros(self._source.population.persons.order[person], 9),
            ),
            "宛名番号": ten_digits(self._source.population.persons.number[person]),
            "資料区分": text(kind + 1),
            "個人特定結果": text(np.where(person % 20 == 0, 2, 1)),
            "支払者_指定番号": where(leading_zeros(self._firms.number[np.maximum(self._facts.employer[person], 0)], 8), pay),
            "支払金額": text(gross),
            "給与所得控除後金額": where(text(rows.net[0, at]), pay),
            "所得控除計": where(text(rows.deducted[at]), pay),
            "源泉徴収税額": where(text(gross * 3 // 100), kind != RETURN),
            "社会保険料": where(text(rows.deductions[Deduction.INSURANCE, at]), pay),
            "摘要": where(remark, pay & (person % 8 == 0)),
            "前職区分": ones(pay & (person % 8 == 0)),
            "就職年月日": where(iso_days(april), pay & (person % 10 < 2)),
            "退職年月日": where(iso_days(april + 200), pay & (person % 20 < 2)),
            "画像番号": together("IMG", leading_zeros(places % 10_000_000, 7)),
            "併合区分": ones(has_several_documents(rows, at)),
        }  # fmt: skip
        return in_layout(columns, KAZEISHIRYO, len(at))

    def chotei(self, places: Ints) -> pl.DataFrame:
        """調定."""
        levy, at = self._levy, self._levy.row[places]
        columns = {
            "課税年度": text(self._rows.year[at]),
            "調定年度": text(levy.year[places]),
            "宛名番号": ten_digits(self._source.population.persons.number[self._rows.person[at]]),
            "通知書番号": self._notice(at),
            "調定連番": text(levy.number[places]),
            "調定額": text(levy.amount[places]),
            "調定年月日": iso_days(levy.day[places]),
            "現年滞繰区分": text(np.where(levy.carried[places], 2, 1)),
            "税目": leading_zeros(levy.kind[places] + 1, 2),
        }
        return in_layout(columns, CHOTEI, len(at))


def _wide(amounts: Ints) -> pl.Series:
    """Amounts in full-width digits."""
    digits = {chr(code): wide for code, wide in WIDE.items() if chr(code).isdigit()}
    return pl.Series(amounts).cast(pl.String).str.replace_many(list(digits), list(digits.values()))
