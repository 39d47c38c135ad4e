"""Manual entry: a record leaves with its whole unit, both ledgers stay exact, and staff get a sheet to tick off."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from e2e_support import GENZAI, JUTOGAI, RIREKI, Delivery, Ran, call_main, deliver, records_in, request_for, run
from openpyxl import load_workbook
from worklist_support import CLEAN, FAULTS, KEYS, Row, decision, exact, gates, hashed, repairs_file, run_with, states

BAD, UNREAD = 304, 116


def refused_row() -> Row:
    """A record that read refuses is told by its bytes."""
    raw = records_in((FAULTS.inputs / RIREKI).read_bytes())[UNREAD] + b"\r\n"
    key = [FAULTS.cell(RIREKI, UNREAD, name) for name in KEYS["rireki"]]
    row = decision(FAULTS, "rireki", BAD, "umare_ymd", "RED016", "manual_entry")
    return row | {"key": json.dumps(key), "item": "", "old_hash": hashed(raw)}


def decided() -> list[Row]:
    return [decision(FAULTS, "rireki", BAD, "umare_ymd", "NRM006", "manual_entry"), refused_row()]


def left(once: Any) -> Ran:
    found: Ran = once("typed by hand", lambda place: run_with(place, decided()))
    return found


def of_unit(file: str, units: set[str]) -> list[int]:
    return [n for n in FAULTS.kept(file) if FAULTS.unit(file, n) in units]


def test_the_whole_unit_leaves_its_group_and_only_that(once: Any) -> None:
    ran = left(once)
    units = {FAULTS.unit(RIREKI, BAD), FAULTS.unit(RIREKI, UNREAD)}
    assert {row[0] for row in ran.rows()[1:]} & units == set()
    assert {row[0] for row in ran.rows("idorireki")[1:]} >= units
    households = {row[0] for row in ran.rows("setai")[1:]}
    here = [n for n in of_unit(GENZAI, units) if FAULTS.cell(GENZAI, n, "jumin_kbn") == "0"]
    assert {FAULTS.cell(GENZAI, n, "setai_no") for n in here} <= households
    plain = run(request_for(FAULTS.inputs, ran.request.folder.with_name("plain")))
    others = [row for row in plain.rows() if row[0] not in units]
    assert ran.rows() == others


def test_a_household_stays_when_its_head_is_typed_in(tmp_path: Path) -> None:
    """Its row stands for others too, and the head will be in the new system; that nobody of the file is it is explained."""
    here = [n for n in CLEAN.kept(GENZAI) if CLEAN.cell(GENZAI, n, "jumin_kbn") == "0"]
    head = next(n for n in here if CLEAN.cell(GENZAI, n, "nushi_no") == CLEAN.unit(GENZAI, n))
    row = decision(CLEAN, "genzai", head, "kanji_shimei", "NRM001", "manual_entry")
    ran = run_with(tmp_path, [row], CLEAN)
    assert states(ran)["manual_entry"]["applied"] == 1
    assert CLEAN.unit(GENZAI, head) not in {cells[0] for cells in ran.rows()[1:]}
    assert CLEAN.cell(GENZAI, head, "setai_no") in {cells[0] for cells in ran.rows("setai")[1:]}
    assert ran.rows("setai") == CLEAN.truth("setai")
    assert gates(ran)["differences"] == gates(ran)["rejects"] == 0
    assert exact(ran)


def test_both_ledgers_are_exact(once: Any) -> None:
    ran = left(once)
    assert exact(ran)
    units = {FAULTS.unit(RIREKI, BAD), FAULTS.unit(RIREKI, UNREAD)}
    tables = {table["table"]: table["excluded"].get("手入力", 0) for table in ran.result["tables"]}
    wanted = {
        table: len(of_unit(file, units))
        for table, file in (("genzai", GENZAI), ("rireki", RIREKI), ("jokyo", "JUKI_JOKYO.csv"))
    }
    assert {table: count for table, count in tables.items() if count} == {t: n for t, n in wanted.items() if n}
    [group] = [group for group in ran.result["groups"] if group["group"] == "juminjoho"]
    last = group["steps"][-1]
    assert (last["step"], last["excluded"], last["balanced"]) == (
        "manual_entry",
        {"手入力": sum(tables.values()) - 1},
        True,
    )
    assert all(total["agrees"] for total in ran.result["reconciliation"]["totals"])


def test_the_gate_counts_records_and_nothing_else_fails(once: Any) -> None:
    ran, count = left(once), sum(t["excluded"].get("手入力", 0) for t in left(once).result["tables"])
    [gate] = [gate for gate in ran.result["gates"] if gate["gate"] == "manual_entry"]
    assert (gate["count"], gate["limit"], gate["status"]) == (count, 0, "fail")
    assert ran.result["findings_by_code"]["RPR005"] == count - 1
    assert gates(ran)["differences"] == gates(ran)["not_used"] == 0
    assert states(ran)["manual_entry"]["applied"] == 2
    assert "RED016" not in ran.result["rejects_by_code"]
    assert ran.result["findings_by_code"]["RED016"] == 1


def test_gates_toml_lets_so_many_pass(tmp_path: Path) -> None:
    from e2e_support import copy_library

    delivery = deliver(tmp_path / "city", 40, 3, operation="jutogai")
    library = copy_library(tmp_path / "library")
    path = library / "mappings/jutogai/package/gates.toml"
    row = decision_of_jutogai(delivery)
    options: dict[str, Any] = {"operation": "jutogai", "library": library}
    ran = run_with(tmp_path / "a", [row], delivery, **options)
    assert (ran.result["exit_code"], gates(ran)["manual_entry"]) == (1, 1)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[max]\n", "[max]\nmanual_entry = 1\n"), encoding="utf-8")
    assert "manual_entry = 1" in path.read_text(encoding="utf-8")
    assert run_with(tmp_path / "b", [row], delivery, **options).result["exit_code"] == 0


def decision_of_jutogai(delivery: Delivery) -> Row:
    row = dict.fromkeys(decision(FAULTS, "rireki", BAD, "umare_ymd", "NRM006", "manual_entry"), "")
    return row | {
        "file": JUTOGAI, "table": "jutogai", "key": json.dumps([delivery.unit(JUTOGAI, 1)]), "item": "kanji_shimei",
        "code": "NRM001", "treatment": "manual_entry", "old_hash": hashed(delivery.cell(JUTOGAI, 1, "kanji_shimei")),
        "reason": "原本なし", "decided_by": "見本太郎", "approved_by": "見本花子",
    }  # fmt: skip


@pytest.fixture
def office(tmp_path: Path, monkeypatch: Any, capsys: Any) -> Any:
    repairs = repairs_file(tmp_path / "repairs.csv", decided())
    runs = tmp_path / "runs"

    def call(*words: str | Path) -> tuple[int, str, str]:
        return call_main(monkeypatch, capsys, *words, "--runs", runs)

    code, _, err = call("run", "jumin", "--dry-run", "--fixture", "faults", "--repairs", repairs)
    assert code == 1, err
    return call, runs


def test_the_sheet_to_tick_off_lies_in_the_protected_folder(office: Any) -> None:
    call, runs = office
    [book] = runs.rglob("manual_entry.xlsx")
    assert "protected" in book.parts
    assert stat.S_IMODE(book.stat().st_mode) == 0o600
    texts = cells(book)
    units = {FAULTS.unit(RIREKI, BAD), FAULTS.unit(RIREKI, UNREAD)}
    assert {row["※unit"] for row in texts} == units
    assert {row["ticked"] for row in texts} == {"□"}
    name = FAULTS.cell(RIREKI, BAD, "kanji_shimei")
    assert ("漢字氏名", name) in {(row["※item"], row["※value"]) for row in texts}
    assert {row["※groups"] for row in texts} == {"住民情報"}
    numbers = {FAULTS.cell(RIREKI, BAD, "kojin_no"), FAULTS.cell(RIREKI, UNREAD, "kojin_no")} - {""}
    assert numbers
    assert [n for n in numbers for row in texts if n in row["※value"]] == []
    code, out, _ = call("worklist", "tick-off", "--reason", "入力", "--with-number")
    assert code == 0
    assert "manual_entry.xlsx" in out
    shown = {value for row in cells(book) for value in [row["※value"]]}
    assert all(any(number in value for value in shown) for number in numbers)
    assert [value for value in (name, *numbers) if value in out] == []


def cells(book: Path) -> list[Row]:
    found = []
    made = load_workbook(book)
    for sheet in made.worksheets:
        names = [cell.value for cell in sheet[2]] if sheet.max_row > 2 else []
        if "ticked" in names:
            found += [
                {name: str(value or "") for name, value in zip(names, row, strict=True)}
                for row in sheet.iter_rows(min_row=3, values_only=True)
            ]
    return found


def test_a_run_without_manual_entries_has_no_sheet(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    runs = tmp_path / "runs"
    assert call_main(monkeypatch, capsys, "run", "jumin", "--dry-run", "--runs", runs)[0] == 0
    assert list(runs.rglob("manual_entry.xlsx")) == []
    code, _, err = call_main(monkeypatch, capsys, "worklist", "tick-off", "--reason", "x", "--runs", runs)
    assert (code, "RUN005" in err) == (2, True)


def test_trace_says_what_staff_did(office: Any) -> None:
    call, _ = office
    code, out, err = call("trace", "jumin", "--record", f"rireki:{BAD}", "--reason", "確認")
    assert code == 0, err
    assert "manual entry" in out
    assert "RPR005" in out
    assert "写像が実行の後で変わっています" not in err


def test_trace_shows_a_repaired_item(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    new = CLEAN.cell(RIREKI, BAD, "umare_ymd")
    repairs = repairs_file(
        tmp_path / "repairs.csv",
        [decision(FAULTS, "rireki", BAD, "umare_ymd", "NRM006", "repair", new_value=new)],
    )
    runs = tmp_path / "runs"
    asked = ("run", "jumin", "--dry-run", "--fixture", "faults", "--runs", runs, "--repairs", repairs)
    assert call_main(monkeypatch, capsys, *asked)[0] == 1
    asked = ("trace", "jumin", "--record", f"rireki:{BAD}", "--reason", "確認", "--runs", runs)
    code, out, _ = call_main(monkeypatch, capsys, *asked)
    assert code == 0
    [line] = [line for line in out.splitlines() if line.split()[:1] == ["repair"]]
    assert line.split() == ["repair", "umare_ymd", "repaired", new]
    assert "published: row" in out
    read = [line.split()[-1] for line in out.splitlines() if line.split()[:2] == ["read", "umare_ymd"]]
    assert read == [FAULTS.cell(RIREKI, BAD, "umare_ymd")]
    code, out, err = call_main(monkeypatch, capsys, "reconcile", "--run", "latest", "--runs", runs)
    assert code == 0, out + err
