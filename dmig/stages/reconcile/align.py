"""Rows that were lost, doubled or moved: which row of a published file belongs to which source record."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]
NOWHERE = -1


def align(expected: Sequence[str | None], found: Sequence[str | None]) -> Places:
    """For each expected key the position of its row in what was found, or `NOWHERE`.

    What is equal from the beginning and from the end keeps its place; between, the nth row of a key belongs to the nth
    record of that key.
    """
    places = np.full(len(expected), NOWHERE, np.int64)
    shorter = min(len(expected), len(found))
    head = 0
    while head < shorter and expected[head] == found[head]:
        head += 1
    tail = 0
    while tail < shorter - head and expected[-1 - tail] == found[-1 - tail]:
        tail += 1
    places[:head] = np.arange(head)
    places[len(expected) - tail :] = np.arange(len(found) - tail, len(found))
    by_key: dict[str | None, list[int]] = {}
    for at in range(len(found) - tail - 1, head - 1, -1):
        by_key.setdefault(found[at], []).append(at)
    for at in range(head, len(expected) - tail):
        if left := by_key.get(expected[at]):
            places[at] = left.pop()
    return places


def in_windows(places: Places, heights: Sequence[int]) -> list[tuple[int, Places]]:
    """Cut aligned places into runs of rows: how many found rows each run reads, and where its rows stand in them.

    Windows follow each other without gaps; a row that stands outside its own window is `NOWHERE`.
    """
    windows, start, first = [], 0, 0
    for height in heights:
        own = places[start : start + height]
        last = int(own.max(initial=first - 1)) + 1
        last = max(first, last)
        windows.append((last - first, np.where((own >= first) & (own < last), own - first, NOWHERE)))
        start, first = start + height, last
    return windows
