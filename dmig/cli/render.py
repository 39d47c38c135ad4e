"""Results and faults as text for a terminal; Japanese first, no value of a record."""

from __future__ import annotations

import traceback
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from dmig.cli.render_decisions import decisions
from dmig.errors import Diagnostic, code

VERDICT = {
    "ja": {"pass": "合格", "fail": "不合格", "could not judge": "判定できず", "error": "エラー"},
    "en": {"pass": "PASS", "fail": "FAIL", "could not judge": "COULD NOT JUDGE", "error": "ERROR"},
}
WORDS = {
    "ja": {
        "sample": "見本データ", "dry": "試行（公開しない）", "real": "本番", "tables": "元の記録の行方",
        "read": "読込", "refused": "読込拒否", "excluded": "除外", "used": "使用", "not_used": "未使用",
        "groups": "移行先の行の由来", "rows": "行", "created": "作成", "merged": "統合", "split": "分割",
        "accepted": "受入", "rejected": "拒否", "balanced": "一致", "yes": "○", "no": "×", "rejects": "拒否の原因",
        "findings": "注意（拒否しない）", "root": "根本", "cascade": "連鎖", "consequence": "派生", "gates": "関門",
        "count": "件数", "limit": "上限", "reconcile": "突合", "compared": "比較", "differing": "相違",
        "outputs": "出力", "records": "件", "next": "次にすること", "table": "表", "group": "グループ", "status": "判定",
        "code": "コード", "meaning": "意味", "item": "項目", "file": "ファイル", "mapped": "項目数", "signature": "別の読み方",
        "function": "コード表", "other": "逆変換・合計", "unproved": "未証明", "unproved items": "証明のない項目",
        "reason": "理由", "class": "種類", "acceptance": "受入検査（書き出したもの）", "passed": "合格", "failed": "不合格",
        "not run": "判定できず", "not applicable": "対象なし", "round trips": "往復の確認（逆変換）", "cells": "比較した値",
        "not invertible": "戻せない", "comparisons": "照合",
    },
    "en": {
        "sample": "SAMPLE DATA", "dry": "dry run (nothing published)", "real": "real run",
        "tables": "Fate of source records", "read": "read", "refused": "refused", "excluded": "excluded",
        "used": "used", "not_used": "not used", "groups": "Origin of target rows", "rows": "rows",
        "created": "created", "merged": "merged", "split": "split", "accepted": "accepted", "rejected": "rejected",
        "balanced": "balanced", "yes": "yes", "no": "NO", "rejects": "Rejects by cause",
        "findings": "Findings (nothing refused)", "root": "root", "cascade": "cascade",
        "consequence": "consequence", "gates": "Gates", "count": "count", "limit": "limit",
        "reconcile": "Reconciliation", "compared": "compared", "differing": "differing", "outputs": "Outputs",
        "records": "records", "next": "Next", "table": "table", "group": "group", "status": "status",
        "code": "code", "meaning": "meaning", "item": "item", "file": "file", "mapped": "items", "signature": "signature",
        "function": "function", "other": "inverse/total", "unproved": "unproved", "unproved items": "Items without proof",
        "reason": "reason", "class": "class", "acceptance": "Acceptance (what was written)", "passed": "passed",
        "failed": "failed", "not run": "not run", "not applicable": "not applicable",
        "round trips": "Round trips (inverse)", "cells": "values compared", "not invertible": "not invertible",
        "comparisons": "proofs",
    },
}  # fmt: skip
GATE_NAMES = {
    "rejects": "拒否", "cascades": "連鎖拒否", "blanked": "空にした項目", "undecided": "未決", "not_used": "未使用の記録",
    "differences": "突合の相違", "findings": "注意", "manual_entry": "手入力の記録", "unproved": "証明のない項目",
    "glyphs": "同定していない外字", "silent_rules": "動かなかった規則", "empty_tables": "空の表", "acceptance": "受入検査",
    "acceptance_not_run": "動かなかった受入検査",
}  # fmt: skip


def width(text: str) -> int:
    """Columns a text takes on a terminal; East Asian wide and ambiguous characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def grid(header: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A table in plain text: text to the left, numbers to the right."""
    cells = [list(header), *([f"{c:,}" if isinstance(c, int) else str(c) for c in row] for row in rows)]
    numeric = [all(isinstance(row[n], int) for row in rows) for n in range(len(header))] if cells[1:] else []
    widths = [max(width(row[n]) for row in cells) for n in range(len(header))]
    lines = []
    for row in cells:
        padded = [
            (" " * (w - width(c)) + c) if numeric and numeric[n] else (c + " " * (w - width(c)))
            for n, (c, w) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  " + "  ".join(padded).rstrip())
    return lines


def render_summary(result: dict[str, Any], language: str = "ja") -> str:
    """The summary that a person reads first."""
    w = WORDS[language]
    mode = w["dry"] if result["dry_run"] else w["real"]
    verdict = VERDICT[language][result["status"]]
    lines = [w["sample"] + f"（{result['fixture']}）" if not result["site"] else result["site"]]
    lines += [f"dmig run {result['operation']} ({result['system']})  {mode}  as of {result['as_of']}",
              f"{w['status']}: {verdict}  (exit {result['exit_code']})   run {result['run_id']}", ""]  # fmt: skip
    lines += [w["tables"], *grid(
        [w["table"], w["read"], w["refused"], w["excluded"], w["used"], w["not_used"]],
        [[t["table"], t["read"], t["refused"], sum(t["excluded"].values()), t["used"], t["not_used"]]
         for t in result["tables"]],
    ), ""]  # fmt: skip
    lines += [w["groups"], *grid(
        [w["group"], w["read"], w["created"], w["split"], w["merged"], w["excluded"], w["accepted"], w["rejected"],
         w["balanced"]],
        [[g["group"], g["read"], g["created"], g["split"], g["merged"], g["excluded"], g["accepted"], g["rejected"],
          w["yes"] if g["balanced"] else w["no"]] for g in result["groups"]],
    ), ""]  # fmt: skip
    lines += _codes(result, language)
    if shown := decisions(result, language):
        title, header, rows, last = shown
        lines += [title, *grid(header, rows), last, ""]
    lines += _acceptance(result.get("acceptance"), w)
    lines += _reconciliation(result["reconciliation"], w)
    lines += [w["gates"], *grid(
        [w["gates"], w["count"], w["limit"], w["status"]],
        [[GATE_NAMES.get(g["gate"], g["gate"]) if language == "ja" else g["gate"], g["count"],
          "-" if g["limit"] is None else str(g["limit"]), VERDICT[language][g["status"]]] for g in result["gates"]],
    ), ""]  # fmt: skip
    csv_files = [o for o in result["outputs"] if o["file"].endswith(".csv") and "/" not in o["file"]]
    lines += [w["outputs"], *grid([w["file"], w["records"], "sha256"],
                                  [[o["file"], o["records"], o["sha256"][:16] + "…"] for o in csv_files])]  # fmt: skip
    if result["rejects_by_code"]:
        lines += ["", f"{w['next']}: dmig reject list --run {result['run_id']}"]
    return "\n".join(lines)


def _acceptance(accepted: dict[str, Any] | None, w: dict[str, str]) -> list[str]:
    """Expectations by group; then those that failed or could not run."""
    if accepted is None:
        return []
    header = [w["group"], w["rows"], w["passed"], w["failed"], w["not run"], w["not applicable"]]
    lines = [w["acceptance"], *grid(header, [
        [g["group"], g["rows"], g["passed"], g["failed"], g["could_not_run"], g["not_applicable"]]
        for g in accepted["groups"]
    ]), ""]  # fmt: skip
    bad = [e for e in accepted["expectations"] if e["status"] in ("failed", "could not run")]
    rows = [[e["group"], e["item"] or e["rules"][0], e["status"], e["unexpected"], e["reason"] or "-"] for e in bad]
    return [*lines, *grid([w["group"], w["item"], w["status"], w["count"], w["reason"]], rows), ""] if bad else lines


def _reconciliation(reconciled: dict[str, Any], w: dict[str, str]) -> list[str]:
    """Coverage by proof class; then what is not proved, with the reason, and what differs."""
    unproved = [[p["group"], p["name"], p["reason"]] for p in reconciled["proofs"] if p["status"] == "unproved"]
    compared = {c["group"]: 0 for c in reconciled["coverage"]}
    for proof in reconciled["proofs"]:
        compared[proof["group"]] = max(compared[proof["group"]], proof["compared"])
    rows = [
        [c["group"], c["mapped"], c["signature"], c["function"], c["inverse"] + c["total"], c["recomputed"] + c["none"],
         compared[c["group"]]]
        for c in reconciled["coverage"]
    ]  # fmt: skip
    header = [w["group"], w["mapped"], w["signature"], w["function"], w["other"], w["unproved"], w["compared"]]
    lines = [w["reconcile"], *grid(header, rows), "", *_round_trips(reconciled.get("round_trips") or [], w)]
    if unproved:
        lines += [w["unproved items"], *grid([w["group"], w["item"], w["reason"]], unproved), ""]
    if reconciled["differences"]:
        rows = [[d["group"], d["item"], d["table"], d["class"], d["count"]] for d in reconciled["differences"]]
        lines += [w["differing"], *grid([w["group"], w["item"], w["table"], w["class"], w["count"]], rows), ""]
    return lines


def _round_trips(trips: list[dict[str, Any]], w: dict[str, str]) -> list[str]:
    """Sources rebuilt from what was published, by group: how many proofs and cells, what does not come back."""
    counts: dict[str, list[int]] = {}
    for trip in trips:
        found = counts.setdefault(trip["group"], [0, 0, 0, 0])
        for n, count in enumerate((1, trip["compared"], trip["not_invertible"], trip["differing"])):
            found[n] += count
    if not counts:
        return []
    header = [w["group"], w["comparisons"], w["cells"], w["not invertible"], w["differing"]]
    return [w["round trips"], *grid(header, [[group, *found] for group, found in counts.items()]), ""]


def render_reconciliation(reconciled: dict[str, Any], language: str = "ja") -> list[str]:
    """What reconciliation proved and found."""
    return _reconciliation(reconciled, WORDS[language])


def _codes(result: dict[str, Any], language: str) -> list[str]:
    w, lines = WORDS[language], []
    if result["rejects_by_code"]:
        rows = [
            [name, counts["root"], counts["cascade"], counts["consequence"], code(name).message(language)]
            for name, counts in result["rejects_by_code"].items()
        ]
        header = [w["code"], w["root"], w["cascade"], w["consequence"], w["meaning"]]
        lines += [w["rejects"], *grid(header, rows), ""]
    if result["findings_by_code"]:
        rows = [[name, count, code(name).message(language)] for name, count in result["findings_by_code"].items()]
        lines += [w["findings"], *grid([w["code"], w["count"], w["meaning"]], rows), ""]
    return lines


def render_diagnostics(diagnostics: list[Diagnostic], language: str = "ja") -> str:
    """All faults of declarative files, and how many there are."""
    tail = f"宣言ファイルの誤り {len(diagnostics)} 件" if language == "ja" else f"{len(diagnostics)} faults"
    return "\n".join([*(d.render(language) for d in diagnostics), tail])


def render_program_fault(error: BaseException) -> str:
    """Where the program failed, without the text of the exception: it may quote a value."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames if "dmig" in frame.filename]
    text = [f"{type(error).__name__}", *lines]
    if type(error).__module__.startswith("dmig."):
        text.insert(0, str(error))
    return "\n".join(["プログラムの誤りです (exit 70) / a fault of the program", *text])
