"""A ZIP that has the same bytes on every machine: stored, sorted, without times; read back within limits."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath

MAX_FILES, MAX_BYTES = 20_000, 512 << 20


def pack(files: Mapping[str, bytes]) -> bytes:
    """The ZIP of some files by name."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o600 << 16
            archive.writestr(entry, files[name])
    return target.getvalue()


def unpack(content: bytes) -> dict[str, bytes]:
    """The files of a ZIP; `ValueError` when it is none, too large, compressed, or names a place outside itself."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_BYTES:
                raise ValueError("size")
            if any(entry.compress_type != zipfile.ZIP_STORED or not _is_inside(entry.filename) for entry in entries):
                raise ValueError("form")
            return {entry.filename: archive.read(entry) for entry in entries}
    # A damaged header makes the library raise any of these (RuntimeError: it says that the file is encrypted).
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OverflowError) as error:
        raise ValueError("zip") from error


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and not name.endswith("/")
