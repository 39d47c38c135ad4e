"""The shape of one kind of record as a legacy layout declares it, and the names by which its items are called there."""

from __future__ import annotations

from functools import lru_cache

from dmig.cobol.dialect import BinarySizes, Dialect, Odo, SourceFormat
from dmig.cobol.faults import CopybookFault
from dmig.cobol.layout import record_shape
from dmig.cobol.reading import read_copybook
from dmig.cobol.shape import HostItem, RecordShape
from dmig.model.host import HostSystem

#: Shapes kept at a time: a layout has some ten kinds of records, and each block of each asks again.
_KEPT = 64


@lru_cache(maxsize=_KEPT)
def declared_shape(copybook: str, host: HostSystem, *, fixed: bool) -> tuple[RecordShape, tuple[CopybookFault, ...]]:
    """The shape of a copybook's text, and what is wrong with it."""
    dialect = Dialect(SourceFormat(host.source_format), BinarySizes(host.binary), Odo(host.odo))
    found, faults = read_copybook(copybook, dialect)
    if faults:
        return RecordShape((), 0, {}), faults
    return record_shape(found, dialect, fixed=fixed)


def item_called(shape: RecordShape, name: str) -> HostItem | None:
    """The item with this path, or with this name where only one item has it. Case does not matter, as in COBOL."""
    wanted = name.upper()
    whole = [item for item in shape.items if item.name.upper() == wanted]
    short = [item for item in shape.items if item.name.upper().rpartition(".")[2] == wanted]
    found = whole or short
    return found[0] if len(found) == 1 else None
