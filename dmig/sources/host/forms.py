"""How values are stored on a host, from its declarations: the character set tells which kind of host it is."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from dmig.charset.catalogue import charset, with_dashes, with_table
from dmig.charset.fast import is_available
from dmig.charset.nouns import Charset, Trim
from dmig.charset.tables import parse_table
from dmig.cobol.numbers.packed import PackedSign
from dmig.cobol.numbers.zoned import ASCII, ASCII_LETTERS, EBCDIC, ZonedFamily
from dmig.model.host import HostSystem
from dmig.sources.host.columns import HostForms

#: Smaller files are done before the loop would be compiled.
COMPILED_FROM_BYTES = 256 << 20
_FIGURE_ZERO = 0xF0


def forms_of(
    own: Charset,
    *,
    trim: Trim = Trim.RIGHT,
    hexadecimal: bool | None = None,
    strict_signs: bool = False,
    overpunched_letters: bool = False,
    fast: bool = False,
) -> HostForms:
    """By the character set, since a host with EBCDIC has its numbers too. `hexadecimal`: None leaves it to the set."""
    ebcdic = own.single is None or own.single.codes.get(_FIGURE_ZERO) == "0"
    family: ZonedFamily = EBCDIC if ebcdic else ASCII_LETTERS if overpunched_letters else ASCII
    return HostForms(
        own,
        zoned=family,
        packed_sign=PackedSign.STRICT if strict_signs else PackedSign.LENIENT,
        strict_zones=strict_signs,
        native_big_endian=ebcdic,
        hexadecimal=ebcdic if hexadecimal is None else hexadecimal,
        trim=trim,
        fast=fast,
    )


def worth_compiling(path: Path) -> bool:
    """Whether a file is large enough for the compiled loop, which takes some seconds to begin, and the extra is there."""
    return is_available() and path.is_file() and path.stat().st_size >= COMPILED_FROM_BYTES


@lru_cache(maxsize=8)
def declared_charset(name: str, host: HostSystem) -> Charset:
    """A character set as a layout declares it, its own table laid over it; all was checked when the layout was read."""
    base = with_dashes(charset(name), host.dashes)
    return with_table(base, parse_table(host.table))[0] if host.table else base


@lru_cache(maxsize=8)
def declared_forms(name: str, host: HostSystem, *, fast: bool = False) -> HostForms:
    """The forms of a legacy layout."""
    hexadecimal = None if not host.floats else host.floats == "ibm"
    own = declared_charset(name, host)
    return forms_of(own, trim=Trim(host.trim), hexadecimal=hexadecimal, strict_signs=host.strict_signs, fast=fast)
