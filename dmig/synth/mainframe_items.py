"""The records of 住民記録 as an invented host stores them: which items in which order, each with its picture.

Stated here by itself, apart from the copybooks that the old system's owner would hand over, so that a byte that one of both
puts elsewhere is found. Sizes are digits of numbers and characters of texts.
"""

from __future__ import annotations

from dataclasses import replace

from dmig.cobol.numbers.zoned import ZonedSign
from dmig.cobol.shape import HostItem, HostKind

Record = tuple[HostItem, ...]


def text(item: str, chars: int) -> HostItem:
    """PIC X."""
    return HostItem(item, 0, chars, HostKind.TEXT)


def double(item: str, chars: int) -> HostItem:
    """PIC N."""
    return HostItem(item, 0, chars * 2, HostKind.DOUBLE)


def zoned(item: str, digits: int) -> HostItem:
    """PIC 9."""
    return HostItem(item, 0, digits, HostKind.ZONED, digits, sign=ZonedSign.NONE)


def packed(item: str, digits: int) -> HostItem:
    """PIC S9 COMP-3."""
    return HostItem(item, 0, digits // 2 + 1, HostKind.PACKED, digits, signed=True)


def binary(item: str, digits: int) -> HostItem:
    """PIC S9 COMP of up to four digits."""
    return HostItem(item, 0, 2, HostKind.BINARY, digits, signed=True)


def placed(record: Record) -> Record:
    """The items one behind the other."""
    found, at = [], 0
    for item in record:
        found.append(replace(item, offset_bytes=at))
        at += item.size_bytes
    return tuple(found)


#: The item that tells which kind of record this is.
KIND = "kind"

KOJIN = (
    text(KIND, 2), zoned("atena_no", 10), binary("rireki_no", 4), zoned("setai_no", 10), text("kana_shimei", 40),
    double("kanji_shimei", 60), text("seibetsu", 1), packed("umare_ymd", 7), double("umare_hyoki", 20),
    double("zokugara_1", 6), double("zokugara_2", 6), double("zokugara_3", 6), double("zokugara_4", 6),
    text("banchi", 80), text("katagaki", 60), text("ido_jiyu", 2), packed("ido_ymd", 7), packed("todoke_ymd", 7),
    text("jumin_kbn", 1), zoned("sakujo_flg", 1), zoned("kojin_no", 12), packed("juminhyo_cd", 11),
    text("shubetsu", 1), text("ku_cd", 2), text("jusho_cd", 11), text("yubin", 8), zoned("kana_kakunin", 1),
    double("kyuuji", 15), text("kyuuji_kana", 20), double("tsusho", 30), text("tsusho_kana", 40),
    text("romaji_shimei", 60), double("kanji_shimei_gaikoku", 30), text("yusen_kbn", 1), zoned("nushi_no", 10),
    packed("kisai_jun", 3), packed("jumin_ymd", 7), packed("jusho_ymd", 7), packed("gaijumin_ymd", 7),
    text("tennyu_shi_cd", 6), double("tennyu_ken", 5), double("tennyu_shi", 12), double("tennyu_cho", 12),
    text("tennyu_banchi", 30), text("tennyu_katagaki", 50), text("tennyu_yubin", 8), text("tennyu_kuni_cd", 3),
    double("tennyu_kuni", 15), text("tennyu_kokugai", 60), double("tennyu_nushi", 30),
    text("tenshutsu_yotei_shi_cd", 6), double("tenshutsu_yotei_ken", 5), double("tenshutsu_yotei_shi", 12),
    double("tenshutsu_yotei_cho", 12), text("tenshutsu_yotei_banchi", 30), text("tenshutsu_yotei_katagaki", 50),
    text("tenshutsu_yotei_yubin", 8), text("tenshutsu_yotei_kuni_cd", 3), double("tenshutsu_yotei_kuni", 15),
    text("tenshutsu_yotei_kokugai", 60), text("tenshutsu_kakutei_shi_cd", 6), double("tenshutsu_kakutei_ken", 5),
    double("tenshutsu_kakutei_shi", 12), double("tenshutsu_kakutei_cho", 12), text("tenshutsu_kakutei_banchi", 30),
    text("tenshutsu_kakutei_katagaki", 50), text("tenshutsu_kakutei_yubin", 8),
    text("tenshutsu_kakutei_kuni_cd", 3), double("tenshutsu_kakutei_kuni", 15),
    text("tenshutsu_kakutei_kokugai", 60), packed("tenshutsu_todoke_ymd", 7), packed("tenshutsu_yotei_ymd", 7),
    packed("tenshutsu_ymd", 7), text("honseki", 80), text("honseki_shi_cd", 6), double("hittousha", 30),
    text("kokuseki_cd", 3), double("kokuseki", 15), text("kitei45", 1), text("zairyu_shikaku", 2),
    packed("zairyu_nen", 1), packed("zairyu_tsuki", 2), packed("zairyu_hi", 3), packed("zairyu_manryo_ymd", 7),
    text("zairyu_card_no", 12), zoned("kiso_nenkin_no", 10), text("chiku1", 3), text("chiku2", 3),
    text("chiku3", 3), packed("shori_ymd", 7), text("sosha_id", 6), packed("sosa_ymd", 8), packed("sosa_time", 6),
    text("", 20),
)  # fmt: skip

IDO = (
    text(KIND, 2), zoned("atena_no", 10), binary("ido_no", 4), text("ido_jiyu", 2), packed("ido_ymd", 7),
    packed("todoke_ymd", 7), packed("shori_ymd", 7), text("nyuryoku_basho", 40), text("tanmatsu", 8),
    packed("torikeshi_no", 4), text("ryui", 80), text("", 7),
)  # fmt: skip

SHIEN = (
    text(KIND, 2), zoned("atena_no", 10), binary("shien_no", 4), packed("kaishi_ymd", 7), packed("shuryo_ymd", 7),
    zoned("kari_flg", 1), packed("kari_kaishi_ymd", 7), text("uketsuke_shi_cd", 6), double("kagaisha_shimei", 30),
    text("kagaisha_jusho", 120), double("moshide_kankei", 10), text("renrakusaki", 20),
)  # fmt: skip

MEISHO = (
    text(KIND, 2), zoned("atena_no", 10), binary("meisho_no", 4), text("meisho_kbn", 1), double("meisho", 30),
    text("meisho_kana", 40), packed("kisai_ymd", 7), packed("sakujo_ymd", 7), text("kisai_shi_cd", 6),
)  # fmt: skip

BIKO = (
    text(KIND, 2), zoned("atena_no", 10), binary("biko_no", 4), packed("toroku_ymd", 7), text("biko", 200),
)  # fmt: skip

CARD = (
    text(KIND, 2), zoned("atena_no", 10), binary("card_no", 4), text("hakko_kbn", 1), packed("yuko_ymd", 7),
    text("shomei_serial", 12), text("riyosha_serial", 12),
)  # fmt: skip

HEADER = (text(KIND, 2), zoned("made_on", 8), double("process", 20))
TRAILER_OF_REGISTER = (
    text(KIND, 2), zoned("genzai", 9), zoned("rireki", 9), zoned("jokyo", 9), packed("all", 9),
)  # fmt: skip
TRAILER_OF_OTHERS = (
    text(KIND, 2), zoned("shien", 9), zoned("meisho", 9), zoned("biko", 9), zoned("card", 9), packed("all", 9),
)  # fmt: skip
HEADER_OF_EVENTS = (text(KIND, 2), zoned("made_on", 8), text("", 156))
TRAILER_OF_EVENTS = (text(KIND, 2), packed("all", 9), text("", 159))
