"""The given rows of an example as the old system would deliver them: CSV files, or the records of a host."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from dmig.cobol.declared import declared_shape, item_called
from dmig.model.host import HostFile, HostSystem, RecordKind
from dmig.model.legacy import LegacyLayout, LegacyTable
from dmig.sources.host.forms import declared_charset
from dmig.targets.host_file import HostWriter, framed

Rows = list[dict[str, str]]


def write_given(legacy: LegacyLayout, given: Path, inputs: Path) -> dict[str, int]:
    """Write the files of `inputs` from `given/<table>.csv`; items that are not given are blank.

    Gives for each table how many records stand before its first one in its file. ValueError for an unknown item.
    """
    rows = {table.table: _checked(table, given / f"{table.table}.csv") for table in legacy.tables}
    if legacy.host is None:
        for table in legacy.tables:
            _write_csv(legacy, table, rows[table.table], inputs / table.file)
        return dict.fromkeys(rows, 0)
    before: dict[str, int] = {}
    for file in legacy.files:
        before |= _write_host(legacy, legacy.host, file, rows, inputs)
    return before


def read_rows(path: Path) -> Rows:
    """The rows of a CSV file; none where there is no such file."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def _checked(table: LegacyTable, path: Path) -> Rows:
    rows, known = read_rows(path), {item.item for item in table.items}
    for row in rows:
        if unknown := set(row) - known:
            raise ValueError(f"{path.name}: unknown items {' '.join(sorted(unknown))}")
    return [{item: text.replace("\\n", "\n") for item, text in row.items()} for row in rows]


def _write_csv(legacy: LegacyLayout, table: LegacyTable, rows: Rows, path: Path) -> None:
    with path.open("w", encoding=legacy.charset, newline="") as target:
        writer = csv.writer(target, delimiter=legacy.csv.delimiter, lineterminator="\r\n")
        if legacy.csv.header:
            writer.writerow([item.name for item in table.items])
        writer.writerows([row.get(item.item, "") for item in table.items] for row in rows)


def _write_host(
    legacy: LegacyLayout, host: HostSystem, file: HostFile, rows: Mapping[str, Rows], inputs: Path
) -> dict[str, int]:
    """One file of all its tables, between the header and the trailer that it declares."""
    tables, writer = (
        legacy.tables_of(file.file),
        _Kinds(HostWriter(declared_charset(legacy.charset, host)), host, file),
    )
    bodies: list[bytes] = []
    before: dict[str, int] = {}
    if file.header:
        bodies += writer.bodies(file.header, [{}])
    for table in tables:
        before[table.table] = len(bodies)
        sources = {item.item: item.source for item in table.items}
        own = [{sources[item]: text for item, text in row.items()} for row in rows[table.table]]
        bodies += writer.bodies(table.kind, own) if table.kind else []
    if file.trailer:
        counts = {count.item: sum(len(rows[name]) for name in count.tables or before) for count in file.counts}
        bodies += writer.bodies(file.trailer, [{item: str(count) for item, count in counts.items()}])
    (inputs / file.file).write_bytes(framed(bodies, file.rules))
    return before


class _Kinds:
    """Writes records of any kind of one file."""

    def __init__(self, writer: HostWriter, host: HostSystem, file: HostFile) -> None:
        self._writer, self._host, self._file = writer, host, file

    def bodies(self, kind: RecordKind, rows: Sequence[Mapping[str, str]]) -> list[bytes]:
        """Records of texts by the copybook's item."""
        fixed = self._file.rules.format.is_fixed
        shape = declared_shape(kind.copybook, self._host, fixed=fixed)[0]
        names = dict.fromkeys(name for row in rows for name in row)
        columns = {name: [row.get(name) or None for row in rows] for name in names}
        if kind.item:
            columns[kind.item] = [kind.values[0]] * len(rows)
        texts = {
            item.name: pl.Series(values, dtype=pl.String)
            for name, values in columns.items()
            if (item := item_called(shape, name)) is not None
        }
        size = self._file.rules.record_bytes if fixed else shape.size_bytes
        return [row.tobytes() for row in self._writer.records(shape.items, size, texts)] if rows else []
