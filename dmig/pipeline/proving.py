"""What reconciliation has proved, item by item: proof classes and coverage, differences by class, code cross-tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from dmig.model.small_groups import LEAST, SMALL
from dmig.pipeline.reconcile_pass import KEYS
from dmig.pipeline.worker import INVERSE
from dmig.plan.nouns import GroupPlan, Plan
from dmig.stages.reconcile import FUNCTION, Verdict

#: Classes that prove the conversion; the others need a reason and are gated.
PROVING = ("signature", "function", "inverse", "total")
CLASSES = (*PROVING, "recomputed", "none")
PROVED, DIFFERS, UNPROVED = "proved", "differs", "unproved"
NOT_IN_TABLE = "（表にない値）"


def proving(plan: Plan, verdicts: tuple[Verdict, ...], rows: dict[str, int]) -> dict[str, Any]:
    """The parts of the result's `reconciliation`; `rows` is the number of published rows by group."""
    proofs = [proof for group in plan.groups for proof in _group_proofs(plan, group, verdicts, rows)]
    return {
        "signatures": [_line(plan, verdict) for verdict in verdicts if verdict.comparison.kind != INVERSE],
        "round_trips": [_round_trip(plan, verdict) for verdict in verdicts if verdict.comparison.kind == INVERSE],
        "proofs": proofs,
        "coverage": [_coverage(group.group.group, proofs) for group in plan.groups],
        "differences": [
            {"group": v.comparison.group, "item": " ".join(v.comparison.targets), "table": v.table, "class": name,
             "count": count, "accepted": 0}
            for v in verdicts for name, count in sorted(v.classes.items())
        ],
        "codes": list(_cross_tables(plan, verdicts)),
        "blank_with_candidate": [
            {"group": v.comparison.group, "item": " ".join(v.comparison.targets), "count": v.classes["blank"]}
            for v in verdicts if v.classes.get("blank")
        ],
    }  # fmt: skip


def mapped_items(group: GroupPlan) -> list[str]:
    """Standard items that the mapping or a finish step fills, in layout order."""
    filled = {t.name for t in group.targets if t.item is not None and not t.undecided} | set(group.finished)
    return [item.item for item in group.group.items if item.item in filled]


def _group_proofs(
    plan: Plan, group: GroupPlan, verdicts: tuple[Verdict, ...], rows: dict[str, int]
) -> Iterable[dict[str, Any]]:
    name = group.group.group
    for item in mapped_items(group):
        declared = [proof for proof in plan.mapping.proofs if proof.group == name and item in proof.targets]
        own = [v for v in verdicts if v.comparison.group == name and item in v.comparison.targets]
        classes = sorted({proof.proof for proof in declared} or {"none"}, key=CLASSES.index)
        # One row is compared once by each class of proof.
        seen = {c: sum(v.compared for v in own if v.comparison.kind == c) for c in (*PROVING, KEYS)}
        wrong = {c: sum(v.differing for v in own if v.comparison.kind == c) for c in (*PROVING, KEYS)}
        compared, differing = max(seen.values()), max(wrong.values())
        # A class whose comparisons have seen no row of a group that has some proves nothing.
        proves = any(c in PROVING and (seen[c] > 0 or rows.get(name, 0) == 0) for c in classes)
        standard = group.group.item(item)
        yield {
            "group": name, "item": item, "name": standard.name if standard else item, "classes": classes,
            "compared": compared, "differing": differing,
            "status": DIFFERS if differing else PROVED if proves else UNPROVED,
            "reason": "；".join(dict.fromkeys(proof.reason for proof in declared if proof.reason)),
        }  # fmt: skip


def _coverage(group: str, proofs: list[dict[str, Any]]) -> dict[str, Any]:
    """How many mapped items of a group have their best proof in each class."""
    own = [proof for proof in proofs if proof["group"] == group]
    best = Counter(proof["classes"][0] for proof in own)
    return {"group": group, "mapped": len(own), **{name: best[name] for name in CLASSES}}


def _line(plan: Plan, verdict: Verdict) -> dict[str, Any]:
    group = plan.group(verdict.comparison.group).group
    names = [item.name if (item := group.item(target)) else target for target in verdict.comparison.targets]
    kind = verdict.comparison.name or verdict.comparison.kind
    return {
        "group": verdict.comparison.group, "item": "・".join(names), "table": verdict.table,
        "signature": f"{FUNCTION} {kind}" if verdict.comparison.kind == FUNCTION else kind,
        "compared": verdict.compared, "differing": verdict.differing, "records": verdict.records[:20],
        "repaired": verdict.repaired,
    }  # fmt: skip


def _round_trip(plan: Plan, verdict: Verdict) -> dict[str, Any]:
    line = _line(plan, verdict)
    return {
        "group": line["group"], "item": line["item"], "table": line["table"], "source": verdict.comparison.sources[0],
        "converter": verdict.comparison.name, "compared": verdict.compared, "not_invertible": verdict.apart,
        "differing": verdict.differing, "records": line["records"],
    }  # fmt: skip


def _shown(code: str | None, known: frozenset[str]) -> str:
    """A code that stands in its table; what stands in none may be anybody's name."""
    return "" if code is None else code if code in known else NOT_IN_TABLE


def _cross_tables(plan: Plan, verdicts: tuple[Verdict, ...]) -> Iterable[dict[str, Any]]:
    """Pairs of codes with their counts, all tables of a group together; a code outside its table is not shown."""
    merged: dict[tuple[str, tuple[str, ...], str], Counter[tuple[tuple[str, ...], str, bool]]] = {}
    for verdict in verdicts:
        comparison = verdict.comparison
        table = plan.mapping.code_tables.get(comparison.name.partition(":")[0])
        if comparison.kind != FUNCTION or table is None:
            continue
        known = frozenset(code for row in table.rows for code in row.legacy)
        allowed = frozenset(code for row in table.rows for code in row.standard)
        found = merged.setdefault((comparison.group, comparison.targets, comparison.name), Counter())
        wrong = verdict.wrong
        for pair, count in verdict.pairs.items():
            sources = tuple(_shown(code, known) for code in pair[0])
            found[sources, " ".join(filter(None, (_shown(code, allowed) for code in pair[1]))), pair not in wrong] += (
                count
            )
    for (group, targets, name), pairs in merged.items():
        yield {
            "group": group, "item": " ".join(targets), "code_table": name,
            "pairs": [
                {"sources": list(sources), "target": target, "count": count if count >= LEAST else SMALL,
                 "agreed": agreed}
                for (sources, target, agreed), count in sorted(pairs.items())
            ],
        }  # fmt: skip
