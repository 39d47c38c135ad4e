"""The length of a record by an item of its own: a number of bytes, or a kind that always has so many."""

from __future__ import annotations

import numpy as np

from dmig.cobol.shape import HostItem
from dmig.model.host import LengthRule
from dmig.sources.host.columns import HostForms, decode
from dmig.sources.host.words import OwnLength


def own_length(item: HostItem, rule: LengthRule, forms: HostForms) -> OwnLength:
    """Reads the item, which lies at the same bytes in all records; each distinct cell is decoded once."""
    known: dict[bytes, int] = {}
    by_kind = dict(rule.lengths)

    def told(cell: bytes) -> int:
        text = decode(item, np.frombuffer(cell, np.uint8).reshape(1, -1), forms).to_text()[0]
        if text is None:
            return 0
        if by_kind:
            return by_kind.get(text, 0)
        return int(text) + rule.plus if text.isdecimal() else 0

    def length(held: bytes, place: int) -> int:
        cell = held[place + item.offset_bytes : place + item.offset_bytes + item.size_bytes]
        if len(cell) < item.size_bytes:
            return -1
        if cell not in known:
            known[cell] = told(cell)
        return known[cell]

    return length
