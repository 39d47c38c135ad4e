"""The ledger of a runs folder with the site that it belongs to: which key signs, which keys may have signed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from dmig.errors import Diagnostics, DmigError
from dmig.ledger import Book
from dmig.ledger.signing import Signer, load_key
from dmig.ledger.verifying import Verified, verify
from dmig.model.repairs import SAMPLE_SECRET
from dmig.spec.site import Site, read_site

#: Where the environment names the site's key file and its passphrase; never in TOML.
KEY_FILE, PASSPHRASE = "DMIG_SITE_KEY", "DMIG_SITE_KEY_PASSPHRASE"
#: What the site's key signs to give the secret that keys hashes of values; the signature never leaves the process.
SECRET_OF = b"dmig: hashes of values in repairs.csv"


def site_of(runs: Path) -> Site | None:
    """The site whose runs these are: the folder above, if it has a dmig.toml."""
    return site_at(runs.parent) if runs.name == "runs" and (runs.parent / "dmig.toml").is_file() else None


def site_at(folder: Path) -> Site:
    """The site of a folder; faults of dmig.toml are raised at once."""
    diagnostics = Diagnostics()
    site = read_site(folder, diagnostics)
    diagnostics.stop_if_any()
    return site


def site_signer(site: Site | None) -> Signer | None:
    """The site's key; None where the site has none. `DmigError` when it should have one and it cannot be used."""
    if site is None:
        return None
    named = os.environ.get(KEY_FILE)
    path = Path(named) if named else site.key_file
    if path is None:
        if site.public_keys:
            raise DmigError("LED009", key=site.public_keys[-1])
        return None
    signer = load_key(path, os.environ.get(PASSPHRASE, ""))
    if signer.public not in site.public_keys:
        raise DmigError("KEY004", path=path.name)
    return signer


def site_secret(site: Site | None) -> bytes:
    """What keys the hashes of values: only who has the site's key can make it. What is not a site's is invented."""
    signer = site_signer(site)
    return hashlib.sha256(bytes.fromhex(signer.sign(SECRET_OF))).digest() if signer else SAMPLE_SECRET


def open_book(runs: Path, *, appends: bool = False) -> Book:
    """The ledger of a runs folder; only who appends to it needs the site's key."""
    return Book(runs, site_signer(site_of(runs)) if appends else None)


def verify_ledger(runs: Path, keys: Sequence[str] = (), head: str = "") -> Verified:
    """Compute again what a ledger says; without keys those of the site's dmig.toml may have signed."""
    site = site_of(runs)
    return verify(runs, keys or (site.public_keys if site else ()), head)
