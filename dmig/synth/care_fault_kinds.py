"""Kinds of faults that are planted in a delivery of 介護保険: where they may stand, how they are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from dmig.synth.care_law import BLANK, Facts
from dmig.synth.days import NEVER, era_of
from dmig.synth.edits import Edit, append, break_line, insert, next_digit, overwrite, put, put_own
from dmig.synth.package_forms import wareki7
from dmig.synth.register import Register
from dmig.synth.streams import Bools, Ints
from dmig.synth.texts import digits


@dataclass(frozen=True, slots=True)
class CareGround:
    """Where faults can be planted: the register, 被保険者番号 by person, and the facts of each table in file order."""

    source: Register
    number: Ints
    tables: dict[str, Facts]

    def alone(self, table: str) -> Bools:
        """Records whose person has no other in the table."""
        person = self.tables[table]["person"]
        return np.asarray(np.bincount(person, minlength=1)[person] == 1) if len(person) else person > 0

    def followed(self, table: str) -> Bools:
        """First records of a person of whom another follows."""
        person = self.tables[table]["person"]
        same = np.append(person[1:] == person[:-1], np.zeros(min(len(person), 1), np.bool_))
        return np.asarray(same & ~np.append(np.zeros(min(len(person), 1), np.bool_), same[:-1]))


#: Which records of a table can carry a kind, and the text put in, by record.
Eligible = Callable[[CareGround], Bools]
Own = Callable[[CareGround], pl.Series]


@dataclass(frozen=True, slots=True)
class CareFault:
    """A kind of fault: table, item, how it is made, in words, where it may stand, and the text put in."""

    kind: str
    table: str
    item: str
    edit: Edit
    note: str
    eligible: Eligible | None = None
    own: Own | None = None


def _has(table: str, fact: str, *values: int) -> Eligible:
    return lambda ground: np.isin(ground.tables[table][fact], values)


def _filled(table: str, fact: str) -> Eligible:
    return lambda ground: ground.tables[table][fact] > BLANK


def _single(table: str) -> Eligible:
    return lambda ground: ground.alone(table)


def _pair(table: str) -> Eligible:
    return lambda ground: ground.followed(table)


def _ends(table: str) -> Eligible:
    return lambda ground: ground.tables[table]["end"] < NEVER


def _more(table: str, fact: str) -> Own:
    return lambda ground: digits(np.maximum(ground.tables[table][fact], 0) + 1, 1)


def _later(table: str, fact: str, days: int) -> Own:
    def own(ground: CareGround) -> pl.Series:
        day = ground.tables[table][fact]
        moved = np.where(day < NEVER, day, 0) + days
        return wareki7(moved, era_of(moved))

    return own


def _same_month(ground: CareGround) -> pl.Series:
    month = ground.tables["kogaku"]["month"]
    return digits(np.append(month[1:], month[-1:]), 6)


def _number_of_nobody(ground: CareGround) -> pl.Series:
    return digits(ground.number[ground.tables["keikaku"]["person"]] + 1, 10)


def _notice_of_nobody(ground: CareGround) -> pl.Series:
    return digits(ground.tables["shunou"]["notice"] + 1, 10)


def _open(ground: CareGround) -> Bools:
    return np.asarray((ground.tables["shikaku"]["lost"] == NEVER) & (ground.tables["shikaku"]["latest"] == 1))


def _rated(ground: CareGround) -> Bools:
    """Levies of a whole year: a yen more of the year changes no other amount."""
    return np.asarray(ground.tables["fuka"]["months"] == 12)


FAULTS = (
    CareFault("undecodable", "jisseki", "tekiyo", insert(b"\xff"), "摘要の中に0xFF", _filled("jisseki", "remark")),
    CareFault("nul", "jisseki", "tekiyo", insert(b"\x00"), "摘要の中に0x00", _filled("jisseki", "remark")),
    CareFault("line_break", "jisseki", "tekiyo", break_line, "摘要の中に改行", _filled("jisseki", "remark")),
    CareFault("column_count", "gendo", "yochokin_flg", append(b","), "カンマが一つ多い"),
    CareFault("bad_person", "shokan", "atena_no", overwrite(4, "-"), "宛名番号に記号", _single("shokan")),
    CareFault("bad_date", "nintei", "nintei_ymd", overwrite(3, "13"), "認定年月日の月が13"),
    CareFault("bad_year", "hokengenmen", "nendo", overwrite(2, "X"), "賦課年度に文字"),
    CareFault("bad_amount", "kogaku", "futan_gaku", overwrite(3, "A"), "利用者負担額に文字"),
    CareFault("unknown_code", "nintei", "yokaigo_kbn", put("31"), "要介護状態区分に知られていない番号"),
    CareFault("wrong_insurer_no", "shikaku", "hokensha_no", next_digit, "保険者番号の検証番号が違う"),
    CareFault("too_long", "ikensho", "shujii_cd", put("9" * 16), "主治医コードが16字"),
    CareFault("missing_name", "shikaku", "kanji_shimei", put(""), "氏名が空"),
    CareFault("lost_but_open", "shikaku", "soshitsu_ymd", put("5080401"), "資格のある者に喪失年月日", _open),
    CareFault("no_latest", "nintei", "saishin_kbn", put("0"), "最新の認定がない", _single("nintei")),
    CareFault("history_gap", "nintei", "rireki_no", put("2"), "履歴番号1がない", _single("nintei")),
    CareFault("duplicate_key", "kogaku", "teikyo_ym", put_own, "同じ月が二つ", _pair("kogaku"), _same_month),
    CareFault(
        "overlap",
        "keikaku",
        "shuryo_ymd",
        put_own,
        "次の計画の開始日の後に終わる",
        _pair("keikaku"),
        _later("keikaku", "end", 20),
    ),
    CareFault(
        "wrong_validity",
        "nintei",
        "yuko_kaishi",
        put_own,
        "開始日と月数と終了日が合わない",
        _single("nintei"),
        _later("nintei", "start", 40),
    ),
    CareFault(
        "wrong_limit",
        "nintei",
        "gendo_tani",
        put_own,
        "支給限度基準額が1単位多い",
        _filled("nintei", "units"),
        _more("nintei", "units"),
    ),
    CareFault("over_limit", "keigen", "ritsu", put("120"), "減免率が120"),
    CareFault(
        "unknown_person", "keikaku", "hiho_no", put_own, "資格にない被保険者番号", _single("keikaku"), _number_of_nobody
    ),
    CareFault(
        "no_disease", "shinsei", "shippei_cd", put(""), "第2号の申請に特定疾病がない", _has("shinsei", "second", 1)
    ),
    CareFault(
        "opened_after_closed",
        "seigen",
        "kaishi_ymd",
        put_own,
        "開始日が終了日より後",
        _ends("seigen"),
        _later("seigen", "end", 40),
    ),
    CareFault(
        "wrong_benefit",
        "jisseki",
        "m09_kyufu",
        put_own,
        "9月の給付額が1円多い",
        _filled("jisseki", "cost5"),
        _more("jisseki", "paid5"),
    ),
    CareFault(
        "benefit_sum",
        "kogaku",
        "shikyu_gaku",
        put_own,
        "高額介護サービス費の支給額が1円多い",
        None,
        _more("kogaku", "paid"),
    ),
    CareFault(
        "joint_sum", "gassan", "sogaku", put_own, "高額医療合算の支給総額が1円多い", None, _more("gassan", "payable")
    ),
    CareFault(
        "unlevied_receipt",
        "shunou",
        "tsuchisho_no",
        put_own,
        "賦課にない通知書番号の収納",
        _single("shunou"),
        _notice_of_nobody,
    ),
    CareFault("wrong_premium", "fuka", "nengaku", put_own, "年額が1円多い", _rated, _more("fuka", "yearly")),
    CareFault("fixed_sum", "fuka", "kakutei_gaku", put_own, "確定額が1円多い", None, _more("fuka", "fixed")),
)
