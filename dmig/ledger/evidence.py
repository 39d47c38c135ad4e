"""The evidence of a run: one ZIP from which an auditor can recompute totals, hashes and signatures without this program."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dmig.errors import MismatchFound, UsageFault
from dmig.ledger.archive import pack, unpack
from dmig.ledger.chain import Entry, Link, canonical, check_chain, sha256
from dmig.ledger.evidence_readme import readme
from dmig.ledger.evidence_tables import chain_csv, csv_bytes, read_chain, sheets
from dmig.ledger.folding import folded
from dmig.ledger.signing import Signer, is_signed_by, public_pem

MANIFEST, SIGNATURE, SITE_KEY, CHAIN = "manifest.csv", "manifest.sig", "keys/site.txt", "ledger/chain.csv"
EXACT = "protected/result.json"
#: Entries whose bodies are handed out; of all others only the links of the chain.
OWN = ("run", "judgement", "approval", "publication")


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What the evidence is made of beside the ledger: the run's result, and files by their place in the ZIP."""

    result: Mapping[str, Any]
    files: Mapping[str, bytes]
    exact_counts: bool = False


def make_evidence(
    entries: Sequence[Entry], run_id: str, exhibit: Exhibit, signer: Signer | None, head: str = ""
) -> bytes:
    """The ZIP; the same run and head always give the same bytes. `UsageFault` when no entry has the head.

    The chain ends at the entry with the hash `head`, else at the last one about the run.
    """
    own = [entry for entry in entries if entry.kind in OWN and entry.run_id == run_id]
    end = _end(entries, own, head)
    own = [entry for entry in own if entry.number <= end]
    result = folded(dict(exhibit.result))
    files = dict(exhibit.files) | sheets(result)
    files["result.json"] = (canonical(result) + "\n").encode()
    files[CHAIN] = chain_csv(entry.link for entry in entries[:end])
    for entry in own:
        files |= _entry_files(entry)
    if exhibit.exact_counts:
        files[EXACT] = canonical(exhibit.result).encode()
    if signer is not None:
        files |= {SITE_KEY: f"{signer.public}\n".encode(), "keys/site.pem": public_pem(signer.public)}
    files["README.md"] = readme(run_id, entries[end - 1].hash, signer is not None, exhibit.exact_counts).encode()
    files[MANIFEST] = csv_bytes(
        ("path", "bytes", "sha256"), [[name, len(files[name]), sha256(files[name])] for name in sorted(files)]
    )
    if signer is not None:
        files[SIGNATURE] = bytes.fromhex(signer.sign(files[MANIFEST]))
    return pack(files)


def _end(entries: Sequence[Entry], own: Sequence[Entry], head: str) -> int:
    first = next(entry.number for entry in own if entry.kind == "run")
    if not head:
        return own[-1].number
    found = [entry.number for entry in entries if entry.hash == head]
    if not found or found[0] < first:
        raise UsageFault("EVI004", head=head)
    return found[0]


def _entry_files(entry: Entry) -> dict[str, bytes]:
    """An entry as its text, body and signature; an approval's statement and the key that signed it as well."""
    name = f"ledger/entries/{entry.number:06d}"
    files = {f"{name}.txt": entry.text, f"{name}.json": entry.body.encode()}
    if entry.signature:
        files[f"{name}.sig"] = bytes.fromhex(entry.signature)
    if entry.kind == "approval":
        place, said = f"approvals/{entry.number:06d}", entry.content
        files[f"{place}.json"] = canonical(said["statement"]).encode()
        files[f"{place}.sig"] = bytes.fromhex(said["signature"])
        files[f"{place}.pem"] = public_pem(said["statement"]["public_key"])
    return files


@dataclass(frozen=True, slots=True)
class CheckedEvidence:
    """What was found to hold in a ZIP of evidence."""

    run_id: str
    files: int
    head: str
    signer: str
    approvals: int


def check_evidence(content: bytes, name: str, keys: Sequence[str] = (), head: str = "") -> CheckedEvidence:
    """Recompute hashes, signatures and chain; `MismatchFound` names the first file that does not hold.

    `keys`: public keys that may have signed. `head`: the hash of the chain's last entry as it stands on paper.
    """
    try:
        files = unpack(content)
    except ValueError as error:
        raise MismatchFound("EVI003", file=name) from error
    if MANIFEST not in files or CHAIN not in files:
        raise MismatchFound("EVI003", file=name)

    def hold(path: str, truth: bool) -> None:
        if not truth:
            raise MismatchFound("EVI002", file=name, path=path)

    _check_manifest(files, hold)
    hold(name, pack(files) == content)
    try:
        links = read_chain(files[CHAIN])
        signer = _check_signer(files, links, keys, hold)
        check_chain(links, [signer] if signer else (), head)
        bodies = _check_entries(files, links, hold)
        run = _check_bodies(files, bodies, hold)
    except (ValueError, KeyError, TypeError) as error:
        raise MismatchFound("EVI002", file=name, path=CHAIN) from error
    approvals = sum(body.kind == "approval" for body in bodies)
    return CheckedEvidence(str(run["run_id"]), len(files), links[-1].hash, signer, approvals)


def _check_manifest(files: Mapping[str, bytes], hold: Any) -> None:
    """Every file but the manifest and its signature stands in the manifest, with its bytes and hash."""
    try:
        rows = list(csv.reader(io.StringIO(files[MANIFEST].decode(), newline=""), strict=True))
    except (ValueError, csv.Error):
        rows = []
    named = {row[0]: row[1:] for row in rows[1:] if len(row) == 3}
    for path in sorted(set(files) - {MANIFEST, SIGNATURE}):
        hold(path, named.get(path) == [str(len(files[path])), sha256(files[path])])
    hold(MANIFEST, sorted(named) == sorted(set(files) - {MANIFEST, SIGNATURE}))
    hold(MANIFEST, files[MANIFEST] == csv_bytes(("path", "bytes", "sha256"), [[p, *named[p]] for p in sorted(named)]))


def _check_signer(files: Mapping[str, bytes], links: Sequence[Link], keys: Sequence[str], hold: Any) -> str:
    """The key that signed the manifest. Where the chain is signed, or a key is known, a signature must be there."""
    signer = files.get(SITE_KEY, b"").decode().strip()
    if not signer:
        hold(SIGNATURE, SIGNATURE not in files and not keys and not any(link.signer for link in links))
        return ""
    hold(SITE_KEY, not keys or signer in keys)
    hold("keys/site.pem", files.get("keys/site.pem") == public_pem(signer))
    hold(SIGNATURE, is_signed_by(signer, files[MANIFEST], files.get(SIGNATURE, b"").hex()))
    return signer


def _check_entries(files: Mapping[str, bytes], links: Sequence[Link], hold: Any) -> list[Entry]:
    """The run's own entries: text, body and signature are those of the chain."""
    found = []
    for link in links:
        place = f"ledger/entries/{link.number:06d}"
        body = files.get(f"{place}.json")
        if body is None:
            continue
        hold(f"{place}.json", sha256(body) == link.body_sha256)
        hold(f"{place}.txt", files.get(f"{place}.txt") == link.text)
        hold(f"{place}.sig", files.get(f"{place}.sig", b"").hex() == link.signature)
        found.append(Entry(link.number, link.at, link.kind, body.decode(), link.previous, link.signer, link.hash,
                           link.signature))  # fmt: skip
    return found


def _check_bodies(files: Mapping[str, bytes], bodies: Sequence[Entry], hold: Any) -> dict[str, Any]:
    """What entries say of other files: statements of approvals, declarations, the exact result; the run's last body."""
    run = [entry for entry in bodies if entry.kind == "run"][-1].content
    for entry in bodies:
        if entry.kind == "approval":
            place, said = f"approvals/{entry.number:06d}", entry.content
            statement, key = canonical(said["statement"]).encode(), said["statement"]["public_key"]
            hold(f"{place}.json", files[f"{place}.json"] == statement)
            hold(f"{place}.pem", files[f"{place}.pem"] == public_pem(key))
            hold(f"{place}.sig", files[f"{place}.sig"].hex() == said["signature"])
            hold(f"{place}.sig", is_signed_by(key, statement, said["signature"]))
    for path, wanted in run["declarations"].items():
        hold(f"declarations/{path}", sha256(files.get(f"declarations/{path}", b"")) == wanted)
    if EXACT in files:
        hold(EXACT, sha256(files[EXACT]) == run["result_sha256"])
    return run
