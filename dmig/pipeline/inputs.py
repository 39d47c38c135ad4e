"""The legacy files of a run: where each table's is, unpacked where it came packed, with its hash."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from dmig.errors import DmigError
from dmig.pipeline.context import InputFile
from dmig.plan.nouns import Plan
from dmig.sources.host.reading import opened
from dmig.stages.write import file_sha256
from dmig.store.private import disk_faults, make_private, written_aside

#: Endings of packed files.
PACKED = (".gz", ".bz2", ".zst")
_PIECE_BYTES = 4 << 20


def find_inputs(plan: Plan, folder: Path, unpacked: Path) -> dict[str, InputFile]:
    """The legacy file of each table, with its hash; a missing file ends the run before anything is read.

    A file that is there only packed is unpacked into the folder `unpacked`, once; its hash is that of what is read.
    `DmigError` ENV001 (missing), HST010 (the compressed data is broken), ENV002 (no room).
    """
    found: dict[str, InputFile] = {}
    files: dict[str, InputFile] = {}
    for table in plan.legacy.tables:
        known = files.get(table.file)
        if known is None:
            path = _place(folder, table.file, unpacked)
            known = files[table.file] = InputFile(table.table, path, path.stat().st_size, file_sha256(path))
        found[table.table] = InputFile(table.table, known.path, known.size_bytes, known.sha256)
    return found


def _place(folder: Path, file: str, unpacked: Path) -> Path:
    path = folder / file
    if path.is_file():
        return path
    for ending in PACKED:
        packed = folder / f"{file}{ending}"
        if packed.is_file():
            return _unpacked(packed, make_private(unpacked) / file)
    raise DmigError("ENV001", path=file)


def _unpacked(packed: Path, path: Path) -> Path:
    """The file out of its packing; one from an earlier start of the run is taken only if it is as new."""
    if path.is_file() and path.stat().st_mtime_ns >= packed.stat().st_mtime_ns:
        return path
    source = opened(packed)
    try:
        with disk_faults(path), written_aside(path) as aside, aside.open("wb") as target:
            while piece := _piece(source, packed):
                target.write(piece)
    finally:
        source.close()
    return path


def _piece(source: object, packed: Path) -> bytes:
    try:
        return bytes(source.read(_PIECE_BYTES))  # type: ignore[attr-defined]
    except (OSError, EOFError, pa.ArrowException):
        raise DmigError("HST010", file=packed.name) from None
