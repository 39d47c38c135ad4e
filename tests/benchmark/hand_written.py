"""The same migration of 住民記録 as a capable engineer would write it by hand: pandas and pandera, no framework.

`python tests/benchmark/hand_written.py INPUTS OUT [--plain]` reads the eight JUKI_*.csv, converts, checks, refuses whole
宛名番号 and writes accepted rows (CSV, Parquet, lineage) and one long table of rejects and findings; prints JSON.

It is the competitor of the benchmark, so it is written to win: Arrow's parser, every text converted once (see
`hand.coded`), CSV by Arrow kernels instead of `to_csv`, two threads where Arrow lets go of the interpreter. With
`--plain` it is what an ordinary good engineer writes first: `read_csv`, `str` columns with string methods, map and
groupby over whole columns (see `hand.plain`), `to_csv`, `to_parquet`; the rules are the same code. On clean input the
seven CSV files of both are those of `dmig run jumin --dry-run`, byte by byte.

What it does not do, as such scripts do not: undecodable bytes become U+FFFD and are migrated; lines with a wrong number
of cells are lost without a word (`--plain` fills up the short ones), and the record numbers behind them are too small;
no totals, no conservation, no reconciliation; it holds the whole city in memory.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BEGAN = time.monotonic()

import pandas as pd  # noqa: E402 - imports are a phase of their own
from hand import others, sets  # noqa: E402
from hand.checks import check_rows, items_of  # noqa: E402
from hand.files import read_legacy  # noqa: E402
from hand.job import Job, completed  # noqa: E402
from hand.persons import persons  # noqa: E402
from hand.write import write_group  # noqa: E402

TABLES = ("genzai", "jokyo", "rireki", "ido", "shien", "meisho", "biko", "card")
SINGLE = (("idorireki", others.changes, "ido"), ("shiensochi", others.protections, "shien"),
         ("meishorireki", others.names, "meisho"), ("biko", others.remarks, "biko"),
         ("kojinbangocard", others.cards, "card"))  # fmt: skip


class Clock:
    """Seconds per phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {"import": time.monotonic() - BEGAN}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - began


def finish(job: Job, known: pd.Index, out: Path, clock: Clock) -> tuple[dict[str, object], pd.DataFrame, pd.Index]:
    """Check, refuse and write one group; gives its counts, its notes and its 宛名番号."""
    items = items_of(job.group)
    frame = completed(job, list(items["romaji"]))
    job.source.clear()
    with clock.phase("pandera"):
        check_rows(job, frame)
    with clock.phase("sets"):
        known = pd.Index(frame["atenabango"].astype("str").dropna().unique()) if job.group == "juminjoho" else known
        sets.check_sets(job, frame, known)
        gone = sets.refused(job, frame)
        notes = sets.report(job, gone)
    with clock.phase("write"):
        lineage = pd.DataFrame({"table": job.table, "record": job.record})[~gone]
        sha256 = write_group(job.group, frame[~gone], list(items["name"]), lineage, out)
    counts = {"read": job.read, "excluded": job.excluded, "accepted": int((~gone).sum()), "rejected": int(gone.sum()),
              "sha256": sha256}  # fmt: skip
    return counts, notes, known


def main() -> None:
    """Run everything in order, one group after the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("inputs", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--plain", action="store_true", help="ordinary pandas; looked up by `hand` when it is loaded")
    asked = parser.parse_args()
    inputs, out = asked.inputs, asked.out
    out.mkdir(parents=True, exist_ok=True)
    clock, groups, notes, known = Clock(), {}, [], pd.Index([])
    with clock.phase("read"):
        frames = {table: read_legacy(inputs, table) for table in TABLES}
    residents = frames["genzai"][others.HOUSEHOLD_ITEMS]
    steps = [("juminjoho", lambda: persons({table: frames.pop(table) for table in TABLES[:3]})),
             ("setai", lambda: others.households(residents)),
             *((name, lambda make=make, table=table: make(frames.pop(table))) for name, make, table in SINGLE)]  # fmt: skip
    for name, make in steps:
        with clock.phase("convert"):
            job = make()
        groups[name], said, known = finish(job, known, out, clock)
        notes.append(said)
    with clock.phase("write"):
        pd.concat(notes, ignore_index=True).to_parquet(out / "notes.parquet", compression="zstd", index=False)
    clock.seconds["all"] = time.monotonic() - BEGAN
    print(json.dumps({"groups": groups, "seconds": {name: round(s, 2) for name, s in clock.seconds.items()}}))


if __name__ == "__main__":
    main()
