"""All operations of a site, or of the shipped samples, one after the other, and then against each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dmig.errors import DmigError, SpecError
from dmig.pipeline.across import reconcile_across
from dmig.pipeline.measure import Progress, silent
from dmig.pipeline.session import Asked, open_session, open_site
from dmig.spec.library import Library, shipped

#: Over several operations the gravest of their exit codes is told: program, environment, declarations, mismatch, gates.
GRAVEST = (70, 5, 3, 4, 1, 2)


@dataclass(frozen=True, slots=True)
class Done:
    """One operation: its result, or the fault that ended it before it had one."""

    operation: str
    exit_code: int
    result: dict[str, Any] | None = None
    fault: DmigError | SpecError | None = None


def operations_of(asked: Asked) -> tuple[str, ...]:
    """The operations of the site, or those that come with sample input."""
    site = open_site(asked.site)
    return tuple(site.operations) if site else Library(asked.library or shipped()).delivered(asked.system)


def run_all(asked: Asked, progress: Progress = silent) -> tuple[list[Done], dict[str, Any]]:
    """Every operation in its order; one that ends with a fault does not keep the others from running.

    Gives what became of each, and the rules between operations over the last run of each.
    """
    done = [_one(replace(asked, operation=name), progress) for name in operations_of(asked)]
    runs = asked.site / "runs" if asked.site else asked.runs
    return done, reconcile_across(Path(runs))


def gravest(codes: list[int]) -> int:
    """The exit code of several operations together."""
    return next((code for code in GRAVEST if code in codes), 0)


def _one(asked: Asked, progress: Progress) -> Done:
    try:
        result = open_session(asked).run(progress)
    except SpecError as fault:
        return Done(asked.operation, 3, fault=fault)
    except DmigError as fault:
        return Done(asked.operation, int(fault.exit_code), fault=fault)
    return Done(asked.operation, int(result["exit_code"]), result)
