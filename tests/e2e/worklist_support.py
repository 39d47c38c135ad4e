"""Work lists as staff fill them, and files of decisions written without any of the program's writers."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from e2e_support import FILE_OF, ROOT, Delivery, Ran, request_for, run
from openpyxl import load_workbook

CLEAN, FAULTS = Delivery(ROOT / "fixtures/jumin/clean"), Delivery(ROOT / "fixtures/jumin/faults")
#: Written down a second time: what the program calls its files, columns and the secret of samples.
HEADER = ("file", "table", "key", "item", "code", "treatment", "old_hash", "new_value", "reason", "due", "decided_by",
          "approved_by")  # fmt: skip
SECRET = b"dmig sample"
SHEET = "作業一覧"
KEYS = {
    "genzai": ("atena_no", "rireki_no"), "rireki": ("atena_no", "rireki_no"), "jokyo": ("atena_no", "rireki_no"),
    "ido": ("atena_no", "ido_no"), "shien": ("atena_no", "shien_no"), "biko": ("atena_no", "biko_no"),
    "card": ("atena_no", "card_no"),
}  # fmt: skip
TABLE_OF = {file: table for table, file in FILE_OF.items()}
#: Faults that read refuses: such a record has no cell that could be repaired.
UNREADABLE = ("line_break", "nul", "stray_quote", "column_count", "undecodable")
Row = dict[str, str]


def hashed(text: str | bytes) -> str:
    return hmac.new(SECRET, text.encode() if isinstance(text, str) else text, hashlib.sha256).hexdigest()


def decision(delivery: Delivery, table: str, record: int, item: str, code: str, treatment: str, **more: str) -> Row:
    """One row of repairs.csv about a cell as it stands in a delivery."""
    file = FILE_OF[table]
    key = [delivery.cell(file, record, name) for name in KEYS[table]]
    return {
        "file": file, "table": table, "key": json.dumps(key), "item": item, "code": code, "treatment": treatment,
        "old_hash": hashed(delivery.cell(file, record, item)), "new_value": "", "reason": "原本で確かめた", "due": "",
        "decided_by": "見本太郎", "approved_by": "見本花子", **more,
    }  # fmt: skip


def repairs_file(path: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    path.chmod(0o600)
    return path


def run_with(folder: Path, rows: Iterable[Mapping[str, str]], delivery: Delivery = FAULTS, **options: Any) -> Ran:
    """A run of a delivery with these decisions."""
    folder.mkdir(exist_ok=True)
    repairs = repairs_file(folder / "repairs.csv", rows)
    return run(request_for(delivery.inputs, folder / "run", repairs=repairs, **options))


def repairs_of(delivery: Delivery = FAULTS, clean: Delivery = CLEAN) -> list[Row]:
    """Every planted fault that a repair can mend, with what the same record says in the clean fixture."""
    rows = []
    for fault in delivery.faults():
        if fault["kind"] in UNREADABLE:
            continue
        table, record = TABLE_OF[fault["file"]], int(fault["record"])
        new = clean.cell(fault["file"], record, fault["item"])
        rows.append(decision(delivery, table, record, fault["item"], "NRM006", "repair", new_value=new))
    return rows


def states(ran: Ran) -> dict[str, dict[str, int]]:
    """Counts of decisions by treatment."""
    return {entry["treatment"]: entry for entry in ran.result["repairs"]["decisions"]}


def gates(ran: Ran) -> dict[str, int]:
    return {gate["gate"]: gate["count"] for gate in ran.result["gates"]}


def exact(ran: Ran) -> bool:
    """Both ledgers of conservation, added up here."""
    for table in ran.result["tables"]:
        assert table["read"] == table["refused"] + sum(table["excluded"].values()) + table["used"] + table["not_used"]
    for group in ran.result["groups"]:
        came, went = ("read", "created", "split"), ("accepted", "rejected", "excluded", "merged")
        assert sum(group[name] for name in came) == sum(group[name] for name in went)
        assert group["balanced"]
    return True


def fill(book: Path, decide: Callable[[Row], Mapping[str, str] | None]) -> int:
    """Fill a work list as staff do: `decide` sees the texts of a row and gives the cells to write; rows filled."""
    made = load_workbook(book)
    sheet, filled = made[SHEET], 0
    names = [cell.value for cell in sheet[2]]
    for cells in sheet.iter_rows(min_row=3):
        row = {name: str(cell.value or "") for name, cell in zip(names, cells, strict=True)}
        for name, text in (decide(row) or {}).items():
            cells[names.index(name)].value = text
            filled += name == "treatment"
    made.save(book)
    return filled


def edit(book: Path, change: Callable[[Any], None]) -> Path:
    """Open, change the sheet and save, as a spreadsheet does."""
    made = load_workbook(book)
    change(made[SHEET])
    made.save(book)
    return book


def column(sheet: Any, name: str) -> int:
    return next(cell.column for cell in sheet[2] if cell.value == name)


def rows_in(book: Path) -> list[Row]:
    sheet = load_workbook(book)[SHEET]
    names = [cell.value for cell in sheet[2]]
    return [
        {name: str(value or "") for name, value in zip(names, cells, strict=True)}
        for cells in sheet.iter_rows(min_row=3, values_only=True)
    ]
