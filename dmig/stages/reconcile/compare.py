"""Comparing re-read source cells with re-read target cells by signatures in SQL; one scan of a group's file for all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import duckdb
import pyarrow as pa

#: What a comparison may hold before it spills.
SETTINGS = {"memory_limit": "600MB", "threads": 2}
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


def compare(comparisons: list[Comparison], source: pa.Table, target_csv: Path, lineage: Path) -> list[Verdict]:
    """Compare row by row, all comparisons of one group at once.

    `source` has `table`, `record` and a column per source item; the lineage's rows are those of the CSV, in order.
    Differences are counted and located; no value leaves this function.
    """
    if not source.num_rows or not comparisons:
        return []
    differs = [_differs(number, comparison) for number, comparison in enumerate(comparisons)]
    targets = ", ".join(f"{quoted(c.target)} as t{number}" for number, c in enumerate(comparisons))
    flags = ", ".join(f"{sql} as d{number}" for number, sql in enumerate(differs))
    with duckdb.connect(config=SETTINGS) as connection:
        connection.execute("set enable_progress_bar = false")
        connection.register("source_cells", source)
        connection.execute(
            f"""
            create temp table pairs as
            with target_rows as (
                select row_number() over () as n, {targets}
                from read_csv(?, all_varchar = true, header = true, parallel = false, quote = '"', escape = '"',
                              null_padding = false, strict_mode = true)
            ),
            lineage as (select row_number() over () as n, "table", record from read_parquet(?))
            select l."table" as "table", l.record as record, {flags}
            from source_cells s join lineage l on l."table" = s."table" and l.record = s.record
            join target_rows using (n)
            """,  # noqa: S608 - the signature files are part of the program, identifiers are quoted
            [str(target_csv), str(lineage / "*.parquet")],
        )
        return [_verdict(connection, number, c, table) for table in _tables(connection) for number, c in
                enumerate(comparisons)]  # fmt: skip


def _differs(number: int, comparison: Comparison) -> str:
    """Whether the two signatures of one comparison differ, over the joined columns."""
    left, right = signature_sql(comparison.signature)
    left = re.sub(r"\bs(\d)\b", lambda found: "s." + quoted(comparison.source_items[int(found.group(1))]), left)
    right = re.sub(r"\bt\b", f"t{number}", right)
    return f"({left}) is distinct from ({right})"


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [str(row[0]) for row in connection.execute('select distinct "table" from pairs order by 1').fetchall()]


def _verdict(connection: duckdb.DuckDBPyConnection, number: int, comparison: Comparison, table: str) -> Verdict:
    compared, differing = connection.execute(
        f'select count(*), count(*) filter (where d{number}) from pairs where "table" = ?',  # noqa: S608 - a number
        [table],
    ).fetchall()[0]
    records = connection.execute(
        f'select record from pairs where "table" = ? and d{number} order by record limit ?',  # noqa: S608 - a number
        [table, MOST_RECORDS],
    ).fetchall()
    return Verdict(comparison, table, int(compared), int(differing), tuple(int(row[0]) for row in records))


def quoted(name: str) -> str:
    """An identifier safe for SQL."""
    return '"' + name.replace('"', '""') + '"'
