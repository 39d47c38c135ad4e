"""Reading and writing repairs.csv: what staff decided about single records. It holds values; messages about it do not."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import stat
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from dmig.errors import Diagnostics, DmigError, catalogue
from dmig.model.legacy import LegacyLayout
from dmig.model.repairs import Decision, Repairs, Treatment
from dmig.spec.sheet import Columns, SheetRow, read_sheet

REPAIRS = Columns(
    ("file", "table", "key", "item", "code", "treatment", "old_hash", "new_value", "reason", "due", "decided_by",
     "approved_by")
)  # fmt: skip
#: Treatments that a second person must stand for.
NEEDS_APPROVAL = (Treatment.REPAIR, Treatment.MANUAL_ENTRY, Treatment.ACCEPT)


def read_repairs(path: Path, legacy: LegacyLayout, diagnostics: Diagnostics) -> Repairs:
    """The decisions of a file; its faults go to the diagnostics.

    `DmigError` ENV001 when the file is not there, RPR007 when others than its owner may read it.
    """
    if not path.is_file():
        raise DmigError("ENV001", path=path.name)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise DmigError("RPR007", path=path.name)
    content = path.read_bytes()
    head = content.split(b"\n", 1)[0].removeprefix(b"\xef\xbb\xbf").rstrip(b"\r")
    if head != ",".join(REPAIRS.names).encode():
        # Whoever deleted the heading left a record's values on the first line: it is not quoted.
        diagnostics.add(path.name, 1, "RPR008", column=REPAIRS.names[0], allowed=",".join(REPAIRS.names))
        return Repairs(hashlib.sha256(content).hexdigest())
    _, rows = read_sheet(path.parent, path, REPAIRS, diagnostics)
    decisions = tuple(found for row in rows if (found := _decision(row, legacy)) is not None)
    _check_doubles(decisions, diagnostics)
    return Repairs(hashlib.sha256(content).hexdigest(), decisions)


def _decision(row: SheetRow, legacy: LegacyLayout) -> Decision | None:
    """One row, or None where it cannot be understood; no cell of it is quoted."""
    table = legacy.table(row.cells["table"])
    if table is None or row.cells["file"] != table.file:
        row.fault("RPR008", column="table", allowed=" ".join(f"{t.file}/{t.table}" for t in legacy.tables))
        return None
    key = key_parts(row.cells["key"])
    if key is None or len(key) != len(table.keys):
        row.fault("RPR008", column="key", allowed=f"[{', '.join(table.keys)}]")
        return None
    if row.cells["item"] and table.item(row.cells["item"]) is None:
        row.fault("RPR008", column="item", allowed=f"schemas/legacy/…/{table.table}.csv")
        return None
    if row.cells["code"] not in catalogue():
        row.fault("RPR008", column="code", allowed="docs/codes/")
        return None
    if row.cells["treatment"] not in set(Treatment):
        row.fault("RPR008", column="treatment", allowed=" ".join(Treatment))
        return None
    decision = Decision(
        table.table, key, row.cells["item"], row.cells["code"], Treatment(row.cells["treatment"]),
        row.cells["old_hash"], row.text("new_value"), row.text("reason"), row.cells["due"],
        row.cells["decided_by"], row.cells["approved_by"], row.place,
    )  # fmt: skip
    _check(row, decision)
    return decision


def _check(row: SheetRow, decision: Decision) -> None:
    if len(decision.old_hash) != 64 or decision.old_hash.strip("0123456789abcdef"):
        row.fault("RPR008", column="old_hash", allowed="HMAC-SHA256")
    if decision.due and not is_day(decision.due):
        row.fault("RPR008", column="due", allowed="YYYY-MM-DD")
    if not decision.decided_by:
        row.fault("SPC006", column="decided_by")
    if decision.approved_by and decision.approved_by == decision.decided_by:
        row.fault("RPR006")
    if decision.treatment is Treatment.REPAIR and not (decision.item and decision.reason):
        row.fault("SPC006", column="reason" if decision.item else "item")


def _check_doubles(decisions: tuple[Decision, ...], diagnostics: Diagnostics) -> None:
    """No two rows about the same cause, no two new values for one cell."""
    seen: dict[object, Decision] = {}
    for decision in decisions:
        cell = (decision.table, decision.key, decision.item, "cell")
        before = seen.setdefault(decision.locator, decision)
        if before is not decision:
            diagnostics.add(decision.place.file, decision.place.line, "RPR009", line=before.place.line)
        if decision.treatment is Treatment.REPAIR:
            before = seen.setdefault(cell, decision)
            if (before.new_value, before.old_hash) != (decision.new_value, decision.old_hash):
                diagnostics.add(decision.place.file, decision.place.line, "RPR009", line=before.place.line)


def is_day(text: str) -> bool:
    """Whether a text is a calendar day in ISO form."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def key_text(key: Iterable[str]) -> str:
    """The key of a record as one cell: a JSON list of the raw texts of the table's key items."""
    return json.dumps(list(key), ensure_ascii=False)


def key_parts(text: str) -> tuple[str, ...] | None:
    """The inverse of `key_text`; None for anything else."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, list) or not all(isinstance(part, str) for part in found):
        return None
    return tuple(found)


def repairs_text(decisions: Iterable[Decision], legacy: LegacyLayout) -> str:
    """The file's text, rows in canonical order: table of the layout, key, item, code."""
    at = {table.table: number for number, table in enumerate(legacy.tables)}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(REPAIRS.names)
    for each in sorted(decisions, key=lambda d: (at[d.table], d.key, d.item, d.code)):
        table = legacy.tables[at[each.table]]
        writer.writerow(
            [table.file, each.table, key_text(each.key), each.item, each.code, each.treatment.value, each.old_hash,
             _one_line(each.new_value), _one_line(each.reason), each.due, each.decided_by, each.approved_by]
        )  # fmt: skip
    return out.getvalue()


def _one_line(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\\n")
