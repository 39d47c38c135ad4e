"""A site folder: who the municipality is, which systems it has, where its rows over the base mappings stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dmig.errors import Diagnostics, UsageFault
from dmig.spec.glyphs.plus import plus_file
from dmig.spec.glyphs.reduction import ORDER
from dmig.spec.header import Header
from dmig.spec.mapping import Layer

KINDS = ("city", "town", "village", "special_ward", "designated_city")
OPERATION_KEYS: dict[str, type] = {"system": str, "mapping_version": str, "input": str}
KEEP_KEYS: dict[str, type] = {"runs": int, "generations": int}
#: The ledger's key: where the private key lies (never the key itself), and the public keys that may have signed.
LEDGER_KEYS: dict[str, type] = {"key": str, "public_key": str}
#: In which order the tables of the reduction map are asked, where the site has an order of its own.
GLYPHS_KEYS: dict[str, type] = {"reduction_order": str}


@dataclass(frozen=True, slots=True)
class Site:
    """One municipality's folder, read and checked."""

    folder: Path
    name: str
    code: str
    kind: str
    operations: dict[str, dict[str, Any]]
    keep_runs: int
    keep_generations: int
    key_file: Path | None = None
    public_keys: tuple[str, ...] = ()
    reduction_order: tuple[str, ...] = ORDER

    def system(self, operation: str) -> str:
        """The legacy system an operation comes from; `UsageFault` when the site does not have the operation."""
        if operation not in self.operations:
            raise UsageFault("RUN008", site=self.name, operation=operation)
        return str(self.operations[operation]["system"])

    def inputs(self, operation: str) -> Path:
        """The folder of the operation's legacy files."""
        return self.folder / str(self.operations[operation]["input"])

    def repairs(self, operation: str) -> Path:
        """Where the decisions about records lie: below the site's protected folder."""
        return self.folder / "protected" / "repairs" / operation / f"{self.system(operation)}.csv"

    def layers(self, operation: str) -> tuple[Layer, ...]:
        """The site's rows over the base mapping and its MJ+ list, if it has any."""
        folder = self.folder / "mappings" / operation / self.system(operation)
        return (Layer(self.name, folder, self.folder),) if folder.is_dir() or plus_file(self.folder).is_file() else ()


def read_site(folder: Path, diagnostics: Diagnostics) -> Site:
    """The site of a folder; faults of dmig.toml go to the diagnostics."""
    header = Header(folder, folder / "dmig.toml", diagnostics)
    kind = header.text("kind")
    if kind and kind not in KINDS:
        header.fault("kind", "SPC007", column="kind", value=kind, allowed=" | ".join(KINDS))
    operations = {}
    for name in header.tree.get("operations", {}):
        operations[name] = header.table_at(("operations", name), OPERATION_KEYS)
        for key in OPERATION_KEYS:
            if key not in operations[name]:
                header.fault(name, "SPC012", key=f"operations.{name}.{key}")
    keep = header.table("keep", KEEP_KEYS)
    ledger = header.table("ledger", LEDGER_KEYS)
    public_keys = tuple(str(ledger.get("public_key", "")).split())
    if any(not re.fullmatch("ed25519:[0-9a-f]{64}", key) for key in public_keys):
        header.fault("public_key", "SPC051", column="public_key")
    if "key" in ledger and not public_keys:
        header.fault("key", "SPC012", key="ledger.public_key")
    order = tuple(str(header.table("glyphs", GLYPHS_KEYS).get("reduction_order", "")).split())
    if unknown := [table for table in order if table not in ORDER]:
        header.fault("reduction_order", "SPC007", column="reduction_order", value=unknown[0], allowed=" | ".join(ORDER))
    site = Site(
        folder=folder,
        name=header.text("name"),
        code=header.text("code"),
        kind=kind,
        operations=operations,
        keep_runs=keep.get("runs", 10),
        keep_generations=keep.get("generations", 3),
        key_file=folder / str(ledger["key"]) if "key" in ledger else None,
        public_keys=public_keys,
        reduction_order=order or ORDER,
    )
    header.close("name", "code", "kind", "wards", "operations", "keep", "ledger", "glyphs")
    return site


def check_pins(site: Site, operation: str, mapping_version: str, diagnostics: Diagnostics) -> None:
    """The base mapping must have the version that the site was written against."""
    pinned = str(site.operations[operation].get("mapping_version", ""))
    if pinned and pinned != mapping_version:
        diagnostics.add("dmig.toml", 0, "SPC045", mine=pinned, found=mapping_version)
