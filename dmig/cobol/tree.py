"""Entries to trees: nesting by level numbers, what groups hand down, and what may not stand where it stands."""

from __future__ import annotations

from collections.abc import Iterator

from dmig.cobol.dialect import BinarySizes, Dialect
from dmig.cobol.faults import Faults, Place
from dmig.cobol.nodes import Condition, Copybook, Entry, Item, Renaming, SignClause, Usage
from dmig.cobol.picture import Category

_TOP, _RENAMES, _ALONE, _CONDITION = 1, 66, 77, 88
_FLOATS = {Usage.COMP_1: 4, Usage.COMP_2: 8}
_BINARIES = (Usage.COMP, Usage.COMP_5)
_WITHOUT_PICTURE = {**_FLOATS, Usage.INDEX: 4}
#: Digits and bytes of binary numbers.
_BINARY_BYTES = ((4, 2), (9, 4), (18, 8), (38, 16))


def build(entries: list[Entry], free: bool, dialect: Dialect, faults: Faults) -> Copybook:
    """The trees of all records, checked and measured."""
    records, renamings = _nest(entries, faults)
    for record in records:
        _hand_down(record, Usage.DISPLAY, None)
        _check(record, faults)
        _measure(record, 0, dialect, faults)
    return Copybook(tuple(records), tuple(renamings), free)


def walk(item: Item) -> Iterator[Item]:
    """An item and all below it, in order."""
    yield item
    for child in item.children:
        yield from walk(child)


def _nest(entries: list[Entry], faults: Faults) -> tuple[list[Item], list[Renaming]]:
    records: list[Item] = []
    renamings: list[Renaming] = []
    stack: list[Item] = []
    for entry in entries:
        if entry.level == _RENAMES:
            renamings.append(Renaming(entry.name, *entry.renames, entry.place))
        elif entry.level == _CONDITION:
            if not stack:
                faults.add("COB012", entry.place, name=entry.name)
            else:
                stack[-1].conditions.append(Condition(entry.name, entry.values, entry.place))
        else:
            _hang(Item(entry), stack, records, faults)
    return records, renamings


def _hang(item: Item, stack: list[Item], records: list[Item], faults: Faults) -> None:
    """Put an item below the last one with a smaller level number."""
    level = item.entry.level
    while stack and (stack[-1].entry.level >= level or level == _ALONE):
        stack.pop()
    if level in (_TOP, _ALONE):
        records.append(item)
    elif not stack:
        # A copybook may hold only the items of a record whose 01 stands in the program.
        if not records or records[-1].entry.level != 0:
            records.append(Item(Entry(0, "", item.entry.place, filler=True)))
        records[-1].children.append(item)
    else:
        siblings = stack[-1].children
        if siblings and siblings[-1].entry.level != level:
            faults.add("COB013", item.entry.place, name=item.name, level=level, other=siblings[-1].entry.level)
        siblings.append(item)
    stack.append(item)


def _hand_down(item: Item, usage: Usage, sign: SignClause | None) -> None:
    item.usage, item.sign = item.entry.usage or usage, item.entry.sign or sign
    for child in item.children:
        _hand_down(child, item.usage, item.sign)


def _check(record: Item, faults: Faults) -> None:
    for item in walk(record):
        entry = item.entry
        if entry.occurs and entry.level in (_TOP, _ALONE):
            faults.add("COB014", entry.place, name=item.name)
        if item.is_group and entry.picture:
            faults.add("COB015", entry.place, name=item.name)
        if not item.is_group and not entry.picture and item.usage not in _WITHOUT_PICTURE:
            faults.add("COB016", entry.place, name=item.name or "FILLER")
        seen: dict[str, Place] = {}
        for at, child in enumerate(item.children):
            if not child.entry.filler:
                if child.name.upper() in seen:
                    faults.add("COB017", child.entry.place, name=child.name, line=seen[child.name.upper()].line)
                seen.setdefault(child.name.upper(), child.entry.place)
            if child.entry.redefines and _redefined(item.children, at) is None:
                faults.add("COB018", child.entry.place, name=child.name, other=child.entry.redefines)


def _redefined(siblings: list[Item], at: int) -> Item | None:
    """The item that one redefines: the last before it that redefines nothing, or a redefinition of that one."""
    wanted = siblings[at].entry.redefines
    for other in reversed(siblings[:at]):
        if other.same(wanted):
            return other
        if not other.entry.redefines:
            return None
    return None


def _measure(item: Item, base: int, dialect: Dialect, faults: Faults) -> None:
    """Sizes from below; offsets in each group, redefinitions at the place of what they redefine.

    `base`: where the item begins in the record, since SYNC aligns to that.
    """
    if not item.is_group:
        item.size_bytes = _size(item, dialect, faults)
        return
    place = end = 0
    for at, child in enumerate(item.children):
        if child.entry.redefines:
            other = _redefined(item.children, at)
            child.offset_bytes = other.offset_bytes if other else place
        else:
            # In front of a group, slack is what its first item wants.
            first = _first_alignment(child, dialect)
            child.offset_bytes = -(-(base + place) // first) * first - base
        _measure(child, base + child.offset_bytes, dialect, faults)
        if not child.entry.redefines:
            place = child.offset_bytes + child.slot_bytes
        end = max(end, child.offset_bytes + child.slot_bytes)
        item.alignment = max(item.alignment, child.alignment)
    # Every occurrence of a table begins aligned, so the one before it ends with slack.
    slack = item.alignment if item.entry.occurs else 1
    item.size_bytes = -(-end // slack) * slack


def _first_alignment(item: Item, dialect: Dialect) -> int:
    """The alignment that the first elementary item of something wants."""
    while item.is_group:
        item = item.children[0]
    if item.entry.sync:
        item.alignment = _alignment(item, dialect)
    return item.alignment


def _size(item: Item, dialect: Dialect, faults: Faults) -> int:
    usage, picture, place = item.usage, item.entry.picture, item.entry.place
    if usage in _WITHOUT_PICTURE:
        return _WITHOUT_PICTURE[usage]
    if picture is None:
        return 0
    if picture.category is Category.NATIONAL or usage in (Usage.NATIONAL, Usage.DISPLAY_1):
        if picture.category is not Category.NATIONAL:
            faults.add("COB019", place, picture=picture.text, usage=usage.value)
        return picture.characters * dialect.national_bytes
    if usage is Usage.DISPLAY:
        return picture.characters + (1 if picture.signed and item.sign and item.sign.separate else 0)
    if picture.category is not Category.NUMERIC:
        faults.add("COB019", place, picture=picture.text, usage=usage.value)
        return picture.characters
    if usage is Usage.COMP_3:
        return picture.digits // 2 + 1
    if usage is Usage.COMP_6:
        return (picture.digits + 1) // 2
    return _binary_size(picture.digits, picture.text, place, dialect, faults)


def _binary_size(digits: int, picture: str, place: Place, dialect: Dialect, faults: Faults) -> int:
    if dialect.binary_sizes is BinarySizes.FROM_ONE and digits <= 2:
        return 1
    size = next(size for most, size in _BINARY_BYTES if digits <= most)
    if size > 8:
        faults.add("COB010", place, picture=picture, most=18)
    return size


def _alignment(item: Item, dialect: Dialect) -> int:
    """Where SYNC puts an item: binary numbers on their own size, at most a full word unless told otherwise."""
    if item.usage in _BINARIES and item.entry.picture:
        size = next(size for most, size in _BINARY_BYTES if item.entry.picture.digits <= most)
        return min(size, 8 if dialect.double_word_aligned else 4)
    return _FLOATS.get(item.usage, 1)
