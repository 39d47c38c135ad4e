"""A copybook as rows: every item once, with where it lies."""

from __future__ import annotations

from collections.abc import Iterator

from dmig.cobol.kinds import host_item
from dmig.cobol.nodes import Copybook, Item
from dmig.cobol.shape import HostKind

HEAD = ("item", "level", "start", "end", "bytes", "type", "picture", "occurs", "redefines", "note")


def listing(copybook: Copybook) -> Iterator[tuple[str, ...]]:
    """Rows of `HEAD`. `start` and `end` count from 1 in the record and are of the first occurrence, tables at their greatest."""
    for record in copybook.records:
        yield from _rows(record, "", 0)
    for one in copybook.renamings:
        note = f"RENAMES {one.first}" + (f" THRU {one.last}" if one.last else "")
        yield one.name, "66", "", "", "", "renames", "", "", "", note


def _rows(item: Item, path: str, base: int) -> Iterator[tuple[str, ...]]:
    entry, start = item.entry, base + item.offset_bytes
    name = entry.name or "FILLER"
    own = f"{path}.{name}" if path else name
    occurs = ""
    if entry.occurs:
        occurs = str(entry.occurs.most)
        if entry.occurs.counter:
            occurs = f"{entry.occurs.least}-{entry.occurs.most} {entry.occurs.counter}"
    if entry.level:
        yield (
            own, f"{entry.level:02d}", str(start + 1), str(start + item.size_bytes), str(item.size_bytes), _type(item),
            entry.picture.text if entry.picture else "", occurs, entry.redefines, _note(item),
        )  # fmt: skip
    for child in item.children:
        yield from _rows(child, own if entry.level else "", start)
    for condition in item.conditions:
        values = ",".join(f"{a}-{b}" if b else a for a, b in condition.values)
        yield f"{own}.{condition.name}", "88", "", "", "", "condition", "", "", "", values


def _type(item: Item) -> str:
    if item.is_group:
        return "group"
    kind = host_item(item).kind
    return item.usage.value.lower() if kind in (HostKind.BINARY, HostKind.FLOAT) else kind.value


def _note(item: Item) -> str:
    found = []
    one = None if item.is_group else host_item(item)
    if one is not None and one.kind in (HostKind.ZONED, HostKind.PACKED, HostKind.BINARY):
        found.append(f"{'s' if one.signed else ''}{one.digits},{one.scale}")
        if one.kind is HostKind.ZONED and one.signed:
            found.append(one.sign.value)
    if item.entry.sync:
        found.append("sync")
    if item.entry.justified:
        found.append("justified")
    if item.entry.blank_when_zero:
        found.append("blank when zero")
    return " ".join(found)
