"""The ledger's SQLite file: its tables, the triggers that keep programs from changing them, and what a disk can do to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    cast,
    create_engine,
    event,
    select,
)
from sqlalchemy.exc import DatabaseError

from dmig.errors import DmigError
from dmig.ledger.chain import Entry
from dmig.store.private import disk_faults, make_private, private_umask

NAME = "ledger.sqlite"
#: Seconds that a writer waits for another to end.
PATIENCE_S = 30
_metadata = MetaData()
ENTRIES = Table(
    "entries",
    _metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("signer", String(80), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("signature", String(128), nullable=False),
)
#: Results by the hash of their canonical text; entries of runs name the hash.
RESULTS = Table(
    "results",
    _metadata,
    Column("sha256", String(64), primary_key=True),
    Column("result", Text, nullable=False),
)
#: The chain is the proof; this only keeps a program or a careless hand from changing what stands there.
TRIGGER = """
create trigger if not exists {table}_{verb} before {verb} on {table}
begin select raise(abort, 'the ledger is append-only'); end
"""


def open_engine(path: Path) -> Engine:
    """The database of a path; `writes=True` among the execution options takes the writers' lock at once."""
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, connect_args={"timeout": PATIENCE_S, "isolation_level": None})
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def writing(path: Path, engine: Engine) -> Iterator[Connection]:
    """One transaction that nobody else writes beside; the file and its tables are made if needed."""
    make_private(path.parent)
    with disk_faults(path), ledger_faults(), private_umask():
        with engine.execution_options(writes=True).begin() as connection:
            _metadata.create_all(connection)
            for table in (ENTRIES.name, RESULTS.name):
                for verb in ("update", "delete"):
                    connection.exec_driver_sql(TRIGGER.format(table=table, verb=verb))
            yield connection
        path.chmod(0o600)


@contextmanager
def ledger_faults() -> Iterator[None]:
    """Turn what SQLite says of disk, lock and damage into faults of the environment (exit 5)."""
    try:
        yield
    except DatabaseError as error:
        number = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if number == sqlite3.SQLITE_FULL:
            raise DmigError("ENV002", path=NAME) from error
        if number in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            raise DmigError("ENV003", path=NAME) from error
        if number in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise DmigError("LED008", transient=True, path=NAME) from error
        raise DmigError("LED007", path=NAME) from error


def read_entries(connection: Connection) -> list[Entry]:
    """All entries in order, byte for byte: what is no text any longer is read as such, and its hash will tell."""
    columns: list[Any] = [ENTRIES.c.number]
    columns += [cast(ENTRIES.c[name], LargeBinary) for name in Entry.__slots__ if name != "number"]
    rows = connection.execute(select(*columns).order_by(ENTRIES.c.number)).all()
    return [Entry(row[0], *(_text(cell) for cell in row[1:])) for row in rows]


def last_entry(connection: Connection) -> Entry | None:
    """The entry that the next one follows."""
    columns = [ENTRIES.c[name] for name in Entry.__slots__]
    row = connection.execute(select(*columns).order_by(ENTRIES.c.number.desc()).limit(1)).first()
    return Entry(*row) if row else None


def read_results(connection: Connection) -> dict[str, str]:
    """Stored results by the hash that they go under, byte for byte."""
    rows = connection.execute(select(cast(RESULTS.c.sha256, LargeBinary), cast(RESULTS.c.result, LargeBinary))).all()
    return {_text(name): _text(text) for name, text in rows}


def _text(cell: bytes | None) -> str:
    return (cell or b"").decode("utf-8", "surrogateescape")
