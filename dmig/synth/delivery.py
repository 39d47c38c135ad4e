"""The delivery of an invented municipality: legacy files, manifest, and beside them the truth."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from dmig.errors import DmigError
from dmig.synth.city import MUNICIPALITY, MUNICIPALITY_CODE
from dmig.synth.content import Content, Sheet
from dmig.synth.csv_out import CsvFile, Planned, Written
from dmig.synth.days import AS_OF
from dmig.synth.jidoteate import jidoteate
from dmig.synth.jumin import jumin
from dmig.synth.jutogai import jutogai
from dmig.synth.kaigo import kaigo
from dmig.synth.kojin import kojin
from dmig.synth.mainframe import moved, places, write_host_files

_CONTENTS = {"jumin": jumin, "jutogai": jutogai, "kaigo": kaigo, "kojin": kojin, "jidoteate": jidoteate}
#: Operations that can be written, and those that a host has too.
OPERATIONS, ON_HOSTS = tuple(_CONTENTS), ("jumin",)
_CHUNK_ROWS = 100_000
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


def systems_of(operation: str) -> tuple[str, ...]:
    """The legacy systems that an operation can be written as."""
    return ("package", "mainframe") if operation in ON_HOSTS else ("package",)


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

    `residents` counts 宛名番号. `fault_rate` is the share of them that carry one planted fault each; the truth shows
    their rows as they would be without it. The manifest is written last, so a folder with one is whole. ValueError
    for arguments out of range, `DmigError` when the disk refuses.
    """
    if operation not in OPERATIONS or system not in systems_of(operation):
        raise ValueError(f"no invented delivery of {operation} from {system}")
    content = _CONTENTS[operation](residents, seed, fault_rate)
    with _disk_faults(out):
        (out / system).mkdir(parents=True, exist_ok=True)
        (out / "truth").mkdir(exist_ok=True)
        (out / "delivery.toml").unlink(missing_ok=True)
        written = (
            write_host_files(out / system, content) if system == "mainframe" else _write_csv(out / system, content)
        )
        for sheet in content.truth:
            _write(out / "truth", sheet, "utf-8")
        lists = {"faults.csv": content.faults, "expected_findings.csv": content.findings}
        for name, listed in lists.items():
            _write_small(out / "truth" / name, moved(listed, places(content)) if system == "mainframe" else listed)
        manifest = _manifest(operation, system, residents, seed, written)
        (out / "delivery.toml").write_bytes(manifest.encode())


def _write_csv(folder: Path, content: Content) -> list[Written]:
    return [_write(folder, sheet, "cp932", partial(content.edits, n)) for n, sheet in enumerate(content.legacy)]


def _write(
    folder: Path, sheet: Sheet, encoding: str, edits: Callable[[int, int], list[Planned]] = lambda first, last: []
) -> Written:
    with CsvFile(folder / sheet.file, sheet.header, encoding) as file:
        for start in range(0, len(sheet.at), _CHUNK_ROWS):
            at = sheet.at[start : start + _CHUNK_ROWS]
            first = file.next_record
            file.write(sheet.rows(at), edits(first, first + len(at)))
        return file.written()


def _write_small(path: Path, frame: pl.DataFrame) -> None:
    with CsvFile(path, frame.columns, "utf-8") as file:
        file.write(frame)


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
