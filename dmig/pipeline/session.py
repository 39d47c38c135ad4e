"""A run as a person asks for it: where inputs, declarations and records lie; result, summary and ledger entry."""

from __future__ import annotations

import os
import platform
import tomllib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dmig.errors import Diagnostics, UsageFault
from dmig.ledger import Book
from dmig.ledger.signing import Signer
from dmig.model.repairs import MANUAL_REASON
from dmig.pipeline.approving import refuse_unapproved
from dmig.pipeline.books import open_book, site_of, site_secret, site_signer
from dmig.pipeline.measure import Progress, silent
from dmig.pipeline.reporting import report_run
from dmig.pipeline.result import Heading, build_result
from dmig.pipeline.run import Request, compile_operation, execute, new_run_id
from dmig.pipeline.selftest import refuse_silent_rules, self_test
from dmig.pipeline.suites import shipped_suites
from dmig.plan.nouns import Plan
from dmig.spec.files import declaration_files
from dmig.spec.library import Library, shipped
from dmig.spec.site import Site, check_pins, read_site
from dmig.stages.write import file_sha256
from dmig.store.private import make_private, private_umask, write_json
from dmig.store.state import digest
from dmig.targets import FilesTarget, OutputFile

#: Below this many bytes of input a pool costs more than it gains.
POOL_FROM_BYTES = 12 << 20


@dataclass(frozen=True, slots=True)
class Session:
    """One run made ready: compiled, its folder named, nothing read yet."""

    request: Request
    plan: Plan
    heading: Heading
    runs: Path
    target: FilesTarget | None = None
    signer: Signer | None = None
    declarations: dict[str, str] = field(default_factory=dict)

    def run(self, progress: Progress = silent) -> dict[str, Any]:
        """Execute, store the result and enter it in the ledger."""
        with private_umask():
            return self._run(progress)

    def _run(self, progress: Progress) -> dict[str, Any]:
        make_private(self.request.folder)
        write_json(self.request.folder / "run.json", _circumstances(self.heading.run_id, self.request))
        tested = None if self.heading.dry_run else self._self_test()
        watched = replace(self.request, progress=progress)
        outcome = execute(watched, self.plan)
        result = build_result(self.heading, outcome, tested)
        if self.target is not None and result["exit_code"] == 0:
            self._publish(self.target, result)
        write_json(self.request.folder / "result.json", result)
        self._enter(result)
        report_run(self.runs, result)
        self._leave_tick_off(result)
        return result

    def _enter(self, result: dict[str, Any]) -> None:
        """The run and, if it was published, its publication: both stand in the ledger or neither."""
        folder = self.request.folder
        kept = {name: file_sha256(folder / name) for name in ("result.json", "run.json")}
        book = Book(self.runs, self.signer)
        try:
            with book.writing() as pages:
                pages.append_run(result, {"files": kept, "declarations": self.declarations})
                if "generation" in result:
                    pages.append_publication(result)
        finally:
            book.close()

    def _leave_tick_off(self, result: dict[str, Any]) -> None:
        """What staff type in stands in the protected folder as soon as the run has left it out."""
        if not any(table["excluded"].get(MANUAL_REASON) for table in result["tables"]):
            return
        from dmig.pipeline.lookup import StoredRun
        from dmig.pipeline.worklist_desk import leave_tick_off

        leave_tick_off(StoredRun(self.runs, result, self.plan.legacy, self.request.library))

    def _self_test(self) -> dict[str, Any]:
        """A real run is refused where a rule does not find the fault that is planted for it."""
        tested = self_test(self.plan, shipped_suites(self.request.library, self.plan.layout))
        refuse_silent_rules(self.plan.operation, tested)
        return tested

    def _publish(self, target: FilesTarget, result: dict[str, Any]) -> None:
        """A real run that passed every gate becomes the current generation, named by plan and content."""
        outputs = [OutputFile(str(entry["file"]), str(entry["sha256"])) for entry in result["outputs"]]
        content = digest([[output.file, output.sha256] for output in outputs])
        generation = f"{self.plan.plan_hash[:12]}-{content[:12]}"
        target.publish(generation, self.request.folder / "protected" / "write" / "published", outputs)
        result["generation"] = generation


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked for on the command line; blanks are filled from the site, the fixture or the delivery."""

    operation: str
    system: str = "package"
    fixture: str = "clean"
    inputs: Path | None = None
    library: Path | None = None
    runs: Path = Path("runs")
    as_of: str | None = None
    resume: str | None = None
    workers: int | None = None
    dry_run: bool = True
    site: Path | None = None
    repairs: Path | None = None


def open_session(asked: Asked) -> Session:
    """Resolve places, compile, and name the run. Faults of declarations and usage are raised here."""
    site = open_site(asked.site)
    if site is None and not asked.dry_run:
        raise UsageFault("RUN004")
    request = _request(asked, site)
    plan = compile_operation(request)
    shipped_suites(request.library, plan.layout)
    if site is not None:
        pins = Diagnostics()
        check_pins(site, asked.operation, plan.mapping.version, pins)
        pins.stop_if_any()
    if not asked.dry_run and plan.mapping.status != "frozen":
        raise UsageFault("RUN006", status=plan.mapping.status)
    if site is not None and not asked.dry_run:
        refuse_unapproved(site, plan.plan_hash, plan.mapping.approvals)
    heading = Heading(
        run_id=request.folder.name,
        site=site.name if site else "",
        fixture="" if site or asked.inputs else asked.fixture,
        dry_run=asked.dry_run,
        as_of=asked.as_of or manifest_as_of(request.inputs),
    )
    target = FilesTarget(site.folder / "published" / asked.operation) if site and not asked.dry_run else None
    signer = site_signer(site or site_of(request.folder.parent))
    return Session(request, plan, heading, request.folder.parent, target, signer, declared_hashes(request, plan))


def _request(asked: Asked, site: Site | None) -> Request:
    """The run's request: a site decides system, runs folder and inputs unless the inputs are named."""
    shelf = Library(asked.library or shipped())
    system = site.system(asked.operation) if site else asked.system
    shelf.mapping_folder(asked.operation, system)
    runs = site.folder / "runs" if site else asked.runs
    if asked.resume and not (runs / asked.resume / "state.json").is_file():
        raise UsageFault("RUN002", run=asked.resume)
    own = site.inputs(asked.operation) if site else None
    folder = asked.inputs or own or shelf.fixture(asked.operation, asked.fixture, system)
    return Request(
        library=shelf,
        operation=asked.operation,
        system=system,
        inputs=folder,
        folder=runs / (asked.resume or new_run_id()),
        dry_run=asked.dry_run,
        workers=asked.workers or default_workers(folder),
        resume=bool(asked.resume),
        site=site.layers(asked.operation) if site else (),
        accept=True,
        repairs=asked.repairs or (site_repairs(site, asked.operation) if site else None),
        secret=site_secret(site or site_of(runs)),
    )


def site_repairs(site: Site, operation: str) -> Path | None:
    """The site's file of decisions about records, if it has one yet."""
    path = site.repairs(operation)
    return path if path.is_file() else None


def declared_hashes(request: Request, plan: Plan) -> dict[str, str]:
    """The hash of every declaration that the plan was compiled from, by its name in the evidence."""
    version = plan.layout.version
    files = declaration_files(request.library, request.operation, request.system, version, request.site)
    return {name: file_sha256(path) for name, path in files.items()}


def open_site(folder: Path | None) -> Site | None:
    """The site of a folder, or None without one; faults of dmig.toml are raised at once."""
    if folder is None:
        return None
    diagnostics = Diagnostics()
    site = read_site(folder, diagnostics)
    diagnostics.stop_if_any()
    return site


def default_workers(inputs: Path) -> int:
    """As many workers as processors for large inputs, none beside this process for small ones."""
    size = sum(path.stat().st_size for path in inputs.glob("*") if path.is_file()) if inputs.is_dir() else 0
    return 1 if size < POOL_FROM_BYTES else max(1, len(os.sched_getaffinity(0)))


def manifest_as_of(inputs: Path) -> str:
    """The as-of date of the delivery manifest beside the inputs."""
    path = inputs.parent / "delivery.toml"
    try:
        value = tomllib.loads(path.read_text(encoding="utf-8")).get("as_of", "")
    except (OSError, tomllib.TOMLDecodeError):
        value = ""
    if not value:
        raise UsageFault("RUN007")
    return str(value)


def open_run(runs: Path, run_id: str) -> dict[str, Any]:
    """The stored result of a run; `latest` names the newest."""
    book = open_book(runs)
    try:
        listed = book.runs()
        name = listed[0].run_id if run_id == "latest" and listed else run_id
        result = book.result(name)
    finally:
        book.close()
    if result is None:
        raise UsageFault("RUN002", run=run_id)
    return result


def _circumstances(run_id: str, request: Request) -> dict[str, Any]:
    """What is true of this run only: host, time, versions. Kept apart from results."""
    names = ("dmig", "polars", "pandera", "duckdb", "pyarrow", "numpy", "sqlalchemy")
    return {
        "run_id": run_id,
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "host": platform.node(),
        "library": str(request.library.root.resolve()),
        "inputs": str(request.inputs.resolve()),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in names},
    }
