"""What a workbook for staff holds: one page per file of declarations, its columns, its rows, its stamp."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

#: Kinds of workbooks, as the command names them.
KINDS = ("mapping", "code-tables", "dispositions", "differences", "conditions", "glyphs")
#: What the heading of a column begins with that is there to be read only.
READ_ONLY = "※"
#: The column that says on which line of the file a row stands; blank for a new row.
LINE = f"{READ_ONLY}行"
#: Rows above the first row of declarations: Japanese headings, then the ids of the columns.
HEAD_ROWS = 2


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet. `own`: a column of the file; the others are there to be read. `choices` close it.

    `locked`: a column of the file that names the row and may not be changed.
    """

    name: str
    title: str
    own: bool = True
    choices: tuple[str, ...] = ()
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a page: its line in the file (0: new), its cells by column; read-only columns only in an export.

    `at` is the row of the sheet that it was read from.
    """

    line: int
    cells: dict[str, str]
    at: int = field(default=0, compare=False)

    def key(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """The cells that name the row."""
        return tuple(self.cells.get(column, "") for column in columns)


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet for one file. `file` is its name in messages, `sha256` of its bytes; blank where there is no file.

    `personal`: its cells may be a resident's, so no message quotes them. `fixed`: rows are neither added nor removed.
    """

    title: str
    file: str
    path: Path
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    sha256: str
    personal: bool = False
    fixed: bool = False

    @property
    def own(self) -> tuple[str, ...]:
        """The columns of the file, in its order."""
        return tuple(column.name for column in self.columns if column.own)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a workbook was made from; an import for anything else is refused."""

    operation: str
    system: str
    kind: str
    layer: str
    version: str


@dataclass(frozen=True, slots=True)
class Book:
    """All pages of one kind, as they stand in the files now. `guide`: how to use it, where it is no book of declarations."""

    stamp: Stamp
    pages: tuple[Page, ...]
    guide: tuple[str, ...] = ()
