"""The old system's tables beside the register: 異動履歴, 支援措置, 旧氏・通称履歴, 備考, 個人番号カード."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.city import CITY, GIVEN_NAMES, MUNICIPALITY_CODE, OTHERS, PREFECTURE, TOWNS
from dmig.synth.days import NEVER, era_of
from dmig.synth.history import History, cancelled_class
from dmig.synth.package_forms import FLAGS, day_or_blank, reasons, vague_wareki7, wareki7
from dmig.synth.package_items import BIKO_ITEMS, CARD_ITEMS, IDO_ITEMS, MEISHO_ITEMS, SHIEN_ITEMS
from dmig.synth.package_names import NAMES_HELD, NAMES_READ, SURNAMES_HELD, SURNAMES_READ
from dmig.synth.register import Register
from dmig.synth.streams import Ints
from dmig.synth.texts import digits, gather, joined, only, table

_CANCELS = table(("91", "92", "93"))
_DESKS = table(("市民課窓口1", "東支所", "西支所ﾃﾝｼｭﾂ係", "南出張所 2番"))
_REMARKS = table(("本人確認書類 確認済", "代理人による届出(委任状あり)", "ＦＡＸで照会済"))
_NUMBERS = table([str(number) for number in range(2_000)])
_RELATIONS = table(("元配偶者", "父", "交際相手"))
#: Wordings of 備考 around a number; commas, quotes and line breaks stand in cells of their own kind.
_NOTES = (
    ("転入届に誤記あり、", "行目を訂正"),
    ("郵便物は, 返戻", "回"),
    ('ｶﾅ氏名は"ﾔﾏﾀﾞ"と届出(', "回目)"),
    ("1行目\n2行目 ", "件"),
    ("通知を送付\r\n返戻\r\n再送付 ", "回"),
    ("A棟", "号へ転居予定"),
)
_BEFORE, _AFTER = table([before for before, _ in _NOTES]), table([after for _, after in _NOTES])


class SheetTexts:
    """Renders rows of these tables by their places."""

    def __init__(self, source: Register, history: History) -> None:
        self._source, self._history = source, history
        self._number = digits(source.population.persons.number, 10)
        self._signed = _serials("SIG", source.papers.cards.signature)
        self._used = _serials("USR", source.papers.cards.user)

    def ido(self, at: Ints) -> pl.DataFrame:
        """異動履歴."""
        entries, shown = self._source.entries, self._source.snapshots
        entry = self._history.entry[at]
        cancels = self._history.cancels[at]
        second, day = shown.second[entry], entries.day[entry]
        reported = np.where(cancels > 0, NEVER, entries.reported[entry])
        own = gather(_CANCELS, np.where(cancels > 0, cancelled_class(entries.kind[entry]), -1))
        return _frame(
            IDO_ITEMS,
            gather(self._number, entries.person[entry]),
            digits(self._history.number[at], 1),
            own.fill_null(reasons(self._source, entry)),
            vague_wareki7(day, entries.era[entry], entries.vague[entry]),
            day_or_blank(reported, second % 2 == 0),
            wareki7(shown.processed[entry], era_of(shown.processed[entry])),
            gather(_DESKS, second % 4),
            joined("T", digits(shown.clerk[entry], 3)),
            gather(_NUMBERS, np.where(cancels > 0, cancels, -1)),
            gather(_REMARKS, np.where(second % 10 < 3, second % 10, -1)),
        )

    def shien(self, at: Ints) -> pl.DataFrame:
        """支援措置; the names in it are made up like all others."""
        rows = self._source.papers.measures
        address = joined(f"{PREFECTURE}{CITY}{TOWNS[0]}", gather(_NUMBERS, rows.house[at]), "-1")
        offices = table([*(place.code for place in OTHERS), MUNICIPALITY_CODE])
        return _frame(
            SHIEN_ITEMS,
            gather(self._number, rows.sheet.person[at]),
            digits(rows.sheet.number[at], 1),
            day_or_blank(rows.sheet.day[at]),
            day_or_blank(rows.last[at]),
            gather(FLAGS, (rows.provisional[at] >= 0).astype(np.int64)),
            day_or_blank(rows.provisional[at], at % 2 == 0),
            gather(offices, np.where(rows.elsewhere[at] < 0, len(OTHERS), rows.elsewhere[at])),
            gather(NAMES_HELD, rows.surname[at] * len(GIVEN_NAMES) + rows.given[at]),
            address,
            gather(_RELATIONS, rows.relation[at]),
            joined("000-0000-", digits(rows.house[at], 4)),
        )

    def meisho(self, at: Ints) -> pl.DataFrame:
        """旧氏・通称履歴."""
        rows, facts = self._source.papers.names, self._source.foreigners
        person, alias = rows.sheet.person[at], rows.alias[at]
        name = np.where(alias, facts.alias_surname[person] * len(GIVEN_NAMES) + facts.alias_given[person], -1)
        former = np.where(alias, -1, self._source.population.persons.surname[person])
        return _frame(
            MEISHO_ITEMS,
            gather(self._number, person),
            digits(rows.sheet.number[at], 1),
            digits(1 + alias.astype(np.int64), 1),
            gather(NAMES_HELD, name).fill_null(gather(SURNAMES_HELD, former)),
            gather(NAMES_READ, name).fill_null(gather(SURNAMES_READ, former)),
            day_or_blank(rows.sheet.day[at]),
            day_or_blank(rows.removed[at], at % 2 == 0),
            table([MUNICIPALITY_CODE]).new_from_index(0, len(at)),
        )

    def biko(self, at: Ints) -> pl.DataFrame:
        """備考."""
        rows = self._source.papers.notes
        wording = rows.wording[at]
        return _frame(
            BIKO_ITEMS,
            gather(self._number, rows.sheet.person[at]),
            digits(rows.sheet.number[at], 1),
            joined(gather(_BEFORE, wording), gather(_NUMBERS, rows.count[at]), gather(_AFTER, wording)),
            day_or_blank(rows.sheet.day[at]),
        )

    def card(self, at: Ints) -> pl.DataFrame:
        """個人番号カード."""
        rows = self._source.papers.cards
        return _frame(
            CARD_ITEMS,
            gather(self._number, rows.sheet.person[at]),
            digits(rows.sheet.number[at], 1),
            digits(rows.state[at], 1),
            day_or_blank(rows.sheet.day[at], rows.zeros[at]),
            gather(self._signed, at),
            gather(self._used, at),
        )


def _frame(items: dict[str, str], *columns: pl.Series) -> pl.DataFrame:
    return pl.DataFrame([column.alias(name) for name, column in zip(items.values(), columns, strict=True)])


def _serials(kind: str, numbers: Ints) -> pl.Series:
    return only(joined(kind, digits(np.maximum(numbers, 0), 9)), numbers >= 0)
