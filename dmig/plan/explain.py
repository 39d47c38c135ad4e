"""Why a target is as it is: sources, legacy types, steps, converters, code tables, checks, basis, layers."""

from __future__ import annotations

from collections.abc import Iterator

from dmig.model.mapping import MappingRow
from dmig.plan.nouns import GroupPlan, Plan


def find_item(plan: Plan, name: str) -> list[tuple[GroupPlan, str]]:
    """Groups and ids of the standard items called `name`: an id, a Japanese name, or `group.item`."""
    group_name, _, item_name = name.rpartition(".")
    found = []
    for group in plan.groups:
        if group_name and group_name not in (group.group.group, group.group.name):
            continue
        found += [(group, item.item) for item in group.group.items if item_name in (item.item, item.name)]
    return found


def explain(plan: Plan, group: GroupPlan, item_id: str) -> Iterator[tuple[int, str, str]]:
    """(depth, heading, text) lines for one standard item."""
    item = group.group.item(item_id)
    if item is None:
        return
    yield 0, "標準項目", f"{group.group.name}.{item.name} ({item.group}.{item.item})"
    length = f"{item.max_chars},{item.decimals}" if item.decimals else str(item.max_chars)
    yield 1, "型", f"{item.type} {length}  {item.requirement.value}  [{item.status}]"
    yield 1, "定義", f"{item.definition}（{item.source}）"
    if item.code:
        values = plan.layout.codes.get(item.code, ())
        yield 1, "コード一覧", f"{item.code}: " + " ".join(f"{v.value}={v.label}" for v in values)
    for step in (*group.shape, *group.finish):
        if any(item_id in value.split() for _, value in step.args):
            yield 1, "手順", f"{step.n} {step.step}: {step.effect}（{step.basis}） {step.place} [{step.place.layer}]"
    yield from _rows(plan, group, item_id, 1)
    for rule in group.rules:
        if item_id in rule.items or rule.args.get("item") == item_id:
            args = " ".join(f"{k}={v}" for k, v in rule.args.items())
            yield (
                1,
                "検査",
                f"{rule.rule} {rule.kind} {args} → {rule.outcome} [{' '.join(rule.engines)}]（{rule.basis}）",
            )
    for proof in plan.mapping.proofs:
        if proof.group == group.group.group and item_id in proof.targets:
            yield 1, "証明", f"{proof.proof} {proof.signature} {' '.join(proof.sources)} {proof.place}"


def _rows(plan: Plan, group: GroupPlan, target: str, depth: int) -> Iterator[tuple[int, str, str]]:
    rows = sorted(
        (row for row in plan.mapping.rows if row.group == group.group.group and row.target == target),
        key=lambda row: row.order,
    )
    for row in rows:
        args = " ".join(f"{name}={value}" for name, value in row.args)
        part = f".{row.part}" if row.part else ""
        when = f"  条件 {row.when}" if row.when else ""
        yield depth, f"写像 {row.order}", f"{row.converter}{part} {args}{when}  {row.place} [{row.place.layer}]"
        yield depth + 1, "根拠", f"{row.basis}  欠落時 {row.if_missing}  不良時 {row.if_bad}"
        for line in plan.conditions.get(row.when, ()):
            yield depth + 1, "条件", f"{line.line}: {line.item} {line.test} {'|'.join(line.values)}  {line.place}"
        if row.code_table:
            table = plan.mapping.code_tables[row.code_table]
            place = table.rows[0].place.file if table.rows else ""
            yield depth + 1, "変換表", f"{table.name}: {len(table.rows)} 行  {place}"
        yield from _sources(plan, group, row, depth + 1)


def _sources(plan: Plan, group: GroupPlan, row: MappingRow, depth: int) -> Iterator[tuple[int, str, str]]:
    for source in row.sources:
        if source.startswith("_"):
            yield depth, "中間項目", source
            yield from _rows(plan, group, source, depth + 1)
            continue
        item = group.items[source]
        tables = " ".join(dict.fromkeys(item.tables))
        if item.maker:
            yield depth, "元", f"{source}  手順 {item.maker} が作る（{tables}）"
        elif item.legacy is not None:
            args = " ".join(f"{k}={v}" for k, v in item.legacy.args.items())
            files = " ".join(t.file for t in plan.legacy.tables if t.table in item.tables)
            text = f"{source} {item.legacy.name}  型 {item.legacy.type} {args}  文字集合 {plan.legacy.charset}  {files}"
            yield depth, "元", text
