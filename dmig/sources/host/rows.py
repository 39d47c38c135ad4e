"""Records as one matrix of bytes, a row each, so that an item is a slice of columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dmig.sources.host.cutting import Cut, Offsets

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Rows:
    """Whole records of one run of bytes.

    `matrix` (n, width): bytes of the records, padded with zeros; `sizes` (n) of what is theirs; `numbers` (n) of the
    records from 1; `offsets` (n) of their first byte in the file, control words included, and `leads` (n) of those.
    """

    matrix: Bytes
    sizes: Offsets
    numbers: Offsets
    offsets: Offsets
    leads: Offsets

    def __len__(self) -> int:
        return len(self.matrix)

    def only(self, kept: npt.NDArray[np.bool_]) -> Rows:
        """Some of the records."""
        return Rows(self.matrix[kept], self.sizes[kept], self.numbers[kept], self.offsets[kept], self.leads[kept])

    def piece(self, start: int, stop: int) -> Rows:
        """A run of the records; no copy."""
        some = slice(start, stop)
        return Rows(self.matrix[some], self.sizes[some], self.numbers[some], self.offsets[some], self.leads[some])


def fixed_rows(data: bytes, size_bytes: int, base: int, first_record: int) -> Rows:
    """Records of one length, whole ones only; a view of the bytes."""
    count = len(data) // size_bytes
    matrix = np.frombuffer(data, np.uint8, count * size_bytes).reshape(count, size_bytes)
    places = np.arange(count, dtype=np.int64)
    return Rows(
        matrix,
        np.full(count, size_bytes, np.int64),
        places + first_record,
        places * size_bytes + base,
        np.zeros(count, np.int64),
    )


def cut_rows(data: bytes, cut: Cut, width: int, base: int, first_record: int) -> Rows:
    """The records of a cut that are whole; those longer than `width` are there with their first bytes and true size."""
    table = cut.table()
    good = np.flatnonzero(table[:, 4] == 0)
    starts, ends = (table[:, 0] + table[:, 2] - base).tolist(), (table[:, 1] - table[:, 3] - base).tolist()
    sizes, bodies = np.empty(len(good), np.int64), []
    for place, at in enumerate(good.tolist()):
        pieces = cut.pieces.get(at)
        if pieces is None:
            start, end = starts[at], ends[at]
            body = data[start : min(end, start + width)]
            sizes[place] = end - start
        else:
            whole = b"".join(data[a - base : b - base] for a, b in pieces)
            body = whole[:width]
            sizes[place] = len(whole)
        bodies.append(body if len(body) == width else body.ljust(width, b"\0"))
    matrix = np.frombuffer(b"".join(bodies), np.uint8).reshape(len(good), width)
    return Rows(matrix, sizes, good + first_record, table[good, 0], table[good, 2])
