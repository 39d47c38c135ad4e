"""Seconds and memory per stage, kept apart from results."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
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


class StageClock:
    """Notes elapsed seconds and this process's peak memory for each stage in turn."""

    def __init__(self) -> None:
        self._lines: list[tuple[str, float, float]] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what happens inside."""
        began = time.monotonic()
        yield
        self._lines.append((name, time.monotonic() - began, peak_mib(os.getpid())))

    def lines(self, records: int) -> list[dict[str, Any]]:
        """The `stages` entries of the result."""
        return [
            {"stage": name, "elapsed_s": round(elapsed, 3), "records": records, "peak_mib": round(peak, 1)}
            for name, elapsed, peak in self._lines
        ]
