"""Files of the old systems and of the standard, by operation and group: written down here a second time."""

from __future__ import annotations

GENZAI, RIREKI, JOKYO, IDO = "JUKI_GENZAI.csv", "JUKI_RIREKI.csv", "JUKI_JOKYO.csv", "JUKI_IDO.csv"
SHIEN, MEISHO, BIKO, CARD = "JUKI_SHIEN.csv", "JUKI_MEISHO.csv", "JUKI_BIKO.csv", "JUKI_CARD.csv"
JUTOGAI = "JUTOGAI.csv"
#: The three files whose records are one history.
REGISTER = (GENZAI, JOKYO, RIREKI)
#: Operation -> group -> file of the standard; written down here a second time, like all that follows.
GROUPS = {
    "jumin": {
        "juminjoho": "001_住民情報.csv", "setai": "001_世帯.csv", "idorireki": "001_異動履歴.csv",
        "shiensochi": "001_支援措置対象者.csv", "meishorireki": "001_旧氏・通称履歴.csv", "biko": "001_備考.csv",
        "kojinbangocard": "001_個人番号カード.csv",
    },
    "jutogai": {"jutogaikihon": "031_住登外者宛名基本情報.csv"},
    "kojin": {
        "nozeigimusha": "kojin_納税義務者.csv", "kazeikihon": "kojin_課税基本.csv", "shotoku": "kojin_所得・収入.csv",
        "shotokukojo": "kojin_所得控除.csv", "fuyo": "kojin_扶養.csv", "zeigaku": "kojin_課税標準・税額.csv",
        "kibetsu": "kojin_期別（普通徴収）.csv", "getsuwari": "kojin_特別徴収月割.csv",
        "nenkintokucho": "kojin_年金特別徴収.csv", "tokubetsuchoshugimusha": "kojin_特別徴収義務者.csv",
        "kazeishiryo": "kojin_課税資料.csv", "chotei": "kojin_調定.csv", "genmen": "kojin_減免.csv",
        "sofusaki": "kojin_納税管理人・送付先.csv", "shomeihakko": "kojin_証明発行.csv", "chosa": "kojin_調査.csv",
    },
}  # fmt: skip
#: Group -> the files whose records become its rows. 世帯 is made of 住民現在, whose records become rows of 住民情報.
FILES_OF = {
    "juminjoho": REGISTER, "idorireki": (IDO,), "shiensochi": (SHIEN,), "meishorireki": (MEISHO,), "biko": (BIKO,),
    "kojinbangocard": (CARD,), "jutogaikihon": (JUTOGAI,),
    "nozeigimusha": ("KAZEI_KIHON.csv",), "kazeikihon": ("KAZEI_KIHON.csv",), "shotoku": ("KAZEI_SHOTOKU.csv",),
    "shotokukojo": ("KAZEI_KOJO.csv",), "fuyo": ("KAZEI_FUYO.csv",), "zeigaku": ("KAZEI_ZEI.csv",),
    "kibetsu": ("FUCHO_KIBETSU.csv",), "getsuwari": ("TOKUCHO.csv",), "nenkintokucho": ("NENKIN_TOKUCHO.csv",),
    "tokubetsuchoshugimusha": ("TOKUCHO_GIMUSHA.csv",), "kazeishiryo": ("KAZEI_SHIRYO.csv",),
    "chotei": ("CHOTEI.csv",), "genmen": ("GENMEN.csv",), "sofusaki": ("SOFUSAKI.csv",),
    "shomeihakko": ("SHOMEI.csv",), "chosa": ("CHOSA.csv",),
}  # fmt: skip
#: Groups in which one record becomes many rows: a kind of income, a dependant, an instalment, a month.
SPREAD = ("shotoku", "fuyo", "kibetsu", "getsuwari")
#: Group -> items of its files that it does not read, because another group of the same file does.
UNREAD = {
    "nozeigimusha": {"kazei_kbn", "kettei_ymd", "choshu_kbn"}, "kazeikihon": {"kanji_shimei", "kijitsu_ymd"},
}  # fmt: skip
FILES = {
    "jumin": {
        "genzai": GENZAI, "rireki": RIREKI, "jokyo": JOKYO, "ido": IDO, "shien": SHIEN, "meisho": MEISHO, "biko": BIKO,
        "card": CARD,
    },
    "jutogai": {"jutogai": JUTOGAI},
    "kojin": {
        "kihon": "KAZEI_KIHON.csv", "shotoku": "KAZEI_SHOTOKU.csv", "kojo": "KAZEI_KOJO.csv", "fuyo": "KAZEI_FUYO.csv",
        "zei": "KAZEI_ZEI.csv", "kibetsu": "FUCHO_KIBETSU.csv", "tokucho": "TOKUCHO.csv",
        "nentoku": "NENKIN_TOKUCHO.csv", "jigyosho": "TOKUCHO_GIMUSHA.csv", "shiryo": "KAZEI_SHIRYO.csv",
        "chotei": "CHOTEI.csv", "genmen": "GENMEN.csv", "sofusaki": "SOFUSAKI.csv", "shomei": "SHOMEI.csv",
        "chosa": "CHOSA.csv",
    },
}  # fmt: skip
#: Legacy table -> file.
FILE_OF = {table: file for files in FILES.values() for table, file in files.items()}
