"""How the old system writes days, codes and readings."""

from __future__ import annotations

import unicodedata

import numpy as np
import polars as pl

from dmig.synth.days import NEVER, NO_DAY, era_of, parts_of
from dmig.synth.events import Kind
from dmig.synth.register import Register
from dmig.synth.snapshots import ABROAD
from dmig.synth.streams import Bools, Ints
from dmig.synth.texts import digits, gather, only, table

#: Year 1 of each era by its digit.
YEAR_1 = np.array([0, 1868, 1912, 1926, 1989, 2019])
FLAGS = table(("0", "1"))
_REASON = {
    Kind.MOVED_IN: "01",
    Kind.BORN: "02",
    Kind.ENTERED_BY_OFFICE: "03",
    Kind.MOVED_AWAY: "11",
    Kind.DIED: "12",
    Kind.REMOVED_BY_OFFICE: "13",
    Kind.MOVED_HOUSE: "21",
    Kind.RENAMED: "22",
    Kind.CORRECTED_BY_OFFICE: "23",
    Kind.HEAD_CHANGED: "24",
    Kind.MISTAKE_CORRECTED: "25",
    Kind.FORMER_NAME_ENTERED: "41",
    Kind.FORMER_NAME_REMOVED: "43",
    Kind.ALIAS_ENTERED: "44",
    Kind.ALIAS_REMOVED: "45",
}
_FROM_ABROAD, _TO_ABROAD = "04", "14"
_REASONS = table([*(_REASON[kind] for kind in Kind), _FROM_ABROAD, _TO_ABROAD])
_HALF_KANA = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)}
_HALF_KANA |= {"\u3099": "\uff9e", "\u309a": "\uff9f", "\u3000": " "}


def half_width(reading: str) -> str:
    """A katakana reading in half-width letters, voiced marks as letters of their own."""
    return "".join(_HALF_KANA[letter] for letter in unicodedata.normalize("NFD", reading))


def reasons(source: Register, at: Ints) -> pl.Series:
    """異動事由 of entries; moves over the border have numbers of their own."""
    kind = source.entries.kind[at]
    code = np.where((kind == Kind.MOVED_IN) & (source.snapshots.origin[at] >= ABROAD), len(Kind), kind)
    return gather(_REASONS, np.where(source.snapshots.destination[at] >= ABROAD, len(Kind) + 1, code))


def wareki7(days: Ints, era: Ints) -> pl.Series:
    """Days as old systems write them: era digit, two digits each of era year, month and day."""
    parts = parts_of(days)
    return digits(era * 1_000_000 + (parts.year - YEAR_1[era] + 1) * 10_000 + parts.month * 100 + parts.day, 7)


def vague_wareki7(days: Ints, era: Ints, vague: Ints) -> pl.Series:
    """Days of which everything (1), month and day (2) or the day (3) may be lost."""
    parts = parts_of(days)
    year = era * 1_000_000 + (parts.year - YEAR_1[era] + 1) * 10_000
    month, day = parts.month * 100 * (vague != 2), parts.day * (vague == 0)
    return digits(np.where(vague == 1, 0, year + month + day), 7)


def day_or_blank(days: Ints, zeros: Bools | None = None) -> pl.Series:
    """Days, and where there is none (NO_DAY or NEVER) an empty cell, or zeros where the mask is set."""
    there = (days > NO_DAY) & (days < NEVER)
    safe = np.where(there, days, 0)
    written = only(wareki7(safe, era_of(safe)), there)
    if zeros is None:
        return written
    return pl.select(
        pl.when(pl.Series("", ~there & zeros)).then(pl.lit("0000000")).otherwise(written).alias("")
    ).to_series()


def seireki8(days: Ints) -> pl.Series:
    """Days as YYYYMMDD."""
    parts = parts_of(days)
    return digits(parts.year * 10_000 + parts.month * 100 + parts.day, 8)


def time6(seconds: Ints) -> pl.Series:
    """Seconds of the day as HHMMSS."""
    return digits(seconds // 3_600 * 10_000 + seconds // 60 % 60 * 100 + seconds % 60, 6)
