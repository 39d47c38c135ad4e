"""Items of the old tax system's tables in file order: id, and the name that stands in the header."""

from __future__ import annotations

from collections.abc import Iterable

_KEYS = {"nendo": "課税年度", "atena_no": "宛名番号", "rireki_no": "履歴番号"}
_DELETED = {"sakujo_flg": "削除フラグ"}
#: Months in the order of the columns: June to May.
MONTHS = ("06", "07", "08", "09", "10", "11", "12", "01", "02", "03", "04", "05")
KINDS = {
    "kyuyo": "給与",
    "nenkin": "公的年金等",
    "gyomu": "雑（業務）",
    "zatsu": "雑（その他）",
    "eigyo": "営業等",
    "nogyo": "農業",
    "fudosan": "不動産",
    "rishi": "利子",
    "haito": "配当",
    "joto_tanki": "総合譲渡（短期）",
    "joto_choki": "総合譲渡（長期）",
    "ichiji": "一時",
    "tochi_tanki": "分離土地（短期）",
    "tochi_choki": "分離土地（長期）",
    "tochi_keigen": "分離土地（軽減）",
    "kabu_jojo": "分離株式（上場）",
    "kabu_ippan": "分離株式（一般）",
    "haito_jojo": "分離上場配当",
    "sakimono": "分離先物",
    "sanrin": "山林",
    "taishoku": "退職",
}
_DEPENDANT = {
    "no": "宛名番号",
    "kana": "カナ氏名",
    "kanji": "漢字氏名",
    "kojin_no": "個人番号",
    "zoku": "続柄",
    "umare": "生年月日",
    "kbn": "扶養区分",
    "shogai": "障害区分",
    "dokyo": "同居区分",
    "kokugai": "国外居住区分",
}
_SHARED = {
    "sanshutsu": "算出所得割額",
    "chosei": "調整控除額",
    "haito_kojo": "配当控除額",
    "jutaku": "住宅借入金等特別税額控除額",
    "kifu_kihon": "寄附金控除額（基本）",
    "kifu_tokurei": "寄附金控除額（特例）",
    "kifu_shinkoku": "寄附金控除額（申告特例）",
    "gaikoku": "外国税額控除額",
    "haitowari": "配当割・株式等譲渡所得割控除額",
    "zei_chosei": "税額調整額",
    "genmen": "減免額",
    "shotokuwari": "所得割額",
}


def _pairs(names: dict[str, str], ends: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {f"{item}_{end}": name + word for item, name in names.items() for end, word in ends}


KIHON_ITEMS = {
    **_KEYS,
    "saishin_kbn": "最新区分",
    **_DELETED,
    "kijitsu_ymd": "賦課期日",
    "setai_no": "世帯番号",
    "kana_shimei": "カナ氏名",
    "kanji_shimei": "漢字氏名",
    "umare_ymd": "生年月日",
    "umare_hyoki": "生年月日不詳表記",
    "kijitsu_jusho": "賦課期日住所",
    "seikatsu_kbn": "生活扶助区分",
    "shogai_kbn": "障害区分",
    "kafu_kbn": "寡婦区分",
    "gakusei_kbn": "勤労学生区分",
    "miseinen_kbn": "未成年区分",
    "kaoku_kbn": "家屋敷課税区分",
    "joyaku_kbn": "租税条約区分",
    "jutogai_kbn": "住登外課税区分",
    "tadantai_kbn": "他団体課税区分",
    "kazeisaki_cd": "課税先市区町村",
    "tsuchi_ymd": "他市町村通知日",
    "kazei_kbn": "課税非課税区分",
    "setai_kazei_kbn": "世帯課税区分",
    "choshu_kbn": "徴収区分",
    "kosei_jiyu": "更正事由",
    "kosei_ymd": "更正年月日",
    "kettei_ymd": "決定年月日",
    "shinkoku_kbn": "申告区分",
    "shinkoku_ymd": "申告年月日",
    "genmen_kbn": "減免区分",
    "genmen_gaku": "減免額",
    "sosha_id": "操作者ID",
    "sosa_ymd": "操作年月日",
    "sosa_time": "操作時刻",
}
SHOTOKU_ITEMS = {**_KEYS, **_DELETED, **_pairs(KINDS, (("shunyu", "収入"), ("shotoku", "所得")))}
KOJO_ITEMS = {
    **_KEYS,
    **_DELETED,
    "iryohi_kbn": "医療費控除区分",
    "zasson": "雑損控除",
    "iryohi": "医療費控除",
    "shakai": "社会保険料控除",
    "shokibo": "小規模企業共済等掛金控除",
    "seimei": "生命保険料控除",
    "jishin": "地震保険料控除",
    "shogaisha": "障害者控除",
    "kafu": "寡婦控除",
    "hitorioya": "ひとり親控除",
    "gakusei": "勤労学生控除",
    "haigusha": "配偶者控除",
    "haigu_toku": "配偶者特別控除",
    "fuyo": "扶養控除",
    "tokutei_shinzoku": "特定親族特別控除",
    "kiso": "基礎控除",
    "kojo_kei": "所得控除計",
}
FUYO_ITEMS = {
    **_KEYS,
    **_DELETED,
    "ninzu": "扶養人数",
    **{f"f{n}_{item}": f"扶養{n}{name}" for n in range(1, 7) for item, name in _DEPENDANT.items()},
}
ZEI_ITEMS = {
    **_KEYS,
    **_DELETED,
    "gokei_shotoku": "合計所得金額",
    "soshotoku": "総所得金額等",
    "kurikoshi": "繰越損失額",
    "chosei_shotoku": "所得金額調整控除額",
    "senju": "専従者給与額",
    "kojo_kei": "所得控除計",
    "jinteki_sa": "人的控除差計",
    "fuyo_ninzu": "扶養人数",
    "k_so": "課税総所得金額",
    "k_tanki": "課税短期譲渡所得金額",
    "k_choki": "課税長期譲渡所得金額",
    "k_kabu": "課税株式等所得金額",
    "k_haito": "課税上場配当所得金額",
    "k_sakimono": "課税先物所得金額",
    "k_sanrin": "課税山林所得金額",
    "k_taishoku": "課税退職所得金額",
    **_pairs(_SHARED, (("shi", "_市"), ("ken", "_県"))),
    "kinto_shi": "均等割額_市",
    "kinto_ken": "均等割額_県",
    "nenzei": "年税額",
    "fucho_gaku": "普通徴収税額",
    "tokucho_gaku": "特別徴収税額",
    "nentoku_gaku": "年金特徴税額",
}
KIBETSU_ITEMS = {
    **_KEYS,
    **_DELETED,
    "tsuchisho_no": "通知書番号",
    "koza_kbn": "口座区分",
    **{
        f"k{n}_{item}": f"第{n}期{name}"
        for n in range(1, 5)
        for item, name in (("gaku", "税額"), ("kigen", "納期限"), ("mae", "変更前税額"))
    },
}
TOKUCHO_ITEMS = {
    **_KEYS,
    **_DELETED,
    "shitei_no": "指定番号",
    "jukyusha_no": "受給者番号",
    "ido_kbn": "異動区分",
    "nenzei": "特別徴収税額",
    **{f"m{month}": f"{int(month)}月分" for month in MONTHS},
}
NENTOKU_ITEMS = {
    **_KEYS,
    "tsuki": "徴収月",
    **_DELETED,
    "kari_kbn": "仮本区分",
    "gaku": "徴収額",
    "gimusha_cd": "年金特徴義務者コード",
    "nenkin_cd": "年金コード",
    "kiso_no": "基礎年金番号",
    "teishi_kbn": "停止区分",
}
JIGYOSHO_ITEMS = {
    "shitei_no": "指定番号",
    "meisho": "名称",
    "kana": "カナ名称",
    "hojin_no": "法人番号",
    "yubin": "郵便番号",
    "jusho": "住所",
    "tel": "電話番号",
    "keiri": "経理連絡先",
    "noki_kbn": "納期特例区分",
    "kaishi_ymd": "開始年月日",
    "haishi_ymd": "廃止年月日",
    "sokatsu_kbn": "総括表区分",
    "denshi_kbn": "電子通知区分",
}
SHIRYO_ITEMS = {
    "nendo": "課税年度",
    "shiryo_no": "資料番号",
    "atena_no": "宛名番号",
    "shiryo_kbn": "資料区分",
    "tokutei_kbn": "個人特定区分",
    "shitei_no": "支払者指定番号",
    "shiharai": "支払金額",
    "kojogo": "給与所得控除後",
    "kojo_kei": "所得控除計",
    "gensen": "源泉徴収税額",
    "shaho": "社会保険料",
    "tekiyo": "摘要",
    "zenshoku_kbn": "前職区分",
    "shushoku_ymd": "就職年月日",
    "taishoku_ymd": "退職年月日",
    "gazo_no": "画像番号",
    "heigo_kbn": "併合区分",
}
CHOTEI_ITEMS = {
    "nendo": "課税年度",
    "chotei_nendo": "調定年度",
    "atena_no": "宛名番号",
    "tsuchisho_no": "通知書番号",
    "ren_no": "調定連番",
    "chotei_gaku": "調定額",
    "chotei_ymd": "調定年月日",
    "genkuri_kbn": "現年滞繰区分",
    "zeimoku": "税目",
}
GENMEN_ITEMS = {
    **{item: _KEYS[item] for item in ("nendo", "atena_no")},
    "ren_no": "減免連番",
    "jiyu": "減免事由",
    "kettei_ymd": "決定年月日",
    "wariai": "減免割合",
    "gaku": "減免額",
}
SOFUSAKI_ITEMS = {
    "atena_no": "宛名番号",
    "zeimoku": "税目",
    "ren_no": "連番",
    "kbn": "送付先区分",
    "kana": "カナ氏名",
    "kanji": "漢字氏名",
    "yubin": "郵便番号",
    "jusho": "住所",
    "kaishi_ymd": "開始年月日",
    "shuryo_ymd": "終了年月日",
}
SHOMEI_ITEMS = {
    **{item: _KEYS[item] for item in ("nendo", "atena_no")},
    "ren_no": "発行連番",
    "shurui": "証明種類",
    "hakko_ymd": "発行年月日",
    "maisu": "枚数",
}
CHOSA_ITEMS = {
    **{item: _KEYS[item] for item in ("nendo", "atena_no")},
    "ren_no": "調査連番",
    "jiyu": "調査事由",
    "chosa_ymd": "調査年月日",
    "kekka": "調査結果",
}
