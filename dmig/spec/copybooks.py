"""Reading a copybook's file: bytes to text in a declared or strictly found encoding, faults as diagnostics."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dmig.cobol.dialect import Dialect
from dmig.cobol.faults import CopybookFault
from dmig.cobol.layout import Segment, record_shape
from dmig.cobol.nodes import Copybook
from dmig.cobol.reading import read_copybook
from dmig.cobol.shape import RecordShape
from dmig.errors import Diagnostics, DmigError

ENCODINGS = ("utf-8", "cp932")


def open_copybook(path: Path, diagnostics: Diagnostics, dialect: Dialect, encoding: str = "") -> Copybook:
    """The copybook of a file. Without an encoding UTF-8 is taken where it fits strictly, then CP932; neither: COB025.

    `DmigError` RED001 when there is no such file.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DmigError("RED001", file=path.name) from None
    except OSError:
        raise DmigError("RED007", file=path.name) from None
    for name in (encoding,) if encoding else ENCODINGS:
        try:
            text = content.decode(name).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
        copybook, faults = read_copybook(text, dialect)
        report(path, faults, diagnostics)
        return copybook
    diagnostics.add(path.name, 1, "COB025", encodings=encoding or " / ".join(ENCODINGS))
    return Copybook(())


def shape_of(
    path: Path,
    copybook: Copybook,
    dialect: Dialect,
    segments: Sequence[Segment],
    diagnostics: Diagnostics,
    *,
    fixed: bool,
) -> RecordShape:
    """The shape of the records of a copybook that was read without a fault."""
    shape, faults = record_shape(copybook, dialect, segments, fixed=fixed)
    report(path, faults, diagnostics)
    return shape


def report(path: Path, faults: Sequence[CopybookFault], diagnostics: Diagnostics) -> None:
    """Faults of a copybook as diagnostics, each with its column."""
    for fault in faults:
        diagnostics.add(path.name, fault.place.line, fault.code, column=fault.place.column, **dict(fault.params))
