"""Approvals, judgements and real runs: what a site's people decide about a stored run."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dmig.errors import Diagnostics, UsageFault
from dmig.ledger import Book, Entry
from dmig.ledger.approvals import Approval, approvals_of, approve, most_approvals
from dmig.ledger.chain import canonical, check_chain, sha256
from dmig.ledger.signing import load_key
from dmig.pipeline.books import open_book, site_at, site_of, site_signer
from dmig.pipeline.gates import judge_again, verdict
from dmig.spec.approvers import Approver, read_approvers
from dmig.spec.gates import read_gates, read_gates_file
from dmig.spec.library import Library
from dmig.spec.site import Site
from dmig.store.private import read_json

#: Where the environment holds the passphrase of an approver's key.
PASSPHRASE = "DMIG_KEY_PASSPHRASE"  # noqa: S105 - the name of a variable


def site_approvers(site: Site | None) -> list[Approver]:
    """Who may approve on a site; nobody without one."""
    if site is None or not (site.folder / "approvers.csv").is_file():
        return []
    diagnostics = Diagnostics()
    found = read_approvers(site.folder, diagnostics)
    diagnostics.stop_if_any()
    return found


def approve_run(folder: Path, run_id: str, name: str, key: Path, reason: str) -> Entry:
    """Enter a person's approval of a run of the site in a folder; `latest` names the newest run."""
    site = site_at(folder)
    signer = load_key(key, os.environ.get(PASSPHRASE, ""))
    book = Book(folder / "runs", site_signer(site))
    try:
        check_chain(book.entries(), site.public_keys)
        run_id = next((run.run_id for run in book.runs()), run_id) if run_id == "latest" else run_id
        with book.writing() as pages:
            return approve(pages, run_id, site_approvers(site), name, signer, reason)
    finally:
        book.close()


def refuse_unapproved(site: Site, plan_hash: str, needed: int) -> None:
    """A real run needs a plan that enough persons have approved: `UsageFault` RUN010. The chain must hold as well."""
    if not needed:
        return
    book = open_book(site.folder / "runs")
    try:
        entries = book.entries()
    finally:
        book.close()
    check_chain(entries, site.public_keys)
    found = most_approvals(entries, site.name, plan_hash, site_approvers(site))
    if found < needed:
        raise UsageFault("RUN010", found=found, needed=needed)


def approvals(runs: Path, run_id: str) -> list[Approval]:
    """The approvals of a stored run."""
    book = open_book(runs)
    try:
        return approvals_of(book.entries(), run_id, site_approvers(site_of(runs)))
    finally:
        book.close()


def judge_run(runs: Path, result: dict[str, Any], file: Path | None) -> dict[str, Any]:
    """Judge a stored run's counts by the gates of today (or of a file) and enter it; the stored run stays as it is."""
    run_id = str(result["run_id"])
    limits = _limits(runs, result, file)
    gates = judge_again(result["gates"], limits)
    status, exit_code = verdict(gates)
    judgement = {
        "run_id": run_id,
        "status": status,
        "exit_code": exit_code,
        "gates": [asdict(gate) for gate in gates],
        "limits_sha256": sha256(canonical(limits)),
        "source": file.name if file else "gates.toml",
    }
    book = open_book(runs, appends=True)
    try:
        with book.writing() as pages:
            pages.append("judgement", judgement)
    finally:
        book.close()
    return judgement


def _limits(runs: Path, result: dict[str, Any], file: Path | None) -> dict[str, int]:
    diagnostics = Diagnostics()
    if file is not None:
        found = read_gates_file(file, diagnostics)
    else:
        library = Library(Path(read_json(runs / str(result["run_id"]) / "run.json")["library"]))
        site = site_of(runs)
        layers = [(library.root, library.mapping_folder(result["operation"], result["system"]))]
        layers += [(layer.root, layer.folder) for layer in (site.layers(result["operation"]) if site else ())]
        found = read_gates(layers, diagnostics)
    diagnostics.stop_if_any()
    return found.limits
