"""What two runs have published, compared by primary key: last night's rehearsal against tonight's."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl

from dmig.errors import Diagnostics, UsageFault
from dmig.model.layout import Group, StandardLayout, StandardType
from dmig.model.small_groups import LEAST, SMALL
from dmig.pipeline.generations import LINEAGE, PARQUET, Places, Published, published
from dmig.pipeline.session import open_run
from dmig.spec.library import Library, load
from dmig.stages.reconcile.keyed import KeyedItem, compare_keyed
from dmig.store.private import empty_folder, private_umask, read_json, write_json

#: So many items are compared at a time.
ITEMS_AT_ONCE = 2
#: How the keys of two sides stand to each other, as the result names it.
KEY_SETS = ("only_left", "only_right", "doubled_left", "doubled_right")
#: Counts of a group, and of its key sets and cells, that stand as `<10` outside the protected folder.
COUNTS = ("left_rows", "right_rows", "compared", "differing")


def compare_runs(runs: Path, run_id: str, other_id: str, group: str = "") -> dict[str, Any]:
    """Key sets and differing cells of what both runs published; `exit_code` 4 where anything differs.

    Counts of one to nine stand as `<10`. Exact counts and the places of rows are written to the file `details` in the
    protected folder of the first run.
    """
    result, other = open_run(runs, run_id), open_run(runs, other_id)
    if result["operation"] != other["operation"]:
        raise UsageFault("RUN011", mine=result["operation"], other=other["operation"])
    layout = _layout(runs, result)
    sides = (published(runs, result), published(runs, other))
    wanted, alone = _groups(layout, sides, group)
    files = [line for side in sides for line in side.altered(wanted)]
    protected = runs / sides[0].run_id / "protected"
    with private_umask():
        scratch = empty_folder(protected / "against")
        try:
            groups = [_compared(layout, name, sides, scratch) for name in wanted]
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        good = not files and not alone and all(entry["same"] for entry in groups)
        told = {
            "run_id": sides[0].run_id, "against": sides[1].run_id, "operation": result["operation"],
            "exit_code": 0 if good else 4, "files": files, "groups_alone": alone, "groups": groups,
        }  # fmt: skip
        details = protected / f"against-{sides[1].run_id}.json"
        write_json(details, told)
    return {**told, "groups": [_folded(entry) for entry in groups], "details": str(details.relative_to(runs))}


def _layout(runs: Path, result: dict[str, Any]) -> StandardLayout:
    library = Library(Path(read_json(runs / str(result["run_id"]) / "run.json")["library"]))
    return load(library, result["operation"], result["system"], Diagnostics()).layout


def _groups(
    layout: StandardLayout, sides: tuple[Published, Published], group: str
) -> tuple[list[str], list[dict[str, str]]]:
    """The groups to compare, and those that only one of the runs has."""
    both = [name for name in sides[0].groups if name in sides[1].groups and layout.group(name)]
    if not group:
        alone = [(side.run_id, name) for side in sides for name in side.groups if name not in both]
        return both, [{"run": run_id, "group": name} for run_id, name in alone]
    found = layout.group(group)
    if found is None or found.group not in both:
        raise UsageFault("RUN005", what="group", name=group, known=" ".join(both))
    return [found.group], []


def _compared(layout: StandardLayout, name: str, sides: tuple[Published, Published], scratch: Path) -> dict[str, Any]:
    """One group: both key sets, and the differing cells by item and class, each with the places of some rows."""
    group = next(group for group in layout.groups if group.group == name)
    left, right = (side.parts(PARQUET, name) for side in sides)
    own, others = (list(pl.read_parquet_schema(parts[0])) if parts else [] for parts in (left, right))
    shared = [item for item in own if item in others]
    if not set(group.keys) <= set(shared):
        raise UsageFault("RUN012", group=name)
    with ThreadPoolExecutor(ITEMS_AT_ONCE) as pool:
        found = compare_keyed(left, right, _items(group, shared), group.keys, scratch, each=pool.map)
    places = (Places(sides[0].parts(LINEAGE, name)), Places(sides[1].parts(LINEAGE, name)))
    keys = {
        word: {"count": some.count, "rows": places[word.endswith("right")].told(some.rows)}
        for word in KEY_SETS
        for some in (getattr(found.keys, word),)
    }
    cells = [
        {
            "item": cell.item, "name": item.name if (item := group.item(cell.item)) else cell.item, "class": cell.kind,
            "count": cell.count, "left": places[0].told([at for at, _ in cell.rows]),
            "right": places[1].told([to for _, to in cell.rows]),
        }
        for cell in found.cells
    ]  # fmt: skip
    alone = [item for item in (*own, *others) if item not in shared]
    return {
        "group": name, "name": group.name, "same": found.is_empty and not alone, "items_alone": alone,
        "left_rows": found.keys.left_rows, "right_rows": found.keys.right_rows, "compared": found.rows,
        "differing": found.differing, **keys, "cells": cells,
    }  # fmt: skip


def _items(group: Group, names: list[str]) -> list[KeyedItem]:
    """Items with what decides the class of a difference: whether they are dates, or codes of a code list."""
    items = [(name, group.item(name)) for name in names]
    return [
        KeyedItem(name, bool(item and item.type is StandardType.DATE), bool(item and item.code)) for name, item in items
    ]


def _folded(entry: dict[str, Any]) -> dict[str, Any]:
    """A group as it may stand outside the protected folder: no exact count of a few persons."""
    return {
        **entry,
        **{name: _few(entry[name]) for name in COUNTS},
        **{word: {**entry[word], "count": _few(entry[word]["count"])} for word in KEY_SETS},
        "cells": [{**cell, "count": _few(cell["count"])} for cell in entry["cells"]],
    }


def _few(count: int) -> int | str:
    return SMALL if 0 < count < LEAST else count
