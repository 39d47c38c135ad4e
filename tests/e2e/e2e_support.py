"""What the end-to-end tests share: deliveries, runs in this process and through the console script, the test's own readers.

Nothing here reads a file through dmig, except the report store, which has no other reader.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from dmig.pipeline.result import Heading, build_result
from dmig.pipeline.run import Request, RunOutcome, compile_operation, execute
from dmig.spec.library import Library, shipped
from dmig.synth import write_delivery

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(sys.executable).with_name("dmig")
GENZAI, RIREKI = "JUKI_GENZAI.csv", "JUKI_RIREKI.csv"
FILE_OF = {"genzai": GENZAI, "rireki": RIREKI}
#: Items of both legacy tables in file order, written down here a second time.
ITEMS = (
    "atena_no", "rireki_no", "setai_no", "kana_shimei", "kanji_shimei", "seibetsu", "umare_ymd", "umare_hyoki",
    "zokugara", "banchi", "katagaki", "ido_jiyu", "ido_ymd", "todoke_ymd", "jumin_kbn", "sakujo_flg",
)  # fmt: skip
TRUTH = "001_住民情報.csv"


@dataclass(frozen=True)
class Delivery:
    """A delivery on disk with its truth, read with the standard library only."""

    folder: Path

    @property
    def inputs(self) -> Path:
        return self.folder / "package"

    def records(self, file: str) -> list[bytes]:
        """Records as bytes; the header is not counted. Invented deliveries hold no line break in a cell."""
        content = (self.inputs / file).read_bytes()
        assert content.endswith(b"\r\n")
        return content.removesuffix(b"\r\n").split(b"\r\n")[1:]

    def unit(self, file: str, record: int) -> str:
        """宛名番号 of a record (from 1): its first cell."""
        return self.records(file)[record - 1].split(b",")[0].decode("cp932")

    def truth(self) -> list[list[str]]:
        return rows_of(self.folder / "truth" / TRUTH)

    def faults(self) -> list[dict[str, str]]:
        return dicts_of(self.folder / "truth" / "faults.csv")

    def expected_findings(self) -> list[dict[str, str]]:
        return dicts_of(self.folder / "truth" / "expected_findings.csv")

    def edit(self, file: str, record: int, **cells: bytes | str) -> None:
        """Overwrite cells of one record."""
        lines = (self.inputs / file).read_bytes().split(b"\r\n")
        found = lines[record].split(b",")
        for item, value in cells.items():
            found[ITEMS.index(item)] = value.encode("cp932") if isinstance(value, str) else value
        lines[record] = b",".join(found)
        (self.inputs / file).write_bytes(b"\r\n".join(lines))

    def cell(self, file: str, record: int, item: str) -> str:
        return self.records(file)[record - 1].split(b",")[ITEMS.index(item)].decode("cp932")


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


def dicts_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def deliver(folder: Path, residents: int, seed: int, fault_rate: float = 0.0) -> Delivery:
    write_delivery(folder, residents=residents, seed=seed, fault_rate=fault_rate)
    return Delivery(folder)


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
        return rows_of(self.published / TRUTH)

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


def request_for(inputs: Path, folder: Path, *, library: Path | None = None, **options: Any) -> Request:
    return Request(Library(library or shipped()), "jumin", "package", inputs, folder, **options)


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


STAGES = ("read", "shape", "convert", "finish", "check", "judge", "write", "conserve", "reconcile")


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
    expected = [row for row in truth[1:] if row[0] not in bad]
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


def tree(folder: Path, keep: Callable[[Path], bool] = lambda _: True) -> list[Path]:
    return sorted(path for path in [folder, *folder.rglob("*")] if keep(path))
