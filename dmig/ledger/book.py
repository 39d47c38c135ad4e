"""The ledger of a folder of runs: entries are appended to a chain, one at a time; nothing is ever replaced."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, insert, inspect, select

from dmig.errors import DmigError
from dmig.ledger.chain import NOTHING, Entry, canonical, next_entry, sha256
from dmig.ledger.signing import Signer
from dmig.ledger.tables import (
    ENTRIES,
    NAME,
    RESULTS,
    last_entry,
    ledger_faults,
    open_engine,
    read_entries,
    read_results,
    writing,
)

T = TypeVar("T")
#: What an entry of a run repeats from its result.
NAMED = (
    "run_id", "operation", "system", "site", "fixture", "dry_run", "status", "exit_code", "plan_hash", "as_of",
)  # fmt: skip
#: What of a result is not the same in two equal runs: seconds and memory.
TIMES = ("stages",)


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One run as listed."""

    run_id: str
    finished_at: str
    operation: str
    system: str
    dry_run: bool
    status: str
    exit_code: int
    plan_hash: str


class Pages:
    """The ledger while nobody else writes: what it holds, and what is appended to it together or not at all."""

    def __init__(self, connection: Connection, signer: Signer | None) -> None:
        self._connection = connection
        self._signer = signer
        self._last = last_entry(connection)

    def entries(self) -> list[Entry]:
        """All entries in order."""
        return read_entries(self._connection)

    def append(self, kind: str, body: Mapping[str, Any]) -> Entry:
        """One more entry, signed by the site's key if there is one; once signed, always signed (`DmigError` LED009)."""
        if self._last and self._last.signer and self._signer is None:
            raise DmigError("LED009", key=self._last.signer)
        entry = next_entry(self._last, _now(), kind, body, self._signer)
        row = {name: getattr(entry, name) for name in Entry.__slots__}
        self._connection.execute(insert(ENTRIES), [row])
        self._last = entry
        return entry

    def append_run(self, result: Mapping[str, Any], beside: Mapping[str, Any]) -> Entry:
        """A finished run: its result under its hash, and an entry with what names it and the hashes `beside` it."""
        text = canonical(result)
        stored = insert(RESULTS).prefix_with("or ignore")
        self._connection.execute(stored, [{"sha256": sha256(text), "result": text}])
        body = {name: result[name] for name in NAMED}
        body |= {name: result[name] for name in ("generation", "partial") if name in result}
        body |= {"result_sha256": sha256(text), "run_hash": run_hash(result), "gates_hash": gates_hash(result["gates"])}
        return self.append("run", body | dict(beside))

    def append_publication(self, result: Mapping[str, Any]) -> Entry:
        """A generation that was published, file by file."""
        place = f"published/{result['operation']}/generations/{result['generation']}"
        body = {name: result[name] for name in ("run_id", "operation", "generation")}
        files = {output["file"]: output["sha256"] for output in result["outputs"]}
        return self.append("publication", body | {"folder": place, "files": files})


class Book:
    """The ledger of one folder of runs. `signer` is the site's key, if it has one."""

    def __init__(self, runs: Path, signer: Signer | None = None) -> None:
        self._path = runs / NAME
        self._signer = signer
        self._engine = open_engine(self._path)

    @contextmanager
    def writing(self) -> Iterator[Pages]:
        """The pages to append to; at the end of the block all of it is entered, after a fault none of it."""
        with writing(self._path, self._engine) as connection:
            yield Pages(connection, self._signer)

    def add_run(self, result: Mapping[str, Any], beside: Mapping[str, Any] | None = None) -> None:
        """Enter a finished run. A resumed run that ends again is entered again."""
        with self.writing() as pages:
            pages.append_run(result, beside or {})

    def add_access(self, command: str, run_id: str, reason: str, count: int) -> None:
        """Note that values were shown: who, when, why, how many; never which."""
        with self.writing() as pages:
            pages.append("access", {"user": getpass.getuser(), "command": command, "run_id": run_id, "reason": reason,
                                    "count": count})  # fmt: skip

    def entries(self, kind: str = "", run_id: str = "") -> list[Entry]:
        """Entries in order: all, or those of a kind, or of a run."""
        found: list[Entry] = self._read(read_entries, [])
        if kind:
            found = [entry for entry in found if entry.kind == kind]
        return [entry for entry in found if entry.run_id == run_id] if run_id else found

    def results(self) -> dict[str, str]:
        """The texts of all stored results by the hash that they go under."""
        return self._read(read_results, {})

    def head(self) -> str:
        """The hash of the last entry: what stands on paper."""
        last = self._read(last_entry, None)
        return last.hash if last else NOTHING

    def runs(self) -> list[RunEntry]:
        """All runs as they were entered last, the latest first."""
        latest = {entry.run_id: entry for entry in self.entries("run")}
        return [
            RunEntry(**{name: (e.content | {"finished_at": e.at})[name] for name in RunEntry.__slots__})
            for _, e in sorted(latest.items(), reverse=True)
        ]

    def run(self, run_id: str) -> Entry | None:
        """The last entry of a run, or None."""
        return next(reversed(self.entries("run", run_id)), None)

    def result(self, run_id: str) -> dict[str, Any] | None:
        """The result of a run as it was entered last, or None."""
        entry = self.run(run_id)
        if entry is None:
            return None
        wanted = select(RESULTS.c.result).where(RESULTS.c.sha256 == entry.content["result_sha256"])
        text = self._read(lambda connection: connection.execute(wanted).scalar(), None)
        if text is None:
            raise DmigError("LED007", path=NAME)
        found: dict[str, Any] = json.loads(text)
        return found

    def accesses(self) -> list[dict[str, Any]]:
        """All accesses in order."""
        return [{"number": entry.number, "at": entry.at} | entry.content for entry in self.entries("access")]

    def close(self) -> None:
        """Release the database file."""
        self._engine.dispose()

    def _read(self, work: Callable[[Connection], T], nothing: T) -> T:
        """What some reading gives; `nothing` where no ledger was begun. Reading makes no file."""
        if not self._path.is_file():
            return nothing
        with ledger_faults(), self._engine.begin() as connection:
            return work(connection) if inspect(connection).has_table(ENTRIES.name) else nothing


def run_hash(result: Mapping[str, Any]) -> str:
    """The hash of what a run found out: its result without times."""
    return sha256(canonical({name: value for name, value in result.items() if name not in TIMES}))


def gates_hash(gates: object) -> str:
    """The hash of the lines of all gates."""
    return sha256(canonical(gates))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
