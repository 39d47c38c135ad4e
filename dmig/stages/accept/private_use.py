"""Private-use characters in what was written: looked for in the bytes of the file, in whatever column they stand.

Apart from the row contract, which refuses records: here the file's own bytes are read, headings and all, so that
nothing that was written is left out. Cells are looked at only where the bytes hold such a character.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pyarrow.compute as pc

from dmig.stages.accept.engine import Seen
from dmig.stages.accept.reading import Unreadable, read_records

#: Kind of this expectation in a result; it is ours, not the library's.
NO_PRIVATE_USE = "no_private_use"
#: In UTF-8: U+E000-F8FF, then planes 15 and 16.
_BYTES = re.compile(
    rb"\xee[\x80-\xbf][\x80-\xbf]|\xef[\x80-\xa3][\x80-\xbf]|[\xf3][\xb0-\xbf][\x80-\xbf]{2}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)


def private_use(path: Path, run: tuple[int, int], names: Sequence[str], agreed: str, rows: int) -> Seen:
    """One run of bytes of a file: how many of its rows hold a character that no agreement gives a meaning, by column.

    `agreed` is a set of code points (`model.private_use`), `rows` how many records the run has. Where the bytes hold such a
    character but no cell does (in the heading, say), one row is unexpected.
    """
    known = {point for word in agreed.split() for point in _points(word)}
    with path.open("rb") as source:
        source.seek(run[0])
        content = source.read(run[1] - run[0])
    found = {match.decode() for match in set(_BYTES.findall(content))}
    barred = sorted(character for character in found if ord(character) not in known)
    if not barred:
        return Seen(rows, 0)
    try:
        batch = read_records(path, *run, names, names)
    except Unreadable:
        return Seen(rows, 1)
    pattern = f"[{''.join(barred)}]"
    held = {name: pc.match_substring_regex(batch.column(name), pattern) for name in batch.column_names}
    faults = {name: count for name, mask in held.items() if (count := int(pc.sum(mask).as_py() or 0))}
    return Seen(rows, max(1, *faults.values()) if faults else 1, faults=faults)


def _points(word: str) -> range:
    first, _, last = word.partition("-")
    return range(int(first, 16), int(last or first, 16) + 1)
