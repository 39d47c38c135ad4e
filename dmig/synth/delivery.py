"""The delivery of an invented municipality: legacy files, manifest, and beside them the truth."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl

from dmig.errors import DmigError
from dmig.synth import package, truth
from dmig.synth.city import MUNICIPALITY, MUNICIPALITY_CODE
from dmig.synth.csv_out import CsvFile, Written
from dmig.synth.days import AS_OF
from dmig.synth.faults import Faults, plant
from dmig.synth.findings import expected_findings, has_findings
from dmig.synth.register import Register, register
from dmig.synth.streams import Ints, Streams
from dmig.synth.tables import FILES, Tables, tables

#: Operations and legacy systems that can be written.
OPERATIONS, SYSTEMS = ("jumin",), ("package",)
TRUTH_FILE = "001_住民情報.csv"
_CHUNK_ROWS = 100_000
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


def write_delivery(
    out: Path,
    *,
    operation: str = "jumin",
    system: str = "package",
    residents: int,
    seed: int,
    fault_rate: float = 0.0,
) -> None:
    """Write `out/<system>/`, `out/delivery.toml` and `out/truth/`; the same arguments always give the same bytes.

    `residents` counts 宛名番号, those moved away and dead included. `fault_rate` is the share of them that carry one
    planted fault each; the truth shows their rows as they would be without it. The manifest is written last, so a
    folder with one is whole. ValueError for arguments out of range, `DmigError` when the disk refuses.
    """
    if operation not in OPERATIONS or system not in SYSTEMS:
        raise ValueError(f"no invented delivery of {operation} from {system}")
    source, streams = register(residents, seed), Streams(seed)
    where = tables(source)
    faults = plant(source, where, streams, fault_rate, has_findings(source))
    with _disk_faults(out):
        (out / system).mkdir(parents=True, exist_ok=True)
        (out / "truth").mkdir(exist_ok=True)
        (out / "delivery.toml").unlink(missing_ok=True)
        written = _write_package(out / system, source, where, faults, streams)
        _write_truth(out / "truth", source, where)
        units = pl.Series(source.population.persons.number).cast(pl.String).str.zfill(10)
        _write_small(out / "truth" / "faults.csv", faults.listing(FILES, units))
        _write_small(out / "truth" / "expected_findings.csv", expected_findings(source, where))
        manifest = _manifest(operation, system, residents, seed, written)
        (out / "delivery.toml").write_bytes(manifest.encode())


def _write_package(folder: Path, source: Register, where: Tables, faults: Faults, streams: Streams) -> list[Written]:
    texts, written = package.PackageTexts(source, streams), []
    for table, name in enumerate(FILES):
        with CsvFile(folder / name, package.ITEMS.values(), "cp932") as file:
            for at in _chunks(where.entries[table]):
                first = file.next_record
                file.write(texts.rows(at), faults.edits(table, first, first + len(at)))
            written.append(file.written())
    return written


def _write_truth(folder: Path, source: Register, where: Tables) -> None:
    """Expected standard rows in the order of the legacy files, logically deleted ones left out."""
    texts = truth.TruthTexts(source)
    kept = np.concatenate(where.entries)
    kept = kept[~source.entries.deleted[kept]]
    with CsvFile(folder / TRUTH_FILE, truth.HEADER, "utf-8") as file:
        for at in _chunks(kept):
            file.write(texts.rows(at))


def _write_small(path: Path, frame: pl.DataFrame) -> None:
    with CsvFile(path, frame.columns, "utf-8") as file:
        file.write(frame)


def _chunks(entries: Ints) -> Iterator[Ints]:
    for start in range(0, len(entries), _CHUNK_ROWS):
        yield entries[start : start + _CHUNK_ROWS]


def _manifest(operation: str, system: str, residents: int, seed: int, written: list[Written]) -> str:
    """The manifest as TOML: who, what, key date, and per file its sums."""
    lines = [
        "# 架空の自治体の納品物。実在する人の情報は含まない。",
        f'municipality = "{MUNICIPALITY}"',
        f'municipality_code = "{MUNICIPALITY_CODE}"',
        "invented = true",
        f'operation = "{operation}"',
        f'system = "{system}"',
        f'as_of = "{np.datetime64(AS_OF, "D")}"',
        f"seed = {seed}",
        f"residents = {residents}",
    ]
    for file in written:
        lines += [
            "",
            "[[file]]",
            f'name = "{file.path.name}"',
            f'path = "{file.path.parent.name}/{file.path.name}"',
            f'sha256 = "{file.sha256}"',
            f"records = {file.records}",
            f"bytes = {file.size_bytes}",
        ]
    return "\n".join(lines) + "\n"


@contextmanager
def _disk_faults(out: Path) -> Iterator[None]:
    """What a disk can refuse, as an environment fault with a remedy."""
    try:
        yield
    except OSError as error:
        code = "ENV002" if error.errno in _DISK_FULL else "ENV003"
        raise DmigError(code, path=out.name) from error
