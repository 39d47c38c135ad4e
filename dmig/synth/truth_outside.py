"""Persons outside of 住民記録 in the standard group 住登外者宛名基本情報."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.city import FOREIGN_GIVEN, FOREIGN_SURNAMES, OTHERS
from dmig.synth.elsewhere import FIRST_ROOM, house, lot
from dmig.synth.outside import Outsiders
from dmig.synth.streams import Ints
from dmig.synth.truth_forms import (
    WIDE,
    WIDE_NUMBERS,
    in_layout,
    iso,
    iso_days,
    leading_zeros,
    pick,
    ten_digits,
    together,
    where,
)
from dmig.synth.truth_items import JUTOGAI
from dmig.synth.truth_names import FAMILY, GIVEN, whole
from dmig.synth.wording import birth_wordings

_LETTERS = pl.Series([f"{s.letters} {g.letters}".translate(WIDE) for s in FOREIGN_SURNAMES for g in FOREIGN_GIVEN])
_READINGS = pl.Series([f"{s.reading}　{g.reading}" for s in FOREIGN_SURNAMES for g in FOREIGN_GIVEN])
_PLACES = pl.DataFrame(
    [(*place, f"000{n:04d}") for n, place in enumerate(OTHERS, start=1)],
    schema=["code", "prefecture", "name", "town", "post"],
    orient="row",
)


class OutsideTruth:
    """Renders rows by their places."""

    def __init__(self, people: Outsiders) -> None:
        self._people = people
        self._births, self._wording = iso(people.births.parts), birth_wordings(people.births)

    def rows(self, at: Ints) -> pl.DataFrame:
        """The persons at `at`."""
        people = self._people
        foreign = people.foreign[at]
        surname, given = np.where(foreign, -1, people.surname[at]), np.where(foreign, -1, people.given[at])
        other = np.where(foreign, people.foreign_surname[at] * len(FOREIGN_GIVEN) + people.foreign_given[at], -1)
        letters, reading = pick(_LETTERS, other), pick(_READINGS, other)
        room, second = WIDE_NUMBERS.gather(FIRST_ROOM + at % 90), people.second[at]
        housed, merged, place = people.housing[at], people.merged[at], _PLACES[people.place[at]]
        clock = [leading_zeros(part, 2) for part in (second // 3_600, second // 60 % 60, second % 60)]
        columns = {
            "宛名番号": ten_digits(people.number[at]),
            "個人番号": where(leading_zeros(np.maximum(people.kojin[at], 0), 12), people.kojin[at] >= 0),
            "氏名": whole(surname, people.given[at]).fill_null(letters),
            "氏_日本人": pick(FAMILY["written"], surname),
            "名_日本人": pick(GIVEN["written"], given),
            "氏名_外国人アルファベット": letters,
            "氏名_読み仮名": whole(surname, people.given[at], "reading").fill_null(reading),
            "氏_日本人_読み仮名": pick(FAMILY["reading"], surname),
            "名_日本人_読み仮名": pick(GIVEN["reading"], given),
            "性別": pl.Series(people.sex[at]).cast(pl.String),
            "生年月日": self._births.gather(at),
            "生年月日_不詳表記": self._wording.gather(at),
            "住所_市区町村コード": place["code"],
            "住所_都道府県": place["prefecture"],
            "住所_市区郡町村名": place["name"],
            "住所_町字": place["town"],
            "住所_番地号表記": together(WIDE_NUMBERS.gather(lot(at)), "番地", WIDE_NUMBERS.gather(house(at))),
            "住所_方書": where(together("サンプル荘", room, "号室"), housed > 0),
            "住所_方書_フリガナ": where(together("サンプルソウ", room, "ゴウシツ"), housed == 1),
            "住所_郵便番号": place["post"],
            "業務ID": pl.Series(["001", "031", "032", "010"]).gather(people.business[at]),
            "独自施策システム等ID": pick(pl.Series(["901", "902"]), people.own_system[at]),
            "代表宛名フラグ": pl.Series((merged >= 0).astype(np.int64)).cast(pl.String),
            "名寄せ先宛名番号": where(ten_digits(people.number[np.maximum(merged, 0)]), merged >= 0),
            "操作者ID": together("OPE", leading_zeros(people.clerk[at], 3)),
            "操作年月日": iso_days(people.done[at]),
            "操作時刻": together(clock[0], ":", clock[1], ":", clock[2]),
        }
        return in_layout(columns, JUTOGAI, len(at))
