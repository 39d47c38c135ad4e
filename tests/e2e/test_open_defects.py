"""Defects of the program that are known and not yet mended: each test here fails until one is, and then moves out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from e2e_support import copy_library, deliver, request_for

from dmig.errors import SpecError
from dmig.pipeline.run import compile_operation

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
