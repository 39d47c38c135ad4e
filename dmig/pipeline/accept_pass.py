"""Pass 8: every published file read again as raw text and judged by the suite of its group, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from dmig.model.layout import CsvDialect
from dmig.pipeline.context import Context
from dmig.pipeline.suites import Suites
from dmig.pipeline.tasks import Workers, once
from dmig.pipeline.write_pass import Output
from dmig.plan.nouns import GroupPlan
from dmig.stages import reconcile
from dmig.stages.accept import (
    NO_PRIVATE_USE,
    Expectation,
    Seen,
    Unreadable,
    heading,
    judge,
    private_use,
    read_records,
)

#: Rows of one batch, in some 600 MiB. Batches depend on nothing but the file: any number of workers finds the same.
BATCH_ROWS = 60_000
PASSED, FAILED, NOT_RUN, NOT_APPLICABLE = "passed", "failed", "could not run", "not applicable"
NO_ROWS, MAY_BE_EMPTY, UNREADABLE = "no rows", "may be empty", "unreadable"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the acceptance came to: counts by group, and each expectation with its items and rules."""

    groups: tuple[dict[str, Any], ...]
    expectations: tuple[dict[str, Any], ...]

    @property
    def failed(self) -> int:
        """Expectations that something written does not meet."""
        return sum(int(group["failed"]) for group in self.groups)

    @property
    def not_run(self) -> int:
        """Expectations that could not be evaluated."""
        return sum(int(group["could_not_run"]) for group in self.groups)


@dataclass(frozen=True, slots=True)
class ScanTask:
    """One published file to be cut into batches of the announced rows."""

    csv: Path
    dialect: CsvDialect
    items: tuple[str, ...]
    heights: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AcceptTask:
    """One batch of a file: the bytes it lies in, the rows it was announced to have, and what is expected of it."""

    expectations: tuple[Expectation, ...]
    csv: Path
    names: tuple[str, ...]
    run: tuple[int, int]
    announced: int
    mark: Path
    agreed: str


def scan_written(task: ScanTask) -> dict[str, Any]:
    """The file's heading, and where its batches lie; the last one goes to the end of the file, whatever stands there."""
    names, start = heading(task.csv, task.dialect, task.items)
    places, _ = reconcile.cut(task.csv, start, task.heights)
    return {"names": names, "places": [*places[:-1], max(start, task.csv.stat().st_size)]}


def accept_pass(
    context: Context, workers: Workers, outputs: list[Output], published: Path, folder: Path, suites: Suites
) -> Accepted:
    """Judge the file of every group; `suites` are those of its layout, read from their files."""
    files = {output.group: output for output in outputs if output.kind == "csv"}
    plans = [plan for plan in context.plan.groups if plan.group.group in files]
    scans = [_scan(context, plan, files[plan.group.group], published) for plan in plans]
    batches: list[tuple[GroupPlan, AcceptTask]] = []
    agreed = context.plan.mapping.agreed
    for plan, scan, said in zip(plans, scans, workers.map(scan_written, scans), strict=True):
        group = plan.group.group
        for number, run in enumerate(pairwise(said["places"])):
            mark = folder / group / f"{number:05d}.json"
            height = scan.heights[number]
            batches.append((plan, AcceptTask(suites[group], scan.csv, tuple(said["names"]), run, height, mark, agreed)))
    seen: dict[str, list[dict[str, Any]]] = {plan.group.group: [] for plan in plans}
    for (plan, _), result in zip(batches, workers.map(accept_batch, [task for _, task in batches]), strict=True):
        seen[plan.group.group].append(result)
    judged = [
        (
            plan,
            [*_lines(plan, suites[plan.group.group], seen[plan.group.group]), *_private(plan, seen[plan.group.group])],
        )
        for plan in plans
    ]
    return Accepted(
        tuple(_counts(plan, seen[plan.group.group], lines) for plan, lines in judged),
        tuple(line for _, lines in judged for line in lines),
    )


def _scan(context: Context, plan: GroupPlan, output: Output, published: Path) -> ScanTask:
    whole, rest = divmod(output.records, BATCH_ROWS)
    heights = (BATCH_ROWS,) * whole + ((rest,) if rest or not whole else ())
    items = tuple(item.name for item in plan.group.items)
    return ScanTask(published / output.file, context.plan.layout.dialect, items, heights)


def accept_batch(task: AcceptTask) -> dict[str, Any]:
    """Judge one batch in whatever process this is."""

    def work() -> dict[str, Any]:
        wanted = tuple(dict.fromkeys(item for found in task.expectations for item in found.items))
        try:
            batch = read_records(task.csv, *task.run, task.names, wanted)
        except Unreadable:
            unread = [asdict(Seen(0, 0, UNREADABLE)) for _ in task.expectations]
            return {"announced": task.announced, "rows": 0, "seen": unread, "private": asdict(Seen(0, 0, UNREADABLE))}
        rows = batch.num_rows
        seen = [
            judge(found, task.names, batch, task.announced) if rows or found.of_table else Seen(0, 0)
            for found in task.expectations
        ]
        private = private_use(task.csv, task.run, task.names, task.agreed, rows)
        return {
            "announced": task.announced, "rows": rows, "seen": [asdict(entry) for entry in seen],
            "private": asdict(private),
        }  # fmt: skip

    return once(task.mark, work)


def _lines(plan: GroupPlan, suite: tuple[Expectation, ...], batches: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The result's entries of one group, in the suite's order; items found at fault have entries of their own."""
    empty = plan.group.may_be_empty and not any(batch["announced"] for batch in batches)
    for number, found in enumerate(suite):
        seen = [Seen(**batch["seen"][number]) for batch in batches]
        whole = _line(plan, found, seen, empty)
        at_fault = [item for item in found.items if any(entry.faults.get(item) for entry in seen)]
        if whole["status"] != FAILED or not at_fault:
            yield whole
            continue
        for item in at_fault:
            alone = [replace(entry, unexpected=entry.faults.get(item, 0)) for entry in seen]
            yield _line(plan, _part(plan, found, (item,)), alone, empty)
        if others := tuple(item for item in found.items if item not in at_fault):
            yield _line(plan, _part(plan, found, others), [replace(entry, unexpected=0) for entry in seen], empty)


def _private(plan: GroupPlan, batches: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Whether the file has private-use characters that no agreement gives a meaning; items that have some are named."""
    empty = plan.group.may_be_empty and not any(batch["announced"] for batch in batches)
    seen = [Seen(**batch["private"]) for batch in batches]
    rules = {rule.items[0]: rule.rule for rule in plan.rules if rule.kind == "private_use"}
    ids = {item.name: item.item for item in plan.group.items}
    # A heading that the layout does not have is not said: it stands in the file, so it may hold anything.
    at_fault = [name for name in ids if any(entry.faults.get(name) for entry in seen)]
    if not at_fault:
        yield _line(plan, Expectation(NO_PRIVATE_USE, {}, (), tuple(rules.values())), seen, empty)
    for name in at_fault:
        alone = [replace(entry, unexpected=entry.faults.get(name, 0)) for entry in seen]
        own = rules.get(ids[name])
        yield _line(plan, Expectation(NO_PRIVATE_USE, {}, (name,), (own,) if own else ()), alone, empty)


def _part(plan: GroupPlan, found: Expectation, items: tuple[str, ...]) -> Expectation:
    """An expectation of several items, spoken of some of them only."""
    names = {item.item for item in plan.group.items if item.name in items}
    own = {rule.rule for rule in plan.rules if rule.items[0] in names}
    return replace(found, items=items, rules=tuple(rule for rule in found.rules if rule in own))


def _line(plan: GroupPlan, found: Expectation, seen: list[Seen], may_see_none: bool) -> dict[str, Any]:
    """One entry. An expectation that saw no row has not passed, unless none was announced and none need be there."""
    evaluated, unexpected = sum(entry.evaluated for entry in seen), sum(entry.unexpected for entry in seen)
    reasons = dict.fromkeys(entry.reason for entry in seen if entry.reason)
    if unexpected:
        status = FAILED
    elif reasons:
        status = NOT_RUN
    elif evaluated:
        status = PASSED
    else:
        status = NOT_APPLICABLE if may_see_none else NOT_RUN
        reasons = {MAY_BE_EMPTY if may_see_none else NO_ROWS: None}
    return {
        "group": plan.group.group, "expectation": found.type, "item": " ".join(found.items),
        "rules": list(found.rules), "status": status, "evaluated": evaluated, "unexpected": unexpected,
        "reason": ", ".join(reasons),
    }  # fmt: skip


def _counts(plan: GroupPlan, batches: list[dict[str, Any]], lines: list[dict[str, Any]]) -> dict[str, Any]:
    said = [line["status"] for line in lines]
    return {
        "group": plan.group.group, "batches": len(batches), "rows": sum(int(batch["rows"]) for batch in batches),
        "passed": said.count(PASSED), "failed": said.count(FAILED), "could_not_run": said.count(NOT_RUN),
        "not_applicable": said.count(NOT_APPLICABLE),
    }  # fmt: skip
