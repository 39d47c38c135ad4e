"""Approvals in the ledger, and small groups folded in what leaves it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_support import Town, approving, build, person, refused, result_of

from dmig.errors import UsageFault
from dmig.ledger import Book
from dmig.ledger.approvals import approvals_of, most_approvals
from dmig.ledger.chain import canonical
from dmig.ledger.folding import LEAST, OTHER, SMALL, fold, fold_parts, folded, hide
from dmig.ledger.signing import new_key


@pytest.fixture(params=[True, False], ids=["signed", "unsigned"])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Town:
    return build(tmp_path / "town", is_signed=request.param)


@pytest.fixture
def signed(tmp_path: Path) -> Town:
    return build(tmp_path / "town", is_signed=True)


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
