"""Approvals: a person's signature over what a run found out, checked again whenever it counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dmig.errors import UsageFault
from dmig.ledger.book import Pages
from dmig.ledger.chain import NOTHING, Entry, canonical
from dmig.ledger.signing import Signer, is_signed_by
from dmig.spec.approvers import Approver

#: What an approval binds to, taken from the entry of its run.
BOUND = ("run_id", "run_hash", "gates_hash", "plan_hash", "as_of")


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval as listed; `holds` says whether signature, key, period and run are right today."""

    number: int
    at: str
    name: str
    role: str
    division: str
    reason: str
    holds: bool


def approve(pages: Pages, run_id: str, approvers: Sequence[Approver], name: str, signer: Signer, reason: str) -> Entry:
    """Enter the approval of a run; `UsageFault` says why it is refused."""
    entries = pages.entries()
    run = latest(entries, "run", run_id)
    if run is None:
        raise UsageFault("RUN002", run=run_id)
    body = run.content
    _refuse_bad_runs(body, latest(entries, "judgement", run_id))
    approver = _approver(approvers, name, signer, body["as_of"])
    if any(a.name == name and a.holds for a in approvals_of(entries, run_id, approvers)):
        raise UsageFault("APR006", name=name, run=run_id)
    statement = {field: body[field] for field in BOUND}
    statement |= {"head": entries[-1].hash if entries else NOTHING, "name": name, "role": approver.role,
                  "division": approver.division, "public_key": signer.public, "reason": reason}  # fmt: skip
    signature = signer.sign(canonical(statement).encode())
    return pages.append("approval", {"run_id": run_id, "statement": statement, "signature": signature})


def _refuse_bad_runs(body: dict[str, Any], judgement: Entry | None) -> None:
    """Only a whole run that passed, and that no later judgement failed, can be approved."""
    if body.get("partial"):
        raise UsageFault("APR005", run=body["run_id"])
    if body["exit_code"] != 0 or (judgement and judgement.content["exit_code"] != 0):
        raise UsageFault("APR004", run=body["run_id"])


def _approver(approvers: Sequence[Approver], name: str, signer: Signer, as_of: str) -> Approver:
    mine = [approver for approver in approvers if approver.name == name]
    if not mine:
        raise UsageFault("APR001", name=name)
    keyed = [approver for approver in mine if approver.public_key == signer.public]
    if not keyed:
        raise UsageFault("APR002", name=name)
    if not keyed[0].may_approve(as_of):
        raise UsageFault("APR003", name=name, as_of=as_of)
    return keyed[0]


def approvals_of(entries: Sequence[Entry], run_id: str, approvers: Sequence[Approver]) -> list[Approval]:
    """All approvals of a run, each checked against its run's last entry and the approvers of today."""
    run, found = latest(entries, "run", run_id), []
    for entry in entries:
        if entry.kind == "approval" and entry.run_id == run_id:
            said = {field: str(entry.content["statement"][field]) for field in ("name", "role", "division", "reason")}
            holds = run is not None and _holds(entry, run, approvers)
            found.append(Approval(number=entry.number, at=entry.at, holds=holds, **said))
    return found


def _holds(entry: Entry, run: Entry, approvers: Sequence[Approver]) -> bool:
    statement, body = entry.content["statement"], run.content
    if any(statement[field] != body[field] for field in BOUND):
        return False
    listed = any(
        (a.name, a.public_key) == (statement["name"], statement["public_key"]) and a.may_approve(body["as_of"])
        for a in approvers
    )
    return listed and is_signed_by(statement["public_key"], canonical(statement).encode(), entry.content["signature"])


def most_approvals(entries: Sequence[Entry], site: str, plan_hash: str, approvers: Sequence[Approver]) -> int:
    """How many different persons have approved the same passing dry run of this plan on this site, at most."""
    runs = {entry.run_id: entry for entry in entries if entry.kind == "run"}
    return max((_persons(entries, run, approvers) for run in runs.values() if _counts(run, site, plan_hash)), default=0)


def _counts(run: Entry, site: str, plan_hash: str) -> bool:
    body = run.content
    wanted = {"site": site, "plan_hash": plan_hash, "dry_run": True, "exit_code": 0}
    return not body.get("partial") and all(body[name] == value for name, value in wanted.items())


def _persons(entries: Sequence[Entry], run: Entry, approvers: Sequence[Approver]) -> int:
    judgement = latest(entries, "judgement", run.run_id)
    if judgement is not None and judgement.content["exit_code"] != 0:
        return 0
    return len({approval.name for approval in approvals_of(entries, run.run_id, approvers) if approval.holds})


def latest(entries: Iterable[Entry], kind: str, run_id: str) -> Entry | None:
    """The last entry of a kind about a run."""
    found = [entry for entry in entries if entry.kind == kind and entry.run_id == run_id]
    return found[-1] if found else None
