"""Rows of a workbook as the CSV file that they make, and what differs from the file that is there."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dmig.spec.sheets.nouns import Page, Row

ADDED, REMOVED, CHANGED = "+", "-", "~"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: where it stands (the file's line; of an added row the line that it gets), which row, what."""

    file: str
    line: int
    mark: str
    key: str
    column: str = ""
    before: str = ""
    after: str = ""

    def render(self) -> str:
        """`file:line: mark key` and, for a change, `column: before -> after`."""
        what = f"  {self.column}: {self.before or '(blank)'} -> {self.after or '(blank)'}" if self.column else ""
        return f"{self.file}:{self.line}: {self.mark} {self.key}{what}"


def csv_text(page: Page, rows: Sequence[Row]) -> str:
    """The rows under the page's header; not yet in canonical order."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(page.own)
    writer.writerows([row.cells[column] for column in page.own] for row in rows)
    return out.getvalue()


def changes(page: Page, rows: Sequence[Row], text: str) -> Iterator[Change]:
    """Rows removed, changed and added, in the file's order; `text` is what the file would hold."""
    kept = {row.line: row for row in rows if row.line}
    for before in page.rows:
        after, key = kept.get(before.line), " ".join(filter(None, before.key(page.key)))
        if after is None:
            yield Change(page.file, before.line, REMOVED, key)
            continue
        for column in page.own:
            if before.cells[column] != after.cells[column]:
                yield Change(
                    page.file, before.line, CHANGED, key, column, before.cells[column], after.cells[column]
                )  # fmt: skip
    lines = [next(csv.reader([line]), []) for line in text.split("\n")]
    for row in rows:
        if not row.line:
            at = lines.index([row.cells[column] for column in page.own]) + 1
            yield Change(page.file, at, ADDED, " ".join(filter(None, row.key(page.key))))
