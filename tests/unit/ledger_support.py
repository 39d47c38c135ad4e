"""A ledger with runs, a publication and an approval, for the tests of the ledger."""

from __future__ import annotations

import dataclasses
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from dmig.errors import ExitCode, MismatchFound
from dmig.ledger import Book
from dmig.ledger.approvals import approve
from dmig.ledger.chain import Entry, sha256
from dmig.ledger.signing import Signer, new_key
from dmig.ledger.verifying import verify
from dmig.spec.approvers import Approver
from dmig.store.private import write_json

COLUMNS = tuple(Entry.__slots__)


FILE = "031_住登外者宛名基本情報.csv"


def result_of(run_id: str, **more: Any) -> dict[str, Any]:
    """A result as small as the ledger allows."""
    gates = [{"gate": "rejects", "count": 0, "limit": 0, "status": "pass"}]
    return {
        "run_id": run_id, "operation": "jutogai", "system": "package", "site": "見本市", "fixture": "", "dry_run": True,
        "status": "pass", "exit_code": 0, "plan_hash": "p" * 64, "as_of": "2026-10-01", "gates": gates,
        "outputs": [{"file": FILE, "sha256": sha256("row\r\n"), "records": 1}], "stages": [{"elapsed_s": 1.5}],
    } | more  # fmt: skip


@dataclasses.dataclass
class Town:
    """A site's folder with a ledger of every kind of entry, and the files that it speaks of."""

    folder: Path
    signer: Signer | None
    approver: Signer

    @property
    def runs(self) -> Path:
        return self.folder / "runs"

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.signer.public,) if self.signer else ()

    def entries(self) -> list[Entry]:
        return Book(self.runs).entries()

    def verify(self, **more: Any) -> Any:
        return verify(self.runs, more.pop("keys", self.keys), **more)

    def sql(self, *statements: str) -> None:
        """What anybody can do who may write the file: the triggers go first."""
        with sqlite3.connect(self.runs / "ledger.sqlite") as connection:
            for table in ("entries", "results"):
                for verb in ("update", "delete"):
                    connection.execute(f"drop trigger if exists {table}_{verb}")
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def rewrite(self, entries: list[Entry]) -> None:
        """Put other entries in place of all."""
        self.sql("delete from entries")
        with sqlite3.connect(self.runs / "ledger.sqlite") as connection:
            connection.executemany(
                f"insert into entries ({','.join(COLUMNS)}) values (?,?,?,?,?,?,?,?)",
                [[getattr(entry, name) for name in COLUMNS] for entry in entries],
            )
        connection.close()


def build(folder: Path, *, is_signed: bool) -> Town:
    folder.mkdir()
    town = Town(folder, new_key(folder / "site.pem") if is_signed else None, new_key(folder / "person.pem"))
    book = Book(town.runs, town.signer)
    for run_id, more in (("r1", {}), ("r2", {"dry_run": False, "generation": "g1"})):
        result = result_of(run_id, **more)
        write_json(town.runs / run_id / "result.json", result)
        staged = town.runs / run_id / "protected" / "write" / "published" / FILE
        staged.parent.mkdir(parents=True)
        staged.write_bytes(b"row\r\n")
        kept = {"result.json": sha256((town.runs / run_id / "result.json").read_bytes())}
        with book.writing() as pages:
            pages.append_run(result, {"files": kept, "declarations": {}})
            if "generation" in result:
                pages.append_publication(result)
    book.add_access("trace", "r1", "問合せ", 2)
    with book.writing() as pages:
        approve(pages, "r1", [person(town)], "山田花子", town.approver, "確認済")
        pages.append("judgement", {"run_id": "r2", "status": "pass", "exit_code": 0})
        pages.append("evidence", {"run_id": "r1", "sha256": "0" * 64})
    book.close()
    place = folder / "published" / "jutogai"
    (place / "generations" / "g1").mkdir(parents=True)
    (place / "generations" / "g1" / FILE).write_bytes(b"row\r\n")
    write_json(place / "current", {"generation": "g1", "history": ["g1"]})
    return town


def person(town: Town, **more: str) -> Approver:
    row = {"name": "山田花子", "role": "課長", "division": "市民課", "public_key": town.approver.public,
           "valid_from": "2026-04-01", "valid_to": ""} | more  # fmt: skip
    return Approver(**row)


def refused(town: Town, **more: Any) -> MismatchFound:
    with pytest.raises(MismatchFound) as found:
        town.verify(**more)
    assert found.value.exit_code is ExitCode.MISMATCH
    return found.value


def approving(town: Town, run_id: str, approvers: list[Approver], signer: Signer | None = None) -> Entry:
    with Book(town.runs, town.signer).writing() as pages:
        return approve(pages, run_id, approvers, "山田花子", signer or town.approver, "")
