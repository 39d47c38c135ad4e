"""Disposal: what a run derived from records is gone, the certificate lists it, and the same run gives the same again."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from e2e_support import call_main, cells_in, deliver


def run_of(monkeypatch: Any, capsys: Any, inputs: Path, runs: Path) -> dict[str, Any]:
    code, out, _ = call_main(
        monkeypatch, capsys, "run", "jutogai", "--dry-run", "--json", "--input", inputs, "--runs", runs
    )
    assert code == 0
    result: dict[str, Any] = json.loads(out)
    return result


def test_a_disposed_run_holds_no_value_its_certificate_every_file_and_the_same_run_gives_the_same_hashes(
    tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    city, runs = deliver(tmp_path / "city", 60, 5, operation="jutogai"), tmp_path / "runs"
    first = run_of(monkeypatch, capsys, city.inputs, runs)
    protected = runs / first["run_id"] / "protected"
    there = {
        path.relative_to(protected).as_posix(): path.read_bytes() for path in protected.rglob("*") if path.is_file()
    }
    assert len(there) > 20
    asked = ("dispose", "--run", first["run_id"], "--runs", runs, "--reason", "リハーサルの終了", "--yes")
    code, out, _ = call_main(monkeypatch, capsys, *asked)
    assert code == 0
    assert not protected.exists()
    certificate = json.loads((runs / first["run_id"] / "disposal.json").read_text(encoding="utf-8"))
    hashes = {entry["file"]: entry["sha256"] for entry in certificate["files"]}
    assert hashes == {name: hashlib.sha256(content).hexdigest() for name, content in there.items()}
    assert all(sha256 in out for sha256 in hashes.values())
    left = b"".join(path.read_bytes() for path in runs.rglob("*") if path.is_file()).decode("utf-8", "ignore")
    values = {cell.decode("cp932") for record in city.records("JUTOGAI.csv") for cell in cells_in(record)}
    names = {value for value in values if len(value) >= 4 and not value.isascii()}
    assert len(names) > 100
    assert [name for name in names if name in left] == []
    again = run_of(monkeypatch, capsys, city.inputs, runs)
    assert again["outputs"] == first["outputs"]
    code, out, _ = call_main(monkeypatch, capsys, "ledger", "verify", "--runs", runs)
    assert code == 0, out


def test_files_are_overwritten_before_they_are_removed(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    """A second name of a file, which removing does not reach, shows what became of its bytes."""
    city, runs = deliver(tmp_path / "city", 30, 5, operation="jutogai"), tmp_path / "runs"
    result = run_of(monkeypatch, capsys, city.inputs, runs)
    file = next((runs / result["run_id"] / "protected" / "write" / "published").glob("*.csv"))
    os.link(file, tmp_path / "other-name")
    size = file.stat().st_size
    assert (
        call_main(monkeypatch, capsys, "dispose", "--run", result["run_id"], "--runs", runs, "--reason", "x", "--yes")[
            0
        ]
        == 0
    )
    assert (tmp_path / "other-name").read_bytes() == bytes(size)


def test_pruning_keeps_the_newest_and_tells_first_if_asked(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    city, runs = deliver(tmp_path / "city", 30, 5, operation="jutogai"), tmp_path / "runs"
    names = [run_of(monkeypatch, capsys, city.inputs, runs)["run_id"] for _ in range(3)]
    code, out, _ = call_main(monkeypatch, capsys, "prune", "--runs", runs, "--keep", "1", "--dry-run")
    assert (code, out.split()) == (0, names[:2])
    assert all((runs / name / "protected").is_dir() for name in names)
    assert call_main(monkeypatch, capsys, "prune", "--runs", runs, "--keep", "1")[0] == 0
    assert [(runs / name / "protected").is_dir() for name in names] == [False, False, True]
    assert all((runs / name / "result.json").is_file() for name in names)


@pytest.mark.parametrize("name", ["20260101T000000-000000", "..", "../runs/..", ""])
def test_what_is_no_run_is_refused(tmp_path: Path, monkeypatch: Any, capsys: Any, name: str) -> None:
    code, _, err = call_main(
        monkeypatch, capsys, "dispose", "--run", name, "--runs", tmp_path, "--reason", "x", "--yes"
    )
    assert (code, "RUN002" in err) == (2, True)
