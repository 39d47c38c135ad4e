"""Corrected cells read again: the file of decisions, the records that it means, and what stood there before.

It shares nothing with the pass that applies repairs: keys are looked for line by line, cells are cut by Arrow's parser,
and the hash is computed here once more.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dmig.stages.reconcile.host_file import HostForm
from dmig.stages.reconcile.reread import Form

#: Byte offset of a record -> item -> the text that staff decided.
Corrected = Mapping[int, Mapping[str, str]]
Offsets = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Correction:
    """One cell that staff corrected: the raw texts of the record's key, the item, what stood there as a keyed hash."""

    table: str
    key: tuple[str, ...] = field(repr=False)
    item: str
    old_hash: str
    new_value: str = field(repr=False)


def read_corrections(path: Path) -> tuple[Correction, ...]:
    """The corrections of a file that two different persons stand for."""
    with path.open(encoding="utf-8-sig", newline="") as source:
        return tuple(
            Correction(row["table"], tuple(json.loads(row["key"])), row["item"], row["old_hash"],
                       row["new_value"].replace("\\n", "\n"))
            for row in csv.DictReader(source)
            if row["treatment"] == "repair" and row["approved_by"] not in ("", row["decided_by"])
        )  # fmt: skip


def corrected_cells(
    path: Path,
    form: Form | HostForm,
    keys: tuple[int, ...],
    items: Sequence[str],
    corrections: Iterable[Correction],
    secret: bytes,
) -> dict[int, dict[str, str]]:
    """The corrected cells of one file: those whose key stands in one record only and whose cell is what it was.

    `keys` are the places of the key items, `items` the names of all cells.
    """
    own = tuple(corrections)
    at = _records_of_keys(path, form, keys, {correction.key for correction in own})
    found: dict[int, dict[str, str]] = {}
    for correction in own:
        offsets = at.get(correction.key, [])
        if len(offsets) != 1 or correction.item not in items:
            continue
        cell = _cell(path, replace(form, wanted=(items.index(correction.item),)), offsets[0])
        if cell is not None and hmac.new(secret, cell.encode(), hashlib.sha256).hexdigest() == correction.old_hash:
            found.setdefault(offsets[0], {})[correction.item] = correction.new_value
    return found


def _records_of_keys(
    path: Path, form: Form | HostForm, keys: tuple[int, ...], wanted: set[tuple[str, ...]]
) -> dict[tuple[str, ...], list[int]]:
    """Where records begin that have one of some keys."""
    found: dict[tuple[str, ...], list[int]] = {}
    for offset, key in form.keyed(path, keys):
        if key in wanted:
            found.setdefault(key, []).append(offset)
    return found


def _cell(path: Path, form: Form | HostForm, offset: int) -> str | None:
    """One cell of the record that begins at a byte; None where it cannot be cut."""
    try:
        column = form.cells_at(path, np.array([offset], np.int64)).column(0)
    except pa.ArrowInvalid:
        return None
    return str(column[0].as_py() or "") if len(column) == 1 else None


def lay_over(cells: dict[str, pa.Array], items: Mapping[str, str], corrected: Corrected, offsets: Offsets) -> Offsets:
    """Put corrected texts into cells (`items`: column -> item) of records at some offsets; which rows have any."""
    hits = np.flatnonzero(np.isin(offsets, np.fromiter(corrected, np.int64, len(corrected))))
    for column, item in items.items():
        rows = [row for row in hits.tolist() if item in corrected[int(offsets[row])]]
        if rows:
            mask = np.zeros(offsets.size, np.bool_)
            mask[rows] = True
            texts = [corrected[int(offsets[row])][item] for row in rows]
            plain = pc.cast(cells[column], pa.string())
            plain = plain.combine_chunks() if isinstance(plain, pa.ChunkedArray) else plain
            cells[column] = pc.replace_with_mask(plain, pa.array(mask), pa.array(texts, pa.string()))
    return hits
