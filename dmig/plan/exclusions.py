"""Compiler pass: what exclusions.csv says names tables, items and kinds that are there, and reasons that steps give."""

from __future__ import annotations

from dmig.errors import Diagnostics
from dmig.model.legacy import LegacyLayout
from dmig.model.mapping import ExclusionProof, Mapping

#: Kinds of second readings: how many items each needs, and whether it has values.
KINDS: dict[str, tuple[int, bool]] = {"code": (1, True), "not_code": (1, True), "blank": (1, False), "pair": (3, False)}


def check_exclusions(legacy: LegacyLayout, mapping: Mapping, diagnostics: Diagnostics) -> None:
    """Every fault of the rows, at their lines."""
    reasons = given_reasons(mapping)
    for row in mapping.exclusions:
        file, line = row.place.file, row.place.line
        if row.reason not in reasons:
            diagnostics.add(file, line, "SPC020", what="reason", name=row.reason)
        if row.kind not in KINDS:
            diagnostics.add(file, line, "SPC020", what="exclusion kind", name=row.kind)
            continue
        count, with_values = KINDS[row.kind]
        if len(row.items) != count:
            diagnostics.add(file, line, "SPC032", expected=count, found=len(row.items))
        if with_values != bool(row.values):
            diagnostics.add(file, line, "SPC031" if with_values else "SPC008", **_values(row, with_values))
        _check_items(legacy, row, diagnostics)


def given_reasons(mapping: Mapping) -> set[str]:
    """Reasons for which steps of the mapping leave records out."""
    return {step.arg("reason") for step in mapping.steps if step.arg("reason")}


def _values(row: ExclusionProof, with_values: bool) -> dict[str, str]:
    return {"name": "values"} if with_values else {"column": "values", "value": "|".join(row.values)}


def _check_items(legacy: LegacyLayout, row: ExclusionProof, diagnostics: Diagnostics) -> None:
    if not row.tables:
        diagnostics.add(row.place.file, row.place.line, "SPC006", column="tables")
    for name in row.tables:
        table = legacy.table(name)
        if table is None:
            diagnostics.add(row.place.file, row.place.line, "SPC020", what="table", name=name)
        for item in row.items if table else ():
            if table and table.item(item) is None:
                diagnostics.add(row.place.file, row.place.line, "SPC020", what="item", name=f"{name}.{item}")
