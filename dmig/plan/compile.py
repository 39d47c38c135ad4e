"""The compiler: an ordered list of small passes from declarative files to a plan. Every fault is named at once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

import dmig
from dmig.converters.contract import Registry
from dmig.errors import Diagnostics
from dmig.model.layout import Group, Parameter, StandardLayout
from dmig.model.legacy import LegacyLayout
from dmig.model.mapping import Mapping, Place, StepRow
from dmig.plan.calls import CallCompiler
from dmig.plan.conditions import TESTS, condition_items
from dmig.plan.exclusions import check_exclusions
from dmig.plan.nouns import GroupPlan, Plan
from dmig.plan.proofs import check_proofs
from dmig.plan.rules import check_rules, group_rules
from dmig.plan.streams import check_args, compile_streams
from dmig.plan.totals import check_totals
from dmig.steps.contract import StepKind

#: Bytes of a block of a legacy file. It shapes the parts of Parquet, so it belongs to the plan's hash.
BLOCK_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Parts:
    """What the compiler needs besides the files: converters, steps, the block size."""

    registry: Registry
    steps: dict[str, StepKind]
    block_bytes: int = BLOCK_BYTES
    signatures: frozenset[str] = frozenset()


def compile_plan(
    layout: StandardLayout, legacy: LegacyLayout, mapping: Mapping, parts: Parts, diagnostics: Diagnostics
) -> Plan:
    """The plan, or `SpecError` with every fault of all files. Nothing is read before this returns."""
    folder = f"mappings/{mapping.operation}/{mapping.system}"
    layout = replace(layout, parameters=_laid_over(layout.parameters, mapping.parameters))
    _check_conditions(mapping, diagnostics)
    _check_legacy_types(legacy, parts.registry, diagnostics)
    check_rules(layout, f"schemas/standard/{layout.operation}/{layout.version}/rules.csv", diagnostics)
    if mapping.layout_version and mapping.layout_version != layout.version:
        diagnostics.add(f"{folder}/mapping.toml", 0, "SPC041", mine=mapping.layout_version, found=layout.version)
    groups = tuple(_group(group, layout, legacy, mapping, parts, diagnostics) for group in layout.groups)
    _check_known_groups(layout, mapping, diagnostics)
    check_totals(legacy, mapping, groups, diagnostics)
    _check_dispositions(legacy, mapping, groups, diagnostics)
    check_exclusions(legacy, mapping, diagnostics)
    check_proofs(mapping, groups, parts.signatures, parts.registry, diagnostics)
    _check_standard_codes(layout, mapping, groups, diagnostics)
    diagnostics.stop_if_any()
    return Plan(
        operation=layout.operation,
        system=legacy.system,
        layout=layout,
        legacy=legacy,
        mapping=mapping,
        groups=groups,
        conditions=mapping.conditions,
        totals=mapping.totals,
        dispositions=mapping.dispositions,
        plan_hash=plan_hash(layout, legacy, mapping, parts.block_bytes),
        block_bytes=parts.block_bytes,
    )


def _laid_over(national: tuple[Parameter, ...], own: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """The layout's dated values, those of an ordinance over them: same name and beginning replaces."""
    laid = {(row.name, row.valid_from): row for row in (*national, *own)}
    return tuple(sorted(laid.values(), key=lambda row: (row.name, row.valid_from)))


def plan_hash(layout: StandardLayout, legacy: LegacyLayout, mapping: Mapping, block_bytes: int) -> str:
    """SHA-256 over the content of all declarations and the program's version, apart from file lines and layers."""

    def plain(value: object) -> object:
        return value.value if isinstance(value, StrEnum) else str(value)

    content = [asdict(layout), asdict(legacy), asdict(mapping), block_bytes, dmig.__version__]
    text = json.dumps(_without_places(content), ensure_ascii=False, sort_keys=True, default=plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _without_places(value: object) -> object:
    if isinstance(value, dict):
        return {str(k): _without_places(v) for k, v in value.items() if k not in ("place", "line", "note", "sheet")}
    if isinstance(value, list | tuple):
        return [_without_places(v) for v in value]
    return value


def _group(
    group: Group,
    layout: StandardLayout,
    legacy: LegacyLayout,
    mapping: Mapping,
    parts: Parts,
    diagnostics: Diagnostics,
) -> GroupPlan:
    streams = compile_streams(group.group, mapping, legacy, parts.steps, diagnostics)
    finished = tuple(streams.finished)
    parameters = frozenset(parameter.name for parameter in layout.parameters)
    _check_finish(group, streams.finish, parts.steps, diagnostics)
    calls = CallCompiler(
        group, streams.final.items, mapping, parts.registry, finished, parameters, diagnostics
    ).compile()
    read = set(streams.reads) | set(calls.reads)
    return GroupPlan(
        group=group,
        stream=streams.stream,
        tables=streams.final.tables,
        created=streams.final.created,
        shape=tuple(streams.shape),
        finish=tuple(streams.finish),
        finished=finished,
        items=streams.final.items,
        read_items=tuple(name for name in streams.final.items if name in read),
        calls=tuple(calls.calls),
        targets=tuple(calls.targets),
        rules=group_rules(layout, group, mapping.agreed),
    )


def _check_finish(group: Group, steps: list[StepRow], kinds: dict[str, StepKind], diagnostics: Diagnostics) -> None:
    """Steps behind the conversion read and give standard items of their group (a `_name` is their own)."""
    made: set[str] = set()
    for step in steps:
        kind = kinds[step.step]
        for name in kind.reads(step):
            if group.item(name) is None and name not in made:
                diagnostics.add(step.place.file, step.place.line, "SPC020", what="item", name=name)
        for name in kind.gives(step):
            if group.item(name) is None and not name.startswith("_"):
                diagnostics.add(step.place.file, step.place.line, "SPC020", what="item", name=name)
        made |= set(kind.gives(step))


def _check_conditions(mapping: Mapping, diagnostics: Diagnostics) -> None:
    used = {row.when for row in mapping.rows} | {value for step in mapping.steps for _, value in step.args}
    for name, lines in mapping.conditions.items():
        if name not in used:
            diagnostics.add(lines[0].place.file, lines[0].place.line, "SPC042", what="condition", name=name)
        for line in lines:
            if line.test not in TESTS:
                diagnostics.add(line.place.file, line.place.line, "SPC020", what="test", name=line.test)
            elif len(line.values) < TESTS[line.test][0]:
                diagnostics.add(line.place.file, line.place.line, "SPC006", column="values")


def _check_legacy_types(legacy: LegacyLayout, registry: Registry, diagnostics: Diagnostics) -> None:
    for table in legacy.tables:
        file = f"schemas/legacy/{legacy.system}/{legacy.operation}/{table.table}.csv"
        for item in table.items:
            kind = registry.legacy_types.get(item.type)
            if kind is None:
                diagnostics.add(file, item.line, "SPC020", what="legacy type", name=item.type)
                continue
            check_args(kind.args, item.args, Place(file, item.line), diagnostics)


def _check_known_groups(layout: StandardLayout, mapping: Mapping, diagnostics: Diagnostics) -> None:
    for step in mapping.steps:
        if layout.group(step.group) is None:
            diagnostics.add(step.place.file, step.place.line, "SPC020", what="group", name=step.group)
    named = {row.code_table for row in mapping.rows}
    for table in mapping.code_tables.values():
        if table.name not in named and table.rows:
            place = table.rows[0].place
            diagnostics.add(place.file, 0, "SPC042", what="code table", name=table.name)


def _check_standard_codes(
    layout: StandardLayout, mapping: Mapping, groups: tuple[GroupPlan, ...], diagnostics: Diagnostics
) -> None:
    """What a code table writes into an item with a code list must stand in that list."""
    for plan in groups:
        calls = {call.number: call for call in plan.calls}
        for target in plan.targets:
            if target.item is None or not target.item.code:
                continue
            known = {value.value for value in layout.codes.get(target.item.code, ())}
            for alternative in target.alternatives:
                table = mapping.code_tables.get(calls[alternative.call].code_table)
                if table is None or alternative.part not in table.parts:
                    continue
                at = table.parts.index(alternative.part)
                for row in table.rows:
                    if row.standard[at] and row.standard[at] not in known:
                        diagnostics.add(row.place.file, row.place.line, "SPC020", what=f"code of {target.item.code}",
                                        name=row.standard[at])  # fmt: skip


def _check_dispositions(
    legacy: LegacyLayout, mapping: Mapping, groups: tuple[GroupPlan, ...], diagnostics: Diagnostics
) -> None:
    """Each source item is read by the mapping or has a disposition, never both."""
    disposed = {(row.table, row.item): row for row in mapping.dispositions}
    read: set[tuple[str, str]] = set()
    for plan in groups:
        read |= {(table, name) for name in plan.read_items for table in plan.items[name].tables}
    read |= {(item_table, item) for plan in groups for item_table, item in _step_reads(plan, mapping)}
    for row in mapping.dispositions:
        table = legacy.table(row.table)
        if table is None or table.item(row.item.partition(".")[0]) is None:
            diagnostics.add(row.place.file, row.place.line, "SPC020", what="item", name=f"{row.table}.{row.item}")
        elif (row.table, row.item) in read:
            diagnostics.add(row.place.file, row.place.line, "SPC043", name=f"{row.table}.{row.item}")
        if row.disposition not in ("archived", "dropped"):
            diagnostics.add(row.place.file, row.place.line, "SPC007", column="disposition", value=row.disposition,
                            allowed="archived | dropped")  # fmt: skip
    if mapping.status == "draft":
        return
    for table in legacy.tables:
        file = f"schemas/legacy/{legacy.system}/{legacy.operation}/{table.table}.csv"
        for item in table.items:
            if (table.table, item.item) not in read and (table.table, item.item) not in disposed:
                diagnostics.add(file, item.line, "SPC044", name=f"{table.table}.{item.item}")


def _step_reads(plan: GroupPlan, mapping: Mapping) -> set[tuple[str, str]]:
    """Items that steps read on their way to the final stream, by table."""
    found = set()
    # A stream made by steps has the items of the tables it was made of, so every table of the group counts.
    tables = {name for step in plan.shape for name in (*step.inputs, step.arg("table"))}
    for step in plan.shape:
        names = set(step.keys)
        for _, value in step.args:
            names |= set(condition_items(mapping.conditions.get(value, ())))
            names |= {word.split(":")[0] for word in value.split()}
        found |= {(table, name) for table in tables for name in names}
    return found
