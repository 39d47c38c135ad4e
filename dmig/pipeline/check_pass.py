"""Pass 5: the row contract part by part, then rules over sets on key items; proof of how many rows each rule saw."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from dmig.model.layout import Rule
from dmig.model.reports import empty_reports
from dmig.pipeline import worker
from dmig.pipeline.context import Context
from dmig.pipeline.convert_pass import ConvertedGroup
from dmig.pipeline.rows import StandardRows
from dmig.pipeline.tasks import Workers, once
from dmig.plan.nouns import GroupPlan
from dmig.plan.rules import SET, side_items
from dmig.stages.check import set_violations
from dmig.store.parts import Parts


@dataclass(frozen=True, slots=True)
class CheckTask:
    """One converted part of one group."""

    group: str
    index: int
    converted: Path
    rows: StandardRows
    folder: Path


@dataclass(frozen=True, slots=True)
class CheckedGroup:
    """What the rules said: reports by part, reports of sets (`part`, `row` inside), rows seen by each rule."""

    group: str
    folder: Path
    set_reports: pl.DataFrame
    evaluated: dict[str, int]

    @property
    def reports(self) -> Parts:
        """Reports of row rules, part by part."""
        return Parts(self.folder / "reports")


def check_pass(
    context: Context, workers: Workers, converted: dict[str, ConvertedGroup], folder: Path
) -> dict[str, CheckedGroup]:
    """Judge every part of every group, then the sets."""
    seen: dict[str, dict[str, int]] = {}
    for name, group in converted.items():
        plan, place = context.group(name), folder / name
        tasks = [CheckTask(name, part.index, group.folder, group.rows, place) for part in group.parts]
        evaluated = {rule.rule: 0 for rule in plan.rules}
        for result in workers.map(check_part, tasks):
            for rule, rows in result["evaluated"].items():
                evaluated[rule] += rows
        seen[name] = evaluated
    sets = workers.alone(judge_sets, context, converted)
    return {name: CheckedGroup(name, folder / name, sets[name][0], seen[name] | sets[name][1]) for name in converted}


def judge_sets(
    context: Context, converted: dict[str, ConvertedGroup]
) -> dict[str, tuple[pl.DataFrame, dict[str, int]]]:
    """Rules over sets of all groups: reports, and rows seen by rule; a narrow pass."""
    return {name: _judge_sets(context.group(name), group, converted) for name, group in converted.items()}


def check_part(task: CheckTask) -> dict[str, Any]:
    """Judge one part in whatever process this is."""

    def work() -> dict[str, Any]:
        kernels = worker.current().groups[task.group]
        group = worker.current().plan.group(task.group).group
        cells = task.rows.cells(task.index, [item.item for item in group.items])
        unjudged = Parts(task.converted / "unjudged").read(task.index)
        judged = kernels.contract.run(cells, unjudged)
        Parts(task.folder / "reports").write(task.index, judged.reports)
        return {"evaluated": judged.evaluated, "rows": cells.height}

    return once(task.folder / f"{task.index:05d}.json", work)


def _judge_sets(
    plan: GroupPlan, group: ConvertedGroup, converted: dict[str, ConvertedGroup]
) -> tuple[pl.DataFrame, dict[str, int]]:
    """All set rules of a group; each reads only its own items."""
    found, seen = [empty_reports()], {}
    sources = worker.source_items(plan)
    for rule in plan.rules:
        if rule.scope in SET:
            other = None
            if rule.kind == "exists":
                there, item = converted[rule.args["group"]], rule.args["item"]
                empty = [pl.Series(item, [], pl.String)]
                other = pl.concat([*empty, *(there.rows.read(part.index, (item,))[item] for part in there.parts)])
            reports, rows = set_violations(rule, _narrow(rule, group), sources, other)
            found.append(reports)
            seen[rule.rule] = rows
    return pl.concat(found), seen


def _narrow(rule: Rule, group: ConvertedGroup) -> pl.DataFrame:
    items = tuple(dict.fromkeys((*rule.items, *side_items(rule))))
    frames = [
        group.rows.read(part.index, items)
        .with_row_index("row")
        .with_columns(pl.lit(part.index, pl.UInt32).alias("part"))
        for part in group.parts
    ]
    empty = pl.DataFrame(schema={"row": pl.UInt32, **dict.fromkeys(items, pl.String), "part": pl.UInt32})
    return pl.concat([empty, *frames])
