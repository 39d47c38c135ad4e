"""The work list: one row per root cause and record, with values, and what staff have decided about it so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from dmig.errors import Diagnostics, UsageFault
from dmig.model.layout import StandardLayout
from dmig.model.repairs import Decision, Treatment, keyed_hash
from dmig.model.reports import BLANK, FINDING, REJECT, ROOT
from dmig.pipeline.books import site_of, site_secret
from dmig.pipeline.lookup import StoredRun
from dmig.pipeline.people import Key, Person, names_of, protected_units, records
from dmig.pipeline.run import own_repairs
from dmig.spec.library import load
from dmig.spec.repairs import read_repairs

#: Rows of one workbook: more than a person can look through.
MOST_ROWS = 20_000
#: Of several reports about one cause and record, the gravest tells what may be done.
GRAVEST = (REJECT, BLANK, FINDING)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which run, and which part of its work."""

    runs: Path
    run: str
    division: str = ""
    code: str = ""
    with_number: bool = False
    repairs: Path | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: a cause at a record, or a decision that no cause of this run belongs to."""

    person: Person | None = field(repr=False)
    table: str
    item: str
    code: str
    severity: str = ""
    group: str = ""
    targets: tuple[str, ...] = ()
    rule: str = ""
    decision: Decision | None = field(default=None, repr=False)
    key: Key | None = field(default=None, repr=False)
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Worklist:
    """All that a work list shows, and where the decisions that it leads to are kept (None: nowhere yet)."""

    asked: Asked
    stored: StoredRun = field(repr=False)
    layout: StandardLayout = field(repr=False)
    entries: tuple[Entry, ...] = field(repr=False)
    decisions: tuple[Decision, ...] = field(repr=False)
    repairs: Path | None
    secret: bytes = field(repr=False)
    names: dict[str, str] = field(repr=False)
    protected: set[str] = field(repr=False)


def open_worklist(asked: Asked) -> Worklist:
    """The work of a stored run; `UsageFault` where there is no such run, division or code, or too much of it."""
    stored = StoredRun.open(asked.runs, asked.run)
    operation, system = str(stored.result["operation"]), str(stored.result["system"])
    layout = load(stored.library, operation, system, Diagnostics()).layout
    site = site_of(asked.runs)
    repairs = asked.repairs or (site.repairs(operation) if site else None)
    decisions, secret = _decisions(stored, repairs), site_secret(site)
    causes = _causes(stored, layout, asked)
    entries = _entries(stored, causes, decisions, secret, whole=not (asked.division or asked.code))
    if len(entries) > MOST_ROWS:
        raise UsageFault("WKL009", rows=len(entries), most=MOST_ROWS)
    units = {entry.person.unit for entry in entries if entry.person}
    return Worklist(
        replace(asked, run=str(stored.result["run_id"])), stored, layout, entries, decisions, repairs, secret,
        names_of(stored, units), protected_units(stored, units),
    )  # fmt: skip


def _decisions(stored: StoredRun, repairs: Path | None) -> tuple[Decision, ...]:
    """What was decided so far: in the named file, else in what the run has used."""
    path = repairs if repairs is not None else own_repairs(stored.protected.parent)
    if path is None or not path.is_file():
        return ()
    diagnostics = Diagnostics()
    found = read_repairs(path, stored.legacy, diagnostics)
    diagnostics.stop_if_any()
    return found.decisions


def _causes(stored: StoredRun, layout: StandardLayout, asked: Asked) -> pl.DataFrame:
    """Root causes at records: `table`, `record`, `source_item`, `code`, and what the reports about them say."""
    own = {group.group: group.division or layout.division for group in layout.groups}
    divisions = sorted({layout.division, *own.values()} - {""})
    if asked.division and asked.division not in divisions:
        raise UsageFault("RUN005", what="division", name=asked.division, known=" ".join(divisions))
    said = stored.all_reports().filter(pl.col("kind") == ROOT, pl.col("record") > 0, pl.col("stage") != "repair")
    said = said.with_columns(pl.col("group").replace_strict(own, default=layout.division).alias("division"))
    if asked.division:
        said = said.filter(pl.col("division") == asked.division)
    if asked.code:
        said = said.filter(pl.col("code") == asked.code)
    grave = pl.col("severity").replace_strict({name: n for n, name in enumerate(GRAVEST)}, return_dtype=pl.UInt8)
    return (
        said.with_columns(grave.alias("grave"))
        .sort("table", "record", "grave", "report", maintain_order=True)
        .group_by("table", "record", "source_item", "code", maintain_order=True)
        .agg(pl.col("severity", "group", "rule").first(), pl.col("target_item").unique(maintain_order=True))
    )


def _entries(
    stored: StoredRun, causes: pl.DataFrame, decisions: tuple[Decision, ...], secret: bytes, *, whole: bool
) -> tuple[Entry, ...]:
    """Causes with their decisions, then (in a whole list) decisions that belong to no cause of this run."""
    numbers: dict[str, set[int]] = {}
    for table, record in causes.select("table", "record").iter_rows():
        numbers.setdefault(table, set()).add(record)
    keys: dict[str, set[Key]] = {}
    for decision in decisions if whole else ():
        keys.setdefault(decision.table, set()).add(decision.key)
    people = list(records(stored, numbers, keys))
    by_number = {(person.table, person.record): person for person in people}
    known: Mapping[object, Decision] = {decision.locator: decision for decision in decisions}
    entries = [_cause(row, by_number, known, secret) for row in causes.iter_rows(named=True)]
    entries = _only_sure_keys(entries, people)
    if whole:
        told = {entry.decision.locator for entry in entries if entry.decision}
        by_key = {(person.table, person.key): person for person in people}
        left = (decision for decision in decisions if decision.locator not in told)
        entries += [
            _with(Entry(by_key.get((d.table, d.key)), d.table, d.item, d.code, key=d.key), d, secret) for d in left
        ]
    return tuple(entries)


def _cause(
    row: Mapping[str, Any], people: dict[tuple[str, int], Person], known: Mapping[object, Decision], secret: bytes
) -> Entry:
    table, item, code = str(row["table"]), str(row["source_item"]), str(row["code"])
    person = people[table, int(str(row["record"]))]
    targets = tuple(name for name in row["target_item"] if name)
    entry = Entry(person, table, item, code, str(row["severity"]), str(row["group"]), targets, str(row["rule"]),
                  key=person.key)  # fmt: skip
    decision = known.get((table, person.key, item, code)) if person.key is not None else None
    return _with(entry, decision, secret)


def _with(entry: Entry, decision: Decision | None, secret: bytes) -> Entry:
    """An entry with what was decided about it; stale where the value is not the one that was decided about."""
    if decision is None:
        return entry
    stale = entry.person is not None and decision.old_hash != keyed_hash(secret, entry.person.hashed(entry.item))
    return replace(entry, decision=decision, stale=stale and decision.treatment is not Treatment.FIX_AT_SOURCE)


def _only_sure_keys(entries: Iterable[Entry], people: Iterable[Person]) -> list[Entry]:
    """A key that several records have names none of them: such a record cannot be decided about."""
    counted = Counter((person.table, person.key) for person in people)
    return [
        replace(entry, key=None, decision=None) if counted[entry.table, entry.key] > 1 else entry for entry in entries
    ]
