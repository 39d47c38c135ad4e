"""A run that was reconciled once more, as text for a terminal."""

from __future__ import annotations

from typing import Any

from dmig.cli.render import grid, render_reconciliation
from dmig.model.small_groups import SMALL


def render_again(found: dict[str, Any], language: str) -> str:
    """Proofs and differences, totals side by side, files that are not those of the run."""
    ja = language == "ja"
    totals = [
        [t["total"], *(SMALL if t[side] is None else t[side] for side in ("source", "target")),
         "○" if t["agrees"] else "×"]
        for t in found["totals"]
    ]  # fmt: skip
    lines = [*render_reconciliation(found, language), "件数・合計" if ja else "Totals"]
    lines += grid(["", "元" if ja else "source", "先" if ja else "target", ""], totals)
    for title, line in _populations(found, ja):
        lines += ["", title, *line]
    if found["files"]:
        rows = [[f["side"], f["file"], f["state"]] for f in found["files"]]
        title = "実行のときと違うファイル" if ja else "Files that are not those of the run"
        lines += ["", title, *grid(["", "", ""], rows)]
    return "\n".join(lines)


def _populations(found: dict[str, Any], ja: bool) -> list[tuple[str, list[str]]]:
    """Keys and references that do not come out."""
    keys = [
        [k["group"], k["missing"] or 0, k["extra"] or 0, k["doubled"], k["explained"]]
        for k in found["keys"] if not k["agrees"]
    ]  # fmt: skip
    references = [
        [r["group"], r["item"], r["other"], r["dangling"], r["explained"]]
        for r in found["references"]
        if not r["agrees"]
    ]
    heads = ["", "不足", "余分", "重複", "説明のつく数"] if ja else ["", "missing", "extra", "doubled", "explained"]
    others = ["", "", "", "参照先なし", "説明のつく数"] if ja else ["", "", "", "dangling", "explained"]
    told = [("鍵の集合" if ja else "Keys", grid(heads, keys))] if keys else []
    return [*told, ("参照" if ja else "References", grid(others, references))] if references else told
