"""The second reading finds corrected cells by itself: what was damaged, or corrected by one side only, differs."""

from __future__ import annotations

import csv
import io
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
from e2e_support import GROUPS, RIREKI, Ran, column, request_for, run
from worklist_support import CLEAN, FAULTS, HEADER, decision, repairs_file, run_with

from dmig.converters.registry import builtin
from dmig.pipeline import worker
from dmig.pipeline.context import Context
from dmig.pipeline.reconcile_pass import Reconciled, reconcile_pass
from dmig.pipeline.run import mapping_folders
from dmig.pipeline.tasks import Workers

RECORD = 304


def repairs() -> list[dict[str, str]]:
    new = CLEAN.cell(RIREKI, RECORD, "umare_ymd")
    return [decision(FAULTS, "rireki", RECORD, "umare_ymd", "NRM006", "repair", new_value=new)]


def one_repair(once: Any) -> Ran:
    found: Ran = once("one repair", lambda place: run_with(place, repairs()))
    return found


def reconciled(
    ran: Ran, folder: Path, published: Path | None = None, kept: list[dict[str, str]] | None = None
) -> Reconciled:
    """The published files of a run (or damaged ones) compared again, with the decisions that are kept beside them."""
    (folder / "protected").mkdir(parents=True)
    plan = ran.outcome.plan
    if kept is None:
        shutil.copy(ran.protected / "repairs.csv", folder / "protected")
    else:
        repairs_file(folder / "protected" / "repairs.csv", kept)
        plan = replace(plan, repairs=replace(plan.repairs, sha256="f" * 64))
    context = Context(
        plan=plan, make_registry=builtin, folder=folder, inputs=ran.outcome.inputs,
        mapping_folders=mapping_folders(ran.request),
    )  # fmt: skip
    workers = Workers(1, worker.prepare, (plan, builtin))
    return reconcile_pass(context, workers, ran.outcome.outputs, published or ran.published, folder / "marks")


def differing(found: Reconciled) -> set[tuple[str, int]]:
    """Items and records that differ."""
    return {
        (item, record) for v in found.verdicts if v.differing for item in v.comparison.targets for record in v.records
    }


def test_untouched_it_agrees_and_counts(once: Any, tmp_path: Path) -> None:
    found = reconciled(one_repair(once), tmp_path / "again")
    assert found.differences == 0
    own = {v.comparison.targets: v.repaired for v in found.verdicts if v.repaired}
    assert own[("seinengappi",)] == 1
    assert all(count == 1 for count in own.values())


def test_damage_to_a_repaired_cell_is_found(once: Any, tmp_path: Path) -> None:
    ran = one_repair(once)
    published = shutil.copytree(ran.published, tmp_path / "published")
    path = published / GROUPS["jumin"]["juminjoho"]
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    lineage = ran.parts("lineage", "juminjoho")
    at = next(n for n, row in enumerate(lineage.iter_rows(named=True)) if row["repaired"])
    cell = rows[0].index("生年月日")
    rows[at + 1][cell] = "1901-01-01"
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    path.write_bytes(text.getvalue().encode())
    assert ("seinengappi", RECORD) in differing(reconciled(ran, tmp_path / "again", published))


def test_a_repair_that_only_the_conversion_knew_differs(once: Any, tmp_path: Path) -> None:
    assert ("seinengappi", RECORD) in differing(reconciled(one_repair(once), tmp_path / "again", kept=[]))


def test_a_repair_that_only_reconciliation_knows_differs(once: Any, tmp_path: Path) -> None:
    record = next(n for n in CLEAN.kept(RIREKI) if CLEAN.cell(RIREKI, n, "umare_ymd").startswith("3"))
    declared = decision(FAULTS, "rireki", record, "umare_ymd", "NRM006", "repair", new_value="3010101")
    found = reconciled(one_repair(once), tmp_path / "again", kept=[*repairs(), declared])
    assert ("seinengappi", record) in differing(found)
    stale = declared | {"old_hash": "0" * 64}
    assert reconciled(one_repair(once), tmp_path / "stale", kept=[*repairs(), stale]).differences == 0
    alone = declared | {"approved_by": ""}
    assert reconciled(one_repair(once), tmp_path / "alone", kept=[*repairs(), alone]).differences == 0


def test_nobody_else_knows_the_columns(tmp_path: Path) -> None:
    """What the independent reader takes from the file is what the file has."""
    from dmig.spec.repairs import REPAIRS
    from dmig.stages.reconcile import read_corrections

    assert REPAIRS.names == HEADER
    [found] = read_corrections(repairs_file(tmp_path / "repairs.csv", repairs()))
    assert (found.table, found.item) == ("rireki", "umare_ymd")
    assert "umare" in repr(found)
    assert found.new_value not in repr(found)


def test_a_lost_row_is_found_by_its_repaired_key(tmp_path: Path) -> None:
    """Rows are aligned by the unit as staff corrected it."""
    delivery = type(CLEAN)(shutil.copytree(CLEAN.folder, tmp_path / "delivery"))
    record = 200
    right = delivery.cell(RIREKI, record, "atena_no")
    delivery.edit(RIREKI, record, atena_no="12345")
    row = decision(delivery, "rireki", record, "atena_no", "NRM002", "repair", new_value=right)
    ran = run_with(tmp_path / "run", [row], delivery)
    clean = run(request_for(CLEAN.inputs, tmp_path / "clean"))
    assert ran.csv_hashes == clean.csv_hashes
    published = shutil.copytree(ran.published, tmp_path / "published")
    path = published / GROUPS["jumin"]["juminjoho"]
    lines = path.read_bytes().split(b"\r\n")
    del lines[1]
    path.write_bytes(b"\r\n".join(lines))
    found = reconciled(ran, tmp_path / "again", published)
    missing = [v for v in found.verdicts if "missing" in v.classes]
    assert [v.differing for v in missing] == [1]
    assert len(column(ran.rows(), "宛名番号")) == len(lines) - 1


def test_a_doubled_key_means_neither_record_to_both_sides(tmp_path: Path) -> None:
    """Both records are published; neither the conversion nor the second reading takes the first for the one meant."""
    delivery = type(CLEAN)(shutil.copytree(CLEAN.folder, tmp_path / "delivery"))
    kept = delivery.kept(RIREKI)
    record = next(n for n in kept if n + 1 in kept and delivery.unit(RIREKI, n) == delivery.unit(RIREKI, n + 1))
    delivery.edit(RIREKI, record + 1, rireki_no=delivery.cell(RIREKI, record, "rireki_no"))
    row = decision(delivery, "rireki", record, "banchi", "NRM001", "repair", new_value="９番９号")
    ran = run_with(tmp_path / "run", [row], delivery)
    assert ran.result["findings_by_code"]["RPR002"] == 1
    published = set(ran.parts("lineage", "juminjoho").filter(pl.col("table") == "rireki")["record"])
    assert {record, record + 1} <= published
    assert [line for line in ran.result["reconciliation"]["differences"] if "banchi" in line["item"]] == []
    assert all(line["repaired"] == 0 for line in ran.result["reconciliation"]["signatures"])
