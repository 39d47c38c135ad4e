"""A work list as a workbook: locked locators, what people need to decide, and the columns that they fill."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from dmig.errors import code
from dmig.model.repairs import TREATMENT_NAMES, Treatment
from dmig.pipeline.lookup import HIDDEN, PROTECTED_NUMBERS
from dmig.pipeline.worklist import Entry, Worklist
from dmig.spec.repairs import key_text
from dmig.spec.sheets.cells import readable
from dmig.spec.sheets.nouns import LINE, READ_ONLY, Book, Column, Page, Row, Stamp

TITLE, KIND, FILE = "作業一覧", "worklist", "repairs.csv"
#: A new value that stands for a blank cell.
BLANKED = "（空）"
KEY = ("table", "key", "item", "code")
WEIGHTS = {"reject": "拒否", "blank": "空欄", "finding": "注意", "": "（この実行では原因なし）"}
GUIDE = (
    "このブックは dmig worklist export が書きました。書き込んだら dmig worklist import で取り込みます。",
    "誤りがあれば、行と列を示して断ります。取り込むのは、すべての行が正しいときだけです。",
    "白いセル（処置・新しい値・理由・担当・期限）だけに書きます。灰色の列と見出しは変えないでください。",
    "行は消さず、足さないでください。並べ替えと絞り込みは自由です。",
    "旧側修正: 旧システムで直す（次の納品物まで残る）。",
    "補正: 新しい値で移行する。旧システムの書き方で書きます。空にするときは（空）と書きます。",
    "手入力: この記録とそのまとまり（宛名番号など）を移行から外し、新システムに手で入力する。",
    "容認: 注意をそのまま認める（拒否は容認できません）。",
    "補正・手入力・容認は、担当とは別の人が dmig worklist approve で承認してはじめて効きます。",
    "住民の値が入っています。保護フォルダーの外に置かないでください。支援措置の列が ○ の人の住所は特に注意してください。",
    "Fill the white cells only. A repair has a new value in the form of the old system and a reason; another person approves.",
)
COLUMNS = (
    Column(LINE, "行", own=False),
    Column("table", "表", locked=True),
    Column(f"{READ_ONLY}file", "ファイル", own=False),
    Column("key", "記録の鍵", locked=True),
    Column(f"{READ_ONLY}record", "記録番号", own=False),
    Column("item", "項目", locked=True),
    Column(f"{READ_ONLY}item", "項目名", own=False),
    Column("code", "コード", locked=True),
    Column(f"{READ_ONLY}weight", "扱い", own=False),
    Column(f"{READ_ONLY}meaning", "意味", own=False),
    Column(f"{READ_ONLY}advice", "助言", own=False),
    Column(f"{READ_ONLY}target", "移行先の項目", own=False),
    Column(f"{READ_ONLY}unit", "宛名番号", own=False),
    Column(f"{READ_ONLY}name", "氏名", own=False),
    Column(f"{READ_ONLY}protected", "支援措置", own=False),
    Column(f"{READ_ONLY}old_value", "いまの値", own=False),
    Column(f"{READ_ONLY}before", "前回の決定", own=False),
    Column(f"{READ_ONLY}approved_by", "承認", own=False),
    Column("treatment", "処置", choices=tuple(TREATMENT_NAMES.values())),
    Column("new_value", "新しい値"),
    Column("reason", "理由"),
    Column("decided_by", "担当"),
    Column("due", "期限"),
)
FILLED = ("treatment", "new_value", "reason", "decided_by", "due")


def book_of(worklist: Worklist) -> Book:
    """The workbook of a work list; the same run and the same decisions always give the same one."""
    rows = tuple(Row(line, _cells(worklist, entry)) for line, entry in enumerate(worklist.entries, start=1))
    path = worklist.repairs or worklist.stored.protected / FILE
    asked, result = worklist.asked, worklist.stored.result
    page = Page(TITLE, FILE, path, KEY, COLUMNS, rows, _state(rows), personal=True, fixed=True)
    version = json.dumps([asked.division, asked.code, asked.with_number], ensure_ascii=False)
    stamp = Stamp(str(result["operation"]), str(result["system"]), KIND, asked.run, version)
    return Book(stamp, (page,), GUIDE)


def _state(rows: tuple[Row, ...]) -> str:
    """The hash of what was decided about these rows: a workbook that somebody has overtaken is refused."""
    shown = [[row.cells[name] for name in (*KEY, *FILLED)] for row in rows]
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()


def _cells(worklist: Worklist, entry: Entry) -> dict[str, str]:
    person, table = entry.person, worklist.stored.legacy.table(entry.table)
    item = table.item(entry.item) if table else None
    unit = person.unit if person else (entry.key or ("",))[0]
    old = person.shown(entry.item, with_number=worklist.asked.with_number) if person else ""
    return {
        "table": entry.table,
        f"{READ_ONLY}file": worklist.stored.file(entry.table),
        "key": locator(entry),
        f"{READ_ONLY}record": str(person.record) if person else "",
        "item": entry.item,
        f"{READ_ONLY}item": item.name if item else "",
        "code": entry.code,
        f"{READ_ONLY}weight": WEIGHTS[entry.severity],
        f"{READ_ONLY}meaning": code(entry.code).message("ja"),
        f"{READ_ONLY}advice": advice(worklist, entry),
        f"{READ_ONLY}target": "・".join(_targets(worklist, entry)),
        f"{READ_ONLY}unit": unit,
        f"{READ_ONLY}name": readable(worklist.names.get(unit, "")),
        f"{READ_ONLY}protected": "○" if unit in worklist.protected else "",
        f"{READ_ONLY}old_value": readable(old).replace("\n", "\\n"),
        f"{READ_ONLY}before": _before(entry),
        f"{READ_ONLY}approved_by": entry.decision.approved_by if entry.decision else "",
        **filled(entry, with_number=worklist.asked.with_number),
    }


def locator(entry: Entry) -> str:
    """How a row names its record; one whose key is not sure goes by its number, which no later delivery knows."""
    if entry.key is not None:
        return key_text(entry.key)
    return f"#{entry.person.record}" if entry.person else ""


def advice(worklist: Worklist, entry: Entry) -> str:
    """What staff can do: the rule's own advice, else that of the code."""
    own = next((rule.advice_staff for rule in worklist.layout.rules if rule.rule == entry.rule), "")
    return own or code(entry.code).remedy_ja.replace("{", "〔").replace("}", "〕")


def _targets(worklist: Worklist, entry: Entry) -> Iterator[str]:
    group = worklist.layout.group(entry.group)
    for name in entry.targets:
        item = group.item(name) if group else None
        yield item.name if item else name


def _before(entry: Entry) -> str:
    """What was decided before, and whether that still holds."""
    if entry.decision is None:
        return ""
    name = TREATMENT_NAMES[entry.decision.treatment]
    if entry.stale:
        return f"{name}（元の値が変わり失効）"
    if entry.decision.treatment is Treatment.FIX_AT_SOURCE:
        return name
    return name if entry.decision.approved else f"{name}（承認待ち）"


def filled(entry: Entry, *, with_number: bool) -> dict[str, str]:
    """The columns that staff fill, with what they decided before; a stale decision is to be made anew."""
    decision = entry.decision
    if decision is None:
        return dict.fromkeys(FILLED, "")
    new = decision.new_value.replace("\n", "\\n")
    if decision.treatment is Treatment.REPAIR and not new:
        new = BLANKED
    if entry.item in PROTECTED_NUMBERS and not with_number and new:
        new = HIDDEN
    return {
        "treatment": "" if entry.stale else TREATMENT_NAMES[decision.treatment],
        "new_value": new,
        "reason": decision.reason.replace("\n", "\\n"),
        "decided_by": decision.decided_by,
        "due": decision.due,
    }
