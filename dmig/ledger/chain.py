"""The chain: each entry's text holds the hash of the entry before, its hash is that of its text, its signature too.

The text of an entry is seven lines that `sha256sum` and `openssl` can check without this program:
    dmig ledger entry 1 / number / at / kind / SHA-256 of the body / public key or "-" / hash of the entry before
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dmig.errors import MismatchFound
from dmig.ledger.signing import Signer, is_signed_by

FORM = "dmig ledger entry 1"
KINDS = ("run", "access", "approval", "judgement", "publication", "evidence", "rehearsal")
#: What stands before the first entry.
NOTHING = "0" * 64
UNSIGNED = "-"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is stored. `body` is canonical JSON; `signer` and `signature` are "" without a key."""

    number: int
    at: str
    kind: str
    body: str
    previous: str
    signer: str
    hash: str
    signature: str

    @property
    def text(self) -> bytes:
        """What is hashed and signed."""
        return entry_text(self.number, self.at, self.kind, sha256(self.body), self.signer, self.previous)

    @property
    def link(self) -> Link:
        """The entry without its body."""
        return Link(
            self.number, self.at, self.kind, sha256(self.body), self.previous, self.signer, self.hash, self.signature
        )

    @property
    def content(self) -> dict[str, Any]:
        """The body as an object; `MismatchFound` when it is none any longer."""
        try:
            found: dict[str, Any] = json.loads(self.body)
        except ValueError as error:
            raise MismatchFound("LED001", entry=self.number) from error
        return found

    @property
    def run_id(self) -> str:
        """The run that the entry speaks of."""
        return str(self.content.get("run_id", ""))


@dataclass(frozen=True, slots=True)
class Link:
    """An entry without its body: enough to follow the chain past what concerns others."""

    number: int
    at: str
    kind: str
    body_sha256: str
    previous: str
    signer: str
    hash: str
    signature: str

    @property
    def text(self) -> bytes:
        """What is hashed and signed."""
        return entry_text(self.number, self.at, self.kind, self.body_sha256, self.signer, self.previous)


def entry_text(number: int, at: str, kind: str, body_sha256: str, signer: str, previous: str) -> bytes:
    """The seven lines of an entry."""
    lines = (FORM, str(number), at, kind, body_sha256, signer or UNSIGNED, previous)
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogatepass")


def sha256(text: str | bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text).hexdigest()


def canonical(value: object) -> str:
    """The one way to write a value as JSON: keys sorted, no blanks, no line breaks."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def next_entry(last: Entry | None, at: str, kind: str, body: object, signer: Signer | None) -> Entry:
    """The entry that follows `last`."""
    number, previous = (last.number + 1, last.hash) if last else (1, NOTHING)
    written, public = canonical(body), signer.public if signer else ""
    text = entry_text(number, at, kind, sha256(written), public, previous)
    return Entry(number, at, kind, written, previous, public, sha256(text), signer.sign(text) if signer else "")


def check_chain(entries: Sequence[Entry | Link], keys: Sequence[str] = (), head: str = "") -> None:
    """Recompute every hash and signature; `MismatchFound` names the first entry that does not hold.

    `keys` are the public keys that may sign; with them the last entry must be signed, and after the first signed
    entry every one. What was entered before there was a key stands under the hash in the first signed entry.
    `head` is a hash known from elsewhere (the paper): that of the last entry.
    """
    previous, signed = NOTHING, False
    for number, entry in enumerate(entries, start=1):
        if entry.hash != sha256(entry.text):
            raise MismatchFound("LED001", entry=number)
        if entry.number != number or entry.previous != previous or entry.kind not in KINDS:
            raise MismatchFound("LED002", entry=number)
        signed = _check_signature(entry, keys, signed=signed)
        previous = entry.hash
    if keys and entries and not signed:
        raise MismatchFound("LED003", entry=len(entries))
    if head and head != previous:
        raise MismatchFound("LED004", head=previous, entries=len(entries))


def _check_signature(entry: Entry | Link, keys: Sequence[str], *, signed: bool) -> bool:
    """Whether the entry is signed; a signature that is wrong, of a stranger, or missing after others is a fault."""
    if not entry.signer and not entry.signature and not signed:
        return False
    stranger = bool(keys) and entry.signer not in keys
    if stranger or not is_signed_by(entry.signer, entry.text, entry.signature):
        raise MismatchFound("LED003", entry=entry.number)
    return True
