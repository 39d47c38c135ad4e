"""Planted faults and expected findings of 児童手当: each chosen recipient carries one fault, in a record not deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from dmig.synth import package_child_items as items
from dmig.synth.births import Shape
from dmig.synth.child_claims import Awards, Claims, Payments
from dmig.synth.child_homes import MOST, Homes
from dmig.synth.child_law import FULL, MONTHS, PRIMARY, REFORM, UNDER_3
from dmig.synth.child_papers import ChildPapers
from dmig.synth.child_sheets import report_days
from dmig.synth.city import OPEN_SURNAMES
from dmig.synth.days import NEVER, era_of
from dmig.synth.edits import Edit, append, break_line, insert, overwrite, put, put_own
from dmig.synth.package_forms import wareki7
from dmig.synth.planted import PlantedFaults
from dmig.synth.register import Register
from dmig.synth.streams import Bools, Ints, Streams
from dmig.synth.texts import digits

#: Files in the order of the layout; a table's number is its place here.
FILES = tuple(
    f"JT_{name}.csv"
    for name in (
        *("JUKYU", "JIDO", "HAIGU", "KETTEI", "MEISAI", "SHIHARAI"),
        *("GENKYO", "SHOTOKU", "SASHI", "CHOSHU", "SHISETSU", "KOZA"),
    )
)
JUKYU, JIDO, HAIGU, KETTEI, MEISAI, SHIHARAI, GENKYO, SHOTOKU, SASHI, CHOSHU, SHISETSU, KOZA = range(len(FILES))
ITEMS = (
    items.JUKYU_ITEMS,
    items.JIDO_ITEMS,
    items.HAIGU_ITEMS,
    items.KETTEI_ITEMS,
    items.MEISAI_ITEMS,
    items.SHIHARAI_ITEMS,
    items.GENKYO_ITEMS,
    items.SHOTOKU_ITEMS,
    items.SASHI_ITEMS,
    items.CHOSHU_ITEMS,
    items.SHISETSU_ITEMS,
    items.KOZA_ITEMS,
)


@dataclass(frozen=True, slots=True)
class ChildGround:
    """Where faults can be planted: the facts, and the recipient of each record of each table in file order."""

    source: Register
    found: Homes
    held: Claims
    made: Awards
    paid: Payments
    papers: ChildPapers
    claims: tuple[Ints, ...]

    def person(self, table: int) -> Ints:
        """The recipient of each record."""
        return self.papers.accounts.person if table == KOZA else self.held.person[self.claims[table]]

    def alone(self, table: int) -> Bools:
        """Records whose recipient has no other in the table."""
        person = self.person(table)
        return np.asarray(np.bincount(person, minlength=1)[person] == 1)


Eligible = Callable[[ChildGround], Bools]
Own = Callable[[ChildGround], pl.Series]


def _day(days: Ints) -> pl.Series:
    return wareki7(days, era_of(days))


def _single(ground: ChildGround) -> Bools:
    """A claim with a single row in force, of a recipient with no other."""
    rows = ground.papers.histories
    alone = np.bincount(rows.claim[~rows.deleted], minlength=1)[rows.claim] == 1
    once = np.bincount(ground.held.person, minlength=1)[ground.person(JUKYU)] == 1
    return np.asarray(alone & once)


def _closed(ground: ChildGround) -> Bools:
    return ground.papers.histories.closed


def _plain_birth(ground: ChildGround) -> Bools:
    children = ground.found.slots[0, ground.held.home[ground.claims[JIDO]]]
    known = ground.source.population.persons.births.shape[np.maximum(children, 0)] == Shape.KNOWN
    first = (ground.found.kind[0, ground.held.home] > 0) & _within(ground.held)
    return np.asarray(known & first.any(axis=1)[ground.claims[JIDO]])


def _within(held: Claims) -> Bools:
    months = np.arange(MONTHS)
    return np.asarray((months >= held.first[:, None]) & (months <= held.last[:, None]))


def _followed(ground: ChildGround) -> Bools:
    """The first of several awards."""
    rows = ground.made
    follows = np.append((rows.claim[1:] == rows.claim[:-1]) & ~rows.deleted[1:], False)
    return np.asarray(follows & (rows.number == 1))


def _primary_only(ground: ChildGround) -> Bools:
    """Awards before the reform about first and second children of primary school and nothing else."""
    rows = ground.made
    counts, _ = rows.counts()
    only = (counts[1] > 0) & (counts.sum(axis=0) == counts[1])
    return np.asarray(only & (rows.benefit == FULL) & (rows.month < REFORM))


def _baby_first(ground: ChildGround) -> Bools:
    rows = ground.made
    return np.asarray((rows.kind[0] == UNDER_3) & (rows.benefit == FULL))


def _child_first(ground: ChildGround) -> Bools:
    return np.asarray((ground.made.kind[0] >= UNDER_3) & (ground.made.kind[0] <= PRIMARY))


def _paid_in_june(ground: ChildGround) -> Bools:
    return np.asarray(ground.paid.there[2] & (ground.paid.number == 1))


def _twice(ground: ChildGround) -> Bools:
    """現況届 with that of the year after behind it."""
    claim = ground.papers.reports.claim
    return np.append(claim[1:] == claim[:-1], False)


def _filed(ground: ChildGround) -> Bools:
    return np.asarray(ground.papers.reports.claim % 4 == 0)


def _full_income(ground: ChildGround) -> Bools:
    rows = ground.papers.incomes
    june = np.where(rows.number == 0, 0, 12)
    return np.asarray(ground.found.benefit[ground.held.home[rows.claim], june] == FULL)


def _alone_in(table: int) -> Eligible:
    return lambda ground: ground.alone(table)


def _asked_late(ground: ChildGround) -> pl.Series:
    return _day(ground.held.granted[ground.claims[JUKYU]] + 3)


def _begun_late(ground: ChildGround) -> pl.Series:
    ended = ground.held.ended[ground.claims[JUKYU]]
    return _day(np.where(ended < NEVER, ended, 0) + 40)


def _before_birth(ground: ChildGround) -> pl.Series:
    child = ground.found.slots[0, ground.held.home[ground.claims[JIDO]]]
    return _day(ground.source.population.persons.births.true_day[np.maximum(child, 0)] - 400)


def _overlapping(ground: ChildGround) -> pl.Series:
    until = ground.made.until
    return _day(np.where(until < NEVER, until, 0) + 20)


def _nobody(table: int) -> Own:
    return lambda ground: digits(ground.source.population.persons.number[ground.person(table)] + 1, 10)


def _more_children(ground: ChildGround) -> pl.Series:
    return digits(ground.made.counts()[0].sum(axis=0) + 1, 1)


def _yen_more(ground: ChildGround) -> pl.Series:
    rows = ground.paid
    return digits(np.maximum(rows.due[2] - rows.meals[2] - rows.set_off[2], 0) + 1, 1)


def _year_after(ground: ChildGround) -> pl.Series:
    return digits(2024 + ground.papers.reports.number, 4)


def _filed_late(ground: ChildGround) -> pl.Series:
    return _day(report_days(ground.papers.reports, np.arange(len(ground.claims[GENKYO])))[1] + 5)


@dataclass(frozen=True, slots=True)
class ChildFault:
    """A kind of fault: table, item, how it is made, in words, where it may stand, the text put in, the item named."""

    kind: str
    table: int
    item: str
    edit: Edit
    note: str
    eligible: Eligible | None = None
    own: Own | None = None
    named: str = ""


FAULTS = (
    ChildFault("undecodable", KOZA, "kinyu_mei", insert(b"\xff"), "金融機関名の中に0xFF"),
    ChildFault("nul", KOZA, "kinyu_mei", insert(b"\x00"), "金融機関名の中に0x00"),
    ChildFault("line_break", KOZA, "shiten_mei", break_line, "店舗名の中に改行"),
    ChildFault("stray_quote", KOZA, "shiten_mei", insert(b'"'), "店舗名の中に引用符"),
    ChildFault("column_count", KOZA, "koza_no", append(b","), "カンマが一つ多い"),
    ChildFault("bad_person", KOZA, "atena_no", overwrite(4, "-"), "宛名番号に記号", _alone_in(KOZA)),
    ChildFault("bad_date", KETTEI, "kettei_ymd", overwrite(3, "13"), "決定年月日の月が13"),
    ChildFault("bad_year", GENKYO, "nendo", overwrite(2, "X"), "年度に文字"),
    ChildFault("bad_amount", SHIHARAI, "p06_gaku", overwrite(1, "A"), "6月の支払額に文字", _paid_in_june),
    ChildFault("negative_income", SHOTOKU, "shotoku", put("-100"), "所得額が負"),
    ChildFault("unknown_code", JUKYU, "jukyu_kbn", put("Z"), "受給者区分に知られていない記号"),
    ChildFault("too_long", KOZA, "meigi", put("ｱ" * 120), "口座名義が120字"),
    ChildFault("missing_name", JUKYU, "kanji_shimei", put(""), "氏名が空"),
    ChildFault("asked_after_granted", JUKYU, "seikyu_ymd", put_own, "請求日が認定日より後", None, _asked_late),
    ChildFault("begun_after_ended", JUKYU, "kaishi_ymd", put_own, "支給開始が消滅より後", _closed, _begun_late),
    ChildFault("no_end_day", JUKYU, "shometsu_ymd", put(""), "消滅したのに日付が空", _closed),
    ChildFault("no_latest", JUKYU, "saishin_kbn", put("0"), "最新の履歴がない", _single),
    ChildFault("history_gap", JUKYU, "rireki_no", put("2"), "履歴番号1がない", _single),
    ChildFault(
        "care_before_birth", JIDO, "c1_kaishi", put_own, "監護の開始が出生の前", _plain_birth, _before_birth, "c1_umare"
    ),
    ChildFault("unknown_person", HAIGU, "atena_no", put_own, "受給者にない宛名番号", _alone_in(HAIGU), _nobody(HAIGU)),
    ChildFault("unknown_child", MEISAI, "d1_no", put_own, "支給要件児童にない児童", _child_first, _nobody(MEISAI)),
    ChildFault(
        "wrong_age_class", MEISAI, "d1_nen", put("B"), "3歳未満の額で年齢区分が3歳以上", _baby_first, None, "d1_gaku"
    ),
    ChildFault("children_sum", KETTEI, "nin_kei", put_own, "児童数が一人多い", None, _more_children),
    ChildFault("wrong_benefit", KETTEI, "kbn", put("T"), "児童手当の額で特例給付", _primary_only, None, "gaku_3saiijo"),
    ChildFault("period_overlap", KETTEI, "shuryo_ymd", put_own, "適用期間が次の決定と重なる", _followed, _overlapping),
    ChildFault("payment_sum", SHIHARAI, "p06_gaku", put_own, "6月の支払額が1円多い", _paid_in_june, _yen_more),
    ChildFault("duplicate_key", GENKYO, "nendo", put_own, "同じ年度の現況届が二つ", _twice, _year_after),
    ChildFault("filed_after_checked", GENKYO, "teishutsu_ymd", put_own, "提出日が確認日より後", _filed, _filed_late),
    ChildFault("no_filing_day", GENKYO, "teishutsu_ymd", put("0000000"), "省略でないのに提出日が空", _filed),
    ChildFault("wrong_income_class", SHOTOKU, "hantei", put("T"), "限度額未満で特例給付", _full_income),
)


def plant(ground: ChildGround, streams: Streams, rate: float) -> PlantedFaults:
    """Kinds in equal shares on recipients without findings; at least one fault when `rate` is above 0."""
    if not 0 <= rate <= 1:
        raise ValueError("fault_rate must lie between 0 and 1")
    draw, count = streams.of("allowance faults"), len(ground.source.population.persons)
    free = np.ones(count, np.bool_)
    free[np.concatenate([ground.person(table)[marks] for table, _, _, marks in _odd(ground)])] = False
    total = max(1, round(rate * count)) if rate > 0 else 0
    parts = []
    for n, fault in enumerate(FAULTS):
        wanted = total // len(FAULTS) + (n < total % len(FAULTS))
        unit = ground.person(fault.table)
        fits = free[unit] & ~_deleted(ground, fault.table)
        if fault.eligible is not None:
            fits &= fault.eligible(ground)
        places = draw.permutation(np.flatnonzero(fits))
        _, first = np.unique(unit[places], return_index=True)
        chosen = places[np.sort(first)][:wanted]
        free[unit[chosen]] = False
        own = fault.own(ground).gather(chosen) if fault.own else pl.Series([""] * len(chosen), dtype=pl.String)
        whole = np.zeros(len(chosen), np.int64)
        columns = {
            "table": whole + fault.table,
            "record": chosen + 1,
            "kind": whole + n,
            "unit": unit[chosen],
            "own": own,
        }
        parts.append(pl.DataFrame(columns))
    named = [fault.named for fault in FAULTS]
    return PlantedFaults(pl.concat(parts).sort("table", "record"), FAULTS, ITEMS, FILES, named)


def _deleted(ground: ChildGround, table: int) -> Bools:
    rows = {JUKYU: ground.papers.histories.deleted, KETTEI: ground.made.deleted, MEISAI: ground.made.deleted}
    return rows[table] if table in rows else np.zeros(len(ground.person(table)), np.bool_)


def _marks(ground: ChildGround, person: Ints) -> tuple[tuple[str, str, Bools], ...]:
    """Kinds of findings, those of 住民記録, with the end of the item, of persons (-1: nobody)."""
    persons, entries = ground.source.population.persons, ground.source.entries
    births, who = persons.births, np.maximum(person, 0)
    glyph = np.isin(entries.surname[ground.found.stays.entry[who]], OPEN_SURNAMES) & ~persons.foreign[who]
    return (
        ("era_impossible_day", "umare", (births.impossible_era[who] == 1) & (person >= 0)),
        ("non_calendar_date", "umare", (births.shape[who] == Shape.NON_CALENDAR) & (person >= 0)),
        ("open_glyph", "kanji", glyph & (person >= 0)),
    )


def _odd(ground: ChildGround) -> list[tuple[int, str, str, Bools]]:
    """Table, kind, item and records of all expected findings."""
    home = {table: ground.held.home[ground.claims[table]] for table in (HAIGU, JIDO)}
    marks = []
    for kind, end, mark in _marks(ground, ground.person(JUKYU)):
        own = {"umare": "umare_ymd", "kanji": "kanji_shimei"}[end]
        marks.append((JUKYU, kind, own, mark & ~_deleted(ground, JUKYU)))
    for kind, end, mark in _marks(ground, ground.found.partner[home[HAIGU]]):
        marks.append((HAIGU, kind, {"umare": "umare_ymd", "kanji": "haigu_kanji"}[end], mark))
    counts = np.asarray(((ground.found.kind > 0)[:, ground.held.home] & _within(ground.held)).any(axis=2))
    counts = counts[:, ground.claims[JIDO]]
    for slot in range(MOST):
        child = np.where(counts[slot], ground.found.slots[slot, home[JIDO]], -1)
        marks += [(JIDO, kind, f"c{slot + 1}_{end}", mark) for kind, end, mark in _marks(ground, child)]
    return marks


def expected(ground: ChildGround) -> pl.DataFrame:
    """Expected findings in file order."""
    parts = [
        pl.DataFrame({"record": np.flatnonzero(mark) + 1}).with_columns(
            kind=pl.lit(kind), table=pl.lit(table, pl.Int64), item=pl.lit(item)
        )
        for table, kind, item, mark in _odd(ground)
    ]
    found = pl.concat(parts).sort("table", "record", "item")
    files = pl.Series("file", FILES).gather(found["table"])
    return found.with_columns(files).select("kind", "file", "record", "item")
