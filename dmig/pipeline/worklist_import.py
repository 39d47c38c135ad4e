"""A filled work list back to decisions: every row is checked before one of them counts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from dmig.charset.encoding import encode_text
from dmig.converters.cells import Cells
from dmig.converters.registry import builtin
from dmig.errors import Diagnostics, SpecError, UsageFault
from dmig.model.legacy import LegacyItem, LegacyLayout
from dmig.model.mapping import Place
from dmig.model.repairs import TREATMENT_NAMES, Decision, Treatment, keyed_hash
from dmig.model.reports import FINDING
from dmig.pipeline.books import site_of
from dmig.pipeline.people import HIDDEN
from dmig.pipeline.run import Request, compile_operation
from dmig.pipeline.worklist import Asked, Entry, Worklist, open_worklist
from dmig.pipeline.worklist_book import BLANKED, KIND, TITLE, book_of, filled
from dmig.plan.nouns import GroupPlan, Plan
from dmig.sources.host.forms import declared_charset
from dmig.spec.repairs import is_day, read_repairs, repairs_text
from dmig.spec.sheets.nouns import Row
from dmig.stages.normalise import Normaliser, bad
from dmig.store.private import make_private, private_umask, written_aside

#: Room for one character of any width with its shifts.
_CELL_BYTES = 8

TREATMENTS = {name: treatment for treatment, name in TREATMENT_NAMES.items()}
#: Columns that a treatment cannot do without.
NEEDED = {
    Treatment.FIX_AT_SOURCE: ("decided_by",),
    Treatment.REPAIR: ("new_value", "reason", "decided_by"),
    Treatment.MANUAL_ENTRY: ("reason", "decided_by"),
    Treatment.ACCEPT: ("reason", "decided_by"),
}


@dataclass(slots=True)
class Imported:
    """What an import did: decisions by treatment, and how many were added, changed, removed and left as they were."""

    worklist: Worklist = field(repr=False)
    decisions: tuple[Decision, ...] = field(repr=False)
    counts: Counter[str] = field(default_factory=Counter)


def import_worklist(path: Path, runs: Path, repairs: Path | None) -> Imported:
    """Read a filled work list and write the file of decisions; `SpecError` with every fault, by row and column."""
    from dmig.spec.sheets.reading import read_book  # the spreadsheet library is only for commands that need it

    worklist = open_worklist(_asked(path, runs, repairs))
    if worklist.repairs is None:
        raise UsageFault("WKL011")
    rows = read_book(path, book_of(worklist))[TITLE]
    imported = Imported(worklist, ())
    reader = _Reader(f"{path.name}[{TITLE}]", worklist, _plan(worklist), Diagnostics())
    kept: dict[object, Decision] = {decision.locator: decision for decision in worklist.decisions}
    for row in rows:
        entry = worklist.entries[row.line - 1]
        decision = reader.decision(row, entry)
        _lay(kept, entry, decision, imported.counts)
    reader.diagnostics.stop_if_any()
    imported.decisions = tuple(kept.values())
    write_decisions(worklist.repairs, imported.decisions, worklist.stored.legacy)
    return imported


def _asked(path: Path, runs: Path, repairs: Path | None) -> Asked:
    """What the workbook itself says that it was made from."""
    from dmig.spec.sheets.reading import read_stamp

    told, diagnostics = read_stamp(path), Diagnostics()
    try:
        division, code, with_number = json.loads(told.get("version", ""))
    except ValueError:
        division = code = with_number = None
    if told.get("kind") != KIND or not isinstance(division, str):
        diagnostics.add(path.name, 0, "SHT011", what="kind", found=told.get("kind", ""), mine=KIND)
        raise SpecError(diagnostics.items)
    return Asked(runs, told.get("layer", ""), division, code, bool(with_number), repairs)


def _plan(worklist: Worklist) -> Plan:
    stored = worklist.stored
    operation, site = str(stored.result["operation"]), site_of(worklist.asked.runs)
    layers = site.layers(operation) if site else ()
    return compile_operation(
        Request(stored.library, operation, str(stored.result["system"]), Path(), Path(), site=layers)
    )


def _lay(kept: dict[object, Decision], entry: Entry, decision: Decision | None, counts: Counter[str]) -> None:
    """A row's decision in place of the one before; a blanked one is taken away, one without a sure key is not kept."""
    before = entry.decision
    if decision is None:
        if before is not None:
            kept.pop(before.locator, None)
            counts["removed"] += 1
        return
    if not decision.key:
        counts["not kept"] += 1
        return
    counts["kept" if decision is before else "changed" if before is not None else "added"] += 1
    kept[decision.locator] = decision


def write_decisions(path: Path, decisions: Iterable[Decision], legacy: LegacyLayout) -> None:
    """The file of decisions, for its owner only; what this writes must read back without a fault."""
    diagnostics = Diagnostics()
    with private_umask():
        if not path.parent.is_dir():
            make_private(path.parent)
        draft = path.with_name(f"{path.name}.draft")
        with written_aside(draft) as aside:
            aside.write_text(repairs_text(decisions, legacy), encoding="utf-8")
        try:
            read_repairs(draft, legacy, diagnostics)
            diagnostics.stop_if_any()
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


@dataclass(slots=True)
class _Reader:
    """The checks of one workbook. Messages name rows and columns; values only by their length."""

    place: str
    worklist: Worklist
    plan: Plan
    diagnostics: Diagnostics
    values: dict[tuple[object, ...], tuple[str, int]] = field(default_factory=dict)
    forms: dict[tuple[str, str], Normaliser] = field(default_factory=dict)

    def fault(self, row: Row, code: str, /, **values: object) -> None:
        self.diagnostics.add(self.place, row.at, code, **values)

    def decision(self, row: Row, entry: Entry) -> Decision | None:
        """What a row decides; None where it decides nothing or cannot."""
        cells, before = row.cells, entry.decision
        treatment = TREATMENTS.get(cells["treatment"])
        if treatment is None:
            if cells["treatment"]:
                self.fault(row, "WKL001", column="処置", allowed=" | ".join(TREATMENTS))
            elif not entry.stale and (cells["new_value"] or cells["reason"]) and not self.as_before(row, entry):
                self.fault(row, "WKL002", column="処置", treatment="―")
            return None
        if before is not None and not entry.stale and self.as_before(row, entry):
            return before
        if not self.complete(row, treatment) or not self.possible(row, entry, treatment):
            return None
        new_value = self.new_value(row, entry, treatment)
        if new_value is None:
            return None
        person = entry.person
        hashed = (
            keyed_hash(self.worklist.secret, person.hashed(entry.item)) if person else before.old_hash if before else ""
        )
        return Decision(
            entry.table, entry.key or (), entry.item, entry.code, treatment, hashed, new_value,
            cells["reason"].replace("\\n", "\n"), cells["due"], cells["decided_by"], "", Place(self.place, row.at),
        )  # fmt: skip

    def as_before(self, row: Row, entry: Entry) -> bool:
        """Whether a row says what it said when it was exported."""
        shown = filled(entry, with_number=self.worklist.asked.with_number)
        return all(row.cells[name] == text for name, text in shown.items())

    def complete(self, row: Row, treatment: Treatment) -> bool:
        """Whether all columns that the treatment needs are filled as they should be."""
        names = {"new_value": "新しい値", "reason": "理由", "decided_by": "担当"}
        missing = [names[name] for name in NEEDED[treatment] if not row.cells[name].strip()]
        for column in missing:
            self.fault(row, "WKL002", column=column, treatment=TREATMENT_NAMES[treatment])
        if row.cells["due"] and not is_day(row.cells["due"]):
            self.fault(row, "RPR008", column="期限", allowed="YYYY-MM-DD")
            return False
        return not missing

    def possible(self, row: Row, entry: Entry, treatment: Treatment) -> bool:
        """Whether the treatment can be carried out at this record."""
        person = entry.person
        if treatment is Treatment.ACCEPT and entry.severity not in (FINDING, ""):
            self.fault(row, "WKL007")
            return False
        fits = treatment is Treatment.FIX_AT_SOURCE or (person is not None and entry.key is not None)
        if treatment is Treatment.REPAIR:
            fits = fits and bool(entry.item) and person is not None and person.cells is not None
        if treatment is Treatment.MANUAL_ENTRY:
            fits = fits and any(entry.table in group.tables and not group.created for group in self.plan.groups)
        if not fits:
            self.fault(row, "WKL008", treatment=TREATMENT_NAMES[treatment])
        return fits

    def new_value(self, row: Row, entry: Entry, treatment: Treatment) -> str | None:
        """The checked new value of a repair, "" for other treatments; None after a fault."""
        if treatment is not Treatment.REPAIR:
            return ""
        text = row.cells["new_value"].replace("\\n", "\n")
        if text == HIDDEN:
            if entry.decision is None:
                self.fault(row, "WKL002", column="新しい値", treatment=TREATMENT_NAMES[treatment])
                return None
            text = entry.decision.new_value
        text = "" if text == BLANKED else text
        first = self.values.setdefault((entry.table, entry.key, entry.item), (text, row.at))
        if first[0] != text:
            self.fault(row, "WKL010", row=first[1])
        return text if self.fits(row, entry, text) and first[0] == text else None

    def fits(self, row: Row, entry: Entry, text: str) -> bool:
        """Whether a text can stand in the item: its charset, its length, its declared form."""
        table = self.plan.legacy.table(entry.table)
        item = table.item(entry.item) if table else None
        if item is None:
            return False
        strange = sum(1 for character in text if not _encodes(character, self.plan.legacy))
        if strange:
            self.fault(row, "WKL005", charset=self.plan.legacy.charset, count=strange)
        most = longest(self.plan, entry.table, item)
        if most and len(text) > most:
            self.fault(row, "WKL004", chars=len(text), most=most)
        elif not strange and text and not self.has_form(entry.table, item, text):
            self.fault(row, "WKL006", type=" ".join([item.type, *(f"{k}={v}" for k, v in item.args.items())]))
        else:
            return not strange
        return False

    def has_form(self, table: str, item: LegacyItem, text: str) -> bool:
        """Whether the item's declared type can read a text."""
        form = self.forms.get((table, item.item))
        if form is None:
            form = Normaliser({item.item: item}, builtin(), self.plan.mapping.glyphs)
            self.forms[table, item.item] = form
        cells = form.run(Cells.of_frame(pl.DataFrame({item.item: [text]})))
        return not cells.rows(bad(item.item))[0]


def longest(plan: Plan, table: str, item: LegacyItem) -> int:
    """How long a value of an item may be: its declared width, else all items together that it becomes; 0 = unknown."""
    if item.args.get("width", "").isdigit():
        return int(item.args["width"])
    fed = [group for group in plan.groups if (own := group.items.get(item.item)) and table in own.tables]
    return max((_places(group, item.item) for group in fed), default=0)


def _places(group: GroupPlan, item: str) -> int:
    """Characters of all items of a group that a source item goes into; 0 where it becomes a code or something between."""
    calls = {call.number for call in group.calls if item in call.sources}
    targets = [t.item for t in group.targets if any(a.call in calls for a in t.alternatives)]
    return 0 if any(t is None or t.code for t in targets) else sum(t.max_chars for t in targets if t)


def _encodes(character: str, legacy: LegacyLayout) -> bool:
    """Whether the old system has a character."""
    if legacy.host is not None:
        own = declared_charset(legacy.charset, legacy.host)
        return int(encode_text(own, pl.Series([character]), _CELL_BYTES)[1][0]) == 0
    try:
        return bool(character.encode(legacy.charset))
    except UnicodeEncodeError:
        return False
