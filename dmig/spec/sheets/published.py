"""Workbooks that others publish, read as texts, in the Strict form of their format too.

Office Open XML has a Strict form, which the spreadsheet library does not read: its parts differ from the usual ones in
the names of their vocabularies only, so those are put in their place while the parts are copied.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

#: Strict vocabularies and the usual ones. Source: ISO/IEC 29500-1, annex A, against ISO/IEC 29500-4.
VOCABULARIES = (
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (b"http://purl.oclc.org/ooxml/drawingml/main", b"http://schemas.openxmlformats.org/drawingml/2006/main"),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/",
        b"http://schemas.openxmlformats.org/officeDocument/2006/",
    ),
)
#: More than any published list has; an archive that says more is not unpacked.
MOST_PARTS, MOST_BYTES = 200, 512 << 20


def workbook_rows(path: Path) -> Iterator[list[str]]:
    """Rows of all sheets, one after the other, as texts; a blank cell is "".

    `ValueError`, `KeyError` or `zipfile.BadZipFile` where it is no workbook, or unpacks to more than a list.
    """
    import openpyxl  # the spreadsheet library is only for commands that need it

    book = openpyxl.load_workbook(_usual(path), read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            for row in sheet.iter_rows(values_only=True):
                yield ["" if cell is None else str(cell) for cell in row]
    finally:
        book.close()


def _usual(path: Path) -> io.BytesIO:
    """The workbook with its vocabularies under their usual names. `ValueError` where it unpacks to more than a list."""
    made = io.BytesIO()
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as usual:
        parts = archive.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
            raise ValueError("more than a list of glyphs")
        for part in parts:
            content = archive.read(part)
            if part.filename.endswith((".xml", ".rels")):
                for strict, name in VOCABULARIES:
                    content = content.replace(strict, name)
            usual.writestr(part.filename, content)
    made.seek(0)
    return made
