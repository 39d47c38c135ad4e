"""What the commands of the work list do: write the workbook, approve decisions, write the sheet to tick off."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

from dmig.errors import Diagnostics, UsageFault
from dmig.ledger.signing import load_key
from dmig.model.repairs import TREATMENT_NAMES, Decision
from dmig.pipeline.approving import PASSPHRASE, site_approvers
from dmig.pipeline.books import open_book, site_of
from dmig.pipeline.lookup import StoredRun
from dmig.pipeline.tick_off import NAME, tick_off_book
from dmig.pipeline.worklist import Asked, open_worklist
from dmig.pipeline.worklist_book import book_of
from dmig.pipeline.worklist_import import Imported, import_worklist, write_decisions
from dmig.spec.repairs import NEEDS_APPROVAL, read_repairs
from dmig.spec.sheets.nouns import Book
from dmig.spec.site import Site
from dmig.store.private import make_private, private_umask, written_aside

#: Where workbooks with values lie, below the protected folder of the run.
FOLDER = "worklist"


def export_worklist(asked: Asked, reason: str) -> tuple[Path, int]:
    """Write the work list of a run into its protected folder and note who wanted it; its path and its rows."""
    refuse_without_reason(reason)
    worklist = open_worklist(asked)
    book = book_of(worklist)
    name = "-".join(filter(None, ("worklist", asked.division, asked.code)))
    rows = len(worklist.entries)
    worklist.stored.note_access("worklist export", reason, rows)
    return write_book(worklist.stored, name, book), rows


def refuse_without_reason(reason: str) -> None:
    """Nobody sees values without saying why: `UsageFault` TRC001."""
    if not reason.strip():
        raise UsageFault("TRC001")


def write_book(stored: StoredRun, name: str, book: Book) -> Path:
    """A workbook with values, for its owner only."""
    from dmig.spec.sheets.writing import render_book  # the spreadsheet library is only for commands that need it

    with private_umask():
        path = make_private(stored.protected / FOLDER) / f"{name}.xlsx"
        content = render_book(book)
        with written_aside(path) as aside:
            aside.write_bytes(content)
    return path


def take_in(path: Path, runs: Path, repairs: Path | None) -> Imported:
    """Import a filled work list and note in the ledger that somebody did."""
    imported = import_worklist(path, runs, repairs)
    imported.worklist.stored.note_access("worklist import", "作業一覧の取り込み", sum(imported.counts.values()))
    return imported


def approve_decisions(run: str, runs: Path, repairs: Path | None, name: str, key: Path | None) -> Counter[str]:
    """Stand for all decisions of others that nobody has approved yet; how many of each treatment, and left to others.

    On a site the person must be an approver and prove it by their key.
    """
    stored, site = StoredRun.open(runs, run), site_of(runs)
    path = repairs or (site.repairs(str(stored.result["operation"])) if site else None)
    if path is None:
        raise UsageFault("WKL011")
    if site is not None:
        _prove(site, name, key, str(stored.result["as_of"]))
    diagnostics = Diagnostics()
    found = read_repairs(path, stored.legacy, diagnostics)
    diagnostics.stop_if_any()
    counts: Counter[str] = Counter()
    decisions = [_approved(decision, name, counts) for decision in found.decisions]
    if not any(counts[word] for word in TREATMENT_NAMES.values()):
        raise UsageFault("WKL012", name=name, why="承認できる処置がありません / nothing to approve")
    write_decisions(path, decisions, stored.legacy)
    book = open_book(runs, appends=True)
    try:
        book.add_access("worklist approve", str(stored.result["run_id"]), f"{name}: 処置の承認", sum(counts.values()))
    finally:
        book.close()
    return counts


def _approved(decision: Decision, name: str, counts: Counter[str]) -> Decision:
    if decision.approved or decision.treatment not in NEEDS_APPROVAL:
        return decision
    if decision.decided_by == name:
        counts["own"] += 1
        return decision
    counts[TREATMENT_NAMES[decision.treatment]] += 1
    return replace(decision, approved_by=name)


def _prove(site: Site, name: str, key: Path | None, day: str) -> None:
    """`UsageFault` unless the key is one of the person's in approvers.csv."""
    keys = {each.public_key for each in site_approvers(site) if each.name == name and each.may_approve(day)}
    if not keys:
        raise UsageFault("WKL012", name=name, why="approvers.csv にいません / not in approvers.csv")
    if key is None or load_key(key, os.environ.get(PASSPHRASE, "")).public not in keys:
        raise UsageFault("WKL012", name=name, why="本人の鍵（--key）ではありません / not their key (--key)")


def export_tick_off(run: str, runs: Path, reason: str, *, with_number: bool) -> tuple[Path, int]:
    """Write the sheet to tick off once more and note who wanted it; its path and how many records it holds."""
    refuse_without_reason(reason)
    stored = StoredRun.open(runs, run)
    book, count = tick_off_book(stored, with_number=with_number)
    if not count:
        raise UsageFault("RUN005", what="manual entry", name=str(stored.result["run_id"]), known="0")
    stored.note_access("worklist tick-off", reason, count)
    return write_book(stored, NAME, book), count


def leave_tick_off(stored: StoredRun) -> None:
    """The sheet to tick off beside a run that has just left records to staff; without individual numbers."""
    write_book(stored, NAME, tick_off_book(stored, with_number=False)[0])
