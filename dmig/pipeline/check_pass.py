"""Pass 5: the row contract part by part, then rules over sets on key items; proof of how many rows each rule saw."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from dmig.model.layout import Rule, Scope
from dmig.model.reports import empty_reports
from dmig.pipeline import worker
from dmig.pipeline.context import Context
from dmig.pipeline.convert_pass import ConvertedGroup
from dmig.pipeline.rows import StandardRows
from dmig.pipeline.tasks import Workers, once
from dmig.plan.rules import OF_GROUPS, SET
from dmig.stages.check import UNIT, other_items, relevant, set_items, set_keys, set_violations
from dmig.steps.partitions import ROWS_AT_ONCE, InMemory, Keep, Kept, Stream, part_together
from dmig.store.parts import Parts
from dmig.store.private import make_private
from dmig.store.spill import Spill


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
    evaluated: dict[str, int]

    @property
    def reports(self) -> Parts:
        """Reports of row rules, part by part."""
        return Parts(self.folder / "reports")

    @property
    def set_reports(self) -> pl.DataFrame:
        """Reports of rules over sets."""
        found: pl.DataFrame = pl.concat([empty_reports(), *Parts(self.folder / "sets").frames()])
        return found


@dataclass(frozen=True, slots=True)
class SetTask:
    """One rule over sets, by its place among the rules of its group."""

    context: Context
    group: str
    place: int
    converted: dict[str, ConvertedGroup]
    folder: Path


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
    for name, evaluated in _judge_sets(context, workers, converted, folder).items():
        seen[name] |= evaluated
    return {name: CheckedGroup(name, folder / name, seen[name]) for name in converted}


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
    context: Context, workers: Workers, converted: dict[str, ConvertedGroup], folder: Path
) -> dict[str, dict[str, int]]:
    """Rows seen by each rule over sets; every rule is a narrow pass of its own."""
    tasks = [
        SetTask(context, name, place, converted, folder / name)
        for name in converted
        for place, rule in enumerate(context.group(name).rules)
        if rule.scope in SET
    ]
    tasks.sort(key=lambda task: -sum(part.rows for part in converted[task.group].parts))
    seen: dict[str, dict[str, int]] = {name: {} for name in converted}
    for task, result in zip(tasks, workers.map(judge_set, tasks), strict=True):
        seen[task.group][context.group(task.group).rules[task.place].rule] = int(result["rows"])
    return seen


def judge_set(task: SetTask) -> dict[str, Any]:
    """Judge one rule over sets of its items in whatever process this is."""
    plan = task.context.group(task.group)
    rule = plan.rules[task.place]

    def work() -> dict[str, Any]:
        spill = Spill(make_private(task.folder) / f"spill-{task.place}")
        unit = plan.group.unit if rule.scope is Scope.BATCH else ""
        own = _narrow(task.converted[task.group], set_items(rule), rule, spill.keep, unit)
        other = None
        if rule.kind in OF_GROUPS:
            other = _narrow(task.converted[rule.args["group"]], other_items(rule), None, spill.keep)
        parted = _parted(rule, own, other, spill.keep)
        found, rows = [empty_reports()], 0
        for number in range(len(parted[0].partitions)):
            there = parted[1].load(number) if len(parted) > 1 else None
            said, judged = set_violations(rule, parted[0].load(number), worker.source_items(plan), there)
            found.append(said)
            rows += judged
        Parts(task.folder / "sets").write(task.place, pl.concat(found).sort("part", "row"))
        spill.close()
        return {"rows": rows}

    return once(task.folder / f"set-{task.place}.json", work)


def _parted(rule: Rule, own: Stream, other: Stream | None, keep: Keep) -> list[Stream]:
    """Rows of one set together, and beside them what the rule looks at in another group; few rows stay as they are.

    They are parted by the item that tells most sets apart: a year would leave them all in one part.
    """
    streams = [own] if other is None else [own, other]
    if sum(stream.height for stream in streams) <= ROWS_AT_ONCE:
        return [Stream.of(stream.frame()) for stream in streams]
    keys = set_keys(rule)
    sample = next(own.pieces()).load(keys)
    item = max(keys, key=lambda key: sample[key].n_unique())
    there = rule.args["item"] if rule.kind == "exists" else item
    return part_together([(own, item), *([(other, there)] if other is not None else [])], keep)


def _narrow(group: ConvertedGroup, items: tuple[str, ...], rule: Rule | None, keep: Keep, unit: str = "") -> Stream:
    """The items of all rows that a rule speaks of, with `part`, `row` and the unit, a stretch of parts at a time."""
    units = {UNIT: pl.col(unit)} if unit else {}
    empty = pl.DataFrame(schema={"row": pl.UInt32, **dict.fromkeys((*items, *units), pl.String), "part": pl.UInt32})
    pieces: list[tuple[Kept, ...]] = []
    frames: list[pl.DataFrame] = []
    for part in group.parts:
        rows = group.rows.read(part.index, tuple(dict.fromkeys((*items, *([unit] if unit else ()))))).with_row_index(
            "row"
        )
        rows = rows.select("row", *items, **units)
        rows = rows.with_columns(pl.lit(part.index, pl.UInt32).alias("part"))
        rows = relevant(rule, rows) if rule else rows
        # A frame without rows would still hold the texts of its part.
        frames += [rows] if rows.height else []
        if sum(frame.height for frame in frames) >= ROWS_AT_ONCE:
            pieces.append((keep(pl.concat(frames)),))
            frames = []
    pieces.append((InMemory(pl.concat([empty, *frames])),))
    return Stream(tuple(pieces))
