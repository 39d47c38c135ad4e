"""Items of the standard groups of premiums of 介護保険, like those in `truth_care_columns`."""

from __future__ import annotations

from dmig.synth.truth_care_columns import Group, New

#: Groups in the order of the layout, behind the others.
LEVY_GROUPS = (
    Group(
        "保険料賦課",
        "fuka",
        (),
        {
            "賦課年度": New("text", "year"),
            "被保険者番号": New("insured", "person"),
            "宛名番号": New("number", "person"),
            "履歴番号": New("text", "history"),
            "最新フラグ": New("flag", "latest"),
            "調定年度": New("text", "year"),
            "通知書番号": New("digits10", "notice"),
            "所得段階": New(
                "code", "stage", ("01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13")
            ),
            "基準額": New("text", "base"),
            "年額": New("text", "yearly"),
            "資格月数": New("text", "months"),
            "賦課額": New("text", "levied"),
            "減免額": New("text", "relief"),
            "確定額": New("text", "fixed"),
            "徴収方法": New("code", "way", ("1", "2", "3")),
            "普通徴収額": New("text", "ordinary"),
            "特別徴収額": New("text", "pension"),
            "特別徴収_年金コード": New("digits4", "pension_kind"),
            "特別徴収義務者コード": New("digits3", "payer"),
            "更正事由": New("code", "correction", ("1", "2", "3")),
            "更正年月日": New("day", "corrected"),
            "決定年月日": New("day", "decided"),
        },
    ),
    Group(
        "期別（普通徴収）",
        "fuka",
        ("01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"),
        {
            "賦課年度": New("text", "year"),
            "被保険者番号": New("insured", "person"),
            "宛名番号": New("number", "person"),
            "履歴番号": New("text", "history"),
            "通知書番号": New("digits10", "notice"),
            "期": New("label"),
            "期割額": New("spread", "instalment"),
        },
    ),
    Group(
        "特別徴収",
        "fuka",
        ("04", "06", "08", "10", "12", "02"),
        {
            "賦課年度": New("text", "year"),
            "被保険者番号": New("insured", "person"),
            "宛名番号": New("number", "person"),
            "履歴番号": New("text", "history"),
            "通知書番号": New("digits10", "notice"),
            "特別徴収月": New("label"),
            "仮徴収・本徴収区分": New("spread", "half", ("1", "2")),
            "特別徴収月額": New("spread", "by_pension"),
        },
    ),
    Group(
        "保険料減免・徴収猶予",
        "hokengenmen",
        (),
        {
            "賦課年度": New("text", "year"),
            "被保険者番号": New("insured", "person"),
            "宛名番号": New("number", "person"),
            "履歴番号": New("text", "history"),
            "減免区分": New("code", "kind", ("1", "2")),
            "減免事由": New("code", "reason", ("1", "2", "3")),
            "決定年月日": New("day", "decided"),
            "減免額": New("text", "amount"),
        },
    ),
    Group(
        "収納",
        "shunou",
        (),
        {
            "賦課年度": New("text", "year"),
            "通知書番号": New("digits10", "notice"),
            "被保険者番号": New("insured", "person"),
            "宛名番号": New("number", "person"),
            "徴収方法": New("code", "way", ("1", "2")),
            "期・月": New("digits2", "part"),
            "収納連番": New("text", "serial"),
            "収納区分": New("code", "kind", ("1", "2")),
            "領収年月日": New("day", "day"),
            "収納額": New("text", "amount"),
            "延滞金": New("text", "late"),
        },
    ),
)
