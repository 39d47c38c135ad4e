"""The register as the standard layout wants it, rendered from the same facts by code of its own.

Nothing here is shared with the old system's rendering beyond the facts, and nothing with converters or mappings: the
expected files are an oracle only as long as that holds.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.addresses import Addresses
from dmig.synth.births import DAY_UNKNOWN
from dmig.synth.city import BUILDINGS
from dmig.synth.families import Relation
from dmig.synth.register import Register
from dmig.synth.streams import Ints
from dmig.synth.truth_details import StandardDetails
from dmig.synth.truth_events import STATES, event_items
from dmig.synth.truth_forms import in_layout, iso, ones, ten_digits
from dmig.synth.truth_items import HEADER
from dmig.synth.truth_names import StandardNames
from dmig.synth.wording import birth_wordings

#: Codes and wording of each relation.
_RELATION: dict[Relation, tuple[str, str | None, str | None, str]] = {
    Relation.HEAD: ("02", None, None, "世帯主"),
    Relation.HUSBAND: ("11", None, None, "夫"),
    Relation.WIFE: ("12", None, None, "妻"),
    Relation.UNREGISTERED_HUSBAND: ("13", None, None, "夫（未届）"),
    Relation.UNREGISTERED_WIFE: ("14", None, None, "妻（未届）"),
    Relation.CHILD: ("20", None, None, "子"),
    Relation.FATHER: ("51", None, None, "父"),
    Relation.MOTHER: ("52", None, None, "母"),
    Relation.ELDER_BROTHER: ("71", None, None, "兄"),
    Relation.YOUNGER_BROTHER: ("74", None, None, "弟"),
    Relation.ELDER_SISTER: ("81", None, None, "姉"),
    Relation.YOUNGER_SISTER: ("84", None, None, "妹"),
    Relation.GRANDCHILD: ("20", "20", None, "子の子"),
    Relation.CHILDS_HUSBAND: ("20", "11", None, "子の夫"),
    Relation.CHILDS_WIFE: ("20", "12", None, "子の妻"),
    Relation.KIN: ("90", None, None, "縁故者"),
    Relation.LODGER: ("99", None, None, "同居人"),
    Relation.HUSBANDS_FATHER: ("11", "51", None, "夫の父"),
    Relation.HUSBANDS_MOTHER: ("11", "52", None, "夫の母"),
    Relation.WIFES_FATHER: ("12", "51", None, "妻の父"),
    Relation.WIFES_MOTHER: ("12", "52", None, "妻の母"),
    Relation.GREAT_GRANDCHILD: ("20", "20", "20", "子の子の子"),
}
_WIDE = {ord(str(digit)): chr(ord("０") + digit) for digit in range(10)}


class TruthTexts:
    """Renders entries of a register as rows of the standard group 住民情報; texts used often are made once."""

    def __init__(self, source: Register) -> None:
        self._source = source
        births = source.population.persons.births
        self._births = pl.DataFrame(
            {
                "date": iso(births.parts),
                "unknown": ones(np.isin(births.shape, DAY_UNKNOWN)),
                "wording": birth_wordings(births),
            }
        )
        self._addresses = _addresses(source.addresses)
        self._relations = pl.DataFrame(
            [_RELATION[relation] for relation in Relation], schema=["code1", "code2", "code3", "wording"], orient="row"
        )
        self._names = StandardNames(source)
        self._details = StandardDetails(source, self._names)
        self._sexes = pl.DataFrame({"code": ["0", "1", "2"], "wording": [None, "男", "女"]})

    def rows(self, at: Ints) -> pl.DataFrame:
        """The entries at `at` (none of them deleted) as standard rows; an empty cell is null."""
        entries, persons = self._source.entries, self._source.population.persons
        person = entries.person[at]
        births, places = self._births[person], self._addresses[entries.address[at]]
        relations, sexes = self._relations[entries.relation[at]], self._sexes[persons.sex[person]]
        columns = {
            "宛名番号": ten_digits(persons.number[person]),
            "個人履歴番号": pl.Series(entries.sequence[at]).cast(pl.String),
            "最新フラグ": ones(entries.latest[at]),
            "世帯番号": ten_digits(entries.household_number[at]),
            "住民状態": STATES.gather(entries.kind[at]),
            **event_items(self._source, at),
            "性別": sexes["code"],
            "性別表記": sexes["wording"],
            "生年月日": births["date"],
            "生年月日_不詳フラグ": births["unknown"],
            "生年月日_不詳表記": births["wording"],
            "続柄コード1": relations["code1"],
            "続柄コード2": relations["code2"],
            "続柄コード3": relations["code3"],
            "続柄表記": relations["wording"],
            "住所_番地号表記": places["number"],
            "住所_方書": places["building"],
            **self._names.columns(at),
            **self._details.columns(at),
        }
        return in_layout(columns, HEADER, len(at))


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
