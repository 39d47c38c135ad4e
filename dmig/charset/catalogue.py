"""The character sets that dmig knows, by name: each with where its table comes from."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from dmig.charset.host_sets import Made, Shapes, hitachi, jef, jips, jips_e
from dmig.charset.nouns import Charset, Kind, Shifts, Table
from dmig.charset.tables import Codes, SiteTable, own_table

_IBM_SHIFTS = Shifts((b"\x0e",), b"\x0f")
_EBCDIC_BLANK, _DOUBLE_BLANK = 0x40, 0x4040
_LAST_BYTE = 0xFF
_PYTHON = "codec of the Python standard library"
_ICONV = "tables of the C library's iconv; ICU has the same"
#: Characters that one side maps to JIS's own and the other to compatibility forms: wave dash, parallel, minus, cent, pound, not,
#: dash. Names on hosts and on personal computers do not join where they are mixed.
_JIS_SIDE, _CP932_SIDE = "\u301c\u2016\u2212\u00a2\u00a3\u00ac\u2014", "\uff5e\u2225\uff0d\uffe0\uffe1\uffe2\u2015"
DASHES = ("", "jis", "cp932")


@dataclass(frozen=True, slots=True)
class Entry:
    """One set of the catalogue: its name, other names, what it is, and how it is made."""

    name: str
    title: str
    basis: str
    make: Callable[[], Made]
    aliases: tuple[str, ...] = ()


def _python_single(codec: str, blank: int) -> Callable[[], Made]:
    def make() -> Made:
        codes: Codes = {}
        for code in range(256):
            try:
                codes[code] = bytes([code]).decode(codec)
            except UnicodeDecodeError:
                continue
        return Kind.SINGLE, Table(codes, 1, blank), None, None, None

    return make


def _ibm(single: str, double: str) -> Callable[[], Made]:
    def make() -> Made:
        one = Table(own_table(single), 1, _EBCDIC_BLANK) if single else None
        two = Table(own_table(double), 2, _DOUBLE_BLANK) if double else None
        kind = Kind.MIXED if one and two else (Kind.SINGLE if one else Kind.DOUBLE)
        return kind, one, two, _IBM_SHIFTS if one and two else None, None

    return make


_EBCDICS = {
    "cp037": "EBCDIC 米国 / United States", "cp500": "EBCDIC 国際 / international",
    "cp273": "EBCDIC ドイツ / Germany", "cp1140": "EBCDIC 037 とユーロ / with euro",
}  # fmt: skip
_EUROPEAN = {
    1047: "EBCDIC Latin 1 Open Systems", 1141: "EBCDIC ドイツ ユーロ / Germany", 1142: "EBCDIC デンマーク・ノルウェー ユーロ",
    1143: "EBCDIC フィンランド・スウェーデン ユーロ", 1144: "EBCDIC イタリア ユーロ", 1145: "EBCDIC スペイン ユーロ",
    1146: "EBCDIC 英国 ユーロ", 1147: "EBCDIC フランス ユーロ", 1148: "EBCDIC 国際 ユーロ", 1149: "EBCDIC アイスランド ユーロ",
}  # fmt: skip
_JIS = "JIS X 0208 (standard library) and the vendor's published rules; extension planes only from a site's table"
ENTRIES = (
    Entry("ascii", "ASCII", _PYTHON, _python_single("ascii", 0x20), ("us-ascii",)),
    Entry("latin-1", "ISO 8859-1", _PYTHON, _python_single("latin-1", 0x20), ("iso-8859-1",)),
    *(Entry(name, title, _PYTHON, _python_single(name, _EBCDIC_BLANK), (name.replace("cp", "ibm-"),))
      for name, title in _EBCDICS.items()),
    *(Entry(f"cp{page}", title, _ICONV, _ibm(f"cp{page}", ""), (f"ibm-{page}",)) for page, title in _EUROPEAN.items()),
    Entry("ibm-290", "EBCDIC カナ / kana", _ICONV, _ibm("ibm-290", ""), ("cp290",)),
    Entry("ibm-1027", "EBCDIC カナ小文字 / kana with small letters", _ICONV, _ibm("ibm-939-single", ""), ("cp1027", "ibm-5123")),
    Entry("ibm-300", "IBM 漢字 / double-byte", _ICONV, _ibm("", "ibm-930-double"), ("cp300",)),
    Entry("ibm-16684", "IBM 漢字 JIS X 0213 / double-byte", _ICONV, _ibm("", "ibm-1390-double"), ("cp16684",)),
    Entry("ibm-930", "EBCDIC カナ漢字 / kana and kanji", _ICONV, _ibm("ibm-930-single", "ibm-930-double"), ("cp930", "ibm-5026")),
    Entry("ibm-939", "EBCDIC 英小文字漢字 / Latin and kanji", _ICONV, _ibm("ibm-939-single", "ibm-930-double"),
          ("cp939", "ibm-5035")),
    Entry("ibm-1390", "930 と JIS X 0213", _ICONV, _ibm("ibm-1390-single", "ibm-1390-double"), ("cp1390",)),
    Entry("ibm-1399", "939 と JIS X 0213", _ICONV, _ibm("ibm-1399-single", "ibm-1390-double"), ("cp1399",)),
    Entry("jef", "富士通 JEF（字形による）/ Fujitsu, by shape", _JIS, jef()),
    Entry("jef-by-code", "富士通 JEF（符号による）/ Fujitsu, by code", _JIS, jef(Shapes.BY_CODE)),
    Entry("keis78", "日立 KEIS78 / Hitachi", _JIS, hitachi(1978)),
    Entry("keis83", "日立 KEIS83 / Hitachi", _JIS, hitachi(1983), ("keis",)),
    Entry("jips-j", "日電 JIPS(J)（字形による）/ NEC, by shape", _JIS, jips(), ("jips",)),
    Entry("jips-e", "日電 JIPS(E)（字形による）/ NEC, EBCDIC side", _JIS, jips_e()),
)  # fmt: skip


class UnknownCharset(LookupError):
    """No set has this name; `near` are names like it."""

    def __init__(self, name: str, near: tuple[str, ...]) -> None:
        super().__init__(name)
        self.name, self.near = name, near


def names() -> tuple[str, ...]:
    """All names, in the order of the catalogue."""
    return tuple(entry.name for entry in ENTRIES)


def entry(name: str) -> Entry:
    """The set with this name or alias; case, `_` and a missing hyphen do not matter. `UnknownCharset`."""
    wanted = _plain(name)
    for one in ENTRIES:
        if wanted in map(_plain, (one.name, *one.aliases)):
            return one
    near = difflib.get_close_matches(name.lower(), [n for one in ENTRIES for n in (one.name, *one.aliases)])
    raise UnknownCharset(name, tuple(near))


@cache
def charset(name: str) -> Charset:
    """The set, compiled once a process. `UnknownCharset`."""
    found = entry(name)
    kind, single, double, shifts, preferred = found.make()
    return Charset(found.name, found.title, kind, found.basis, single, double, shifts, preferred)


def with_table(base: Charset, table: SiteTable) -> tuple[Charset, int]:
    """A set with a site's codes laid over its own, and how many of its own they replace.

    Codes of up to two hexadecimal digits are single bytes. A half that the set does not have is not made: it would have no
    shifts to reach it.
    """
    replaced = 0
    halves: list[Table | None] = []
    for half, width in ((base.single, 1), (base.double, 2)):
        if half is None:
            halves.append(None)
            continue
        own = {code: text for code, text in table.codes.items() if (code <= _LAST_BYTE) == (width == 1)}
        replaced += sum(1 for code, text in own.items() if half.codes.get(code, text) != text)
        read_only = (half.read_only - own.keys()) | (table.read_only & own.keys())
        halves.append(Table(half.codes | own, width, half.blank, frozenset(read_only)))
    preferred = (base.preferred or {}) | {code: text for code, text in table.write_only.items() if code > _LAST_BYTE}
    return replace(base, single=halves[0], double=halves[1], preferred=preferred), replaced


def with_dashes(base: Charset, side: str) -> Charset:
    """A set whose double-byte codes give the wave-dash family as `jis` or `cp932` has it; "" leaves it as its table says.

    Both forms are written as the same code.
    """
    if not side or base.double is None:
        return base
    pairs = (_CP932_SIDE, _JIS_SIDE) if side == "jis" else (_JIS_SIDE, _CP932_SIDE)
    turned = str.maketrans(*pairs)
    codes = {code: text.translate(turned) for code, text in base.double.codes.items()}
    back = {text: code for code, text in base.double.codes.items() if text in _JIS_SIDE + _CP932_SIDE}
    preferred = (base.preferred or {}) | {code: text for text, code in back.items()}
    double = Table(codes, 2, base.double.blank, base.double.read_only)
    return replace(base, double=double, preferred=preferred)


def _plain(name: str) -> str:
    return re.sub(r"[-_ ]", "", name.lower())
