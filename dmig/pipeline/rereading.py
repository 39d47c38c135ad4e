"""The source as reconciliation reads it: which cells of which file, with the texts that staff decided in their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dmig.model.legacy import LegacyLayout, LegacyTable
from dmig.pipeline.context import Context
from dmig.pipeline.tasks import Workers
from dmig.stages import reconcile
from dmig.stages.reconcile import (
    Corrected,
    Correction,
    Form,
    HostFile,
    HostForm,
    KeyFile,
    Verdict,
    source_column,
    source_item,
)


def form_again(legacy: LegacyLayout, table: LegacyTable, wanted: Sequence[int] = ()) -> Form | HostForm:
    """How cells of a table's records are read a second time."""
    if legacy.host is not None:
        return HostForm.of(legacy, table, wanted)
    return Form(legacy.charset, legacy.csv.delimiter, len(table.items), tuple(wanted))


def records_again(legacy: LegacyLayout, table: LegacyTable, path: Path) -> KeyFile | HostFile:
    """A table's file, to be gone through a second time."""
    if legacy.host is not None:
        return HostFile(path, HostForm.of(legacy, table))
    return KeyFile(path, legacy.csv.header, legacy.csv.delimiter, 0, table.line_breaks == "allowed")


@dataclass(frozen=True, slots=True)
class Source:
    """One legacy file: how it is read again, the items that comparisons need of it, and its corrected cells."""

    path: Path
    form: Form | HostForm
    items: tuple[str, ...]
    corrected: Corrected = field(default_factory=dict, repr=False)

    def cells(self, offsets: np.ndarray[Any, Any]) -> dict[str, pa.Array]:
        """The cells of the records that begin at some bytes, in the order asked for; each record is read once."""
        starts, places = np.unique(offsets, return_inverse=True)
        cells = self.form.cells_at(self.path, starts)
        back = pa.array(places)
        named = zip(self.items, cells.column_names, strict=True)
        found = {source_column(item): cells.column(name).take(back) for item, name in named}
        if self.corrected:
            reconcile.lay_over(found, {source_column(item): item for item in self.items}, self.corrected, offsets)
        return found

    def note_repaired(self, verdicts: list[Verdict], offsets: np.ndarray[Any, Any]) -> list[Verdict]:
        """The verdicts over the records at some bytes, each with the number of those whose source staff corrected."""
        touched = [set(self.corrected[offset]) for offset in offsets.tolist() if offset in self.corrected]
        for verdict in verdicts if touched else ():
            read = {source_item(source) for source in verdict.comparison.sources}
            verdict.repaired = sum(1 for items in touched if items & read)
        return verdicts


@dataclass(frozen=True, slots=True)
class SeekTask:
    """The corrections of one legacy file, to be found in it."""

    table: str
    path: Path
    form: Form | HostForm
    keys: tuple[int, ...]
    items: tuple[str, ...]
    corrections: tuple[Correction, ...] = field(repr=False)
    secret: bytes = field(repr=False)


def corrected_sources(context: Context, workers: Workers) -> dict[str, Corrected]:
    """By table the cells that staff corrected, found again from the file of decisions that stays with the run."""
    kept = context.protected / "repairs.csv"
    if not context.plan.repairs.sha256 or not kept.is_file():
        return {}
    tasks = list(_tasks(context, reconcile.read_corrections(kept)))
    return {task.table: found["cells"] for task, found in zip(tasks, workers.map(seek, tasks), strict=True)}


def _tasks(context: Context, corrections: tuple[Correction, ...]) -> Iterator[SeekTask]:
    legacy = context.plan.legacy
    for table in legacy.tables:
        own = tuple(each for each in corrections if each.table == table.table)
        items = tuple(item.item for item in table.items)
        form = form_again(legacy, table)
        keys = tuple(items.index(key) for key in table.keys)
        if own:
            yield SeekTask(table.table, context.inputs[table.table].path, form, keys, items, own, context.secret)


def seek(task: SeekTask) -> dict[str, Any]:
    """The corrected cells of one file, in whatever process this is; nothing of them is stored."""
    found = reconcile.corrected_cells(task.path, task.form, task.keys, task.items, task.corrections, task.secret)
    return {"cells": found}
