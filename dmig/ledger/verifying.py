"""`dmig ledger verify`: everything that the ledger says is computed again; the first thing that does not hold is named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dmig.errors import DmigError, MismatchFound
from dmig.ledger.book import Book, gates_hash, run_hash
from dmig.ledger.chain import NOTHING, Entry, canonical, check_chain, sha256
from dmig.ledger.signing import is_signed_by
from dmig.ledger.tables import NAME
from dmig.store.private import read_json

#: Where a run keeps what it would publish, below its folder.
STAGED = Path("protected") / "write" / "published"


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found to hold."""

    entries: int
    head: str
    signed: int
    results: int
    files: int


def verify(runs: Path, keys: Sequence[str] = (), head: str = "") -> Verified:
    """Chain, signatures, stored results, and every file of a run or a publication that is still there.

    `keys`: public keys that may have signed. `head`: the last hash as it stands on paper. `MismatchFound` (exit 4)
    names the first entry or file.
    """
    book = Book(runs)
    try:
        entries, results = book.entries(), book.results()
    except DmigError as error:
        if error.code != "LED007":
            raise
        raise MismatchFound("LED007", path=NAME) from error
    finally:
        book.close()
    check_chain(entries, keys, head)
    for entry in entries:
        _check_content(entry)
    _check_results(entries, results)
    files = _check_runs(runs, entries) + _check_publications(runs.parent, entries)
    _check_strangers(runs, entries)
    signed = sum(bool(entry.signature) for entry in entries)
    return Verified(len(entries), entries[-1].hash if entries else NOTHING, signed, len(results), files)


def _check_content(entry: Entry) -> None:
    """A body is what this program writes, and an approval in it bears the signature of the key that it names."""
    body = entry.content
    if canonical(body) != entry.body:
        raise MismatchFound("LED001", entry=entry.number)
    if entry.kind == "approval":
        statement = body["statement"]
        if not is_signed_by(statement["public_key"], canonical(statement).encode(), body["signature"]):
            raise MismatchFound("LED003", entry=entry.number)


def _check_results(entries: Sequence[Entry], results: dict[str, str]) -> None:
    """Each stored result has the hash that it goes under, and each run's is there."""
    owners = {entry.content["result_sha256"]: entry for entry in entries if entry.kind == "run"}
    for name, entry in owners.items():
        if name not in results or sha256(results[name]) != name:
            raise MismatchFound("LED005", entry=entry.number, file="result")
    if strange := sorted(set(results) - set(owners)):
        raise MismatchFound("LED006", place=f"{NAME}: {strange[0][:12]}")


def _check_runs(runs: Path, entries: Sequence[Entry]) -> int:
    """What stands in run folders: the files that the run's last entry names, and what it would publish."""
    latest = {entry.run_id: entry for entry in entries if entry.kind == "run"}
    count = 0
    for run_id, entry in latest.items():
        folder = runs / run_id
        for name, wanted in entry.content.get("files", {}).items():
            count += _check_file(entry, folder / name, f"{run_id}/{name}", wanted)
        if (folder / "result.json").is_file():
            result = read_json(folder / "result.json")
            noted = (entry.content["run_hash"], entry.content["gates_hash"])
            if (run_hash(result), gates_hash(result["gates"])) != noted:
                raise MismatchFound("LED005", entry=entry.number, file=f"{run_id}/result.json")
            for output in result["outputs"]:
                name = (STAGED / output["file"]).as_posix()
                count += _check_file(entry, folder / name, f"{run_id}/{name}", output["sha256"])
    return count


def _check_publications(site: Path, entries: Sequence[Entry]) -> int:
    """Generations that are still there hold the files that were published, all of them and no other."""
    count = 0
    for folder, entry in {e.content["folder"]: e for e in entries if e.kind == "publication"}.items():
        place, files = site / folder, entry.content["files"]
        if not place.is_dir():
            continue
        for name, wanted in files.items():
            if not (place / name).is_file():
                raise MismatchFound("LED005", entry=entry.number, file=f"{folder}/{name}")
            count += _check_file(entry, place / name, f"{folder}/{name}", wanted)
        for path in sorted(place.rglob("*")):
            if path.is_file() and path.relative_to(place).as_posix() not in files:
                raise MismatchFound("LED006", place=path.relative_to(site).as_posix())
    return count


def _check_strangers(runs: Path, entries: Sequence[Entry]) -> None:
    """A finished run or a generation that no entry names: the ledger was shortened, or the end of a run is missing."""
    known = {entry.run_id for entry in entries if entry.kind == "run"}
    for path in sorted(runs.glob("*/result.json")):
        if path.parent.name not in known:
            raise MismatchFound("LED006", place=path.parent.name)
    published = {entry.content["folder"] for entry in entries if entry.kind == "publication"}
    for path in sorted(runs.parent.glob("published/*/generations/*")):
        place = path.relative_to(runs.parent).as_posix()
        if place not in published and path.suffix != ".part":
            raise MismatchFound("LED006", place=place)
    for path in sorted(runs.parent.glob("published/*/current")):
        if not _is_pointer(path, {Path(folder).name for folder in published}):
            raise MismatchFound("LED006", place=path.relative_to(runs.parent).as_posix())


def _is_pointer(path: Path, generations: set[str]) -> bool:
    """Whether `current` names published generations only, in the form that publishing writes."""
    try:
        text = path.read_text(encoding="utf-8")
        state = json.loads(text)
        named = {state["generation"], *state["history"]}
    except (ValueError, KeyError, TypeError):
        return False
    return named <= generations and text == json.dumps(state, ensure_ascii=False, indent=2) + "\n"


def _check_file(entry: Entry, path: Path, name: str, wanted: str) -> int:
    """1 for a file with the hash that was noted, 0 for one that is gone."""
    if not path.is_file():
        return 0
    with path.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != wanted:
            raise MismatchFound("LED005", entry=entry.number, file=name)
    return 1
