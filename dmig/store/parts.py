"""Parts: frames in Arrow IPC files, one per block, numbered from 0, read back whole or by column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from dmig.store.private import make_private, written_aside


class Parts:
    """A folder of numbered parts of one schema."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, index: int) -> Path:
        """Where part `index` stands."""
        return self.folder / f"{index:05d}.arrow"

    def write(self, index: int, frame: pl.DataFrame) -> None:
        """Store one part under its final name when complete."""
        make_private(self.folder)
        with written_aside(self.path(index)) as aside:
            frame.write_ipc(aside, compression="uncompressed", compat_level=pl.CompatLevel.oldest())

    def read(self, index: int, columns: Iterable[str] | None = None) -> pl.DataFrame:
        """One part, all or some columns."""
        names = None if columns is None else list(columns)
        return pl.read_ipc(self.path(index), columns=names)

    def indexes(self) -> list[int]:
        """Numbers of the parts that are there, ascending."""
        return sorted(int(path.stem) for path in self.folder.glob("*.arrow"))

    def frames(self, columns: Iterable[str] | None = None) -> Iterator[pl.DataFrame]:
        """All parts in order."""
        names = None if columns is None else list(columns)
        return (self.read(index, names) for index in self.indexes())

    def all(self, columns: Iterable[str] | None = None) -> pl.DataFrame:
        """All parts in one frame; only for narrow columns and for what is small by nature (reports)."""
        frames = list(self.frames(columns))
        return pl.concat(frames) if frames else pl.DataFrame()
