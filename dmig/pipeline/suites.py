"""Suite files of a standard layout: written from the layout, and believed only while they equal what it gives now."""

from __future__ import annotations

import json
from pathlib import Path

from dmig.errors import Diagnostics
from dmig.model.layout import StandardLayout
from dmig.plan.rules import group_rules
from dmig.spec.library import Library
from dmig.stages.accept import Expectation, canonical, expectations, suite

#: Expectations by group.
Suites = dict[str, tuple[Expectation, ...]]


def suites_folder(library: Library, layout: StandardLayout) -> Path:
    """Where the suites of a layout stand."""
    return library.root / "schemas" / "standard" / layout.operation / layout.version / "suites"


def suite_texts(layout: StandardLayout) -> dict[str, str]:
    """File name and text of every group's suite, as the layout and its rules give it now."""
    return {
        f"{group.group}.json": canonical(suite(layout, group, group_rules(layout, group))) for group in layout.groups
    }


def stale_suites(library: Library, layout: StandardLayout) -> list[Path]:
    """Suite files that are missing, altered, or of no group."""
    folder, texts = suites_folder(library, layout), suite_texts(layout)
    found = {path.name: path for path in folder.glob("*")} if folder.is_dir() else {}
    return [
        folder / name
        for name in sorted(texts.keys() | found.keys())
        if name not in texts or name not in found or not _holds(found[name], texts[name])
    ]


def write_suites(library: Library, layout: StandardLayout) -> list[Path]:
    """Write what is stale, remove what is of no group; gives the files that were touched."""
    touched, texts = stale_suites(library, layout), suite_texts(layout)
    for path in touched:
        if path.name in texts:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(texts[path.name], encoding="utf-8", newline="\n")
        else:
            path.unlink()
    return touched


def shipped_suites(library: Library, layout: StandardLayout) -> Suites:
    """The suites read from their files; `SpecError` names every file that is not what the layout gives now."""
    diagnostics = Diagnostics()
    for path in stale_suites(library, layout):
        diagnostics.add(path.relative_to(library.root).as_posix(), 0, "SPC060", operation=layout.operation)
    diagnostics.stop_if_any()
    folder = suites_folder(library, layout)
    return {
        group.group: expectations(json.loads((folder / f"{group.group}.json").read_text(encoding="utf-8")))
        for group in layout.groups
    }


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()
