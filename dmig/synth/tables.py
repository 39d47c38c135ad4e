"""Which entry stands in which legacy table, at which record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmig.synth.days import CLOSED_LONG_AGO
from dmig.synth.events import Kind
from dmig.synth.register import Register
from dmig.synth.streams import Ints

#: The tables of the register: current entries, all earlier ones, and current ones closed long ago (除票).
REGISTER_FILES = ("JUKI_GENZAI.csv", "JUKI_RIREKI.csv", "JUKI_JOKYO.csv")
GENZAI, RIREKI, JOKYO = range(len(REGISTER_FILES))
#: All files in the order of the layout; a table's number is its place here.
FILES = (*REGISTER_FILES, "JUKI_IDO.csv", "JUKI_SHIEN.csv", "JUKI_MEISHO.csv", "JUKI_BIKO.csv", "JUKI_CARD.csv")
IDO, SHIEN, MEISHO, BIKO, CARD = range(len(REGISTER_FILES), len(FILES))


@dataclass(frozen=True, slots=True)
class Tables:
    """For each entry its table and record number (from 1); for each table its entries in file order."""

    table: Ints
    record: Ints
    entries: tuple[Ints, ...]


def tables(source: Register) -> Tables:
    """Latest entries go to GENZAI or JOKYO, the others to RIREKI, all in register order."""
    entries = source.entries
    closed = entries.latest & (entries.kind >= Kind.MOVED_AWAY) & (entries.day < CLOSED_LONG_AGO)
    table = np.where(closed, JOKYO, np.where(entries.latest, GENZAI, RIREKI))
    record = np.zeros(len(table), np.int64)
    places = tuple(np.flatnonzero(table == n) for n in range(len(REGISTER_FILES)))
    for place in places:
        record[place] = 1 + np.arange(len(place))
    return Tables(table, record, places)
