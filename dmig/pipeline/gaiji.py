"""The glyph ledger beside the data: which private-use characters a run has read, where, in whose records, and what of them.

A ledger is the `glyphs.csv` of a mapping, with a site's rows over it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_bytes

import polars as pl

from dmig.errors import Diagnostics
from dmig.model.legacy import LegacyTable
from dmig.model.mapping import Glyph, PlusGlyph
from dmig.model.private_use import barred_class
from dmig.model.repairs import keyed_hash
from dmig.model.small_groups import LEAST, SMALL
from dmig.pipeline.books import site_of, site_secret
from dmig.pipeline.lookup import StoredRun
from dmig.spec.library import Library, load, shipped
from dmig.spec.mapping import Layer
from dmig.spec.site import Site
from dmig.stages.normalise import WITH_GLYPHS
from dmig.store.parts import EncodedParts

#: Digits of a pseudonym: enough to tell the persons of a municipality apart.
PSEUDONYM_DIGITS = 16
#: Of a character that the ledger does not have.
UNKNOWN, AGREED = "unknown", "agreed"
#: Of a character that the site's MJ+ list has: it means something as it is.
LISTED = "listed"
#: Any private-use character, planes 15 and 16 too: newer systems keep theirs there.
ANY_PRIVATE = f"[{barred_class('')}]"
#: What a survey tells of each.
SURVEY = ("code", "source", "state", "class", "mj", "written", "reduced", "records", "persons", "items")


@dataclass(slots=True)
class Usage:
    """One private-use character in what a run has read: records by `table.item`, and the persons they are about."""

    pua: str
    records: Counter[str] = field(default_factory=Counter)
    units: set[str] = field(default_factory=set, repr=False)

    @property
    def code(self) -> str:
        """The code point as the ledger writes it."""
        return f"{ord(self.pua):04X}"


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A character with what the ledger says of it; `usage` None: in no record."""

    code: str
    usage: Usage | None
    glyph: Glyph | None
    listed: PlusGlyph | None = None

    @property
    def state(self) -> str:
        """That of the ledger; where it has no row `listed` if the MJ+ list has the character, else `unknown`."""
        return self.glyph.state if self.glyph else LISTED if self.listed else UNKNOWN

    @property
    def settled(self) -> bool:
        """Whether nobody need look at it any more."""
        return self.state in (AGREED, LISTED)

    def told(self) -> tuple[str, ...]:
        """One line of a survey, in the order of `SURVEY`."""
        source, kind, mj, written, reduced = "", "", "", "", ""
        if self.glyph is not None:
            source, kind, mj = self.glyph.source, self.glyph.kind, self.glyph.mj or self.glyph.mj_plus
            written, reduced = self.glyph.written, self.glyph.reduced
        elif self.listed is not None:
            mj, written, reduced = self.listed.glyph, self.listed.text, self.listed.substitute
        known = (self.code, source, self.state, kind, mj, written, reduced)
        if self.usage is None:
            return (*known, "0", "0", "")
        counts = (folded(sum(self.usage.records.values())), folded(len(self.usage.units)))
        return (*known, *counts, " ".join(self.usage.records))


def opened(runs: Path, run: str) -> tuple[StoredRun, Ledger]:
    """A stored run, and its operation's ledger as it is now."""
    stored = StoredRun.open(runs, run)
    site, operation = site_of(runs), str(stored.result["operation"])
    layers = site.layers(operation) if site else ()
    return stored, ledger_of(stored.library, operation, str(stored.result["system"]), layers)


def survey(stored: StoredRun, ledger: Ledger) -> list[Surveyed]:
    """Every character that the run has read or the ledger has, in the order of the codes."""
    used, known = usages(stored), {glyph.pua: glyph for glyph in ledger.glyphs}
    plus = {glyph.text: glyph for glyph in ledger.mj_plus}
    return [
        Surveyed(f"{ord(pua):04X}", used.get(pua), known.get(pua), plus.get(pua)) for pua in sorted({*used, *known})
    ]


def usages(stored: StoredRun) -> dict[str, Usage]:
    """All private-use characters in the staged records; those of refused records are not among them."""
    found: dict[str, Usage] = {}
    for table in stored.legacy.tables:
        items = [item.item for item in table.items if item.type in WITH_GLYPHS]
        parts = EncodedParts(stored.protected / "read" / table.table / "rows")
        for index in parts.indexes() if items else ():
            _count(table, parts.read(index, dict.fromkeys((*items, *table.keys[:1]))), items, found)
    return found


def _count(table: LegacyTable, rows: pl.DataFrame, items: Sequence[str], found: dict[str, Usage]) -> None:
    unit = pl.col(table.keys[0]) if table.keys else pl.lit(None, pl.String)
    for item in items:
        held = rows.filter(pl.col(item).str.contains(ANY_PRIVATE))
        if not held.height:
            continue
        each = held.select(unit.alias("unit"), pl.col(item).str.extract_all(ANY_PRIVATE).list.unique().alias("pua"))
        by_glyph = each.explode("pua").group_by("pua").agg(pl.len(), pl.col("unit").drop_nulls().unique())
        for pua, records, units in by_glyph.iter_rows():
            usage = found.setdefault(pua, Usage(pua))
            usage.records[f"{table.table}.{item}"] += records
            usage.units.update(units)


def folded(count: int) -> str:
    """A number of persons or of their records; few of them are not counted exactly."""
    return SMALL if 0 < count < LEAST else f"{count:,}"


def affected(stored: StoredRun, ledger: Ledger, codes: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Code, state and pseudonym of everybody in whose records a character stands; unless asked for, of unsettled ones.

    The pseudonym is a keyed hash of the number: only who has the site's key can make it, and it tells no number. Without
    such a key one is drawn for this list alone: a known one could be tried on all numbers.
    """
    site = site_of(stored.runs)
    secret = site_secret(site) if site and site.public_keys else token_bytes(32)
    for entry in survey(stored, ledger):
        wanted = entry.code in codes if codes else not entry.settled
        for unit in sorted(entry.usage.units) if entry.usage and wanted else ():
            yield entry.code, entry.state, keyed_hash(secret, unit)[:PSEUDONYM_DIGITS]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The glyphs of one operation and system, and the site's MJ+ list."""

    operation: str
    system: str
    glyphs: tuple[Glyph, ...]
    mj_plus: tuple[PlusGlyph, ...] = ()


def ledgers(library: Path | None, site: Site | None) -> list[Ledger]:
    """The ledgers of all operations of a site, or else of a library."""
    shelf, found = Library(library or shipped()), []
    operations = list(site.operations) if site else shelf.operations()
    for operation in operations:
        for system in [site.system(operation)] if site else shelf.systems(operation):
            found.append(ledger_of(shelf, operation, system, site.layers(operation) if site else ()))
    return [ledger for ledger in found if ledger.glyphs]


def ledger_of(shelf: Library, operation: str, system: str, layers: tuple[Layer, ...] = ()) -> Ledger:
    """The ledger of one operation. `SpecError` with all faults of its declarations."""
    diagnostics = Diagnostics()
    declared = load(shelf, operation, system, diagnostics, layers)
    diagnostics.stop_if_any()
    return Ledger(operation, system, declared.mapping.glyphs, declared.mapping.mj_plus)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A character of one system that operations write differently, or that some have settled and others have not.

    `written`: by operation what it becomes, and behind a slash what stands for that within JIS X 0213, if anything does.
    """

    system: str
    code: str
    written: tuple[tuple[str, str], ...]
    settled: bool


def conflicts(found: Sequence[Ledger]) -> list[Conflict]:
    """One vendor's systems share their glyphs: what one operation has decided holds for all of them."""
    by_code: dict[tuple[str, str], list[tuple[str, Glyph]]] = {}
    for ledger in found:
        for glyph in ledger.glyphs:
            by_code.setdefault((ledger.system, glyph.pua), []).append((ledger.operation, glyph))
    told = []
    for (system, pua), entries in sorted(by_code.items()):
        settled = [_forms(glyph) for _, glyph in entries if glyph.settled]
        if len(set(settled)) > 1 or 0 < len(settled) < len(entries):
            written = tuple((operation, _forms(glyph) if glyph.settled else "") for operation, glyph in entries)
            told.append(Conflict(system, f"{ord(pua):04X}", written, len(settled) == len(entries)))
    return told


def _forms(glyph: Glyph) -> str:
    return "/".join(filter(None, (glyph.written, glyph.reduced)))
