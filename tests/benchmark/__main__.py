"""`make bench`: a whole dry run beside its floor and the hand-written scripts, each as processes of their own.

Prints and writes docs/bench.md: seconds, records per second, peak memory of all processes, the ratios, per stage.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
#: Competitors and the options of the hand-written script that make them.
SCRIPTS = {"hand": (), "plain": ("--plain",)}
#: Processes with less than this do not have the libraries in common with the others.
LARGE_MIB = 60
NO_COLUMNS = ("stages", "missing")


@dataclass(frozen=True)
class Measured:
    """One command from outside: wall seconds, memory of its process tree (see `memory_mib`) at its highest, output."""

    wall_s: float
    peak_mib: float
    output: str
    failure: str = ""


def descendants(pid: int) -> list[int]:
    found = [pid]
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text(encoding="ascii").split():
                found += descendants(int(child))
    except OSError:
        pass
    return found


def memory_mib(pids: Sequence[int]) -> float:
    """Memory of some processes together; what each of the larger ones maps of files at least (libraries) counts once.

    The kernel's own proportional count would be nearer, but asking for it holds up the processes that are measured.
    """
    own, mapped = 0.0, []
    for pid in pids:
        try:
            pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
        except OSError:
            continue
        resident, shared = (int(number) * os.sysconf("SC_PAGE_SIZE") / 2**20 for number in pages[1:3])
        own += resident
        mapped += [shared] if resident > LARGE_MIB else []
    return own - (len(mapped) - 1) * min(mapped, default=0.0) if mapped else own


def measure(*command: str, limit: float = float("inf")) -> Measured:
    """Run a command to its end or to the limit in seconds, sampling the memory of its tree every 50 ms."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began, peak, late = time.monotonic(), 0.0, False
        with subprocess.Popen(command, stdout=out, stderr=err) as process:
            while process.poll() is None:
                tree = descendants(process.pid)
                peak = max(peak, memory_mib(tree))
                if late := time.monotonic() - began > limit:
                    stop(tree)
                time.sleep(0.05)
        wall = time.monotonic() - began
        out.seek(0)
        err.seek(0)
        said = err.read().decode(errors="replace").strip()
        failure = f"over the limit of {limit:g} s" if late else failure_of(process.returncode, said)
        return Measured(wall, peak, out.read().decode(), failure)


def stop(tree: list[int]) -> None:
    """Kill the processes of a tree, the youngest first."""
    for pid in reversed(tree):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def failure_of(status: int, said: str) -> str:
    """Why a command gave no figures; blank where it ended well."""
    if status == -signal.SIGKILL:
        return "killed, as the system does when memory runs out"
    if status < 0:
        return f"ended by signal {-status}"
    return f"exit {status}: {said.splitlines()[-1] if said else 'no message'}" if status else ""


def compete(name: str, inputs: str, place: Path, run_s: float, limit: float) -> tuple[dict[str, Any], str]:
    """The figures of one hand-written script, or dashes and the reason."""
    command = (sys.executable, str(HERE / "hand_written.py"), inputs, str(place / name), *SCRIPTS[name])
    script = measure(*command, limit=limit)
    columns = (f"{name}_s", f"{name}_peak_mib", f"to_{name}")
    if script.failure:
        reached = f"{script.wall_s:.0f} s and {script.peak_mib:.0f} MiB"
        return dict.fromkeys(columns, "-"), f"{name}: {script.failure}; it had reached {reached}."
    values = (round(script.wall_s, 1), round(script.peak_mib), round(run_s / script.wall_s, 2))
    return dict(zip(columns, values, strict=True)), ""


def bench(
    operation: str, residents: int, workers: int, place: Path, scripts: list[str], limit: float
) -> dict[str, Any]:
    """All figures of one operation and size."""
    dmig = (sys.executable, "-m", "dmig")
    city, runs = place / f"{operation}-{residents}", place / "runs"
    if not (city / "delivery.toml").exists():
        subprocess.run([*dmig, "synth", operation, "--residents", str(residents), "--seed", "5", "--faults", "0.01", "--out",
                        str(city)], check=True, stdout=subprocess.DEVNULL)  # fmt: skip
    inputs = str(city / "package")
    run = measure(sys.executable, "-m", "tests.benchmark.dry_run", operation, inputs, str(runs), str(workers))
    result = json.loads(run.output)
    published = runs / result["run_id"] / "protected" / "write" / "published"
    floor = measure(sys.executable, str(HERE / "floor.py"), inputs, str(published), str(place / "floor"))
    told = json.loads(floor.output)
    floor_s = told["read_s"] + told["write_s"]
    records = sum(table["read"] for table in result["tables"])
    reconcile_s = sum(stage["elapsed_s"] for stage in result["stages"] if stage["stage"] == "reconcile")
    moved_s = run.wall_s - reconcile_s
    figures = {
        "operation": operation, "residents": residents, "records": records, "workers": workers, "run_s": round(run.wall_s, 1),
        "records_per_s": round(records / run.wall_s), "peak_mib": round(run.peak_mib), "floor_s": round(floor_s, 1),
        "floor_peak_mib": round(floor.peak_mib), "floor_read_s": told["read_s"], "floor_write_s": told["write_s"],
        "to_floor": round(moved_s / floor_s, 2), "with_reconcile": round(run.wall_s / floor_s, 2),
        "reconcile_s": round(reconcile_s, 1), "reconcile_share": round(reconcile_s / moved_s, 2),
        "balanced": all(group["balanced"] for group in result["groups"]), "stages": result["stages"], "missing": [],
    }  # fmt: skip
    for name in scripts:
        found, missing = compete(name, inputs, place, moved_s, limit)
        figures |= found
        figures["missing"] += [missing] if missing else []
    return figures


def report(figures: list[dict[str, Any]]) -> str:
    """The figures as Markdown."""
    lines = [
        "# Benchmark", "",
        f"`make bench` on {os.cpu_count()} processors, Python {platform.python_version()}. Whole processes, warm page "
        "cache; memory is the sum over the process tree, sampled every 50 ms (common libraries count once). The floor is "
        "one process that decodes and parses the same inputs and writes and hashes the same CSV, Parquet and lineage. "
        "`to_floor` is the migration itself (read to conservation, no acceptance) per second of the floor; "
        "`with_reconcile` adds the reconciliation, `reconcile_share` is its time per second of the migration. `hand` is "
        "the script of an expert, `plain` the same rules in ordinary pandas; `to_...` is seconds of the migration "
        "per second of the other.",
        "",
    ]  # fmt: skip
    names = [name for name in figures[-1] if name not in NO_COLUMNS]
    lines += ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(str(entry.get(name, "-")) for name in names) + " |" for entry in figures]
    lines += [f"\n{entry['residents']:,} residents, {reason}" for entry in figures for reason in entry["missing"]]
    for entry in figures:
        lines += [
            "",
            f"## Stages of {entry['operation']} at {entry['residents']:,} residents",
            "",
            "| stage | elapsed_s |",
            "|---|---|",
        ]
        lines += [f"| {stage['stage']} | {stage['elapsed_s']} |" for stage in entry["stages"]]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure the sizes asked for and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operation", default="jumin", help="others than jumin have no hand-written script")
    parser.add_argument("--residents", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--place", type=Path)
    yes_or_no = argparse.BooleanOptionalAction
    parser.add_argument("--hand", action=yes_or_no, default=True, help="measure the script written by an expert")
    parser.add_argument("--plain", action=yes_or_no, default=True, help="measure the script in ordinary pandas")
    parser.add_argument("--limit", type=float, default=3600, help="seconds after which a script is stopped")
    parser.add_argument("--out", type=Path, default=Path("docs/bench.md"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = asked.place or Path(temporary)
        scripts = [name for name in SCRIPTS if getattr(asked, name) and asked.operation == "jumin"]
        figures = [bench(asked.operation, size, asked.workers, place, scripts, asked.limit) for size in asked.residents]
    text = report(figures)
    asked.out.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
