"""The entries of the register as columns."""

from __future__ import annotations

from dataclasses import dataclass

from dmig.synth.streams import Bools, Ints


@dataclass(frozen=True, slots=True)
class Entries:
    """One place per entry of the register, ordered by 宛名番号 and age of the entry.

    `number` counts a person's entries with the deleted ones, `sequence` without (0 for a deleted one); `latest` marks
    the current entry. `era` is the era written for `day`; `vague` is 0 for a known day, else what of it was lost
    (1 all, 2 month and day, 3 the day), and `day_known` says whether it is 0;
    `stale_era` marks an era that had ended (an expected finding). `reported` is the day of the notice, or NEVER.
    """

    person: Ints
    number: Ints
    sequence: Ints
    latest: Bools
    deleted: Bools
    kind: Ints
    day: Ints
    day_known: Bools
    vague: Ints
    era: Ints
    stale_era: Bools
    reported: Ints
    household_number: Ints
    head: Ints
    relation: Ints
    surname: Ints
    address: Ints

    def __len__(self) -> int:
        return len(self.person)
