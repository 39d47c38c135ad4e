"""Files and folders that only their owner may read, written aside and renamed when complete."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dmig.errors import DmigError


def make_private(folder: Path) -> Path:
    """The folder with mode 0700, made if needed."""
    with disk_faults(folder):
        if not _is_private(folder):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
    return folder


def _is_private(folder: Path) -> bool:
    """Asked first: it is made once and asked for thousands of times, and looking costs least."""
    try:
        mode = folder.stat().st_mode
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(mode) and stat.S_IMODE(mode) == 0o700


@contextmanager
def disk_faults(path: Path) -> Iterator[None]:
    """Turn what a disk can do to us into an environment fault with a remedy (exit 5)."""
    try:
        yield
    except OSError as error:
        known = dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "ENV002")
        known |= dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), "ENV003")
        if error.errno in known:
            raise DmigError(known[error.errno], path=path.name) from error
        raise


def refuse_missing_folder(path: Path) -> None:
    """`DmigError` ENV003 where somebody named a file in a folder that is not there."""
    if not path.parent.is_dir():
        raise DmigError("ENV003", path=path.parent.name)


@contextmanager
def written_aside(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """A path to write to; on success it is synced and takes the name `path` in one rename.

    What is not `durable` outlives the end of the process, but perhaps not that of the machine: it may only be
    believed before the next start of the system (see `this_start`).
    """
    aside = path.with_name(path.name + ".part")
    with disk_faults(path):
        yield aside
        aside.chmod(0o600)
        if durable:
            sync(aside)
        aside.replace(path)


@contextmanager
def private_umask() -> Iterator[None]:
    """Whatever is made inside is for its owner only, folders that libraries make on the way included."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def sync(path: Path) -> None:
    """Force a file's bytes to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def this_start() -> str:
    """What names the present start of the system; "" where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def write_json(path: Path, value: Any, *, durable: bool = True, indent: int | None = 2) -> None:
    """A private JSON file, keys as given; indented unless it is for the program alone."""
    make_private(path.parent)
    with written_aside(path, durable=durable) as aside:
        aside.write_text(json.dumps(value, ensure_ascii=False, indent=indent) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """A JSON file's content."""
    return json.loads(path.read_text(encoding="utf-8"))


def empty_folder(folder: Path) -> Path:
    """The folder, made anew and empty."""
    if folder.exists():
        shutil.rmtree(folder)
    return make_private(folder)
