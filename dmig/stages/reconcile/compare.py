"""Comparing re-read source cells with re-read target cells by a signature in SQL."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import duckdb
import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Comparison:
    """One proof: a signature over source cells and the target cell that must have the same signature."""

    group: str
    target: str
    signature: str
    table: str
    source_items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a comparison found: rows compared, rows that differ, and the records of those."""

    comparison: Comparison
    compared: int
    differing: int
    records: tuple[int, ...]


#: What a comparison may hold before it spills.
MEMORY_LIMIT = "600MB"


def signature_sql(name: str) -> tuple[str, str]:
    """The two expressions of a signature file: over `s0`, `s1` … (source) and over `t` (target)."""
    text = resources.files("dmig.stages.reconcile").joinpath("signatures", f"{name}.sql").read_text(encoding="utf-8")
    parts = [part.strip() for part in text.split("-- target") if part.strip()]
    if len(parts) != 2:
        raise ValueError(f"signature {name} needs one expression for each side")
    return parts[0].split("-- source")[-1].strip(), parts[1]


def signature_names() -> frozenset[str]:
    """The signatures that the program has."""
    folder = resources.files("dmig.stages.reconcile").joinpath("signatures")
    return frozenset(file.name.removesuffix(".sql") for file in folder.iterdir() if file.name.endswith(".sql"))


def compare(comparison: Comparison, source: pa.Table, target_csv: Path, lineage: Path) -> Verdict:
    """Compare row by row. `source` has `record`, `c0`, `c1` …; the lineage's rows are those of the CSV, in order.

    Differences are counted and located; no value leaves this function.
    """
    if not source.num_rows:
        return Verdict(comparison, 0, 0, ())
    left, right = signature_sql(comparison.signature)
    cells = ", ".join(f"c{number} as s{number}" for number in range(len(comparison.source_items)))
    with duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "threads": 2}) as connection:
        connection.register("source_cells", source)
        rows = connection.execute(
            f"""
            with target_rows as (
                select row_number() over () as n, {quoted(comparison.target)} as t
                from read_csv(?, all_varchar = true, header = true, parallel = false, quote = '"', escape = '"',
                              null_padding = false, strict_mode = true)
            ),
            lineage as (select row_number() over () as n, "table", record from read_parquet(?)),
            pairs as (
                select s.record, {left} as signature_source, {right} as signature_target
                from (select record, {cells} from source_cells) s
                join lineage l on l.record = s.record and l."table" = ?
                join target_rows using (n)
            )
            select record, signature_source is distinct from signature_target as differs from pairs order by record
            """,  # noqa: S608 - the signature files are part of the program, the identifier is quoted
            [str(target_csv), str(lineage / "*.parquet"), comparison.table],
        ).fetchall()
    differing = [int(record) for record, differs in rows if differs]
    return Verdict(comparison, len(rows), len(differing), tuple(differing[:1000]))


def quoted(name: str) -> str:
    """An identifier safe for SQL."""
    return '"' + name.replace('"', '""') + '"'
