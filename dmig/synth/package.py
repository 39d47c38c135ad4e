"""The register as the old system `package` holds it: half-width kana, 7-digit wareki, codes and habits of its own."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.addresses import Addresses, Numbering
from dmig.synth.births import Births, Shape
from dmig.synth.city import BUILDINGS
from dmig.synth.days import NEVER, era_of
from dmig.synth.events import Kind
from dmig.synth.families import Relation
from dmig.synth.package_details import Details
from dmig.synth.package_forms import FLAGS, YEAR_1, reasons, vague_wareki7, wareki7
from dmig.synth.package_items import ITEMS
from dmig.synth.package_names import KANA_GAPS, KANJI_GAPS, HeldNames
from dmig.synth.register import Register
from dmig.synth.streams import Ints, Streams
from dmig.synth.texts import digits, full_width_numbers, gather, joined, only, table
from dmig.synth.wording import birth_wordings

_STATE = {Kind.MOVED_AWAY: "1", Kind.DIED: "2", Kind.REMOVED_BY_OFFICE: "3"}
#: Old wording and, where the office already uses it, the newer one.
_WORDS = {
    Relation.HEAD: ("世帯主", "世帯主"),
    Relation.HUSBAND: ("夫", "夫"),
    Relation.WIFE: ("妻", "妻"),
    Relation.UNREGISTERED_HUSBAND: ("未届の夫", "夫（未届）"),
    Relation.UNREGISTERED_WIFE: ("未届の妻", "妻（未届）"),
    Relation.CHILD: ("子", "子"),
    Relation.FATHER: ("父", "父"),
    Relation.MOTHER: ("母", "母"),
    Relation.ELDER_BROTHER: ("兄", "兄"),
    Relation.YOUNGER_BROTHER: ("弟", "弟"),
    Relation.ELDER_SISTER: ("姉", "姉"),
    Relation.YOUNGER_SISTER: ("妹", "妹"),
    Relation.GRANDCHILD: ("孫", "子の子"),
    Relation.CHILDS_HUSBAND: ("子の夫", "子の夫"),
    Relation.CHILDS_WIFE: ("子の妻", "子の妻"),
    Relation.KIN: ("縁故者", "縁故者"),
    Relation.LODGER: ("同居人", "同居人"),
    Relation.HUSBANDS_FATHER: ("夫の父", "夫の父"),
    Relation.HUSBANDS_MOTHER: ("夫の母", "夫の母"),
    Relation.WIFES_FATHER: ("妻の父", "妻の父"),
    Relation.WIFES_MOTHER: ("妻の母", "妻の母"),
    Relation.GREAT_GRANDCHILD: ("曾孫", "子の子の子"),
}
_SONS_AND_DAUGHTERS = ("長男", "二男", "三男", "四男", "長女", "二女", "三女", "四女")
_RANKED = 4
_KANJI_GAP_SHARES, _KANA_GAP_SHARES = (0.86, 0.07, 0.07), (0.92, 0.08)
_SEXES = table(("9", "1", "2"))
_STATES = table([_STATE.get(kind, "0") for kind in Kind])


class PackageTexts:
    """Renders entries of a register as rows of the tables 現在, 除票 and 履歴; texts used often are made once."""

    def __init__(self, source: Register, streams: Streams) -> None:
        self._source = source
        persons, count = source.population.persons, len(source.entries)
        self._number = digits(persons.number, 10)
        self._birth = held_births(persons.births)
        self._wording = birth_wordings(persons.births)
        self._banchi, self._katagaki = _addresses(source.addresses)
        draw = streams.of("package spacing")
        self._kanji_gap = draw.choice(len(KANJI_GAPS), size=count, p=_KANJI_GAP_SHARES)
        self._kana_gap = draw.choice(len(KANA_GAPS), size=count, p=_KANA_GAP_SHARES)
        self._names = HeldNames(source)
        self._details = Details(source, self._number, self._names)
        self._words = table([word for r in Relation for word in _WORDS[r]] + list(_SONS_AND_DAUGHTERS))

    def rows(self, at: Ints) -> pl.DataFrame:
        """The entries at `at` as text rows; an empty cell is null."""
        entries, persons = self._source.entries, self._source.population.persons
        person, day = entries.person[at], entries.day[at]
        reported = np.where(entries.reported[at] < NEVER, entries.reported[at], day)
        columns = {
            "atena_no": gather(self._number, person),
            "rireki_no": digits(entries.number[at], 1),
            "setai_no": digits(entries.household_number[at], 10),
            "kana_shimei": self._names.kana(at, self._kana_gap[at]),
            "kanji_shimei": self._names.kanji(at, self._kanji_gap[at]),
            "seibetsu": gather(_SEXES, persons.sex[person]),
            "umare_ymd": gather(self._birth, person),
            "umare_hyoki": gather(self._wording, person),
            "zokugara": self._relations(entries.relation[at], person),
            "banchi": gather(self._banchi, entries.address[at]),
            "katagaki": gather(self._katagaki, entries.address[at]),
            "ido_jiyu": reasons(self._source, at),
            "ido_ymd": vague_wareki7(day, entries.era[at], entries.vague[at]),
            "todoke_ymd": only(wareki7(reported, era_of(reported)), entries.reported[at] < NEVER),
            "jumin_kbn": gather(_STATES, entries.kind[at]),
            "sakujo_flg": gather(FLAGS, entries.deleted[at].astype(np.int64)),
            **self._details.columns(at),
        }
        return pl.DataFrame([columns[item].alias(name) for item, name in ITEMS.items()])

    def _relations(self, relation: Ints, person: Ints) -> pl.Series:
        """Texts of 続柄: 長男, 二女 … for the first children of a sex, unless worded plainly."""
        persons = self._source.population.persons
        sex, rank, plain = persons.sex[person], persons.rank[person], persons.plainly_worded[person]
        ranked = (relation == Relation.CHILD) & (rank >= 1) & (rank <= _RANKED) & (sex > 0) & ~plain
        place = 2 * len(Relation) + _RANKED * (sex - 1) + rank - 1
        return gather(self._words, np.where(ranked, place, 2 * relation + plain))


def held_births(births: Births) -> pl.Series:
    """生年月日: unknown parts are 00, an unknown whole is 0000000 or 9999999."""
    year = np.where(births.parts.year > 0, births.parts.year - YEAR_1[births.era] + 1, 0)
    number = births.era * 1_000_000 + year * 10_000 + births.parts.month * 100 + births.parts.day
    number = np.where(births.shape == Shape.NOTHING_ZEROS, 0, number)
    return digits(np.where(births.shape == Shape.NOTHING_NINES, 9_999_999, number), 7)


def _addresses(places: Addresses) -> tuple[pl.Series, pl.Series]:
    """番地 and 方書 of each address; a glued 方書 follows 番地 after a full-width space, its own cell empty."""
    numerals = full_width_numbers(1_600)
    block, house = gather(numerals, places.block), gather(numerals, places.house)
    after_block = gather(table(("番地", "番", "番地")), places.numbering)
    has_house = places.numbering != Numbering.BANCHI
    after_house = only(table(["号"] * len(house)), places.numbering == Numbering.BAN_GO)
    gap = only(table(["\u3000"] * len(house)), places.spaced)
    has_building = places.building >= 0
    room = only(joined(gap, gather(numerals, places.room), "号室"), has_building)
    katagaki = joined(gather(table(BUILDINGS), places.building), room)
    glued = only(joined("\u3000", katagaki), places.glued)
    return joined(block, after_block, only(house, has_house), after_house, glued), only(katagaki, ~places.glued)
