"""Reports on the disk: in every run's folder, on demand, whole or not at all, without a value of a record."""

from __future__ import annotations

import errno
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from report_support import CIRCUMSTANCES, dmig, told

from dmig.errors import DmigError
from dmig.report import write, write_for_run, write_reports


def test_every_run_leaves_its_report(folders: dict[str, Path]) -> None:
    for folder in folders.values():
        files = {path.name: path for path in (folder / "report").iterdir()}
        assert set(files) == {"report.ja.html", "report.en.html", "report.xlsx"}
        for path in files.values():
            assert path.stat().st_mode & 0o777 == 0o600
            assert 10_000 < path.stat().st_size < 5 << 20


def test_a_report_names_the_head_of_the_ledger(folders: dict[str, Path]) -> None:
    page = (folders["clean"] / "report/report.en.html").read_text(encoding="utf-8")
    assert "not in the ledger" not in page


def test_report_on_demand(folders: dict[str, Path], tmp_path: Path) -> None:
    runs = folders["faults"].parent
    done = dmig("report", "--runs", runs, "--out", tmp_path / "a/b", "--lang", "en", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    names = {path.name for path in (tmp_path / "a/b").iterdir()}
    assert names == {"report.en.html", "report.xlsx", "result.json"}
    assert done.stdout.split() == [str(tmp_path / "a/b" / n) for n in ("report.en.html", "report.xlsx", "result.json")]
    stored = json.loads((folders["faults"] / "result.json").read_text(encoding="utf-8"))
    assert json.loads((tmp_path / "a/b/result.json").read_text(encoding="utf-8")) == stored


def test_an_unknown_run_is_wrong_usage(folders: dict[str, Path], tmp_path: Path) -> None:
    done = dmig("report", "--runs", folders["faults"].parent, "--run", "x", "--out", tmp_path / "o", cwd=tmp_path)
    assert (done.returncode, (tmp_path / "o").exists()) == (2, False)
    assert "RUN002" in done.stderr


def test_it_costs_less_than_two_seconds(full: dict[str, Any], tmp_path: Path) -> None:
    write_for_run(full, CIRCUMSTANCES, tmp_path / "first")
    started = time.process_time()
    write_for_run(full, CIRCUMSTANCES, tmp_path / "second")
    assert time.process_time() - started < 2


def test_the_same_result_gives_the_same_page(full: dict[str, Any], tmp_path: Path) -> None:
    for place in ("a", "b"):
        write_for_run(full, CIRCUMSTANCES, tmp_path / place)
    for name in ("report.ja.html", "report.en.html"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EROFS])
def test_a_full_disk_leaves_the_old_report_whole(
    full: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, fault: int
) -> None:
    write_reports(full, CIRCUMSTANCES, tmp_path, "ja")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    calls = iter(range(9))

    def failing(path: Path) -> None:
        if next(calls) == at:
            raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(write, "sync", failing)
    with pytest.raises(DmigError) as caught:
        write_reports(full | {"run_id": "other"}, CIRCUMSTANCES, tmp_path, "ja")
    assert caught.value.exit_code == 5
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_read_only_folder_is_an_environment_fault(
    full: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(self: Path, content: bytes) -> int:
        raise PermissionError(errno.EACCES, "denied")

    monkeypatch.setattr(Path, "write_bytes", denied)
    with pytest.raises(DmigError):
        write_for_run(full, CIRCUMSTANCES, tmp_path / "report")
    assert list((tmp_path / "report").iterdir()) == []


def test_reports_hold_no_value_of_a_record(folders: dict[str, Path]) -> None:
    """Names, readings and numbers of the faulty sample stand in none of its reports, unpacked ones included."""
    root = Path(__file__).resolve().parents[2] / "fixtures/jumin/faults"
    [source] = root.rglob("JUKI_GENZAI.csv")
    values = set()
    for line in source.read_bytes().decode("cp932", errors="ignore").splitlines()[1:]:
        cells = line.split(",")
        values |= {cell for cell in cells if len(cell) >= 5 and not cell.isdigit()} | {cells[0]}
        values |= {cell for cell in cells if cell.isdigit() and len(cell) >= 9}
    agreed = "".join(path.read_text(encoding="utf-8") for path in (root.parents[2] / "mappings/jumin").rglob("*.csv"))
    secret = {value for value in values if value not in agreed}
    assert len(secret) > 300
    report = folders["faults"] / "report"
    for path in report.iterdir():
        text = told(path.read_bytes()) if path.suffix == ".xlsx" else path.read_text(encoding="utf-8")
        assert len(text) > 100_000
        assert sorted(value for value in secret if value in text) == [], path.name
