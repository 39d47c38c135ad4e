"""Seconds and memory per stage, kept apart from results."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_STATUS = Path("/proc")


def peak_mib(pid: int) -> float:
    """High-water mark of a process's resident memory in MiB; 0 where the system does not tell."""
    try:
        text = (_STATUS / str(pid) / "status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    line = next((line for line in text.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(line.split()[1]) / 1024


def resident_mib() -> float:
    """Resident memory of this process now, in MiB; 0 where the system does not tell."""
    try:
        pages = int((_STATUS / "self" / "statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


#: Told about a stage (by name) and how many of its blocks are done; -1 when the stage is complete.
Progress = Callable[[str, int], None]


def silent(stage: str, blocks: int) -> None:
    """Progress that nobody watches."""


class StageClock:
    """Notes elapsed seconds and this process's peak memory for each stage in turn, and tells whoever watches."""

    def __init__(self, progress: Progress = silent) -> None:
        self._lines: list[tuple[str, float, float]] = []
        self._progress = progress
        self._stage, self._blocks = "", 0

    def block(self) -> None:
        """One more block of the present stage is done."""
        self._blocks += 1
        self._progress(self._stage, self._blocks)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what happens inside."""
        began = time.monotonic()
        self._stage, self._blocks = name, 0
        self._progress(name, 0)
        yield
        self._progress(name, -1)
        self._lines.append((name, time.monotonic() - began, peak_mib(os.getpid())))

    def lines(self, records: int) -> list[dict[str, Any]]:
        """The `stages` entries of the result."""
        return [
            {"stage": name, "elapsed_s": round(elapsed, 3), "records": records, "peak_mib": round(peak, 1)}
            for name, elapsed, peak in self._lines
        ]
