"""What an elementary item is on the host: its kind, digits, sign and size."""

from __future__ import annotations

from dmig.cobol.nodes import Item, SignClause, Usage
from dmig.cobol.numbers.zoned import ZonedSign
from dmig.cobol.picture import Category
from dmig.cobol.shape import HostItem, HostKind

_SIGNS = {
    (False, False): ZonedSign.TRAILING,
    (True, False): ZonedSign.LEADING,
    (False, True): ZonedSign.TRAILING_SEPARATE,
    (True, True): ZonedSign.LEADING_SEPARATE,
}
#: Digits of an index, which has no picture.
_INDEX_DIGITS = 9


def host_item(item: Item) -> HostItem:
    """The item without its place."""
    picture, usage, size = item.entry.picture, item.usage, item.size_bytes
    if usage in (Usage.COMP_1, Usage.COMP_2):
        return HostItem(item.name, 0, size, HostKind.FLOAT, signed=True)
    if usage is Usage.INDEX or picture is None:
        return HostItem(item.name, 0, size, HostKind.BINARY, _INDEX_DIGITS, signed=True, truncated=False)
    if picture.category is Category.NATIONAL or usage in (Usage.NATIONAL, Usage.DISPLAY_1):
        return HostItem(item.name, 0, size, HostKind.DOUBLE)
    if picture.category is not Category.NUMERIC:
        return HostItem(item.name, 0, size, HostKind.TEXT)
    number = HostItem(item.name, 0, size, HostKind.ZONED, picture.digits, picture.scale, picture.signed)
    return _stored(number, usage, item.sign)


def _stored(number: HostItem, usage: Usage, sign: SignClause | None) -> HostItem:
    """A number as its usage stores it."""
    name, size, digits, scale, signed = number.name, number.size_bytes, number.digits, number.scale, number.signed
    if usage in (Usage.COMP_3, Usage.COMP_6):
        kind, half = HostKind.PACKED, usage is Usage.COMP_3
        return HostItem(name, 0, size, kind, digits, scale, signed, has_sign_half=half)
    if usage in (Usage.COMP, Usage.COMP_5):
        native = usage is Usage.COMP_5
        return HostItem(
            name, 0, size, HostKind.BINARY, digits, scale, signed, truncated=not native, native_order=native
        )
    where = _SIGNS[(sign.leading, sign.separate) if sign else (False, False)] if signed else ZonedSign.NONE
    return HostItem(name, 0, size, HostKind.ZONED, digits, scale, signed, where)
