"""住民情報: one row per person and change, from the tables of the present, of the removed and of the past."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hand import dates, texts
from hand.columns import (
    Column,
    Mask,
    coalesce,
    codes_in,
    codes_of,
    constant,
    filled,
    is_any,
    numbers,
    pairs,
    pick,
    spread,
    texts_of,
)
from hand.files import STANDARD, code_table, declared, relation_words
from hand.job import BLANK, FINDING, Job, Rows, has, missing_outside, order_of, sequence, start

NAME, WIDE, DATE, CODE = "CNV005", "CNV005", "CNV003", "CNV090"
PLACES = ("shikuchosonkodo:shi_cd", "todofuken:ken", "shikugunchosonmei:shi", "choaza:cho", "banchigohyoki:banchi",
          "katagaki:katagaki", "yubinbango:yubin", "kokumeikodo:kuni_cd", "kokumeito:kuni",
          "kokugaijusho:kokugai")  # fmt: skip
COPIED = {
    "atenabango": "atena_no", "setaibango": "setai_no", "shimei_furiganakakuninjokyo": "kana_kakunin",
    "kisaijuni": "kisai_jun", "honseki_shikuchosonkodo": "honseki_shi_cd", "kokusekikodo": "kokuseki_cd",
    "zairyukadotobango": "zairyu_card_no", "chikukanrikodo1": "chiku1", "chikukanrikodo2": "chiku2",
    "chikukanrikodo3": "chiku3", "kisonenkinbango": "kiso_nenkin_no", "sosashaid": "sosha_id",
    "sosajikoku": "sosa_time", "sakujofuragu": "sakujo_flg", "juminhyokodo": "juminhyo_cd",
}  # fmt: skip
PLAIN_DATES = {
    "idotodokedenengappi": "todoke_ymd", "shorinengappi": "shori_ymd",
    "tenshutsutodokedenengappi": "tenshutsu_todoke_ymd", "tenshutsuyoteinengappi": "tenshutsu_yotei_ymd",
    "tenshutsunengappi_kakutei": "tenshutsu_ymd", "zairyukikannomanryonohi": "zairyu_manryo_ymd",
}  # fmt: skip
VAGUE_DATES = {
    "idonengappi": "ido_ymd", "seinengappi": "umare_ymd", "jumintonattanengappi": "jumin_ymd",
    "jushowosadametanengappi": "jusho_ymd", "gaikokujinjumintonattanengappi": "gaijumin_ymd",
}  # fmt: skip
CODES = (
    ("juminshubetsu", "shubetsu", "juminshubetsu", "standard"), ("juminjotai", "jumin_kbn", "juminjotai", "standard"),
    ("shiteitoshi_gyoseikutokodo", "ku_cd", "gyoseiku", "gyoseikukodo"), ("_ku", "ku_cd", "gyoseiku", "gyoseikumei"),
    ("idojiyu", "ido_jiyu", "idojiyu", "idojiyu"), ("idokubun", "ido_jiyu", "idojiyu", "idokubun"),
    ("shojonojiyu", "ido_jiyu", "idojiyu", "shojojiyu"), ("seibetsu", "seibetsu", "seibetsu", "seibetsu"),
    ("seibetsuhyoki", "seibetsu", "seibetsu", "hyoki"), ("dai30jo45kiteikubun", "kitei45", "kitei45", "standard"),
    ("zairyushikakuto", "zairyu_shikaku", "zairyu", "standard"),
    ("jusho_shikuchosonkodo", "_city", "shikuchoson", "shikuchosonkodo"),
    ("jusho_todofuken", "_city", "shikuchoson", "todofuken"), ("_shi", "_city", "shikuchoson", "shikugunchosonmei"),
    ("jusho_choazakodo", "_town", "machiaza", "machiazakodo"), ("jusho_choaza", "_town", "machiaza", "machiaza"),
)  # fmt: skip


def persons(frames: dict[str, pd.DataFrame]) -> Job:
    """The converted 住民情報; logically deleted rows stay behind."""
    job = start("juminjoho", frames)
    job.keep(~is_any(job.source["sakujo_flg"], ["1"]))
    number, latest = sequence(job, "atena_no", "rireki_no")
    job.target["kojinrirekibango"] = numbers(number)
    job.target["saishinfuragu"] = numbers(latest.astype(np.int64))
    _names(job)
    _head(job)
    _dates(job)
    for name, item in COPIED.items():
        job.make(name, item, texts.copy)
    job.make("_city", "jusho_cd", texts.piece(0, 5), "CNV011")
    job.make("_town", "jusho_cd", texts.piece(5, 11), "CNV011")
    for name, item, table, part in CODES:
        job.make(name, item, texts.coded(code_table(table, part)), CODE)
    job.target["shikuchosonkodo"] = constant("990019", len(job))
    _numbers(job)
    _relation(job)
    _address(job)
    _other_places(job)
    return job


def _names(job: Job) -> None:
    """氏名 in full, cut, read; a foreigner without kanji is named by letters, then by the kanji of his country."""
    japanese = is_any(job.source["shubetsu"], ["0"])
    for name, item in (("_shimei", "kanji_shimei"), ("shimei_gaikokujinromaji", "romaji_shimei"),
                       ("shimei_gaikokujinkanji", "kanji_shimei_gaikoku"), ("kyuuji", "kyuuji"), ("tsusho", "tsusho"),
                       ("koseki_hittosha", "hittousha")):  # fmt: skip
        job.make(name, item, texts.full_name, NAME)
    job.make("tennyumae_setainushishimei", "tennyu_nushi", texts.full_name, NAME, BLANK)
    for item in ("shimei_gaikokujinromaji", "shimei_gaikokujinkanji"):
        # A kanji name that failed was chosen all the same; the next one must not hide it.
        if "_shimei" not in job.failed:
            job.target["_shimei"] = coalesce(job.target["_shimei"], job.target[item])
        else:
            job.target["_shimei"] = pick(
                filled(job.target["_shimei"]) | job.failed["_shimei"], job.target["_shimei"], job.target[item]
            )
    job.make("shimei", "_shimei", texts.copy)
    job.make("shimei_furigana", "kana_shimei", texts.full_kana, "CNV004")
    job.target["_furigana"] = job.target["shimei_furigana"]
    for name, source, place in (("uji_nihonjin", "_shimei", 0), ("na_nihonjin", "_shimei", 1),
                                ("uji_nihonjin_furigana", "_furigana", 0), ("na_nihonjin_furigana", "_furigana", 1)):  # fmt: skip
        job.make(name, source, texts.name_part(place), "CNV006", BLANK)
        missing_outside(job, name, japanese)
    job.make("kyuuji_furigana", "kyuuji_kana", texts.full_kana, "CNV004", BLANK)
    job.make("tsusho_furigana", "tsusho_kana", texts.full_kana, "CNV004", BLANK)
    job.make("shimeiyusenkubun", "yusen_kbn", texts.coded(code_table("shimeiyusen")), CODE, BLANK)
    own = filled(job.target["shimeiyusenkubun"]) | has(job, "yusen_kbn") | job.unread.get("yusen_kbn", False)
    job.target["shimeiyusenkubun"] = pick(own, job.target["shimeiyusenkubun"], constant("1", len(job)))


def _head(job: Job) -> None:
    """世帯主氏名: the own name of a head, for others the head's name on the day when the row was processed."""
    own = is_any(job.source["zokugara"], ["世帯主"])
    at, none, many = valid_on(job, job.source["nushi_no"], ~own)
    job.note(none, FINDING, "STP003", "nushi_no")
    job.note(many, FINDING, "STP004", "nushi_no")
    name = job.target["_shimei"]
    job.target["setainushishimei"] = name.take(np.where(own, np.arange(len(job)), at), allow_fill=True)


def valid_on(job: Job, wanted: Column, asked: Mask) -> tuple[Rows, Mask, Mask]:
    """For each row the row of the person `wanted` that was valid on its day of processing; -1 for none or many.

    A row holds until the day before the next one begins; rows that begin on the same day all hold on that day.
    """
    persons, shori = codes_of(job.source["atena_no"]), job.source["shori_ymd"]
    day = spread(shori, dates.day_numbers(texts_of(shori)), 0)
    key = persons * 100_000_000 + np.where(day > 0, day, 99_999_999)
    order = np.lexsort((order_rank(job), key))
    starts = key[order]
    person = codes_in(wanted, job.source["atena_no"])
    asked = asked & filled(wanted)
    question = np.where(asked & (person >= 0) & (day > 0), person * 100_000_000 + day, -1)
    left, right = np.searchsorted(starts, question, "left"), np.searchsorted(starts, question, "right")
    at = order[np.maximum(right - 1, 0)]
    same = (right > 0) & (question >= 0) & (persons[at] == person)
    # What begins after an unread day is not known, so the row before it proves no end.
    following = order[np.minimum(right, len(order) - 1)]
    unclear = (right < len(order)) & (persons[following] == person) & (day[following] == 0)
    same &= ~unclear
    many = same & (right - left > 1)
    return np.where(same & ~many, at, -1), asked & ~same, many


def order_rank(job: Job) -> Rows:
    """The place of each row in the order of 宛名番号 and 履歴番号."""
    order, _ = order_of(job, "atena_no", "rireki_no")
    rank = np.empty(len(job), np.int64)
    rank[order] = np.arange(len(job))
    return rank


def vague_date(job: Job, name: str, item: str) -> None:
    """A date with its flag and wording; unknown parts are kept."""
    job.make(name, item, texts.copy)
    job.make(f"{name}_fushofuragu", item, dates.unknown_flags)
    job.make(f"{name}_fushohyoki", item, dates.wordings)


def _dates(job: Job) -> None:
    for name, item in VAGUE_DATES.items():
        vague_date(job, name, item)
    # The old system's own wording of a birth goes first; beside a known date it has no place.
    given, made = job.source["umare_hyoki"], job.target["seinengappi_fushohyoki"]
    job.note(filled(given) & ~filled(made) & has(job, "umare_ymd"), FINDING, "CNV016", "seinengappi_fushohyoki")
    job.target["seinengappi_fushohyoki"] = pick(filled(made) & filled(given), given, made)
    for name, item in PLAIN_DATES.items():
        job.make(name, item, dates.calendar_day, DATE, BLANK)
    job.make("sosanengappi", "sosa_ymd", dates.calendar_day, DATE)


def _numbers(job: Job) -> None:
    job.make("kojinbango", "kojin_no", texts.kojin_bango, "CNV014")
    column = job.source["juminhyo_cd"]
    wrong = ~texts.check_digit("juminhyo")(texts_of(column))
    job.note(spread(column, wrong, False), FINDING, "CNV015", "juminhyokodo")
    for name, item, width in (("nen", "zairyu_nen", 2), ("tsuki", "zairyu_tsuki", 2), ("hi", "zairyu_hi", 3)):
        job.make(f"zairyukikan_{name}", item, texts.pad_left(width), "CNV012", BLANK)


def _relation(job: Job) -> None:
    labels = declared(STANDARD / "codes.csv").query("code == 'tsuzukigara'")
    relations = texts.Relations(relation_words(), dict(zip(labels["label"], labels["value"], strict=True)))
    for place in (1, 2, 3, 4):
        job.make(f"tsuzukigarakodo{place}", "zokugara", relations.code(place), "CNV009")
    job.make("tsuzukigarahyoki", "zokugara", relations.wording, "CNV009")


def _address(job: Job) -> None:
    job.target["jusho_shikugunchosonmei"] = pairs(job.target["_shi"], job.target["_ku"], "")
    job.make("jusho_banchigohyoki", "banchi", texts.banchi_part("banchi"), "CNV007")
    job.make("_katagaki", "banchi", texts.banchi_part("katagaki"), "CNV007")
    job.make("_katagaki_ran", "katagaki", texts.full_width, WIDE)
    job.target["jusho_katagaki"] = pairs(job.target["_katagaki"], job.target["_katagaki_ran"], "\u3000")
    job.make("jusho_yubinbango", "yubin", texts.digits_only, "CNV013", BLANK)


def _other_places(job: Job) -> None:
    """Where a person came from and goes to, 本籍 and 国籍."""
    for place, prefix in (("tennyumae", "tennyu"), ("tenshutsusaki_yotei", "tenshutsu_yotei"),
                          ("tenshutsusaki_kakutei", "tenshutsu_kakutei")):  # fmt: skip
        for name, item in (pair.split(":") for pair in PLACES):
            if item in ("shi_cd", "kuni_cd"):
                job.make(f"{place}_{name}", f"{prefix}_{item}", texts.copy)
            elif item == "yubin":
                job.make(f"{place}_{name}", f"{prefix}_{item}", texts.digits_only, "CNV013", BLANK)
            else:
                job.make(f"{place}_{name}", f"{prefix}_{item}", texts.full_width, WIDE, BLANK)
    job.make("honseki", "honseki", texts.full_width, WIDE)
    job.make("kokusekimeito", "kokuseki", texts.full_width, WIDE)
