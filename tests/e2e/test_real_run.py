"""A real run in a site's folder publishes what the dry run announced, whatever kills it on the way.

`test_resume.py` kills the passes themselves; here it is the command, its worker processes and the publishing.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from e2e_support import Delivery, call_main, copy_library, deliver, only_progress, sha256_of, tree

from dmig.plan.compile import BLOCK_BYTES

Call = Callable[..., tuple[int, str, str]]
OPERATION = "jutogai"
#: Small, so that a stage has many marks.
BLOCK = 4 << 10
#: `dmig run` with small blocks, in a process that kills itself at a named moment of the publishing, or at none.
CHILD = f"""
import os, pathlib, shutil, signal, sys
import dmig.pipeline.run
import dmig.pipeline.session as session
import dmig.targets.files as files
from dmig.cli.main import main

def dying(real, at):
    def work(*arguments):
        if at(*arguments):
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments)
    return work

def third():
    seen = []
    return lambda *arguments: seen.append(1) or len(seen) == 3

def always(*arguments):
    return True

where = sys.argv.pop(1)
if where == "before it":
    files.FilesTarget.publish = dying(None, always)
elif where == "at the third file":
    shutil.copyfile = dying(shutil.copyfile, third())
elif where == "before the generation has its name":
    pathlib.Path.replace = dying(pathlib.Path.replace, lambda path, target: target.parent.name == "generations")
elif where == "before the switch":
    files.write_json = dying(files.write_json, always)
elif where == "after the switch":
    session.write_json = dying(session.write_json, lambda path, value: path.name == "result.json")
dmig.pipeline.run.BLOCK_BYTES = {BLOCK}
main()
"""


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """`dmig` in this process, with the blocks of the child."""
    monkeypatch.setattr("dmig.pipeline.run.BLOCK_BYTES", BLOCK)
    return partial(call_main, monkeypatch, capsys)


def site_with(call: Call, folder: Path, delivery: Delivery) -> Path:
    """A site made by `dmig init`, and a delivery put where it belongs."""
    assert call("init", folder)[0] == 0
    put(delivery, folder)
    approve_plan(call, folder, delivery.operation)
    return folder


def approve_plan(call: Call, site: Path, operation: str) -> None:
    """A dry run that an approver signs; its folder is cleared away, the approval in the ledger is what counts."""
    key = site / "approver.pem"
    code, out, _ = call("key", "new", "--name", "山田花子", "--out", key)
    assert code == 0
    with (site / "approvers.csv").open("w", encoding="utf-8") as approvers:
        approvers.write("name,role,division,public_key,valid_from,valid_to\n")
        approvers.write(f"山田花子,課長,市民課,{out.split()[0]},2026-04-01,\n")
    dry = real(call, site, "--dry-run", operation=operation)
    assert call("approve", "--as", "山田花子", "--key", key, "--site", site)[0] == 0
    shutil.rmtree(site / "runs" / dry["run_id"])


def put(delivery: Delivery, site: Path) -> None:
    place = site / "input" / delivery.operation
    (place / "package").mkdir(parents=True, exist_ok=True)
    shutil.copy(delivery.folder / "delivery.toml", place)
    for file in delivery.inputs.iterdir():
        shutil.copy(file, place / "package")


def sound(once: Any) -> Delivery:
    found: Delivery = once("real run city", lambda place: deliver(place / "city", 300, 7, operation=OPERATION))
    return found


def faulty(once: Any) -> Delivery:
    found: Delivery = once("real run bad", lambda place: deliver(place / "city", 60, 3, 0.2, operation=OPERATION))
    return found


def on_disk(site: Path) -> dict[str, str]:
    """All that is published, `current` and leftovers included."""
    published = site / "published"
    return {path.relative_to(published).as_posix(): sha256_of(path) for path in tree(published, Path.is_file)}


def announced(result: dict[str, Any]) -> dict[str, str]:
    return {output["file"]: output["sha256"] for output in result["outputs"]}


def below(generation: str, hashes: dict[str, str], operation: str = OPERATION) -> dict[str, str]:
    return {f"{operation}/generations/{generation}/{file}": sha256 for file, sha256 in hashes.items()}


def current(site: Path, operation: str = OPERATION) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((site / "published" / operation / "current").read_text(encoding="utf-8"))
    return found


def real(call: Call, site: Path, *more: str | Path, operation: str = OPERATION) -> dict[str, Any]:
    """A real run, or with `--dry-run` a dry one, that must pass."""
    code, out, err = call("run", operation, "--site", site, "--json", *more)
    assert code == 0, err
    assert only_progress(err)
    result: dict[str, Any] = json.loads(out)
    return result


def without_circumstances(result: dict[str, Any]) -> dict[str, Any]:
    beside = ("run_id", "dry_run", "stages", "generation", "self_test")
    # Open glyphs have a limit in a real run only.
    gates = [gate if gate["gate"] != "glyphs" else {**gate, "limit": None} for gate in result["gates"]]
    return {name: value for name, value in (result | {"gates": gates}).items() if name not in beside}


def assert_published_as_announced(call: Call, site: Path, operation: str, least: int) -> None:
    dry = real(call, site, "--dry-run", operation=operation)
    assert on_disk(site) == {}
    first = real(call, site, operation=operation)
    assert len(announced(dry)) >= least
    found = on_disk(site)
    del found[f"{operation}/current"]
    assert found == below(first["generation"], announced(dry), operation)
    assert current(site, operation) == {"generation": first["generation"], "history": [first["generation"]]}
    assert (dry["dry_run"], first["dry_run"]) == (True, False)
    assert without_circumstances(dry) == without_circumstances(first)
    assert {stat.S_IMODE(path.lstat().st_mode) & 0o077 for path in tree(site / "published")} == {0}


def test_a_real_run_publishes_what_the_dry_run_announced(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """住民記録 with its seven groups; the first time, and once more where nothing is published any longer."""
    monkeypatch.setattr("dmig.pipeline.run.BLOCK_BYTES", BLOCK_BYTES)
    site = site_with(call, tmp_path / "site", deliver(tmp_path / "city", 30, 1))
    assert_published_as_announced(call, site, "jumin", 21)
    before = on_disk(site)
    shutil.rmtree(site / "published")
    real(call, site, operation="jumin")
    assert on_disk(site) == before


def test_a_second_real_run_publishes_identical_bytes(call: Call, once: Any, tmp_path: Path) -> None:
    site = site_with(call, tmp_path / "site", sound(once))
    assert_published_as_announced(call, site, OPERATION, 3)
    before, inodes = on_disk(site), {path: path.stat().st_ino for path in tree(site / "published" / OPERATION)}
    again = real(call, site)
    assert again["generation"] == current(site)["generation"]
    assert on_disk(site) == before
    # What was intact is not copied again.
    assert {path.name for path, inode in inodes.items() if path.stat().st_ino != inode} <= {"current"}


def test_a_published_file_that_was_altered_is_published_anew(call: Call, once: Any, tmp_path: Path) -> None:
    site = site_with(call, tmp_path / "site", sound(once))
    real(call, site)
    before = on_disk(site)
    [path] = (path for path in (site / "published").rglob("*.csv") if path.parent.name != "substitutes")
    path.write_bytes(path.read_bytes().replace(b"0", b"1", 1))
    assert on_disk(site) != before
    real(call, site)
    assert on_disk(site) == before


def test_only_a_run_that_passes_becomes_a_generation(call: Call, once: Any, tmp_path: Path) -> None:
    site = site_with(call, tmp_path / "site", sound(once))
    first = real(call, site)["generation"]
    before = on_disk(site)
    put(faulty(once), site)
    code, out, _ = call("run", OPERATION, "--site", site, "--json")
    assert (code, "generation" in json.loads(out)) == (1, False)
    assert on_disk(site) == before
    put(deliver(tmp_path / "other", 60, 3, operation=OPERATION), site)
    second = real(call, site)["generation"]
    assert current(site) == {"generation": second, "history": [first, second]}
    assert first != second
    del before[f"{OPERATION}/current"]
    assert before.items() <= on_disk(site).items()


def test_a_mapping_that_is_not_frozen_publishes_nothing(call: Call, once: Any, tmp_path: Path) -> None:
    site, library = site_with(call, tmp_path / "site", sound(once)), copy_library(tmp_path / "library")
    header = library / "mappings" / OPERATION / "package" / "mapping.toml"
    asked = ("run", OPERATION, "--site", site, "--library", library)
    for status, expected in (("agreed", 2), ("frozen", 0)):
        header.write_text(header.read_text(encoding="utf-8").replace('"frozen"', f'"{status}"'), encoding="utf-8")
        code, _, err = call(*asked)
        assert (code, "RUN006" in err) == (expected, expected == 2)
        assert (on_disk(site) == {}) == (expected == 2)
        header.write_text(header.read_text(encoding="utf-8").replace(f'"{status}"', '"frozen"'), encoding="utf-8")


def child(site: Path, where: str, *more: str) -> subprocess.Popen[bytes]:
    """The command in a session of its own, so that its whole tree can be killed at once."""
    words = [sys.executable, "-c", CHILD, where, "run", OPERATION, "--site", str(site), *more]
    return subprocess.Popen(words, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Undisturbed:
    """A real run from beginning to end, by the same child that others kill."""

    def __init__(self, call: Call, folder: Path, delivery: Delivery) -> None:
        self.site = site_with(call, folder / "site", delivery)
        with child(self.site, "never") as process:
            assert process.wait(120) == 0
        [run] = self.runs()
        self.result = json.loads((run / "result.json").read_text(encoding="utf-8"))
        self.published = on_disk(self.site)

    def runs(self) -> list[Path]:
        return runs_of(self.site)


def runs_of(site: Path) -> list[Path]:
    return [path for path in (site / "runs").iterdir() if path.is_dir()]


def undisturbed(once: Any, call: Call) -> Undisturbed:
    found: Undisturbed = once("real run whole", lambda place: Undisturbed(call, place, sound(once)))
    return found


def assert_resumes_to_the_same(once: Any, call: Call, site: Path) -> None:
    """Resumed with one worker in this process: what is published, announced and noted is that of the whole run."""
    whole = undisturbed(once, call)
    [run] = runs_of(site)
    assert not (run / "result.json").exists()
    resumed = real(call, site, "--resume", run.name)
    assert runs_of(site) == [run]
    assert on_disk(site) == whole.published == on_disk(whole.site)
    assert without_circumstances(resumed) == without_circumstances(whole.result)
    assert current(site)["generation"] == resumed["generation"] == whole.result["generation"]
    connection = sqlite3.connect(site / "runs" / "ledger.sqlite")
    bodies = [json.loads(body) for (body,) in connection.execute("select body from entries where kind = 'run'")]
    connection.close()
    assert [(body["run_id"], body["status"]) for body in bodies if not body["dry_run"]] == [(run.name, "pass")]


def test_undisturbed_it_publishes_what_a_dry_run_announces(once: Any, call: Call, tmp_path: Path) -> None:
    """So what the killed runs are compared with is right, and not only always the same."""
    whole = undisturbed(once, call)
    dry = real(call, site_with(call, tmp_path / "site", sound(once)), "--dry-run")
    found = {name: sha256 for name, sha256 in whole.published.items() if name != f"{OPERATION}/current"}
    assert found == below(whole.result["generation"], announced(dry))
    assert len(found) > 10


MOMENTS = (
    "before it", "at the third file", "before the generation has its name", "before the switch", "after the switch",
)  # fmt: skip


@pytest.mark.parametrize("where", MOMENTS)
def test_killed_while_it_publishes(once: Any, call: Call, tmp_path: Path, where: str) -> None:
    """Before the switch nothing is published; what lies about is cleared away by the resumed run."""
    site = site_with(call, tmp_path / "site", sound(once))
    with child(site, where) as process:
        assert process.wait(120) == -signal.SIGKILL
    assert (site / "published" / OPERATION / "current").exists() == (where == "after the switch")
    assert (len(on_disk(site)) > 0) == (where != "before it")
    assert_resumes_to_the_same(once, call, site)


def marks(site: Path, stage: str) -> list[Path]:
    """Marks of blocks that a stage has done."""
    places = {"write": "write/marks/*/*.json"}
    return [path for run in runs_of(site) for path in run.glob("protected/" + places.get(stage, f"{stage}/*/*.json"))]


def killed_at_first_mark(site: Path, stage: str) -> None:
    """Let the command with two workers do one block of a stage, then kill all its processes in one blow."""
    with child(site, "never", "--workers", "2") as process:
        deadline = time.monotonic() + 60
        while not marks(site, stage):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.001)
        os.killpg(process.pid, signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL


@pytest.mark.parametrize("stage", ["read", "convert", "check", "write"])
def test_the_whole_tree_killed_inside_a_stage(once: Any, call: Call, tmp_path: Path, stage: str) -> None:
    site = site_with(call, tmp_path / "site", sound(once))
    killed_at_first_mark(site, stage)
    assert 1 <= len(marks(site, stage)) < len(marks(undisturbed(once, call).site, stage))
    assert on_disk(site) == {}
    assert_resumes_to_the_same(once, call, site)


def test_killed_in_one_stage_after_the_other(once: Any, call: Call, tmp_path: Path) -> None:
    """One run, killed in the second stage where the first kill left it, and resumed by the command itself."""
    site = site_with(call, tmp_path / "site", sound(once))
    killed_at_first_mark(site, "shape")
    [run] = runs_of(site)
    with child(site, "before the switch", "--resume", run.name) as process:
        assert process.wait(120) == -signal.SIGKILL
    assert_resumes_to_the_same(once, call, site)


@pytest.mark.parametrize("left", [0, 1, -1], ids=["nothing", "one byte", "all but one byte"])
def test_a_truncated_state_is_refused_and_publishes_nothing(once: Any, call: Call, tmp_path: Path, left: int) -> None:
    """Though all that is missing is the publishing."""
    site = tmp_path / "site"
    shutil.copytree(once("real run killed", lambda place: killed_before_it(once, call, place)), site)
    [run] = runs_of(site)
    state = run / "state.json"
    state.write_bytes(state.read_bytes()[:left])
    code, out, err = call("run", OPERATION, "--site", site, "--resume", run.name)
    assert (code, out, "RUN001" in err) == (5, "", True)
    assert on_disk(site) == {}
    assert not (run / "result.json").exists()


def killed_before_it(once: Any, call: Call, place: Path) -> Path:
    site = site_with(call, place / "site", sound(once))
    with child(site, "before it") as process:
        assert process.wait(120) == -signal.SIGKILL
    return site
