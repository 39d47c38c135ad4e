"""Planted faults: each chosen unit carries exactly one, in one record that is not logically deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from dmig.synth.births import Shape
from dmig.synth.content import Fault
from dmig.synth.csv_out import Planned
from dmig.synth.days import AS_OF, era_of
from dmig.synth.edits import Edit, append, break_line, insert, lose_comma, next_digit, overwrite, put, put_own
from dmig.synth.events import Kind
from dmig.synth.history import History
from dmig.synth.package_forms import wareki7
from dmig.synth.package_items import BIKO_ITEMS, CARD_ITEMS, IDO_ITEMS, ITEMS, SHIEN_ITEMS
from dmig.synth.register import Register
from dmig.synth.streams import Bools, Ints, Streams
from dmig.synth.tables import BIKO, CARD, GENZAI, IDO, JOKYO, SHIEN, Tables


@dataclass(frozen=True, slots=True)
class Ground:
    """Where faults can be planted."""

    source: Register
    tables: Tables
    history: History


#: Which rows of a table (of the register: entries) can carry a kind.
Eligible = Callable[[Ground, Ints], Bools]

_ITEMS = {IDO: IDO_ITEMS, SHIEN: SHIEN_ITEMS, BIKO: BIKO_ITEMS, CARD: CARD_ITEMS}
#: Stands for the three tables of the register.
_REGISTER = -1
#: A birthday is put this many days after the event.
_LATER = 40
#: 氏 and 名 of this length fit, 氏名 with the space between does not.
_LONG_PART = 50
#: Wordings of 備考 that need no quotes.
_PLAIN_NOTES = (0, 5)


def _any_row(ground: Ground, at: Ints) -> Bools:
    return np.ones(len(at), dtype=np.bool_)


def _japanese(ground: Ground, at: Ints) -> Bools:
    persons = ground.source.population.persons
    return ~persons.foreign[ground.source.entries.person[at]]


def _member(ground: Ground, at: Ints) -> Bools:
    """Not the head, in whose own entries the name stands a second time."""
    entries = ground.source.entries
    return np.asarray(_japanese(ground, at) & (entries.head[at] != entries.person[at]), np.bool_)


def _earlier(ground: Ground, at: Ints) -> Bools:
    """Not in force, so that no household of today seems to lack its head."""
    return ~ground.source.entries.latest[at]


def _day_known(ground: Ground, at: Ints) -> Bools:
    return ground.source.entries.day_known[at]


def _birth_known(ground: Ground, at: Ints) -> Bools:
    source = ground.source
    return np.asarray(source.population.persons.births.shape[source.entries.person[at]] == Shape.KNOWN)


def _both_known(ground: Ground, at: Ints) -> Bools:
    return _day_known(ground, at) & _birth_known(ground, at) & (ground.source.entries.day[at] < AS_OF - 2 * _LATER)


def _dead_long_ago(ground: Ground, at: Ints) -> Bools:
    """In 除票 and with 住民票コード, as the last of a household: such a person seems a resident then."""
    source = ground.source
    dead = (source.entries.kind[at] == Kind.DIED) & (ground.tables.table[at] == JOKYO)
    return np.asarray(dead & source.snapshots.coded[at] & _single(source, at))


def _numbered(ground: Ground, at: Ints) -> Bools:
    source = ground.source
    return source.snapshots.numbered[at] & ~source.papers.zeros_lost[source.entries.person[at]]


def _plain_event(ground: Ground, at: Ints) -> Bools:
    """An event that was not cancelled, on a known day."""
    history = ground.history
    event = (history.sequence[at] > 0) & ~history.cancelling[at]
    return event & ground.source.entries.day_known[history.entry[at]]


def _plain_note(ground: Ground, at: Ints) -> Bools:
    return np.isin(ground.source.papers.notes.wording[at], _PLAIN_NOTES)


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A kind of fault: the item it stands in, how it is made (in turn, if in several ways), and where it may stand."""

    kind: str
    item: str
    ways: tuple[tuple[str, Edit], ...]
    eligible: Eligible = _any_row
    current_only: bool = False
    table: int = _REGISTER

    @property
    def position(self) -> int:
        """Place of the item in its record."""
        return list(_ITEMS.get(self.table, ITEMS)).index(self.item)


_ODD_BYTE, _HALF_LETTER = insert(b"\xff"), append(b"\x81")
#: The scarce ones come first: `death_state` needs a closed entry of death, few persons have 支援措置 or 備考.
FAULT_KINDS = (
    FaultKind("death_state", "jumin_kbn", (("死亡の異動に現住民の区分", put("0")),), _dead_long_ago, current_only=True),
    FaultKind("bad_date", "kaishi_ymd", (("支援開始年月日の月が13", overwrite(3, "13")),), table=SHIEN),
    FaultKind("undecodable", "kagaisha_shimei", (("加害者氏名の中に0xFF", _ODD_BYTE),), table=SHIEN),
    FaultKind(
        "undecodable", "biko", (("備考の末尾に2バイト文字の1バイト目だけ", _HALF_LETTER),), _plain_note, table=BIKO
    ),
    FaultKind("column_count", "biko", (("カンマが一つ少ない", lose_comma),), _plain_note, table=BIKO),
    FaultKind("unknown_code", "hakko_kbn", (("発行区分に知られていない番号", put("7")),), table=CARD),
    FaultKind("column_count", "hakko_kbn", (("カンマが一つ多い", append(b",")),), table=CARD),
    FaultKind("unknown_code", "ido_jiyu", (("異動事由に知られていない番号", put("99")),), _plain_event, table=IDO),
    FaultKind("bad_date", "ido_ymd", (("異動年月日の月が13", overwrite(3, "13")),), _plain_event, table=IDO),
    FaultKind("undecodable", "nyuryoku_basho", (("入力場所の中に0xFF", _ODD_BYTE),), _plain_event, table=IDO),
    FaultKind(
        "undecodable",
        "kanji_shimei",
        (("氏名の中に0xFF", _ODD_BYTE), ("氏名の末尾に2バイト文字の1バイト目だけ", _HALF_LETTER)),
        _japanese,
    ),
    FaultKind(
        "column_count",
        "kana_shimei",
        (("カンマが一つ多い", append(b",")), ("カンマが一つ少ない", lose_comma)),
        _japanese,
    ),
    FaultKind("nul", "kanji_shimei", (("氏名の中にNUL", insert(b"\x00")),), _japanese),
    FaultKind("stray_quote", "kanji_shimei", (("引用符のないセルの中に引用符", insert(b'"')),), _japanese),
    FaultKind("line_break", "kanji_shimei", (("改行を許さない表の引用符の中に改行", break_line),), _japanese),
    # ASCII letters are legal in keys, so a full-width one.
    FaultKind("bad_key", "setai_no", (("世帯番号に全角の英字", overwrite(4, "Ｏ")),)),
    FaultKind("wrong_kojin_no", "kojin_no", (("個人番号の検査数字が違う", next_digit),), _numbered),
    FaultKind("bad_date", "umare_ymd", (("生年月日の月が13", overwrite(3, "13")),), _birth_known),
    FaultKind("bad_date_event", "ido_ymd", (("異動年月日の日が32", overwrite(5, "32")),), _day_known),
    FaultKind("unknown_code", "ido_jiyu", (("異動事由に知られていない番号", put("99")),)),
    FaultKind("unknown_relation", "zokugara", (("続柄に知られていない語", put("不明続柄")),), _earlier),
    FaultKind("bad_address", "banchi", (("番地に番号の形がない", put("無番地不明")),)),
    FaultKind(
        "too_long",
        "kanji_shimei",
        (("氏名が100字を超える", put("長" * _LONG_PART + "　" + "長" * _LONG_PART)),),
        _member,
    ),
    FaultKind("missing_name", "kanji_shimei", (("漢字氏名が空", put("")),), _japanese),
    FaultKind("birth_after_event", "umare_ymd", (("生年月日が異動年月日より後", put_own),), _both_known),
)
#: Kinds that break the record itself rather than one item's value: their item is told only where a cell holds them.
_NO_ITEM = ("column_count",)


@dataclass(frozen=True, slots=True)
class Faults:
    """The planted faults in file order: columns kind, way, entry, table, record, person, own (text put in)."""

    frame: pl.DataFrame

    def edits(self, table: int, first: int, last: int) -> list[Planned]:
        """What to do to records [first, last) of a table: record, edit, position of the item, own text."""
        here = self.frame.filter(pl.col("table") == table, pl.col("record").is_between(first, last, closed="left"))
        return [
            (record, FAULT_KINDS[kind].ways[way][1], FAULT_KINDS[kind].position, own.encode("ascii"))
            for record, kind, way, own in here.select("record", "kind", "way", "own").iter_rows()
        ]

    def each(self) -> list[Fault]:
        """Every fault."""
        return [
            Fault(kind.kind, table, record, kind.item, kind.ways[way][1], own.encode("ascii"))
            for number, table, record, way, own in self.frame.select(
                "kind", "table", "record", "way", "own"
            ).iter_rows()
            for kind in (FAULT_KINDS[number],)
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


def plant(source: Register, tables: Tables, history: History, streams: Streams, rate: float, taken: Bools) -> Faults:
    """Choose units and records for the faults, kinds in equal shares, at least one fault when `rate` is above 0.

    `taken` marks persons who may not carry one (they have expected findings). Neither may a person whose entries
    others need: who was head of others, or is a member of today's household of several and the entry is today's.
    Where a kind finds too few fitting units it is planted less often, so a rate near 1 is not reached.
    """
    if not 0 <= rate <= 1:
        raise ValueError("fault_rate must lie between 0 and 1")
    entries, draw = source.entries, streams.of("faults")
    ground = Ground(source, tables, history)
    free = ~taken
    free[entries.head[entries.head != entries.person]] = False
    total = max(1, round(rate * len(free))) if rate > 0 else 0
    parts = []
    for n, kind in enumerate(FAULT_KINDS):
        wanted = total // len(FAULT_KINDS) + (n < total % len(FAULT_KINDS))
        at, person = _candidates(ground, kind, draw)
        fits = np.flatnonzero(free[person] & kind.eligible(ground, at))
        chosen = draw.permutation(fits)[:wanted]
        free[person[chosen]] = False
        parts.append(_described(ground, n, at[chosen], person[chosen]))
    return Faults(pl.concat(parts).sort("table", "record"))


def _candidates(ground: Ground, kind: FaultKind, draw: np.random.Generator) -> tuple[Ints, Ints]:
    """One row of each person that has any: drawn, or the current entry where only that can carry the kind."""
    source, entries = ground.source, ground.source.entries
    papers = source.papers
    owners = {SHIEN: papers.measures.sheet, BIKO: papers.notes.sheet, CARD: papers.cards.sheet}
    if kind.table == _REGISTER:
        person = entries.person
    else:
        person = entries.person[ground.history.entry] if kind.table == IDO else owners[kind.table].person
    if len(person) == 0:
        return person, person
    starts = np.flatnonzero(np.concatenate(([True], np.diff(person) != 0)))
    sizes = np.diff(np.concatenate((starts, [len(person)])))
    offset = sizes - 1 if kind.current_only else (draw.random(len(sizes)) * sizes).astype(np.int64)
    at = starts + offset
    if kind.table == _REGISTER:
        at = at[_nobody_else_feels(ground, at) | (kind.current_only & entries.latest[at])]
    return at, person[at]


def _single(source: Register, at: Ints) -> Bools:
    household = source.population.persons.household[source.entries.person[at]]
    return np.asarray(source.population.households.size[household] == 1)


def _nobody_else_feels(ground: Ground, at: Ints) -> Bools:
    """Entries whose loss, or the loss of their person, makes no other oddity: no gap in a household of today.

    An entry in force may be lost where the one before it can stand in for it.
    """
    source, entries, shown = ground.source, ground.source.entries, ground.source.snapshots
    last = np.zeros(len(source.population.persons), np.int64)
    last[entries.person[entries.latest]] = entries.kind[entries.latest]
    gone = last[entries.person[at]] >= Kind.MOVED_AWAY
    before = np.maximum(at - 1, 0)
    stands_in = (entries.person[before] == entries.person[at]) & shown.coded[before] & ~entries.deleted[before]
    replaced = ~entries.latest[at] | (stands_in & (ground.tables.table[at] == GENZAI) & ~gone)
    return np.asarray(~entries.deleted[at] & (gone | _single(source, at)) & replaced, np.bool_)


def _described(ground: Ground, kind: int, at: Ints, person: Ints) -> pl.DataFrame:
    wanted = FAULT_KINDS[kind]
    in_register = wanted.table == _REGISTER
    later = ground.source.entries.day[at] + _LATER if in_register else np.zeros(len(at), np.int64)
    return pl.DataFrame(
        {
            "kind": np.full(len(at), kind, dtype=np.int64),
            "way": np.arange(len(at), dtype=np.int64) % len(wanted.ways),
            "table": ground.tables.table[at] if in_register else np.full(len(at), wanted.table, dtype=np.int64),
            "record": ground.tables.record[at] if in_register else at + 1,
            "person": person,
            "own": wareki7(later, era_of(later)),
        }
    )
