"""The two ledgers of conservation: the fate of source records and the origin of target rows, proved from lineage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dmig.errors import LawBroken
from dmig.model.repairs import MANUAL_REASON, Treatment
from dmig.pipeline.context import Context
from dmig.pipeline.file_ledger import file_ledger
from dmig.pipeline.judge_pass import JudgedGroup
from dmig.pipeline.narrow import start_tables
from dmig.pipeline.read_pass import Staged
from dmig.pipeline.shape_pass import ShapedGroup
from dmig.steps.contract import ROW

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Conservation:
    """Both ledgers in the form of the machine-readable result, and that of files that hold several kinds of records."""

    tables: list[dict[str, Any]]
    groups: list[dict[str, Any]]
    files: list[dict[str, Any]]

    @property
    def not_used(self) -> int:
        """Source rows without a fate."""
        return sum(int(entry["not_used"]) for entry in self.tables)


def conserve(
    context: Context, staged: dict[str, Staged], shaped: dict[str, ShapedGroup], judged: dict[str, JudgedGroup]
) -> Conservation:
    """Both ledgers; a sum that does not come out is a fault of the program (exit 70)."""
    tables = [_fate(context, staged[table.table], shaped, judged) for table in context.plan.legacy.tables]
    groups = [_origin(context, staged, shaped[name], judged[name]) for name in shaped]
    return Conservation(tables, groups, file_ledger(context, staged))


def _fate(
    context: Context, staged: Staged, shaped: dict[str, ShapedGroup], judged: dict[str, JudgedGroup]
) -> dict[str, Any]:
    """read = refused + excluded (by reason) + used + not used, each counted from row identities."""
    rows = sum(staged.heights)
    index = context.table_index(staged.table)
    used = np.zeros(rows, bool)
    looked_up = np.zeros(rows, bool)
    excluded: dict[str, np.ndarray[Any, Any]] = {}
    for group in shaped.values():
        for part in group.parts:
            if part.table == staged.table:
                start = staged.starts[part.staged_part]
                used[group.sides.read(part.index, ("row",))["row"].to_numpy().astype(np.int64) + start] = True
        for looked in group.fates_of("looked_up", index):
            looked_up[looked[ROW].to_numpy()] = True
        for members in group.fates_of("members", index):
            used[members["member_row"].to_numpy()] = True
        for gone in group.fates_of("excluded", index):
            for (reason,), own in gone.group_by(["reason"]):
                excluded.setdefault(str(reason), np.zeros(rows, bool))[own[ROW].to_numpy()] = True
    by_hand, refused_by_hand = _by_hand(staged, shaped, judged)
    # A record that staff type in may still stand behind others (a look-up, a household): it left all the same.
    used, looked_up = used & ~by_hand, looked_up & ~by_hand
    counted, seen = _typed(int(by_hand.sum()) + refused_by_hand), used | by_hand
    for reason in sorted(excluded):
        counted[reason] = int((excluded[reason] & ~seen).sum())
        seen |= excluded[reason]
    # A row that was only looked up is used as well, unless a declared rule left it out.
    used_rows = int(used.sum()) + int((looked_up & ~seen).sum())
    not_used = int((~seen & ~looked_up).sum())
    refused = staged.refused - refused_by_hand
    if staged.records != refused + sum(counted.values()) + used_rows + not_used:
        raise LawBroken(f"table {staged.table}: read is not the sum of refused, excluded, used and not used")
    return {
        "table": staged.table, "read": staged.records, "refused": refused, "refused_by_hand": refused_by_hand, "excluded": counted,
        "used": used_rows, "not_used": not_used,
    }  # fmt: skip


def _by_hand(staged: Staged, shaped: dict[str, ShapedGroup], judged: dict[str, JudgedGroup]) -> tuple[Flags, int]:
    """Which rows of a table left for manual entry, and how many of its refused records belong to their units."""
    rows = np.zeros(sum(staged.heights), bool)
    refused: set[int] = set()
    for name, group in shaped.items():
        if judged[name].left_rows:
            left = judged[name].left()
            for part in group.parts:
                own = left.filter(pl.col("part") == part.index)["row"]
                if part.table == staged.table and own.len():
                    sides = group.sides.read(part.index, ("row",))["row"].to_numpy().astype(np.int64)
                    rows[sides[own.to_numpy()] + staged.starts[part.staged_part]] = True
        refused |= {record for table, record in judged[name].left_refused if table == staged.table}
    return rows, len(refused)


def unreadable(entry: Mapping[str, Any]) -> int:
    """Records of a table that could not be read: refused ones, and those of them that staff type in."""
    return int(entry["refused"]) + int(entry.get("refused_by_hand", 0))


def _typed(records: int) -> dict[str, int]:
    return {MANUAL_REASON: records} if records else {}


def _origin(context: Context, staged: dict[str, Staged], shaped: ShapedGroup, judged: JudgedGroup) -> dict[str, Any]:
    """rows in + created + split = rows out + merged + excluded + rejected over all steps of a group."""
    plan = context.group(shaped.group)
    read = sum(sum(staged[table].heights) for table in start_tables(context, plan, with_lookups=False))
    steps = [
        {"n": c.n, "step": c.step, "rows_in": c.rows_in, "created": c.created, "split": c.split,
         "rows_out": c.rows_out, "merged": c.merged, "excluded": c.excluded, "balanced": c.balanced()}
        for c in shaped.counts
    ]  # fmt: skip
    shaped_rows = sum(part.rows for part in shaped.parts)
    last = shaped.counts[-1].rows_out if shaped.counts else 0
    if shaped_rows != last or shaped_rows != judged.accepted_rows + judged.rejected_rows + judged.left_rows:
        raise LawBroken(f"group {shaped.group}: the rows shaped are not the rows accepted, rejected and typed by hand")
    if judged.left_rows:
        steps.append(
            {
                "n": shaped.counts[-1].n + 1,
                "step": Treatment.MANUAL_ENTRY.value,
                "rows_in": shaped_rows,
                "created": 0,
                "split": 0,
                "rows_out": shaped_rows - judged.left_rows,
                "merged": 0,
                "excluded": _typed(judged.left_rows),
                "balanced": True,
            }
        )
    totals = {name: sum(int(str(step[name])) for step in steps) for name in ("created", "split", "merged")}
    excluded = sum(sum(c.excluded.values()) for c in shaped.counts) + judged.left_rows
    written = judged.accepted_rows + judged.rejected_rows
    unread = read + totals["created"] + totals["split"] - totals["merged"] - excluded - written
    return {
        "group": shaped.group, "read": read, "accepted": judged.accepted_rows, "rejected": judged.rejected_rows,
        "excluded": excluded, "merged": totals["merged"], "split": totals["split"], "created": totals["created"],
        "steps": steps, "balanced": unread == 0 and all(bool(step["balanced"]) for step in steps),
    }  # fmt: skip
