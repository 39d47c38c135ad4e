"""Events as the standard layout says them: reason, class, day with its companions."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.days import Parts, parts_of
from dmig.synth.events import Kind
from dmig.synth.register import Register
from dmig.synth.snapshots import ABROAD
from dmig.synth.streams import Ints
from dmig.synth.truth_forms import WIDE_NUMBERS, iso, iso_days, ones, pick

#: 異動事由 and 住民状態 after each kind of entry.
_AFTER: dict[Kind, tuple[str, str]] = {
    Kind.MOVED_IN: ("10", "1"),
    Kind.BORN: ("11", "1"),
    Kind.ENTERED_BY_OFFICE: ("12", "1"),
    Kind.HEAD_CHANGED: ("33", "1"),
    Kind.MOVED_HOUSE: ("30", "1"),
    Kind.RENAMED: ("31", "1"),
    Kind.FORMER_NAME_ENTERED: ("50", "1"),
    Kind.FORMER_NAME_REMOVED: ("52", "1"),
    Kind.ALIAS_ENTERED: ("53", "1"),
    Kind.ALIAS_REMOVED: ("54", "1"),
    Kind.MISTAKE_CORRECTED: ("34", "1"),
    Kind.CORRECTED_BY_OFFICE: ("32", "1"),
    Kind.MOVED_AWAY: ("20", "2"),
    Kind.DIED: ("21", "3"),
    Kind.REMOVED_BY_OFFICE: ("22", "9"),
}
STATES = pl.Series([_AFTER[kind][1] for kind in Kind])
_FROM_ABROAD, _TO_ABROAD = len(Kind), len(Kind) + 1
REASONS = pl.Series([*(_AFTER[kind][0] for kind in Kind), "13", "23"])
#: 異動区分: 1 entered, 2 removed, 3 changed; the reason's first digit says it.
CLASSES = pl.Series(["1" if reason < "20" else "2" if reason < "30" else "3" for reason in REASONS])
_REMOVALS = pl.Series([reason if "20" <= reason < "30" else None for reason in REASONS])
_ERAS = (
    (-100_000, "明治", 1867),
    (-20_974, "大正", 1911),
    (-15_713, "昭和", 1925),
    (6_947, "平成", 1988),
    (18_017, "令和", 2018),
)


def reasons(source: Register, at: Ints) -> Ints:
    """Index into REASONS of each entry."""
    kind, shown = source.entries.kind[at], source.snapshots
    came = (kind == Kind.MOVED_IN) & (shown.origin[at] >= ABROAD)
    return np.where(came, _FROM_ABROAD, np.where(shown.destination[at] >= ABROAD, _TO_ABROAD, kind))


def event_items(source: Register, at: Ints) -> dict[str, pl.Series]:
    """The items about the event of each entry."""
    entries, reason = source.entries, reasons(source, at)
    return {
        **vague_day("異動年月日", entries.day[at], entries.vague[at]),
        "異動届出年月日": iso_days(entries.reported[at]),
        "処理年月日": iso_days(source.snapshots.processed[at]),
        "異動事由": REASONS.gather(reason),
        "異動区分": CLASSES.gather(reason),
        "消除の事由": _REMOVALS.gather(reason),
    }


def vague_day(item: str, day: Ints, vague: Ints) -> dict[str, pl.Series]:
    """A day of which all (1), month and day (2) or the day (3) may be lost, its mark, and its wording."""
    parts = parts_of(day)
    year, month = np.where(vague == 1, 0, parts.year), np.where((vague == 1) | (vague == 2), 0, parts.month)
    date = iso(Parts(year, month, np.where(vague > 0, 0, parts.day)))
    return {item: date, f"{item}_不詳フラグ": ones(vague > 0), f"{item}_不詳表記": _wording(day, parts, vague)}


def _wording(day: Ints, parts: Parts, vague: Ints) -> pl.Series:
    """昭和４２年月日不詳, 昭和４２年５月日不詳 or 年月日不詳; null for a known day."""
    at = np.flatnonzero(vague > 0)
    words: list[str | None] = []
    for n in at:
        name, before = next((name, zero) for first, name, zero in reversed(_ERAS) if day[n] >= first)
        number = parts.year[n] - before
        year = f"{name}{'元' if number == 1 else WIDE_NUMBERS[int(number)]}年"
        words.append(
            ("年月日不詳", f"{year}月日不詳", f"{year}{WIDE_NUMBERS[int(parts.month[n])]}月日不詳")[vague[n] - 1]
        )
    index = np.full(len(day), -1)
    index[at] = np.arange(len(at))
    return pick(pl.Series(words or [None], dtype=pl.String), index)
