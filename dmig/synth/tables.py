"""Which entry stands in which legacy table, at which record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmig.synth.register import Register
from dmig.synth.streams import Ints

#: The two tables: current entries, and all earlier ones.
FILES = ("JUKI_GENZAI.csv", "JUKI_RIREKI.csv")
GENZAI, RIREKI = range(len(FILES))


@dataclass(frozen=True, slots=True)
class Tables:
    """For each entry its table and record number (from 1); for each table its entries in file order."""

    table: Ints
    record: Ints
    entries: tuple[Ints, ...]


def tables(source: Register) -> Tables:
    """Latest entries go to GENZAI, the others to RIREKI, both in register order."""
    latest = source.entries.latest
    record = np.where(latest, np.cumsum(latest), np.cumsum(~latest))
    return Tables(
        np.where(latest, GENZAI, RIREKI), record.astype(np.int64), (np.flatnonzero(latest), np.flatnonzero(~latest))
    )
