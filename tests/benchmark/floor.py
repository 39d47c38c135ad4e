"""The floor: the same inputs decoded and parsed, the same published forms written and hashed, nothing in between.

One process. Decoding replaces what it cannot read (the lenient way is the cheap one). What is written is what a run
published; reading that back is prepared before the clock starts and not counted.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path

import polars as pl

BLOCK = 16 << 20


def read_all(inputs: Path, charset: str) -> int:
    """Decode and parse every file block by block; gives the number of rows."""
    rows = 0
    for path in sorted(inputs.glob("*.csv")):
        with path.open("rb") as source:
            columns = source.readline().count(b",") + 1
            schema = {f"c{n}": pl.String for n in range(columns)}
            rest = b""
            while piece := source.read(BLOCK):
                cut = piece.rfind(b"\n") + 1
                text = (rest + piece[:cut]).decode(charset, errors="replace")
                rest = piece[cut:]
                rows += parse(text.encode(), schema).height
    return rows


def parse(text: bytes, schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    """Rows of a block; one that a stray quote makes unreadable is parsed without quotes, which costs no more."""
    try:
        return pl.read_csv(text, has_header=False, schema=schema, truncate_ragged_lines=True, ignore_errors=True)
    except pl.exceptions.PolarsError:
        return pl.read_csv(
            text, has_header=False, schema=schema, truncate_ragged_lines=True, ignore_errors=True, quote_char=None
        )


def write_all(frames: list[tuple[str, pl.DataFrame]], out: Path) -> None:
    """Write each part as CSV piece and as Parquet, join the pieces, hash everything."""
    out.mkdir(parents=True, exist_ok=True)
    for number, (kind, frame) in enumerate(frames):
        path = out / f"{kind}-{number:05d}.parquet"
        frame.write_parquet(path, compression="zstd", compression_level=1, row_group_size=50_000, statistics=False)
        hashlib.sha256(path.read_bytes())
        if kind == "parquet":
            frame.write_csv(out / f"{number:05d}.csv", include_header=False, line_terminator="\r\n")
    digest = hashlib.sha256()
    with (out / "joined.csv").open("wb") as joined:
        for path in sorted(out.glob("0*.csv")):
            content = path.read_bytes()
            joined.write(content)
            digest.update(content)


def main() -> None:
    """`floor.py INPUTS PUBLISHED OUT`: prints seconds of reading and of writing as JSON."""
    inputs, published, out = (Path(word) for word in sys.argv[1:4])
    began = time.monotonic()
    rows = read_all(inputs, "cp932")
    read_s = time.monotonic() - began
    write_s = 0.0
    for path in sorted(published.rglob("*.parquet")):
        kind = path.relative_to(published).parts[0]
        frames = [(kind, pl.read_parquet(path))]
        began = time.monotonic()
        write_all(frames, out / path.parent.name / path.stem / kind)
        write_s += time.monotonic() - began
    print(json.dumps({"rows": rows, "read_s": round(read_s, 2), "write_s": round(write_s, 2)}))


if __name__ == "__main__":
    main()
