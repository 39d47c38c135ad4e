"""Workbooks of declarations out and in: from which layer, against which plan, and what a run says of open codes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dmig.converters.registry import builtin
from dmig.errors import Diagnostics, UsageFault
from dmig.model.small_groups import LEAST, SMALL
from dmig.pipeline.books import site_at
from dmig.pipeline.gaiji import folded, usages
from dmig.pipeline.lookup import StoredRun
from dmig.pipeline.run import Request, compile_operation
from dmig.pipeline.session import open_run
from dmig.plan.conditions import TESTS
from dmig.spec.charsets import FOLDER as CHARSETS
from dmig.spec.formatting import canonical
from dmig.spec.glyphs.plus import FOLDER as GLYPH_LISTS
from dmig.spec.library import Declarations, Library, load, shipped
from dmig.spec.mapping import Layer
from dmig.spec.sheets.books import Counts, Names, build_book, hashed
from dmig.spec.sheets.changes import Change, changes, csv_text
from dmig.spec.sheets.nouns import Book, Row
from dmig.spec.site import check_pins
from dmig.store.private import disk_faults, refuse_missing_folder, written_aside

#: Candidates that stand beside an open code at most.
MOST_CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose declarations are on the table: those of a library, or a site's rows over them."""

    library: Library
    operation: str
    system: str
    declared: Declarations
    base: Layer
    site: tuple[Layer, ...] = ()

    @property
    def layer(self) -> Layer:
        """The layer whose files are written out and read in."""
        return (self.base, *self.site)[-1]


def open_desk(operation: str, system: str, library: Path | None, site: Path | None) -> Desk:
    """The declarations as they are; faults within them do not hinder an export, unknown names do."""
    shelf = Library(library or shipped())
    layers: tuple[Layer, ...] = ()
    owner = site_at(site) if site else None
    if owner is not None:
        system = owner.system(operation)
        folder = owner.folder / "mappings" / operation / system
        layers = (Layer(owner.name, folder, owner.folder),)
    base = Layer("base", shelf.mapping_folder(operation, system), shelf.root)
    declared = load(shelf, operation, system, Diagnostics(), layers)
    if owner is not None:
        pins = Diagnostics()
        check_pins(owner, operation, declared.mapping.version, pins)
        pins.stop_if_any()
    return Desk(shelf, operation, system, declared, base, layers)


def book_of(desk: Desk, kind: str, counts: Counts | None = None) -> Book:
    """The book of one kind as its files are now."""
    names = Names(tuple(builtin().converters), tuple(TESTS), counts or {})
    return build_book(kind, desk.declared, desk.layer, desk.base, names)


def export_sheet(desk: Desk, kind: str, path: Path, run: str | None, runs: Path) -> Book:
    """Write the workbook of a kind."""
    from dmig.spec.sheets.writing import render_book  # the spreadsheet library is only for commands that need it

    refuse_missing_folder(path)
    counts = _counts(desk, kind, runs, run) if run else {}
    book = book_of(desk, kind, counts)
    content = render_book(book)
    _write(path, content)
    return book


def _counts(desk: Desk, kind: str, runs: Path, run: str) -> Counts:
    """What a run says of codes that nobody has decided, or of characters that nobody may have identified."""
    if kind != "glyphs":
        return open_codes(desk.declared, open_run(runs, run))
    stored = StoredRun.open(runs, run)
    _refuse_another(desk.declared, stored.result)
    # The ledger speaks of the basic plane; what stands beyond it is a matter of the MJ+ list.
    found = (usage for usage in usages(stored).values() if len(usage.code) == len("E000"))
    used = sorted(found, key=lambda usage: usage.pua)
    return {"glyphs": {(u.code,): (" ".join(u.records), folded(sum(u.records.values()))) for u in used}}


def import_sheet(desk: Desk, kind: str, path: Path, *, write: bool) -> tuple[list[Change], list[str]]:
    """What the workbook changes, and the files that were written: none unless asked for and everything compiles."""
    from dmig.spec.sheets.reading import read_book

    book = book_of(desk, kind)
    return lay_in(desk, book, read_book(path, book), write=write)


def lay_in(
    desk: Desk, book: Book, rows: Mapping[str, Sequence[Row]], *, write: bool
) -> tuple[list[Change], list[str]]:  # fmt: skip
    """Rows by page instead of those of the files: what changes, and the files written, if asked for and all compiles."""
    found: list[Change] = []
    made: dict[Path, bytes] = {}
    with _draft(desk) as draft:
        for page in book.pages:
            target = draft.layer.folder / page.path.relative_to(desk.layer.folder)
            if not rows[page.title] and not page.path.is_file():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(csv_text(page, rows[page.title]).encode())
            text = canonical(target, desk.declared.layout)
            target.write_bytes(text.encode())
            found += changes(page, rows[page.title], text)
            if hashed(target) != page.sha256:
                made[page.path] = text.encode()
        if made:
            compile_operation(
                Request(draft.library, desk.operation, desk.system, Path(), Path(), site=draft.site)
            )  # fmt: skip
    if write:
        for target, content in made.items():
            _write(target, content)
    return found, [target.relative_to(desk.layer.root).as_posix() for target in made]


def _write(path: Path, content: bytes) -> None:
    with disk_faults(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with written_aside(path) as aside:
        aside.write_bytes(content)
    path.chmod(0o644)


@contextmanager
def _draft(desk: Desk) -> Iterator[Desk]:
    """A copy of the declarations of one operation, where a change may be compiled before it counts."""
    with tempfile.TemporaryDirectory(prefix="dmig-") as place:
        root = Path(place)
        mapping = desk.base.folder.relative_to(desk.library.root)
        standard = Path("schemas", "standard", desk.operation)
        legacy = Path("schemas", "legacy", desk.system, desk.operation)
        for folder in (mapping, standard, legacy):
            shutil.copytree(desk.library.root / folder, root / "library" / folder)
        site = tuple(
            replace(layer, root=root / "site", folder=root / "site" / layer.folder.relative_to(layer.root))
            for layer in desk.site
        )
        for layer, copy in zip(desk.site, site, strict=True):
            if layer.folder.is_dir():
                shutil.copytree(layer.folder, copy.folder)
            copy.folder.mkdir(parents=True, exist_ok=True)
            for lists in (GLYPH_LISTS, CHARSETS):
                if (layer.root / lists).is_dir():
                    shutil.copytree(layer.root / lists, copy.root / lists)
        library = Library(root / "library")
        yield replace(
            desk, library=library, base=replace(desk.base, root=library.root, folder=library.root / mapping), site=site
        )


def open_codes(declared: Declarations, result: dict[str, Any]) -> Counts:
    """Candidates and counts of open codes by table: pairs that reconciliation saw, else the code list and the findings.

    `UsageFault` where the run is one of another operation or system. Counts below ten stand as `<10`.
    """
    _refuse_another(declared, result)
    mapping = declared.mapping
    found: dict[str, dict[tuple[str, ...], tuple[str, str]]] = {}
    for name, table in mapping.code_tables.items():
        undecided = [row.legacy for row in table.rows if row.state == "open"]
        listed = _listed(declared, name)
        total = _findings(declared, result, name)
        for legacy in undecided:
            pairs = _pairs(result, name, legacy)
            told = total if len(undecided) == 1 else f"{total}（表全体 / whole table）" if total else ""
            count = _added([pair["count"] for pair in pairs]) if pairs else told
            seen = " / ".join(f"{pair['target']} ({pair['count']})" for pair in pairs if pair["target"])
            found.setdefault(name, {})[legacy] = (seen or listed, count)
    return found


def _refuse_another(declared: Declarations, result: dict[str, Any]) -> None:
    """`UsageFault` where a run is one of another operation or system."""
    mine = (declared.mapping.operation, declared.mapping.system)
    other = (result["operation"], result["system"])
    if mine != other:
        raise UsageFault("RUN005", what="run", name=" ".join(other), known=" ".join(mine))


def _pairs(result: dict[str, Any], table: str, legacy: tuple[str, ...]) -> list[dict[str, Any]]:
    entries = (e for e in result["reconciliation"]["codes"] if e["code_table"].partition(":")[0] == table)
    return [pair for entry in entries for pair in entry["pairs"] if tuple(pair["sources"]) == legacy]


def _listed(declared: Declarations, table: str) -> str:
    """The code list that the table's first column is written into, value and label."""
    for row in declared.mapping.rows:
        group = declared.layout.group(row.group)
        item = group.item(row.target) if group and row.code_table == table else None
        if item and item.code:
            values = declared.layout.codes.get(item.code, ())
            shown = [f"{value.value} {value.label}".strip() for value in values[:MOST_CANDIDATES]]
            return " / ".join([*shown, "…"] if len(values) > MOST_CANDIDATES else shown)
    return ""


def _findings(declared: Declarations, result: dict[str, Any], table: str) -> str:
    """Records with an undecided code of this table (CNV091), folded; blank where there was none."""
    named = {(row.group, row.target) for row in declared.mapping.rows if row.code_table == table}
    counts = {}
    for cause in result["causes"]:
        if cause["code"] == "CNV091" and (cause["group"], cause["target_item"]) in named:
            counts[cause["table"], cause["source_item"]] = cause["records"]
    return _added([SMALL if count is None else count for count in counts.values()])


def _added(counts: list[int | str]) -> str:
    """The sum of counts of which some are folded: `<10`, or `12+` where folded ones come on top."""
    if not counts:
        return ""
    whole = sum(count for count in counts if isinstance(count, int))
    folded = any(isinstance(count, str) for count in counts)
    return SMALL if folded and whole < LEAST else f"{whole}+" if folded else f"{whole:,}"
