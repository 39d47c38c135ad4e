"""What the end-to-end tests share: deliveries, runs in this process and through the console script, the test's own readers.

Nothing here reads a file through dmig, except the report store, which has no other reader.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import polars as pl
from e2e_tables import (
    BIKO,
    CARD,
    FILE_OF,
    FILES,
    FILES_OF,
    GENZAI,
    GROUPS,
    IDO,
    JOKYO,
    JUTOGAI,
    MEISHO,
    REGISTER,
    RIREKI,
    SHIEN,
    SPREAD,
    UNREAD,
)

from dmig.pipeline.result import Heading, build_result
from dmig.pipeline.run import Request, RunOutcome, compile_operation, execute
from dmig.spec.library import Library, shipped
from dmig.synth import write_delivery

#: Tables that the tests take from here.
__all__ = ["BIKO", "CARD", "FILES", "FILES_OF", "FILE_OF", "GENZAI", "GROUPS", "IDO", "JOKYO", "JUTOGAI"]
__all__ += ["MEISHO", "REGISTER", "RIREKI", "SHIEN", "SPREAD", "UNREAD"]
ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(sys.executable).with_name("dmig")


def items_of(operation: str, table: str) -> tuple[str, ...]:
    return tuple(row["item"] for row in dicts_of(ROOT / "schemas/legacy/package" / operation / f"{table}.csv"))


@cache
def items_in(file: str) -> tuple[str, ...]:
    """Items of a legacy file in file order."""
    operation, table = next((o, t) for o, files in FILES.items() for t, name in files.items() if name == file)
    return items_of(operation, table)


_QUOTED = re.compile(rb'(\A|,)"(?:[^"]|"")*"(?=,|\Z)')
_CELL = re.compile(rb'(?:\A|,)("(?:[^"]|"")*"(?=,|\Z)|[^,]*)', re.DOTALL)


def is_open(record: bytes) -> bool:
    """A cell that begins with a quote has no end yet; a quote inside a cell opens nothing."""
    if b'"' not in record:
        return False
    rest = _QUOTED.sub(rb"\1", record)
    return rest.startswith(b'"') or b',"' in rest


@lru_cache(maxsize=64)
def records_in(content: bytes) -> tuple[bytes, ...]:
    """Records as bytes, the header among them; a quoted cell may hold line breaks."""
    assert content.endswith(b"\r\n")
    found: list[bytes] = []
    for line in content.removesuffix(b"\r\n").split(b"\r\n"):
        if found and is_open(found[-1]):
            found[-1] += b"\r\n" + line
        else:
            found.append(line)
    return tuple(found)


@lru_cache(maxsize=64)
def records_of(path: Path, mtime_ns: int, size: int) -> tuple[bytes, ...]:
    """Records of a file as it was at that time, the header not among them."""
    return records_in(path.read_bytes())[1:]


def cells_in(record: bytes) -> list[bytes]:
    """Cells as they stand in the file, quotes included."""
    return _CELL.findall(record)


@dataclass(frozen=True)
class Delivery:
    """A delivery on disk with its truth, read with the standard library only."""

    folder: Path
    operation: str = "jumin"

    @property
    def inputs(self) -> Path:
        return self.folder / "package"

    def records(self, file: str) -> tuple[bytes, ...]:
        """Records as bytes; the header is not counted."""
        path = self.inputs / file
        seen = path.stat()
        return records_of(path, seen.st_mtime_ns, seen.st_size)

    def unit(self, file: str, record: int) -> str:
        """宛名番号 of a record (from 1), which stands among its first cells; of others than persons the first cell."""
        cells = self.records(file)[record - 1].split(b",", 4)
        return cells[items_in(file).index("atena_no") if "atena_no" in items_in(file) else 0].decode("cp932")

    def deleted(self, file: str, record: bytes) -> bool:
        """Logically deleted, so never migrated. Only the files of the register have the flag."""
        if "sakujo_flg" not in items_in(file):
            return False
        cells = cells_in(record)
        return len(cells) > (at := items_in(file).index("sakujo_flg")) and cells[at] == b"1"

    def kept(self, file: str) -> list[int]:
        """Numbers of the records (from 1) that are not logically deleted."""
        return [n for n, record in enumerate(self.records(file), start=1) if not self.deleted(file, record)]

    def truth(self, group: str = "") -> list[list[str]]:
        """Truth of a group; of the first one unless another is named."""
        files = GROUPS[self.operation]
        return rows_of(self.folder / "truth" / files[group or next(iter(files))])

    def faults(self) -> list[dict[str, str]]:
        return dicts_of(self.folder / "truth" / "faults.csv")

    def expected_findings(self) -> list[dict[str, str]]:
        return dicts_of(self.folder / "truth" / "expected_findings.csv")

    def faulty(self, group: str = "") -> set[str]:
        """Units with a planted fault in a record that becomes a row of the group (by itself of the first one)."""
        return {fault["unit"] for fault in self._felt(group)}

    def broken(self, group: str) -> set[tuple[str, int]]:
        """Records (file, number from 1) with a planted fault that the group feels."""
        return {(fault["file"], int(fault["record"])) for fault in self._felt(group)}

    def _felt(self, group: str) -> list[dict[str, str]]:
        group = group or next(iter(GROUPS[self.operation]))
        own = [fault for fault in self.faults() if fault["file"] in FILES_OF[group]]
        return [fault for fault in own if fault["item"] not in UNREAD.get(group, ())]

    def edit(self, file: str, record: int, **cells: bytes | str) -> None:
        """Overwrite cells of one record."""
        found = list(records_in((self.inputs / file).read_bytes()))
        mine = cells_in(found[record])
        for item, value in cells.items():
            mine[items_in(file).index(item)] = value.encode("cp932") if isinstance(value, str) else value
        found[record] = b",".join(mine)
        (self.inputs / file).write_bytes(b"\r\n".join(found) + b"\r\n")
        records_of.cache_clear()  # a clock may tick too slowly to tell two edits apart

    def cell(self, file: str, record: int, item: str) -> str:
        return cells_in(self.records(file)[record - 1])[items_in(file).index(item)].decode("cp932")


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


def dicts_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def deliver(folder: Path, residents: int, seed: int, fault_rate: float = 0.0, *, operation: str = "jumin") -> Delivery:
    write_delivery(folder, operation=operation, residents=residents, seed=seed, fault_rate=fault_rate)
    return Delivery(folder, operation)


def copy_library(target: Path, *, fixtures: bool = False) -> Path:
    """A library of one's own to break: schemas, mappings and, if asked for, fixtures."""
    for name in ("schemas", "mappings", *(["fixtures"] if fixtures else [])):
        shutil.copytree(ROOT / name, target / name)
    return target


@dataclass
class Ran:
    """A run that came to its end."""

    request: Request
    outcome: RunOutcome
    result: dict[str, Any]

    @property
    def protected(self) -> Path:
        return self.request.folder / "protected"

    @property
    def published(self) -> Path:
        return self.protected / "write" / "published"

    @property
    def csv_rows(self) -> list[list[str]]:
        """Published rows of the first group."""
        return self.rows()

    def rows(self, group: str = "") -> list[list[str]]:
        """Published rows of a group, the header among them."""
        files = GROUPS[self.request.operation]
        return rows_of(self.published / files[group or next(iter(files))])

    def parts(self, kind: str, group: str) -> pl.DataFrame:
        """`lineage` or `parquet` of a group as one frame."""
        return pl.concat([pl.read_parquet(path) for path in sorted((self.published / kind / group).glob("*.parquet"))])

    @property
    def reports(self) -> pl.DataFrame:
        return pl.read_ipc(self.protected / "judge" / "reports.arrow")

    @property
    def hashes(self) -> dict[str, str]:
        """What the result announces, checked against the bytes on disk by `sha256_of` where it matters."""
        return {output["file"]: output["sha256"] for output in self.result["outputs"]}

    @property
    def csv_hashes(self) -> dict[str, str]:
        return {name: sha256 for name, sha256 in self.hashes.items() if name.endswith(".csv")}


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def request_for(
    inputs: Path, folder: Path, *, library: Path | None = None, operation: str = "jumin", **options: Any
) -> Request:
    return Request(Library(library or shipped()), operation, "package", inputs, folder, **options)


def run(request: Request) -> Ran:
    """Compile and execute in this process."""
    outcome = execute(request, compile_operation(request))
    heading = Heading(run_id=request.folder.name, site="", fixture="", dry_run=True, as_of="2026-10-01")
    return Ran(request, outcome, build_result(heading, outcome))


def dmig(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The real console script, as a user calls it."""
    return subprocess.run(
        [SCRIPT, *map(str, arguments)], cwd=cwd, env={**os.environ, **environment}, capture_output=True, timeout=120,
        check=False,
    )  # fmt: skip


def python(source: str, *arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """A child interpreter running a few lines of the test's own."""
    return subprocess.run(
        [sys.executable, "-c", source, *map(str, arguments)], cwd=cwd, capture_output=True, timeout=120, check=False
    )


def call_main(monkeypatch: Any, capsys: Any, *arguments: str | Path) -> tuple[int, str, str]:
    """`dmig` in this process: exit code, stdout, stderr. Exactly what the console script calls."""
    from dmig.cli.main import main

    monkeypatch.setattr(sys, "argv", ["dmig", *map(str, arguments)])
    code = 0
    try:
        main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


STAGES = ("read", "repair", "shape", "convert", "finish", "check", "judge", "write", "accept", "conserve", "reconcile")


def only_progress(stderr: str) -> bool:
    """Whether standard error, kept in a file, holds nothing but one JSON line per stage that came to its end."""
    lines = [json.loads(line) for line in stderr.splitlines()]
    seen = [line["stage"] for line in lines]
    return seen == [name for name in STAGES if name in seen] and all(
        set(line) <= {"stage", "done", "elapsed_s"} for line in lines
    )


@dataclass
class Differences:
    """How a published file differs from what the truth leaves after the faulty units are taken out."""

    found: list[str] = field(default_factory=list)
    rows: int = 0


def compare_with_truth(published: list[list[str]], truth: list[list[str]], faulty: Iterable[str]) -> Differences:
    """Cell by cell and in order; names items and row numbers only."""
    bad, header = set(faulty), truth[0]
    at = unit_at(header)
    expected = [row for row in truth[1:] if row[at] not in bad]
    said = Differences(rows=len(expected))
    if published[:1] != [header]:
        said.found.append("header")
    if len(published) - 1 != len(expected):
        said.found.append(f"{len(published) - 1} rows, expected {len(expected)}")
    for number, (mine, wanted) in enumerate(zip(published[1:], expected, strict=False), start=1):
        if len(mine) != len(wanted):
            said.found.append(f"row {number}: {len(mine)} cells")
        said.found += [
            f"row {number}: {name}" for name, one, other in zip(header, mine, wanted, strict=False) if one != other
        ]
    return said


def unit_at(header: list[str]) -> int:
    """Where 宛名番号 stands; of others than persons the first item."""
    return header.index("宛名番号") if "宛名番号" in header else 0


def column(rows: list[list[str]], name: str) -> list[str]:
    """Cells of the column with this heading."""
    at = rows[0].index(name)
    return [row[at] for row in rows[1:]]


#: Kinds that read refuses; the record has no items then, so the report names none.
READ_KINDS = {"undecodable", "column_count", "nul", "stray_quote", "line_break"}


def present_households(delivery: Delivery) -> dict[str, str]:
    """宛名番号 -> the household of the latest row."""
    truth = delivery.truth()
    rows = zip(*(column(truth, name) for name in ("宛名番号", "世帯番号", "最新フラグ")), strict=True)
    return {person: household for person, household, latest in rows if latest == "1"}


def lost_households(delivery: Delivery) -> set[str]:
    """Households of which a row of 住民現在 could not be read, or not the household in it.

    Invented faults stand in such rows only where the person lives alone, so the household is not made at all.
    """
    households = present_households(delivery)
    return {
        households[fault["unit"]]
        for fault in delivery.faults()
        if fault["file"] == GENZAI and (fault["kind"] in READ_KINDS or fault["item"] == "setai_no")
    }


def nameless_households(delivery: Delivery) -> set[str]:
    """Households whose head's row of 住民現在 has no name, so that only the name cannot be compared."""
    households = present_households(delivery)
    return {
        households[fault["unit"]]
        for fault in delivery.faults()
        if fault["file"] == GENZAI and fault["kind"] == "missing_name"
    }


def without_names(rows: list[list[str]], households: set[str]) -> list[list[str]]:
    at = rows[0].index("世帯主氏名")
    return [[*row[:at], "", *row[at + 1 :]] if row[0] in households else row for row in rows]


def compare_all(published: Path, delivery: Delivery) -> dict[str, Differences]:
    """Every group of a publication with the truth, cell by cell and in order.

    What may be missing is named exactly: of a group, the units with a fault in a record that becomes one of its rows;
    of 世帯, the households of `lost_households`. All other rows must be there, in every cell.
    """
    found = {}
    for group, file in GROUPS[delivery.operation].items():
        mine, truth = rows_of(published / file), delivery.truth(group)
        faulty = lost_households(delivery) if group == "setai" else delivery.faulty(group)
        if group == "setai" and (nameless := nameless_households(delivery)):
            mine, truth = without_names(mine, nameless), without_names(truth, nameless)
        found[group] = compare_with_truth(mine, truth, faulty)
    return found


def differing(published: Path, delivery: Delivery) -> list[str]:
    """All differences of all groups, each with the name of its group."""
    return [f"{group}: {said}" for group, one in compare_all(published, delivery).items() for said in one.found]


def tree(folder: Path, keep: Callable[[Path], bool] = lambda _: True) -> list[Path]:
    return sorted(path for path in [folder, *folder.rglob("*")] if keep(path))
