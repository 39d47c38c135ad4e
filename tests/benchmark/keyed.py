"""Two keyed files of 45 items compared cell by cell, beside a bare hash join of the same files in the same run.

`python -m tests.benchmark.keyed [--rows N] [--rounds N]`. The files are invented: ids, names, readings, dates, addresses,
codes, flags, amounts; the right one is shuffled, lacks some rows and differs in some cells. A bare join reads all items of
both sides, joins by key and does nothing with what it read but add up its lengths: `folded` adds them up per row before
the join (the cheapest way that was found), `carried` lets the join hand over all items. Both may take the memory they like.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from tests.benchmark.__main__ import measure

Ids = npt.NDArray[np.uint64]
BLOCK, MISSING, ONE_IN = 50_000, 50, 1000
#: As `dmig reconcile --against` does it; importing the pipeline here would count its modules.
ITEMS_AT_ONCE = 2
KANJI, KANA, GIVEN = (
    "山田佐藤鈴木高橋伊渡辺中村小林加吉本松井上清",
    "アイウエオカキクケコサシスセソタチツテト",
    "太一郎花子美香健二幸恵真由優",
)
NAMES = [a + b + "　" + c + d for a in KANJI for b in KANJI[:9] for c in GIVEN for d in GIVEN]
READINGS = [
    a + b + c + "　" + d + e for a in KANA for b in KANA[:10] for c in KANA[:8] for d in KANA[:8] for e in "ロコミ"
]
DATES = [f"{y}-{m:02d}-{d:02d}" for y in range(1930, 2026) for m in range(1, 13) for d in range(1, 29)]
TOWNS = [f"見本市{town}{n}丁目" for town in ("本町", "中央", "東町", "緑町", "港町") for n in range(1, 9)]
HOUSES = [f"{a}番{b}号" for a in range(1, 120) for b in range(1, 60)]
FLATS = [None] * 900 + [f"{house}{n}号室" for house in ("コーポ見本", "メゾン例", "ハイツ") for n in range(101, 400)]
SOMETIMES = [None] * 9000 + DATES[:3000]
#: Items by kind: how many, and the texts they have.
POOLS: dict[str, tuple[int, Sequence[str | None]]] = {
    "name": (2, NAMES), "reading": (2, READINGS), "date": (3, DATES), "maybe": (5, SOMETIMES), "town": (2, TOWNS),
    "house": (2, HOUSES), "flat": (2, FLATS), "flag": (10, ("0", "1", None)),
    "code": (5, [f"{n:03d}" for n in range(1, 120)]), "note": (3, [None] * 9 + ["確認済み", "要確認"]), "blank": (3, (None,)),
}  # fmt: skip
#: Numbers have no pool: an id of 15 digits, one of 12, four amounts. With the pools, 45 items.
KEY, NUMBER, AMOUNTS = "key", "number", 4


def mixed(ids: Ids, salt: int) -> Ids:
    """A number that looks drawn by lot, for each id and salt."""
    with np.errstate(over="ignore"):
        x = ids + np.uint64(salt * 0x9E3779B97F4A7C15 % 2**64)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def drawn(ids: Ids, salt: int, most: int) -> pa.Array:
    return pa.array((mixed(ids, salt) % np.uint64(most)).astype(np.int64))


def digits(numbers: pa.Array, width: int) -> pa.Array:
    return pc.utf8_lpad(numbers.cast(pa.string()), width, "0")


def block(ids: Ids, *, changed: bool) -> pa.Table:
    """The rows of some ids; in one of a thousand two cells are changed."""
    columns = {
        KEY: digits(pa.array((ids * np.uint64(7)).astype(np.int64)), 15),
        NUMBER: digits(drawn(ids, 1, 10**12), 12),
    }
    for kind, (count, texts) in POOLS.items():
        pool = pa.array(texts, pa.string())
        columns |= {f"{kind}{n}": pool.take(drawn(ids, hash_of(kind) + n, len(texts))) for n in range(count)}
    columns |= {f"yen{n}": drawn(ids, 900 + n, 900_000).cast(pa.string()) for n in range(AMOUNTS)}
    if changed:
        hit = pc.equal(drawn(ids, 777, ONE_IN), 0)
        columns["date0"] = pc.if_else(hit, "9999-12-31", columns["date0"])
        columns["flag0"] = pc.if_else(hit, "9", columns["flag0"])
    return pa.table(columns)


def hash_of(kind: str) -> int:
    return 1000 * (1 + list(POOLS).index(kind))


def write(path: Path, ids: Ids, *, changed: bool) -> int:
    """The file as a run stages it; gives the number of changed rows."""
    schema, hits = block(ids[:1], changed=False).schema, 0
    with parquet.ParquetWriter(path, schema, compression="zstd", compression_level=1, write_statistics=False) as writer:
        for start in range(0, ids.size, BLOCK):
            own = ids[start : start + BLOCK]
            writer.write_table(block(own, changed=changed), row_group_size=BLOCK)
            hits += int(pc.sum(pc.equal(drawn(own, 777, ONE_IN), 0)).as_py() or 0)
    return hits


def join(left: Path, right: Path, how: str) -> None:
    """A bare join in this process; `how` is `folded` or `carried`."""
    import duckdb

    items = [name for name in parquet.read_schema(left).names if name != KEY]
    length = " + ".join(f"coalesce(strlen({name}), 0)" for name in items)
    if how == "folded":
        sides = [f"(select {KEY}, {length} as n from '{path}')" for path in (left, right)]
        wanted = "sum(l.n), sum(r.n)"
    else:
        sides = [f"'{path}'" for path in (left, right)]
        wanted = ", ".join(f"sum(strlen(l.{name})), sum(strlen(r.{name}))" for name in items)
    connection = duckdb.connect(config={"threads": 2})
    found = connection.execute(
        f"select count(*), {wanted} from {sides[0]} l join {sides[1]} r using ({KEY})"
    ).fetchone()
    print(json.dumps({"rows": found[0] if found else 0}))


def compare(left: Path, right: Path, scratch: Path) -> None:
    """The comparison in this process."""
    from concurrent.futures import ThreadPoolExecutor

    from dmig.stages.reconcile.keyed import KeyedItem, compare_keyed

    items = [KeyedItem(name, name.startswith(("date", "maybe")), name.startswith(("code", "flag")))
             for name in parquet.read_schema(left).names]  # fmt: skip
    with ThreadPoolExecutor(ITEMS_AT_ONCE) as pool:
        found = compare_keyed([left], [right], items, [KEY], scratch, each=pool.map)
    told = {"rows": found.rows, "differing": found.differing, "only_left": found.keys.only_left.count}
    print(json.dumps(told | {"classes": {f"{c.item} {c.kind}": c.count for c in found.cells}}))


def bench(place: Path, rows: int, rounds: int) -> list[str]:
    """Measure each in turn, as often as asked for; what was found must be what was planted."""
    ids = np.arange(rows, dtype=np.uint64)
    kept = np.random.default_rng(1).permutation(ids[MISSING:])
    write(place / "left.parquet", ids, changed=False)
    planted = write(place / "right.parquet", kept, changed=True)
    files = (str(place / "left.parquet"), str(place / "right.parquet"))
    ways = {
        "folded": ("join", *files, "folded"),
        "carried": ("join", *files, "carried"),
        "compare": ("compare", *files, str(place)),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    worked: dict[str, list[float]] = {name: [] for name in ways}
    peaks: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, words in ways.items():
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = measure(sys.executable, "-m", "tests.benchmark.keyed", *words)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            worked[name].append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            told = json.loads(done.output)
            assert not done.failure and told["rows"] == rows - MISSING, done.failure
            assert name != "compare" or (told["differing"], told["only_left"]) == (planted, MISSING)
            seconds[name].append(done.wall_s)
            peaks[name].append(done.peak_mib)
    names = ("rows", "way", "rounds", "s (median)", "fastest", "slowest", "processor s (median)", "peak MiB")
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    for name, took in seconds.items():
        shown = (statistics.median(took), min(took), max(took), statistics.median(worked[name]))
        cells = " | ".join(f"{number:.1f}" for number in shown)
        lines.append(f"| {rows:,} | {name} | {rounds} | {cells} | {max(peaks[name]):.0f} |")
    for name in ("folded", "carried"):
        for what, of in (("seconds", seconds), ("processor seconds", worked)):
            ratios = [one / other for one, other in zip(of["compare"], of[name], strict=True)]
            told = f"median {statistics.median(ratios):.2f}, from {min(ratios):.2f} to {max(ratios):.2f}"
            lines.append(f"compare / {name}, {what}: {told}")
    return lines


def main() -> None:
    """Without a way as first word: make the files and measure all ways."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way", nargs="*", help="join LEFT RIGHT HOW | compare LEFT RIGHT SCRATCH")
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    if asked.way:
        way, left, right, last = asked.way
        join(Path(left), Path(right), last) if way == "join" else compare(Path(left), Path(right), Path(last))
        return
    with tempfile.TemporaryDirectory() as place:
        print("\n".join(bench(Path(place), asked.rows, asked.rounds)))


if __name__ == "__main__":
    main()
