"""Entering into the ledger: in one chain, whole or not at all, with keys that are for their owner."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ledger_support import Town, build, result_of
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from dmig.errors import DmigError, ExitCode, MismatchFound
from dmig.ledger import Book
from dmig.ledger.chain import check_chain
from dmig.ledger.signing import is_signed_by, load_key, new_key
from dmig.ledger.verifying import verify


@pytest.fixture(params=[True, False], ids=["signed", "unsigned"])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Town:
    return build(tmp_path / "town", is_signed=request.param)


@pytest.fixture
def signed(tmp_path: Path) -> Town:
    return build(tmp_path / "town", is_signed=True)


def test_triggers_refuse_update_and_delete(town: Town) -> None:
    book = Book(town.runs)
    for statement in (
        "update entries set at = ''", "delete from entries", "update results set result = ''", "delete from results"
    ):  # fmt: skip
        with pytest.raises((IntegrityError, DmigError)), book.writing() as pages:
            pages._connection.exec_driver_sql(statement)
    assert town.verify().entries == 7


def test_a_resumed_run_is_entered_again_and_listed_as_it_ended_last(tmp_path: Path) -> None:
    book = Book(tmp_path)
    book.add_run(result_of("r1", status="fail", exit_code=1))
    book.add_run(result_of("r1"))
    assert [(run.run_id, run.status) for run in book.runs()] == [("r1", "pass")]
    assert book.result("r1") == result_of("r1")
    assert [entry.content["status"] for entry in book.entries("run", "r1")] == ["fail", "pass"]


def test_reading_makes_no_file(tmp_path: Path) -> None:
    book = Book(tmp_path / "runs")
    assert (book.runs(), book.result("x"), book.entries(), book.head()) == ([], None, [], "0" * 64)
    assert not (tmp_path / "runs").exists()


def test_after_a_signed_entry_none_goes_unsigned(signed: Town) -> None:
    with pytest.raises(DmigError) as found:
        Book(signed.runs).add_access("trace", "r1", "x", 1)
    assert (found.value.code, found.value.exit_code) == ("LED009", ExitCode.ENVIRONMENT)
    assert signed.verify().entries == 7


def test_a_ledger_may_begin_without_a_key_and_go_on_with_one(tmp_path: Path) -> None:
    signer = new_key(tmp_path / "site.pem")
    Book(tmp_path / "runs").add_access("trace", "r1", "x", 1)
    with pytest.raises(MismatchFound, match="LED003"):
        verify(tmp_path / "runs", (signer.public,))
    Book(tmp_path / "runs", signer).add_access("trace", "r1", "x", 1)
    assert verify(tmp_path / "runs", (signer.public,)).signed == 1


APPENDING = """
import sys, pathlib
from dmig.ledger import Book
book = Book(pathlib.Path(sys.argv[1]))
for n in range(25):
    book.add_access("trace", sys.argv[2], "x", n)
"""


def test_four_processes_append_to_one_chain(tmp_path: Path) -> None:
    processes = [subprocess.Popen([sys.executable, "-c", APPENDING, tmp_path / "runs", f"r{n}"]) for n in range(4)]
    assert [process.wait(120) for process in processes] == [0] * 4
    entries = Book(tmp_path / "runs").entries()
    check_chain(entries)
    assert len(entries) == 100
    for n in range(4):
        assert [entry.content["count"] for entry in entries if entry.run_id == f"r{n}"] == list(range(25))


@pytest.fixture
def small_disk() -> Iterator[None]:
    """Every database of this process may hold ten pages, as if the disk were full behind them."""

    def limit(connection: Any, _: object) -> None:
        connection.execute("pragma max_page_count = 10")

    event.listen(Engine, "connect", limit)
    yield
    event.remove(Engine, "connect", limit)


def test_a_full_disk_ends_with_5_and_leaves_no_half_entry(tmp_path: Path, small_disk: None) -> None:
    book, done = Book(tmp_path), 0
    with pytest.raises(DmigError) as found:
        for n in range(100):
            book.add_run(result_of(f"r{n}", padding="x" * 3000))
            done = n + 1
    assert (found.value.code, found.value.exit_code) == ("ENV002", ExitCode.ENVIRONMENT)
    assert done > 0
    book.close()
    assert len(Book(tmp_path).entries()) == len(Book(tmp_path).results()) == done
    assert verify(tmp_path).entries == done


READ_ONLY = """
import os, sys, pathlib
from dmig.errors import DmigError, catalogue
from dmig.ledger import Book
catalogue()  # Read while it may be: the program's own files need not be open to everybody.
os.chdir(sys.argv[1])
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
print(len(Book(pathlib.Path(".")).entries()))
try:
    Book(pathlib.Path(".")).add_access("trace", "r1", "x", 1)
except DmigError as error:
    sys.exit(f"{error.code} {int(error.exit_code)}")
"""


@pytest.mark.parametrize("begun", [True, False])
def test_a_read_only_folder_is_read_and_ends_with_5_when_written(begun: bool) -> None:
    """Below a folder that everybody may pass through, since the child drops its rights where it has them."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        assert_read_only(Path(place) / "runs", begun=begun)


def assert_read_only(runs: Path, *, begun: bool) -> None:
    runs.mkdir()
    if begun:
        Book(runs).add_access("trace", "r1", "x", 1)
        (runs / "ledger.sqlite").chmod(0o444)
    runs.chmod(0o555)
    try:
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, runs], capture_output=True, text=True, cwd="/", check=False
        )
    finally:
        runs.chmod(0o700)
    assert done.stdout == f"{int(begun)}\n", done.stderr
    assert done.stderr.strip() == "ENV003 5"
    assert len(Book(runs).entries()) == int(begun)


def test_an_entry_after_which_the_block_fails_is_not_entered(tmp_path: Path) -> None:
    book = Book(tmp_path)
    with pytest.raises(KeyError), book.writing() as pages:
        pages.append_run(result_of("r1"), {})
        raise KeyError
    assert book.entries() == []
    assert book.results() == {}


def test_keys_are_for_their_owner_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    signer = new_key(path, "合言葉")
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"ENCRYPTED" in path.read_bytes()
    assert load_key(path, "合言葉").public == signer.public
    for code, work in (
        ("KEY002", lambda: new_key(path)),
        ("KEY001", lambda: load_key(path, "other")),
        ("KEY001", lambda: load_key(path)),
        ("KEY001", lambda: load_key(tmp_path / "none.pem")),
        ("KEY003", lambda: (path.chmod(0o640), load_key(path, "合言葉"))),
    ):
        with pytest.raises(DmigError) as found:
            work()
        assert found.value.code == code


def test_a_signature_has_one_spelling(tmp_path: Path) -> None:
    signer = new_key(tmp_path / "key.pem")
    signature = signer.sign(b"x")
    assert is_signed_by(signer.public, b"x", signature)
    for public, content, wrong in (
        (signer.public, b"y", signature),
        (signer.public, b"x", signature.upper()),
        (signer.public, b"x", f" {signature}"),
        (signer.public.upper(), b"x", signature),
        (new_key(tmp_path / "b.pem").public, b"x", signature),
        ("", b"x", signature),
    ):
        assert not is_signed_by(public, content, wrong)
