"""Tables of character sets that a site supplies: `charsets/<name>.tsv` in its folder, laid over the program's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dmig.charset.catalogue import UnknownCharset, charset, entry, with_table
from dmig.charset.nouns import Charset
from dmig.charset.tables import SiteTable, parse_json_table, parse_table
from dmig.errors import Diagnostics, DmigError, UsageFault

FOLDER = "charsets"


def find_charset(name: str, site: Path | None = None) -> Charset:
    """The set, with the site's table laid over it where there is one. `UsageFault` CHS004 with near names.

    `SpecError` where the site's table is faulty.
    """
    try:
        own = charset(name)
    except UnknownCharset as unknown:
        raise UsageFault("CHS004", name=unknown.name, near=" ".join(unknown.near) or "-") from None
    path = None if site is None else site / FOLDER / f"{own.name}.tsv"
    if path is None or not path.is_file():
        return own
    return with_table(own, _read(path))[0]


@dataclass(frozen=True, slots=True)
class Added:
    """What a site has for a set now: codes, those unlike the program's own, and codes of which the table said two things."""

    name: str
    codes: int
    replaced: int
    contradicted: tuple[int, ...]


def add_table(name: str, source: Path, site: Path) -> Added:
    """Check a table (TSV, CSV, or a public one in JSON) and lay it into the site's folder, together with what lies there.

    `SpecError` with all faults of the table; nothing is written then.
    """
    find_charset(name)
    own = entry(name).name
    new, path = _read(source), site / FOLDER / f"{own}.tsv"
    kept = _read(path) if path.is_file() else SiteTable()
    kept.codes |= new.codes
    kept.read_only = (kept.read_only - new.codes.keys()) | new.read_only
    kept.write_only |= new.write_only
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(kept.lines()) + "\n", encoding="ascii")
    return Added(own, len(kept.codes), with_table(charset(own), kept)[1], tuple(sorted(new.contradicted)))


def _read(path: Path) -> SiteTable:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DmigError("RED001", file=path.name) from None
    except (OSError, UnicodeDecodeError):
        raise DmigError("RED007", file=path.name) from None
    table = parse_json_table(text) if path.suffix == ".json" else parse_table(text)
    diagnostics = Diagnostics()
    for fault in table.faults:
        diagnostics.add(path.name, fault.line, fault.code, file=path.name, line=fault.line, about=fault.about)
    diagnostics.stop_if_any()
    return table
