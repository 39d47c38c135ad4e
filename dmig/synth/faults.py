"""Planted faults: each chosen unit carries exactly one, in one record that is not logically deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from dmig.synth.births import Shape
from dmig.synth.days import AS_OF, era_of
from dmig.synth.events import Kind
from dmig.synth.package import ITEMS, wareki7
from dmig.synth.register import Register
from dmig.synth.streams import Bools, Ints, Streams
from dmig.synth.tables import Tables

#: Cells of a record as they will stand in the file, the position of the item, and the fault's own text.
Edit = Callable[[list[bytes], int, bytes], None]
Eligible = Callable[[Register, Ints], Bools]

_POSITION = {item: n for n, item in enumerate(ITEMS)}
#: A birthday is put this many days after the event.
_LATER = 40
_TOO_MANY_LETTERS = 120


def _put(text: str) -> Edit:
    """Replace the whole cell."""

    def edit(cells: list[bytes], at: int, own: bytes) -> None:
        cells[at] = text.encode("cp932")

    return edit


def _put_own(cells: list[bytes], at: int, own: bytes) -> None:
    cells[at] = own


def _insert(piece: bytes) -> Edit:
    """Insert bytes after the first letter, which in a name is a kanji or kana of two bytes."""

    def edit(cells: list[bytes], at: int, own: bytes) -> None:
        cells[at] = cells[at][:2] + piece + cells[at][2:]

    return edit


def _append(piece: bytes) -> Edit:
    def edit(cells: list[bytes], at: int, own: bytes) -> None:
        cells[at] += piece

    return edit


def _overwrite(start: int, piece: str) -> Edit:
    """Replace letters of a cell whose letters are all of one byte."""

    def edit(cells: list[bytes], at: int, own: bytes) -> None:
        cells[at] = cells[at][:start] + piece.encode("cp932") + cells[at][start + len(piece) :]

    return edit


def _lose_comma(cells: list[bytes], at: int, own: bytes) -> None:
    cells[at : at + 2] = [cells[at] + cells[at + 1]]


def _any_entry(source: Register, at: Ints) -> Bools:
    return np.ones(len(at), dtype=np.bool_)


def _day_known(source: Register, at: Ints) -> Bools:
    return source.entries.day_known[at]


def _birth_known(source: Register, at: Ints) -> Bools:
    return np.asarray(source.population.persons.births.shape[source.entries.person[at]] == Shape.KNOWN)


def _both_known(source: Register, at: Ints) -> Bools:
    return _day_known(source, at) & _birth_known(source, at) & (source.entries.day[at] < AS_OF - _LATER)


def _dead_now(source: Register, at: Ints) -> Bools:
    return np.asarray(source.entries.kind[at] == Kind.DIED)


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A kind of fault: the item it stands in, how it is made (in turn, if in several ways), and where it may stand."""

    kind: str
    item: str
    ways: tuple[tuple[str, Edit], ...]
    eligible: Eligible = _any_entry
    current_only: bool = False


#: `death_state` comes first because it needs a current entry of death, which few have.
FAULT_KINDS = (
    FaultKind("death_state", "jumin_kbn", (("死亡の異動に現住民の区分", _put("0")),), _dead_now, current_only=True),
    FaultKind(
        "undecodable",
        "kanji_shimei",
        (("氏名の中に0xFF", _insert(b"\xff")), ("氏名の末尾に2バイト文字の1バイト目だけ", _append(b"\x81"))),
    ),
    FaultKind(
        "column_count", "kana_shimei", (("カンマが一つ多い", _append(b",")), ("カンマが一つ少ない", _lose_comma))
    ),
    FaultKind("nul", "kanji_shimei", (("氏名の中にNUL", _insert(b"\x00")),)),
    FaultKind("stray_quote", "kanji_shimei", (("引用符のないセルの中に引用符", _insert(b'"')),)),
    # ASCII letters are legal in keys, so a full-width one.
    FaultKind("bad_key", "setai_no", (("世帯番号に全角の英字", _overwrite(4, "Ｏ")),)),
    FaultKind("bad_date", "umare_ymd", (("生年月日の月が13", _overwrite(3, "13")),), _birth_known),
    FaultKind("bad_date_event", "ido_ymd", (("異動年月日の日が32", _overwrite(5, "32")),), _day_known),
    FaultKind("unknown_code", "ido_jiyu", (("異動事由に知られていない番号", _put("99")),)),
    FaultKind("unknown_relation", "zokugara", (("続柄に知られていない語", _put("不明続柄")),)),
    FaultKind("bad_address", "banchi", (("番地に番号の形がない", _put("無番地不明")),)),
    FaultKind("too_long", "kanji_shimei", (("氏名が100字を超える", _put("長" * _TOO_MANY_LETTERS)),)),
    FaultKind("missing_name", "kanji_shimei", (("漢字氏名が空", _put("")),)),
    FaultKind("birth_after_event", "umare_ymd", (("生年月日が異動年月日より後", _put_own),), _both_known),
)
#: Kinds that break the record itself rather than one item's value: their item is told only where a cell holds them.
_NO_ITEM = ("column_count",)


@dataclass(frozen=True, slots=True)
class Faults:
    """The planted faults in file order: columns kind, way, entry, table, record, person, own (text put in)."""

    frame: pl.DataFrame

    def edits(self, table: int, first: int, last: int) -> list[tuple[int, Edit, int, bytes]]:
        """What to do to records [first, last) of a table: record, edit, position of the item, own text."""
        here = self.frame.filter(pl.col("table") == table, pl.col("record").is_between(first, last, closed="left"))
        return [
            (record, FAULT_KINDS[kind].ways[way][1], _POSITION[FAULT_KINDS[kind].item], own.encode("ascii"))
            for record, kind, way, own in here.select("record", "kind", "way", "own").iter_rows()
        ]

    def listing(self, files: tuple[str, ...], units: pl.Series) -> pl.DataFrame:
        """The list for truth/: kind, file, record (from 1, header not counted), legacy item, unit, note."""
        rows = [
            (
                FAULT_KINDS[kind].kind,
                files[table],
                record,
                None if FAULT_KINDS[kind].kind in _NO_ITEM else FAULT_KINDS[kind].item,
                units[person],
                FAULT_KINDS[kind].ways[way][0],
            )
            for kind, table, record, person, way in self.frame.select(
                "kind", "table", "record", "person", "way"
            ).iter_rows()
        ]
        return pl.DataFrame(
            rows, schema=["kind", "file", "record", "item", "unit", "note"], orient="row", infer_schema_length=None
        )


def plant(source: Register, tables: Tables, streams: Streams, rate: float, taken: Bools) -> Faults:
    """Choose units and records for the faults, kinds in equal shares, at least one fault when `rate` is above 0.

    `taken` marks persons who may not carry one (they have expected findings). Where a kind finds too few fitting
    units it is planted less often, so a rate near 1 is not reached.
    """
    if not 0 <= rate <= 1:
        raise ValueError("fault_rate must lie between 0 and 1")
    entries, draw = source.entries, streams.of("faults")
    starts = np.flatnonzero(np.concatenate(([True], np.diff(entries.person) != 0)))
    sizes = np.diff(np.concatenate((starts, [len(entries)])))
    free = ~taken[entries.person[starts]]
    total = max(1, round(rate * len(starts))) if rate > 0 else 0
    parts = []
    for n, kind in enumerate(FAULT_KINDS):
        wanted = total // len(FAULT_KINDS) + (n < total % len(FAULT_KINDS))
        # One entry of each person at random; the current one where only that can carry the kind.
        offset = sizes - 1 if kind.current_only else (draw.random(len(sizes)) * sizes).astype(np.int64)
        at = starts + offset
        fits = np.flatnonzero(free & ~entries.deleted[at] & kind.eligible(source, at))
        chosen = draw.permutation(fits)[:wanted]
        free[chosen] = False
        parts.append(_described(source, tables, n, at[chosen]))
    return Faults(pl.concat(parts).sort("table", "record"))


def _described(source: Register, tables: Tables, kind: int, at: Ints) -> pl.DataFrame:
    later = source.entries.day[at] + _LATER
    return pl.DataFrame(
        {
            "kind": np.full(len(at), kind, dtype=np.int64),
            "way": np.arange(len(at), dtype=np.int64) % len(FAULT_KINDS[kind].ways),
            "table": tables.table[at],
            "record": tables.record[at],
            "person": source.entries.person[at],
            "own": wareki7(later, era_of(later)),
        }
    )
