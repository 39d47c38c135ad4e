"""The register as the old system `package` holds it: half-width kana, 7-digit wareki, codes and habits of its own."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
import polars as pl

from dmig.synth.addresses import Addresses, Numbering
from dmig.synth.births import Births, Shape
from dmig.synth.city import BUILDINGS, GIVEN_NAMES, SURNAMES
from dmig.synth.days import NEVER, era_of, parts_of
from dmig.synth.events import Kind
from dmig.synth.families import Relation
from dmig.synth.register import Register
from dmig.synth.streams import Ints, Streams
from dmig.synth.texts import digits, full_width_numbers, gather, joined, only, table
from dmig.synth.wording import birth_wordings

#: Items of both tables in file order: legacy id and the name that stands in the header.
ITEMS = {
    "atena_no": "宛名番号",
    "rireki_no": "履歴番号",
    "setai_no": "世帯番号",
    "kana_shimei": "カナ氏名",
    "kanji_shimei": "漢字氏名",
    "seibetsu": "性別",
    "umare_ymd": "生年月日",
    "umare_hyoki": "生年月日不詳表記",
    "zokugara": "続柄",
    "banchi": "番地",
    "katagaki": "方書",
    "ido_jiyu": "異動事由",
    "ido_ymd": "異動年月日",
    "todoke_ymd": "届出年月日",
    "jumin_kbn": "住民区分",
    "sakujo_flg": "削除フラグ",
}
#: Year 1 of each era by its digit.
_YEAR_1 = np.array([0, 1868, 1912, 1926, 1989, 2019])
_REASON = {
    Kind.MOVED_IN: "01",
    Kind.BORN: "02",
    Kind.ENTERED_BY_OFFICE: "03",
    Kind.MOVED_AWAY: "11",
    Kind.DIED: "12",
    Kind.REMOVED_BY_OFFICE: "13",
    Kind.MOVED_HOUSE: "21",
    Kind.RENAMED: "22",
    Kind.CORRECTED_BY_OFFICE: "23",
    Kind.HEAD_CHANGED: "24",
}
_STATE = {Kind.MOVED_AWAY: "1", Kind.DIED: "2", Kind.REMOVED_BY_OFFICE: "3"}
_SEX = ("9", "1", "2")
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
}
_SONS_AND_DAUGHTERS = ("長男", "二男", "三男", "長女", "二女", "三女")
_KANJI_GAPS, _KANJI_GAP_SHARES = ("\u3000", "\u3000\u3000", " "), (0.86, 0.07, 0.07)
_KANA_GAPS, _KANA_GAP_SHARES = (" ", "  "), (0.92, 0.08)
_HALF_KANA = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)}
_HALF_KANA |= {"\u3099": "\uff9e", "\u309a": "\uff9f"}


def half_width(reading: str) -> str:
    """A katakana reading in half-width letters, voiced marks as letters of their own."""
    return "".join(_HALF_KANA[letter] for letter in unicodedata.normalize("NFD", reading))


def wareki7(days: Ints, era: Ints) -> pl.Series:
    """Days as old systems write them: era digit, two digits each of era year, month and day."""
    parts = parts_of(days)
    return digits(era * 1_000_000 + (parts.year - _YEAR_1[era] + 1) * 10_000 + parts.month * 100 + parts.day, 7)


class PackageTexts:
    """Renders entries of a register as rows of the tables 現在 and 履歴; texts used often are made once."""

    def __init__(self, source: Register, streams: Streams) -> None:
        self._source = source
        persons, count = source.population.persons, len(source.entries)
        self._number = digits(persons.number, 10)
        self._birth = _births(persons.births)
        self._wording = birth_wordings(persons.births)
        self._banchi, self._katagaki = _addresses(source.addresses)
        draw = streams.of("package spacing")
        self._kanji_gap = draw.choice(len(_KANJI_GAPS), size=count, p=_KANJI_GAP_SHARES)
        self._kana_gap = draw.choice(len(_KANA_GAPS), size=count, p=_KANA_GAP_SHARES)
        surnames, given = [w.written for w in SURNAMES], [w.written for w in GIVEN_NAMES]
        self._kanji_names = _full_names(surnames, given, _KANJI_GAPS)
        surnames, given = ([half_width(w.reading) for w in words] for words in (SURNAMES, GIVEN_NAMES))
        self._kana_names = _full_names(surnames, given, _KANA_GAPS)

    def rows(self, at: Ints) -> pl.DataFrame:
        """The entries at `at` as text rows; an empty cell is null."""
        entries, persons = self._source.entries, self._source.population.persons
        person, day, kind = entries.person[at], entries.day[at], entries.kind[at]
        name = entries.surname[at] * len(GIVEN_NAMES) + persons.given[person]
        reported = np.where(entries.reported[at] < NEVER, entries.reported[at], day)
        ido = np.where(entries.day_known[at], 0, 1)
        columns = (
            gather(self._number, person),
            digits(entries.number[at], 1),
            digits(entries.household_number[at], 10),
            gather(self._kana_names, name * len(_KANA_GAPS) + self._kana_gap[at]),
            gather(self._kanji_names, name * len(_KANJI_GAPS) + self._kanji_gap[at]),
            gather(table(_SEX), persons.sex[person]),
            gather(self._birth, person),
            gather(self._wording, person),
            self._relations(entries.relation[at], person),
            gather(self._banchi, entries.address[at]),
            gather(self._katagaki, entries.address[at]),
            gather(table([_REASON[k] for k in Kind]), kind),
            joined(only(wareki7(day, entries.era[at]), ido == 0), only(table(["0000000"] * len(at)), ido == 1)),
            only(wareki7(reported, era_of(reported)), entries.reported[at] < NEVER),
            gather(table([_STATE.get(k, "0") for k in Kind]), kind),
            gather(table(("0", "1")), entries.deleted[at].astype(np.int64)),
        )
        return pl.DataFrame(dict(zip(ITEMS.values(), columns, strict=True)))

    def _relations(self, relation: Ints, person: Ints) -> pl.Series:
        """Texts of 続柄: 長男, 二女 … for the first three children of a sex, unless worded plainly."""
        persons = self._source.population.persons
        words = table([word for r in Relation for word in _WORDS[r]] + list(_SONS_AND_DAUGHTERS))
        sex, rank, plain = persons.sex[person], persons.rank[person], persons.plainly_worded[person]
        ranked = (relation == Relation.CHILD) & (rank >= 1) & (rank <= 3) & (sex > 0) & ~plain
        return gather(words, np.where(ranked, 2 * len(Relation) + 3 * (sex - 1) + rank - 1, 2 * relation + plain))


def _full_names(surnames: Sequence[str], given: Sequence[str], gaps: Sequence[str]) -> pl.Series:
    return table([surname + gap + name for surname in surnames for name in given for gap in gaps])


def _births(births: Births) -> pl.Series:
    """生年月日: unknown parts are 00, an unknown whole is 0000000 or 9999999."""
    year = np.where(births.parts.year > 0, births.parts.year - _YEAR_1[births.era] + 1, 0)
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
