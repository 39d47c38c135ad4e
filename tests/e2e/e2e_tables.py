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
    "kaigo": {
        "shikaku": "kaigo_被保険者資格.csv", "jutoku": "kaigo_住所地特例.csv", "jogai": "kaigo_適用除外.csv",
        "fukushi": "kaigo_老福年金・生保・境界層.csv", "shinsei": "kaigo_認定申請.csv",
        "ninteichosa": "kaigo_訪問調査.csv", "ikensho": "kaigo_主治医意見書.csv", "nintei": "kaigo_認定結果.csv",
        "jigyotaishosha": "kaigo_総合事業対象者.csv", "keikaku": "kaigo_居宅サービス計画届出.csv",
        "futanwariai": "kaigo_負担割合.csv", "gendogaku": "kaigo_負担限度額認定.csv",
        "riyoshagenmen": "kaigo_利用者負担減免.csv", "kyufuseigen": "kaigo_給付制限.csv",
        "kyufujisseki": "kaigo_給付実績.csv", "kogakukaigo": "kaigo_高額介護サービス費.csv",
        "kogakugassan": "kaigo_高額医療合算介護サービス費.csv",
        "shokanbarai": "kaigo_償還払.csv", "fukushiyogu": "kaigo_福祉用具購入.csv",
        "jutakukaishu": "kaigo_住宅改修.csv", "fuka": "kaigo_保険料賦課.csv", "kiwari": "kaigo_期別（普通徴収）.csv",
        "tokuchotsuki": "kaigo_特別徴収.csv", "hokenryogenmen": "kaigo_保険料減免・徴収猶予.csv",
        "shunou": "kaigo_収納.csv",
    },
    "kojin": {
        "nozeigimusha": "kojin_納税義務者.csv", "kazeikihon": "kojin_課税基本.csv", "shotoku": "kojin_所得・収入.csv",
        "shotokukojo": "kojin_所得控除.csv", "fuyo": "kojin_扶養.csv", "zeigaku": "kojin_課税標準・税額.csv",
        "kibetsu": "kojin_期別（普通徴収）.csv", "getsuwari": "kojin_特別徴収月割.csv",
        "nenkintokucho": "kojin_年金特別徴収.csv", "tokubetsuchoshugimusha": "kojin_特別徴収義務者.csv",
        "kazeishiryo": "kojin_課税資料.csv", "chotei": "kojin_調定.csv", "genmen": "kojin_減免.csv",
        "sofusaki": "kojin_納税管理人・送付先.csv", "shomeihakko": "kojin_証明発行.csv", "chosa": "kojin_調査.csv",
    },
    "jidoteate": {
        "jukyusha": "jidoteate_受給者.csv", "jido": "jidoteate_支給要件児童.csv", "haigusha": "jidoteate_配偶者.csv",
        "kettei": "jidoteate_認定額.csv", "ketteimeisai": "jidoteate_児童別の額.csv",
        "shiharai": "jidoteate_支払.csv", "genkyo": "jidoteate_現況届.csv",
        "shotokuhantei": "jidoteate_所得判定.csv", "sashitome": "jidoteate_差止・時効.csv",
        "choshu": "jidoteate_徴収・寄附.csv", "shisetsu": "jidoteate_施設等入所児童.csv",
        "koza": "jidoteate_支払口座.csv",
    },
}  # fmt: skip
#: Group -> the files whose records become its rows. 世帯 is made of 住民現在, whose records become rows of 住民情報.
FILES_OF = {
    "juminjoho": REGISTER, "idorireki": (IDO,), "shiensochi": (SHIEN,), "meishorireki": (MEISHO,), "biko": (BIKO,),
    "kojinbangocard": (CARD,), "jutogaikihon": (JUTOGAI,),
    "shikaku": ("KAIGO_SHIKAKU.csv",), "jutoku": ("KAIGO_JUTOKU.csv",), "jogai": ("KAIGO_JOGAI.csv",),
    "fukushi": ("KAIGO_FUKUSHI.csv",), "shinsei": ("KAIGO_SHINSEI.csv",), "ninteichosa": ("KAIGO_CHOSA.csv",),
    "ikensho": ("KAIGO_IKENSHO.csv",), "nintei": ("KAIGO_NINTEI.csv",), "jigyotaishosha": ("KAIGO_JIGYO.csv",),
    "keikaku": ("KAIGO_KEIKAKU.csv",), "futanwariai": ("KAIGO_FUTAN.csv",), "gendogaku": ("KAIGO_GENDO.csv",),
    "riyoshagenmen": ("KAIGO_GENMEN.csv",), "kyufuseigen": ("KAIGO_SEIGEN.csv",),
    "kyufujisseki": ("KAIGO_JISSEKI.csv",), "kogakukaigo": ("KAIGO_KOGAKU.csv",),
    "kogakugassan": ("KAIGO_GASSAN.csv",), "shunou": ("KAIGO_SHUNOU.csv",),
    "shokanbarai": ("KAIGO_SHOKAN.csv",), "fukushiyogu": ("KAIGO_YOGU.csv",), "jutakukaishu": ("KAIGO_JUTAKU.csv",),
    "fuka": ("KAIGO_FUKA.csv",), "kiwari": ("KAIGO_FUKA.csv",), "tokuchotsuki": ("KAIGO_FUKA.csv",),
    "hokenryogenmen": ("KAIGO_HOKENGENMEN.csv",),
    "nozeigimusha": ("KAZEI_KIHON.csv",), "kazeikihon": ("KAZEI_KIHON.csv",), "shotoku": ("KAZEI_SHOTOKU.csv",),
    "shotokukojo": ("KAZEI_KOJO.csv",), "fuyo": ("KAZEI_FUYO.csv",), "zeigaku": ("KAZEI_ZEI.csv",),
    "kibetsu": ("FUCHO_KIBETSU.csv",), "getsuwari": ("TOKUCHO.csv",), "nenkintokucho": ("NENKIN_TOKUCHO.csv",),
    "tokubetsuchoshugimusha": ("TOKUCHO_GIMUSHA.csv",), "kazeishiryo": ("KAZEI_SHIRYO.csv",),
    "chotei": ("CHOTEI.csv",), "genmen": ("GENMEN.csv",), "sofusaki": ("SOFUSAKI.csv",),
    "shomeihakko": ("SHOMEI.csv",), "chosa": ("CHOSA.csv",),
    "jukyusha": ("JT_JUKYU.csv",), "jido": ("JT_JIDO.csv",), "haigusha": ("JT_HAIGU.csv",),
    "kettei": ("JT_KETTEI.csv",), "ketteimeisai": ("JT_MEISAI.csv",), "shiharai": ("JT_SHIHARAI.csv",),
    "genkyo": ("JT_GENKYO.csv",), "shotokuhantei": ("JT_SHOTOKU.csv",), "sashitome": ("JT_SASHI.csv",),
    "choshu": ("JT_CHOSHU.csv",), "shisetsu": ("JT_SHISETSU.csv",), "koza": ("JT_KOZA.csv",),
}  # fmt: skip
#: Groups in which one record becomes many rows: a kind of income, a dependant, an instalment, a month.
SPREAD = (
    "kyufujisseki",
    "kiwari",
    "tokuchotsuki",
    "shotoku",
    "fuyo",
    "kibetsu",
    "getsuwari",
    "jido",
    "ketteimeisai",
    "shiharai",
)
#: Group -> items of its files that it does not read, because another group of the same file does.
UNREAD = {
    "kiwari": {"nengaku", "kakutei_gaku"},
    "tokuchotsuki": {"nengaku", "kakutei_gaku"},
    "nozeigimusha": {"kazei_kbn", "kettei_ymd", "choshu_kbn"}, "kazeikihon": {"kanji_shimei", "kijitsu_ymd"},
}  # fmt: skip
FILES = {
    "jumin": {
        "genzai": GENZAI, "rireki": RIREKI, "jokyo": JOKYO, "ido": IDO, "shien": SHIEN, "meisho": MEISHO, "biko": BIKO,
        "card": CARD,
    },
    "jutogai": {"jutogai": JUTOGAI},
    "kaigo": {
        "shikaku": "KAIGO_SHIKAKU.csv", "jutoku": "KAIGO_JUTOKU.csv", "jogai": "KAIGO_JOGAI.csv",
        "fukushi": "KAIGO_FUKUSHI.csv", "shinsei": "KAIGO_SHINSEI.csv", "ninchosa": "KAIGO_CHOSA.csv",
        "ikensho": "KAIGO_IKENSHO.csv", "nintei": "KAIGO_NINTEI.csv", "jigyo": "KAIGO_JIGYO.csv",
        "keikaku": "KAIGO_KEIKAKU.csv", "futan": "KAIGO_FUTAN.csv", "gendo": "KAIGO_GENDO.csv",
        "keigen": "KAIGO_GENMEN.csv", "seigen": "KAIGO_SEIGEN.csv", "jisseki": "KAIGO_JISSEKI.csv",
        "kogaku": "KAIGO_KOGAKU.csv", "gassan": "KAIGO_GASSAN.csv", "shokan": "KAIGO_SHOKAN.csv", "yogu": "KAIGO_YOGU.csv",
        "jutaku": "KAIGO_JUTAKU.csv", "fuka": "KAIGO_FUKA.csv", "hokengenmen": "KAIGO_HOKENGENMEN.csv",
        "shunou": "KAIGO_SHUNOU.csv",
    },
    "kojin": {
        "kihon": "KAZEI_KIHON.csv", "shotoku": "KAZEI_SHOTOKU.csv", "kojo": "KAZEI_KOJO.csv", "fuyo": "KAZEI_FUYO.csv",
        "zei": "KAZEI_ZEI.csv", "kibetsu": "FUCHO_KIBETSU.csv", "tokucho": "TOKUCHO.csv",
        "nentoku": "NENKIN_TOKUCHO.csv", "jigyosho": "TOKUCHO_GIMUSHA.csv", "shiryo": "KAZEI_SHIRYO.csv",
        "chotei": "CHOTEI.csv", "genmen": "GENMEN.csv", "sofusaki": "SOFUSAKI.csv", "shomei": "SHOMEI.csv",
        "chosa": "CHOSA.csv",
    },
    "jidoteate": {
        "jukyu": "JT_JUKYU.csv", "jido": "JT_JIDO.csv", "haigu": "JT_HAIGU.csv", "kettei": "JT_KETTEI.csv",
        "meisai": "JT_MEISAI.csv", "shiharai": "JT_SHIHARAI.csv", "genkyo": "JT_GENKYO.csv",
        "hantei": "JT_SHOTOKU.csv", "sashi": "JT_SASHI.csv", "choshu": "JT_CHOSHU.csv",
        "shisetsu": "JT_SHISETSU.csv", "koza": "JT_KOZA.csv",
    },
}  # fmt: skip
#: Legacy table -> file.
FILE_OF = {table: file for files in FILES.values() for table, file in files.items()}
#: Kind of planted fault -> the code of its one root report. Written from the meaning of the catalogue's codes.
CODE_OF = {
    "undecodable": "RED017",
    "column_count": "RED012",
    "nul": "RED016",
    "stray_quote": "RED011",
    "line_break": "RED014",
    "bad_key": "NRM002",
    "wrong_kojin_no": "CNV014",
    "bad_date": "NRM006",
    "bad_date_event": "NRM006",
    "unknown_code": "CNV090",
    "unknown_relation": "CNV009",
    "bad_address": "CNV007",
    "too_long": "CHK003",
    "missing_name": "CNV002",
    "birth_after_event": "CHK013",
    "death_state": "CHK012",
    "bad_person": "NRM002",
    "bad_year": "NRM007",
    "bad_amount": "NRM004",
    "negative_month": "CNV010",
    "month_13": "CHK004",
    "wrong_hojin_no": "CNV014",
    "year_mismatch": "CHK012",
    "no_collection": "CHK010",
    "no_latest": "CHK022",
    "history_gap": "CHK021",
    "duplicate_key": "CHK020",
    "unknown_person": "CHK024",
    "wrong_half": "CHK012",
    "opened_after_closed": "CHK013",
    "tax_sum": "CHK030",
    "collection_sum": "CHK030",
    "deduction_sum": "CHK030",
    "wrong_rate": "CHK031",
    "uneven_split": "CHK036",
    "negative_income": "CNV010",
    "asked_after_granted": "CHK013",
    "begun_after_ended": "CHK013",
    "no_end_day": "CHK010",
    "care_before_birth": "CHK013",
    "unknown_child": "CHK024",
    "wrong_age_class": "CHK032",
    "children_sum": "CHK030",
    "wrong_benefit": "CHK031",
    "period_overlap": "CHK038",
    "payment_sum": "CHK030",
    "filed_after_checked": "CHK013",
    "no_filing_day": "CHK010",
    "wrong_income_class": "CHK034",
    "wrong_insurer_no": "CHK014",
    "no_disease": "CHK010",
    "lost_but_open": "CHK011",
    "overlap": "CHK038",
    "wrong_validity": "CHK016",
    "wrong_limit": "CHK032",
    "over_limit": "CHK033",
    "wrong_premium": "CHK031",
    "fixed_sum": "CHK030",
    "benefit_sum": "CHK030",
    "joint_sum": "CHK030",
    "unlevied_receipt": "CHK024",
}
#: Code of a finding and its item -> kind of expected finding; an item only where the code alone does not tell.
FINDING_OF = {
    ("NRM011", ""): "era_impossible_day",
    ("NRM012", ""): "non_calendar_date",
    ("NRM013", ""): "non_calendar_date",
    ("NRM020", ""): "open_glyph",
    ("STP003", "nushi_no"): "head_not_found",
    ("STP003", "atena_no"): "cancelled_event_not_found",
    ("CNV015", ""): "wrong_juminhyo_cd",
    ("CHK014", ""): "wrong_city_code",
}
