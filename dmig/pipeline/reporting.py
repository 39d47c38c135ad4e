"""The report of a run, from its result, its circumstances and what the ledger says of it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from dmig.pipeline.approving import approvals
from dmig.pipeline.books import open_book
from dmig.store.private import read_json


def report_run(runs: Path, result: dict[str, Any]) -> None:
    """Write the report into the folder of a run that has just been entered in the ledger."""
    from dmig.report import write_for_run  # the libraries of a report are only for runs that end with one

    write_for_run(result, circumstances_of(runs, result), runs / str(result["run_id"]) / "report")


def export_report(runs: Path, result: dict[str, Any], out: Path, language: str) -> list[Path]:
    """Write the report of a stored run into a folder, with the approvals that it has by now."""
    from dmig.report import write_reports

    return write_reports(result, circumstances_of(runs, result), out, language)


def circumstances_of(runs: Path, result: dict[str, Any]) -> dict[str, Any]:
    """When and with which versions it ran; its hash, its approvals and the last hash of the ledger."""
    run_id = str(result["run_id"])
    path = runs / run_id / "run.json"
    own: dict[str, Any] = read_json(path) if path.is_file() else {}
    book = open_book(runs)
    try:
        entry, head = book.run(run_id), book.head()
    finally:
        book.close()
    return own | {
        "run_hash": entry.content["run_hash"] if entry else "",
        "head": head,
        "approvals": [asdict(approval) for approval in approvals(runs, run_id)],
    }
