"""Gathering the evidence of a run: its files and declarations, each with the hash that the ledger noted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dmig.errors import DmigError, UsageFault
from dmig.ledger import Book, Entry
from dmig.ledger.evidence import CheckedEvidence, Exhibit, check_evidence, make_evidence
from dmig.pipeline.books import site_of, site_signer, verify_ledger
from dmig.pipeline.session import open_run
from dmig.spec.files import declaration_files
from dmig.spec.library import Library
from dmig.spec.site import Site
from dmig.store.private import disk_faults, read_json, refuse_missing_folder, written_aside


def export_evidence(runs: Path, run_id: str, out: Path, head: str = "", *, exact_counts: bool = False) -> str:
    """Write the evidence of a run and enter in the ledger that it was; the ZIP's hash.

    The ledger must hold (`MismatchFound`), and every file must be what it was at the run (`UsageFault` EVI001).
    """
    refuse_missing_folder(out)
    verify_ledger(runs)
    result = open_run(runs, run_id)
    site = site_of(runs)
    signer = site_signer(site)
    book = Book(runs, signer)
    try:
        run = book.run(str(result["run_id"]))
        if run is None:
            raise UsageFault("RUN002", run=run_id)
        exhibit = Exhibit(result, _files(runs, site, result, run), exact_counts)
        content = make_evidence(book.entries(), run.run_id, exhibit, signer, head)
        with disk_faults(out), written_aside(out) as aside:
            aside.write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        with book.writing() as pages:
            pages.append("evidence", {"run_id": run.run_id, "sha256": sha256, "exact_counts": exact_counts})
    finally:
        book.close()
    return sha256


def _files(runs: Path, site: Site | None, result: dict[str, Any], run: Entry) -> dict[str, bytes]:
    """run.json, the approvers, and every declaration, each compared with what the run's entry says."""
    circumstances = runs / run.run_id / "run.json"
    files = {"run.json": _noted(circumstances, run.content["files"]["run.json"], "run.json")}
    if site is not None and (site.folder / "approvers.csv").is_file():
        files["approvers.csv"] = (site.folder / "approvers.csv").read_bytes()
    library = Library(Path(read_json(circumstances)["library"]))
    layers = site.layers(result["operation"]) if site and result["site"] else ()
    version = next(iter(_layout_versions(run.content["declarations"])), "")
    found = declaration_files(library, result["operation"], result["system"], version, layers)
    for name, wanted in run.content["declarations"].items():
        files[f"declarations/{name}"] = _noted(found.get(name, Path(name)), wanted, name)
    return files


def _layout_versions(names: Sequence[str]) -> list[str]:
    """The version in `schemas/standard/<operation>/<version>/…`."""
    return [name.split("/")[3] for name in names if name.startswith("schemas/standard/")]


def _noted(path: Path, wanted: str, name: str) -> bytes:
    """A file's bytes, which must have the hash noted at the run."""
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != wanted:
        raise UsageFault("EVI001", file=name)
    return content


def verify_evidence(path: Path, keys: Sequence[str] = (), head: str = "") -> CheckedEvidence:
    """Check a ZIP of evidence; `MismatchFound` names what does not hold."""
    if not path.is_file():
        raise DmigError("EVI003", file=path.name)
    return check_evidence(path.read_bytes(), path.name, keys, head)
