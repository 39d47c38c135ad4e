"""Everything below runs/<id> is its owner's alone; values stand in the protected folder only."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from e2e_support import call_main, deliver, tree


def wrong_modes(folder: Path) -> dict[str, str]:
    """What below `folder` (itself included) is not 0700 (folders) or 0600 (files)."""
    return {
        str(path.relative_to(folder)): oct(stat.S_IMODE(path.lstat().st_mode))
        for path in tree(folder)
        if stat.S_IMODE(path.lstat().st_mode) != (0o700 if path.is_dir() else 0o600)
    }


def modes_after_a_run(tmp_path: Path, monkeypatch: Any, capsys: Any, umask: int, workers: int) -> dict[str, str]:
    delivery, runs = deliver(tmp_path / "city", 60, 2, 0.2), tmp_path / "runs"
    before = os.umask(umask)
    try:
        asked = ("run", "jumin", "--dry-run", "--input", delivery.inputs, "--runs", runs, "--workers", str(workers))
        assert call_main(monkeypatch, capsys, *asked)[0] == 1
        assert call_main(monkeypatch, capsys, "reject", "show", "1", "--runs", runs, "--reason", "試験")[0] == 0
    finally:
        os.umask(before)
    assert len(tree(runs)) > 40
    return wrong_modes(runs)


def test_folders_0700_and_files_0600_under_a_strict_umask(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    assert modes_after_a_run(tmp_path, monkeypatch, capsys, 0o077, 1) == {}


def test_the_search_finds_a_readable_file(tmp_path: Path) -> None:
    """The test above can fail."""
    (tmp_path / "open").write_text("x")
    (tmp_path / "open").chmod(0o644)
    assert wrong_modes(tmp_path)["open"] == "0o644"
