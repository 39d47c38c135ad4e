"""Rows put away on disk while a narrow pass works on others; removed with their folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dmig.store.private import disk_faults, empty_folder


@dataclass(frozen=True, slots=True)
class OnDisk:
    """One frame on disk."""

    path: Path
    height: int

    def load(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows, all or some columns."""
        return pl.read_ipc(self.path, columns=None if columns is None else list(columns))


class Spill:
    """A folder for frames that nobody names. What it holds is worth nothing after the pass."""

    def __init__(self, folder: Path) -> None:
        self._folder = empty_folder(folder)
        self._count = 0

    def keep(self, frame: pl.DataFrame) -> OnDisk:
        """Put a frame away."""
        path = self._folder / f"{self._count:06d}.arrow"
        self._count += 1
        with disk_faults(path):
            frame.write_ipc(path, compression="uncompressed")
        return OnDisk(path, frame.height)

    def close(self) -> None:
        """Remove everything."""
        empty_folder(self._folder).rmdir()
