"""What every pass of one run is handed: the plan, the run folder, the inputs, the worker count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dmig.converters.contract import Registry
from dmig.model.repairs import SAMPLE_SECRET
from dmig.pipeline.overlay import Overlay, Repaired
from dmig.pipeline.suites import Suites
from dmig.plan.nouns import GroupPlan, Plan
from dmig.steps.contract import StepKind
from dmig.steps.registry import step_kinds
from dmig.store.private import empty_folder, make_private, this_start


@dataclass(frozen=True, slots=True)
class InputFile:
    """One legacy file of a run."""

    table: str
    path: Path
    size_bytes: int
    sha256: str


@dataclass(slots=True)
class Context:
    """One run on its way. `stage_folder` gives each stage its keyed place below the protected folder.

    `overlay` and `repaired` are what the pass of repairs found; None where nobody decided anything. `corrected` are
    the cells that reconciliation found by itself.
    """

    plan: Plan
    make_registry: Callable[[], Registry]
    folder: Path
    inputs: dict[str, InputFile]
    extra_steps: tuple[StepKind, ...] = ()
    mapping_folders: tuple[Path, ...] = ()
    workers: int = 1
    dry_run: bool = True
    suites: Suites | None = None
    secret: bytes = field(default=SAMPLE_SECRET, repr=False)
    overlay: Overlay | None = None
    repaired: Repaired | None = None
    corrected: dict[str, Any] = field(default_factory=dict, repr=False)
    results: dict[str, dict[str, object]] = field(default_factory=dict)

    @property
    def steps(self) -> dict[str, StepKind]:
        """All steps by name; made anew in each process, because a step is code."""
        return step_kinds(self.extra_steps)

    @property
    def protected(self) -> Path:
        """Where values of records may stand."""
        return self.folder / "protected"

    def stage_folder(self, stage: str, key: str) -> Path:
        """The folder of a stage; emptied first when it was made from something else, or before the machine went down."""
        folder = make_private(self.protected) / stage
        mark, key = folder / "key", f"{key} {this_start()}"
        if not mark.exists() or mark.read_text(encoding="ascii") != key:
            empty_folder(folder)
            mark.write_text(key, encoding="ascii")
        return folder

    def table_index(self, table: str) -> int:
        """Position of a table in the legacy layout: the value of `__table`."""
        return next(n for n, entry in enumerate(self.plan.legacy.tables) if entry.table == table)

    def group(self, name: str) -> GroupPlan:
        """A group's plan."""
        return self.plan.group(name)
