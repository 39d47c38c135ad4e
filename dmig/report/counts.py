"""Conservation, control totals, and what was run: counts that stand in every result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dmig.model.small_groups import SMALL
from dmig.report.bars import picture
from dmig.report.nouns import Cell, Column, Mark, Picture, Section, Table, rows_of
from dmig.report.words import Words

FATE = (Column("table", "code"), Column("read", "count"), Column("refused", "count"), Column("excluded", "count"),
        Column("used", "count"), Column("not_used", "count"), Column("excluded.why"), Column("balanced", "mark"))  # fmt: skip
ORIGIN = (Column("group"), Column("read", "count"), Column("created", "count"), Column("split", "count"),
          Column("accepted", "count"), Column("rejected", "count"), Column("excluded", "count"),
          Column("merged", "count"), Column("balanced", "mark"))  # fmt: skip
STEPS = (Column("group"), Column("n", "count"), Column("step", "id"), Column("rows_in", "count"),
         Column("created", "count"), Column("split", "count"), Column("merged", "count"), Column("excluded", "count"),
         Column("rows_out", "count"), Column("excluded.why"), Column("balanced", "mark"))  # fmt: skip
TOTALS = (Column("total", "code"), Column("source", "count"), Column("target", "count"), Column("difference", "count"),
          Column("agrees", "mark"))  # fmt: skip


FILE_LINES = (Column("file", "code"), Column("file.size_bytes", "count"), Column("file.records", "count"),
              Column("file.header", "count"), Column("file.trailer", "count"), Column("file.tables"),
              Column("file.unknown", "count"), Column("file.lost_bytes", "count"), Column("balanced", "mark"))  # fmt: skip


def conservation(result: Mapping[str, Any], words: Words) -> Section:
    """Both ledgers of counts, as pictures and as tables."""
    tables, groups = result.get("tables") or [], result.get("groups") or []
    steps: list[tuple[Cell, ...]] = [
        (words.group(group["group"]), step["n"], step["step"], step["rows_in"], step["created"], step["split"],
         step["merged"], sum(step["excluded"].values()), step["rows_out"], _reasons(step["excluded"]),
         agreement(step["balanced"], words))
        for group in groups
        for step in group["steps"]
    ]  # fmt: skip
    return Section(
        "conservation",
        [
            *_files(result, words),
            Table("fate", FATE, [_fate(entry, words) for entry in tables], words("fate.note")),
            Table("origin", ORIGIN, [_origin(entry, words) for entry in groups], words("origin.note")),
            Table("steps", STEPS, steps, folded=True),
        ],
        [_fate_bars(tables, words), _origin_bars(groups, words)],
    )


def _files(result: Mapping[str, Any], words: Words) -> list[Table]:
    """Host files, in which several kinds of records stand: who owns each record and byte."""
    rows: list[tuple[Cell, ...]] = []
    for line in result.get("files") or []:
        own = sum(line["tables"].values())
        tables = "、".join(f"{name} {count:,}" for name, count in line["tables"].items())
        whole = line["records"] == line["header"] + line["trailer"] + line["unknown"] + own
        rows.append(
            (line["file"], line["size_bytes"], line["records"], line["header"], line["trailer"], tables, line["unknown"],
             line["lost_bytes"], agreement(whole, words))
        )  # fmt: skip
    return [Table("files", FILE_LINES, rows, words("files.note"))] if rows else []


def _fate(entry: Mapping[str, Any], words: Words) -> tuple[Cell, ...]:
    left_out = sum(entry["excluded"].values())
    adds_up = entry["read"] == entry["refused"] + left_out + entry["used"] + entry["not_used"]
    return (
        words.file(entry["table"]), entry["read"], entry["refused"], left_out, entry["used"], entry["not_used"],
        _reasons(entry["excluded"]), agreement(adds_up, words),
    )  # fmt: skip


def _origin(entry: Mapping[str, Any], words: Words) -> tuple[Cell, ...]:
    return (
        words.group(entry["group"]), entry["read"], entry["created"], entry["split"], entry["accepted"],
        entry["rejected"], entry["excluded"], entry["merged"], agreement(entry["balanced"], words),
    )  # fmt: skip


def _fate_bars(tables: list[dict[str, Any]], words: Words) -> Picture:
    looks = ("used", "excluded", "refused", "not_used")
    bars = [
        (
            words.file(entry["table"]),
            [
                ("used", words("used"), entry["used"]),
                *(("excluded", f"{words('excluded')} {reason}", n) for reason, n in entry["excluded"].items()),
                ("refused", words("refused"), entry["refused"]),
                ("not_used", words("not_used"), entry["not_used"]),
            ],
        )
        for entry in tables
    ]
    return picture("fate", words("fate.note"), [(look, words(look)) for look in looks], bars)


def _origin_bars(groups: list[dict[str, Any]], words: Words) -> Picture:
    looks = ("accepted", "excluded", "merged", "rejected")
    bars = [(words.group(entry["group"]), [(look, words(look), entry[look]) for look in looks]) for entry in groups]
    return picture("origin", words("origin.note"), [(look, words(look)) for look in looks], bars)


def _reasons(excluded: Mapping[str, int]) -> str:
    return "、".join(f"{reason} {count:,}" for reason, count in excluded.items() if count)


def agreement(holds: Any, words: Words) -> Mark:
    """Whether both sides agree, in words."""
    return Mark("good", words("status.yes")) if holds else Mark("bad", words("status.no"))


def _sides(total: Mapping[str, Any]) -> tuple[Cell, Cell, Cell]:
    """Both sides and their difference; of fewer than ten records the amounts are not told."""
    if total["source"] is None:
        return SMALL, SMALL, ""
    return total["source"], total["target"], total["target"] - total["source"]


def totals(result: Mapping[str, Any], words: Words) -> Section:
    """Control totals of source and target side by side."""
    found = rows_of(result, "reconciliation", "totals")
    if found is None:
        return Section("totals")
    rows: list[tuple[Cell, ...]] = [(t["total"], *_sides(t), agreement(t["agrees"], words)) for t in found]
    return Section("totals", [Table("totals", TOTALS, rows)])
