"""What came of the decisions of staff, as a summary shows it: counts, never a value."""

from __future__ import annotations

from typing import Any

STATES = ("declared", "applied", "lapsed", "unapproved", "open", "unused")
WORDS = {
    "ja": {
        "decisions": "職員の処置", "treatment": "処置", "declared": "決定", "applied": "実施", "lapsed": "失効",
        "unapproved": "承認待ち", "open": "旧側待ち", "unused": "効果なし", "repaired": "補正した値で突合した行（項目ごとの最大）",
        "fix_at_source": "旧側修正", "repair": "補正", "manual_entry": "手入力", "accept": "容認",
    },
    "en": {
        "decisions": "Decisions of staff", "treatment": "treatment", "declared": "decided", "applied": "carried out",
        "lapsed": "lapsed", "unapproved": "not approved", "open": "left to the old system", "unused": "without effect",
        "repaired": "rows compared with a repaired value (most of any item)", "fix_at_source": "fix in the old system",
        "repair": "repair", "manual_entry": "manual entry", "accept": "accept",
    },
}  # fmt: skip


def decisions(result: dict[str, Any], language: str) -> tuple[str, list[str], list[list[object]], str] | None:
    """Title, header, rows and a last line; None where nobody decided anything."""
    w, found = WORDS[language], result.get("repairs", {}).get("decisions", [])
    if not found:
        return None
    rows = [[w[d["treatment"]], *(d[name] for name in STATES)] for d in found]
    compared = max((s.get("repaired", 0) for s in result["reconciliation"]["signatures"]), default=0)
    return w["decisions"], [w["treatment"], *(w[name] for name in STATES)], rows, f"  {w['repaired']}: {compared:,}"
