"""Ways to damage one cell of a record after encoding."""

from __future__ import annotations

from collections.abc import Callable

#: Cells of a record as they will stand in the file, the position of the item, and the fault's own text.
Edit = Callable[[list[bytes], int, bytes], None]


def put(text: str) -> Edit:
    """Replace the whole cell."""

    def edit(cells: list[bytes], at: int, own: bytes) -> None:
        cells[at] = text.encode("cp932")

    return edit


def put_own(cells: list[bytes], at: int, own: bytes) -> None:
    """Replace the whole cell by the fault's own text."""
    cells[at] = own


def insert(piece: bytes) -> Edit:
    """Insert bytes after the first letter, which in a name is a kanji or kana of two bytes."""

    def edit(cells: list[bytes], at: int, own: bytes) -> None:
        cells[at] = cells[at][:2] + piece + cells[at][2:]

    return edit


def append(piece: bytes) -> Edit:
    """Put bytes at the end of the cell."""

    def edit(cells: list[bytes], at: int, own: bytes) -> None:
        cells[at] += piece

    return edit


def overwrite(start: int, piece: str) -> Edit:
    """Replace letters of a cell whose letters are all of one byte."""

    def edit(cells: list[bytes], at: int, own: bytes) -> None:
        cells[at] = cells[at][:start] + piece.encode("cp932") + cells[at][start + len(piece) :]

    return edit


def lose_comma(cells: list[bytes], at: int, own: bytes) -> None:
    """Join the cell and the next."""
    cells[at : at + 2] = [cells[at] + cells[at + 1]]


def break_line(cells: list[bytes], at: int, own: bytes) -> None:
    """A line break after the first letter, in a quoted cell."""
    cells[at] = b'"' + cells[at][:2] + b"\r\n" + cells[at][2:] + b'"'


def next_digit(cells: list[bytes], at: int, own: bytes) -> None:
    """Another last digit."""
    cells[at] = cells[at][:-1] + b"1234567890"[int(cells[at][-1:]) :][:1]


def next_first_digit(cells: list[bytes], at: int, own: bytes) -> None:
    """Another first digit, from 1 to 9."""
    cells[at] = b"1234567891"[int(cells[at][:1]) :][:1] + cells[at][1:]
