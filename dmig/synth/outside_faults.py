"""Planted faults and expected findings of 住登外者宛名."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from dmig.synth.city import OPEN_SURNAMES
from dmig.synth.csv_out import Planned
from dmig.synth.edits import Edit, append, insert, next_digit, overwrite, put
from dmig.synth.outside import Outsiders, non_calendar
from dmig.synth.package_items import JUTOGAI_ITEMS
from dmig.synth.streams import Bools, Streams

#: Kind, item, how it is made, note, and whether the record itself is broken.
_KINDS: tuple[tuple[str, str, Edit, str], ...] = (
    ("undecodable", "jusho_cho", insert(b"\xff"), "町字の中に0xFF"),
    ("column_count", "gyomu_ids", append(b","), "カンマが一つ多い"),
    ("wrong_kojin_no", "kojin_no", next_digit, "個人番号の検査数字が違う"),
    ("bad_date", "umare_ymd", overwrite(3, "13"), "生年月日の月が13"),
    ("unknown_code", "seibetsu", put("7"), "性別に知られていない番号"),
    ("bad_address", "banchi", put("無番地不明"), "番地に番号の形がない"),
)


@dataclass(frozen=True, slots=True)
class OutsideFaults:
    """Planted faults as pairs of place and kind, in file order."""

    planted: tuple[tuple[int, int], ...]

    def edits(self, table: int, first: int, last: int) -> list[Planned]:
        """What to do to records [first, last)."""
        items = list(JUTOGAI_ITEMS)
        return [
            (at + 1, _KINDS[kind][2], items.index(_KINDS[kind][1]), b"")
            for at, kind in self.planted
            if first <= at + 1 < last
        ]

    def listing(self, file: str, units: pl.Series) -> pl.DataFrame:
        """The list for truth/."""
        rows = [
            (kind[0], file, at + 1, None if kind[0] == "column_count" else kind[1], units[at], kind[3])
            for at, kind in ((at, _KINDS[n]) for at, n in self.planted)
        ]
        return pl.DataFrame(
            rows, schema=["kind", "file", "record", "item", "unit", "note"], orient="row", infer_schema_length=None
        )


def plant(people: Outsiders, streams: Streams, rate: float) -> OutsideFaults:
    """Kinds in turn on persons without findings, to whom no other row leads and who lead to none."""
    if not 0 <= rate <= 1:
        raise ValueError("fault_rate must lie between 0 and 1")
    draw = streams.of("outside faults")
    free = ~_odd(people) & (people.kojin >= 0) & ~people.zeros_lost & (people.births.shape == 0) & (people.merged < 0)
    free[people.merged[people.merged >= 0]] = False
    chosen = draw.permutation(np.flatnonzero(free))[: max(1, round(rate * len(people))) if rate > 0 else 0]
    return OutsideFaults(tuple(sorted((int(at), n % len(_KINDS)) for n, at in enumerate(chosen))))


def expected(people: Outsiders, file: str) -> pl.DataFrame:
    """Expected findings in file order; the kinds are those of 住民記録."""
    marks = (
        ("era_impossible_day", "umare_ymd", people.births.impossible_era == 1),  # NRM011
        ("non_calendar_date", "umare_ymd", non_calendar(people)),  # NRM012, NRM013
        ("open_glyph", "kanji_shimei", _open(people)),  # NRM020
    )
    rows = [(kind, file, int(at) + 1, item) for kind, item, mark in marks for at in np.flatnonzero(mark)]
    rows.sort(key=lambda row: (row[2], row[3]))
    schema = {"kind": pl.String, "file": pl.String, "record": pl.Int64, "item": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _open(people: Outsiders) -> Bools:
    return np.isin(people.surname, OPEN_SURNAMES) & ~people.foreign


def _odd(people: Outsiders) -> Bools:
    return np.asarray(_open(people) | non_calendar(people) | (people.births.impossible_era == 1), np.bool_)
