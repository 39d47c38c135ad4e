"""Persons outside of 住民記録 as the old system holds them."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.city import FOREIGN_GIVEN, GIVEN_NAMES, OTHERS
from dmig.synth.elsewhere import FIRST_ROOM, house, lot
from dmig.synth.outside import Outsiders
from dmig.synth.package import held_births
from dmig.synth.package_forms import seireki8, time6
from dmig.synth.package_items import JUTOGAI_ITEMS
from dmig.synth.package_names import FOREIGN_LETTERS, FOREIGN_READ, NAMES_HELD, NAMES_READ
from dmig.synth.streams import Ints
from dmig.synth.texts import digits, full_width_numbers, gather, joined, only, table
from dmig.synth.wording import birth_wordings

_SEXES, _BUSINESS, _OWN = table(("9", "1", "2")), table(("001", "031", "032", "010")), table(("901", "902"))
_POSTAL = table([f"000{town:04d}" if n else f"000-{town:04d}" for town in range(1, 11) for n in range(2)])
_NUMERALS = full_width_numbers(1_600)


class OutsideTexts:
    """Renders rows by their places."""

    def __init__(self, people: Outsiders) -> None:
        self._people = people
        self._birth, self._wording = held_births(people.births), birth_wordings(people.births)
        self._number = digits(people.number, 10)

    def rows(self, at: Ints) -> pl.DataFrame:
        """The persons at `at`."""
        people = self._people
        foreign, housing = people.foreign[at], people.housing[at]
        name = np.where(foreign, -1, people.surname[at] * len(GIVEN_NAMES) + people.given[at])
        other = np.where(foreign, people.foreign_surname[at] * len(FOREIGN_GIVEN) + people.foreign_given[at], -1)
        full, short = digits(np.maximum(people.kojin[at], 0), 12), digits(np.maximum(people.kojin[at], 0), 1)
        lost = people.zeros_lost[at]
        room = np.asarray(FIRST_ROOM + at % 90)
        building = joined("サンプル荘", gather(_NUMERALS, room), "号室")
        glued = only(joined("\u3000", building), housing == 2)
        cells = {
            "atena_no": gather(self._number, at),
            "kojin_no": only(joined(only(full, ~lost), only(short, lost)), people.kojin[at] >= 0),
            "kana_shimei": gather(NAMES_READ, name).fill_null(gather(FOREIGN_READ, other)),
            "kanji_shimei": gather(NAMES_HELD, name),
            "shubetsu": digits(foreign.astype(np.int64), 1),
            "romaji_shimei": gather(FOREIGN_LETTERS, other),
            "seibetsu": gather(_SEXES, people.sex[at]),
            "umare_ymd": gather(self._birth, at),
            "umare_hyoki": gather(self._wording, at),
            **{
                item: gather(table([place[n] for place in OTHERS]), people.place[at])
                for n, item in enumerate(("jusho_shi_cd", "jusho_ken", "jusho_shi", "jusho_cho"))
            },
            "banchi": joined(gather(_NUMERALS, lot(at)), "番地", gather(_NUMERALS, house(at)), glued),
            "katagaki": only(building, housing == 1),
            "katagaki_kana": only(joined("ｻﾝﾌﾟﾙｿｳ", digits(room, 1), "ｺﾞｳｼﾂ"), housing == 1),
            "yubin": gather(_POSTAL, people.place[at] * 2 + at % 2),
            "gyomu_ids": gather(_BUSINESS, people.business[at]),
            "dokuji_ids": gather(_OWN, people.own_system[at]),
            "daihyo_flg": digits((people.merged[at] >= 0).astype(np.int64), 1),
            "nayose_no": gather(self._number, people.merged[at]),
            "sosha_id": joined("OPE", digits(people.clerk[at], 3)),
            "sosa_ymd": seireki8(people.done[at]),
            "sosa_time": time6(people.second[at]),
        }
        return pl.DataFrame([cells[item].alias(name) for item, name in JUTOGAI_ITEMS.items()])
