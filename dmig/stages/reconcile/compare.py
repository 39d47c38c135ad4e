"""Comparing re-read source cells with re-read target cells by signatures in SQL, block by block."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources

import duckdb
import pyarrow as pa

#: What a comparison may hold before it spills.
SETTINGS = {"memory_limit": "400MB", "threads": 1}
#: So many differing records of one comparison are located.
MOST_RECORDS = 1000


@dataclass(frozen=True, slots=True)
class Comparison:
    """One proof: a signature over source items and the target item (by its name in the file) it must equal."""

    group: str
    target: str
    signature: str
    source_items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a comparison found in one table: rows compared, rows that differ, and the records of those."""

    comparison: Comparison
    table: str
    compared: int
    differing: int
    records: tuple[int, ...]


def signature_names() -> frozenset[str]:
    """The signatures that the program has."""
    folder = resources.files("dmig.stages.reconcile").joinpath("signatures")
    return frozenset(file.name.removesuffix(".sql") for file in folder.iterdir() if file.name.endswith(".sql"))


def signature_sql(name: str) -> tuple[str, str]:
    """The two expressions of a signature file: over `s0`, `s1` … (source) and over `t` (target)."""
    text = resources.files("dmig.stages.reconcile").joinpath("signatures", f"{name}.sql").read_text(encoding="utf-8")
    parts = [part.strip() for part in text.split("-- target") if part.strip()]
    if len(parts) != 2:
        raise ValueError(f"signature {name} needs one expression for each side")
    return parts[0].split("-- source")[-1].strip(), parts[1]


def compare_block(comparisons: Sequence[Comparison], block: pa.Table) -> list[Verdict]:
    """Compare the rows of one block, all comparisons at once.

    `block` has `table`, `record`, a column `s…` per source item (`"s." + item`) and one per target (`"t." + target`),
    row by row. Differences are counted and located; no value leaves this function.
    """
    if not block.num_rows or not comparisons:
        return []
    flags = ", ".join(f"{_differs(comparison)} as d{number}" for number, comparison in enumerate(comparisons))
    counts = ", ".join(f"count(*) filter (where d{number})" for number in range(len(comparisons)))
    with duckdb.connect(config=SETTINGS) as connection:
        connection.execute("set enable_progress_bar = false")
        connection.register("block", block)
        connection.execute(f'create temp table pairs as select "table", record, {flags} from block')  # noqa: S608 - the signature files are part of the program, identifiers are quoted
        found = connection.execute(f'select "table", count(*), {counts} from pairs group by 1 order by 1').fetchall()  # noqa: S608 - numbers
        return [
            Verdict(comparison, str(table), int(compared), int(differing[number]),
                    _records(connection, str(table), number) if differing[number] else ())
            for table, compared, *differing in found
            for number, comparison in enumerate(comparisons)
        ]  # fmt: skip


def together(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The verdicts of all blocks as one for each comparison and table, in the order in which they first came."""
    found: dict[tuple[Comparison, str], Verdict] = {}
    for verdict in verdicts:
        key = (verdict.comparison, verdict.table)
        before = found.get(key, Verdict(verdict.comparison, verdict.table, 0, 0, ()))
        found[key] = Verdict(
            *key, before.compared + verdict.compared, before.differing + verdict.differing,
            (*before.records, *verdict.records)[:MOST_RECORDS],
        )  # fmt: skip
    return list(found.values())


def source_column(item: str) -> str:
    """Column of a block that holds a source item."""
    return f"s.{item}"


def target_column(name: str) -> str:
    """Column of a block that holds a target item."""
    return f"t.{name}"


def _differs(comparison: Comparison) -> str:
    """Whether the two signatures of one comparison differ, over the columns of a block."""
    left, right = signature_sql(comparison.signature)
    items = comparison.source_items
    left = re.sub(r"\bs(\d)\b", lambda found: quoted(source_column(items[int(found.group(1))])), left)
    right = re.sub(r"\bt\b", lambda _: quoted(target_column(comparison.target)), right)
    return f"({left}) is distinct from ({right})"


def _records(connection: duckdb.DuckDBPyConnection, table: str, number: int) -> tuple[int, ...]:
    rows = connection.execute(
        f'select record from pairs where "table" = ? and d{number} order by record limit ?',  # noqa: S608 - a number
        [table, MOST_RECORDS],
    ).fetchall()
    return tuple(int(row[0]) for row in rows)


def quoted(name: str) -> str:
    """An identifier safe for SQL."""
    return '"' + name.replace('"', '""') + '"'
