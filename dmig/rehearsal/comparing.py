"""Two nights of one plan held against each other: causes, what they were made of, and when they ran.

A cause counts as resolved only where its operation was judged in the later night: an operation that did not come to its end
has resolved nothing, and its causes stay as they were known last.
"""

from __future__ import annotations

from dataclasses import dataclass

from dmig.model.rehearsal import Cause, Night, RehearsalPlan, Rehearsed

#: A night is missing when more than one and a half of its intervals have passed.
LATE = 1.5
#: Causes that refuse or blank something, or stop an operation, come before findings.
GRAVE = ("fault", "difference", "total", "rule", "reject", "blank", "finding")


@dataclass(frozen=True, slots=True)
class Changes:
    """What is not the same as in the night before: new, resolved and recurring causes, gravest first.

    `unjudged`: operations whose causes are those of an earlier night. `changed`: by operation what it was made of that
    changed (`program`, `plan`, `inputs`, with the files). `same_hashes`: every operation published what it did before.
    `strayed`: operations made of the same that published something else.
    """

    new: tuple[Cause, ...]
    resolved: tuple[Cause, ...]
    recurring: tuple[Cause, ...]
    unjudged: tuple[str, ...]
    changed: dict[str, tuple[str, ...]]
    same_hashes: bool
    strayed: tuple[str, ...]

    @property
    def is_quiet(self) -> bool:
        """Nothing changed, neither what went in nor what came out."""
        return self.same_hashes and not (self.new or self.resolved or self.changed or self.unjudged)


def compare(before: Night | None, now: Night) -> Changes:
    """The changes since the night before; without one every cause is new."""
    old, own = (before.causes if before else {}), now.causes
    unjudged = tuple(one.operation for one in now.operations if not one.judged)
    pairs = [(before.operation(one.operation) if before else None, one) for one in now.operations]
    judged = [(old_one, one) for old_one, one in pairs if one.judged]
    changed = {one.operation: found for old_one, one in judged if old_one and (found := _changed(old_one, one))}
    both = [(a, b) for a, b in judged if a is not None and a.judged]
    alike = [a.fingerprint.outputs == b.fingerprint.outputs for a, b in both]
    return Changes(
        new=_ordered(own.keys() - old.keys()),
        resolved=_ordered(old.keys() - own.keys()),
        recurring=_ordered(own.keys() & old.keys()),
        unjudged=unjudged,
        changed=changed,
        same_hashes=bool(both) and len(both) == len(now.operations) and all(alike),
        strayed=tuple(
            b.operation for a, b in both if not _changed(a, b) and a.fingerprint.outputs != b.fingerprint.outputs
        ),
    )


def _changed(before: Rehearsed, now: Rehearsed) -> tuple[str, ...]:
    old, own = before.fingerprint, now.fingerprint
    found = [name for name in ("program", "plan") if getattr(old, name) != getattr(own, name)]
    files, others = dict(old.inputs), dict(own.inputs)
    found += sorted(name for name in files.keys() | others.keys() if files.get(name) != others.get(name))
    return tuple(found)


def _ordered(causes: set[Cause]) -> tuple[Cause, ...]:
    return tuple(sorted(causes, key=lambda cause: (GRAVE.index(cause.what), cause)))


def missing_nights(before: Night | None, now: Night, every_hours: int) -> int:
    """How many nights should have been between two; -1 where the clock says that the later one was earlier."""
    if before is None:
        return 0
    passed = (now.started_s - before.started_s) / 3600
    if passed < 0:
        return -1
    return max(0, round(passed / every_hours) - 1) if passed > LATE * every_hours else 0


def over_window_minutes(plan: RehearsalPlan, night: Night, started_minute: int) -> int:
    """By how many minutes a night ended behind its window; 0 where it has none, or kept it.

    `started_minute`: of the day, by the local clock. A night that begins outside its window has all of its time behind it.
    """
    if plan.window is None:
        return 0
    since = (started_minute - plan.window.start) % (24 * 60)
    took = (night.ended_s - night.started_s) / 60
    if since >= plan.window.minutes:
        return max(1, round(took))
    return max(0, round(since + took - plan.window.minutes))
