"""The source of a table by the record format of its legacy layout."""

from __future__ import annotations

from pathlib import Path

from dmig.model.legacy import LegacyLayout
from dmig.sources.csv_file import CsvFile
from dmig.sources.host.source import HostSource
from dmig.sources.port import Source


def open_source(legacy: LegacyLayout, name: str, path: Path, block_bytes: int) -> Source:
    """The source of a table's file. `KeyError` where the layout has no such table."""
    table = legacy.table(name)
    if table is None:
        raise KeyError(name)
    if legacy.host is not None:
        return HostSource(path, legacy, table, block_bytes)
    return CsvFile(path, table, legacy.csv, legacy.charset, block_bytes)
