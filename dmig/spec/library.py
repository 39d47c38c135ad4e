"""Where declarations live: a folder with schemas/, mappings/ and fixtures/, and how an operation is loaded from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import dmig
from dmig.errors import Diagnostics, UsageFault
from dmig.model.layout import StandardLayout
from dmig.model.legacy import LegacyLayout
from dmig.model.mapping import Mapping
from dmig.spec.header import Header
from dmig.spec.legacy import read_legacy
from dmig.spec.mapping import Layer, read_mapping
from dmig.spec.standard import read_standard


def shipped() -> Path:
    """The library that comes with the program: beside the package in a checkout, inside it when installed."""
    package = Path(dmig.__file__).resolve().parent
    inside = package / "library"
    return inside if inside.is_dir() else package.parent


@dataclass(frozen=True, slots=True)
class Library:
    """A root of declarative files."""

    root: Path

    def operations(self) -> list[str]:
        """Operations that have a mapping."""
        return sorted(path.name for path in (self.root / "mappings").glob("*") if path.is_dir())

    def systems(self, operation: str) -> list[str]:
        """Legacy systems that an operation has a mapping from."""
        return sorted(path.name for path in (self.root / "mappings" / operation).glob("*") if path.is_dir())

    def delivered(self, system: str) -> tuple[str, ...]:
        """Operations that come with sample input of a legacy system."""
        found = (self.root / "fixtures").glob(f"*/clean/{system}")
        return tuple(sorted(path.parent.parent.name for path in found))

    def mapping_folder(self, operation: str, system: str) -> Path:
        """Where the base mapping stands; `UsageFault` when there is none."""
        for what, name, known in (
            ("operation", operation, self.operations()),
            ("system", system, self.systems(operation)),
        ):
            if name not in known:
                raise UsageFault("RUN005", what=what, name=name, known=" ".join(known))
        return self.root / "mappings" / operation / system

    def fixture(self, operation: str, name: str, system: str) -> Path:
        """The shipped input files of a fixture."""
        folder = self.root / "fixtures" / operation / name / system
        if not folder.is_dir():
            known = sorted(path.name for path in (self.root / "fixtures" / operation).glob("*"))
            raise UsageFault("RUN005", what="fixture", name=name, known=" ".join(known))
        return folder


def mapping_version(library: Library, operation: str, system: str) -> str:
    """The version of a base mapping, which a site's rows are written against."""
    folder = library.mapping_folder(operation, system)
    return Header(library.root, folder / "mapping.toml", Diagnostics()).text("version", needed=False)


@dataclass(frozen=True, slots=True)
class Declarations:
    """The three sets of declarations of one operation from one legacy system."""

    layout: StandardLayout
    legacy: LegacyLayout
    mapping: Mapping


def load(
    library: Library, operation: str, system: str, diagnostics: Diagnostics, site: tuple[Layer, ...] = ()
) -> Declarations:
    """Read layouts and mapping; faults go to the diagnostics, so that the compiler can add its own."""
    folder, root = library.mapping_folder(operation, system), library.root
    version = Header(root, folder / "mapping.toml", Diagnostics()).text("layout_version", needed=False)
    layout = read_standard(root, root / "schemas" / "standard" / operation / version, diagnostics)
    legacy = read_legacy(root, root / "schemas" / "legacy" / system / operation, diagnostics)
    groups = [group.group for group in layout.groups]
    for file in (folder / "mapping.toml", root / "schemas" / "legacy" / system / operation / "layout.toml"):
        _check_names(root, file, {"operation": operation, "system": system}, diagnostics)
    mapping = read_mapping((Layer("base", folder, root), *site), groups, diagnostics)
    return Declarations(layout, legacy, mapping)


def _check_names(root: Path, file: Path, names: dict[str, str], diagnostics: Diagnostics) -> None:
    """A header must name the operation and system in whose folder it stands."""
    header = Header(root, file, Diagnostics())
    for key, name in names.items():
        if header.tree and header.tree.get(key) != name:
            diagnostics.add(header.file, header.line(key), "SPC041", mine=name, found=header.tree.get(key, ""))
