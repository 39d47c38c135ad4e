"""Counts that name few persons: breakdowns are folded, so that no group under ten stands alone outside the run folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dmig.model.small_groups import LEAST, SMALL

#: Where folded groups go; it does not say which they were.
OTHER = "other"
#: Names under which a result breaks a total down by reason or code; `…_by_…` is one too.
BREAKDOWNS = ("excluded",)


def fold(counts: Mapping[str, int]) -> dict[str, int | str]:
    """A breakdown whose small groups are merged, smallest first, until they are ten or more together.

    Totals stay what they were as long as they are ten or more; nobody in a group of zero needs hiding.
    """
    kept = dict(counts)
    merged, names = 0, 0
    for name, count in sorted(counts.items(), key=lambda pair: (pair[1], pair[0])):
        if count == 0 or (count >= LEAST and (names == 0 or merged >= LEAST)):
            continue
        del kept[name]
        merged, names = merged + count, names + 1
    shown: dict[str, int | str] = dict(kept)
    if names:
        shown[OTHER] = merged if merged >= LEAST else SMALL
    return shown


def fold_parts(breakdown: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int | str]]:
    """A breakdown whose groups have parts (root, cascade …): folded by their sums, then small parts are hidden."""
    sums = {name: sum(parts.values()) for name, parts in breakdown.items()}
    shown = fold(sums)
    found = {name: hide(parts) for name, parts in breakdown.items() if name in shown}
    if OTHER in shown:
        gone = [parts for name, parts in breakdown.items() if name not in shown]
        names = dict.fromkeys(part for parts in gone for part in parts)
        found[OTHER] = hide({part: sum(parts.get(part, 0) for parts in gone) for part in names})
    return found


def hide(counts: Mapping[str, int]) -> dict[str, int | str]:
    """Each count below ten as such, zero apart."""
    return {name: SMALL if 0 < count < LEAST else count for name, count in counts.items()}


def folded(value: Any, name: str = "") -> Any:
    """A result, or a part of it, with every breakdown in it folded."""
    if isinstance(value, dict):
        if name in BREAKDOWNS or "_by_" in name:
            nested = any(isinstance(part, dict) for part in value.values())
            return fold_parts(value) if nested else fold(value)
        return {key: folded(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [folded(part, name) for part in value]
    return value
