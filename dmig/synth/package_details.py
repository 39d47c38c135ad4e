"""The wider items of the old system's tables 現在, 除票 and 履歴: numbers, names beside the name, places, residence."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.city import CITY, COUNTRIES, GIVEN_NAMES, MUNICIPALITY_CODE, OTHERS, PREFECTURE, TOWNS, WARD_OF_TOWN
from dmig.synth.days import FOREIGNERS_FROM, NO_DAY, era_of
from dmig.synth.elsewhere import FIRST_ROOM, house, lot, origin_head, registrants, room
from dmig.synth.foreigners import STATUSES, Written
from dmig.synth.package_forms import FLAGS, day_or_blank, seireki8, time6, vague_wareki7, wareki7
from dmig.synth.package_names import NAMES_HELD, NAMES_READ, SURNAMES_HELD, SURNAMES_READ, HeldNames
from dmig.synth.register import Register
from dmig.synth.snapshots import ABROAD
from dmig.synth.streams import Bools, Ints
from dmig.synth.texts import digits, gather, joined, only, table

_OWN = MUNICIPALITY_CODE[:5]
_TOWN_CODES = table(
    [_OWN + town for town in ["001001", "001002", "002000", "003000", "004000", "005000", "006001", "007000", "000000"]]
)
_WARDS = table(("01", "02", "03"))
#: No post office delivers to 000; every second cell has a hyphen.
_POSTAL = table([f"000{town:04d}" if n else f"000-{town:04d}" for town in range(1, 11) for n in range(2)])
_OTHER = {
    "shi_cd": table([place.code for place in OTHERS]),
    "ken": table([place.prefecture for place in OTHERS]),
    "shi": table([place.name for place in OTHERS]),
    "cho": table([place.town for place in OTHERS]),
}
_WRONG_CODES = table([place.code[:5] + str((int(place.code[5]) + 1) % 10) for place in OTHERS])
_ABROAD = {
    "kuni_cd": table([country.code for country in COUNTRIES]),
    "kuni": table([country.name for country in COUNTRIES]),
    "kokugai": table([country.street for country in COUNTRIES]),
}
_ROOMS = table(["", *(f"ｻﾝﾌﾟﾙ荘{room}号室" for room in range(101, 120))])
_NUMBERS = table([str(number) for number in range(2_000)])
_PREFERENCE = table(("0", "1", "2"))
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def card_numbers(cards: Ints) -> pl.Series:
    """Two letters, eight digits, two letters; all from one number."""
    pairs = table([a + b for a in _LETTERS for b in _LETTERS])
    return joined(gather(pairs, cards % len(pairs)), digits(cards, 8), gather(pairs, cards // 7 % len(pairs)))


class Details:
    """Renders the items that station A3 added; texts of persons are made once."""

    def __init__(self, source: Register, number: pl.Series, names: HeldNames) -> None:
        self._source, self._number, self._names = source, number, names
        papers, facts, persons = source.papers, source.foreigners, source.population.persons
        foreign = persons.foreign
        full = digits(papers.number, 12)
        short = pl.Series(papers.number).cast(pl.String)
        self._kojin = pl.select(pl.when(pl.Series("", papers.zeros_lost)).then(short).otherwise(full)).to_series()
        self._code = digits(papers.code, 11)
        self._home, self._home_code = _homes(source)
        where = np.where(foreign, facts.nation, -1)
        status = np.where(foreign, facts.status, -1)
        self._foreign = {
            "kokuseki_cd": gather(_ABROAD["kuni_cd"], where),
            "kokuseki": gather(_ABROAD["kuni"], where),
            "kitei45": only(digits(facts.rule, 1), foreign),
            "zairyu_shikaku": gather(table([s.held for s in STATUSES]), status),
            "zairyu_nen": gather(_NUMBERS, np.where(foreign, facts.years, -1)),
            "zairyu_tsuki": gather(_NUMBERS, np.where(foreign, facts.months, -1)),
            "zairyu_hi": gather(_NUMBERS, np.where(foreign, facts.days, -1)),
            "zairyu_manryo_ymd": day_or_blank(np.where(foreign, facts.until, NO_DAY), foreign & (facts.card % 2 == 0)),
            "zairyu_card_no": only(card_numbers(facts.card), foreign & (facts.rule <= 2)),
            "romaji_shimei": names.letters,
            "kanji_shimei_gaikoku": names.foreign_kanji,
        }
        self._alias = facts.alias_surname * len(GIVEN_NAMES) + facts.alias_given
        self._pension = only(digits(np.maximum(papers.pension, 0), 10), papers.pension >= 0)
        self._first = source.population.households.first[persons.household]
        self._kana_read = gather(FLAGS, papers.read.astype(np.int64))

    def columns(self, at: Ints) -> dict[str, pl.Series]:
        """All columns by item."""
        source = self._source
        entries, shown, papers = source.entries, source.snapshots, source.papers
        person, foreign = entries.person[at], source.population.persons.foreign[entries.person[at]]
        former, alias = shown.former[at], shown.alias[at]
        old = source.population.persons.surname[person]
        alias_name = np.where(alias, self._alias[person], -1)
        return {
            "kojin_no": only(gather(self._kojin, person), shown.numbered[at]),
            "juminhyo_cd": only(gather(self._code, person), shown.coded[at]),
            "shubetsu": gather(FLAGS, foreign.astype(np.int64)),
            "kana_kakunin": gather(self._kana_read, person),
            "kyuuji": gather(SURNAMES_HELD, np.where(former, old, -1)),
            "kyuuji_kana": gather(SURNAMES_READ, np.where(former, old, -1)),
            "tsusho": gather(NAMES_HELD, alias_name),
            "tsusho_kana": gather(NAMES_READ, alias_name),
            "yusen_kbn": self._preference(person, foreign, alias),
            "nushi_no": self._heads(at),
            "kisai_jun": gather(_NUMBERS, shown.rank[at]),
            **self._place(at),
            **self._days(at, foreign),
            **self._origin(at),
            **_elsewhere("tenshutsu_yotei_", at, shown.destination[at]),
            **_elsewhere("tenshutsu_kakutei_", at, np.where(shown.confirmed[at], shown.destination[at], -1)),
            "honseki": gather(self._home, person),
            "honseki_shi_cd": gather(self._home_code, person),
            "hittousha": gather(NAMES_HELD, np.where(foreign, -1, _name(*registrants(source, at)))),
            **{item: gather(column, person) for item, column in self._foreign.items()},
            "kiso_nenkin_no": gather(self._pension, person),
            "chiku1": digits(papers.district[self._first[person]], 3),
            "chiku2": digits(source.addresses.town[entries.address[at]] + 1, 2),
            "chiku3": digits(source.addresses.town[entries.address[at]] // 3 + 1, 2),
            "shori_ymd": wareki7(shown.processed[at], era_of(shown.processed[at])),
            "sosha_id": joined("OPE", digits(shown.clerk[at], 3)),
            "sosa_ymd": seireki8(shown.processed[at]),
            "sosa_time": time6(shown.second[at]),
        }

    def _preference(self, person: Ints, foreign: Bools, alias: Bools) -> pl.Series:
        """Which name leads: 通称, kanji or letters; a name that is simply the real one has no mark."""
        facts = self._source.foreigners
        own = np.select([facts.written[person] == Written.KANJI, facts.written[person] == Written.BOTH], [-1, 1], 0)
        code = np.where(alias & facts.prefers_alias[person], 2, own)
        return gather(_PREFERENCE, np.where(foreign, code, -1))

    def _heads(self, at: Ints) -> pl.Series:
        entries, shown = self._source.entries, self._source.snapshots
        known = gather(self._number, np.where(shown.no_head[at] | shown.lost_head[at], -1, entries.head[at]))
        # No number given to anyone is smaller than 1,000.
        return known.fill_null(only(digits(entries.person[at] % 900 + 1, 10), shown.lost_head[at]))

    def _place(self, at: Ints) -> dict[str, pl.Series]:
        places, address = self._source.addresses, self._source.entries.address[at]
        town = places.town[address]
        return {
            "ku_cd": gather(_WARDS, np.array(WARD_OF_TOWN)[town]),
            "jusho_cd": gather(_TOWN_CODES, town),
            "yubin": gather(_POSTAL, town * 2 + address % 2),
        }

    def _days(self, at: Ints, foreign: Bools) -> dict[str, pl.Series]:
        entries, shown = self._source.entries, self._source.snapshots
        stay, settled = shown.stay[at], shown.settled[at]
        arrived = np.maximum(entries.day[stay], FOREIGNERS_FROM)
        gone = shown.destination[at] >= 0
        day, reported = entries.day[at], entries.reported[at]
        return {
            "jumin_ymd": vague_wareki7(entries.day[stay], era_of(entries.day[stay]), entries.vague[stay]),
            "jusho_ymd": vague_wareki7(entries.day[settled], era_of(entries.day[settled]), entries.vague[settled]),
            "gaijumin_ymd": only(wareki7(arrived, era_of(arrived)), foreign),
            "tenshutsu_todoke_ymd": day_or_blank(np.where(gone, reported, NO_DAY)),
            "tenshutsu_yotei_ymd": day_or_blank(np.where(gone, day, NO_DAY), at % 3 == 0),
            "tenshutsu_ymd": day_or_blank(np.where(shown.confirmed[at], day, NO_DAY), at % 2 == 0),
        }

    def _origin(self, at: Ints) -> dict[str, pl.Series]:
        source = self._source
        stay, origin = source.snapshots.stay[at], source.snapshots.origin[at]
        cells = _elsewhere("tennyu_", stay, origin)
        wrong = np.where(source.papers.origin_code_wrong[at], origin, -1)
        cells["tennyu_shi_cd"] = gather(_WRONG_CODES, wrong).fill_null(cells["tennyu_shi_cd"])
        named = (origin >= 0) & (origin < ABROAD) & (stay % 2 == 0)
        cells["tennyu_nushi"] = gather(NAMES_HELD, np.where(named, _name(*origin_head(stay)), -1))
        return cells


def _name(surname: Ints, given: Ints) -> Ints:
    return surname * len(GIVEN_NAMES) + given


def _elsewhere(prefix: str, entry: Ints, place: Ints) -> dict[str, pl.Series]:
    """A place outside the city: another municipality with house and room, or a country with its street."""
    domestic, abroad = np.where(place < ABROAD, place, -1), np.where(place >= ABROAD, place - ABROAD, -1)
    here = domestic >= 0
    number = joined(gather(_NUMBERS, lot(entry)), "-", gather(_NUMBERS, house(entry)))
    cells = {prefix + item: gather(texts, domestic) for item, texts in _OTHER.items()}
    cells |= {prefix + item: gather(texts, abroad) for item, texts in _ABROAD.items()}
    rooms = gather(_ROOMS, np.where(here, np.maximum(room(entry) - FIRST_ROOM + 1, 0), -1))
    cells[prefix + "banchi"] = only(number, here)
    cells[prefix + "katagaki"] = only(rooms, here & (room(entry) > 0))
    cells[prefix + "yubin"] = gather(_POSTAL, np.where(here, domestic * 2 + entry % 2, -1))
    return cells


def _homes(source: Register) -> tuple[pl.Series, pl.Series]:
    """本籍 and its municipality code of Japanese; 不明 where it is not known."""
    papers, foreign = source.papers, source.population.persons.foreign
    towns = [f"{PREFECTURE}{CITY}{TOWNS[0]}", *(place.prefecture + place.name + place.town for place in OTHERS)]
    known = ~foreign & (papers.home >= 0)
    place = np.where(known, papers.home, -1)
    text = joined(gather(table(towns), place), gather(_NUMBERS, papers.home_house), "番地")
    unknown = table(["不明"] * len(foreign))
    homes = only(text, known).fill_null(only(unknown, ~foreign))
    return homes, gather(table([MUNICIPALITY_CODE, *(place.code for place in OTHERS)]), place)
