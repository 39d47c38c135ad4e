"""Compiler pass: what proofs.csv says names items, signatures, code tables and inverses that are there."""

from __future__ import annotations

from dmig.converters.contract import Registry
from dmig.errors import Diagnostics
from dmig.model.mapping import Mapping, Proof
from dmig.plan.nouns import GroupPlan
from dmig.plan.streams import check_args


def check_proofs(
    mapping: Mapping,
    groups: tuple[GroupPlan, ...],
    signatures: frozenset[str],
    registry: Registry,
    diagnostics: Diagnostics,
) -> None:
    """Every fault of the rows, at their lines."""
    plans = {plan.group.group: plan for plan in groups}
    for proof in mapping.proofs:
        file, line, plan = proof.place.file, proof.place.line, plans.get(proof.group)
        for target in proof.targets:
            if plan is None or plan.group.item(target) is None:
                diagnostics.add(file, line, "SPC020", what="target", name=f"{proof.group}.{target}")
        if plan is None:
            continue
        if proof.proof == "inverse":
            _check_inverse(proof, plan, mapping, registry, diagnostics)
        elif proof.proof == "function" and proof.signature:
            table = mapping.code_tables.get(proof.signature.partition(":")[0])
            part = proof.signature.partition(":")[2]
            if table is None or (part not in table.parts and not dict(proof.args).get("split")):
                diagnostics.add(file, line, "SPC020", what="code table", name=proof.signature)
        elif proof.signature and proof.signature not in signatures:
            diagnostics.add(file, line, "SPC020", what="signature", name=proof.signature)
        for source in proof.sources:
            if source.partition("@")[0] not in plan.items:
                diagnostics.add(file, line, "SPC020", what="item", name=source)
        _check_labels(proof, plan, diagnostics)


def _check_labels(proof: Proof, plan: GroupPlan, diagnostics: Diagnostics) -> None:
    """Sources chosen by a published item: the item is there, and every source has its label."""
    args = dict(proof.args)
    if "by" not in args:
        return
    labels = args.get("labels", "").split("|")
    if plan.group.item(args["by"]) is None:
        diagnostics.add(proof.place.file, proof.place.line, "SPC020", what="item", name=args["by"])
    if len(labels) != len(proof.sources):
        diagnostics.add(proof.place.file, proof.place.line, "SPC032", expected=len(proof.sources), found=len(labels))


def _check_inverse(
    proof: Proof, plan: GroupPlan, mapping: Mapping, registry: Registry, diagnostics: Diagnostics
) -> None:
    """A converter that has an inverse, its code table where it needs one, one whole legacy item, as many targets."""
    file, line = proof.place.file, proof.place.line
    name, _, code_table = proof.signature.partition(":")
    converter = registry.converters.get(name)
    inverse = registry.converters.get(converter.inverse) if converter else None
    if inverse is None:
        diagnostics.add(file, line, "SPC020", what="inverse", name=name)
        return
    table = mapping.code_tables.get(code_table)
    if inverse.needs_table != (table is not None):
        diagnostics.add(file, line, "SPC020", what="code table", name=proof.signature)
        return
    if len(proof.sources) != 1:
        diagnostics.add(file, line, "SPC032", expected=1, found=len(proof.sources))
    for source in proof.sources:
        if "@" in source or (source in plan.items and plan.items[source].legacy is None):
            diagnostics.add(file, line, "SPC020", what="whole item", name=source)
    check_args(inverse.args, dict(proof.args), proof.place, diagnostics)
    least, most = inverse.sources
    if table is not None:
        parts = [part for part in dict(proof.args).get("parts", "").split("|") if part]
        for part in parts:
            if part not in table.parts:
                diagnostics.add(file, line, "SPC020", what="code table", name=f"{code_table}:{part}")
        least = most = len(parts) or len(table.parts)
    if not least <= len(proof.targets) <= most:
        diagnostics.add(file, line, "SPC032", expected=f"{least}-{most}", found=len(proof.targets))
