"""A rehearsal from begin to end: the lock, room on the disk, every operation, the night's record and its digest."""

from __future__ import annotations

import fcntl
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dmig
from dmig.errors import Diagnostics, DmigError, SpecError, UsageFault
from dmig.model.rehearsal import Cause, Causes, Fingerprint, Night, RehearsalPlan, Rehearsed, RehearsedOperation
from dmig.pipeline.across import reconcile_across
from dmig.pipeline.all_operations import gravest
from dmig.pipeline.books import open_book, site_at
from dmig.pipeline.measure import Progress, silent
from dmig.pipeline.nights import Nights
from dmig.pipeline.pruning import forget_nights, room_needed
from dmig.pipeline.session import Asked, Session, open_session
from dmig.rehearsal.causes import across_causes, causes_of, fingerprint, labels_of
from dmig.rehearsal.comparing import Changes, compare, missing_nights, over_window_minutes
from dmig.rehearsal.digest import Digest, digest_page, digest_text
from dmig.spec.rehearsal import read_rehearsal
from dmig.spec.site import Site
from dmig.store.private import make_private, private_umask, written_aside
from dmig.store.state import State, digest

#: Exit codes after which operations that wait for this one are not begun.
NO_RESULT = (70, 5, 3, 2)
FOLDER = "rehearsals"


@dataclass(frozen=True, slots=True)
class Told:
    """A night that came to its end: its record, what changed, its exit code, and where its pages are."""

    night: Night
    changes: Changes
    exit_code: int
    text: str
    folder: Path


def rehearse(path: Path, *, resume: bool = False, progress: Progress = silent) -> Told:
    """Run the rehearsal of a plan in a site's folder.

    `SpecError` for a faulty plan or site; `DmigError` RHS001 where another rehearsal of the plan runs, RHS002 where the
    disk has no room, `UsageFault` RHS003 where there is nothing to resume.
    """
    site = site_at(path.parent)
    diagnostics = Diagnostics()
    plan = read_rehearsal(path, site, diagnostics)
    diagnostics.stop_if_any()
    with private_umask(), _locked(make_private(site.folder / FOLDER / plan.plan)) as folder:
        return _Rehearsal(site, plan, Nights(folder), progress).run(resume=resume)


@contextmanager
def _locked(folder: Path) -> Iterator[Path]:
    """One rehearsal of a plan at a time; the lock goes with the process, however it ends."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DmigError("RHS001", transient=True, plan=folder.name) from None
        yield folder


class _Rehearsal:
    """One night."""

    def __init__(self, site: Site, plan: RehearsalPlan, nights: Nights, progress: Progress) -> None:
        self._site, self._plan, self._nights, self._progress = site, plan, nights, progress
        self._before = nights.last()

    def run(self, *, resume: bool) -> Told:
        """All of it; what was done before an interruption stays done."""
        number = self._nights.open_number() if resume else self._nights.next_number()
        if number is None:
            raise UsageFault("RHS003", plan=self._plan.plan)
        folder = make_private(self._nights.place(number))
        state = State(folder / "state.json")
        begun = state.done("begin", "") or self._begin(state)
        done: list[Rehearsed] = []
        for planned in self._plan.operations:
            done.append(self._operation(planned, state, {one.operation: one for one in done}))
        across, across_code = self._across(done)
        night = Night(self._plan.plan, number, begun["at"], time.time(), tuple(done), across, across_code)
        return self._finish(night, folder, begun)

    def _begin(self, state: State) -> dict[str, Any]:
        """Room is made and looked for before anything is begun."""
        forgotten = forget_nights(self._site.folder / "runs", self._nights, self._plan.keep)
        needed = room_needed(self._site, self._plan, self._nights)
        free = shutil.disk_usage(self._site.folder).free
        if free < needed:
            raise DmigError("RHS002", transient=True, free=free >> 20, needed=needed >> 20)
        local = time.localtime()
        begun = {"at": time.time(), "minute": local.tm_hour * 60 + local.tm_min, "forgotten": forgotten}
        state.complete("begin", "", begun)
        return begun

    def _operation(self, planned: RehearsedOperation, state: State, done: Mapping[str, Rehearsed]) -> Rehearsed:
        name, kept = planned.operation, self._nights.rehearsed(state.done(f"done:{planned.operation}", ""))
        if kept is not None:
            return kept
        waits = [other for other in planned.after if done[other].exit_code in NO_RESULT]
        found = self._skipped(name, waits) if waits else self._judged(name, state)
        state.complete(f"done:{name}", "", self._nights.stored(found))
        return found

    def _judged(self, name: str, state: State) -> Rehearsed:
        started = time.monotonic()
        try:
            result = self._session(name, state).run(self._progress)
        except SpecError as fault:
            return self._fault(name, 3, fault.diagnostics[0].code, fault.diagnostics[0].file, started)
        except DmigError as fault:
            return self._fault(name, int(fault.exit_code), fault.code, "", started)
        except Exception as fault:
            # The other operations of the night still run; what happened is told by its kind alone, without values.
            return self._fault(name, 70, type(fault).__name__, "", started)
        gates = tuple((g["gate"], int(g["count"]), g["limit"], g["status"]) for g in result["gates"])
        return Rehearsed(
            name, str(result["run_id"]), str(result["status"]), int(result["exit_code"]), time.monotonic() - started,
            judged=True, causes=causes_of(result), fingerprint=fingerprint(result, dmig.__version__), gates=gates,
            records=sum(int(table["read"]) for table in result["tables"]), labels=labels_of(result),
        )  # fmt: skip

    def _session(self, name: str, state: State) -> Session:
        """The run of an operation; one that was interrupted is taken up where its inputs are still the same."""
        asked = Asked(name, site=self._site.folder, dry_run=True, workers=self._plan.workers or None)
        begun = state.done(f"run:{name}", "")
        if begun and (self._site.folder / "runs" / str(begun["run_id"]) / "state.json").is_file():
            taken_up = open_session(_resumed(asked, str(begun["run_id"])))
            if begun["made_of"] == _made_of(taken_up):
                return taken_up
        session = open_session(asked)
        state.complete(f"run:{name}", "", {"run_id": session.heading.run_id, "made_of": _made_of(session)})
        return session

    def _fault(self, name: str, code: int, what: str, place: str, started: float) -> Rehearsed:
        """An operation that was ended by a fault."""
        return self._unjudged(name, "error", code, Cause(name, "fault", what, place), time.monotonic() - started)

    def _skipped(self, name: str, waits: list[str]) -> Rehearsed:
        """An operation whose turn never came."""
        return self._unjudged(name, "skipped", 1, Cause(name, "fault", "RHS004", " ".join(waits)), 0.0)

    def _unjudged(self, name: str, status: str, code: int, why: Cause, elapsed_s: float) -> Rehearsed:
        """What was not judged keeps the causes that are known of it, beside the one that kept it from being judged."""
        old = self._before.operation(name) if self._before else None
        causes = {cause: count for cause, count in (old.causes if old else {}).items() if cause.what != "fault"}
        made_of, labels = (old.fingerprint, old.labels) if old else (Fingerprint(), {})
        return Rehearsed(name, "", status, code, elapsed_s, judged=False, causes=causes | {why: None}, fingerprint=made_of,
                         labels=labels)  # fmt: skip

    def _across(self, done: list[Rehearsed]) -> tuple[Causes, int | None]:
        """Rules between operations, where all of them were judged tonight; otherwise what is known stays."""
        if not self._plan.across or len(done) == 1:
            return {}, None
        if not all(one.judged for one in done):
            return (self._before.across if self._before else {}), None
        told = reconcile_across(self._site.folder / "runs")
        return across_causes(told), int(told["exit_code"])

    def _finish(self, night: Night, folder: Path, begun: Mapping[str, Any]) -> Told:
        changes = compare(self._before, night)
        over = over_window_minutes(self._plan, night, int(begun["minute"]))
        missing = missing_nights(self._before, night, self._plan.every_hours)
        codes = [one.exit_code for one in night.operations] + ([night.across_code] if night.across_code else [])
        # The same declarations and inputs must publish the same; that they did not is a mismatch, not a finding.
        codes += [4] if changes.strayed else []
        code = gravest([*codes, 1 if over else 0])
        facts = Digest(self._plan, self._site.name, night, self._before, changes, code, over, missing,
                       self._nights.interrupted(night.number), _from_to(night))  # fmt: skip
        text, page = digest_text(facts), digest_page(facts)
        _write(folder / "digest.txt", text)
        _write(folder / "digest.html", page)
        self._drop(night, text, page)
        self._nights.keep(night, code)
        self._enter(night, code)
        return Told(night, changes, code, text, folder)

    def _drop(self, night: Night, text: str, page: str) -> None:
        if not self._plan.drop:
            return
        drop = self._site.folder / self._plan.drop
        drop.mkdir(parents=True, exist_ok=True)
        for suffix, content in (("txt", text), ("html", page)):
            _write(drop / f"{self._plan.plan}-{night.number:04d}.{suffix}", content)

    def _enter(self, night: Night, code: int) -> None:
        """The night stands in the ledger with its runs."""
        book = open_book(self._site.folder / "runs", appends=True)
        try:
            with book.writing() as pages:
                runs = {one.operation: one.run_id for one in night.operations}
                pages.append("rehearsal", {"plan": night.plan, "night": night.number, "exit_code": code, "runs": runs})
        finally:
            book.close()


def _from_to(night: Night) -> str:
    """When a night ran, by the local clock."""
    began, ended = (time.strftime("%Y-%m-%d %H:%M", time.localtime(at)) for at in (night.started_s, night.ended_s))
    return f"{began} 〜 {ended}"


def _resumed(asked: Asked, run_id: str) -> Asked:
    return Asked(asked.operation, site=asked.site, dry_run=True, workers=asked.workers, resume=run_id)


def _made_of(session: Session) -> str:
    """What a run is made of: another plan or other inputs are another run."""
    sizes = sorted(
        (path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in session.request.inputs.glob("*")
    )
    return digest(session.plan.plan_hash, sizes)


def _write(path: Path, content: str) -> None:
    with written_aside(path) as aside:
        aside.write_text(content, encoding="utf-8")
