"""Reading a mapping folder, with a site's rows laid over the base's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dmig.errors import Diagnostics
from dmig.model.mapping import (
    AcceptedDifference,
    Bad,
    ConditionLine,
    Disposition,
    ExclusionProof,
    Mapping,
    MappingRow,
    Missing,
    Proof,
    StepRow,
    Total,
)
from dmig.spec.code_tables import read_code_tables
from dmig.spec.gates import read_gates
from dmig.spec.glyphs.plus import read_plus
from dmig.spec.glyphs.rows import GLYPH_KEY, GLYPHS, read_glyphs
from dmig.spec.header import Header
from dmig.spec.sheet import Columns, SheetRow, read_sheet
from dmig.spec.standard import PARAMETERS, read_parameter

ROWS = Columns(
    (
        "target", "order", "when", "sources", "converter", "part", "args", "code_table", "if_missing", "if_bad",
        "basis", "note",
    )
)  # fmt: skip
STEPS = Columns(("group", "n", "step", "input", "output", "keys", "args", "effect", "basis"))
CONDITIONS = Columns(("condition", "line", "item", "test", "values"))
DISPOSITIONS = Columns(("table", "item", "disposition", "reason", "decided_by"))
TOTALS = Columns(("total", "kind", "tables", "source", "group", "target", "basis"))
PROOFS = Columns(("group", "target", "proof", "signature", "sources", "args", "reason"))
PROOF_CLASSES = ("signature", "function", "inverse", "total", "recomputed", "none")
#: Classes that prove nothing about the conversion itself: they need a reason and are gated.
UNPROVED = ("recomputed", "none")
DIFFERENCES = Columns(
    ("id", "group", "item", "table", "class", "most", "reason", "approver", "expires"),
)
#: Classes of a difference between source and target.
DIFFERENCE_CLASSES = (
    "blank",
    "unexpected",
    "era",
    "glyph",
    "width",
    "order",
    "rounding",
    "code",
    "value",
    "missing",
    "extra",
    "inverse",
)
EXCLUSIONS = Columns(("reason", "tables", "kind", "items", "values", "basis"))
#: Files of a mapping folder beside the one per group: their columns, and the columns that make a row's key.
FILES: dict[str, tuple[Columns, tuple[str, ...]]] = {
    "steps.csv": (STEPS, ("group", "n")),
    "conditions.csv": (CONDITIONS, ("condition", "line", "item", "test")),
    "dispositions.csv": (DISPOSITIONS, ("table", "item")),
    "totals.csv": (TOTALS, ("total",)),
    "proofs.csv": (PROOFS, ("group", "target", "proof")),
    "differences.csv": (DIFFERENCES, ("id",)),
    "glyphs.csv": (GLYPHS, GLYPH_KEY),
    "parameters.csv": (PARAMETERS, ("name", "from")),
    "exclusions.csv": (EXCLUSIONS, ("reason", "tables")),
}
#: What a base mapping must have; the other files are there when they are needed.
NEEDED_FILES = ("steps.csv", "conditions.csv")
DROP = "drop"


@dataclass(frozen=True, slots=True)
class Layer:
    """One folder of mapping files: the base, or a site's rows over it. Messages name files below `root`."""

    name: str
    folder: Path
    root: Path


def read_mapping(layers: Sequence[Layer], groups: Sequence[str], diagnostics: Diagnostics) -> Mapping:
    """The mapping of the layers, first the base. A later row with the same key replaces, `drop` removes."""
    base = layers[0]
    header = Header(base.root, base.folder / "mapping.toml", diagnostics)
    status = header.text("status")
    if status and status not in ("draft", "agreed", "frozen"):
        header.fault("status", "SPC007", column="status", value=status, allowed="draft | agreed | frozen")
    for layer in layers:
        _unknown_files(layer, groups, diagnostics)
    rows = [row for group in groups for row in _laid(layers, f"{group}.csv", ROWS, ("target", "order"), diagnostics)]
    found = {file: _laid(layers, file, columns, key, diagnostics) for file, (columns, key) in FILES.items()}
    plus = read_plus(((layer.root, layer.name) for layer in layers[1:]), diagnostics)
    gates = read_gates([(layer.root, layer.folder) for layer in layers], diagnostics)
    mapping = Mapping(
        operation=header.text("operation"),
        system=header.text("system"),
        version=header.text("version"),
        layout_version=header.text("layout_version"),
        owner=header.text("owner"),
        status=status,
        rows=tuple(_row(row) for row in rows),
        steps=tuple(sorted((_step(row) for row in found["steps.csv"]), key=lambda step: (step.group, step.n))),
        conditions=_conditions(found["conditions.csv"]),
        code_tables=read_code_tables([(layer.name, layer.folder, layer.root) for layer in layers], diagnostics),
        totals=tuple(_total(row) for row in found["totals.csv"]),
        dispositions=tuple(_disposition(row) for row in found["dispositions.csv"]),
        differences=tuple(_difference(row) for row in found["differences.csv"]),
        proofs=tuple(_proof(row) for row in found["proofs.csv"]),
        glyphs=read_glyphs(found["glyphs.csv"], plus, layers[-1].root, diagnostics),
        mj_plus=plus,
        parameters=tuple(read_parameter(row) for row in found["parameters.csv"]),
        exclusions=tuple(_exclusion(row) for row in found["exclusions.csv"]),
        gates=gates.limits,
        approvals=gates.approvals,
    )
    header.close("operation", "system", "version", "layout_version", "owner", "status")
    return mapping


def _laid(
    layers: Sequence[Layer],
    file: str,
    columns: Columns,
    key: tuple[str, ...],
    diagnostics: Diagnostics,
) -> list[SheetRow]:
    """Rows of one file over all layers, base order first, a site's new rows after them."""
    laid: dict[tuple[str, ...], SheetRow] = {}
    for number, layer in enumerate(layers):
        needed = number == 0 and (file in NEEDED_FILES or file not in FILES)
        seen: dict[tuple[str, ...], int] = {}
        _, rows = read_sheet(layer.root, layer.folder / file, columns, diagnostics, layer=layer.name, needed=needed)
        for row in rows:
            row_key = (Path(file).stem, *(row.text(column) for column in key))
            if row_key in seen:
                row.fault("SPC014", key=" ".join(row_key[1:]), line=seen[row_key])
                continue
            seen[row_key] = row.place.line
            if DROP in map(row.cells.get, ("converter", "step", "test", "state")):
                if laid.pop(row_key, None) is None:
                    row.fault("SPC015", key=" ".join(row_key[1:]))
                continue
            laid[row_key] = row
    return list(laid.values())


def _row(row: SheetRow) -> MappingRow:
    return MappingRow(
        group=Path(row.place.file).stem,
        target=row.required("target"),
        order=row.integer("order", 1),
        when=row.text("when"),
        sources=row.names("sources"),
        converter=row.required("converter"),
        part=row.text("part"),
        args=tuple(row.args("args").items()),
        code_table=row.text("code_table"),
        if_missing=row.choice("if_missing", Missing, Missing.BLANK),
        if_bad=row.choice("if_bad", Bad, Bad.REJECT),
        basis=row.required("basis"),
        note=row.text("note"),
        place=row.place,
    )


def _step(row: SheetRow) -> StepRow:
    return StepRow(
        group=row.required("group"),
        n=row.integer("n", 0),
        step=row.required("step"),
        inputs=row.names("input"),
        output=row.required("output"),
        keys=row.names("keys"),
        args=tuple(row.args("args").items()),
        effect=row.text("effect"),
        basis=row.required("basis"),
        place=row.place,
    )


def _conditions(rows: list[SheetRow]) -> dict[str, tuple[ConditionLine, ...]]:
    found: dict[str, list[ConditionLine]] = {}
    for row in rows:
        line = ConditionLine(
            condition=row.required("condition"),
            line=row.required("line"),
            item=row.required("item"),
            test=row.required("test"),
            values=tuple(filter(None, row.text("values").split("|"))),
            place=row.place,
        )
        found.setdefault(line.condition, []).append(line)
    return {name: tuple(lines) for name, lines in found.items()}


def _disposition(row: SheetRow) -> Disposition:
    return Disposition(
        table=row.required("table"),
        item=row.required("item"),
        disposition=row.required("disposition"),
        reason=row.required("reason"),
        decided_by=row.required("decided_by"),
        place=row.place,
    )


def _proof(row: SheetRow) -> Proof:
    if row.text("proof") not in PROOF_CLASSES:
        row.fault("SPC007", column="proof", value=row.text("proof"), allowed=" | ".join(PROOF_CLASSES))
    if row.text("proof") in ("signature", "inverse"):
        row.required("signature")
        row.required("sources")
    if row.text("proof") in UNPROVED:
        row.required("reason")
    return Proof(
        group=row.required("group"),
        targets=row.names("target"),
        proof=row.text("proof"),
        signature=row.text("signature"),
        sources=row.names("sources"),
        args=tuple(row.args("args").items()),
        reason=row.text("reason"),
        place=row.place,
    )


def _difference(row: SheetRow) -> AcceptedDifference:
    """One row of accepted differences; everything is required: who accepts what, why, until when."""
    kind, most, expires = row.required("class"), row.required("most"), row.required("expires")
    if kind not in (*DIFFERENCE_CLASSES, "*"):
        row.fault("SPC007", column="class", value=kind, allowed=" | ".join((*DIFFERENCE_CLASSES, "*")))
    if not most.isdecimal():
        row.fault("SPC008", column="most", value=most)
    try:
        date.fromisoformat(expires)
    except ValueError:
        row.fault("SPC008", column="expires", value=expires)
    return AcceptedDifference(
        id=row.required("id"),
        group=row.required("group"),
        item=row.required("item"),
        table=row.required("table"),
        kind=kind,
        most=int(most) if most.isdecimal() else 0,
        reason=row.required("reason"),
        approver=row.required("approver"),
        expires=expires,
        place=row.place,
    )


def _exclusion(row: SheetRow) -> ExclusionProof:
    return ExclusionProof(
        reason=row.required("reason"),
        tables=row.names("tables"),
        kind=row.required("kind"),
        items=row.names("items"),
        values=tuple(filter(None, row.text("values").split("|"))),
        basis=row.required("basis"),
        place=row.place,
    )


def _total(row: SheetRow) -> Total:
    return Total(
        total=row.required("total"),
        kind=row.required("kind"),
        tables=row.names("tables"),
        source=row.names("source"),
        group=row.required("group"),
        target=row.names("target"),
        basis=row.required("basis"),
        place=row.place,
    )


def _unknown_files(layer: Layer, groups: Sequence[str], diagnostics: Diagnostics) -> None:
    """A file that nobody reads is most likely a misspelt group: say so instead of leaving it out silently."""
    for path in sorted(layer.folder.glob("*.csv")):
        if path.name not in FILES and path.stem not in groups:
            diagnostics.add(path.relative_to(layer.root).as_posix(), 0, "SPC016")
