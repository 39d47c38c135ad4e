"""The register as the standard layout wants it, rendered from the same facts by code of its own.

Nothing here is shared with the old system's rendering beyond the facts, and nothing with converters or mappings: the
expected files are an oracle only as long as that holds.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.addresses import Addresses
from dmig.synth.births import DAY_UNKNOWN
from dmig.synth.city import BUILDINGS, GIVEN_NAMES, SURNAMES
from dmig.synth.days import Parts, parts_of
from dmig.synth.events import Kind
from dmig.synth.families import Relation
from dmig.synth.register import Register
from dmig.synth.streams import Bools, Ints
from dmig.synth.wording import birth_wordings

#: Header of 住民情報 in layout order.
HEADER = (
    "宛名番号",
    "個人履歴番号",
    "最新フラグ",
    "世帯番号",
    "住民状態",
    "異動年月日",
    "異動事由",
    "氏名",
    "氏名_フリガナ",
    "性別",
    "生年月日",
    "生年月日_不詳フラグ",
    "生年月日_不詳表記",
    "続柄コード1",
    "続柄コード2",
    "続柄表記",
    "住所_番地号表記",
    "住所_方書",
)
#: 異動事由 and 住民状態 after each kind of entry.
_AFTER: dict[Kind, tuple[str, str]] = {
    Kind.MOVED_IN: ("10", "1"),
    Kind.BORN: ("11", "1"),
    Kind.ENTERED_BY_OFFICE: ("12", "1"),
    Kind.HEAD_CHANGED: ("33", "1"),
    Kind.MOVED_HOUSE: ("30", "1"),
    Kind.RENAMED: ("31", "1"),
    Kind.CORRECTED_BY_OFFICE: ("32", "1"),
    Kind.MOVED_AWAY: ("20", "2"),
    Kind.DIED: ("21", "3"),
    Kind.REMOVED_BY_OFFICE: ("22", "9"),
}
#: First code, second code and wording of each relation.
_RELATION: dict[Relation, tuple[str, str | None, str]] = {
    Relation.HEAD: ("02", None, "世帯主"),
    Relation.HUSBAND: ("11", None, "夫"),
    Relation.WIFE: ("12", None, "妻"),
    Relation.UNREGISTERED_HUSBAND: ("13", None, "夫（未届）"),
    Relation.UNREGISTERED_WIFE: ("14", None, "妻（未届）"),
    Relation.CHILD: ("20", None, "子"),
    Relation.FATHER: ("51", None, "父"),
    Relation.MOTHER: ("52", None, "母"),
    Relation.ELDER_BROTHER: ("71", None, "兄"),
    Relation.YOUNGER_BROTHER: ("74", None, "弟"),
    Relation.ELDER_SISTER: ("81", None, "姉"),
    Relation.YOUNGER_SISTER: ("84", None, "妹"),
    Relation.GRANDCHILD: ("20", "20", "子の子"),
    Relation.CHILDS_HUSBAND: ("20", "11", "子の夫"),
    Relation.CHILDS_WIFE: ("20", "12", "子の妻"),
    Relation.KIN: ("90", None, "縁故者"),
    Relation.LODGER: ("99", None, "同居人"),
}
_WIDE = {ord(str(digit)): chr(ord("０") + digit) for digit in range(10)}


class TruthTexts:
    """Renders entries of a register as rows of the standard group 住民情報; texts used often are made once."""

    def __init__(self, source: Register) -> None:
        self._source = source
        births = source.population.persons.births
        self._births = pl.DataFrame(
            {
                "date": _iso(births.parts),
                "unknown": pl.Series(np.isin(births.shape, DAY_UNKNOWN)).cast(pl.Int8).cast(pl.String),
                "wording": birth_wordings(births),
            }
        )
        self._addresses = _addresses(source.addresses)
        self._names = pl.DataFrame(
            [(f"{s.written}　{g.written}", f"{s.reading}　{g.reading}") for s in SURNAMES for g in GIVEN_NAMES],
            schema=["written", "reading"],
            orient="row",
        )
        self._relations = pl.DataFrame(
            [_RELATION[relation] for relation in Relation], schema=["code1", "code2", "wording"], orient="row"
        )
        self._after = pl.DataFrame([_AFTER[kind] for kind in Kind], schema=["reason", "state"], orient="row")

    def rows(self, at: Ints) -> pl.DataFrame:
        """The entries at `at` (none of them deleted) as standard rows; an empty cell is null."""
        entries, persons = self._source.entries, self._source.population.persons
        person = entries.person[at]
        names = self._names[entries.surname[at] * len(GIVEN_NAMES) + persons.given[person]]
        births, places = self._births[person], self._addresses[entries.address[at]]
        relations, after = self._relations[entries.relation[at]], self._after[entries.kind[at]]
        columns = (
            _ten_digits(persons.number[person]),
            pl.Series(entries.sequence[at]).cast(pl.String),
            pl.Series(entries.latest[at]).cast(pl.Int8).cast(pl.String),
            _ten_digits(entries.household_number[at]),
            after["state"],
            _event_dates(entries.day[at], entries.day_known[at]),
            after["reason"],
            names["written"],
            names["reading"],
            pl.Series(persons.sex[person]).cast(pl.String),
            births["date"],
            births["unknown"],
            births["wording"],
            relations["code1"],
            relations["code2"],
            relations["wording"],
            places["number"],
            places["building"],
        )
        return pl.DataFrame(dict(zip(HEADER, columns, strict=True)))


def _ten_digits(numbers: Ints) -> pl.Series:
    return pl.Series(numbers + 10**10).cast(pl.String).str.slice(1)


def _iso(parts: Parts) -> pl.Series:
    """YYYY-MM-DD, unknown parts as zeros."""
    text = pl.Series(parts.year * 10_000 + parts.month * 100 + parts.day + 10**8).cast(pl.String)
    pieces = [text.str.slice(1, 4), pl.lit("-"), text.str.slice(5, 2), pl.lit("-"), text.str.slice(7, 2)]
    return pl.select(pl.concat_str(pieces)).to_series()


def _event_dates(day: Ints, known: Bools) -> pl.Series:
    parts = parts_of(day)
    return _iso(Parts(*(np.where(known, part, 0) for part in parts)))


def _addresses(places: Addresses) -> pl.DataFrame:
    """番地号表記 and 方書 of each address, full-width."""
    wide = [str(number).translate(_WIDE) for number in range(1_600)]
    facts = pl.DataFrame(
        {
            "numbering": places.numbering,
            "block": pl.Series(wide).gather(places.block),
            "house": pl.Series(wide).gather(places.house),
            "has_building": places.building >= 0,
            "building": pl.Series(BUILDINGS).gather(np.maximum(places.building, 0)),
            "gap": pl.Series(["", "　"]).gather(places.spaced.astype(np.int64)),
            "room": pl.Series(wide).gather(places.room),
        }
    )
    number = (
        pl.when(pl.col("numbering") == 0)
        .then(pl.format("{}番地{}", "block", "house"))
        .when(pl.col("numbering") == 1)
        .then(pl.format("{}番{}号", "block", "house"))
        .otherwise(pl.format("{}番地", "block"))
    )
    building = pl.when("has_building").then(pl.format("{}{}{}号室", "building", "gap", "room"))
    return facts.select(number=number, building=building)
