"""`kill -9` between and inside stages, then resume: the same bytes. What cannot be trusted is refused."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e_support import Delivery, Ran, call_main, deliver, request_for, run, sha256_of

from dmig.errors import DmigError, ExitCode, UsageFault

#: The passes of `dmig.pipeline.run`, as a child process finds them by name.
PASSES = (
    "read_pass",
    "shape_pass",
    "convert_pass",
    "finish_pass",
    "check_pass",
    "judge_pass",
    "write_pass",
    "conserve",
    "reconcile_pass",
)
#: A process that has imported the program and worked with none of it yet. For each line it is given (operation, inputs,
#: folder, block bytes, how, where) it forks a child that runs the delivery and kills itself, and tells how the child ended.
NURSERY = """
import os, pathlib, signal, sys
from dmig.pipeline import run as pipeline
from dmig.spec.library import Library, shipped

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def work(operation, inputs, folder, block_bytes, how, where):
    if how == "before":
        setattr(pipeline, where, lambda *arguments: die())
    elif how in ("rename", "renamed"):
        real_replace, seen = pathlib.Path.replace, [0]
        def replace(self, target):
            seen[0] += 1
            if how == "rename" and seen[0] == int(where):
                die()
            found = real_replace(self, target)
            if how == "renamed" and seen[0] == int(where):
                die()
            return found
        pathlib.Path.replace = replace
    request = pipeline.Request(Library(shipped()), operation, "package", pathlib.Path(inputs), pathlib.Path(folder),
                               block_bytes=int(block_bytes))
    pipeline.execute(request, pipeline.compile_operation(request))

for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        status = 70
        try:
            work(*line.rstrip("\\n").split("\\t"))
            status = 0
        finally:
            os._exit(status)
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""
BLOCK = 6 << 10
OPERATION = "jutogai"


def city(once: Any) -> Delivery:
    found: Delivery = once("resume city", lambda place: deliver(place / "city", 120, 77, 0.15, operation=OPERATION))
    return found


def undisturbed(once: Any) -> Ran:
    inputs = city(once).inputs
    found: Ran = once(
        "resume whole", lambda place: run(request_for(inputs, place / "run", operation=OPERATION, block_bytes=BLOCK))
    )
    return found


@pytest.fixture(scope="session")
def nursery() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", NURSERY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        yield process


def begin(
    nursery: subprocess.Popen[str], inputs: Path, folder: Path, how: str = "", where: str = "0",
    operation: str = OPERATION, block_bytes: int = BLOCK,
) -> int:  # fmt: skip
    """Let a child begin; its process id."""
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write("\t".join([operation, str(inputs), str(folder), str(block_bytes), how, where]) + "\n")
    nursery.stdin.flush()
    return int(nursery.stdout.readline())


def ended(nursery: subprocess.Popen[str]) -> int:
    """Wait for the child: its exit code, or minus the signal that ended it."""
    assert nursery.stdout is not None
    return int(nursery.stdout.readline())


def child(nursery: subprocess.Popen[str], inputs: Path, folder: Path, how: str, where: str) -> int:
    begin(nursery, inputs, folder, how, where)
    return ended(nursery)


def assert_resumes_to_the_same(once: Any, folder: Path) -> None:
    whole = undisturbed(once)
    resumed = run(request_for(city(once).inputs, folder, operation=OPERATION, block_bytes=BLOCK, resume=True))
    assert resumed.hashes == whole.hashes
    assert {
        path.relative_to(resumed.published).as_posix(): sha256_of(path)
        for path in resumed.published.rglob("*")
        if path.is_file()
    } == whole.hashes
    assert len(whole.hashes) > 5
    assert resumed.reports.equals(whole.reports)
    for name in ("tables", "groups", "gates", "rejects_by_code", "findings_by_code", "rules", "reconciliation"):
        assert resumed.result[name] == whole.result[name]


@pytest.mark.parametrize("where", PASSES)
def test_killed_between_stages(tmp_path: Path, once: Any, nursery: Any, where: str) -> None:
    assert child(nursery, city(once).inputs, tmp_path / "run", "before", where) == -signal.SIGKILL
    assert_resumes_to_the_same(once, tmp_path / "run")


#: A run of this delivery renames some sixty files; these moments are drawn anew from a fixed seed.
MOMENTS = sorted(random.Random(20261001).sample(range(2, 50), 5))


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_inside_a_stage_before_or_after_a_file_takes_its_name(
    tmp_path: Path, once: Any, nursery: Any, moment: int
) -> None:
    how = "rename" if moment % 2 else "renamed"
    assert child(nursery, city(once).inputs, tmp_path / "run", how, str(moment)) == -signal.SIGKILL
    assert_resumes_to_the_same(once, tmp_path / "run")


def test_killed_from_outside_again_and_again(tmp_path: Path, once: Any, nursery: Any) -> None:
    """One run killed at three moments that nobody chose, each time going on from what was left."""
    inputs, folder, kills = city(once).inputs, tmp_path / "run", 0
    for _ in range(3):
        pid = begin(nursery, inputs, folder)
        time.sleep(random.uniform(0.02, 0.4))
        os.kill(pid, signal.SIGKILL)
        kills += ended(nursery) == -signal.SIGKILL
    assert kills > 0
    assert_resumes_to_the_same(once, folder)


def test_a_finished_run_resumed_does_no_work_again_and_says_the_same(tmp_path: Path, once: Any) -> None:
    delivery, folder = city(once), tmp_path / "run"
    run(request_for(delivery.inputs, folder, operation=OPERATION, block_bytes=BLOCK))
    staged = sorted(folder.glob("protected/*/**/*.arrow"))
    kept = {path: path.stat().st_ino for path in staged if path.name != "reports.arrow" and "judge" not in path.parts}
    assert len(kept) > 10
    assert_resumes_to_the_same(once, folder)
    assert {path: path.stat().st_ino for path in kept} == kept


def test_a_leftover_of_an_unfinished_file_is_not_taken_for_a_part(tmp_path: Path, once: Any, nursery: Any) -> None:
    assert child(nursery, city(once).inputs, tmp_path / "run", "before", "convert_pass") == -signal.SIGKILL
    rows = tmp_path / "run" / "protected" / "read" / "jutogai" / "rows"
    (rows / "00000.arrow.part").write_bytes(b"half a file")
    assert_resumes_to_the_same(once, tmp_path / "run")


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def nothing(content: bytes) -> bytes:
    return b""


def one_letter(content: bytes) -> bytes:
    at = content.index(b"start") + 40
    return content[:at] + (b"0" if content[at : at + 1] != b"0" else b"1") + content[at + 1 :]


def without_checksum(content: bytes) -> bytes:
    return b'{"stages": "{}"}'


def other_form(content: bytes) -> bytes:
    return b"[]"


def not_text(content: bytes) -> bytes:
    return b"\xff\xfe" + content


def test_a_run_of_many_groups_killed_at_a_pass_resumes_to_the_same(tmp_path: Path, nursery: Any) -> None:
    """住民記録 once, with eight tables and seven groups; its passes are those of the tests above."""
    delivery = deliver(tmp_path / "city", 40, 77, 0.15)
    for where in ("convert_pass", "judge_pass", "reconcile_pass"):
        begin(nursery, delivery.inputs, tmp_path / "run", "before", where, "jumin", 16 << 20)
        assert ended(nursery) == -signal.SIGKILL, where
    resumed = run(request_for(delivery.inputs, tmp_path / "run", block_bytes=16 << 20, resume=True))
    whole = run(request_for(delivery.inputs, tmp_path / "whole", block_bytes=16 << 20))
    assert resumed.reports.height > 0
    assert resumed.hashes == whole.hashes
    assert resumed.reports.equals(whole.reports)
    for name in ("tables", "groups", "gates", "rejects_by_code", "findings_by_code", "rules", "reconciliation"):
        assert resumed.result[name] == whole.result[name]


@pytest.mark.parametrize("damage", [half, nothing, one_letter, without_checksum, other_form, not_text])
def test_a_truncated_or_altered_state_is_refused(tmp_path: Path, once: Any, damage: Any) -> None:
    folder = tmp_path / "run"
    killed = undisturbed(once)
    folder.mkdir()
    state = folder / "state.json"
    content = (killed.request.folder / "state.json").read_bytes()
    state.write_bytes(damage(content))
    assert state.read_bytes() != content
    with pytest.raises(DmigError) as refused:
        run(request_for(city(once).inputs, folder, operation=OPERATION, block_bytes=BLOCK, resume=True))
    assert (refused.value.code, refused.value.exit_code) == ("RUN001", ExitCode.ENVIRONMENT)
    assert not (folder / "protected").exists()


def changed_cell(delivery: Delivery) -> None:
    delivery.edit("JUTOGAI.csv", 3, katagaki="別の方書")


def one_record_less(delivery: Delivery) -> None:
    path = delivery.inputs / "JUTOGAI.csv"
    path.write_bytes(b"\r\n".join(path.read_bytes().split(b"\r\n")[:-2]) + b"\r\n")


@pytest.mark.parametrize("change", [changed_cell, one_record_less])
def test_an_input_that_changed_meanwhile_is_refused(tmp_path: Path, nursery: Any, change: Any) -> None:
    delivery = deliver(tmp_path / "city", 60, 3, 0.1, operation=OPERATION)
    assert child(nursery, delivery.inputs, tmp_path / "run", "before", "check_pass") == -signal.SIGKILL
    change(delivery)
    with pytest.raises(UsageFault) as refused:
        run(request_for(delivery.inputs, tmp_path / "run", operation=OPERATION, block_bytes=BLOCK, resume=True))
    assert refused.value.code == "RUN003"


def test_a_plan_that_changed_meanwhile_is_refused(tmp_path: Path, once: Any) -> None:
    folder = tmp_path / "run"
    run(request_for(city(once).inputs, folder, operation=OPERATION, block_bytes=BLOCK))
    with pytest.raises(UsageFault) as refused:
        run(request_for(city(once).inputs, folder, operation=OPERATION, block_bytes=BLOCK + 1, resume=True))
    assert refused.value.code == "RUN003"


def test_resume_on_the_command_line(tmp_path: Path, once: Any, monkeypatch: Any, capsys: Any) -> None:
    inputs, runs = city(once).inputs, tmp_path / "runs"
    asked = ("run", OPERATION, "--dry-run", "--input", inputs, "--runs", runs, "--json")
    code, said, _ = call_main(monkeypatch, capsys, *asked, "--resume", "no-such-run")
    assert (code, said) == (2, "")
    code, _, said = call_main(monkeypatch, capsys, *asked, "--resume", "no-such-run")
    assert "RUN002" in said
    first, out, _ = call_main(monkeypatch, capsys, *asked)
    run_id = next(path.name for path in runs.iterdir() if path.is_dir())
    again, out_again, _ = call_main(monkeypatch, capsys, *asked, "--resume", run_id)
    assert first == again == 1
    stages = out.index('"stages"'), out_again.index('"stages"')
    assert out[: stages[0]] == out_again[: stages[1]]
    (runs / run_id / "state.json").write_bytes(b"{")
    code, out, said = call_main(monkeypatch, capsys, *asked, "--resume", run_id)
    assert (code, out) == (5, "")
    assert "RUN001" in said
    monkeypatch.setenv("DMIG_LANG", "en")
    assert "damaged" in call_main(monkeypatch, capsys, *asked, "--resume", run_id)[2]


WORKERS = """
import pathlib, sys
from dmig.pipeline import run as pipeline
from dmig.spec.library import Library, shipped

if __name__ == "__main__":
    request = pipeline.Request(Library(shipped()), "jutogai", "package", pathlib.Path(sys.argv[1]),
                               pathlib.Path(sys.argv[2]), block_bytes=4096, workers=2)
    pipeline.execute(request, pipeline.compile_operation(request))
"""


def test_workers_do_not_outlive_a_killed_run(tmp_path: Path) -> None:
    """An orphan holds memory for ever and may write into a folder that a resumed run believes its own."""
    delivery = deliver(tmp_path / "city", 400, 77, 0.15, operation=OPERATION)
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
