"""The groups beside 住民情報: 世帯 made of its members, 異動履歴 without its cancelled pairs, and four plain ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hand import dates, texts
from hand.columns import Column, Mask, coalesce, codes_in, codes_of, filled, is_any, numbers, ranks_of, spread, texts_of
from hand.files import code_table
from hand.job import BLANK, FINDING, REJECT, Job, Rows, sequence, start
from hand.persons import CODE, DATE, NAME, WIDE, vague_date

HOUSEHOLD_ITEMS = ["atena_no", "setai_no", "nushi_no", "jumin_kbn", "sakujo_flg", "kanji_shimei", "romaji_shimei",
                   "kanji_shimei_gaikoku"]  # fmt: skip


def households(genzai: pd.DataFrame) -> Job:
    """世帯: one row per household of the residents, with its head and the number of its members."""
    members = start("setai", {"genzai": genzai[HOUSEHOLD_ITEMS]})
    members.keep(~is_any(members.source["sakujo_flg"], ["1"]))
    kind = members.source["jumin_kbn"]
    members.keep(~filled(kind) | is_any(kind, ["0"]))
    members.keep(filled(members.source["setai_no"]))
    for name, item in (("_kanji", "kanji_shimei"), ("_romaji", "romaji_shimei"), ("_gaikoku", "kanji_shimei_gaikoku")):
        members.make(name, item, texts.full_name, NAME, BLANK)
    name = coalesce(coalesce(members.target["_kanji"], members.target["_romaji"]), members.target["_gaikoku"])
    first, count, head, disagrees = _grouped(members)
    job = Job("setai", members.table[first], members.record[first], {}, read=members.read, excluded=members.excluded)
    job.target["setaibango"] = members.source["setai_no"][first]
    job.target["setainushiatenabango"] = head
    job.target["setaiinsu"] = numbers(count)
    job.note(disagrees, FINDING, "STP006", "nushi_no")
    if "nushi_no" in members.unread:
        codes = codes_of(members.source["setai_no"])
        lost = np.isin(codes[first], codes[members.unread["nushi_no"]])
        job.note(lost, REJECT, "NRM:key", "nushi_no")
    _look_up_head(job, members, head, name)
    return job


def _grouped(members: Job) -> tuple[Rows, Rows, Column, Mask]:
    """Households in ascending order: first member, count, common head, whether members name other heads."""
    setai, nushi = members.source["setai_no"], members.source["nushi_no"]
    frame = pd.DataFrame({"at": ranks_of(setai), "row": np.arange(len(members)), "nushi": codes_of(nushi)})
    grouped = frame.groupby("at", sort=True)
    first = grouped["row"].min().to_numpy()
    # A missing head is no other head: it neither counts nor stands for the household.
    named = frame.where(frame["nushi"] >= 0).groupby(frame["at"], sort=True)
    lowest, highest, row = named["nushi"].min(), named["nushi"].max(), named["row"].min()
    agrees = lowest == highest
    head = nushi.take(row.where(agrees, -1).to_numpy(np.int64), allow_fill=True)
    disagrees = (~agrees & lowest.notna()).to_numpy()
    return first, grouped["row"].size().to_numpy(), head, disagrees


def _look_up_head(job: Job, members: Job, head: Column, name: Column) -> None:
    persons = codes_of(members.source["atena_no"])
    top = int(persons.max(initial=-1)) + 1
    count = np.bincount(persons[persons >= 0], minlength=top)
    row = np.full(top + 1, -1, np.int64)
    row[persons] = np.arange(len(members))
    row[-1] = -1
    person = codes_in(head, members.source["atena_no"])
    person = np.where(person < top, person, -1)
    found = np.append(count, 0)[person]
    at = np.where(found == 1, row[person], -1)
    job.target["setainushishimei"] = name.take(at, allow_fill=True)
    job.note(filled(head) & (found == 0), FINDING, "STP003", "nushi_no")
    job.note(found > 1, FINDING, "STP004", "nushi_no")


def changes(ido: pd.DataFrame) -> Job:
    """異動履歴: a cancelled row and the row that cancels it leave together."""
    job = start("idorireki", {"ido": ido})
    person = codes_of(job.source["atena_no"])
    number, cancels = (_integers(job.source[item]) for item in ("ido_no", "torikeshi_no"))
    key = np.where((person >= 0) & (number >= 0), person * 10**9 + number, -1)
    aims = np.where((person >= 0) & (cancels >= 0), person * 10**9 + cancels, -1)
    cancelling = filled(job.source["torikeshi_no"])
    plain = pd.Series(key[~cancelling & (key >= 0)]).value_counts()
    hits = pd.Series(aims).map(plain).fillna(0).to_numpy()
    job.note(cancelling & (hits == 0), FINDING, "STP003", "atena_no")
    job.note(cancelling & (hits > 1), FINDING, "STP004", "atena_no")
    cancelled = ~cancelling & (key >= 0) & np.isin(key, aims[cancelling])
    gone = (cancelling & (hits == 1)) | cancelled
    doubled = pd.Series(np.where(gone, -1 - np.arange(len(key)), key)).duplicated().to_numpy() & (key >= 0) & ~gone
    job.note(doubled, FINDING, "STP001", "atena_no")
    job.keep(~gone)
    _numbered(job, "rirekibango", "ido_no")
    for name in ("idojiyu", "idokubun"):
        job.make(name, "ido_jiyu", texts.coded(code_table("idojiyu", name)), CODE)
    vague_date(job, "idonengappi", "ido_ymd")
    job.make("todokedenengappi", "todoke_ymd", dates.calendar_day, DATE, BLANK)
    job.make("shorinengappi", "shori_ymd", dates.calendar_day, DATE)
    job.make("nyuryokubasho", "nyuryoku_basho", texts.full_width, WIDE, BLANK)
    job.make("nyuryokutanmatsu", "tanmatsu", texts.copy)
    job.make("ryuijiko", "ryui", texts.full_width, WIDE, BLANK)
    return job


def _integers(column: Column) -> Rows:
    return spread(column, pd.to_numeric(texts_of(column)).to_numpy(np.int64), -1)


def _numbered(job: Job, target: str, order: str) -> None:
    """宛名番号 and the number without gaps that each row gets within it."""
    job.target[target] = numbers(sequence(job, "atena_no", order)[0])
    job.make("atenabango", "atena_no", texts.copy)


def protections(shien: pd.DataFrame) -> Job:
    """支援措置対象者."""
    job = start("shiensochi", {"shien": shien})
    _numbered(job, "rirekibango", "shien_no")
    job.make("shiensochi_kaishinengappi", "kaishi_ymd", dates.calendar_day, DATE)
    job.make("shiensochi_shuryonengappi", "shuryo_ymd", dates.day_or_open, DATE, BLANK)
    job.make("karishiensochi_umu", "kari_flg", texts.copy)
    job.make("karishiensochi_kaishinengappi", "kari_kaishi_ymd", dates.calendar_day, DATE, BLANK)
    job.make("uketsukeshikuchosonkodo", "uketsuke_shi_cd", texts.copy)
    job.make("kagaisha_shimei", "kagaisha_shimei", texts.full_name, NAME, BLANK)
    for name, item in (("kagaisha_jusho", "kagaisha_jusho"), ("moshideshatonokankei", "moshide_kankei"),
                       ("renrakusaki", "renrakusaki")):  # fmt: skip
        job.make(name, item, texts.full_width, WIDE, BLANK)
    return job


def names(meisho: pd.DataFrame) -> Job:
    """旧氏・通称履歴."""
    job = start("meishorireki", {"meisho": meisho})
    _numbered(job, "rirekibango", "meisho_no")
    job.make("meishokubun", "meisho_kbn", texts.coded(code_table("meishokubun")), CODE)
    job.make("meisho", "meisho", texts.full_name, NAME)
    job.make("meisho_furigana", "meisho_kana", texts.full_kana, "CNV004", BLANK)
    job.make("kisainengappi", "kisai_ymd", dates.calendar_day, DATE)
    job.make("kisaishikuchosonkodo", "kisai_shi_cd", texts.copy)
    job.make("sakujonengappi", "sakujo_ymd", dates.calendar_day, DATE, BLANK)
    return job


def remarks(biko: pd.DataFrame) -> Job:
    """備考."""
    job = start("biko", {"biko": biko})
    _numbered(job, "bikobango", "biko_no")
    job.make("biko", "biko", texts.full_width_lines, WIDE)
    job.make("torokunengappi", "toroku_ymd", dates.calendar_day, DATE, BLANK)
    return job


def cards(card: pd.DataFrame) -> Job:
    """個人番号カード."""
    job = start("kojinbangocard", {"card": card})
    _numbered(job, "rirekibango", "card_no")
    job.make("hakkojokyo", "hakko_kbn", texts.coded(code_table("hakko")), CODE)
    job.make("yukokigen", "yuko_ymd", dates.calendar_day, DATE, BLANK)
    job.make("shomeiyodenshishomeisho_shiriarubango", "shomei_serial", texts.copy)
    job.make("riyoshashomeiyodenshishomeisho_shiriarubango", "riyosha_serial", texts.copy)
    return job
