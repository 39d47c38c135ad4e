"""Items of the old allowance system's tables in file order: id, and the name that stands in the header."""

from __future__ import annotations

JUKYU_ITEMS = {
    "atena_no": "宛名番号",
    "nintei_no": "認定番号",
    "rireki_no": "履歴番号",
    "sakujo_flg": "削除フラグ",
    "saishin_kbn": "最新区分",
    "kanji_shimei": "漢字氏名",
    "kana_shimei": "カナ氏名",
    "umare_ymd": "生年月日",
    "umare_hyoki": "生年月日不詳表記",
    "jusho": "住所",
    "jukyu_kbn": "受給者区分",
    "hiyo_kbn": "被用者区分",
    "seikyu_ymd": "請求年月日",
    "nintei_ymd": "認定年月日",
    "kaishi_ymd": "支給開始年月",
    "shometsu_ymd": "消滅年月日",
    "shometsu_jiyu": "消滅事由",
    "biko": "備考",
    "sosha_id": "操作者ID",
    "sosa_ymd": "操作年月日",
    "sosa_time": "操作時刻",
}
_JIDO_COLUMNS = {
    "no": "宛名番号",
    "kanji": "漢字氏名",
    "kana": "カナ氏名",
    "umare": "生年月日",
    "zoku": "続柄",
    "dokyo": "同居区分",
    "kango": "監護区分",
    "seikei": "生計区分",
    "kbn": "児童区分",
    "kaishi": "監護開始年月日",
    "shuryo": "監護終了年月日",
    "jiyu": "終了事由",
}
JIDO_ITEMS = {
    "atena_no": "宛名番号",
    "nintei_no": "認定番号",
    "sakujo_flg": "削除フラグ",
    "ninzu": "児童人数",
    **{f"c{slot}_{item}": f"児童{slot}{name}" for slot in range(1, 7) for item, name in _JIDO_COLUMNS.items()},
}
HAIGU_ITEMS = {
    "atena_no": "宛名番号",
    "nintei_no": "認定番号",
    "haigu_no": "配偶者宛名番号",
    "haigu_kanji": "配偶者漢字氏名",
    "haigu_kana": "配偶者カナ氏名",
    "umare_ymd": "生年月日",
    "umare_hyoki": "生年月日不詳表記",
    "dokyo_kbn": "同居区分",
    "hiyo_kbn": "被用者区分",
}
KETTEI_ITEMS = {
    "atena_no": "宛名番号",
    "nintei_no": "認定番号",
    "ren_no": "決定連番",
    "sakujo_flg": "削除フラグ",
    "kettei_ymd": "決定年月日",
    "tekiyo_ymd": "適用開始年月",
    "shuryo_ymd": "適用終了年月",
    "kbn": "給付区分",
    "jiyu": "決定事由",
    "nin_3saimiman": "3歳未満人数",
    "nin_3saiijo": "3歳以上小学校修了前人数",
    "nin_chugaku": "中学生人数",
    "nin_koko": "高校生年代人数",
    "nin_daisanshi": "第3子以降人数",
    "nin_kei": "支給対象児童数",
    "gaku_3saimiman": "3歳未満額",
    "gaku_3saiijo": "3歳以上小学校修了前額",
    "gaku_chugaku": "中学生額",
    "gaku_koko": "高校生年代額",
    "gaku_daisanshi": "第3子以降額",
    "getsugaku": "月額",
}
_MEISAI_COLUMNS = {"no": "宛名番号", "nen": "年齢区分", "jun": "出生順", "gaku": "月額"}
MEISAI_ITEMS = {
    "atena_no": "宛名番号",
    "nintei_no": "認定番号",
    "ren_no": "決定連番",
    "sakujo_flg": "削除フラグ",
    "tekiyo_ymd": "適用開始年月",
    "kbn": "給付区分",
    **{f"d{slot}_{item}": f"児童{slot}{name}" for slot in range(1, 7) for item, name in _MEISAI_COLUMNS.items()},
}
_SHIHARAI_COLUMNS = {"san": "算定額", "cho": "徴収額", "sei": "調整額", "gaku": "支払額", "ymd": "支払年月日"}
SHIHARAI_ITEMS = {
    "atena_no": "宛名番号",
    "nintei_no": "認定番号",
    "nen": "支払年",
    "eda_no": "枝番",
    "sakujo_flg": "削除フラグ",
    "hoho_kbn": "支払方法",
    **{
        f"p{month:02d}_{item}": f"{month}月{name}"
        for month in (2, 4, 6, 8, 10, 12)
        for item, name in _SHIHARAI_COLUMNS.items()
    },
}
GENKYO_ITEMS = {
    "atena_no": "宛名番号",
    "nintei_no": "認定番号",
    "nendo": "年度",
    "shoryaku_kbn": "提出省略区分",
    "teishutsu_ymd": "提出年月日",
    "kakunin_ymd": "確認年月日",
    "kekka": "審査結果",
}
SHOTOKU_ITEMS = {
    "atena_no": "宛名番号",
    "nintei_no": "認定番号",
    "nendo": "年度",
    "shotoku": "所得額",
    "kojo": "控除額",
    "hantei_gaku": "判定所得額",
    "fuyo_nin": "扶養人数",
    "hantei": "判定区分",
}
SASHI_ITEMS = {
    "atena_no": "宛名番号",
    "nintei_no": "認定番号",
    "ren_no": "連番",
    "kbn": "差止区分",
    "jiyu": "差止事由",
    "kaishi_ymd": "開始年月日",
    "kaijo_ymd": "解除年月日",
    "gaku": "差止額",
}
CHOSHU_ITEMS = {
    "atena_no": "宛名番号",
    "nintei_no": "認定番号",
    "ren_no": "連番",
    "kbn": "徴収区分",
    "moshide_ymd": "申出年月日",
    "kaishi_ymd": "開始年月",
    "shuryo_ymd": "終了年月",
    "gaku": "額",
    "tekiyo": "摘要",
}
SHISETSU_ITEMS = {
    "atena_no": "宛名番号",
    "nintei_no": "認定番号",
    "ren_no": "連番",
    "jido_no": "児童宛名番号",
    "shubetsu": "施設種別",
    "meisho": "施設名",
    "nyusho_ymd": "入所年月日",
    "taisho_ymd": "退所年月日",
}
KOZA_ITEMS = {
    "atena_no": "宛名番号",
    "ren_no": "連番",
    "kinyu_cd": "金融機関コード",
    "kinyu_mei": "金融機関名",
    "shiten_cd": "店舗コード",
    "shiten_mei": "店舗名",
    "shubetsu": "口座種別",
    "koza_no": "口座番号",
    "meigi": "口座名義カナ",
    "kokin_kbn": "公金受取口座区分",
    "kaishi_ymd": "開始年月日",
    "shuryo_ymd": "終了年月日",
}
