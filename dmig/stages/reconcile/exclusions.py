"""Which records should have been left out, found again by a second, simple reading of the legacy file's bytes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from dmig.stages.reconcile.populations import KeyFile, Keys, cut_cells, windows

Offsets = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A rule about records: `places` of its cells. `pair`: group of numbers, own number, number referred to."""

    kind: str
    places: tuple[int, ...]
    values: tuple[str, ...] = ()


def left_out(file: KeyFile, rule: LeftOut) -> Offsets:
    """Where the records begin that a rule leaves out, in ascending order.

    `pair`: records that refer to one that is there, and those that are referred to.
    """
    if rule.kind == "pair":
        return _pairs(file, rule.places)
    found = [np.zeros(0, np.int64)]
    for window, starts, base in windows(file):
        cells = np.char.strip(cut_cells(window, starts, file, rule.places[0]), b" ")
        if rule.kind == "blank":
            holds = cells == b""
        else:
            holds = np.isin(cells, np.array([value.encode("ascii") for value in rule.values], dtype="S"))
            holds = ~holds if rule.kind == "not_code" else holds
        found.append(starts[holds] + base)
    return np.concatenate(found)


def _pairs(file: KeyFile, places: tuple[int, ...]) -> Offsets:
    group, number, other = places
    referring = _frame(file, (group, other), filled=1)
    wanted = referring.select("group", "number").unique()
    there = []
    for window, starts, base in windows(file):
        rows = _rows(window, starts, base, file, (group, number))
        there.append(rows.join(wanted, on=["group", "number"], how="semi"))
    found = pl.concat(there) if there else referring.clear()
    both = referring.join(found, on=["group", "number"], how="semi")
    offsets: Offsets = pl.concat([both["offset"], found["offset"]]).unique().sort().to_numpy()
    return offsets


def _frame(file: KeyFile, places: tuple[int, int], *, filled: int) -> pl.DataFrame:
    """Records whose second cell is filled."""
    empty = pl.DataFrame(schema={"group": pl.Binary, "number": pl.Binary, "offset": pl.Int64})
    found = [
        rows.filter(pl.col("number") != b"")
        for window, starts, base in windows(file)
        for rows in (_rows(window, starts, base, file, places),)
    ]
    return pl.concat([empty, *found])


def _rows(
    window: npt.NDArray[np.uint8], starts: Offsets, base: int, file: KeyFile, places: tuple[int, int]
) -> pl.DataFrame:
    group, number = (_bare(cut_cells(window, starts, file, place)) for place in places)
    return pl.DataFrame(
        {"group": group, "number": number, "offset": starts + base},
        schema={"group": pl.Binary, "number": pl.Binary, "offset": pl.Int64},
    )


def _bare(cells: Keys) -> list[bytes]:
    """Numbers without spaces and zeros around them, as they are compared."""
    found: list[bytes] = np.char.lstrip(np.char.strip(cells, b" "), b"0").tolist()
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """How the records that a rule leaves out stand to those that a run has left out for its reason.

    `kept`: the rule leaves them out and the run did not, for any reason; `wrong`: the run did and the rule does not.
    """

    source: int
    excluded: int
    kept: int
    wrong: int


def stand_out(found: Offsets, excluded: Offsets, for_any_reason: Offsets) -> Standing:
    """Both sets by where their records begin."""
    kept = int((~np.isin(found, for_any_reason)).sum())
    return Standing(found.size, excluded.size, kept, int((~np.isin(excluded, found)).sum()))
