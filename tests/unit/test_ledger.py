"""The ledger by itself: every altered byte is found, a rewritten chain refused."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ledger_support import COLUMNS, FILE, Town, build, refused

from dmig.errors import DmigError, ExitCode, MismatchFound
from dmig.ledger import Book
from dmig.ledger.chain import Entry, canonical, check_chain, next_entry, sha256
from dmig.ledger.signing import Signer, new_key


@pytest.fixture(params=[True, False], ids=["signed", "unsigned"])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Town:
    return build(tmp_path / "town", is_signed=request.param)


@pytest.fixture
def signed(tmp_path: Path) -> Town:
    return build(tmp_path / "town", is_signed=True)


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
