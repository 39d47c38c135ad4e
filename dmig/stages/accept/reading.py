"""The written file read again as raw text: its heading, and runs of its records; every cell is a text, blank ones too."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow_csv

from dmig.model.layout import CsvDialect

#: A heading is at most this long.
HEADING_BYTES = 1 << 20
_MARK = b"\xef\xbb\xbf"


class Unreadable(Exception):
    """Bytes that are no records of the file; holds no text of theirs."""


def heading(path: Path, dialect: CsvDialect, items: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """Names of the columns as the file says them, and where its first record begins.

    A file without a heading by its dialect has the names of the layout; one whose heading is gone has none.
    """
    with path.open("rb") as source:
        start = source.read(HEADING_BYTES)
    mark = len(_MARK) if start.startswith(_MARK) else 0
    if not dialect.header:
        return tuple(items), mark
    end = start.find(b"\n") + 1
    line = start[mark:end].decode("utf-8", errors="replace").rstrip("\r\n")
    return tuple(next(csv.reader([line]), ())), end


def read_records(path: Path, start: int, end: int, names: Sequence[str], wanted: Sequence[str]) -> pa.Table:
    """Wanted columns of the records between two bytes as texts; `Unreadable` where a record has other cells."""
    with path.open("rb") as source:
        source.seek(start)
        content = source.read(end - start)
    places = {name: f"c{number}" for number, name in reversed(list(enumerate(names)))}
    found = [name for name in wanted if name in places]
    if not content or not names:
        return pa.table({name: pa.array([], pa.large_string()) for name in found})
    # Where none of them is there, the first column tells how many records there are.
    columns = [places[name] for name in found] or ["c0"]
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(content),
            arrow_csv.ReadOptions(
                use_threads=False, block_size=len(content) + 1, column_names=[f"c{n}" for n in range(len(names))]
            ),
            arrow_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.large_string()), include_columns=columns,
                strings_can_be_null=False,
            ),
        )  # fmt: skip
    except pa.ArrowInvalid:
        raise Unreadable from None
    return table.rename_columns(found or names[:1])
