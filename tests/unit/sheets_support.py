"""A library of its own for each test, invented pages, and edits as a spreadsheet would make them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from dmig.pipeline.sheets import Desk, book_of, export_sheet, open_desk
from dmig.spec.sheets.nouns import HEAD_ROWS, LINE, Book, Column, Page, Row, Stamp

ROOT = Path(__file__).resolve().parents[2]
#: The file's own columns of an invented page.
OWN = ("key", "choice", "note")


def library(folder: Path) -> Path:
    """A copy of the shipped declarations of `jumin` and `jutogai`."""
    for name in ("mappings", "schemas"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("examples", "suites"))
    return folder


def desk(root: Path, operation: str = "jumin", site: Path | None = None) -> Desk:
    return open_desk(operation, "package", root, site)


def exported(root: Path, kind: str, operation: str = "jumin", site: Path | None = None) -> Path:
    path = root / f"{kind}.xlsx"
    export_sheet(desk(root, operation, site), kind, path, None, root / "runs")
    return path


def edit(path: Path, change: Callable[[Any], None]) -> Path:
    """Open, change and save, as a spreadsheet does."""
    made = load_workbook(path)
    change(made)
    made.save(path)
    return path


def at(book: Book, title: str, line: int, column: str) -> tuple[int, int]:
    """Row and column of a cell in the workbook, from the line of the file."""
    page = next(page for page in book.pages if page.title == title)
    names = [entry.name for entry in page.columns]
    row = next(number for number, entry in enumerate(page.rows, start=HEAD_ROWS + 1) if entry.line == line)
    return row, names.index(column) + 1


def set_text(path: Path, root: Path, kind: str, title: str, line: int, column: str, value: object) -> Path:
    """Write one cell of an exported workbook."""
    row, number = at(book_of(desk(root), kind), title, line, column)

    def change(made: Any) -> None:
        made[title].cell(row, number).value = value

    return edit(path, change)


def invented(rows: Sequence[Sequence[str]], path: Path) -> Book:
    """A book with one page of the given rows."""
    columns = (
        Column(LINE, "行", own=False), Column("key", "鍵"), Column("※key", "名前", own=False),
        Column("choice", "選択", choices=("agreed", "open")), Column("note", "備考"),
    )  # fmt: skip
    body = tuple(
        Row(line, dict(zip(OWN, cells, strict=True)) | {"※key": "名前"}) for line, cells in enumerate(rows, start=2)
    )
    page = Page("invented", "invented.csv", path, ("key",), columns, body, "0" * 64)
    return Book(Stamp("jumin", "package", "conditions", "base", "0.1"), (page,))


def own(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    return [row.key(OWN) for row in rows]
