"""The wider items of 住民情報: numbers, places, days of residence, family register, foreign residents."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.city import (
    CITY,
    COUNTRIES,
    MUNICIPALITY_CODE,
    NO_TOWN,
    OTHERS,
    PREFECTURE,
    TOWNS,
    WARD_OF_TOWN,
    WARDS,
)
from dmig.synth.days import FOREIGNERS_FROM, NO_DAY
from dmig.synth.elsewhere import house, lot, origin_head, registrants, room
from dmig.synth.foreigners import STATUSES
from dmig.synth.register import Register
from dmig.synth.snapshots import ABROAD
from dmig.synth.streams import Bools, Ints
from dmig.synth.truth_events import vague_day
from dmig.synth.truth_forms import WIDE, WIDE_NUMBERS, iso_days, leading_zeros, ones, pick, together, where
from dmig.synth.truth_names import StandardNames, whole

_COUNT = len(TOWNS) + 1
#: 町字コード; 字十文字 is not in the national master, and an address may have no 町字.
_TOWN_CODES = pl.Series(
    ["0001001", "0001002", "0002000", "0003000", "0004000", "9999999", "0006001", "0007000", "0000000"]
)
_WARD = np.array(WARD_OF_TOWN)
_WARD_CODES = pl.Series([f"{MUNICIPALITY_CODE}{n:06d}" for n in range(1, len(WARDS) + 1)])
_CITY_NAMES = pl.Series([CITY + ward for ward in WARDS] + [CITY])
_POSTAL_CODES = pl.Series([f"000{n:04d}" for n in range(1, _COUNT + 2)])
_NATIONS = pl.DataFrame([(c.code, c.name) for c in COUNTRIES], schema=["code", "name"], orient="row")
_STREETS = pl.Series([country.street.translate(WIDE) for country in COUNTRIES])
_OTHERS = pl.DataFrame([tuple(place) for place in OTHERS], schema=["code", "prefecture", "name", "town"], orient="row")
_WRONG = pl.Series([place.code[:5] + str((int(place.code[5]) + 1) % 10) for place in OTHERS])
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_PAIRS = pl.Series([first + second for first in _LETTERS for second in _LETTERS])


def elsewhere(prefix: str, entry: Ints, place: Ints) -> dict[str, pl.Series]:
    """A place outside the city in this country or another."""
    here = np.where(place < ABROAD, place, -1)
    country = np.where(place >= ABROAD, place - ABROAD, -1)
    number = together(WIDE_NUMBERS.gather(lot(entry)), "－", WIDE_NUMBERS.gather(house(entry)))
    building = together("サンプル荘", WIDE_NUMBERS.gather(room(entry)), "号室")
    return {
        prefix + "市区町村コード": pick(_OTHERS["code"], here),
        prefix + "都道府県": pick(_OTHERS["prefecture"], here),
        prefix + "市区郡町村名": pick(_OTHERS["name"], here),
        prefix + "町字": pick(_OTHERS["town"], here),
        prefix + "番地号表記": where(number, here >= 0),
        prefix + "方書": where(building, (here >= 0) & (room(entry) > 0)),
        prefix + "郵便番号": pick(_POSTAL_CODES, here),
        prefix + "国名コード": pick(_NATIONS["code"], country),
        prefix + "国名等": pick(_NATIONS["name"], country),
        prefix + "国外住所": pick(_STREETS, country),
    }


class StandardDetails:
    """Renders these items; texts of persons are made once."""

    def __init__(self, source: Register, names: StandardNames) -> None:
        self._source, self._names = source, names
        papers, facts, persons = source.papers, source.foreigners, source.population.persons
        foreign = persons.foreign
        known = np.where(foreign, -1, papers.home)
        lots = together(WIDE_NUMBERS.gather(papers.home_house), "番地")
        homes = pl.Series([PREFECTURE + CITY + TOWNS[0], *(p.prefecture + p.name + p.town for p in OTHERS)])
        home = together(pick(homes, known), lots).fill_null(where(pl.Series(["不明"] * len(foreign)), ~foreign))
        code = [status.standard for status in STATUSES]
        granted = {"年": (facts.years, 2), "月": (facts.months, 2), "日": (facts.days, 3)}
        card = [_PAIRS.gather(facts.card % 576), leading_zeros(facts.card, 8), _PAIRS.gather(facts.card // 7 % 576)]
        self._person = pl.DataFrame(
            {
                "住民種別": pl.Series(np.where(foreign, 2, 1)).cast(pl.String),
                "本籍": home,
                "本籍_市区町村コード": pick(pl.Series([MUNICIPALITY_CODE, *_OTHERS["code"]]), known),
                "国籍名等": pick(_NATIONS["name"], np.where(foreign, facts.nation, -1)),
                "国籍コード": pick(_NATIONS["code"], np.where(foreign, facts.nation, -1)),
                "第30条45規定区分": where(pl.Series(facts.rule).cast(pl.String), foreign),
                "在留資格等": pick(pl.Series(code), np.where(foreign, facts.status, -1)),
                **{
                    f"在留期間_{unit}": where(leading_zeros(np.maximum(n, 0), width), foreign & (n >= 0))
                    for unit, (n, width) in granted.items()
                },
                "在留期間の満了の日": iso_days(np.where(foreign, facts.until, NO_DAY)),
                "在留カード等番号": where(together(*card), foreign & (facts.rule <= 2)),
                "基礎年金番号": where(leading_zeros(np.maximum(papers.pension, 0), 10), papers.pension >= 0),
                "地区管理コード1": leading_zeros(
                    papers.district[source.population.households.first[persons.household]], 3
                ),
                "個人番号": leading_zeros(papers.number, 12),
                "住民票コード": leading_zeros(papers.code, 11),
            }
        )

    def columns(self, at: Ints) -> dict[str, pl.Series]:
        """All columns by name."""
        source = self._source
        entries, shown = source.entries, source.snapshots
        person = entries.person[at]
        own = {column.name: column for column in self._person[person]}
        own["個人番号"] = where(own["個人番号"], shown.numbered[at])
        own["住民票コード"] = where(own["住民票コード"], shown.coded[at])
        foreign = source.population.persons.foreign[person]
        second = pl.Series(shown.second[at])
        clock = [leading_zeros(part.to_numpy(), 2) for part in (second // 3_600, second // 60 % 60, second % 60)]
        return {
            **own,
            **self._address(at),
            **self._residence(at, foreign),
            **self._moves(at),
            "戸籍_筆頭者": where(whole(*registrants(source, at)), ~foreign),
            "記載順位": pl.Series(shown.rank[at]).cast(pl.String),
            "操作者ID": together("OPE", leading_zeros(shown.clerk[at], 3)),
            "操作年月日": iso_days(shown.processed[at]),
            "操作時刻": together(clock[0], ":", clock[1], ":", clock[2]),
            "削除フラグ": ones(np.zeros(len(at), np.bool_)),
        }

    def _address(self, at: Ints) -> dict[str, pl.Series]:
        town = self._source.addresses.town[self._source.entries.address[at]]
        city = pl.Series([MUNICIPALITY_CODE]).new_from_index(0, len(at))
        ward = _WARD[town]
        return {
            "市区町村コード": city,
            "指定都市_行政区等コード": pick(_WARD_CODES, ward),
            "住所_市区町村コード": city,
            "住所_町字コード": _TOWN_CODES.gather(town),
            "住所_都道府県": pl.Series([PREFECTURE]).new_from_index(0, len(at)),
            "住所_市区郡町村名": _CITY_NAMES.gather(np.where(ward < 0, len(WARDS), ward)),
            "住所_町字": pick(pl.Series(TOWNS), np.where(town == NO_TOWN, -1, town)),
            "住所_郵便番号": _POSTAL_CODES.gather(town),
            "地区管理コード2": leading_zeros(town + 1, 2),
            "地区管理コード3": leading_zeros(town // 3 + 1, 2),
        }

    def _residence(self, at: Ints, foreign: Bools) -> dict[str, pl.Series]:
        entries, shown = self._source.entries, self._source.snapshots
        stay, settled = shown.stay[at], shown.settled[at]
        arrived = np.where(foreign, np.maximum(entries.day[stay], FOREIGNERS_FROM), NO_DAY)
        return {
            **vague_day("住民となった年月日", entries.day[stay], entries.vague[stay]),
            **vague_day("住所を定めた年月日", entries.day[settled], entries.vague[settled]),
            "外国人住民となった年月日": iso_days(arrived),
            "外国人住民となった年月日_不詳フラグ": where(ones(arrived < 0), foreign),
        }

    def _moves(self, at: Ints) -> dict[str, pl.Series]:
        entries, shown = self._source.entries, self._source.snapshots
        stay, gone = shown.stay[at], shown.destination[at] >= 0
        origin = shown.origin[at]
        cells = elsewhere("転入前_", stay, origin)
        wrong = np.where(self._source.papers.origin_code_wrong[at], origin, -1)
        cells["転入前_市区町村コード"] = pick(_WRONG, wrong).fill_null(cells["転入前_市区町村コード"])
        surname, given = origin_head(stay)
        named = (origin >= 0) & (origin < ABROAD) & (stay % 2 == 0)
        confirmed = np.where(shown.confirmed[at], shown.destination[at], -1)
        return {
            **cells,
            "転入前_世帯主氏名": whole(np.where(named, surname, -1), given),
            **elsewhere("転出先（予定）_", at, shown.destination[at]),
            **elsewhere("転出先（確定）_", at, confirmed),
            "転出届出年月日": iso_days(np.where(gone, entries.reported[at], NO_DAY)),
            "転出予定年月日": iso_days(np.where(gone, entries.day[at], NO_DAY)),
            "転出年月日（確定）": iso_days(np.where(shown.confirmed[at], entries.day[at], NO_DAY)),
        }
