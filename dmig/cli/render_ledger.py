"""Approvals, judgements and what was verified, as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dmig.cli.render import GATE_NAMES, VERDICT, WORDS, grid
from dmig.ledger.approvals import Approval
from dmig.ledger.verifying import Verified

HEADERS = {
    "ja": ["承認", "時刻", "氏名", "役職", "課", "有効", "理由"],
    "en": ["approval", "at", "name", "role", "division", "holds", "reason"],
}


def render_approvals(approvals: Sequence[Approval], language: str) -> str:
    """A table of approvals to stand below a summary; nothing where there are none."""
    if not approvals:
        return ""
    w = WORDS[language]
    rows = [[a.number, a.at, a.name, a.role, a.division, w["yes" if a.holds else "no"], a.reason] for a in approvals]
    return "\n\n" + "\n".join(grid(HEADERS[language], rows))


def render_judgement(judgement: dict[str, Any], language: str) -> str:
    """Lines of gates and the verdict."""
    w = WORDS[language]
    rows = [
        [GATE_NAMES.get(g["gate"], g["gate"]) if language == "ja" else g["gate"], g["count"],
         "-" if g["limit"] is None else str(g["limit"]), VERDICT[language][g["status"]]]
        for g in judgement["gates"]
    ]  # fmt: skip
    verdict = f"{w['status']}: {VERDICT[language][judgement['status']]}  (exit {judgement['exit_code']})"
    return "\n".join(
        [f"{verdict}   run {judgement['run_id']}", *grid([w["gates"], w["count"], w["limit"], w["status"]], rows)]
    )


def render_verified(found: Verified) -> str:
    """What holds, and the hash of the last entry."""
    counts = f"{found.entries} entries, {found.signed} signed, {found.results} results, {found.files} files"
    return f"台帳に異状はありません / the ledger holds: {counts}\n{found.head}"
