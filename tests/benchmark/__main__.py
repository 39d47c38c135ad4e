"""`make bench`: a whole dry run beside its floor and the hand-written script, each as processes of their own.

Prints and writes docs/bench.md: seconds, records per second, peak memory of all processes, the two ratios, per stage.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Measured:
    """One command from outside: wall seconds, summed resident memory of its process tree at its highest, output."""

    wall_s: float
    peak_mib: float
    output: str


def descendants(pid: int) -> list[int]:
    found = [pid]
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text(encoding="ascii").split():
                found += descendants(int(child))
    except OSError:
        pass
    return found


def resident_mib(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def measure(*command: str) -> Measured:
    """Run a command to its end, sampling the memory of its tree every 50 ms."""
    with tempfile.TemporaryFile() as out:
        began, peak = time.monotonic(), 0.0
        with subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None:
                peak = max(peak, sum(resident_mib(pid) for pid in descendants(process.pid)))
                time.sleep(0.05)
        out.seek(0)
        return Measured(time.monotonic() - began, peak, out.read().decode())


def bench(residents: int, workers: int, place: Path, hand: bool) -> dict[str, Any]:
    """All figures of one size."""
    dmig = (sys.executable, "-m", "dmig")
    city, runs = place / f"city-{residents}", place / "runs"
    if not (city / "delivery.toml").exists():
        subprocess.run([*dmig, "synth", "--residents", str(residents), "--seed", "5", "--faults", "0.01", "--out",
                        str(city)], check=True, stdout=subprocess.DEVNULL)  # fmt: skip
    inputs = str(city / "package")
    run = measure(*dmig, "run", "jumin", "--dry-run", "--input", inputs, "--runs", str(runs), "--workers",
                  str(workers), "--json")  # fmt: skip
    result = json.loads(run.output)
    published = runs / result["run_id"] / "protected" / "write" / "published"
    floor = measure(sys.executable, str(HERE / "floor.py"), inputs, str(published), str(place / "floor"))
    told = json.loads(floor.output)
    floor_s = told["read_s"] + told["write_s"]
    records = sum(table["read"] for table in result["tables"])
    figures = {
        "residents": residents, "records": records, "workers": workers, "run_s": round(run.wall_s, 1),
        "records_per_s": round(records / run.wall_s), "peak_mib": round(run.peak_mib), "floor_s": round(floor_s, 1),
        "floor_read_s": told["read_s"], "floor_write_s": told["write_s"], "to_floor": round(run.wall_s / floor_s, 2),
        "balanced": all(group["balanced"] for group in result["groups"]), "stages": result["stages"],
    }  # fmt: skip
    if hand:
        script = measure(sys.executable, str(HERE / "hand_written.py"), inputs, str(place / "hand"))
        figures |= {"hand_s": round(script.wall_s, 1), "hand_peak_mib": round(script.peak_mib),
                    "to_hand": round(run.wall_s / script.wall_s, 2)}  # fmt: skip
    return figures


def report(figures: list[dict[str, Any]]) -> str:
    """The figures as Markdown."""
    lines = [
        "# Benchmark", "",
        f"`make bench` on {os.cpu_count()} processors, Python {platform.python_version()}. Whole processes, warm page "
        "cache; memory is the sum over the process tree, sampled every 50 ms (shared pages count twice). The floor is "
        "one process that decodes and parses the same inputs and writes and hashes the same CSV, Parquet and lineage.",
        "",
    ]  # fmt: skip
    names = [name for name in figures[-1] if name not in ("stages",)]
    lines += ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(str(entry.get(name, "-")) for name in names) + " |" for entry in figures]
    for entry in figures:
        lines += ["", f"## Stages at {entry['residents']:,} residents", "", "| stage | elapsed_s |", "|---|---|"]
        lines += [f"| {stage['stage']} | {stage['elapsed_s']} |" for stage in entry["stages"]]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure the sizes asked for and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--place", type=Path)
    parser.add_argument("--out", type=Path, default=Path("docs/bench.md"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = asked.place or Path(temporary)
        hand = (HERE / "hand_written.py").exists()
        figures = [bench(size, asked.workers, place, hand) for size in asked.residents]
    text = report(figures)
    asked.out.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
