"""Which records should have been left out, found again by a second, simple reading of the legacy file's bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from dmig.stages.reconcile.populations import Distinct, Keys, distinct_keys

Offsets = npt.NDArray[np.int64]

#: The kind of rule that looks at more than one record.
PAIR = "pair"


class Piece(Protocol):
    """Some records of a legacy file."""

    @property
    def offsets(self) -> Offsets:
        """Where each begins in the file, ascending."""

    def cells(self, place: int) -> Keys:
        """The cell of each at a place; blank if it is no ASCII."""


class Records(Protocol):
    """A legacy file that can be gone through as often as needed."""

    def pieces(self) -> Iterator[Piece]:
        """All records, some at a time."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A rule about records: `places` of its cells. `pair`: group of numbers, own number, number referred to."""

    kind: str
    places: tuple[int, ...]
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scanned:
    """One pass over a file: its records, the distinct keys at some places, and what some rules leave out."""

    records: int
    keys: tuple[pl.Series, ...]
    left_out: tuple[Offsets, ...]


def scan(file: Records, places: Sequence[int], rules: Sequence[LeftOut] = ()) -> Scanned:
    """All records of a file by its line ends; a last record may lack its line end. Offsets ascend.

    `pair` (which reads the file by itself, twice): records that refer to one that is there, and those referred to.
    """
    records, distinct = 0, [Distinct() for _ in places]
    left: list[list[Offsets]] = [[np.zeros(0, np.int64)] for _ in rules]
    for piece in file.pieces():
        records += piece.offsets.size
        single = {rule.places[0] for rule in rules if rule.kind != PAIR}
        cells = {place: piece.cells(place) for place in {*places, *single}}
        for place, found in zip(places, distinct, strict=True):
            found.add(distinct_keys(cells[place]))
        for rule, offsets in zip(rules, left, strict=True):
            if rule.kind != PAIR:
                offsets.append(piece.offsets[_holds(rule, cells[rule.places[0]])])
    whole = [
        _pairs(file, rule.places) if rule.kind == PAIR else np.concatenate(offsets)
        for rule, offsets in zip(rules, left, strict=True)
    ]
    return Scanned(records, tuple(found.keys() for found in distinct), tuple(whole))


def _holds(rule: LeftOut, cells: Keys) -> npt.NDArray[np.bool_]:
    """Which cells a rule about one item leaves out."""
    bare = np.char.strip(cells, b" ")
    if rule.kind == "blank":
        return np.asarray(bare == b"")
    named = np.isin(bare, np.array([value.encode("ascii") for value in rule.values], dtype="S"))
    return ~named if rule.kind == "not_code" else named


def _pairs(file: Records, places: tuple[int, ...]) -> Offsets:
    group, number, other = places
    referring = _frame(file, (group, other), filled=1)
    wanted = referring.select("group", "number").unique()
    there = []
    for piece in file.pieces():
        rows = _rows(piece, (group, number))
        there.append(rows.join(wanted, on=["group", "number"], how="semi"))
    found = pl.concat(there) if there else referring.clear()
    both = referring.join(found, on=["group", "number"], how="semi")
    offsets: Offsets = pl.concat([both["offset"], found["offset"]]).unique().sort().to_numpy()
    return offsets


def _frame(file: Records, places: tuple[int, int], *, filled: int) -> pl.DataFrame:
    """Records whose second cell is filled."""
    empty = pl.DataFrame(schema={"group": pl.Binary, "number": pl.Binary, "offset": pl.Int64})
    found = [rows.filter(pl.col("number") != b"") for piece in file.pieces() for rows in (_rows(piece, places),)]
    return pl.concat([empty, *found])


def _rows(piece: Piece, places: tuple[int, int]) -> pl.DataFrame:
    group, number = (_bare(piece.cells(place)) for place in places)
    return pl.DataFrame(
        {"group": group, "number": number, "offset": piece.offsets},
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
