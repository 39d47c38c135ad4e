"""Defects of the program that are known and not yet mended: each test here fails until one is, and then moves out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from e2e_support import copy_library, deliver, dmig, python, request_for, run
from test_file_modes import modes_after_a_run
from test_laws import Act, kind_of, with_plugin

from dmig.errors import LawBroken, SpecError
from dmig.pipeline.run import compile_operation
from dmig.steps.contract import ROW, TABLE, StepResult

WORKERS = """
import pathlib, sys
from dmig.pipeline import run as pipeline
from dmig.spec.library import Library, shipped

if __name__ == "__main__":
    request = pipeline.Request(Library(shipped()), "jumin", "package", pathlib.Path(sys.argv[1]),
                               pathlib.Path(sys.argv[2]), block_bytes=4096, workers=2)
    pipeline.execute(request, pipeline.compile_operation(request))
"""


def test_workers_do_not_outlive_a_killed_run(tmp_path: Path) -> None:
    """An orphan holds memory for ever and may write into a folder that a resumed run believes its own."""
    delivery = deliver(tmp_path / "city", 200, 77, 0.15)
    with subprocess.Popen([sys.executable, "-c", WORKERS, delivery.inputs, tmp_path / "run"]) as process:
        deadline = time.monotonic() + 60
        while not list((tmp_path / "run").glob("protected/read/*/*.json")):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.02)
        children = descendants(process.pid)
        process.kill()
    assert len(children) >= 2
    deadline = time.monotonic() + 10
    while (left := [pid for pid in children if alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert left == []


def descendants(pid: int) -> list[int]:
    found = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    return found + [below for child_pid in found for below in descendants(child_pid)]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


MAPPING = "mappings/jumin/package"


def diagnosed(library: Path, tmp_path: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(SpecError) as refused:
        compile_operation(request_for(tmp_path, tmp_path / "run", library=library))
    return [(d.file, d.line, d.code) for d in refused.value.diagnostics]


@pytest.mark.parametrize("damage", ["not UTF-8", "no standard column", "empty"])
def test_a_code_table_that_cannot_be_read_is_a_diagnostic(tmp_path: Path, damage: str) -> None:
    """Today: IndexError in plan.calls._only_part, so exit 70 and no file named."""
    library = copy_library(tmp_path / "library")
    path = library / MAPPING / "code_tables" / "seibetsu.csv"
    text = path.read_text(encoding="utf-8")
    path.write_bytes(
        {
            "not UTF-8": text.encode("cp932"),
            "no standard column": text.replace("legacy_1,standard,", "legacy_1,").replace("1,1,", "1,").encode(),
            "empty": b"",
        }[damage]
    )
    code = {"not UTF-8": "SPC002", "no standard column": "SPC004", "empty": "SPC001"}[damage]
    found = diagnosed(library, tmp_path)
    assert (f"{MAPPING}/code_tables/seibetsu.csv", code) in {(file, name) for file, _, name in found}


def test_a_syntax_fault_of_a_toml_header_has_its_line(tmp_path: Path) -> None:
    """Today: line 0, because tomllib of Python 3.11 tells the line in its message only."""
    library = copy_library(tmp_path / "library")
    path = library / MAPPING / "gates.toml"
    lines = path.read_text(encoding="utf-8").split("\n")
    at = next(number for number, line in enumerate(lines) if line.startswith("cascades"))
    lines[at] = "cascades = none"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert (f"{MAPPING}/gates.toml", at + 1, "SPC011") in diagnosed(library, tmp_path)


#: File, start of the line, what stands there, what is put there instead, why it must not compile.
NONSENSE = (
    (f"{MAPPING}/code_tables/seibetsu.csv", "2,2", "2,2,", "2,7,", "a standard code that the code list does not have"),
    (f"{MAPPING}/code_tables/zokugara.csv", "孫", "20,20", "20,77", "a second code that the code list does not have"),
    (f"{MAPPING}/code_tables/seibetsu.csv", "9,0", "9,0,,", "9,0,2020-13-45,", "a period that begins on no day"),
    (f"{MAPPING}/code_tables/idojiyu.csv", "11,20", "2026-09-01", "September", "a decision on no day"),
    ("schemas/standard/jumin/0.1/codes.csv", "umu,有無,1", "有,,", "有,x,", "a code valid from no day"),
    (f"{MAPPING}/proofs.csv", "juminjoho,seinengappi", "date_wareki7", "date_wareki9", "a signature that is not there"),
    (f"{MAPPING}/mapping.toml", "operation", "jumin", "jumim", "the header of another mapping"),
    ("schemas/legacy/package/jumin/layout.toml", "file = ", "JUKI_GENZAI.csv", "", "a table without a file"),
    ("schemas/standard/jumin/0.1/layout.toml", "file_name", "{name}", "{nam}", "a place that no name fills"),
    ("schemas/standard/jumin/0.1/layout.toml", "unit = ", "atenabango", "atenabang", "a unit that is no item"),
)


@pytest.mark.parametrize("nonsense", NONSENSE, ids=lambda n: n[4])
def test_nonsense_does_not_compile(tmp_path: Path, nonsense: tuple[str, str, str, str, str]) -> None:
    """Today each compiles; some end later with exit 70 (signature, file name), some only in rejects or not at all."""
    file, start, old, new, _ = nonsense
    library = copy_library(tmp_path / "library")
    path = library / file
    lines = path.read_text(encoding="utf-8").split("\n")
    at = next(number for number, line in enumerate(lines) if line.startswith(start))
    assert old in lines[at]
    lines[at] = lines[at].replace(old, new, 1)
    path.write_text("\n".join(lines), encoding="utf-8")
    assert (file, at + 1) in {(name, line) for name, line, _ in diagnosed(library, tmp_path)}


def test_a_panic_of_polars_shows_no_value(tmp_path: Path) -> None:
    """Today: PanicException is no Exception, so `main` lets it through; Python prints its text and ends with 1."""
    source = """
import sys
import dmig.pipeline.run as pipeline
from dmig.cli.main import main
from polars.exceptions import PanicException

def failing(*arguments):
    raise PanicException("called `Option::unwrap()` on 鑢峅麿椥橸")

pipeline.check_pass = failing
sys.argv = ["dmig", "run", "jumin", "--dry-run"]
main()
"""
    done = python(source, cwd=tmp_path)
    assert "鑢峅麿" not in done.stderr.decode()
    assert done.returncode == 70


def loses_a_row_and_calls_it_merged(rows: pl.DataFrame) -> StepResult:
    return StepResult(rows.slice(1), merged=1)


def excludes_one_and_names_another(rows: pl.DataFrame) -> StepResult:
    gone = rows.tail(1).select(TABLE, ROW, pl.lit("理由").alias("reason"))
    return StepResult(rows.slice(1), excluded={"理由": 1}, fates=gone)


@pytest.mark.parametrize("act", [loses_a_row_and_calls_it_merged, excludes_one_and_names_another])
def test_counts_that_name_the_wrong_rows_break_the_law(tmp_path: Path, act: Act) -> None:
    """Today: the counts add up, so only the gate `not_used` (which gates.toml may raise) stands between."""
    library = with_plugin(tmp_path / "library")
    delivery = deliver(tmp_path / "city", 60, 12)
    asked = request_for(delivery.inputs, tmp_path / "run", library=library, extra_steps=(kind_of(act),))
    with pytest.raises(LawBroken):
        run(asked)


@pytest.mark.parametrize("file", ["JUKI_GENZAI.csv", "JUKI_RIREKI.csv"])
def test_one_table_with_a_header_only_never_passes(tmp_path: Path, file: str) -> None:
    """Today: pass. `may_be_empty` of a legacy table is read and asked by nobody once there is a header."""
    delivery = deliver(tmp_path / "city", 60, 4)
    path = delivery.inputs / file
    path.write_bytes(path.read_bytes().split(b"\r\n", 1)[0] + b"\r\n")
    ran = run(request_for(delivery.inputs, tmp_path / "run"))
    assert (ran.result["status"], ran.result["exit_code"]) == ("could not judge", 1)


def test_a_senseless_depth_of_validation_is_the_environments_fault(tmp_path: Path) -> None:
    """Today: exit 70, because pandera raises when it is imported, before anybody asks."""
    done = dmig("run", "jumin", "--dry-run", cwd=tmp_path, PANDERA_VALIDATION_DEPTH="schema_only")
    assert done.returncode == 5
    assert b"ENV004" in done.stderr


@pytest.mark.parametrize(("umask", "workers"), [(0o022, 1), (0o000, 1), (0o000, 2)])
def test_folders_0700_and_files_0600_whatever_the_umask(
    tmp_path: Path, monkeypatch: Any, capsys: Any, umask: int, workers: int
) -> None:
    """Today: `key` of each stage and the shape/*.arrow lists take the umask; so do folders that mkdir(parents) makes."""
    assert modes_after_a_run(tmp_path, monkeypatch, capsys, umask, workers) == {}
