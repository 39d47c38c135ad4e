"""Records of a stored run for people who must decide about them: key, cells, name, protective measure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from dmig.model.legacy import LegacyLayout, LegacyTable
from dmig.model.repairs import record_text
from dmig.pipeline.lookup import PROTECTED_NUMBERS, StoredRun, raw_text
from dmig.sources.port import OFFSET, RECORD
from dmig.store.parts import EncodedParts, Parts

#: What stands in place of a number that the law protects by name, and of such a number inside raw text.
HIDDEN = "＊＊＊＊"
_NUMBER = re.compile(r"\d{12}")

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """One legacy record as it was read. `key` is None where it cannot be told; `cells` is None where read refused it."""

    table: str
    record: int
    offset_bytes: int
    key: Key | None = field(repr=False)
    cells: Mapping[str, str] | None = field(repr=False)
    raw: bytes = field(default=b"", repr=False)

    @property
    def unit(self) -> str:
        """The first part of the key: for a resident the 宛名番号."""
        return self.key[0] if self.key else ""

    def hashed(self, item: str) -> str | bytes:
        """What a decision about an item, or about the whole record, keeps as a hash."""
        if self.cells is None:
            return self.raw
        return self.cells[item] if item else record_text(self.cells.values())

    def shown(self, item: str, *, with_number: bool) -> str:
        """The text of an item as a work list shows it."""
        if self.cells is None or not item:
            return ""
        return HIDDEN if item in PROTECTED_NUMBERS and self.cells[item] and not with_number else self.cells[item]

    def typed(self, legacy: LegacyLayout, table: LegacyTable, *, with_number: bool) -> Iterator[tuple[str, str]]:
        """Names and texts that staff must type; of a record that could not be cut its raw text."""
        if self.cells is None:
            text = raw_text(legacy, self.raw).strip()
            # In the bytes of a host a number can hide in many forms.
            hidden = HIDDEN if legacy.host is not None else _NUMBER.sub(HIDDEN, text)
            yield "（読めなかった記録の全体）", text if with_number else hidden
            return
        for item in table.items:
            if text := self.shown(item.item, with_number=with_number):
                yield item.name, text


def records(stored: StoredRun, wanted: Mapping[str, set[int]], keys: Mapping[str, set[Key]]) -> Iterator[Person]:
    """The records of some numbers, and those of some keys, table by table in the order of the file."""
    for table in stored.legacy.tables:
        numbers, own = wanted.get(table.table, set()), keys.get(table.table, set())
        if numbers or own:
            yield from _staged(stored, table, numbers, own)
            yield from _refused(stored, table, numbers, own)


def _staged(stored: StoredRun, table: LegacyTable, numbers: set[int], keys: set[Key]) -> Iterator[Person]:
    parts = EncodedParts(stored.protected / "read" / table.table / "rows")
    names = list(table.keys)
    sought = pl.DataFrame(sorted(keys), schema=dict.fromkeys(names, pl.String), orient="row")
    for index in parts.indexes():
        narrow = parts.read(index, [RECORD, *names]).with_columns(pl.col(names).fill_null("")).with_row_index("row")
        by_key = narrow.join(sought, on=names, how="semi")["row"]
        by_number = narrow.filter(pl.col(RECORD).is_in(sorted(numbers)))["row"]
        rows = pl.concat([by_key, by_number]).unique().sort().to_list()
        for row in parts.read(index)[rows].iter_rows(named=True) if rows else ():
            cells = {item.item: row[item.item] or "" for item in table.items}
            yield Person(table.table, row[RECORD], row[OFFSET], tuple(cells[name] for name in names), cells)


def _refused(stored: StoredRun, table: LegacyTable, numbers: set[int], keys: set[Key]) -> Iterator[Person]:
    for frame in Parts(stored.protected / "read" / table.table / "refused").frames():
        for row in frame.iter_rows(named=True):
            rescued = json.loads(row["keys"])
            key = tuple(rescued[name] for name in table.keys) if all(name in rescued for name in table.keys) else None
            if row["record"] in numbers or key in keys:
                yield Person(table.table, row["record"], row["offset_bytes"], key, None, row["raw"])


def names_of(stored: StoredRun, units: Iterable[str]) -> dict[str, str]:
    """The names of persons, from the first table that has one for them."""
    wanted, found = sorted({unit for unit in units if unit}), dict[str, str]()
    for table in stored.legacy.tables:
        for unit, name in _pairs(stored, table, wanted, table.name_items) if table.name_items else ():
            found.setdefault(unit, name)
    return found


def protected_units(stored: StoredRun, units: Iterable[str]) -> set[str]:
    """Persons under a protective measure: whoever has a record in a table that says so, be it one that read refused."""
    wanted = sorted({unit for unit in units if unit})
    tables = [table for table in stored.legacy.tables if table.protective]
    found = {unit for table in tables for unit, _ in _pairs(stored, table, wanted, ())}
    return found | {unit for table in tables for unit in _rescued(stored, table) if unit in wanted}


def _rescued(stored: StoredRun, table: LegacyTable) -> Iterator[str]:
    """Units of refused records, as far as they could be told."""
    for frame in Parts(stored.protected / "read" / table.table / "refused").frames(("keys",)):
        yield from (json.loads(keys).get(table.keys[0], "") for keys in frame["keys"])


def _pairs(
    stored: StoredRun, table: LegacyTable, units: list[str], items: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Units with the first filled one of some items."""
    key = table.keys[0]
    for frame in EncodedParts(stored.protected / "read" / table.table / "rows").frames(dict.fromkeys((key, *items))):
        rows = frame.filter(pl.col(key).is_in(units))
        first = pl.coalesce(*items) if items else pl.lit("")
        for unit, name in rows.select(pl.col(key), first.alias("name")).iter_rows():
            if name is not None:
                yield unit, name
