"""Assessments as the standard groups of 個人住民税 want them, rendered from the same facts by code of its own."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.births import DAY_UNKNOWN
from dmig.synth.city import BUILDINGS, OTHERS, TOWNS
from dmig.synth.days import NO_DAY, day_of
from dmig.synth.families import Relation
from dmig.synth.register import Register
from dmig.synth.streams import Ints
from dmig.synth.tax_assessments import Assessments, corrected_on, decided_on
from dmig.synth.tax_family import MOST, Dependant
from dmig.synth.tax_income import Earnings, Source
from dmig.synth.tax_law import FOREST_FROM, STUDENT_FROM
from dmig.synth.tax_reckon import Deduction
from dmig.synth.tax_sheets import declared, taxed_elsewhere, was_corrected
from dmig.synth.truth_forms import (
    WIDE_NUMBERS,
    in_layout,
    iso,
    iso_days,
    leading_zeros,
    ones,
    ten_digits,
    together,
    where,
)
from dmig.synth.truth_names import StandardNames
from dmig.synth.truth_tax_items import FUYO, KAZEIKIHON, NOZEIGIMUSHA, SHOTOKU, SHOTOKUKOJO, ZEIGAKU
from dmig.synth.wording import birth_wordings

_KINDS = pl.Series(["01", "02", "03", "04", "05", "06", "07", "09"])
_DEDUCTIONS = {
    "医療費控除": Deduction.MEDICAL,
    "社会保険料控除": Deduction.INSURANCE,
    "生命保険料控除": Deduction.LIFE,
    "地震保険料控除": Deduction.QUAKE,
    "障害者控除": Deduction.DISABILITY,
    "寡婦控除": Deduction.WIDOW,
    "ひとり親控除": Deduction.LONE_PARENT,
    "配偶者控除": Deduction.SPOUSE,
    "配偶者特別控除": Deduction.SPOUSE_SPECIAL,
    "扶養控除": Deduction.DEPENDANTS,
    "基礎控除": Deduction.BASIC,
}
_PARENTS = {Relation.FATHER, Relation.MOTHER, Relation.HUSBANDS_FATHER, Relation.HUSBANDS_MOTHER}
_PARENTS |= {Relation.WIFES_FATHER, Relation.WIFES_MOTHER}
_SIBLINGS = {Relation.ELDER_BROTHER, Relation.YOUNGER_BROTHER, Relation.ELDER_SISTER, Relation.YOUNGER_SISTER}


def _relation(relation: Relation) -> str:
    if relation in _PARENTS:
        return "3"
    if relation in _SIBLINGS:
        return "6"
    return {Relation.CHILD: "2", Relation.GRANDCHILD: "5"}.get(relation, "9")


_RELATIONS = pl.Series([_relation(relation) for relation in Relation])


class TaxTruth:
    """Renders assessments by their places; texts of persons and addresses are made once."""

    def __init__(self, source: Register, rows: Assessments, facts: Earnings) -> None:
        self._source, self._rows, self._facts = source, rows, facts
        births = source.population.persons.births
        self._births = pl.DataFrame(
            {
                "date": iso(births.parts),
                "unknown": ones(np.isin(births.shape, DAY_UNKNOWN)),
                "wording": birth_wordings(births),
            }
        )
        self._names, self._address = StandardNames(source), standard_addresses(source)
        self._elsewhere, self._declared, self._corrected = taxed_elsewhere(rows), declared(rows), was_corrected(rows)

    def keys(self, at: Ints) -> dict[str, pl.Series]:
        """What every row begins with."""
        rows = self._rows
        numbers = self._source.population.persons.number[rows.person[at]]
        return {"課税年度": text(rows.year[at]), "宛名番号": ten_digits(numbers), "履歴番号": text(rows.history[at])}

    def nozeigimusha(self, at: Ints) -> pl.DataFrame:
        """納税義務者."""
        rows, entry, person = self._rows, self._rows.entry[at], self._rows.person[at]
        births, elsewhere = self._births[person], self._elsewhere[at]
        new_year = _first_day(rows.year[at])
        columns = {
            **self.keys(at),
            "最新フラグ": ones(rows.latest[at]),
            "賦課期日": together(text(rows.year[at]), "-01-01"),
            "世帯番号": ten_digits(self._source.entries.household_number[entry]),
            "氏名": self._names.full(entry),
            "氏名_フリガナ": self._names.reading(entry),
            "生年月日": births["date"],
            "生年月日_不詳フラグ": births["unknown"],
            "生年月日_不詳表記": births["wording"],
            "賦課期日_住所": self._address.gather(self._source.entries.address[entry]),
            "生活扶助区分": ones(self._facts.welfare[person]),
            "障害区分": text(self._facts.disabled[person]),
            "寡婦区分": text(np.select([rows.lone_parent[at], rows.widow[at]], [2, 1], 0)),
            "未成年区分": ones(rows.age[at] < 18),
            **{
                name: ones(elsewhere & False)
                for name in ("勤労学生区分", "家屋敷課税区分", "租税条約区分", "住登外課税区分")
            },
            "他団体課税対象者区分": ones(elsewhere),
            "課税先市区町村": where(
                pl.Series([place.code for place in OTHERS]).gather(person % len(OTHERS)), elsewhere
            ),
            "他市町村通知年月日": iso_days(np.where(elsewhere, new_year + 120, NO_DAY)),
        }
        return in_layout(columns, NOZEIGIMUSHA, len(at))

    def kazeikihon(self, at: Ints) -> pl.DataFrame:
        """課税基本."""
        rows, corrected, person = self._rows, self._corrected[at], self._rows.person[at]
        decided, changed, said = decided_on(rows)[at], corrected_on(rows)[at], self._declared[at]
        second, relief = 30_600 + person * 17 % 30_000, rows.relief[0, at] + rows.relief[1, at]
        clock = [leading_zeros(part, 2) for part in (second // 3_600, second // 60 % 60, second % 60)]
        columns = {
            **self.keys(at),
            "最新フラグ": ones(rows.latest[at]),
            "課税非課税区分_本人": text(rows.status[at] + 1),
            "課税非課税区分_世帯": text(np.where(rows.home_taxed[at], 1, 2)),
            "徴収区分": where(text(rows.collection[at] + 1), rows.collection[at] >= 0),
            "更正事由": where(text(9 + rows.correction[at]), corrected),
            "更正年月日": iso_days(np.where(corrected, changed, NO_DAY)),
            "決定年月日": iso_days(decided),
            "申告区分": text(said + 1),
            "申告年月日": iso_days(np.where(said < 2, _first_day(rows.year[at]) + 60 + person % 14, NO_DAY)),
            "減免区分": ones(relief > 0),
            "減免額": where(text(relief), relief > 0),
            "操作者ID": together("ZEI", leading_zeros(1 + person % 30, 3)),
            "操作年月日": iso_days(np.where(corrected, changed, decided)),
            "操作時刻": together(clock[0], ":", clock[1], ":", clock[2]),
        }
        return in_layout(columns, KAZEIKIHON, len(at))

    def shotoku(self, places: Ints) -> pl.DataFrame:
        """所得・収入: one row per kind."""
        at, kind = places // len(Source), places % len(Source)
        columns = {
            **self.keys(at),
            "所得種類": _KINDS.gather(kind),
            "収入金額": text(self._rows.gross[kind, at]),
            "所得金額": text(self._rows.net[kind, at]),
        }
        return in_layout(columns, SHOTOKU, len(at))

    def shotokukojo(self, at: Ints) -> pl.DataFrame:
        """所得控除."""
        rows = self._rows
        amounts = {name: text(rows.deductions[each, at]) for name, each in _DEDUCTIONS.items()}
        zero = text(np.zeros(len(at), np.int64))
        columns = {
            **self.keys(at),
            **amounts,
            **dict.fromkeys(("雑損控除", "小規模企業共済等掛金控除", "勤労学生控除"), zero),
            "医療費控除区分": where(text(1 + rows.person[at] % 2), rows.deductions[Deduction.MEDICAL, at] > 0),
            "特定親族特別控除": where(text(rows.deductions[Deduction.STUDENTS, at]), rows.year[at] >= STUDENT_FROM),
            "所得控除計": text(rows.deducted[at]),
        }
        return in_layout(columns, SHOTOKUKOJO, len(at))

    def fuyo(self, places: Ints) -> pl.DataFrame:
        """扶養: one row per dependant."""
        rows, at, slot = self._rows, places // MOST, places % MOST
        entry, kind = rows.slots[slot, at], rows.kinds[slot, at]
        person = self._source.entries.person[entry]
        spouse = (kind == Dependant.SPOUSE) | (kind == Dependant.AGED_SPOUSE)
        relation = _RELATIONS.gather(np.maximum(self._source.entries.relation[entry], 0))
        columns = {
            **self.keys(at),
            "連番": text(slot + 1),
            "扶養親族_宛名番号": ten_digits(self._source.population.persons.number[person]),
            "扶養親族_氏名": self._names.full(entry),
            "扶養親族_フリガナ": self._names.reading(entry),
            "扶養親族_個人番号": leading_zeros(self._source.papers.number[person], 12),
            "続柄": pl.select(pl.when(pl.Series(spouse)).then(pl.lit("1")).otherwise(relation)).to_series(),
            "生年月日": self._births["date"].gather(person),
            "扶養区分": text(kind + 1),
            "障害区分": text(np.array([0, 1, 3])[self._facts.disabled[person]]),
            "同居区分": ones(slot >= 0),
            "国外居住区分": ones(slot < 0),
        }
        return in_layout(columns, FUYO, len(at))

    def zeigaku(self, at: Ints) -> pl.DataFrame:
        """課税標準・税額: 森林環境税 apart from 均等割, from R6年度."""
        rows, total = self._rows, text(np.maximum(self._rows.net[:, at].sum(axis=0), 0))
        pairs = {
            "算出所得割額": rows.raw,
            "調整控除額": rows.adjustment,
            "住宅借入金等特別税額控除額": rows.housing,
            "寄附金控除額（基本）": rows.gift,
            "減免額": rows.relief,
            "所得割額": rows.rate,
            "均等割額": rows.equal,
        }
        columns = {
            **self.keys(at),
            "合計所得金額": total,
            "総所得金額等": total,
            "所得控除計": text(rows.deducted[at]),
            "人的控除差計": text(rows.gap[at]),
            "扶養人数": text(rows.count[at]),
            "課税総所得金額": text(rows.base[at]),
            **{f"{name}_市町村": text(pair[0, at]) for name, pair in pairs.items()},
            **{f"{name}_道府県": text(pair[1, at]) for name, pair in pairs.items()},
            "森林環境税額": where(text(rows.forest[at]), rows.year[at] >= FOREST_FROM),
            "年税額": text(rows.total[at]),
            "普通徴収税額": text(rows.ordinary[at]),
            "特別徴収税額": text(rows.monthly[at]),
            "年金特別徴収税額": text(rows.pension[at]),
        }
        return in_layout(columns, ZEIGAKU, len(at))


def text(numbers: Ints) -> pl.Series:
    """Whole numbers as they are written."""
    return pl.Series(numbers).cast(pl.String)


def _first_day(years: Ints) -> Ints:
    return np.array([day_of(year, 1, 1) for year in range(2020, 2030)])[years - 2020]


def standard_addresses(source: Register) -> pl.Series:
    """町字, 番地号 and 方書 of each address, in full width."""
    places = source.addresses
    facts = pl.DataFrame(
        {
            "town": pl.Series([*TOWNS, ""]).gather(places.town),
            "numbering": places.numbering,
            "block": WIDE_NUMBERS.gather(places.block),
            "house": WIDE_NUMBERS.gather(places.house),
            "has_building": places.building >= 0,
            "building": pl.Series(BUILDINGS).gather(np.maximum(places.building, 0)),
            "gap": pl.Series(["", "　"]).gather(places.spaced.astype(np.int64)),
            "room": WIDE_NUMBERS.gather(places.room),
        }
    )
    number = (
        pl.when(pl.col("numbering") == 0)
        .then(pl.format("{}{}番地{}", "town", "block", "house"))
        .when(pl.col("numbering") == 1)
        .then(pl.format("{}{}番{}号", "town", "block", "house"))
        .otherwise(pl.format("{}{}番地", "town", "block"))
    )
    building = pl.when("has_building").then(pl.format("　{}{}{}号室", "building", "gap", "room")).otherwise(pl.lit(""))
    return facts.select(number + building).to_series()
