"""Ed25519 keys and signatures: keys as PEM files of their owner, public keys and signatures as hexadecimal text."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from dmig.errors import DmigError, UsageFault
from dmig.store.private import disk_faults, refuse_missing_folder

#: What a public key begins with in approvers.csv, dmig.toml and ledger entries; 64 hexadecimal digits follow.
SCHEME = "ed25519:"


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key in memory; `public` is its public key as text."""

    public: str
    _key: Ed25519PrivateKey = field(repr=False)

    def sign(self, content: bytes) -> str:
        """The signature over some bytes; the same bytes always give the same signature."""
        return self._key.sign(content).hex()


def new_key(path: Path, passphrase: str = "") -> Signer:
    """Make a key and write it (PEM, 0600), under the passphrase if there is one. A file that is there is left alone."""
    if path.exists():
        raise UsageFault("KEY002", path=path.name)
    refuse_missing_folder(path)
    key = Ed25519PrivateKey.generate()
    cover = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    with disk_faults(path):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, cover))
            file.flush()
            os.fsync(handle)
    return _signer(key)


def load_key(path: Path, passphrase: str = "") -> Signer:
    """The key of a PEM file; `DmigError` when it cannot be read, is none, or others may read it."""
    try:
        content = path.read_bytes()
        key = load_pem_private_key(content, passphrase.encode() or None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise DmigError("KEY001", path=path.name) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise DmigError("KEY001", path=path.name)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise DmigError("KEY003", path=path.name)
    return _signer(key)


def is_signed_by(public: str, content: bytes, signature: str) -> bool:
    """Whether the signature over these bytes is that of the public key. Another spelling of either is refused."""
    try:
        raw = bytes.fromhex(signature)
        if raw.hex() != signature:
            return False
        public_key(public).verify(raw, content)
    except (ValueError, InvalidSignature):
        return False
    return True


def public_key(public: str) -> Ed25519PublicKey:
    """A public key from its text; `ValueError` when it is none."""
    raw = bytes.fromhex(public.removeprefix(SCHEME))
    if SCHEME + raw.hex() != public or len(raw) != 32:
        raise ValueError(SCHEME)
    return Ed25519PublicKey.from_public_bytes(raw)


def is_public_key(public: str) -> bool:
    """Whether a text is a public key."""
    try:
        public_key(public)
    except ValueError:
        return False
    return True


def public_pem(public: str) -> bytes:
    """The public key as other programs read it."""
    return public_key(public).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _signer(key: Ed25519PrivateKey) -> Signer:
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return Signer(SCHEME + raw.hex(), key)
