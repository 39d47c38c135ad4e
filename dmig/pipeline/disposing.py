"""Disposal of a run: every file of the protected folder listed with its hash, overwritten and removed, and a certificate of it.

What stays holds no value of a record: the result, its circumstances, the report, the ledger.
"""

from __future__ import annotations

import getpass
import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dmig.errors import DmigError, UsageFault
from dmig.ledger.chain import sha256
from dmig.pipeline.books import open_book
from dmig.pipeline.run import forget_stages
from dmig.stages.write import file_sha256
from dmig.store.private import make_private, private_umask, sync, written_aside

CERTIFICATE = "disposal.json"
METHOD = (
    "各ファイルを一度上書きしてから消した。スナップショット、バックアップ、SSD の予備領域に残る写しには及ばない。",
    "Each file was overwritten once and removed. Copies in snapshots, backups and spare blocks of a disk are not reached.",
)
_ZEROS = bytes(1 << 20)
#: A run's name, and nothing that leads elsewhere.
_RUN = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]*")


@dataclass(frozen=True, slots=True)
class Disposed:
    """What was removed of a run: its certificate, and where that stands."""

    run_id: str
    certificate: dict[str, Any]
    path: Path


def dispose(runs: Path, run_id: str, reason: str) -> Disposed:
    """Remove what a run has derived from records; also of one that was interrupted.

    `UsageFault` RUN002 for a run that is not there; `DmigError` DSP001 where a file could not be removed: then the
    certificate is not written, and the command can be called again.
    """
    folder = runs / run_id
    if not _RUN.fullmatch(run_id) or not folder.is_dir():
        raise UsageFault("RUN002", run=run_id)
    with private_umask():
        listed = _listed(folder / "protected")
        _erase(folder / "protected", listed)
        certificate = {
            "run_id": run_id, "disposed_at": datetime.now(UTC).isoformat(timespec="seconds"), "by": getpass.getuser(),
            "reason": reason, "method": list(METHOD), "files": listed, "count": len(listed),
            "size_bytes": sum(int(entry["size_bytes"]) for entry in listed),
        }  # fmt: skip
        text = json.dumps(certificate, ensure_ascii=False, indent=2) + "\n"
        path = _next(folder)
        with written_aside(path) as aside:
            aside.write_text(text, encoding="utf-8")
        _enter(runs, run_id, path.name, text)
    return Disposed(run_id, certificate, path)


def _listed(protected: Path) -> list[dict[str, Any]]:
    """Every file below the protected folder, in order of its name."""
    files = sorted(path for path in protected.rglob("*") if path.is_file() and not path.is_symlink())
    return [
        {"file": path.relative_to(protected).as_posix(), "size_bytes": path.stat().st_size, "sha256": file_sha256(path)}
        for path in files
    ]


def _erase(protected: Path, listed: list[dict[str, Any]]) -> None:
    for entry in listed:
        _overwrite(protected / str(entry["file"]), int(entry["size_bytes"]))
    forget_stages(protected.parent)
    if protected.exists():
        left = sum(1 for path in protected.rglob("*") if path.is_file())
        raise DmigError("DSP001", transient=True, run=protected.parent.name, count=left)


def _overwrite(path: Path, size_bytes: int) -> None:
    try:
        with path.open("r+b", buffering=0) as target:
            for start in range(0, size_bytes, len(_ZEROS)):
                target.write(_ZEROS[: min(len(_ZEROS), size_bytes - start)])
            os.fsync(target.fileno())
    except OSError:
        raise DmigError("DSP001", transient=True, run=path.name, count=1) from None


def _next(folder: Path) -> Path:
    """A certificate is never written over: a run that was resumed after its disposal has a second one."""
    make_private(folder)
    number = 1
    while (path := folder / (CERTIFICATE if number == 1 else f"disposal-{number}.json")).exists():
        number += 1
    sync(folder)
    return path


def _enter(runs: Path, run_id: str, name: str, text: str) -> None:
    book = open_book(runs, appends=True)
    try:
        with book.writing() as pages:
            pages.append("disposal", {"run_id": run_id, "certificate": name, "certificate_sha256": sha256(text)})
    finally:
        book.close()


def old_runs(runs: Path, keep: int) -> list[str]:
    """Runs behind the newest `keep` whose protected folder is still there, the oldest first."""
    names = sorted(path.name for path in runs.glob("[0-9]*T*") if path.is_dir())
    old = names[: max(0, len(names) - keep)]
    return [name for name in old if (runs / name / "protected").is_dir()]
