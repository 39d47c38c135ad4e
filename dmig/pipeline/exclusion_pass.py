"""Pass 9, third part: were the right records left out? Each declared exclusion is read a second time from the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from dmig.model.mapping import ExclusionProof
from dmig.pipeline.conservation import unreadable
from dmig.pipeline.context import Context
from dmig.pipeline.narrow import locate
from dmig.pipeline.read_pass import Staged
from dmig.pipeline.shape_pass import ShapedGroup
from dmig.pipeline.tasks import once
from dmig.plan.exclusions import given_reasons
from dmig.stages import reconcile
from dmig.stages.reconcile import LeftOut
from dmig.steps.contract import ROW, TABLE
from dmig.store.parts import Parts
from dmig.store.private import make_private

Line = dict[str, Any]
#: Folder of what each group has left out, beside the marks of the reconciliation.
NOTED = "excluded"
#: Records that a group has left out: the table, the reason, and where each begins in its file.
SCHEMA = {"table": pl.String, "reason": pl.String, "offset": pl.Int64}


def note_excluded(context: Context, staged: dict[str, Staged], shaped: dict[str, ShapedGroup], folder: Path) -> None:
    """Put down beside the run which records each group has left out, so that it can be asked about later too."""

    def work() -> dict[str, Any]:
        parts = Parts(make_private(folder))
        for number, plan in enumerate(context.plan.groups):
            parts.write(number, _left_out(context, staged, shaped[plan.group.group].fates("excluded")))
        return {}

    once(folder / "noted.json", work)


def _left_out(context: Context, staged: dict[str, Staged], gone: pl.DataFrame) -> pl.DataFrame:
    """Rows that a group has left out, with where their records begin."""
    tables, found = context.plan.legacy.tables, [pl.DataFrame(schema=SCHEMA)]
    for (index,), rows in gone.filter(pl.col(TABLE) < len(tables)).group_by([TABLE], maintain_order=True):
        table = tables[int(str(index))].table
        place = locate(staged[table], rows[ROW])["offset_bytes"].cast(pl.Int64).alias("offset")
        found.append(rows.select(pl.lit(table).alias("table"), "reason").with_columns(place))
    return pl.concat(found)


@dataclass(frozen=True, slots=True)
class Rule:
    """One declared exclusion in one table: where what it leaves out is put down by the scan of the table."""

    proof: ExclusionProof
    table: str
    left_out: LeftOut
    name: str


def rules_of(context: Context) -> list[Rule]:
    """Every declared exclusion in every table that it names."""
    found = []
    for at, proof in enumerate(context.plan.mapping.exclusions):
        for table in (t for t in context.plan.legacy.tables if t.table in proof.tables):
            items = [item.item for item in table.items]
            rule = LeftOut(proof.kind, tuple(items.index(item) for item in proof.items), proof.values)
            found.append(Rule(proof, table.table, rule, f"left-{at:03d}-{table.table}"))
    return found


def exclusion_pass(context: Context, noted: Path, scanned: Path) -> list[Line]:
    """How each declared exclusion stands to a second reading, group by group and table by table; not yet judged.

    `noted` is the folder of what the run has left out, `scanned` that of what the scans have found.
    """
    if not noted.is_dir():
        return []
    parts, proved = Parts(noted), list[Line]()
    rules = rules_of(context)
    for number, plan in enumerate(context.plan.groups):
        own = parts.read(number)
        for rule in rules:
            if _leaves_out(context, plan.group.group, rule.table, rule.proof.reason):
                proved.append(_proved(plan.group.group, rule, own, Parts(scanned / rule.name).read(0)["offset"]))
        known = {(line["table"], line["reason"]) for line in proved if line["group"] == plan.group.group}
        reasons = sorted(given_reasons(context.plan.mapping))
        counted = own.filter(pl.col("reason").is_in(reasons)).group_by("table", "reason").len().sort("table", "reason")
        for table, reason, count in counted.iter_rows():
            if (table, reason) not in known:
                line = {"group": plan.group.group, "table": table, "reason": reason, "excluded": count}
                proved.append(line | dict.fromkeys(("source", "kept", "wrong")))
    return proved


def _proved(group: str, rule: Rule, own: pl.DataFrame, found: pl.Series) -> Line:
    rows = own.filter(pl.col("table") == rule.table)
    excluded = rows.filter(pl.col("reason") == rule.proof.reason)["offset"].unique().to_numpy()
    stands = reconcile.stand_out(found.to_numpy(), excluded, rows["offset"].unique().to_numpy())
    return {
        "group": group, "table": rule.table, "reason": rule.proof.reason, "source": stands.source,
        "excluded": stands.excluded, "kept": stands.kept, "wrong": stands.wrong,
    }  # fmt: skip


def _leaves_out(context: Context, group: str, table: str, reason: str) -> bool:
    """Whether a step of the group gives that reason to rows that come from the table."""
    feeds: dict[str, set[str]] = {t.table: {t.table} for t in context.plan.legacy.tables}
    for step in context.plan.group(group).shape:
        own = set().union(*(feeds.get(name, set()) for name in step.inputs))
        feeds[step.output] = own
        if rest := step.arg("rest"):
            feeds[rest] = own
        if step.arg("reason") == reason and table in own:
            return True
    return False


def judge_exclusions(lines: Sequence[Line], tables: Sequence[Line], corrected: Mapping[str, int]) -> tuple[Line, ...]:
    """A record that a rule leaves out and the run kept must have been refused, or corrected by staff; none is wrong."""
    refused = {entry["table"]: unreadable(entry) for entry in tables}
    judged = []
    for line in lines:
        most = refused[line["table"]] + corrected.get(line["table"], 0)
        proved = line["source"] is not None
        holds = not proved or (line["wrong"] <= corrected.get(line["table"], 0) and line["kept"] <= most)
        judged.append(line | {"explained": most, "proved": proved, "agrees": holds})
    return tuple(judged)
