"""The sessions that the READMEs show are run as they stand; what they show must come, in that order."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Shown:
    """One command of a README and the lines shown under it (`…` leaves lines out)."""

    command: str
    lines: tuple[str, ...]


def session(readme: str) -> Iterator[Shown]:
    text = (ROOT / readme).read_text(encoding="utf-8")
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for entry in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *lines = entry.splitlines()
            yield Shown(command, tuple(plain(line) for line in lines if line != "…"))


def plain(line: str) -> str:
    """A line without the run's name and without the widths of columns."""
    return " ".join(re.sub(r"(run )?\d{8}T\d{6}-\d{6}", "", line).split())


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What a clone holds, with `dmig` on the path running the copy."""
    for name in ("dmig", "schemas", "mappings", "fixtures"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = tmp_path / "bin" / "dmig"
    command.parent.mkdir()
    program = "import sys; sys.argv[0] = 'dmig'; from dmig.cli.main import main; main()"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{program}" "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.invalid", "-c", "core.hooksPath=none"]
    for words in (["init", "--quiet"], ["add", "mappings"], ["commit", "--quiet", "--message", "clone"]):
        subprocess.run([*git, *words], cwd=tmp_path, check=True)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("readme", ["README.md", "README.ja.md"])
def test_session_of_readme_runs_as_shown(readme: str, clone: Path) -> None:
    shown = list(session(readme))
    assert len(shown) >= 8
    environment = {**os.environ, "PATH": f"{clone / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(clone)}
    for entry in shown:
        done = subprocess.run(
            ["bash", "-c", entry.command],
            cwd=clone,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        got = [plain(line) for line in done.stdout.splitlines()]
        rest = iter(got)
        missing = [line for line in entry.lines if line not in rest]
        assert missing == [], f"$ {entry.command}\n{done.stdout}"
