"""Reading approvers.csv of a site: who may approve, with which key, in which period."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from dmig.errors import Diagnostics
from dmig.spec.sheet import Columns, read_sheet

APPROVERS = Columns(("name", "role", "division", "public_key", "valid_from", "valid_to"))
FILE = "approvers.csv"


@dataclass(frozen=True, slots=True)
class Approver:
    """One row: a person with one key; a later key of the same person is a further row."""

    name: str
    role: str
    division: str
    public_key: str
    valid_from: str
    valid_to: str

    def may_approve(self, day: str) -> bool:
        """Whether the day lies in the period; a blank end is open."""
        return self.valid_from <= day and (not self.valid_to or day <= self.valid_to)


def read_approvers(site: Path, diagnostics: Diagnostics) -> list[Approver]:
    """The approvers of a site folder; a key that stands for two persons, or twice, is a fault."""
    _, rows = read_sheet(site, site / FILE, APPROVERS, diagnostics)
    seen: dict[str, int] = {}
    found = []
    for row in rows:
        key = row.required("public_key")
        if key and not re.fullmatch("ed25519:[0-9a-f]{64}", key):
            row.fault("SPC051", column="public_key")
        if key in seen:
            row.fault("SPC014", key=key, line=seen[key])
        seen.setdefault(key, row.place.line)
        row.required("valid_from")
        found.append(
            Approver(
                name=row.required("name"),
                role=row.required("role"),
                division=row.required("division"),
                public_key=key,
                valid_from=row.day("valid_from"),
                valid_to=row.day("valid_to"),
            )
        )
    return found
