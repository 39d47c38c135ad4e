"""Repairs: a decided value goes the way of every other, and one whose record is not what it was changes nothing."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from e2e_support import GENZAI, IDO, RIREKI, Delivery, Ran, compare_with_truth, request_for, run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worklist_support import (
    CLEAN,
    FAULTS,
    UNREADABLE,
    decision,
    exact,
    gates,
    hashed,
    repairs_file,
    repairs_of,
    run_with,
    states,
)

from dmig.errors import DmigError, SpecError
from dmig.pipeline.run import compile_operation, execute


def faulty(once: Any) -> Ran:
    found: Ran = once("faults without decisions", lambda place: run(request_for(FAULTS.inputs, place / "run")))
    return found


def repaired(once: Any) -> Ran:
    found: Ran = once("faults repaired", lambda place: run_with(place, repairs_of()))
    return found


def units_that_read_refuses(group_files: tuple[str, ...]) -> set[str]:
    return {f["unit"] for f in FAULTS.faults() if f["kind"] in UNREADABLE and f["file"] in group_files}


def test_repaired_rejects_are_gone_and_the_rows_are_the_truth(once: Any) -> None:
    before, after = faulty(once), repaired(once)
    count = len(repairs_of())
    assert count == 10
    assert gates(before)["rejects"] - gates(after)["rejects"] == count
    assert [code for code in after.result["rejects_by_code"] if not code.startswith(("RED", "STP"))] == []
    assert states(after)["repair"] == {
        "treatment": "repair", "declared": count, "applied": count, "lapsed": 0, "unapproved": 0, "open": 0, "unused": 0,
    }  # fmt: skip
    for group, files in (("juminjoho", (RIREKI, "JUKI_JOKYO.csv", GENZAI)), ("idorireki", (IDO,))):
        said = compare_with_truth(after.rows(group), FAULTS.truth(group), units_that_read_refuses(files))
        assert said.found == []
        assert said.rows > len(before.rows(group)) - 1


def test_ledgers_are_exact_and_nothing_differs(once: Any) -> None:
    ran = repaired(once)
    assert exact(ran)
    assert gates(ran)["differences"] == 0
    signatures = ran.result["reconciliation"]["signatures"]
    touched = {(s["group"], s["item"]): s["repaired"] for s in signatures if s["repaired"]}
    assert touched["juminjoho", "生年月日"] == 1
    assert touched["juminjoho", "個人番号"] == 1
    assert touched["idorireki", "異動年月日"] == 1
    assert all(s["repaired"] <= s["compared"] for s in signatures)
    assert all(s["repaired"] == 0 for s in faulty(once).result["reconciliation"]["signatures"])


def test_lineage_names_the_repaired_items(once: Any) -> None:
    lineage = repaired(once).parts("lineage", "juminjoho")
    told = {
        (row["table"], row["record"]): row["repaired"] for row in lineage.drop_nulls("repaired").iter_rows(named=True)
    }
    wanted = {
        ("rireki" if f["file"] == RIREKI else "jokyo", int(f["record"])): f["item"]
        for f in FAULTS.faults()
        if f["kind"] not in UNREADABLE and f["file"] in (RIREKI, "JUKI_JOKYO.csv")
    }
    assert told == wanted
    assert (
        faulty(once).parts("lineage", "juminjoho")["repaired"].null_count()
        == faulty(once).parts("lineage", "juminjoho").height
    )


def moved(folder: Path) -> Delivery:
    """The faulty delivery on a folder of its own, to be changed."""
    shutil.copytree(FAULTS.folder, folder)
    return Delivery(folder)


@pytest.mark.parametrize("how", ["value changed", "key gone", "key twice"])
def test_a_decision_about_another_record_lapses(tmp_path: Path, once: Any, how: str) -> None:
    delivery, record = moved(tmp_path / "delivery"), 304
    row = decision(FAULTS, "rireki", record, "umare_ymd", "NRM006", "repair",
                   new_value=CLEAN.cell(RIREKI, record, "umare_ymd"))  # fmt: skip
    code = {"value changed": "RPR003", "key gone": "RPR001", "key twice": "RPR002"}[how]
    if how == "value changed":
        delivery.edit(RIREKI, record, umare_ymd="3991301")
    elif how == "key gone":
        delivery.edit(RIREKI, record, rireki_no="77")
    else:
        delivery.edit(RIREKI, 305, **{name: delivery.cell(RIREKI, record, name) for name in ("atena_no", "rireki_no")})
    ran = run_with(tmp_path / "run", [row], delivery)
    plain = run(request_for(delivery.inputs, tmp_path / "plain"))
    assert states(ran)["repair"]["lapsed"] == 1
    assert states(ran)["repair"]["applied"] == 0
    assert ran.result["findings_by_code"][code] == 1
    assert ran.hashes == plain.hashes
    assert ran.result["rejects_by_code"] == plain.result["rejects_by_code"]
    assert gates(ran)["differences"] == gates(plain)["differences"]


@pytest.mark.parametrize("approver", ["", "見本太郎"])
def test_what_nobody_approved_is_not_applied(tmp_path: Path, once: Any, approver: str) -> None:
    row = decision(FAULTS, "rireki", 304, "umare_ymd", "NRM006", "repair", new_value="3550503", approved_by=approver)
    if approver == row["decided_by"]:
        with pytest.raises(SpecError) as caught:
            run_with(tmp_path, [row])
        assert [d.code for d in caught.value.diagnostics] == ["RPR006"]
        return
    ran = run_with(tmp_path, [row])
    assert states(ran)["repair"]["unapproved"] == 1
    assert ran.result["findings_by_code"]["RPR004"] == 1
    assert ran.hashes == faulty(once).hashes


def test_decisions_that_meet_nothing_are_unused(tmp_path: Path, once: Any) -> None:
    """A finding that this run does not have, and a record that a declared rule leaves out anyway."""
    deleted = next(n for n in range(1, 500) if n not in FAULTS.kept(RIREKI))
    rows = [
        decision(FAULTS, "rireki", 1, "umare_ymd", "NRM011", "accept"),
        decision(FAULTS, "rireki", deleted, "umare_ymd", "NRM006", "manual_entry"),
    ]
    ran = run_with(tmp_path, rows)
    assert states(ran)["accept"]["unused"] == states(ran)["manual_entry"]["unused"] == 1
    assert ran.hashes == faulty(once).hashes
    assert gates(ran)["manual_entry"] == 0


def test_a_repair_to_blank_is_a_blank(tmp_path: Path) -> None:
    """A note that may be blank; the cell was not."""
    record = next(n for n in CLEAN.kept(GENZAI) if CLEAN.cell(GENZAI, n, "katagaki"))
    row = decision(CLEAN, "genzai", record, "katagaki", "NRM001", "repair", new_value="")
    ran = run_with(tmp_path, [row], CLEAN)
    assert states(ran)["repair"]["applied"] == 1
    assert gates(ran)["differences"] == 0
    mine = [cells for cells in ran.rows() if cells[0] == CLEAN.unit(GENZAI, record)]
    assert mine != [cells for cells in CLEAN.truth() if cells[0] == CLEAN.unit(GENZAI, record)]


def test_a_repaired_key_of_a_step_reaches_the_narrow_pass(tmp_path: Path, once: Any) -> None:
    """The head of a household is looked up by a repaired number: both places that normalise see the new value."""
    record = next(n for n in CLEAN.kept(GENZAI) if CLEAN.cell(GENZAI, n, "nushi_no") != CLEAN.unit(GENZAI, n))
    delivery = Delivery(shutil.copytree(CLEAN.folder, tmp_path / "delivery"))
    right = delivery.cell(GENZAI, record, "nushi_no")
    delivery.edit(GENZAI, record, nushi_no=delivery.unit(GENZAI, record))
    row = decision(delivery, "genzai", record, "nushi_no", "STP003", "repair", new_value=right)
    ran = run_with(tmp_path / "run", [row], delivery)
    clean = once("clean", lambda place: run(request_for(CLEAN.inputs, place / "run")))
    assert ran.csv_hashes == clean.csv_hashes
    assert run(request_for(delivery.inputs, tmp_path / "plain")).csv_hashes != clean.csv_hashes


def test_the_plan_and_the_stages_know_the_decisions(tmp_path: Path) -> None:
    rows = repairs_of()
    repairs = repairs_file(tmp_path / "repairs.csv", rows[:1])
    request = request_for(FAULTS.inputs, tmp_path / "run", repairs=repairs)
    plan = compile_operation(request)
    assert plan.plan_hash != compile_operation(dataclasses.replace(request, repairs=None)).plan_hash
    execute(request, plan)
    repairs_file(repairs, rows)
    with pytest.raises(DmigError) as caught:
        execute(request, compile_operation(request))
    assert caught.value.code == "RUN003"
    with pytest.raises(DmigError) as caught:
        execute(dataclasses.replace(request, folder=tmp_path / "other"), plan)
    assert caught.value.code == "RPR010"


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    repairs = repairs_file(tmp_path / "repairs.csv", repairs_of())
    repairs.chmod(0o640)
    with pytest.raises(DmigError) as caught:
        compile_operation(request_for(FAULTS.inputs, tmp_path / "run", repairs=repairs))
    assert caught.value.code == "RPR007"


def test_several_workers_and_small_blocks_give_the_same(tmp_path: Path, once: Any) -> None:
    ran = run_with(tmp_path, repairs_of(), workers=2, block_bytes=20_000)
    assert ran.csv_hashes == repaired(once).csv_hashes
    assert states(ran) == states(repaired(once))
    assert gates(ran) == gates(repaired(once))


#: Decisions that change nothing: not approved, left to the old system, about records that are not there, of other values.
IDLE = st.fixed_dictionaries(
    {
        "record": st.sampled_from([1, 47, 139, 227, 304, 314, 647]),
        "item": st.sampled_from(["umare_ymd", "seibetsu", "kanji_shimei", "setai_no"]),
        "treatment": st.sampled_from(["repair", "fix_at_source", "manual_entry", "accept"]),
        "why": st.sampled_from(["unapproved", "gone", "changed"]),
    }
)


@settings(deadline=None, max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(IDLE, max_size=4, unique_by=lambda row: (row["record"], row["item"])))
def test_decisions_that_are_not_carried_out_change_no_byte(
    rows: list[dict[str, Any]], once: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = []
    for row in rows:
        more = {"unapproved": {"approved_by": ""}, "gone": {"key": '["9", "9"]'}, "changed": {"old_hash": hashed("x")}}
        made.append(
            decision(FAULTS, "rireki", row["record"], row["item"], "NRM006", row["treatment"], new_value="1",
                     **more[row["why"]])
        )  # fmt: skip
    gone = [row["key"] for row in made if row["key"] == '["9", "9"]']
    if len(gone) != len({(row["item"], row["key"]) for row in made if row["key"] in gone}):
        return
    ran = run_with(tmp_path_factory.mktemp("idle") / "run", made)
    assert ran.hashes == faulty(once).hashes
    assert ran.result["rejects_by_code"] == faulty(once).result["rejects_by_code"]
    assert sum(entry["applied"] for entry in states(ran).values()) == 0


def test_no_value_stands_outside_the_protected_folder_of_a_repaired_run(once: Any) -> None:
    ran = repaired(once)
    values = {row["new_value"] for row in repairs_of()} | {row["old_hash"] for row in repairs_of()}
    long = {value for value in values if len(value) > 3}
    assert len(long) > 8
    outside = [p for p in ran.request.folder.rglob("*") if p.is_file() and "protected" not in p.parts]
    texts = [str(ran.result), *(p.read_text(encoding="utf-8", errors="replace") for p in outside)]
    assert [value for value in long for text in texts if value in text] == []
    laid = pl.read_ipc(ran.protected / "repair" / "laid.arrow")
    assert set(laid["value"]) <= values
    assert (ran.protected / "repairs.csv").stat().st_mode & 0o077 == 0
