"""Defects that were found by trying and have been mended: each test failed once and may never fail again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from e2e_support import call_main, copy_library, deliver, request_for, run
from test_file_modes import modes_after_a_run
from test_laws import fate, kind_of, with_plugin
from test_units import assert_linked, refusals, unit_of

from dmig.errors import Diagnostics
from dmig.spec.sheet import Columns, read_sheet
from dmig.steps.contract import StepResult


@pytest.mark.parametrize(("umask", "workers"), [(0o022, 1), (0o000, 1), (0o000, 2)])
def test_folders_0700_and_files_0600_whatever_the_umask(
    tmp_path: Path, monkeypatch: Any, capsys: Any, umask: int, workers: int
) -> None:
    """Once: `key` of each stage and the shape/*.arrow lists take the umask; so do folders that mkdir(parents) makes."""
    assert modes_after_a_run(tmp_path, monkeypatch, capsys, umask, workers) == {}


@pytest.mark.parametrize(
    "row",
    ["a\rb,c,d", '"a"b,c,d', "x" * 140_000 + ",c,d", "a\0b,c,d"],
    ids=["lone CR", "text behind quotes", "cell too long", "NUL"],
)
def test_a_cell_that_csv_cannot_mean_is_a_diagnostic(tmp_path: Path, row: str) -> None:
    """Once: _csv.Error (exit 70) for a lone CR or a very long cell; `"a"b` is read as `ab` and NUL is kept, silently."""
    path = tmp_path / "items.csv"
    path.write_text(f"item,type,note\nx,y,z\n{row}\n", encoding="utf-8", newline="")
    said = Diagnostics()
    read_sheet(tmp_path, path, Columns(("item", "type", "note")), said)
    assert [(d.file, d.line) for d in said.items] == [("items.csv", 3)]


def drops_the_first_of_each_history(rows: pl.DataFrame) -> StepResult:
    """An honest step put in the wrong place: after the sequence it leaves gaps."""
    first = rows["seq"].cast(pl.Int64) == 1
    return StepResult(rows.filter(~first), excluded={"理由": int(first.sum())}, fates=fate(rows.filter(first)))


def test_a_broken_set_is_one_root_for_its_unit_and_follows_from_another_fault(tmp_path: Path) -> None:
    """Once: rows whose unit has both a broken set and another fault may be cascades with root 0, because
    `judge_pass._judge` picks the record of the set report as their root before `_consequences` demotes that report."""
    library, delivery = with_plugin(tmp_path / "library", "jumin"), deliver(tmp_path / "city", 60, 12, 0.3)
    ran = run(
        request_for(
            delivery.inputs, tmp_path / "run", library=library, extra_steps=(kind_of(drops_the_first_of_each_history),)
        )
    )
    assert_linked(ran, delivery)
    assert ran.csv_rows[1:] == []
    assert len(ran.rows("idorireki")) > 100
    broken = [r for r in refusals(ran) if r["code"] == "CHK021"]
    assert len(broken) > 20
    faulty = {fault["unit"] for fault in delivery.faults()}
    by_unit: dict[str, list[str]] = {}
    for row in broken:
        by_unit.setdefault(unit_of(delivery, row), []).append(row["kind"])
    assert {unit for unit, kinds in by_unit.items() if kinds != ["root"]} <= faulty
    rest = [r for r in refusals(ran) if r["kind"] == "root" and r["code"] != "CHK021"]
    assert {unit_of(delivery, r) for r in rest} <= faulty


def test_a_run_of_another_library_is_looked_up_in_that_library(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    """Once: `StoredRun.open` and `dmig trace` load the shipped declarations, whatever the run was made with."""
    library, delivery = copy_library(tmp_path / "library"), deliver(tmp_path / "city", 60, 12, 0.2)
    layout = library / "schemas/legacy/package/jumin/layout.toml"
    layout.write_text(layout.read_text(encoding="utf-8").replace("JUKI_RIREKI.csv", "RIREKI2.csv"), encoding="utf-8")
    (delivery.inputs / "JUKI_RIREKI.csv").rename(delivery.inputs / "RIREKI2.csv")
    runs = tmp_path / "runs"
    asked = ("run", "jumin", "--dry-run", "--input", delivery.inputs, "--library", library, "--runs", runs)
    assert call_main(monkeypatch, capsys, *asked)[0] == 1
    code, out, _ = call_main(monkeypatch, capsys, "reject", "list", "--runs", runs)
    assert code == 0
    assert "RIREKI2.csv" in out
    assert "JUKI_RIREKI.csv" not in out
