"""JEF, KEIS and JIPS: the part that JIS gives, user-defined planes by rule; all else is the site's to supply.

Single bytes: only what all vendors' EBCDIC kana have alike (blank, figures, capitals, half-width kana); others are unmapped
until a site adds its host's table. Source: public descriptions of the vendors' code systems.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from dmig.charset.jis import jis78, jis83
from dmig.charset.nouns import Kind, Shifts, Table
from dmig.charset.tables import Codes, own_table

Made = tuple[Kind, Table | None, Table | None, Shifts | None, Codes | None]
_BLANK, _WIDE_BLANK = 0x40, 0x4040
_PRIVATE_USE = 0xE000
_JEF_SHIFTS = Shifts((b"\x28", b"\x38", b"\x30\xe2"), b"\x29")
_KEIS_SHIFTS = Shifts((b"\x0a\x42",), b"\x0a\x41")
_JIPS_SHIFTS = Shifts((b"\x1a\x70",), b"\x1a\x71")
_JIPS_E_SHIFTS = Shifts((b"\x3f\x75",), b"\x3f\x76")


class Shapes(Enum):
    """What a code of JIS 1978 becomes: the character that looks like it, or the one that has its code since 1983."""

    BY_SHAPE = "by_shape"
    BY_CODE = "by_code"


def jef(shapes: Shapes = Shapes.BY_SHAPE) -> Callable[[], Made]:
    """Fujitsu JEF: JIS + 8080 with the shapes of 1978, 80A1-A0FE user-defined, 4040 and A1A1 blank."""

    def make() -> Made:
        jis = jis78() if shapes is Shapes.BY_SHAPE else jis83()
        codes = _shifted(jis) | _plane(0x80, 0xA0, 0xA1, 0xFE, _PRIVATE_USE) | {_WIDE_BLANK: "\u3000"}
        return Kind.MIXED, _kana(), Table(codes, 2, _WIDE_BLANK), _JEF_SHIFTS, {_WIDE_BLANK: "\u3000"}

    return make


def hitachi(year: int) -> Callable[[], Made]:
    """Hitachi KEIS78 and KEIS83: JIS + 8080, 81A1-A0FE user-defined, 4040 and A1A1 blank."""

    def make() -> Made:
        codes = _shifted(jis78() if year == 1978 else jis83()) | _plane(0x81, 0xA0, 0xA1, 0xFE, _PRIVATE_USE)
        codes |= {_WIDE_BLANK: "\u3000"}
        return Kind.MIXED, _kana(), Table(codes, 2, _WIDE_BLANK), _KEIS_SHIFTS, {_WIDE_BLANK: "\u3000"}

    return make


def jips(shapes: Shapes = Shapes.BY_SHAPE) -> Callable[[], Made]:
    """NEC JIPS(J): G0 is JIS 1978 with 7421-7E7E user-defined, G1 E0A1-FEFE user-defined as well."""

    def make() -> Made:
        first = _plane(0x74, 0x7E, 0x21, 0x7E, _PRIVATE_USE)
        second = _plane(0xE0, 0xFE, 0xA1, 0xFE, _PRIVATE_USE + len(first))
        jis = jis78() if shapes is Shapes.BY_SHAPE else jis83()
        return Kind.MIXED, _jis8(), Table(jis | first | second, 2, 0x2121), _JIPS_SHIFTS, None

    return make


def jips_e(shapes: Shapes = Shapes.BY_SHAPE) -> Callable[[], Made]:
    """NEC JIPS(E): every byte of JIPS(J) as its image in EBCDIC kana."""

    def make() -> Made:
        _, single, double, _, _ = jips(shapes)()
        image = ebcdic_images()
        one = {image[code]: text for code, text in single.codes.items()} if single else {}
        two = (
            {image[code >> 8] << 8 | image[code & 0xFF]: text for code, text in double.codes.items()} if double else {}
        )
        return Kind.MIXED, Table(one, 1, _BLANK), Table(two, 2, 0x4F4F), _JIPS_E_SHIFTS, None

    return make


def ebcdic_images() -> dict[int, int]:
    """Where the bytes 20-7E and A0-FF of eight-bit JIS stand in NEC's EBCDIC kana.

    The graphics of seven bits as in EBCDIC 500 but for the bar, with dollar and yen changed over as in all kana pages; the
    upper half fills, in order, what these leave free from 41 on, without E1.
    """
    image = {code: chr(code).encode("cp500")[0] for code in range(0x20, 0x7F)}
    image |= {0x24: 0xE0, 0x5C: 0x5B, 0x7C: 0x6A}
    taken = {*image.values(), 0xE1}
    free = [code for code in range(0x41, 0x100) if code not in taken]
    return image | dict(zip(range(0xA0, 0x100), free, strict=True))


def _shifted(codes: Codes) -> Codes:
    return {code + 0x8080: text for code, text in codes.items()}


def _plane(first: int, last: int, low: int, high: int, target: int) -> Codes:
    """A user-defined plane: its codes in order are the private-use characters from `target` on."""
    codes = [lead << 8 | trail for lead in range(first, last + 1) for trail in range(low, high + 1)]
    return {code: chr(target + n) for n, code in enumerate(codes)}


def _kana() -> Table:
    """EBCDIC kana as far as all vendors agree."""
    wanted = {" ", *"0123456789", *map(chr, range(0x41, 0x5B)), *map(chr, range(0xFF66, 0xFFA0))}
    return Table({code: text for code, text in own_table("ibm-930-single").items() if text in wanted}, 1, _BLANK)


def _jis8() -> Table:
    """JIS X 0201: seven bits with the yen sign and the overline, half-width kana from A1."""
    codes = {code: chr(code) for code in range(0x20, 0x7F)} | {0x5C: "¥", 0x7E: "‾"}
    return Table(codes | {code: chr(code + 0xFEC0) for code in range(0xA1, 0xE0)}, 1, 0x20)
