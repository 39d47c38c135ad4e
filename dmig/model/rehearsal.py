"""A rehearsal: the operations of a site run in one night, and what of it is compared with the night before."""

from __future__ import annotations

from dataclasses import dataclass, field

MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Window:
    """When a rehearsal may run: minutes after midnight; the end may lie on the next day."""

    start: int
    end: int

    @property
    def minutes(self) -> int:
        """How long it is, at most a day."""
        return (self.end - self.start) % MINUTES_A_DAY or MINUTES_A_DAY


@dataclass(frozen=True, slots=True)
class RehearsedOperation:
    """One operation, and those that must have come to their end before it."""

    operation: str
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RehearsalPlan:
    """What is rehearsed. `plan` names nights that are compared; `every_hours` tells when one is missing.

    `keep`: of so many nights the stages stay. `drop`: a folder below the site in which the digest of each night is left.
    """

    plan: str
    title: str
    operations: tuple[RehearsedOperation, ...]
    window: Window | None = None
    workers: int = 0
    keep: int = 7
    every_hours: int = 24
    across: bool = True
    drop: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Cause:
    """A root cause: what kind of thing it is, its code, and where it was met. Names and codes, never values."""

    operation: str
    what: str
    code: str
    place: str


#: Causes with how many records were met; None for one to nine.
Causes = dict[Cause, int | None]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a run was made of, and what it made: two nights with the same of the first three must agree in the last."""

    program: str = ""
    plan: str = ""
    inputs: tuple[tuple[str, str], ...] = ()
    outputs: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What became of one operation in one night.

    `status`: that of its run; `error` where it had none, `skipped` where one that it waits for had none. `causes` are
    those of the last night in which it was judged, if it was not judged in this one (`judged`). `labels`: how people call
    the places of causes.
    """

    operation: str
    run_id: str
    status: str
    exit_code: int
    elapsed_s: float
    judged: bool
    causes: Causes = field(default_factory=dict)
    fingerprint: Fingerprint = field(default_factory=Fingerprint)
    gates: tuple[tuple[str, int, int | None, str], ...] = ()
    records: int = 0
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Night:
    """One rehearsal: its number, when it ran (seconds of the clock), and each operation in its order.

    `across` are the causes between operations; `across_code` the exit code of that comparison, None where none was asked.
    """

    plan: str
    number: int
    started_s: float
    ended_s: float
    operations: tuple[Rehearsed, ...]
    across: Causes = field(default_factory=dict)
    across_code: int | None = None

    @property
    def causes(self) -> Causes:
        """All causes."""
        found: Causes = {}
        for operation in self.operations:
            found |= operation.causes
        return found | self.across

    def label(self, cause: Cause) -> str:
        """How people call the place of a cause."""
        found = self.operation(cause.operation)
        return found.labels.get(cause.place, cause.place) if found else cause.place

    def operation(self, name: str) -> Rehearsed | None:
        """One operation of the night."""
        return next((one for one in self.operations if one.operation == name), None)
