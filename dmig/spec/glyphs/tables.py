"""A published table of glyphs as texts: CSV, an SQLite table, or a workbook."""

from __future__ import annotations

import csv
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from dmig.errors import DmigError
from dmig.spec.sheets.published import workbook_rows

SQLITE_HEAD, ZIP_HEAD = b"SQLite format 3\0", b"PK\x03\x04"
#: The headings stand within so many rows of the top.
HEADING_ROWS = 20
Rows = Iterator[list[str]]


def read_table(path: Path, heading: str, table: str = "") -> tuple[list[str], list[list[str]]]:
    """Headings and rows of the first table that has a heading with this text in it; `table` names that of a database.

    Rows are as long as the headings, a blank cell is "". `DmigError` RED001 where there is no such file, RED007 where
    it cannot be opened, GLY012 where it is no table or has no such heading.
    """
    try:
        rows = _rows(path, table)
        for _ in range(HEADING_ROWS):
            head = next(rows, None)
            if head is None:
                break
            if any(heading in cell for cell in head):
                return head, [_as_long(row, len(head)) for row in rows if any(row)]
    except FileNotFoundError:
        raise DmigError("RED001", file=path.name) from None
    except (ValueError, KeyError, sqlite3.Error, zipfile.BadZipFile, csv.Error, SyntaxError):
        raise DmigError("GLY012", file=path.name, what=heading) from None
    except OSError:
        raise DmigError("RED007", file=path.name) from None
    raise DmigError("GLY012", file=path.name, what=heading)


def is_database(path: Path) -> bool:
    """Whether a file is an SQLite one. `DmigError` RED001."""
    return _head(path).startswith(SQLITE_HEAD)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as source:
            return source.read(len(SQLITE_HEAD))
    except FileNotFoundError:
        raise DmigError("RED001", file=path.name) from None
    except OSError:
        raise DmigError("RED007", file=path.name) from None


def _rows(path: Path, table: str) -> Rows:
    head = _head(path)
    if head.startswith(SQLITE_HEAD):
        return _database(path, table)
    return workbook_rows(path) if head.startswith(ZIP_HEAD) else _sheet(path)


def _as_long(row: list[str], length: int) -> list[str]:
    return [*row[:length], *[""] * (length - len(row))]


def _sheet(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as source:
        yield from csv.reader(source)


def _database(path: Path, table: str) -> Rows:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        name = table.replace('"', '""')
        found = connection.execute(f'select * from "{name}"')  # noqa: S608
        yield [column[0] for column in found.description]
        for row in found:
            yield ["" if cell is None else str(cell) for cell in row]
