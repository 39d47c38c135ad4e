"""A copybook's text to its trees: an ordered list of small passes, all faults at once."""

from __future__ import annotations

from dmig.cobol.dialect import Dialect
from dmig.cobol.faults import CopybookFault, Faults, Place
from dmig.cobol.grammar import entries
from dmig.cobol.nodes import Copybook
from dmig.cobol.source import formats, joined_text
from dmig.cobol.tree import build
from dmig.cobol.words import sentences


def read_copybook(text: str, dialect: Dialect | None = None) -> tuple[Copybook, tuple[CopybookFault, ...]]:
    """The copybook, and what is wrong with it (then the trees are as far as they could be read).

    Where the format is not declared, fixed is taken if it can be read so without a fault, then free; if neither can,
    the faults are those of the reading that has fewer.
    """
    chosen = dialect or Dialect()
    tried = [_read(text, free, chosen) for free in formats(chosen)]
    for copybook, faults in tried:
        if not faults:
            return copybook, ()
    return min(tried, key=lambda one: len(one[1]))


def _read(text: str, free: bool, dialect: Dialect) -> tuple[Copybook, tuple[CopybookFault, ...]]:
    faults = Faults()
    joined = joined_text(text, free, dialect, faults)
    found = entries(sentences(joined, faults), dialect, faults)
    if not found:
        faults.add("COB020", Place(1, 1))
    copybook = build(found, free, dialect, faults)
    return copybook, tuple(sorted(faults.found, key=lambda fault: (fault.place.line, fault.place.column)))
