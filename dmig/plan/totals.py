"""Compiler pass: what totals.csv adds up is there, on both sides."""

from __future__ import annotations

from dmig.errors import Diagnostics
from dmig.model.legacy import LegacyLayout
from dmig.model.mapping import Mapping, Total
from dmig.plan.nouns import GroupPlan

COUNT, SUM = "count", "sum"


def check_totals(
    legacy: LegacyLayout, mapping: Mapping, groups: tuple[GroupPlan, ...], diagnostics: Diagnostics
) -> None:
    """Every fault of the rows, at their lines."""
    plans = {plan.group.group: plan for plan in groups}
    for total in mapping.totals:
        file, line, plan = total.place.file, total.place.line, plans.get(total.group)
        if total.kind not in (COUNT, SUM):
            diagnostics.add(file, line, "SPC007", column="kind", value=total.kind, allowed=f"{COUNT} | {SUM}")
        if plan is None:
            diagnostics.add(file, line, "SPC020", what="group", name=total.group)
        for item in total.target if plan is not None else ():
            if plan is not None and plan.group.item(item) is None:
                diagnostics.add(file, line, "SPC020", what="target", name=f"{total.group}.{item}")
        for name in total.tables:
            table = legacy.table(name)
            for item in total.source or ("",):
                if table is None or (item and table.item(item) is None):
                    diagnostics.add(file, line, "SPC020", what="source", name=f"{name}.{item}")
        if plan is not None and total.kind == SUM:
            _check_sum(total, plan, diagnostics)


def _check_sum(total: Total, plan: GroupPlan, diagnostics: Diagnostics) -> None:
    """Amounts are added over the records behind the published rows: all tables of the group, none of rows made by steps."""
    file, line = total.place.file, total.place.line
    for column, names in (("tables", total.tables), ("source", total.source), ("target", total.target)):
        if not names:
            diagnostics.add(file, line, "SPC006", column=column)
    if plan.created:
        diagnostics.add(file, line, "SPC007", column="kind", value=SUM, allowed=COUNT)
    elif total.tables and set(total.tables) != set(plan.tables):
        diagnostics.add(file, line, "SPC007", column="tables", value=" ".join(total.tables),
                        allowed=" ".join(plan.tables))  # fmt: skip
