"""Write the tables of IBM's Japanese character sets from those of the C library: `python tests/charsets/generate.py [OUT]`.

The tables are facts (which code is which character); the C library's and ICU's agree on all codes but for 27 single bytes
that the former turns into U+001A, which are left out here.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
from collections.abc import Iterator
from pathlib import Path

#: Name of the table -> character set of the C library, and whether its double-byte half is meant.
TABLES = {
    "ibm-290": ("IBM290", False),
    "ibm-930-single": ("IBM930", False),
    "ibm-939-single": ("IBM939", False),
    "ibm-1390-single": ("IBM1390", False),
    "ibm-1399-single": ("IBM1399", False),
    "ibm-930-double": ("IBM930", True),
    "ibm-1390-double": ("IBM1390", True),
    **{f"cp{page}": (f"IBM{page}", False) for page in (1047, *range(1141, 1150))},
}
SUBSTITUTE = "\x1a"


class Converter:
    """One character set of the C library's iconv."""

    def __init__(self, charset: str) -> None:
        self._library = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
        self._library.iconv_open.restype = ctypes.c_void_p
        self._library.iconv.restype = ctypes.c_size_t
        self._library.iconv.argtypes = [
            ctypes.c_void_p, ctypes.POINTER(ctypes.c_char_p), ctypes.POINTER(ctypes.c_size_t),
            ctypes.POINTER(ctypes.c_char_p), ctypes.POINTER(ctypes.c_size_t),
        ]  # fmt: skip
        self._open = self._library.iconv_open(b"UTF-8", charset.encode())
        if self._open in (None, ctypes.c_void_p(-1).value):
            raise LookupError(f"iconv does not know {charset}")

    def text(self, code: bytes) -> str | None:
        """The text of some bytes, None where they are no code of the set."""
        self._library.iconv(self._open, None, None, None, None)
        source, target = ctypes.create_string_buffer(code, len(code)), ctypes.create_string_buffer(64)
        place, end = ctypes.cast(source, ctypes.c_char_p), ctypes.cast(target, ctypes.c_char_p)
        left, room = ctypes.c_size_t(len(code)), ctypes.c_size_t(64)
        status = self._library.iconv(
            self._open, ctypes.byref(place), ctypes.byref(left), ctypes.byref(end), ctypes.byref(room)
        )
        # A combining pair is held back until it is known what follows.
        self._library.iconv(self._open, None, None, ctypes.byref(end), ctypes.byref(room))
        if status == ctypes.c_size_t(-1).value:
            return None
        return target.raw[: 64 - room.value].decode()


def rows(name: str) -> Iterator[tuple[int, str]]:
    """Codes of a table with what they mean, ascending."""
    charset, double = TABLES[name]
    converter = Converter(charset)
    codes = range(0x4040, 0xFEFF) if double else range(256)
    for code in codes:
        if not double and code in (0x0E, 0x0F) and charset[3:] in ("930", "939", "1390", "1399"):
            continue
        text = converter.text(b"\x0e" + code.to_bytes(2, "big") + b"\x0f" if double else bytes([code]))
        if text and not (text == SUBSTITUTE and code != 0x3F):
            yield code, text


def table(name: str) -> str:
    """The table as it is stored: code, tab, code points."""
    width = 4 if TABLES[name][1] else 2
    lines = [f"{code:0{width}X}\t{' '.join(f'U+{ord(c):04X}' for c in text)}\n" for code, text in rows(name)]
    return "".join(lines)


def main() -> None:
    """Write all tables."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "dmig/charset/tables")
    for name in TABLES:
        (out / f"{name}.tsv").write_text(table(name), encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()
