"""What the operations of a municipality have published, held against each other: the last run of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dmig.errors import Diagnostics, UsageFault
from dmig.model.across import AcrossRule
from dmig.model.layout import StandardLayout
from dmig.model.small_groups import LEAST, SMALL
from dmig.pipeline.books import open_book
from dmig.pipeline.generations import PARQUET, Published, published
from dmig.spec.across import check_across, read_across
from dmig.spec.library import Library, load
from dmig.stages.reconcile.across import judge_across
from dmig.store.private import empty_folder, private_umask, read_json

HOLDS, BROKEN, NOT_JUDGED, NOT_APPLICABLE = "holds", "broken", "not judged", "not applicable"
Layouts = dict[str, StandardLayout]


def reconcile_across(runs: Path) -> dict[str, Any]:
    """Every rule of across.csv over the last run of each operation in a folder of runs.

    `exit_code` 4 where a rule whose outcome is a difference is broken or a published file is not as it was, 1 where a
    rule found no row to judge. A rule whose operation has no run here is not applicable, and says so. Keys of what is
    broken are written to the protected folder of the rule's own operation; `UsageFault` RUN002 without any run.
    """
    results = _latest(runs)
    if not results:
        raise UsageFault("RUN002", run="latest")
    library = Library(Path(read_json(runs / str(next(iter(results.values()))["run_id"]) / "run.json")["library"]))
    diagnostics = Diagnostics()
    layouts = {name: load(library, name, result["system"], diagnostics).layout for name, result in results.items()}
    rules = read_across(library.root, diagnostics)
    check_across(rules, layouts, library.root, diagnostics)
    diagnostics.stop_if_any()
    sides = {name: published(runs, result) for name, result in results.items()}
    with private_umask():
        for side in sides.values():
            empty_folder(_folder(runs, side))
        lines = [_judged(rule, layouts, sides, runs) for rule in rules]
    files = [line for side in sides.values() for line in side.altered(side.groups)]
    return {
        "runs": [{"operation": name, "run_id": side.run_id} for name, side in sides.items()],
        "exit_code": _exit_code(lines, files), "rules": lines, "files": files,
    }  # fmt: skip


def _latest(runs: Path) -> dict[str, dict[str, Any]]:
    """The last stored result of each operation."""
    found: dict[str, dict[str, Any]] = {}
    book = open_book(runs)
    try:
        for entry in book.runs():
            result = book.result(entry.run_id)
            if result is not None:
                found.setdefault(str(result["operation"]), result)
    finally:
        book.close()
    return dict(sorted(found.items()))


def _folder(runs: Path, side: Published) -> Path:
    return runs / side.run_id / "protected" / "across"


def _judged(rule: AcrossRule, layouts: Layouts, sides: dict[str, Published], runs: Path) -> dict[str, Any]:
    line = {
        "rule": rule.rule, "kind": rule.kind, "item": str(rule.item), "others": [str(seat) for seat in rule.others],
        "outcome": rule.outcome, "basis": rule.basis, "advice_staff": rule.advice_staff, "reason": "",
    }  # fmt: skip
    lacking = [operation for operation in rule.operations if operation not in layouts]
    if lacking:
        return {**line, "rows": 0, "broken": 0, "status": NOT_APPLICABLE, "reason": " ".join(lacking)}
    seats = {(seat.operation, seat.group) for seat in (rule.item, *rule.others)}
    parts = {(operation, group): sides[operation].parts(PARQUET, group) for operation, group in seats}
    empty = [".".join(seat) for seat, paths in parts.items() if not paths]
    if empty:
        return {**line, "rows": 0, "broken": 0, "status": NOT_JUDGED, "reason": " ".join(empty)}
    found = judge_across(rule, parts, sides[rule.others[0].operation if rule.others else rule.item.operation].as_of)
    if found.broken.height:
        found.broken.write_csv(_folder(runs, sides[rule.item.operation]) / f"{rule.rule}.csv")
    status = NOT_JUDGED if not found.rows else BROKEN if found.broken.height else HOLDS
    return {**line, "rows": found.rows, "broken": _few(found.broken.height), "status": status}


def _few(count: int) -> int | str:
    return SMALL if 0 < count < LEAST else count


def _exit_code(lines: list[dict[str, Any]], files: list[dict[str, str]]) -> int:
    if files or any(line["status"] == BROKEN and line["outcome"] == "difference" for line in lines):
        return 4
    judged = [line for line in lines if line["status"] in (HOLDS, BROKEN)]
    return 1 if not judged or any(line["status"] == NOT_JUDGED for line in lines) else 0
