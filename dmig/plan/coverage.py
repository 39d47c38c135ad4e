"""How far a mapping covers both sides: standard items filled, source items used or disposed of, codes decided."""

from __future__ import annotations

from dataclasses import dataclass

from dmig.plan.nouns import Plan


@dataclass(frozen=True, slots=True)
class Coverage:
    """Counts for one group, table or code table; `open` names what is missing."""

    kind: str
    name: str
    total: int
    covered: int
    open: tuple[str, ...]


def coverage(plan: Plan) -> list[Coverage]:
    """Groups first, then legacy tables, then code tables."""
    found = []
    for group in plan.groups:
        filled = {t.name for t in group.targets if not t.undecided} | set(group.finished)
        items = [item.item for item in group.group.items]
        left = tuple(item for item in items if item not in filled)
        found.append(Coverage("group", group.group.group, len(items), len(items) - len(left), left))
    disposed = {(row.table, row.item) for row in plan.dispositions}
    for table in plan.legacy.tables:
        used = {name for g in plan.groups for name in g.read_items if table.table in g.items[name].tables}
        left = tuple(i.item for i in table.items if i.item not in used and (table.table, i.item) not in disposed)
        found.append(Coverage("table", table.table, len(table.items), len(table.items) - len(left), left))
    for code_table in plan.mapping.code_tables.values():
        undecided = tuple(" ".join(row.legacy) for row in code_table.rows if row.state == "open")
        total = len(code_table.rows)
        found.append(Coverage("code table", code_table.name, total, total - len(undecided), undecided))
    return found
