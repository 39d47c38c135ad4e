"""Two versions of a standard layout, read from a library, and what the mapping has to follow."""

from __future__ import annotations

from pathlib import Path

from dmig.errors import Diagnostics, UsageFault
from dmig.model.layout import StandardLayout
from dmig.plan.layout_diff import Change, diff_layouts
from dmig.spec.library import Library, load, shipped
from dmig.spec.standard import read_standard


def diff_versions(root: Path | None, old: str, new: str, system: str) -> list[Change]:
    """What changes from `old` to `new`, both `operation/version`; `SpecError` where one cannot be read.

    `UsageFault` RUN005 for a version that does not exist.
    """
    library = Library(root or shipped())
    before, after = _layout(library, old), _layout(library, new)
    diagnostics = Diagnostics()
    mapping = load(library, after.operation, system, diagnostics).mapping
    diagnostics.stop_if_any()
    return diff_layouts(before, after, mapping)


def _layout(library: Library, name: str) -> StandardLayout:
    standard = library.root / "schemas" / "standard"
    folder = standard / name
    if not (folder / "layout.toml").is_file():
        known = sorted(path.parent.relative_to(standard).as_posix() for path in standard.glob("*/*/layout.toml"))
        raise UsageFault("RUN005", what="layout", name=name, known=" ".join(known))
    diagnostics = Diagnostics()
    layout = read_standard(library.root, folder, diagnostics)
    diagnostics.stop_if_any()
    return layout
