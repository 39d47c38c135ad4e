"""Reading gates.toml: greatest counts, and how many persons must approve a plan before its real run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dmig.errors import Diagnostics
from dmig.spec.header import Header

#: What may have a limit. Gates that are not here (could not judge) have none.
MAX_KEYS: dict[str, type] = dict.fromkeys(
    (
        "rejects",
        "cascades",
        "blanked",
        "differences",
        "undecided",
        "not_used",
        "unproved",
        "manual_entry",
        "glyphs",
        "findings",
    ),
    int,
)
FILE = "gates.toml"


@dataclass(frozen=True, slots=True)
class Gates:
    """Limits by gate, and the approvals that a real run needs."""

    limits: dict[str, int]
    approvals: int = 1


def read_gates(layers: Sequence[tuple[Path, Path]], diagnostics: Diagnostics) -> Gates:
    """The gates of layers (root, folder), first the base, which must have the file. A site's settings replace.

    Doing without approvals (0) is for a site to say, not for a base mapping.
    """
    found = Gates({})
    for number, (root, folder) in enumerate(layers):
        if number and not (folder / FILE).is_file():
            continue
        found = _laid(found, Header(root, folder / FILE, diagnostics), least=0 if number else 1)
    return found


def read_gates_file(path: Path, diagnostics: Diagnostics) -> Gates:
    """The gates of one file by itself."""
    return _laid(Gates({}), Header(path.parent, path, diagnostics), least=0)


def _laid(below: Gates, header: Header, least: int) -> Gates:
    limits = below.limits | header.table("max", MAX_KEYS)
    approvals = header.tree.get("approvals", below.approvals)
    if type(approvals) is not int:
        header.fault("approvals", "SPC012", key="approvals")
        approvals = below.approvals
    elif approvals < least:
        header.fault("approvals", "SPC007", column="approvals", value=approvals, allowed=f">= {least}")
        approvals = below.approvals
    header.close("max", "approvals")
    return Gates(limits, approvals)
