"""Results to make reports of: two real runs, and one with every part that a result may have."""

from __future__ import annotations

import copy
import csv
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "import sys; from dmig.cli.main import main; sys.argv[0] = 'dmig'; main()"
CIRCUMSTANCES: dict[str, Any] = {
    "started_at": "2026-10-01T09:00:00+00:00", "python": "3.11.0", "packages": {"dmig": "0.1.0"}, "run_hash": "5" * 64,
    "head": "7" * 64,
    "approvals": [
        {"name": "住民課　見本太郎", "role": "作成", "at": "2026-10-01T10:00:00+00:00", "holds": True},
        {"name": "情報課　見本花子", "role": "承認", "at": "2026-10-01T11:00:00+00:00", "holds": False},
    ],
}  # fmt: skip


def dmig(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own."""
    command = [sys.executable, "-c", PROGRAM, *map(str, words)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def ran(folder: Path) -> dict[str, Any]:
    """Both fixtures run in a folder: name -> folder of the run."""
    found: dict[str, Any] = {}
    for fixture in ("clean", "faults"):
        dmig("run", "jumin", "--dry-run", "--fixture", fixture, "--runs", folder / fixture, cwd=folder)
        [found[fixture]] = [path.parent for path in (folder / fixture).glob("*/result.json")]
    return found


def result_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return found


def full(result: dict[str, Any]) -> dict[str, Any]:
    """A result with every part, invented where the run has none."""
    rich = copy.deepcopy(result)
    groups = list(rich["names"]["groups"])
    rich["acceptance"] = {
        "groups": [
            {"group": g, "batches": 1, "rows": 90, "passed": 20, "failed": 1, "could_not_run": 0, "not_applicable": 2}
            for g in groups
        ],
        "expectations": [
            {"group": groups[0], "expectation": "expect_x", "item": "氏名", "rules": ["R1"], "status": status,
             "evaluated": 90, "unexpected": 3, "reason": reason}
            for status, reason in (("passed", ""), ("could not run", "unreadable"), ("failed", ""))
        ],
    }  # fmt: skip
    rich["self_test"] = {
        "status": "fail", "rules": 2,
        "engines": [{"rule": "JUM001", "engine": "duckdb", "fired": True},
                    {"rule": "JUM002", "engine": "pandera", "fired": False}],
    }  # fmt: skip
    rich["reconciliation"] |= reconciliation(groups)
    rich["accepted_differences"] = [
        {"id": "AD01", "scope": "生年月日", "reason": "改元前の届出", "approver": "住民課長", "expires": "2027-03-31",
         "used": 1, "status": "used"}
    ]  # fmt: skip
    rich["legacy_defects"] = [{"code": "NRM012", "table": "rireki", "item": "生年月日", "count": 6, "division": "住民"}]
    rich["dispositions"] = [
        {"table": "genzai", "item": "予備", "disposition": "dropped", "reason": "常に空", "decided_by": "住民課"}
    ]
    rich["co_occurrence"] = [{"codes": ["CNV090", "NRM006"], "records": None}]
    return rich


def reconciliation(groups: list[str]) -> dict[str, Any]:
    """What reconciliation may say, small counts and weak proofs among it."""
    classes = (["signature"], ["none"], ["recomputed"], ["function", "inverse"], [], ["signature", "recomputed"])
    counts = (120, 9, 3, 0, 10, 1)
    return {
        "proofs": [
            {"group": groups[0], "item": f"i{n}", "name": f"項目{n}", "classes": c, "compared": 90, "differing": n // 5,
             "status": "unproved" if not c or c == ["none"] else "differs" if n == 5 else "proved",
             "reason": "自由記述" if c == ["none"] else ""}
            for n, c in enumerate(classes)
        ],
        "coverage": [
            {"group": g, "mapped": 9, "signature": 4, "function": 2, "inverse": 1, "total": 0, "recomputed": 1, "none": 1}
            for g in groups
        ],
        "round_trips": [
            {"group": groups[0], "item": f"項目{n}", "table": "genzai", "source": f"s{n}", "converter": "kana_full",
             "compared": 80, "not_invertible": 10, "differing": n, "records": []}
            for n in range(2)
        ],
        "differences": [
            {"group": groups[0], "item": "氏名", "table": "genzai", "class": "glyph", "count": 3, "accepted": 1}
        ],
        "codes": [
            {"group": groups[0], "item": "i0 i1", "code_table": "idojiyu",
             "pairs": [{"sources": [f"0{n}"], "target": f"1{n}", "count": count, "agreed": n != 2}
                       for n, count in enumerate(counts)]}
        ],
        "keys": [{"group": groups[0], "source": 90, "target": 89, "missing": 1, "extra": 0, "doubled": 0,
                  "explained": 0, "agrees": False}],
        "blank_with_candidate": [{"group": groups[0], "item": "方書", "count": 7}],
        "exclusions": [
            {"group": groups[0], "table": "genzai", "reason": "論理削除", "source": 12, "excluded": 13, "kept": 0,
             "wrong": 1, "explained": 0, "proved": True, "agrees": False}
        ],
        "references": [
            {"group": groups[0], "item": "setaibango", "name": "世帯番号", "other": f"{groups[-1]}.setaibango",
             "other_name": "世帯番号", "rows": 90, "dangling": 2, "explained": 2, "agrees": True}
        ],
    }  # fmt: skip


def told(workbook: bytes) -> str:
    """All text inside a workbook, unpacked."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        return "\n".join(parts.read(name).decode("utf-8") for name in parts.namelist())


def word_rows() -> list[dict[str, str]]:
    """The table of words, read without dmig."""
    with (ROOT / "dmig/report/words.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
