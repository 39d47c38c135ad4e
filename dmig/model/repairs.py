"""What staff decided about single records: corrections, records typed by hand, accepted findings, open questions."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from dmig.model.mapping import Place


class Treatment(StrEnum):
    """What is done about one cause at one record."""

    FIX_AT_SOURCE = "fix_at_source"
    REPAIR = "repair"
    MANUAL_ENTRY = "manual_entry"
    ACCEPT = "accept"


#: What staff call the treatments.
TREATMENT_NAMES = {
    Treatment.FIX_AT_SOURCE: "旧側修正",
    Treatment.REPAIR: "補正",
    Treatment.MANUAL_ENTRY: "手入力",
    Treatment.ACCEPT: "容認",
}
#: Why a record left, in the fate of source records.
MANUAL_REASON = TREATMENT_NAMES[Treatment.MANUAL_ENTRY]
#: Between the cells of a record when all of it is hashed.
SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Decision:
    """One row of repairs.csv. `key` are the raw texts of the table's key items; what is personal is not shown.

    `old_hash` is the keyed hash of the item's raw text, or where `item` is blank of the whole record. `new_value` is
    in the form of the old system.
    """

    table: str
    key: tuple[str, ...] = field(repr=False)
    item: str
    code: str
    treatment: Treatment
    old_hash: str
    new_value: str = field(repr=False)
    reason: str = field(repr=False)
    due: str
    decided_by: str
    approved_by: str
    place: Place

    @property
    def approved(self) -> bool:
        """Whether a second person stands for it."""
        return bool(self.approved_by) and self.approved_by != self.decided_by

    @property
    def locator(self) -> tuple[str, tuple[str, ...], str, str]:
        """What it speaks of: no two rows of a file have the same."""
        return self.table, self.key, self.item, self.code


@dataclass(frozen=True, slots=True)
class Repairs:
    """The decisions of one file, in its order; `sha256` of its bytes, "" where there is no file."""

    sha256: str = ""
    decisions: tuple[Decision, ...] = ()


NO_REPAIRS = Repairs()
#: Keys the hashes where no site has a key: what is not a site's is invented.
SAMPLE_SECRET = b"dmig sample"


def keyed_hash(secret: bytes, raw: str | bytes) -> str:
    """What stands for a value without telling it: HMAC-SHA256 of its text."""
    return hmac.new(secret, raw.encode() if isinstance(raw, str) else raw, hashlib.sha256).hexdigest()


def record_text(cells: Iterable[str | None]) -> str:
    """A whole record as one text, to be hashed."""
    return SEPARATOR.join(cell or "" for cell in cells)
