"""A host file of 1,000,000 records into Arrow: `python -m tests.benchmark.host [--records N] [--place DIR]`.

25 items in 300 bytes: 4 x S9(9), 4 x S9(5)V99 COMP-3, 5 x S9(8), 4 x X(20) and 2 x X(10) of half-width kana, 6 x N(10), a filler
of 4 bytes; random content. Batches are decoded and dropped, so what is measured is the decoder; memory is the highest of
the process, above that of an interpreter with the same libraries.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from dmig.charset.fast import is_available
from dmig.sources.host.columns import HostForms

COPYBOOK = "\n".join(
    [
        "       01  REC.",
        *(f"           05  A{n} PIC S9(9) COMP." for n in range(4)),
        *(f"           05  P{n} PIC S9(5)V99 COMP-3." for n in range(4)),
        *(f"           05  Z{n} PIC S9(8)." for n in range(5)),
        *(f"           05  K{n} PIC X(20)." for n in range(4)),
        *(f"           05  S{n} PIC X(10)." for n in range(2)),
        *(f"           05  N{n} PIC N(10)." for n in range(6)),
        "           05  FILLER PIC X(8).",
    ]
)


def write(path: Path, records: int) -> None:
    """Random records, 20,000 at a time."""
    from dmig.charset.catalogue import charset
    from dmig.charset.encoding import encode_double, encode_text
    from dmig.cobol.numbers.binary import encode_binary
    from dmig.cobol.numbers.contract import Numbers
    from dmig.cobol.numbers.packed import encode_packed
    from dmig.cobol.numbers.zoned import ZonedSign, encode_zoned

    own, draw = charset("ibm-930"), np.random.default_rng(1)
    assert own.double is not None
    kanji = [text for code, text in own.double.codes.items() if 0x4540 <= code < 0x5540]
    kana = [chr(code) for code in range(0xFF71, 0xFF9D)]

    def texts(letters: list[str], most: int, count: int) -> pl.Series:
        picked = draw.integers(0, len(letters), (count, most))
        sizes = draw.integers(1, most + 1, count)
        return pl.Series(
            ["".join(letters[i] for i in row[:n]) for row, n in zip(picked.tolist(), sizes.tolist(), strict=True)]
        )

    def numbers(most: int, count: int) -> Numbers:
        return Numbers(draw.integers(-most, most, count), np.zeros(count, np.uint8))

    with path.open("wb") as out:
        for start in range(0, records, 20_000):
            n = min(20_000, records - start)
            cells = [encode_binary(numbers(999_999_999, n), 9, 4, signed=True)[0] for _ in range(4)]
            cells += [encode_packed(numbers(9_999_999, n), 7, signed=True)[0] for _ in range(4)]
            cells += [encode_zoned(numbers(99_999_999, n), 8, ZonedSign.TRAILING)[0] for _ in range(5)]
            cells += [encode_text(own, texts(kana, 20, n), 20)[0] for _ in range(4)]
            cells += [encode_text(own, texts(kana, 10, n), 10)[0] for _ in range(2)]
            cells += [encode_double(own, texts(kanji, 10, n), 20)[0] for _ in range(6)]
            out.write(np.concatenate([*cells, np.zeros((n, 8), np.uint8)], axis=1).tobytes())


def decode(path: Path, copybook: Path, kernels: str) -> None:
    """In a process of its own: seconds of decoding, memory in MiB."""
    from dmig.pipeline.decoding import DecodeAsked, record_shape_of, sized
    from dmig.sources.host.decoding import RecordDecoder
    from dmig.sources.host.forms import forms_of
    from dmig.sources.host.reading import batches
    from dmig.spec.charsets import find_charset

    asked = DecodeAsked(path, copybook, Path("-"), "ibm-930")
    shape = record_shape_of(asked)
    forms = forms_of(find_charset("ibm-930"), fast=kernels == "numba")
    if forms.fast:
        # Compiling is done once a machine; what is measured is decoding.
        decode_text_warm(forms)
    decoder = RecordDecoder(shape, forms, [item.name for item in shape.items if not item.filler])
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began, spent, records = time.perf_counter(), time.process_time(), 0
    for batch in batches(path, sized(asked.rules, shape), shape.size_bytes):
        found = decoder.decode(batch.rows)
        for column in found.columns.values():
            column.to_arrow()
        records += len(batch.rows)
    wall, cpu = time.perf_counter() - began, time.process_time() - spent
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"records": records, "wall_s": wall, "cpu_s": cpu, "base_mib": base, "peak_mib": peak}
    print(json.dumps(told))


def decode_text_warm(forms: HostForms) -> None:
    """Have the loop compiled, or loaded."""
    from dmig.charset.fast import decode_fast

    for cell in (b"\x0e\x0f", b"\x40\x40"):
        decode_fast(forms.charset, np.frombuffer(cell, np.uint8).reshape(1, -1), forms.trim, double=False)


def main() -> None:
    """Write the file once, decode it a few times in processes of their own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--place", type=Path)
    parser.add_argument("--decode", nargs=3)
    asked = parser.parse_args()
    if asked.decode:
        decode(Path(asked.decode[0]), Path(asked.decode[1]), asked.decode[2])
        return
    with tempfile.TemporaryDirectory() as temporary:
        place = asked.place or Path(temporary)
        source, copybook = place / f"host-{asked.records}.dat", place / "host.cpy"
        copybook.write_text(COPYBOOK, encoding="ascii")
        if not source.exists():
            write(source, asked.records)
        size = source.stat().st_size / 1e6
        for kernels in [
            name for name in ("numpy", "numba") for _ in range(asked.rounds) if name == "numpy" or is_available()
        ]:
            run = [sys.executable, "-m", "tests.benchmark.host", "--decode", str(source), str(copybook), kernels]
            told = json.loads(subprocess.run(run, check=True, capture_output=True, text=True).stdout)
            print(
                f"{kernels} {told['records']:,} records, {size:.0f} MB: {told['wall_s']:.2f} s ({size / told['wall_s']:.0f} MB/s), "
                f"{told['cpu_s']:.2f} processor s ({size / told['cpu_s']:.0f} MB/s), "
                f"memory {told['peak_mib']:.0f} MiB, {told['peak_mib'] - told['base_mib']:.0f} above the start"
            )


if __name__ == "__main__":
    main()
