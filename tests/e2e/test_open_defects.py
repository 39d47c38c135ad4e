"""Defects of the program that are known and not yet mended: each test here fails until one is, and then moves out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from e2e_support import deliver

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
