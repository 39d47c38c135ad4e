"""Code cross-tables: whether the pairs that were migrated are those that staff agreed, read again from their files."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

#: Source codes and target codes of one pair; None is blank.
Pair = tuple[tuple[str | None, ...], tuple[str | None, ...]]

ANY, BLANK = "*", "(blank)"
#: Columns of a code table that are not codes.
BESIDE = ("valid_from", "valid_to", "state", "decided_by", "decided_on", "note")


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One agreed row: legacy codes, and the standard code of each part."""

    legacy: tuple[str, ...]
    standard: dict[str, str]


@dataclass(frozen=True, slots=True)
class CodeRows:
    """The agreed rows of a table, the more specific ones first."""

    rows: tuple[CodeRow, ...]

    def texts(self) -> frozenset[str]:
        """Legacy codes that stand in the table: these may be shown."""
        return frozenset(code for row in self.rows for code in row.legacy)


def read_code_tables(folders: Iterable[Path]) -> dict[str, CodeRows]:
    """Code tables of a mapping, with the rows of later folders laid over those before; agreed rows only."""
    found: dict[str, dict[tuple[str, ...], CodeRow]] = {}
    for folder in folders:
        for path in sorted((folder / "code_tables").glob("*.csv")):
            with path.open(encoding="utf-8-sig", newline="") as source:
                for row in csv.DictReader(source):
                    legacy = tuple(text for name, text in row.items() if name.startswith("legacy_"))
                    period = (row.get("valid_from") or "", row.get("valid_to") or "")
                    key = (*legacy, *period)
                    found.setdefault(path.stem, {}).pop(key, None)
                    if (row.get("state") or "agreed") == "agreed":
                        standard = {n: t for n, t in row.items() if n not in BESIDE and not n.startswith("legacy_")}
                        found[path.stem][key] = CodeRow(legacy, standard)
    return {
        name: CodeRows(tuple(sorted(rows.values(), key=lambda row: row.legacy.count(ANY))))
        for name, rows in found.items()
    }


def agrees(table: CodeRows, part: str, pair: Pair, split: str = "") -> bool:
    """Whether a pair is one of the table's: `part` names the column (`split`: words joined by it, or one in each
    source, a code for each).

    Blank sources give blank targets unless a row speaks of blanks. Rows with the same codes in different periods are
    all allowed here: the date is judged by the conversion's own proof.
    """
    sources, targets = pair
    if split:
        return _words_agree(table, split.join(word for word in sources if word), targets, split)
    best = [row for row in table.rows if _holds(row, sources)]
    if not best:
        return all(code is None for code in sources) and all(code is None for code in targets)
    wild = best[0].legacy.count(ANY)
    allowed = {row.standard.get(part, "") or None for row in best if row.legacy.count(ANY) == wild}
    return targets[0] in allowed


def _holds(row: CodeRow, sources: tuple[str | None, ...]) -> bool:
    return all(
        (wanted == ANY and code is not None) or (wanted == BLANK and code is None) or wanted == code
        for wanted, code in zip(row.legacy, sources, strict=False)
    )


def _words_agree(table: CodeRows, text: str, codes: tuple[str | None, ...], split: str) -> bool:
    """Whether the codes are those of the words of a text, one behind the other; a word may stand for several."""
    width = str.maketrans("()", "（）")
    chains = {row.legacy[0].translate(width): [c for c in row.standard.values() if c] for row in table.rows}
    found = [code for code in codes if code]
    reached = {(text.translate(width), 0)} if text else set()
    while reached:
        rest, at = reached.pop()
        for word, chain in chains.items():
            if rest.startswith(word) and found[at : at + len(chain)] == chain:
                left = rest[len(word) :].removeprefix(split)
                if not left and at + len(chain) == len(found):
                    return True
                if left:
                    reached.add((left, at + len(chain)))
    return not text and not found
