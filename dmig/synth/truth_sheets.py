"""The other standard groups of 住民記録, from the same facts by code of their own."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.city import CITY, MUNICIPALITY_CODE, OTHERS, PREFECTURE, TOWNS
from dmig.synth.days import NO_DAY
from dmig.synth.history import History, cancelled_class
from dmig.synth.register import Register
from dmig.synth.streams import Ints
from dmig.synth.truth_events import CLASSES, REASONS, reasons, vague_day
from dmig.synth.truth_forms import (
    WIDE,
    WIDE_NUMBERS,
    in_layout,
    iso_days,
    leading_zeros,
    ones,
    pick,
    ten_digits,
    together,
    where,
)
from dmig.synth.truth_items import BIKO, CARD, IDORIREKI, MEISHORIREKI, SETAI, SHIENSOCHI
from dmig.synth.truth_names import FAMILY, StandardNames, whole

_CANCEL_REASONS, _CANCEL_CLASSES = pl.Series(["19", "29", "59"]), pl.Series(["1", "2", "3"])
_DESKS = pl.Series(["市民課窓口１", "東支所", "西支所テンシュツ係", "南出張所　２番"])
_REMARKS = pl.Series(["本人確認書類　確認済", "代理人による届出（委任状あり）", "ＦＡＸで照会済"])
_NOTES = pl.DataFrame(
    [
        ("転入届に誤記あり、", "行目を訂正"),
        ("郵便物は，　返戻", "回"),
        ("カナ氏名は＂ヤマダ＂と届出（", "回目）"),
        ("１行目\n２行目　", "件"),
        ("通知を送付\n返戻\n再送付　", "回"),
        ("Ａ棟", "号へ転居予定"),
    ],
    schema=["before", "after"],
    orient="row",
)
_CARD_STATES = pl.Series(["1", "2", "3", "9"])


class SheetTruth:
    """Renders rows of these groups by their places."""

    def __init__(self, source: Register, history: History, active: Ints) -> None:
        self._source, self._history = source, history
        self._names, self._number = StandardNames(source), source.population.persons.number
        order = np.argsort(source.entries.household_number[active], kind="stable")
        self._active = active[order]
        numbers = source.entries.household_number[self._active]
        self._first = np.flatnonzero(np.concatenate(([True], np.diff(numbers) != 0))[: len(numbers)])
        self._size = np.diff(np.concatenate((self._first, [len(numbers)])))
        self._latest = np.zeros(len(self._number), np.int64)
        self._latest[source.entries.person[source.entries.latest]] = np.flatnonzero(source.entries.latest)

    @property
    def households(self) -> int:
        """Households with a resident."""
        return len(self._first)

    def setai(self, at: Ints) -> pl.DataFrame:
        """世帯 of the residents, by number."""
        entry = self._active[self._first[at]]
        head = self._source.entries.head[entry]
        columns = {
            "世帯番号": ten_digits(self._source.entries.household_number[entry]),
            "世帯主宛名番号": ten_digits(self._number[head]),
            "世帯主氏名": self._names.full(self._latest[head]),
            "世帯員数": pl.Series(self._size[at]).cast(pl.String),
        }
        return in_layout(columns, SETAI, len(at))

    def idorireki(self, at: Ints) -> pl.DataFrame:
        """異動履歴; rows of a cancel pair are not among `at`."""
        source, entry, rows = self._source, self._history.entry[at], self._history
        entries, shown = source.entries, source.snapshots
        second, cancels = shown.second[entry], rows.cancels[at] > 0
        cancelled, reason = np.where(cancels, cancelled_class(entries.kind[entry]), -1), reasons(source, entry)
        columns = {
            "宛名番号": ten_digits(self._number[entries.person[entry]]),
            "履歴番号": pl.Series(rows.sequence[at]).cast(pl.String),
            "異動事由": pick(_CANCEL_REASONS, cancelled).fill_null(REASONS.gather(reason)),
            "異動区分": pick(_CANCEL_CLASSES, cancelled).fill_null(CLASSES.gather(reason)),
            **vague_day("異動年月日", entries.day[entry], entries.vague[entry]),
            "届出年月日": iso_days(np.where(cancels, NO_DAY, entries.reported[entry])),
            "処理年月日": iso_days(shown.processed[entry]),
            "入力場所": _DESKS.gather(second % 4),
            "入力端末": together("T", leading_zeros(shown.clerk[entry], 3)),
            "留意事項": pick(_REMARKS, np.where(second % 10 < 3, second % 10, -1)),
        }
        return in_layout(columns, IDORIREKI, len(at))

    def shiensochi(self, at: Ints) -> pl.DataFrame:
        """支援措置対象者."""
        rows = self._source.papers.measures
        lot = WIDE_NUMBERS.gather(rows.house[at])
        phone = pl.Series([f"000-0000-{number:04d}".translate(WIDE) for number in range(100)])
        office = pl.Series([*(place.code for place in OTHERS), MUNICIPALITY_CODE])
        columns = {
            "宛名番号": ten_digits(self._number[rows.sheet.person[at]]),
            "履歴番号": pl.Series(rows.sheet.number[at]).cast(pl.String),
            "支援措置_開始年月日": iso_days(rows.sheet.day[at]),
            "支援措置_終了年月日": iso_days(rows.last[at]),
            "仮支援措置_有無": ones(rows.provisional[at] >= 0),
            "仮支援措置_開始年月日": iso_days(rows.provisional[at]),
            "受付市区町村コード": office.gather(np.where(rows.elsewhere[at] < 0, len(OTHERS), rows.elsewhere[at])),
            "加害者_氏名": whole(rows.surname[at], rows.given[at]),
            "加害者_住所": together(f"{PREFECTURE}{CITY}{TOWNS[0]}", lot, "－１"),
            "申出者との関係": pl.Series(["元配偶者", "父", "交際相手"]).gather(rows.relation[at]),
            "連絡先": phone.gather(rows.house[at]),
        }
        return in_layout(columns, SHIENSOCHI, len(at))

    def meishorireki(self, at: Ints) -> pl.DataFrame:
        """旧氏・通称履歴."""
        rows, facts = self._source.papers.names, self._source.foreigners
        person, alias = rows.sheet.person[at], rows.alias[at]
        surname, given = np.where(alias, facts.alias_surname[person], -1), facts.alias_given[person]
        former = np.where(alias, -1, self._source.population.persons.surname[person])
        columns = {
            "宛名番号": ten_digits(self._number[person]),
            "履歴番号": pl.Series(rows.sheet.number[at]).cast(pl.String),
            "名称区分": pl.Series(np.where(alias, 2, 1)).cast(pl.String),
            "名称": whole(surname, given).fill_null(pick(FAMILY["written"], former)),
            "名称_フリガナ": whole(surname, given, "reading").fill_null(pick(FAMILY["reading"], former)),
            "記載年月日": iso_days(rows.sheet.day[at]),
            "記載市区町村コード": pl.Series([MUNICIPALITY_CODE]).new_from_index(0, len(at)),
            "削除年月日": iso_days(rows.removed[at]),
        }
        return in_layout(columns, MEISHORIREKI, len(at))

    def biko(self, at: Ints) -> pl.DataFrame:
        """備考; a line break is a line feed."""
        rows = self._source.papers.notes
        wording = _NOTES[rows.wording[at]]
        columns = {
            "宛名番号": ten_digits(self._number[rows.sheet.person[at]]),
            "備考番号": pl.Series(rows.sheet.number[at]).cast(pl.String),
            "備考": together(wording["before"], WIDE_NUMBERS.gather(rows.count[at]), wording["after"]),
            "登録年月日": iso_days(rows.sheet.day[at]),
        }
        return in_layout(columns, BIKO, len(at))

    def kojinbangocard(self, at: Ints) -> pl.DataFrame:
        """個人番号カード."""
        rows = self._source.papers.cards
        serials = {
            "署名用電子証明書_シリアル番号": ("SIG", rows.signature[at]),
            "利用者証明用電子証明書_シリアル番号": ("USR", rows.user[at]),
        }
        columns = {
            "宛名番号": ten_digits(self._number[rows.sheet.person[at]]),
            "履歴番号": pl.Series(rows.sheet.number[at]).cast(pl.String),
            "発行状況": _CARD_STATES.gather(rows.state[at] - 1),
            "有効期限": iso_days(rows.sheet.day[at]),
            **{
                item: where(together(kind, leading_zeros(np.maximum(number, 0), 9)), number >= 0)
                for item, (kind, number) in serials.items()
            },
        }
        return in_layout(columns, CARD, len(at))
