"""The third ledger, of files that hold several kinds of records: every byte and every record of them has an owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dmig.errors import LawBroken
from dmig.model.host import HostFile
from dmig.model.legacy import LegacyLayout
from dmig.pipeline.context import Context, InputFile
from dmig.pipeline.read_pass import Staged

Line = dict[str, Any]


def file_ledger(context: Context, staged: Mapping[str, Staged]) -> list[Line]:
    """A line for each host file; sums that do not come out are a fault of the program (exit 70)."""
    legacy = context.plan.legacy
    return [_line(context, legacy, file, staged) for file in legacy.files]


def _line(context: Context, legacy: LegacyLayout, file: HostFile, staged: Mapping[str, Staged]) -> Line:
    tables = legacy.tables_of(file.file)
    parts = staged[tables[0].table].controls
    size = context.inputs[tables[0].table].size_bytes
    found = {name: sum(getattr(part, name) for part in parts) for name in _SUMS}
    # The first table's records have with them what is nobody's; here they stand apart.
    read = {table.table: staged[table.table].records for table in tables}
    read[tables[0].table] -= found["lost_runs"] + found["unknown"]
    skipped = size - found["size_bytes"]
    owned = found["header"] + found["trailer"] + found["unknown"] + sum(read.values())
    if skipped < 0 or skipped > file.rules.skip_bytes + file.rules.tail_bytes or owned != found["records"]:
        raise LawBroken(f"{file.file}: bytes or records of the file have no owner, or two")
    return {
        "file": file.file, "size_bytes": size, "skipped_bytes": skipped, "lost_bytes": found["lost_bytes"],
        "lost_runs": found["lost_runs"], "records": found["records"], "header": found["header"],
        "trailer": found["trailer"], "unknown": found["unknown"], "tables": read,
    }  # fmt: skip


_SUMS = ("size_bytes", "records", "header", "trailer", "unknown", "lost_runs", "lost_bytes")


def stated_totals(context: Context, staged: Mapping[str, Staged], files: Sequence[Line]) -> tuple[Line, ...]:
    """Header and trailer of each file that has them, and what the trailer says of the records against what was read."""
    found = []
    for file, line in zip(context.plan.legacy.files, files, strict=True):
        expected = 1 if line["size_bytes"] else 0
        for name, kind in (("header", file.header), ("trailer", file.trailer)):
            if kind is not None:
                found.append(_total(f"{file.file}.{name}", expected, line[name]))
        parts = staged[next(iter(line["tables"]))].controls
        said = [pair for part in parts for pair in part.stated]
        for count in file.counts if expected else ():
            own = [value for item, value in said if item == count.item]
            read = sum(line["tables"][table] for table in count.tables) if count.tables else _all(line)
            stated = own[0] if len(own) == 1 else None
            # What is no number, or is said twice, states nothing; then the total does not come out whatever was read.
            found.append(_total(f"{file.file}.{count.item}", stated or 0, read) | {"agrees": stated == read})
    return tuple(found)


def _all(line: Line) -> int:
    """Whole records but header and trailer."""
    return int(line["records"]) - int(line["header"]) - int(line["trailer"])


def _total(name: str, source: int, target: int) -> Line:
    return {"total": name, "source": source, "target": target, "agrees": source == target}


def input_lines(inputs: Mapping[str, InputFile], read: Mapping[str, int]) -> list[Line]:
    """One line for each legacy file with its hash and records, also where several tables stand in it."""
    found: dict[str, Line] = {}
    for table, entry in inputs.items():
        line = found.setdefault(entry.path.name, {"file": entry.path.name, "sha256": entry.sha256, "records": 0})
        line["records"] += read[table]
    return list(found.values())
