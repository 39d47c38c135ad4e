"""One run: compile, then the passes in their one order, each resumable; then gates, result, ledger.

read -> repair -> shape -> convert (with normalise) -> finish -> check -> judge -> write -> accept -> conserve -> reconcile -> gates
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from dmig.converters.contract import Registry
from dmig.converters.registry import builtin
from dmig.errors import Diagnostics, DmigError, UsageFault
from dmig.model.repairs import NO_REPAIRS, SAMPLE_SECRET
from dmig.pipeline import worker
from dmig.pipeline.accept_pass import Accepted, accept_pass
from dmig.pipeline.check_pass import CheckedGroup, check_pass
from dmig.pipeline.conservation import Conservation, conserve
from dmig.pipeline.context import Context, InputFile
from dmig.pipeline.convert_pass import convert_pass
from dmig.pipeline.decided import settled
from dmig.pipeline.exclusion_pass import NOTED, note_excluded
from dmig.pipeline.file_ledger import stated_totals
from dmig.pipeline.finish_pass import finish_pass
from dmig.pipeline.guard import refuse_harmful_environment
from dmig.pipeline.inputs import find_inputs
from dmig.pipeline.judge_pass import judge_pass
from dmig.pipeline.measure import Progress, StageClock, silent
from dmig.pipeline.overlay import Repaired
from dmig.pipeline.population_pass import explained_references, judge_populations, population_pass
from dmig.pipeline.proving import proving
from dmig.pipeline.read_pass import Staged, read_pass
from dmig.pipeline.reconcile_pass import Reconciled, count_totals, reconcile_pass
from dmig.pipeline.repair_pass import repair_pass
from dmig.pipeline.shape_pass import ShapedGroup, shape_pass
from dmig.pipeline.suites import shipped_suites
from dmig.pipeline.tasks import Workers
from dmig.pipeline.write_pass import Output, write_pass
from dmig.plan.compile import BLOCK_BYTES, Parts, compile_plan
from dmig.plan.nouns import Plan
from dmig.spec.library import Declarations, Library, load
from dmig.spec.mapping import Layer
from dmig.spec.repairs import read_repairs
from dmig.stages.reconcile import signature_names
from dmig.steps.contract import StepKind
from dmig.steps.registry import step_kinds
from dmig.store.private import make_private, private_umask, written_aside
from dmig.store.state import State, digest

T = TypeVar("T")


#: Below a run's folder: files that came packed.
UNPACKED = Path("protected") / "unpacked"


@dataclass(frozen=True, slots=True)
class Request:
    """What a run is asked to do. `extra_steps` is for plug-ins handed over by a test or an embedding program.

    `accept`: what was written is judged by the suites too. `dmig run` always asks for it. `repairs`: the file of what
    staff decided about records; `secret` keys the hashes in it.
    """

    library: Library
    operation: str
    system: str
    inputs: Path
    folder: Path
    dry_run: bool = True
    workers: int = 1
    block_bytes: int = 0
    resume: bool = False
    site: tuple[Layer, ...] = ()
    make_registry: Callable[[], Registry] = builtin
    extra_steps: tuple[StepKind, ...] = ()
    progress: Progress = silent
    accept: bool = False
    repairs: Path | None = None
    secret: bytes = field(default=SAMPLE_SECRET, repr=False)


@dataclass(slots=True)
class RunOutcome:
    """Everything a run found out, before it is judged by gates and rendered."""

    plan: Plan
    inputs: dict[str, InputFile]
    conservation: Conservation
    reports: pl.DataFrame
    evaluated: dict[str, dict[str, int]]
    outputs: list[Output]
    reconciled: Reconciled
    proved: dict[str, Any]
    stages: list[dict[str, Any]] = field(default_factory=list)
    accepted: Accepted | None = None
    repaired: Repaired | None = None


def compile_operation(request: Request) -> Plan:
    """Read and compile all declarations; `SpecError` names every fault at once."""
    diagnostics = Diagnostics()
    declared: Declarations = load(request.library, request.operation, request.system, diagnostics, request.site)
    parts = Parts(
        registry=request.make_registry(),
        steps=step_kinds(request.extra_steps),
        block_bytes=request.block_bytes or BLOCK_BYTES,
        signatures=signature_names(),
    )
    repairs = read_repairs(request.repairs, declared.legacy, diagnostics) if request.repairs else NO_REPAIRS
    plan = compile_plan(declared.layout, declared.legacy, declared.mapping, parts, diagnostics)
    if not repairs.sha256:
        return plan
    # What was approved is the plan with these very decisions.
    return replace(plan, repairs=repairs, plan_hash=digest(plan.plan_hash, repairs.sha256))


def execute(request: Request, plan: Plan) -> RunOutcome:
    """Run all passes of a compiled plan over the inputs."""
    refuse_harmful_environment()
    with private_umask():
        return _execute(request, plan)


def _execute(request: Request, plan: Plan) -> RunOutcome:
    make_private(request.folder)
    context = Context(
        plan=plan,
        make_registry=request.make_registry,
        extra_steps=request.extra_steps,
        folder=request.folder,
        inputs=find_inputs(plan, request.inputs, request.folder / UNPACKED),
        mapping_folders=mapping_folders(request),
        workers=request.workers,
        dry_run=request.dry_run,
        secret=request.secret,
        suites=shipped_suites(request.library, plan.layout) if request.accept else None,
    )
    state = State(request.folder / "state.json")
    key = digest(plan.plan_hash, {name: entry.sha256 for name, entry in context.inputs.items()})
    # A dry run that is resumed stays one: what it found is not published under its name.
    start = digest(key, request.dry_run)
    if state.stages and state.done("start", start) is None:
        raise UsageFault("RUN003")
    state.complete("start", start, {})
    keep_repairs(request, plan)
    worker.prepare(plan, request.make_registry)
    workers = Workers(request.workers, worker.prepare, (plan, request.make_registry))
    try:
        return _passes(context, workers, key, request.progress)
    finally:
        workers.close()


def keep_repairs(request: Request, plan: Plan) -> None:
    """A copy of the decisions stays with the run: reconciliation and `dmig trace` read what the run has used."""
    kept = kept_repairs(request.folder)
    if request.repairs is None or request.repairs == kept:
        return
    content = request.repairs.read_bytes()
    if hashlib.sha256(content).hexdigest() != plan.repairs.sha256:
        raise DmigError("RPR010", transient=True, path=request.repairs.name)
    make_private(kept.parent)
    with written_aside(kept) as aside:
        aside.write_bytes(content)


def kept_repairs(folder: Path) -> Path:
    """Where a run keeps the decisions that it has used."""
    return folder / "protected" / "repairs.csv"


def own_repairs(folder: Path) -> Path | None:
    """The decisions that a stored run has used, if there were any."""
    kept = kept_repairs(folder)
    return kept if kept.is_file() else None


def mapping_folders(request: Request) -> tuple[Path, ...]:
    """The folder of the base mapping and those whose rows are laid over it."""
    base = request.library.mapping_folder(request.operation, request.system)
    return (base, *(layer.folder for layer in request.site))


def _passes(context: Context, workers: Workers, key: str, progress: Progress) -> RunOutcome:
    clock = StageClock(progress)
    workers.on_block = clock.block

    def folder(stage: str) -> Path:
        return context.stage_folder(stage, key)

    def timed(stage: str, work: Callable[[], T]) -> T:
        with clock.stage(stage):
            return work()

    staged: dict[str, Staged] = timed("read", lambda: read_pass(context, workers, folder("read")))
    if context.plan.repairs.decisions:
        context.repaired = timed("repair", lambda: repair_pass(context, workers, staged, folder("repair")))
    promised = timed("shape", lambda: shape_pass(context, workers, staged, folder("shape")))
    shaped, converted = timed("convert", lambda: convert_pass(context, workers, promised, staged, folder("convert")))
    converted = timed("finish", lambda: finish_pass(context, workers, converted, folder("finish")))
    checked: dict[str, CheckedGroup] = timed("check", lambda: check_pass(context, workers, converted, folder("check")))
    found = (staged, shaped, converted, checked)
    judged, reports = timed("judge", lambda: judge_pass(context, workers, *found, folder("judge")))
    context.repaired = settled(context, context.repaired, judged, reports)
    written = folder("write")
    outputs = timed("write", lambda: write_pass(context, workers, converted, judged, written))
    accepted = timed("accept", lambda: _accepted(context, workers, outputs, written, folder("accept")))
    conservation = timed("conserve", lambda: conserve(context, staged, shaped, judged))
    again, books = (written / "published", folder("reconcile")), Books(conservation, reports, staged, shaped)
    reconciled = timed("reconcile", lambda: _reconciled(context, workers.anew(), outputs, again, books))
    return RunOutcome(
        plan=context.plan,
        inputs=context.inputs,
        conservation=conservation,
        reports=reports,
        evaluated={name: group.evaluated for name, group in checked.items()},
        outputs=outputs,
        reconciled=reconciled,
        proved=proving(context.plan, reconciled.verdicts, {n: group.accepted_rows for n, group in judged.items()}),
        stages=clock.lines(sum(entry.records for entry in staged.values())),
        accepted=accepted,
        repaired=context.repaired,
    )


@dataclass(frozen=True, slots=True)
class Books:
    """What the run itself says of its records, for the second reading to be held against."""

    conservation: Conservation
    reports: pl.DataFrame
    staged: dict[str, Staged]
    shaped: dict[str, ShapedGroup]


def _reconciled(
    context: Context, workers: Workers, outputs: list[Output], places: tuple[Path, Path], books: Books
) -> Reconciled:
    """Cells, totals and populations, from source and target read again, against the books of the run."""
    published, folder = places
    note_excluded(context, books.staged, books.shaped, folder / NOTED)
    counted = population_pass(context, workers, outputs, published, folder)
    found = reconcile_pass(context, workers, outputs, published, folder)
    tables, groups = books.conservation.tables, books.conservation.groups
    explained = explained_references(context.plan, books.reports, groups)
    populations = judge_populations(counted, tables, groups, explained)
    stated = stated_totals(context, books.staged, books.conservation.files)
    totals = (*stated, *count_totals(context, tables, groups), *populations.records)
    return replace(found.with_totals(totals), populations=populations)


def _accepted(
    context: Context, workers: Workers, outputs: list[Output], written: Path, folder: Path
) -> Accepted | None:
    """What the suites say of the published files, where that was asked for."""
    if context.suites is None:
        return None
    return accept_pass(context, workers, outputs, written / "published", folder, context.suites)


def forget_stages(folder: Path) -> None:
    """Remove what stages left; published files are elsewhere by now."""
    shutil.rmtree(folder / "protected", ignore_errors=True)


def new_run_id() -> str:
    """A run's name: when it began, to the microsecond. Results never depend on it."""
    now = time.time()
    return time.strftime("%Y%m%dT%H%M%S", time.localtime(now)) + f"-{int(now % 1 * 1e6):06d}"
