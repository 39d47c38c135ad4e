"""Decoded records as JSON lines, CSV or Parquet, batch by batch."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Protocol

import polars as pl
import pyarrow as pa
from pyarrow import parquet

from dmig.targets.json_lines import Members, json_lines


class DecodedTarget(Protocol):
    """Takes batches of one schema."""

    def write(self, table: pa.Table) -> None:
        """Append rows."""

    def close(self) -> None:
        """Nothing more comes."""


class JsonLinesTarget:
    """One nested object a line; the columns are those that `record` names."""

    def __init__(self, path: Path, record: Members) -> None:
        self._file: IO[bytes] = path.open("wb")
        self._record = record

    def write(self, table: pa.Table) -> None:
        """See `DecodedTarget`."""
        lines = json_lines(pl.DataFrame(pl.from_arrow(table)), self._record)
        if len(lines):
            self._file.write(("\n".join(lines.to_list()) + "\n").encode())

    def close(self) -> None:
        """See `DecodedTarget`."""
        self._file.close()


class CsvTarget:
    """UTF-8, a header, LF; null is an empty cell."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("wb")
        self._begun = False

    def write(self, table: pa.Table) -> None:
        """See `DecodedTarget`."""
        pl.DataFrame(pl.from_arrow(table)).write_csv(self._file, include_header=not self._begun)
        self._begun = True

    def close(self) -> None:
        """See `DecodedTarget`."""
        self._file.close()


class ParquetTarget:
    """One file, zstd, a row group a batch."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: parquet.ParquetWriter | None = None

    def write(self, table: pa.Table) -> None:
        """See `DecodedTarget`."""
        if self._writer is None:
            self._writer = parquet.ParquetWriter(self._path, table.schema, compression="zstd", compression_level=1)
        self._writer.write_table(table)

    def close(self) -> None:
        """See `DecodedTarget`."""
        if self._writer is not None:
            self._writer.close()
