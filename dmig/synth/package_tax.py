"""Assessments as the old tax system holds them: wide rows, codes of its own, 森林環境税 inside the prefecture's 均等割."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.city import BUILDINGS, OTHERS, TOWNS
from dmig.synth.days import NO_DAY, day_of, era_of
from dmig.synth.families import Relation
from dmig.synth.package import held_births
from dmig.synth.package_forms import FLAGS, day_or_blank, seireki8, time6, wareki7
from dmig.synth.package_names import KANA_GAPS, KANJI_GAPS, HeldNames
from dmig.synth.package_tax_items import FUYO_ITEMS, KIHON_ITEMS, KOJO_ITEMS, SHOTOKU_ITEMS, ZEI_ITEMS
from dmig.synth.register import Register
from dmig.synth.streams import Bools, Ints
from dmig.synth.tax_assessments import Assessments, corrected_on, decided_on
from dmig.synth.tax_family import MOST, Dependant
from dmig.synth.tax_income import Earnings
from dmig.synth.tax_reckon import Deduction
from dmig.synth.tax_sheets import declared, taxed_elsewhere, was_corrected
from dmig.synth.texts import digits, gather, joined, only, table
from dmig.synth.wording import birth_wordings

_KINDS = ("kyuyo", "nenkin", "gyomu", "zatsu", "eigyo", "nogyo", "fudosan", "haito")
_DEDUCTIONS = {
    Deduction.MEDICAL: "iryohi",
    Deduction.INSURANCE: "shakai",
    Deduction.LIFE: "seimei",
    Deduction.QUAKE: "jishin",
    Deduction.DISABILITY: "shogaisha",
    Deduction.WIDOW: "kafu",
    Deduction.LONE_PARENT: "hitorioya",
    Deduction.SPOUSE: "haigusha",
    Deduction.SPOUSE_SPECIAL: "haigu_toku",
    Deduction.DEPENDANTS: "fuyo",
    Deduction.STUDENTS: "tokutei_shinzoku",
    Deduction.BASIC: "kiso",
}
_STATUS, _COLLECTION = table(("K", "E", "H", "M")), table(("10", "20", "30", "40"))
_DECLARED, _REASONS, _OTHERS = table(tuple("ABCDE")), table(("01", "02")), table([place.code for place in OTHERS])
_DEPENDANTS = table([{0: "11", 1: "12", 7: "31"}.get(kind, str(19 + kind)) for kind in Dependant])
_RELATIONS = {
    "01": (Relation.HUSBAND, Relation.WIFE),
    "02": (Relation.CHILD,),
    "04": (),
    "05": (Relation.GRANDCHILD,),
    "06": (Relation.ELDER_BROTHER, Relation.YOUNGER_BROTHER, Relation.ELDER_SISTER, Relation.YOUNGER_SISTER),
    "99": (Relation.GREAT_GRANDCHILD, Relation.HEAD),
}
_RELATION = table([next((code for code, those in _RELATIONS.items() if each in those), "03") for each in Relation])
_TOWNS = table([*TOWNS, ""])


class TaxTexts:
    """Renders assessments by their places; texts of persons and addresses are made once."""

    def __init__(self, source: Register, rows: Assessments, facts: Earnings) -> None:
        self._source, self._rows, self._facts = source, rows, facts
        persons = source.population.persons
        self._number, self._names = digits(persons.number, 10), HeldNames(source)
        self._birth, self._wording = held_births(persons.births), birth_wordings(persons.births)
        self._kojin = digits(source.papers.number, 12)
        self._address = held_addresses(source)
        self._elsewhere, self._declared = taxed_elsewhere(rows), declared(rows)
        self._corrected, self._relief = was_corrected(rows), rows.relief.sum(axis=0)

    def keys(self, at: Ints) -> dict[str, pl.Series]:
        """What every row begins with."""
        rows = self._rows
        return {
            "nendo": yen(rows.year[at]),
            "atena_no": gather(self._number, rows.person[at]),
            "rireki_no": yen(rows.history[at]),
            "sakujo_flg": flags(rows.deleted[at]),
        }

    def kihon(self, at: Ints) -> pl.DataFrame:
        """課税基本."""
        rows, entry, person = self._rows, self._rows.entry[at], self._rows.person[at]
        elsewhere, no = self._elsewhere[at], gather(FLAGS, np.zeros(len(at), np.int64))
        new_year = _new_year(rows.year[at])
        cells = {
            **self.keys(at),
            "saishin_kbn": flags(rows.latest[at]),
            "kijitsu_ymd": day(new_year),
            "setai_no": digits(self._source.entries.household_number[entry], 10),
            "kana_shimei": self._names.kana(entry, at % len(KANA_GAPS)),
            "kanji_shimei": self._name(entry, at % len(KANJI_GAPS)),
            "umare_ymd": gather(self._birth, person),
            "umare_hyoki": gather(self._wording, person),
            "kijitsu_jusho": gather(self._address, self._source.entries.address[entry]),
            "seikatsu_kbn": flags(self._facts.welfare[person]),
            "shogai_kbn": yen(self._facts.disabled[person]),
            "kafu_kbn": yen(rows.widow[at] + 2 * rows.lone_parent[at]),
            "miseinen_kbn": flags(rows.age[at] < 18),
            **dict.fromkeys(("gakusei_kbn", "kaoku_kbn", "joyaku_kbn", "jutogai_kbn"), no),
            "tadantai_kbn": flags(elsewhere),
            "kazeisaki_cd": only(gather(_OTHERS, person % len(OTHERS)), elsewhere),
            "tsuchi_ymd": day_or_zeros(new_year + 120, elsewhere),
            "kazei_kbn": gather(_STATUS, rows.status[at]),
            "setai_kazei_kbn": gather(table(("H", "K")), rows.home_taxed[at].astype(np.int64)),
            "choshu_kbn": gather(_COLLECTION, rows.collection[at]),
            **self._decisions(at, new_year),
        }
        return laid_out(cells, KIHON_ITEMS, len(at))

    def _decisions(self, at: Ints, new_year: Ints) -> dict[str, pl.Series]:
        rows, corrected = self._rows, self._corrected[at]
        decided, changed = decided_on(rows)[at], corrected_on(rows)[at]
        last = np.where(corrected, changed, decided)
        return {
            "kosei_jiyu": gather(_REASONS, rows.correction[at] - 1),
            "kosei_ymd": day_or_zeros(changed, corrected),
            "kettei_ymd": day(decided),
            "shinkoku_kbn": gather(_DECLARED, self._declared[at]),
            "shinkoku_ymd": only(day(new_year + 60 + rows.person[at] % 14), self._declared[at] < 2),
            "genmen_kbn": flags(self._relief[at] > 0),
            "genmen_gaku": only(yen(self._relief[at]), self._relief[at] > 0),
            "sosha_id": joined("ZEI", digits(1 + rows.person[at] % 30, 3)),
            "sosa_ymd": seireki8(last),
            "sosa_time": time6(30_600 + rows.person[at] * 17 % 30_000),
        }

    def shotoku(self, at: Ints) -> pl.DataFrame:
        """所得: a pair of columns for each kind, empty where there is none."""
        rows, cells = self._rows, self.keys(at)
        for n, kind in enumerate(_KINDS):
            gross, net = rows.gross[n, at], rows.net[n, at]
            there = (gross != 0) | (net != 0)
            cells |= {f"{kind}_shunyu": only(yen(gross), there), f"{kind}_shotoku": only(yen(net), there)}
        return laid_out(cells, SHOTOKU_ITEMS, len(at))

    def kojo(self, at: Ints) -> pl.DataFrame:
        """所得控除."""
        rows, zero = self._rows, yen(np.zeros(len(at), np.int64))
        medical = rows.deductions[Deduction.MEDICAL, at]
        cells = {
            **self.keys(at),
            "iryohi_kbn": only(yen(1 + rows.person[at] % 2), medical > 0),
            **dict.fromkeys(("zasson", "shokibo", "gakusei"), zero),
            **{item: yen(rows.deductions[each, at]) for each, item in _DEDUCTIONS.items()},
            "kojo_kei": yen(rows.deducted[at]),
        }
        # Old years have no column of their own for what began in R8年度.
        cells["tokutei_shinzoku"] = only(cells["tokutei_shinzoku"], rows.year[at] >= 2026)
        return laid_out(cells, KOJO_ITEMS, len(at))

    def fuyo(self, at: Ints) -> pl.DataFrame:
        """扶養: ten columns for each of six."""
        rows, entries = self._rows, self._source.entries
        cells = self.keys(at) | {"ninzu": yen((rows.slots[:, at] >= 0).sum(axis=0))}
        for slot in range(MOST):
            entry, there = np.maximum(rows.slots[slot, at], 0), rows.slots[slot, at] >= 0
            person, kind = entries.person[entry], rows.kinds[slot, at]
            columns = {
                "no": gather(self._number, person),
                "kana": self._names.kana(entry, at % len(KANA_GAPS)),
                "kanji": self._name(entry, at % len(KANJI_GAPS)),
                "kojin_no": gather(self._kojin, person),
                "zoku": gather(_RELATION, np.where(kind <= 1, Relation.WIFE, entries.relation[entry])),
                "umare": gather(self._birth, person),
                "kbn": gather(_DEPENDANTS, kind),
                "shogai": yen(self._facts.disabled[person] + (self._facts.disabled[person] == 2)),
                "dokyo": flags(there),
                "kokugai": flags(there & False),
            }
            cells |= {f"f{slot + 1}_{item}": only(column, there) for item, column in columns.items()}
        return laid_out(cells, FUYO_ITEMS, len(at))

    def zei(self, at: Ints) -> pl.DataFrame:
        """税額."""
        rows, total = self._rows, np.maximum(self._rows.net[:, at].sum(axis=0), 0)
        pairs = {
            "sanshutsu": rows.raw,
            "chosei": rows.adjustment,
            "jutaku": rows.housing,
            "kifu_kihon": rows.gift,
            "genmen": rows.relief,
            "shotokuwari": rows.rate,
            "kinto": rows.equal,
        }
        cells = {
            **self.keys(at),
            "gokei_shotoku": yen(total),
            "soshotoku": yen(total),
            "kojo_kei": yen(rows.deducted[at]),
            "jinteki_sa": yen(rows.gap[at]),
            "fuyo_ninzu": yen(rows.count[at]),
            "k_so": yen(rows.base[at]),
            **{
                f"{item}_{end}": yen(pair[n, at])
                for item, pair in pairs.items()
                for n, end in enumerate(("shi", "ken"))
            },
            "kinto_ken": yen(rows.equal[1, at] + rows.forest[at]),
            "nenzei": yen(rows.total[at]),
            "fucho_gaku": yen(rows.ordinary[at]),
            "tokucho_gaku": yen(rows.monthly[at]),
            "nentoku_gaku": yen(rows.pension[at]),
        }
        return laid_out(cells, ZEI_ITEMS, len(at))

    def _name(self, entry: Ints, gap: Ints) -> pl.Series:
        """The name in kanji, or in letters where a foreigner has none."""
        letters = gather(self._names.letters, self._source.entries.person[entry])
        return self._names.kanji(entry, gap).fill_null(letters)


def yen(amounts: Ints) -> pl.Series:
    """Amounts as the system writes them: digits, a minus before what is negative."""
    return pl.Series("", amounts).cast(pl.String)


def flags(marks: Bools) -> pl.Series:
    """1 where the mask is set, else 0."""
    return gather(FLAGS, marks.astype(np.int64))


def day(days: Ints) -> pl.Series:
    """Days as era digit and six digits."""
    return wareki7(days, era_of(days))


def day_or_zeros(days: Ints, where: Bools) -> pl.Series:
    """Days where the mask is set, seven zeros elsewhere."""
    return day_or_blank(np.where(where, days, NO_DAY), ~where)


def laid_out(cells: dict[str, pl.Series], items: dict[str, str], height: int) -> pl.DataFrame:
    """Columns in the order of the file; what this city never fills is empty."""
    empty = pl.Series("", [None], dtype=pl.String).new_from_index(0, height)
    return pl.DataFrame([cells.get(item, empty).alias(name) for item, name in items.items()])


def _new_year(years: Ints) -> Ints:
    starts = np.array([day_of(year, 1, 1) for year in range(2020, 2030)])
    return starts[years - 2020]


def held_addresses(source: Register) -> pl.Series:
    """町字, 番地 and building in one cell, digits and spaces in half width."""
    places = source.addresses
    numbers = table([str(number) for number in range(2_000)])
    block, number = gather(numbers, places.block), gather(numbers, places.house)
    after_block = gather(table(("番地", "番", "番地")), places.numbering)
    after_house = only(table(["号"] * len(number)), places.numbering == 1)
    space, has_building = table([" "] * len(number)), places.building >= 0
    room = only(joined(only(space, places.spaced), gather(numbers, places.room), "号室"), has_building)
    building = joined(only(space, has_building), gather(table(BUILDINGS), places.building), room)
    house = only(number, places.numbering < 2)
    return joined(gather(_TOWNS, places.town), block, after_block, house, after_house, building)
