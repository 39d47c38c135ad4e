"""How far a run is: one moving line on a terminal, structured lines where the output is kept."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

STAGES = {
    "read": "読込", "shape": "整形", "convert": "変換", "finish": "仕上げ", "check": "検査", "judge": "判定", "write": "書出し",
    "conserve": "保存則", "reconcile": "突合",
}  # fmt: skip


def watch() -> Callable[[str, int], None]:
    """A watcher for standard error: a moving line on a terminal, otherwise one JSON line per completed stage."""
    began = time.monotonic()
    order = list(STAGES)

    def moving(stage: str, blocks: int) -> None:
        done = order.index(stage) + (1 if blocks < 0 else 0)
        bar = "█" * done + "░" * (len(order) - done)
        count = f" {blocks} blocks" if blocks > 0 else ""
        end = "\r\033[K" if done == len(order) else ""
        sys.stderr.write(f"\r\033[K{bar} {STAGES[stage]}{count} {time.monotonic() - began:.0f}s{end}")
        sys.stderr.flush()

    def lines(stage: str, blocks: int) -> None:
        if blocks < 0:
            entry = {"stage": stage, "done": True, "elapsed_s": round(time.monotonic() - began, 3)}
            sys.stderr.write(json.dumps(entry) + "\n")

    return moving if sys.stderr.isatty() else lines
