"""What is kept in the repository: no trace of a machine, no registry, declarations in one form, pins complete."""

from __future__ import annotations

import re
import stat
import subprocess
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
# Written in pieces, so that this file does not hold what it looks for.
MACHINE = re.compile("(?<![A-Za-z0-9.<>{}])(/" + "work|/" + "root|/" + "home)/|[A-Z]:\\\\" + "Users")
REGISTRY = re.compile(
    "|".join(("py" + r"pi\.org", "python" + "hosted", "arti" + "factory", "index" + "-url", "find" + "-links")),
    re.IGNORECASE,
)
MAX_BYTES = 2 << 20


def kept_files() -> list[Path]:
    """Files that are tracked, or new and not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def texts() -> dict[str, str]:
    found = {}
    for path in kept_files():
        data = path.read_bytes()
        if b"\0" in data:
            continue
        found[path.relative_to(ROOT).as_posix()] = data.decode("utf-8", errors="replace")
    return found


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}"
        for name, text in texts().items()
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def declarations() -> list[Path]:
    return [
        path
        for path in kept_files()
        if path.suffix in (".csv", ".toml", ".sql")
        and path.relative_to(ROOT).parts[0] in ("schemas", "mappings", "dmig")
    ]


def test_no_file_names_a_path_of_a_machine() -> None:
    assert len(texts()) > 100
    assert lines_with(MACHINE) == []


def test_no_file_names_a_registry() -> None:
    assert lines_with(REGISTRY) == []


@pytest.mark.parametrize("text", ["see /" + "work/main", 'open("/' + 'root/x")', "C:\\" + "Users\\x"])
def test_machine_paths_are_seen(text: str) -> None:
    assert MACHINE.search(text)


def test_registries_are_seen() -> None:
    assert REGISTRY.search("https://py" + "pi.org/simple")
    assert REGISTRY.search("--Index" + "-URL x")


def test_declarations_have_lf_and_no_bom() -> None:
    files = declarations()
    assert len(files) > 15
    wrong = []
    for path in files:
        data = path.read_bytes()
        data.decode("utf-8")
        if data.startswith(b"\xef\xbb\xbf") or b"\r" in data or not data.endswith(b"\n"):
            wrong.append(path.relative_to(ROOT).as_posix())
    assert wrong == []


def test_fixtures_are_small() -> None:
    folders = sorted(path for path in (ROOT / "fixtures").glob("*/*") if path.is_dir())
    assert len(folders) >= 2
    sizes = {path.name: sum(p.stat().st_size for p in path.rglob("*") if p.is_file()) for path in folders}
    assert {name: size for name, size in sizes.items() if size > MAX_BYTES} == {}


def test_nothing_made_by_a_run_is_kept() -> None:
    names = [path.relative_to(ROOT).as_posix() for path in kept_files()]
    made = ("runs/", ".venv/", "build/", "dist/")
    assert [name for name in names if name.startswith(made) or "__pycache__" in name or name.endswith(".sqlite")] == []


def test_the_build_server_runs_make_test() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & stat.S_IXUSR
    lines = script.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert "set -euo pipefail" in lines
    assert lines[-1] == "make test"


def pins() -> dict[str, str]:
    """Pinned versions by canonical name; every line is `name==version` or a comment."""
    found = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        match = re.fullmatch(r"([A-Za-z0-9._-]+)==([0-9][0-9A-Za-z.+!]*)", line)
        assert match, line
        found[canonicalize_name(match[1])] = match[2]
    return found


def reached() -> dict[str, str]:
    """Installed versions of everything that `pip install -e .[dev]` brings, by canonical name."""
    found: dict[str, str] = {}
    waiting = [("dmig", frozenset({"dev"}))]
    done = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in done:
            continue
        done.add((name, extras))
        distribution = metadata.distribution(name)
        if name != "dmig":
            found[name] = distribution.version
        for text in distribution.requires or ():
            needed = Requirement(text)
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in (*extras, "")):
                waiting.append((canonicalize_name(needed.name), frozenset(needed.extras)))
    return found


def test_pins_are_complete_and_nothing_else() -> None:
    installed = reached()
    assert len(installed) > 20
    assert pins() == installed
