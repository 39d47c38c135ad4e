"""The ledger by itself: every altered byte is found, a rewritten chain refused, nothing half entered."""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from dmig.errors import DmigError, ExitCode, MismatchFound, UsageFault
from dmig.ledger import Book
from dmig.ledger.approvals import approvals_of, approve, most_approvals
from dmig.ledger.chain import Entry, canonical, check_chain, next_entry, sha256
from dmig.ledger.folding import LEAST, OTHER, SMALL, fold, fold_parts, folded, hide
from dmig.ledger.signing import Signer, is_signed_by, load_key, new_key
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


@pytest.fixture(params=[True, False], ids=["signed", "unsigned"])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Town:
    return build(tmp_path / "town", is_signed=request.param)


@pytest.fixture
def signed(tmp_path: Path) -> Town:
    return build(tmp_path / "town", is_signed=True)


def refused(town: Town, **more: Any) -> MismatchFound:
    with pytest.raises(MismatchFound) as found:
        town.verify(**more)
    assert found.value.exit_code is ExitCode.MISMATCH
    return found.value


def test_what_nobody_touched_holds(town: Town) -> None:
    found = town.verify()
    assert (found.entries, found.results, found.files) == (7, 2, 5)
    assert found.signed == (7 if town.signer else 0)
    assert {entry.kind for entry in town.entries()} == {
        "run", "access", "approval", "judgement", "publication", "evidence"
    }  # fmt: skip
    assert town.verify(head=found.head).head == found.head == Book(town.runs).head()


def other(letter: str) -> str:
    return "1" if letter != "1" else "2"


def test_every_altered_letter_of_every_column_of_every_entry_is_found(town: Town) -> None:
    """In memory, so that each letter can have its turn."""
    entries, tried = town.entries(), 0
    for at, entry in enumerate(entries):
        for column in COLUMNS:
            text = str(getattr(entry, column))
            for position in range(len(text)):
                changed: Any = text[:position] + other(text[position]) + text[position + 1 :]
                changed = int(changed) if column == "number" else changed
                altered = [*entries[:at], dataclasses.replace(entry, **{column: changed}), *entries[at + 1 :]]
                with pytest.raises(MismatchFound) as found:
                    check_chain(altered, town.keys)
                assert found.value.values["entry"] == str(at + 1), column
                tried += 1
    assert tried > 3000


def test_every_altered_column_in_the_file_is_found_and_the_entry_named(town: Town) -> None:
    for entry in town.entries():
        for column in COLUMNS:
            before = (town.runs / "ledger.sqlite").read_bytes()
            town.sql(f"update entries set {column} = {column} || '1' where number = {entry.number}"
                     if column != "number" else f"update entries set number = 99 where number = {entry.number}")  # fmt: skip
            said = refused(town)
            last_moved = column == "number" and entry.number == 7
            assert int(said.values["entry"]) == (7 if last_moved else entry.number), column
            (town.runs / "ledger.sqlite").write_bytes(before)
    town.verify()


def test_bytes_that_are_no_text_any_longer_are_found(town: Town) -> None:
    town.sql("update entries set body = cast(x'ff' || cast(body as blob) as text) where number = 2")
    assert refused(town).values["entry"] == "2"


@pytest.mark.parametrize("column", ["sha256", "result"])
def test_every_altered_column_of_a_stored_result_is_found(town: Town, column: str) -> None:
    town.sql(f"update results set {column} = {column} || ' ' where rowid = 2")
    assert refused(town).code == "LED005"


def kept_files(town: Town) -> Iterator[Path]:
    for path in sorted(town.folder.rglob("*")):
        if path.is_file() and path.suffix not in (".pem", ".sqlite"):
            yield path


def test_every_altered_byte_of_every_file_is_found_and_the_file_named(tmp_path: Path) -> None:
    town = build(tmp_path / "town", is_signed=False)
    files = list(kept_files(town))
    assert len(files) == 6
    for path in files:
        content = path.read_bytes()
        for at in range(len(content)):
            path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
            said = refused(town)
            assert path.name in (said.values.get("file", "") + said.values.get("place", ""))
        path.write_bytes(content)
    town.verify()


def test_files_that_are_gone_are_no_fault_but_one_missing_in_a_generation_is(town: Town) -> None:
    (town.runs / "r1" / "result.json").unlink()
    assert town.verify().files == 3
    extra = town.folder / "published/jutogai/generations/g1/more.csv"
    extra.write_bytes(b"x")
    assert refused(town).code == "LED006"
    extra.unlink()
    (extra.parent / FILE).unlink()
    assert refused(town).code == "LED005"


def rewritten(entries: list[Entry], signer: Signer | None, change: Callable[[Entry], dict[str, Any]]) -> list[Entry]:
    """The chain anew, with fresh hashes, and signatures by whatever key the forger has."""
    found: list[Entry] = []
    for entry in entries:
        found.append(next_entry(found[-1] if found else None, entry.at, entry.kind, change(entry), signer))
    return found


def forged(entry: Entry) -> dict[str, Any]:
    return entry.content | ({"status": "fail"} if entry.kind == "judgement" else {})


@pytest.mark.parametrize("key", ["none", "their own", "the old signatures"])
def test_a_rewritten_chain_is_refused_by_its_signatures(signed: Town, tmp_path: Path, key: str) -> None:
    entries = signed.entries()
    chain = rewritten(entries, new_key(tmp_path / "forger.pem") if key == "their own" else None, forged)
    if key == "the old signatures":
        chain = [
            dataclasses.replace(new, signer=old.signer, signature=old.signature)
            for new, old in zip(chain, entries, strict=True)
        ]
        chain = [dataclasses.replace(entry, hash=sha256(entry.text)) for entry in chain]
    signed.rewrite(chain)
    assert refused(signed).code in ("LED002", "LED003")


def test_without_a_key_a_rewritten_chain_is_refused_by_the_hash_on_paper(tmp_path: Path) -> None:
    town = build(tmp_path / "town", is_signed=False)
    head = town.verify().head
    town.rewrite(rewritten(town.entries(), None, forged))
    assert town.verify().entries == 7  # Hashes alone cannot tell.
    assert refused(town, head=head).code == "LED004"


def test_removed_and_swapped_entries_are_found(town: Town) -> None:
    entries = town.entries()
    for wrong in ([*entries[:3], *entries[4:]], entries[1:], [*entries[:2], entries[3], entries[2], *entries[4:]]):
        with pytest.raises(MismatchFound) as found:
            check_chain(wrong, town.keys)
        assert found.value.code == "LED002"


def test_an_entry_with_a_fresh_hash_no_longer_fits_the_next_one(tmp_path: Path) -> None:
    """Number and hash are right by themselves: only the next entry tells."""
    entries = build(tmp_path / "town", is_signed=False).entries()
    for at, entry in enumerate(entries[:-1]):
        changed = dataclasses.replace(entry, body=canonical(entry.content | {"more": 1}))
        changed = dataclasses.replace(changed, hash=sha256(changed.text))
        with pytest.raises(MismatchFound) as found:
            check_chain([*entries[:at], changed, *entries[at + 1 :]])
        assert (found.value.code, found.value.values["entry"]) == ("LED002", str(at + 2))


def test_a_ledger_cut_short_is_told_by_what_is_left(town: Town) -> None:
    head = town.verify().head
    town.rewrite(town.entries()[:2])
    assert refused(town, head=head).code == "LED004"
    assert refused(town).values["place"] == "published/jutogai/generations/g1"  # The run is there, its end is not.
    town.rewrite(town.entries()[:1])
    assert refused(town).values["place"].startswith("ledger.sqlite")  # A result that no entry names.
    town.sql("delete from results where rowid = 2")
    assert refused(town).values["place"] == "r2"
    shutil.rmtree(town.runs / "r2")
    shutil.rmtree(town.folder / "published/jutogai/generations")
    assert refused(town).values["place"] == "published/jutogai/current"
    shutil.rmtree(town.folder / "published")
    assert town.verify().entries == 1


def test_a_file_that_is_no_database_is_a_mismatch_for_verify_and_the_environments_fault_elsewhere(town: Town) -> None:
    path = town.runs / "ledger.sqlite"
    path.write_bytes(b"x" * len(path.read_bytes()))
    assert refused(town).code == "LED007"
    with pytest.raises(DmigError) as found:
        Book(town.runs).runs()
    assert (found.value.code, found.value.exit_code) == ("LED007", ExitCode.ENVIRONMENT)


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


def approving(town: Town, run_id: str, approvers: list[Approver], signer: Signer | None = None) -> Entry:
    with Book(town.runs, town.signer).writing() as pages:
        return approve(pages, run_id, approvers, "山田花子", signer or town.approver, "")


def test_an_approval_is_refused_for_its_reason_and_not_entered(town: Town, tmp_path: Path) -> None:
    stranger = new_key(tmp_path / "stranger.pem")
    book = Book(town.runs, town.signer)
    book.add_run(result_of("failed", status="fail", exit_code=1))
    book.add_run(result_of("partial", partial=True))
    book.add_run(result_of("judged"))
    with book.writing() as pages:
        pages.append("judgement", {"run_id": "judged", "status": "fail", "exit_code": 1})
    before = town.entries()
    for code, run_id, approvers, signer in (
        ("RUN002", "none", [person(town)], None),
        ("APR001", "r2", [person(town, name="佐藤")], None),
        ("APR002", "r2", [person(town)], stranger),
        ("APR003", "r2", [person(town, valid_from="2026-10-02")], None),
        ("APR003", "r2", [person(town, valid_to="2026-09-30")], None),
        ("APR004", "failed", [person(town)], None),
        ("APR004", "judged", [person(town)], None),
        ("APR005", "partial", [person(town)], None),
        ("APR006", "r1", [person(town)], None),
        ("APR006", "r1", [person(town), person(town, public_key=stranger.public)], stranger),
    ):
        with pytest.raises(UsageFault) as found:
            approving(town, run_id, approvers, signer)
        assert found.value.code == code
    assert town.entries() == before
    approving(town, "r2", [person(town, valid_from="2026-10-01", valid_to="2026-10-01")])


def test_an_approval_counts_while_run_key_and_period_are_right(town: Town, tmp_path: Path) -> None:
    def counted(site: str = "見本市", plan: str = "p" * 64, approvers: Any = None) -> int:
        return most_approvals(town.entries(), site, plan, approvers or [person(town)])

    assert counted() == 1
    assert counted(site="別の市") == counted(plan="q" * 64) == 0
    assert counted(approvers=[person(town, valid_to="2026-09-30")]) == 0
    assert counted(approvers=[person(town, public_key=new_key(tmp_path / "k.pem").public)]) == 0
    [approval] = approvals_of(town.entries(), "r1", [person(town)])
    assert (approval.name, approval.reason, approval.holds) == ("山田花子", "確認済", True)
    book = Book(town.runs, town.signer)
    book.add_run(result_of("r1", gates=[]))  # Resumed, with another outcome.
    assert counted() == 0
    assert not approvals_of(town.entries(), "r1", [person(town)])[0].holds


def test_an_approval_of_a_real_run_is_none_of_the_plan(town: Town) -> None:
    plan = "n" * 64
    Book(town.runs, town.signer).add_run(result_of("real", dry_run=False, plan_hash=plan))
    approving(town, "real", [person(town)])
    assert most_approvals(town.entries(), "見本市", plan, [person(town)]) == 0


def test_a_forged_approval_does_not_count(town: Town, tmp_path: Path) -> None:
    """Entered by somebody who may write the ledger but has not the approver's key."""
    run = Book(town.runs).entries("run", "r1")[0].content
    forger = new_key(tmp_path / "forger.pem")
    statement = {name: run[name] for name in ("run_id", "run_hash", "gates_hash", "plan_hash", "as_of")}
    statement |= {"name": "佐藤", "role": "", "division": "", "reason": "", "public_key": "", "head": ""}
    second = new_key(tmp_path / "second.pem")
    approvers = [person(town), person(town, name="佐藤", public_key=second.public)]
    for signer, public, expected in (
        (forger, second.public, 1),
        (forger, forger.public, 1),
        (second, second.public, 2),
    ):
        said = statement | {"public_key": public}
        signature = signer.sign(canonical(said).encode())
        with Book(town.runs, town.signer).writing() as pages:
            pages.append("approval", {"run_id": "r1", "statement": said, "signature": signature})
        assert most_approvals(town.entries(), "見本市", "p" * 64, approvers) == expected
    assert refused(town).code == "LED003"


@given(st.dictionaries(st.text(min_size=1, max_size=3).filter(lambda t: t != OTHER), st.integers(0, 40), max_size=8))
def test_no_small_group_is_shown_and_totals_stay(counts: dict[str, int]) -> None:
    shown = fold(counts)
    assert not [count for count in shown.values() if isinstance(count, int) and 0 < count < LEAST]
    total = sum(counts.values())
    if total >= LEAST or total == 0:
        assert sum(int(count) for count in shown.values()) == total
    else:
        assert shown[OTHER] == SMALL
    assert all(shown[name] == counts[name] for name in shown if name != OTHER)


def test_folding_merges_the_smallest_upwards() -> None:
    assert fold({"a": 3, "b": 4, "c": 20, "d": 100, "e": 0}) == {"d": 100, "e": 0, OTHER: 27}
    assert fold({"a": 3, "b": 8, "c": 20}) == {"c": 20, OTHER: 11}
    assert fold({"a": 3}) == {OTHER: SMALL}
    assert hide({"a": 9, "b": 10, "c": 0}) == {"a": SMALL, "b": 10, "c": 0}
    parts = {"X": {"root": 3, "cascade": 9}, "Y": {"root": 1, "cascade": 0}, "Z": {"root": 30, "cascade": 0}}
    assert fold_parts(parts) == {"Z": {"root": 30, "cascade": 0}, OTHER: {"root": SMALL, "cascade": SMALL}}
    result = {"tables": [{"read": 5, "excluded": {"除票": 4, "改製": 30}}], "findings_by_code": {"X": 3}}
    assert folded(result) == {
        "tables": [{"read": 5, "excluded": {OTHER: 34}}], "findings_by_code": {OTHER: SMALL}
    }  # fmt: skip
