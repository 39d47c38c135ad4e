"""Looking into a stored run: its reports, and (with a reason, noted in the ledger) the values of one record."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from dmig.errors import Diagnostics, UsageFault
from dmig.model.legacy import LegacyLayout
from dmig.model.reports import CASCADE, FINDING
from dmig.pipeline.books import open_book
from dmig.pipeline.session import open_run
from dmig.sources.port import OFFSET, RECORD
from dmig.spec.library import Library, load
from dmig.store.parts import EncodedParts, Parts
from dmig.store.private import read_json

#: Items that hold a number which the law protects by name; left out unless asked for.
PROTECTED_NUMBERS = ("kojin_no", "kojinbango")


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A finished run on disk."""

    runs: Path
    result: dict[str, Any]
    legacy: LegacyLayout
    library: Library

    @classmethod
    def open(cls, runs: Path, run_id: str) -> StoredRun:
        """Open by id, or `latest`; `UsageFault` when it is not there."""
        result = open_run(runs, run_id)
        circumstances = read_json(runs / str(result["run_id"]) / "run.json")
        library = Library(Path(circumstances["library"]))
        declared = load(library, result["operation"], result["system"], Diagnostics())
        return cls(runs, result, declared.legacy, library)

    @property
    def protected(self) -> Path:
        """The protected folder of the run."""
        return self.runs / str(self.result["run_id"]) / "protected"

    def file(self, table: str) -> str:
        """The file name of a table."""
        found = self.legacy.table(table)
        return found.file if found else table

    def reports(self, code: str | None, *, findings: bool, cascades: bool) -> pl.DataFrame:
        """Reports in their order, roots only unless asked."""
        found = self.all_reports()
        if code:
            return found.filter(pl.col("code") == code)
        if not findings:
            found = found.filter(pl.col("severity") != FINDING)
        return found if cascades else found.filter(pl.col("kind") != CASCADE)

    def report(self, number: int) -> dict[str, Any]:
        """One report by its number."""
        found = self.all_reports().filter(pl.col("report") == number)
        if not found.height:
            raise UsageFault("RUN005", what="report", name=number, known=f"1-{self.all_reports().height}")
        return found.row(0, named=True)

    def note_access(self, command: str, reason: str, count: int) -> None:
        """Enter in the ledger that values were shown."""
        book = open_book(self.runs, appends=True)
        book.add_access(command, str(self.result["run_id"]), reason, count)
        book.close()

    def record(self, table: str, record: int) -> dict[str, str | None]:
        """The staged items of one record; a refused record gives its raw text under `raw`."""
        for index in (parts := EncodedParts(self.protected / "read" / table / "rows")).indexes():
            row = parts.read(index).filter(pl.col(RECORD) == record)
            if row.height:
                return row.drop(RECORD, OFFSET).row(0, named=True)
        for frame in Parts(self.protected / "read" / table / "refused").frames():
            row = frame.filter(pl.col("record") == record)
            if row.height:
                return {"raw": raw_text(self.legacy, row["raw"][0])}
        return {}

    def all_reports(self) -> pl.DataFrame:
        """Every report of the run."""
        path = self.protected / "judge" / "reports.arrow"
        if not path.is_file():
            raise UsageFault("RUN002", run=self.result["run_id"])
        return pl.read_ipc(path)


def raw_text(legacy: LegacyLayout, raw: bytes) -> str:
    """The bytes of a refused record as people can look at them: as text, of a host file in hexadecimal."""
    return raw.decode(legacy.charset, errors="replace") if legacy.host is None else raw.hex(" ", 4).upper()


def shown_items(stored: StoredRun, entry: dict[str, Any], *, with_number: bool) -> list[list[str]]:
    """Item, name and value of the record of a report, the faulty item first marked."""
    table = stored.legacy.table(entry["table"])
    rows = []
    for name, value in stored.record(entry["table"], int(entry["record"])).items():
        item = table.item(name) if table else None
        hidden = name in PROTECTED_NUMBERS and not with_number
        mark = "→ " if name == entry["source_item"] else "  "
        shown = "＊" * 4 if hidden else (value or "")
        rows.append([mark + name, item.name if item else "", shown])
    return rows


__all__ = ["PROTECTED_NUMBERS", "StoredRun", "raw_text", "shown_items"]
