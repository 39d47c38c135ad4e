"""Pass 9, second half: who is in the files. Records counted again, keys of source and target, references that dangle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from dmig.model.layout import Group
from dmig.model.repairs import MANUAL_REASON
from dmig.model.reports import ROOT
from dmig.pipeline.conservation import unreadable
from dmig.pipeline.context import Context
from dmig.pipeline.exclusion_pass import NOTED, Rule, exclusion_pass, judge_exclusions, rules_of
from dmig.pipeline.narrow import start_tables
from dmig.pipeline.rereading import corrected_sources, records_again
from dmig.pipeline.tasks import Workers, once
from dmig.pipeline.write_pass import Output
from dmig.plan.nouns import GroupPlan, Plan
from dmig.plan.rules import KINDS
from dmig.stages import reconcile
from dmig.stages.reconcile import SIGNATURE, HostFile, KeyFile
from dmig.store.parts import Parts
from dmig.store.private import make_private

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Populations:
    """What was found: lines of keys, of references, and of records, each with whether it comes out."""

    keys: tuple[Line, ...] = ()
    references: tuple[Line, ...] = ()
    records: tuple[Line, ...] = ()
    exclusions: tuple[Line, ...] = ()

    @property
    def differences(self) -> int:
        """Lines that do not come out; records are totals and counted with them."""
        return sum(1 for line in (*self.keys, *self.references, *self.exclusions) if not line["agrees"])

    @property
    def unproved(self) -> int:
        """Exclusions that no second reading proves."""
        return sum(1 for line in self.exclusions if not line["proved"])


#: Before anything was counted.
NOBODY = Populations()


def in_result(found: Populations) -> dict[str, Any]:
    """The parts of the result's `reconciliation`."""
    return {"keys": list(found.keys), "references": list(found.references), "exclusions": list(found.exclusions)}


@dataclass(frozen=True, slots=True)
class ScanTask:
    """One legacy file, read once: the items whose keys are wanted, and the exclusions declared for it."""

    table: str
    file: KeyFile | HostFile
    items: tuple[tuple[str, int], ...]
    rules: tuple[Rule, ...]
    folder: Path


def scan_table(task: ScanTask) -> dict[str, Any]:
    """Scan one file in whatever process this is; what is found stays in the folder."""

    def work() -> dict[str, Any]:
        rules = [rule.left_out for rule in task.rules]
        found = reconcile.scan(task.file, [place for _, place in task.items], rules)
        for (item, _), keys in zip(task.items, found.keys, strict=True):
            Parts(make_private(task.folder / f"{task.table}-{item}")).write(0, keys.to_frame("key"))
        for rule, offsets in zip(task.rules, found.left_out, strict=True):
            Parts(make_private(task.folder / rule.name)).write(0, pl.DataFrame({"offset": offsets}))
        return {"records": found.records}

    return once(task.folder / f"{task.table}.json", work)


@dataclass(frozen=True, slots=True)
class PublishedTask:
    """An item of a group whose distinct values are wanted, by its own group or by others that refer to it."""

    group: str
    item: str
    parts: tuple[Path, ...]
    folder: Path

    @property
    def place(self) -> Path:
        """Where they are put down."""
        return self.folder / f"published-{self.group}-{self.item}"


def gather_published(task: PublishedTask) -> dict[str, Any]:
    """The distinct values of one item in whatever process this is; each is read once, whoever asks for them."""

    def work() -> dict[str, Any]:
        keys = reconcile.published_keys(task.parts, task.item)
        Parts(make_private(task.place)).write(0, keys.to_frame("key"))
        return {}

    return once(task.place.with_suffix(".json"), work)


@dataclass(frozen=True, slots=True)
class GroupTask:
    """One group: its published parts, its keys, the source's, and what it refers to (with where those keys lie).

    `corrected` are keys that staff corrected: what stood there before need not be found again.
    """

    group: str
    own: Path
    primary: tuple[str, ...]
    parts: tuple[Path, ...]
    sources: tuple[Path, ...]
    references: tuple[tuple[str, str, Path], ...]
    folder: Path
    corrected: tuple[str, ...] = field(default=(), repr=False)


def compare_group(task: GroupTask) -> dict[str, Any]:
    """Keys and references of one group in whatever process this is."""

    def work() -> dict[str, Any]:
        own = Parts(task.own).read(0)["key"]
        line = None
        if task.sources:
            source = reconcile.Distinct()
            source.add(pl.Series("key", task.corrected, dtype=pl.String))
            for folder in task.sources:
                source.add(Parts(folder).read(0)["key"])
            line = reconcile.stand(source.keys(), own)
            del source
        spill = make_private(task.folder / f"{task.group}-spill")
        doubled = reconcile.doubled_keys(task.parts, task.primary, spill)
        found = []
        for item, other, place in task.references:
            rows, lost = reconcile.dangling(task.parts, item, Parts(place).read(0)["key"])
            found.append({"item": item, "other": other, "rows": rows, "dangling": lost})
        keys = {"source": line.source, "target": line.target, "missing": line.missing, "extra": line.extra} if line else {
            "source": None, "target": own.len(), "missing": None, "extra": None}  # fmt: skip
        return {"keys": keys | {"doubled": doubled}, "references": found}

    return once(task.folder / f"{task.group}.json", work)


def population_pass(
    context: Context, workers: Workers, outputs: Sequence[Output], published: Path, folder: Path
) -> dict[str, Any]:
    """What stands in the files, not yet judged: records by table, keys and references by group."""
    context.corrected = corrected_sources(context, workers)
    again = folder / "populations"
    tasks = sorted(_scans(context, again / "source"), key=lambda task: -task.file.path.stat().st_size)
    results = dict(zip((task.table for task in tasks), workers.map(scan_table, tasks), strict=True))
    parts = {
        plan.group.group: tuple(
            published / o.file for o in outputs if o.group == plan.group.group and o.kind == "parquet"
        )
        for plan in context.plan.groups
    }
    list(workers.map(gather_published, _wanted(context, parts, again)))
    groups = [_group_task(context, plan, parts, again) for plan in context.plan.groups]
    # One after the other: each holds the keys of a whole group.
    found = {task.group: next(iter(workers.map(compare_group, [task]))) for task in groups}
    for plan in context.plan.groups:
        for reference in found[plan.group.group]["references"]:
            group, _, item = reference["other"].partition(".")
            reference["name"] = _name(plan.group, reference["item"])
            reference["other_name"] = _name(context.plan.group(group).group, item)
        found[plan.group.group]["tables"] = [table for table, _ in _tables(context, plan)]
        found[plan.group.group]["corrected"] = len(_corrected_keys(context, plan))
    records = {table: int(result["records"]) for table, result in results.items()}
    excluded = exclusion_pass(context, folder / NOTED, again / "source")
    corrected = {table: len(cells) for table, cells in context.corrected.items()}
    return {"records": records, "groups": found, "exclusions": excluded, "corrected": corrected}


def _name(group: Group, item: str) -> str:
    found = group.item(item)
    return found.name if found else item


def _unit_item(context: Context, plan: GroupPlan) -> str:
    """The source item that gives the units of a group unchanged; "" where none does."""
    for proof in context.plan.mapping.proofs:
        if (proof.group, proof.targets, proof.proof, proof.signature) == (
            plan.group.group, (plan.group.unit,), SIGNATURE, "exact",
        ):  # fmt: skip
            return reconcile.source_item(proof.sources[0])
    return ""


def _tables(context: Context, plan: GroupPlan) -> Iterator[tuple[str, str]]:
    """Tables that feed a group, with the item that gives its units, where they have it."""
    item = _unit_item(context, plan)
    for name in plan.tables or start_tables(context, plan, with_lookups=False):
        table = context.plan.legacy.table(name)
        if item and table is not None and table.item(item) is not None:
            yield name, item


def _scans(context: Context, folder: Path) -> Iterator[ScanTask]:
    """Every file once: its records are counted even where nobody wants its keys."""
    legacy, rules = context.plan.legacy, rules_of(context)
    wanted = dict.fromkeys(pair for plan in context.plan.groups for pair in _tables(context, plan))
    for table in legacy.tables:
        at = {item.item: place for place, item in enumerate(table.items)}
        items = tuple((item, at[item]) for name, item in wanted if name == table.table)
        file = records_again(legacy, table, context.inputs[table.table].path)
        yield ScanTask(table.table, file, items, tuple(rule for rule in rules if rule.table == table.table), folder)


def _published(group: str, item: str, parts: Mapping[str, tuple[Path, ...]], folder: Path) -> PublishedTask:
    return PublishedTask(group, item, parts[group], folder)


def _wanted(context: Context, parts: Mapping[str, tuple[Path, ...]], folder: Path) -> list[PublishedTask]:
    """Items whose values are wanted: those that make units, and those referred to; each once."""
    rules = (rule for plan in context.plan.groups for rule in plan.rules if rule.kind == "exists")
    wanted = [(plan.group.group, plan.group.unit) for plan in context.plan.groups]
    wanted += [(rule.args["group"], rule.args["item"]) for rule in rules]
    return [_published(group, item, parts, folder) for group, item in dict.fromkeys(wanted)]


def _group_task(context: Context, plan: GroupPlan, parts: Mapping[str, tuple[Path, ...]], folder: Path) -> GroupTask:
    group = plan.group.group
    sources = tuple(folder / "source" / f"{table}-{item}" for table, item in _tables(context, plan))
    references = tuple(
        (rule.items[0], f"{task.group}.{task.item}", task.place)
        for rule in plan.rules
        if rule.kind == "exists"
        for task in (_published(rule.args["group"], rule.args["item"], parts, folder),)
    )
    own, corrected = _published(group, plan.group.unit, parts, folder).place, _corrected_keys(context, plan)
    return GroupTask(group, own, plan.group.keys, parts[group], sources, references, folder, corrected)


def _corrected_keys(context: Context, plan: GroupPlan) -> tuple[str, ...]:
    """Keys of a group's units that staff corrected."""
    cells = [
        (item, record) for table, item in _tables(context, plan) for record in context.corrected.get(table, {}).values()
    ]
    return tuple(record[item].strip() for item, record in cells if item in record)


def explained_references(plan: Plan, reports: pl.DataFrame, groups: Sequence[Line]) -> dict[tuple[str, str], int]:
    """By group and item, how many references may dangle: those reported, and those to units that were refused."""
    rejected = {entry["group"]: int(entry["rejected"]) + typed_rows(entry) for entry in groups}
    said = reports.filter(pl.col("kind") == ROOT, pl.col("code") == KINDS["exists"].code)
    counts = {(group, item): number for group, item, number in said.group_by("group", "target_item").len().iter_rows()}
    return {
        (group.group.group, rule.items[0]): counts.get((group.group.group, rule.items[0]), 0)
        + rejected[rule.args["group"]]
        for group in plan.groups
        for rule in group.rules
        if rule.kind == "exists"
    }


def typed_rows(group: Line) -> int:
    """Rows of a group that left because staff type them in."""
    return sum(int(step["excluded"].get(MANUAL_REASON, 0)) for step in group["steps"])


def judge_populations(
    found: Mapping[str, Any], tables: Sequence[Line], groups: Sequence[Line], explained: Mapping[tuple[str, str], int]
) -> Populations:
    """Against the run's own books: what was refused, rejected or excluded may be missing, and nothing else."""
    refused = {entry["table"]: unreadable(entry) for entry in tables}
    left = {entry["group"]: int(entry["rejected"]) + int(entry["excluded"]) for entry in groups}
    keys, references = [], []
    for name, lines in found["groups"].items():
        most = sum(refused[table] for table in lines["tables"]) + left[name] + lines.get("corrected", 0)
        line = {"group": name, **lines["keys"], "explained": most}
        known = line["source"] is None or (line["extra"] == 0 and line["missing"] <= line["explained"])
        keys.append(line | {"agrees": known and line["doubled"] == 0})
        for reference in lines["references"]:
            most = explained[name, reference["item"]]
            line = {"group": name, **reference, "explained": most, "agrees": reference["dangling"] <= most}
            references.append(line)
    records = [
        {"total": f"{entry['table']}.read", "source": found["records"][entry["table"]], "target": int(entry["read"]),
         "agrees": abs(found["records"][entry["table"]] - int(entry["read"])) <= refused[entry["table"]]}
        for entry in tables
    ]  # fmt: skip
    exclusions = judge_exclusions(found["exclusions"], tables, found["corrected"])
    return Populations(tuple(keys), tuple(references), tuple(records), exclusions)
