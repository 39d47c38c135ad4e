"""Runs and accesses in SQLite, beside the run folders."""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, Engine, Integer, MetaData, String, Table, Text, create_engine, insert, select

from dmig.store.private import disk_faults, make_private

_metadata = MetaData()
RUNS = Table(
    "runs",
    _metadata,
    Column("run_id", String(40), primary_key=True),
    Column("finished_at", String(40), nullable=False),
    Column("operation", String(40), nullable=False),
    Column("system", String(40), nullable=False),
    Column("site", String(80), nullable=False),
    Column("fixture", String(80), nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("status", String(20), nullable=False),
    Column("exit_code", Integer, nullable=False),
    Column("plan_hash", String(64), nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("result_sha256", String(64), nullable=False),
    Column("result", Text, nullable=False),
)
ACCESSES = Table(
    "accesses",
    _metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", String(40), nullable=False),
    Column("user", String(80), nullable=False),
    Column("command", String(40), nullable=False),
    Column("run_id", String(40), nullable=False),
    Column("reason", Text, nullable=False),
    Column("count", Integer, nullable=False),
)


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


class Book:
    """The ledger of one folder of runs."""

    def __init__(self, runs: Path) -> None:
        make_private(runs)
        path = runs / "ledger.sqlite"
        with disk_faults(path):
            self._engine: Engine = create_engine(f"sqlite:///{path}")
            _metadata.create_all(self._engine)
            path.chmod(0o600)

    def add_run(self, result: Mapping[str, Any]) -> None:
        """Enter a finished run, once: what a resumed run finds is entered in place of what it found before."""
        text = json.dumps(result, ensure_ascii=False, sort_keys=True)
        names = ("run_id", "operation", "system", "site", "fixture", "dry_run", "status", "exit_code", "plan_hash",
                 "as_of")  # fmt: skip
        row = {name: result[name] for name in names}
        row |= {"finished_at": _now(), "result": text, "result_sha256": hashlib.sha256(text.encode()).hexdigest()}
        with self._engine.begin() as connection:
            connection.execute(insert(RUNS).prefix_with("or replace"), [row])

    def runs(self) -> list[RunEntry]:
        """All runs, the latest first."""
        columns = [RUNS.c[name] for name in RunEntry.__slots__]
        with self._engine.connect() as connection:
            rows = connection.execute(select(*columns).order_by(RUNS.c.run_id.desc())).all()
        return [RunEntry(*row) for row in rows]

    def result(self, run_id: str) -> dict[str, Any] | None:
        """The result of a run, or None."""
        with self._engine.connect() as connection:
            text = connection.execute(select(RUNS.c.result).where(RUNS.c.run_id == run_id)).scalar()
        return None if text is None else json.loads(text)

    def add_access(self, command: str, run_id: str, reason: str, count: int) -> None:
        """Note that values were shown: who, when, why, how many; never which."""
        row = {"at": _now(), "user": getpass.getuser(), "command": command, "run_id": run_id, "reason": reason,
               "count": count}  # fmt: skip
        with self._engine.begin() as connection:
            connection.execute(insert(ACCESSES), [row])

    def accesses(self) -> list[dict[str, Any]]:
        """All accesses in order."""
        with self._engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(select(ACCESSES).order_by(ACCESSES.c.number))]

    def close(self) -> None:
        """Release the database file."""
        self._engine.dispose()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
