"""Which files a plan is compiled from: what an auditor is handed, and what must not have changed since."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dmig.errors import Diagnostics
from dmig.spec.glyphs.plus import FILE, FOLDER, plus_file
from dmig.spec.library import Library
from dmig.spec.mapping import Layer
from dmig.spec.standard import layout_folders


def declaration_files(
    library: Library, operation: str, system: str, layout_version: str, site: Sequence[Layer] = ()
) -> dict[str, Path]:
    """All files of mapping and layouts by their place below the library; a site's rows below `site/`."""
    layout = library.root / "schemas" / "standard" / operation / layout_version
    folders = [
        (library.root, library.mapping_folder(operation, system), ""),
        *((library.root, folder, "") for folder in layout_folders(library.root, layout, Diagnostics())),
        (library.root, library.root / "schemas" / "legacy" / system / operation, ""),
        *((layer.root, layer.folder, "site/") for layer in site),
    ]
    lists = {f"site/{FOLDER}/{FILE}": plus_file(layer.root) for layer in site if plus_file(layer.root).is_file()}
    return lists | {
        prefix + path.relative_to(root).as_posix(): path
        for root, folder, prefix in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
