"""Planted faults and expected findings of 個人住民税: each chosen unit carries one fault, in a record that is not deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from dmig.synth import package_tax_items as items
from dmig.synth.births import Shape
from dmig.synth.city import OPEN_SURNAMES
from dmig.synth.days import NEVER, day_of, era_of
from dmig.synth.edits import Edit, append, break_line, insert, next_digit, next_first_digit, overwrite, put, put_own
from dmig.synth.package_forms import wareki7
from dmig.synth.planted import PlantedFaults
from dmig.synth.register import Register
from dmig.synth.streams import Bools, Ints, Streams
from dmig.synth.tax_assessments import Assessments
from dmig.synth.tax_family import MOST
from dmig.synth.tax_reckon import Status
from dmig.synth.tax_sheets import DOCUMENT_KINDS, PAY, Employers, Levies
from dmig.synth.texts import digits

#: Files in the order of the layout; a table's number is its place here.
FILES = (
    "KAZEI_KIHON.csv",
    "KAZEI_SHOTOKU.csv",
    "KAZEI_KOJO.csv",
    "KAZEI_FUYO.csv",
    "KAZEI_ZEI.csv",
    "FUCHO_KIBETSU.csv",
    "TOKUCHO.csv",
    "NENKIN_TOKUCHO.csv",
    "TOKUCHO_GIMUSHA.csv",
    "KAZEI_SHIRYO.csv",
    "CHOTEI.csv",
    "GENMEN.csv",
    "SOFUSAKI.csv",
    "SHOMEI.csv",
    "CHOSA.csv",
)
KIHON, SHOTOKU, KOJO, FUYO, ZEI, KIBETSU, TOKUCHO, NENTOKU, JIGYOSHO, SHIRYO, CHOTEI = range(11)
_ITEMS = {
    KIHON: items.KIHON_ITEMS,
    SHOTOKU: items.SHOTOKU_ITEMS,
    KOJO: items.KOJO_ITEMS,
    FUYO: items.FUYO_ITEMS,
    ZEI: items.ZEI_ITEMS,
    KIBETSU: items.KIBETSU_ITEMS,
    TOKUCHO: items.TOKUCHO_ITEMS,
    NENTOKU: items.NENTOKU_ITEMS,
    JIGYOSHO: items.JIGYOSHO_ITEMS,
    SHIRYO: items.SHIRYO_ITEMS,
    CHOTEI: items.CHOTEI_ITEMS,
}


@dataclass(frozen=True, slots=True)
class TaxGround:
    """Where faults can be planted: the facts, and for each table its places in file order."""

    source: Register
    rows: Assessments
    firms: Employers
    levy: Levies
    places: tuple[Ints, ...]

    def row(self, table: int) -> Ints:
        """The assessment of each record; of employers the employer."""
        at = self.places[table]
        return {NENTOKU: at // 6, SHIRYO: at // DOCUMENT_KINDS, CHOTEI: self.levy.row[at % max(1, len(self.levy))]}.get(
            table, at
        )

    def person(self, table: int) -> Ints:
        """The person of each record; employers are numbered behind all persons."""
        row = self.row(table)
        return row + len(self.source.population.persons) if table == JIGYOSHO else self.rows.person[row]

    def alone(self, table: int) -> Bools:
        """Records whose person has no other in the table."""
        person = self.person(table)
        return np.asarray(np.bincount(person, minlength=1)[person] == 1)


#: Which records of a table can carry a kind, and the text put in, by record.
Eligible = Callable[[TaxGround], Bools]
Own = Callable[[TaxGround], pl.Series]


def _with_remark(ground: TaxGround) -> Bools:
    return np.asarray((ground.places[SHIRYO] % DOCUMENT_KINDS == PAY) & (ground.person(SHIRYO) % 8 == 0))


def _with_first_slot(ground: TaxGround) -> Bools:
    return np.asarray(ground.rows.slots[0, ground.row(FUYO)] >= 0)


def _with_own_number(ground: TaxGround) -> Bools:
    return ground.person(TOKUCHO) % 3 > 0


def _taxed(ground: TaxGround) -> Bools:
    return np.asarray(ground.rows.status[ground.row(KIHON)] <= Status.EQUAL_ONLY)


def _latest(ground: TaxGround) -> Bools:
    return np.asarray(ground.rows.latest[ground.row(KIHON)])


def _never_corrected(ground: TaxGround) -> Bools:
    return np.asarray(_latest(ground) & (ground.rows.history[ground.row(KIHON)] == 1))


def _replaced(ground: TaxGround) -> Bools:
    return np.asarray(~ground.rows.latest[ground.row(ZEI)])


def _rated(ground: TaxGround) -> Bools:
    """A tax of which a yen more changes no full hundred."""
    rows = ground.rows
    left = rows.raw[0] - rows.adjustment[0] - rows.housing[0] - rows.gift[0] - rows.relief[0]
    return np.asarray((rows.base > 0) & (left > 0) & (left % 100 < 99))[ground.row(ZEI)]


def _first_history(ground: TaxGround) -> Bools:
    return np.asarray(ground.rows.history[ground.row(KIBETSU)] == 1)


def _alone_in(table: int) -> Eligible:
    return lambda ground: ground.alone(table)


def _first_half(ground: TaxGround) -> Bools:
    return ground.places[NENTOKU] % 6 < 3


def _corporate(ground: TaxGround) -> Bools:
    return np.asarray((ground.firms.corporate >= 0) & (ground.firms.closed == NEVER))


def _closed(ground: TaxGround) -> Bools:
    return np.asarray(ground.firms.closed < NEVER)


def _year_before(ground: TaxGround) -> pl.Series:
    starts = np.array([day_of(year, 1, 1) for year in range(2020, 2030)])
    days = starts[ground.rows.year[ground.row(KIHON)] - 1 - 2020]
    return wareki7(days, era_of(days))


def _number_of_nobody(ground: TaxGround) -> pl.Series:
    return digits(ground.source.population.persons.number[ground.person(ZEI)] + 1, 10)


def _tax_more(ground: TaxGround) -> pl.Series:
    return digits(ground.rows.total[ground.row(ZEI)] + 1, 1)


def _monthly_more(ground: TaxGround) -> pl.Series:
    return digits(ground.rows.monthly[ground.row(ZEI)] + 1, 1)


def _deduction_more(ground: TaxGround) -> pl.Series:
    return digits(ground.rows.deducted[ground.row(KOJO)] + 1, 1)


def _rate_more(ground: TaxGround) -> pl.Series:
    return digits(ground.rows.raw[0, ground.row(ZEI)] + 1, 1)


def _heavy_first(ground: TaxGround) -> pl.Series:
    """So much that the other instalments should have been higher."""
    return digits(ground.rows.by_instalment[0, ground.row(KIBETSU)] + 4_000, 9)


def _after_closing(ground: TaxGround) -> pl.Series:
    days = np.where(ground.firms.closed < NEVER, ground.firms.closed, 0) + 40
    return wareki7(days, era_of(days))


@dataclass(frozen=True, slots=True)
class TaxFault:
    """A kind of fault: table, item, how it is made, in words, where it may stand, and the text put in."""

    kind: str
    table: int
    item: str
    edit: Edit
    note: str
    eligible: Eligible | None = None
    own: Own | None = None


FAULTS = (
    TaxFault("undecodable", SHIRYO, "tekiyo", insert(b"\xff"), "摘要の中に0xFF", _with_remark),
    TaxFault("nul", SHIRYO, "tekiyo", insert(b"\x00"), "摘要の中に0x00", _with_remark),
    TaxFault("line_break", SHIRYO, "tekiyo", break_line, "摘要の中に改行", _with_remark),
    TaxFault("stray_quote", FUYO, "f1_kanji", insert(b'"'), "氏名の中に引用符", _with_first_slot),
    TaxFault("column_count", TOKUCHO, "jukyusha_no", append(b","), "カンマが一つ多い"),
    TaxFault("bad_person", SHOTOKU, "atena_no", overwrite(4, "-"), "宛名番号に記号", _alone_in(SHOTOKU)),
    TaxFault("bad_date", KIHON, "kettei_ymd", overwrite(3, "13"), "決定年月日の月が13"),
    TaxFault("bad_year", CHOTEI, "nendo", overwrite(2, "X"), "課税年度に文字"),
    TaxFault("bad_amount", KIBETSU, "k2_gaku", overwrite(3, "A"), "第2期税額に文字"),
    TaxFault("negative_month", TOKUCHO, "m09", put("-100"), "9月分が負"),
    TaxFault("unknown_code", KIHON, "kazei_kbn", put("Z"), "課税非課税区分に知られていない記号"),
    TaxFault("month_13", NENTOKU, "tsuki", put("13"), "徴収月が13"),
    TaxFault("wrong_kojin_no", FUYO, "f1_kojin_no", next_digit, "個人番号の検査数字が違う", _with_first_slot),
    TaxFault("wrong_hojin_no", JIGYOSHO, "hojin_no", next_first_digit, "法人番号の検査数字が違う", _corporate),
    TaxFault("too_long", TOKUCHO, "jukyusha_no", put("A-" + "9" * 30), "受給者番号が26字以上", _with_own_number),
    TaxFault("missing_name", KIHON, "kanji_shimei", put(""), "氏名が空"),
    TaxFault("year_mismatch", KIHON, "kijitsu_ymd", put_own, "賦課期日が課税年度の前の年", None, _year_before),
    TaxFault("no_collection", KIHON, "choshu_kbn", put(""), "課税なのに徴収区分が空", _taxed),
    TaxFault("no_latest", KIHON, "saishin_kbn", put("0"), "最新の履歴がない", _never_corrected),
    TaxFault("history_gap", KIHON, "rireki_no", put("2"), "履歴番号1がない", _never_corrected),
    TaxFault("duplicate_key", ZEI, "rireki_no", put("2"), "同じ履歴番号が二つ", _replaced),
    TaxFault("tax_sum", ZEI, "nenzei", put_own, "年税額が1円多い", None, _tax_more),
    TaxFault("collection_sum", ZEI, "tokucho_gaku", put_own, "特別徴収税額が1円多い", None, _monthly_more),
    TaxFault("deduction_sum", KOJO, "kojo_kei", put_own, "控除計が1円多い", None, _deduction_more),
    TaxFault("wrong_rate", ZEI, "sanshutsu_shi", put_own, "算出所得割額が1円多い", _rated, _rate_more),
    TaxFault("uneven_split", KIBETSU, "k1_gaku", put_own, "第1期だけ4,000円多い", _first_history, _heavy_first),
    TaxFault("unknown_person", ZEI, "atena_no", put_own, "納税義務者にない宛名番号", _alone_in(ZEI), _number_of_nobody),
    TaxFault("wrong_half", NENTOKU, "kari_kbn", put("2"), "仮徴収の月が本徴収", _first_half),
    TaxFault("opened_after_closed", JIGYOSHO, "kaishi_ymd", put_own, "開始日が廃止日より後", _closed, _after_closing),
)


def plant(ground: TaxGround, streams: Streams, rate: float) -> PlantedFaults:
    """Kinds in equal shares on persons and employers without findings; at least one fault when `rate` is above 0."""
    if not 0 <= rate <= 1:
        raise ValueError("fault_rate must lie between 0 and 1")
    draw, count = streams.of("tax faults"), len(ground.source.population.persons)
    free = np.ones(count + len(ground.firms), np.bool_)
    free[ground.rows.person[_odd(ground).any(axis=0)]] = False
    total = max(1, round(rate * count)) if rate > 0 else 0
    parts = []
    for n, fault in enumerate(FAULTS):
        wanted = total // len(FAULTS) + (n < total % len(FAULTS))
        unit = ground.person(fault.table)
        fits = free[unit] if fault.eligible is None else free[unit] & fault.eligible(ground)
        if fault.table != JIGYOSHO:
            fits = fits & ~ground.rows.deleted[ground.row(fault.table)]
        chosen = _one_each(draw.permutation(np.flatnonzero(fits)), unit)[:wanted]
        free[unit[chosen]] = False
        own = fault.own(ground).gather(chosen) if fault.own else pl.Series([""] * len(chosen), dtype=pl.String)
        parts.append(_described(n, fault.table, chosen, unit[chosen], own))
    items = [list(_ITEMS.get(table, ())) for table in range(len(FILES))]
    return PlantedFaults(pl.concat(parts).sort("table", "record"), FAULTS, items, FILES)


def _one_each(records: Ints, unit: Ints) -> Ints:
    """The first record of each unit, in the order given."""
    _, first = np.unique(unit[records], return_index=True)
    return records[np.sort(first)]


def _described(kind: int, table: int, chosen: Ints, unit: Ints, own: pl.Series) -> pl.DataFrame:
    whole = np.full(len(chosen), 0, np.int64)
    return pl.DataFrame(
        {"table": whole + table, "record": chosen + 1, "kind": whole + kind, "unit": unit.astype(np.int64), "own": own}
    )


def _odd(ground: TaxGround) -> Bools:
    """Rows with an expected finding: an era that had ended, a day of no calendar, a glyph not decided; by kind."""
    slots = ground.rows.slots
    own, others = _marks(ground, ground.rows.entry), _marks(ground, np.maximum(slots, 0)) & (slots >= 0)
    return np.asarray(own | others.any(axis=1))


def _marks(ground: TaxGround, entry: Ints) -> Bools:
    """The kinds of `_FINDINGS`, for persons as their entries show them."""
    persons, entries = ground.source.population.persons, ground.source.entries
    births, person = persons.births, entries.person[entry]
    return np.stack(
        [
            births.impossible_era[person] == 1,
            births.shape[person] == Shape.NON_CALENDAR,
            np.isin(entries.surname[entry], OPEN_SURNAMES) & ~persons.foreign[person],
        ]
    )


#: Kinds of findings, those of 住民記録: the item of 課税基本, and its end among the columns of a dependant.
_FINDINGS = (
    ("era_impossible_day", "umare_ymd", "umare"),
    ("non_calendar_date", "umare_ymd", "umare"),
    ("open_glyph", "kanji_shimei", "kanji"),
)


def expected(ground: TaxGround) -> pl.DataFrame:
    """Expected findings in file order."""
    rows, at = ground.rows, ground.places[FUYO]
    own = _marks(ground, rows.entry) & ~rows.deleted
    parts = [_found(kind, KIHON, item, own[n]) for n, (kind, item, _) in enumerate(_FINDINGS)]
    for slot in range(MOST):
        entry = rows.slots[slot, at]
        marks = _marks(ground, np.maximum(entry, 0)) & (entry >= 0) & ~rows.deleted[at]
        parts += [_found(kind, FUYO, f"f{slot + 1}_{end}", marks[n]) for n, (kind, _, end) in enumerate(_FINDINGS)]
    found = pl.concat(parts).sort("table", "record", "item")
    files = pl.Series("file", FILES).gather(found["table"])
    return found.with_columns(files).select("kind", "file", "record", "item")


def _found(kind: str, table: int, item: str, mark: Bools) -> pl.DataFrame:
    record = pl.DataFrame({"record": np.flatnonzero(mark) + 1})
    return record.with_columns(kind=pl.lit(kind), table=pl.lit(table, pl.Int64), item=pl.lit(item))
