"""Parts: frames in Arrow IPC files, one per block, numbered from 0, read back whole or by column.

They are not forced to the disk: a run that is resumed after the machine went down makes them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl
import pyarrow as pa
from pyarrow import ipc

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
        with written_aside(self.path(index), durable=False) as aside:
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


class EncodedParts:
    """Parts whose text columns are stored as their distinct values and a code per row.

    A column is a pair: values and codes, or the column itself and None. A reader pays for the columns it names.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._parts = Parts(folder)

    def write(self, index: int, columns: Mapping[str, tuple[pl.Series, pl.Series | None]]) -> None:
        """Store one part under its final name when complete."""
        make_private(self.folder)
        table = pa.table({name: _stored(values, codes) for name, (values, codes) in columns.items()})
        with (
            written_aside(self._parts.path(index), durable=False) as aside,
            pa.OSFile(str(aside), "wb") as out,
            ipc.new_file(out, table.schema) as writer,
        ):
            writer.write_table(table)

    def encoded(
        self, index: int, columns: Iterable[str] | None = None
    ) -> tuple[dict[str, tuple[pl.Series, pl.Series | None]], int]:
        """One part's columns as they are stored, and its number of rows.

        They are read, not mapped: a few rows that somebody keeps would keep the whole file in memory.
        """
        path = str(self._parts.path(index))
        names = None if columns is None else list(columns)
        with pa.OSFile(path) as source, ipc.open_file(source) as reader:
            schema = reader.schema
            if names is None:
                names, table = list(schema.names), reader.read_all()
                return {name: _loaded(name, table.column(name)) for name in names}, table.num_rows
        places = sorted({schema.get_field_index(name) for name in names})
        with (
            pa.OSFile(path) as source,
            ipc.open_file(source, options=ipc.IpcReadOptions(included_fields=places)) as few,
        ):
            table = few.read_all()
        return {name: _loaded(name, table.column(name)) for name in names}, table.num_rows

    def read(self, index: int, columns: Iterable[str] | None = None, where: pl.Series | None = None) -> pl.DataFrame:
        """One part as a plain frame, all or some columns, all rows or those `where` holds."""
        found, _ = self.encoded(index, columns)
        if where is not None and not where.all():
            found = {
                name: (values.filter(where), None) if codes is None else (values, codes.filter(where))
                for name, (values, codes) in found.items()
            }
        return pl.DataFrame([values if codes is None else values.gather(codes) for values, codes in found.values()])

    def indexes(self) -> list[int]:
        """Numbers of the parts that are there, ascending."""
        return self._parts.indexes()

    def frames(self, columns: Iterable[str] | None = None) -> Iterator[pl.DataFrame]:
        """All parts in order, as plain frames."""
        names = None if columns is None else list(columns)
        return (self.read(index, names) for index in self.indexes())


def _stored(values: pl.Series, codes: pl.Series | None) -> pa.Array:
    plain = _one(values)
    return plain if codes is None else pa.DictionaryArray.from_arrays(_one(codes), plain)


def _one(column: pl.Series) -> pa.Array:
    array = column.to_arrow(compat_level=pl.CompatLevel.oldest())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _loaded(name: str, column: pa.ChunkedArray) -> tuple[pl.Series, pl.Series | None]:
    array = column.chunk(0) if column.num_chunks else pa.array([], column.type)
    if not pa.types.is_dictionary(array.type):
        return pl.Series(name, array), None
    return pl.Series(name, array.dictionary, dtype=pl.String), pl.Series(name, array.indices)
