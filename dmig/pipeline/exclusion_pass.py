"""Pass 9, third part: were the right records left out? Each declared exclusion is read a second time from the source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from dmig.pipeline.tasks import Workers, once
from dmig.plan.exclusions import given_reasons
from dmig.stages import reconcile
from dmig.stages.reconcile import KeyFile, LeftOut
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
    parts, tables = Parts(make_private(folder)), context.plan.legacy.tables
    for number, plan in enumerate(context.plan.groups):
        gone = shaped[plan.group.group].fates("excluded")
        found = [pl.DataFrame(schema=SCHEMA)]
        for (index,), rows in gone.filter(pl.col(TABLE) < len(tables)).group_by([TABLE], maintain_order=True):
            table = tables[int(str(index))].table
            place = locate(staged[table], rows[ROW])["offset_bytes"].cast(pl.Int64).alias("offset")
            found.append(rows.select(pl.lit(table).alias("table"), "reason").with_columns(place))
        parts.write(number, pl.concat(found))


@dataclass(frozen=True, slots=True)
class ProofTask:
    """One declared exclusion in one table, and the groups that leave records of it out."""

    proof: ExclusionProof
    table: str
    file: KeyFile
    rule: LeftOut
    groups: tuple[tuple[int, str], ...]
    noted: Path
    mark: Path


def prove(task: ProofTask) -> dict[str, Any]:
    """Read one table once for all groups, in whatever process this is."""

    def work() -> dict[str, Any]:
        found = reconcile.left_out(task.file, task.rule)
        lines = []
        for number, group in task.groups:
            own = Parts(task.noted).read(number).filter(pl.col("table") == task.table)
            excluded = own.filter(pl.col("reason") == task.proof.reason)["offset"].unique().to_numpy()
            stands = reconcile.stand_out(found, excluded, own["offset"].unique().to_numpy())
            lines.append(
                {"group": group, "table": task.table, "reason": task.proof.reason, "source": stands.source,
                 "excluded": stands.excluded, "kept": stands.kept, "wrong": stands.wrong}
            )  # fmt: skip
        return {"lines": lines}

    return once(task.mark, work)


def exclusion_pass(context: Context, workers: Workers, noted: Path, folder: Path) -> list[Line]:
    """How each declared exclusion stands to a second reading, group by group and table by table; not yet judged."""
    if not noted.is_dir():
        return []
    tasks = list(_tasks(context, noted, folder))
    proved = [line for result in workers.map(prove, tasks) for line in result["lines"]]
    known = {(line["group"], line["table"], line["reason"]) for line in proved}
    reasons, parts = given_reasons(context.plan.mapping), Parts(noted)
    for number, plan in enumerate(context.plan.groups):
        counted = parts.read(number).filter(pl.col("reason").is_in(sorted(reasons))).group_by("table", "reason").len()
        for table, reason, count in counted.sort("table", "reason").iter_rows():
            if (plan.group.group, table, reason) not in known:
                line = {"group": plan.group.group, "table": table, "reason": reason, "excluded": count}
                proved.append(line | dict.fromkeys(("source", "kept", "wrong")))
    return proved


def _tasks(context: Context, noted: Path, folder: Path) -> Iterator[ProofTask]:
    legacy = context.plan.legacy
    for at, proof in enumerate(context.plan.mapping.exclusions):
        for table in (t for t in legacy.tables if t.table in proof.tables):
            items = [item.item for item in table.items]
            places = tuple(items.index(item) for item in proof.items)
            file = KeyFile(context.inputs[table.table].path, legacy.csv.header, legacy.csv.delimiter, places[0],
                           table.line_breaks == "allowed")  # fmt: skip
            groups = tuple(
                (number, plan.group.group) for number, plan in enumerate(context.plan.groups)
                if _leaves_out(context, plan.group.group, table.table, proof.reason)
            )  # fmt: skip
            if groups:
                rule = LeftOut(proof.kind, places, proof.values)
                yield ProofTask(proof, table.table, file, rule, groups, noted, folder / f"{at:03d}-{table.table}.json")


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
