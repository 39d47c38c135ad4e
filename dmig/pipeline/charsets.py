"""What the commands about character sets tell: the catalogue, one table, the codes that a file uses."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from dmig.charset.catalogue import ENTRIES, charset
from dmig.charset.nouns import Kind
from dmig.charset.surveying import count_codes
from dmig.sources.host.reading import opened
from dmig.spec.charsets import find_charset

_WINDOW_BYTES = 4 << 20


def listed() -> list[list[str]]:
    """Rows of the catalogue."""
    rows = []
    for entry in ENTRIES:
        own = charset(entry.name)
        counts = [str(len(half.codes)) if half else "-" for half in (own.single, own.double)]
        rows.append([own.name, own.kind.value, *counts, " ".join(entry.aliases) or "-", own.title, own.basis])
    return rows


def known(name: str, site: Path | None = None) -> list[tuple[int, int, str]]:
    """Codes of a set, bytes of a code, character."""
    own = find_charset(name, site)
    single = [(code, 1, text) for code, text in sorted(own.single.codes.items())] if own.single else []
    double = [(code, 2, text) for code, text in sorted(own.double.codes.items())] if own.double else []
    return single + double


def survey(
    path: Path, name: str, record_bytes: int | None, site: Path | None = None
) -> list[tuple[int, int, int, str]]:
    """Codes that occur in a file, ascending: code, bytes of it, how often, its code points ("" where it has none).

    With a record length the shift state begins anew in each record; what stands in numbers is counted as text as well.
    """
    own, counts = find_charset(name, site), Counter[tuple[int, int]]()
    size = record_bytes or 0
    with opened(path) as source:
        held, state = b"", own.kind is Kind.DOUBLE
        while window := source.read(_WINDOW_BYTES):
            held += window
            used = len(held) // size * size if size else len(held) // 2 * 2
            cells = np.frombuffer(held[:used], np.uint8).reshape(-1, size or max(used, 1))
            state = count_codes(own, cells, counts, state and not size)
            held = held[used:]
        if held:
            count_codes(own, np.frombuffer(held, np.uint8).reshape(1, -1), counts, state and not size)
    halves = {1: own.single, 2: own.double}
    found = []
    for (width, code), count in sorted(counts.items()):
        half = halves[width]
        text = half.codes.get(code, "") if half else ""
        found.append((code, width, count, " ".join(f"U+{ord(character):04X}" for character in text)))
    return found
