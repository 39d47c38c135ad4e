"""What a report says of a result: order, small counts, parts that are not there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_support import CIRCUMSTANCES

from dmig.report import build_report
from dmig.report.bars import LEAST_WIDTH, LENGTH, widths
from dmig.report.nouns import FEW, Mark, Section, Table, few

ORDER = ["gates", "conservation", "totals", "differences", "causes", "repairs", "codes", "coverage", "acceptance", "dispositions",
         "legacy_defects", "self_test", "run_of", "signoff"]  # fmt: skip


def section(result: dict[str, Any], key: str, language: str = "ja") -> Section:
    return next(s for s in build_report(result, CIRCUMSTANCES, language).sections if s.key == key)


def table(result: dict[str, Any], part: str, key: str, language: str = "ja") -> Table:
    return next(t for t in section(result, part, language).tables if t.key == key)


def test_sections_come_in_the_order_in_which_they_are_read(full: dict[str, Any]) -> None:
    report = build_report(full, CIRCUMSTANCES)
    assert [s.key for s in report.sections] == ORDER
    assert not any(s.is_absent for s in report.sections)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("gone", [
    "acceptance", "self_test", "dispositions", "legacy_defects", "causes", "divisions", "co_occurrence", "reconciliation",
    "accepted_differences", "names", "approvals",
])  # fmt: skip
@pytest.mark.parametrize("how", ["absent", "null"])
def test_any_part_may_be_missing(full: dict[str, Any], gone: str, how: str, language: str) -> None:
    rest = {key: value for key, value in full.items() if key != gone} | ({gone: None} if how == "null" else {})
    report = build_report(rest, {}, language)
    for s in report.sections:
        if s.key == gone and gone != "causes":
            assert s.is_absent
    causes = next(s for s in report.sections if s.key == "causes")
    assert ("by_item" in causes.lacks) == (gone == "causes")


@pytest.mark.parametrize(
    "gone", ["codes", "proofs", "coverage", "differences", "keys", "references", "round_trips", "signatures", "totals"]
)
def test_any_part_of_reconciliation_may_be_missing(full: dict[str, Any], gone: str) -> None:
    rest = full | {"reconciliation": {k: v for k, v in full["reconciliation"].items() if k != gone}}
    report = build_report(rest, {}, "ja")
    assert len(report.sections) == len(ORDER)
    assert gone not in ("codes", "totals") or section(rest, gone).is_absent


def test_the_first_page_names_checks_that_are_missing(full: dict[str, Any]) -> None:
    rest = {key: value for key, value in full.items() if key not in ("self_test", "acceptance")}
    assert build_report(rest, {}, "en").verdict.caution == "Checks that are not part of this run: Acceptance, Self-test"
    assert build_report(full, {}, "en").verdict.caution == ""


def test_weakly_proved_items_come_first(full: dict[str, Any]) -> None:
    tables = section(full, "coverage").tables
    assert [t.key for t in tables] == ["weak", "coverage.table", "round_trips", "proofs"]
    assert [row[1] for row in tables[0].rows] == ["項目1", "項目2", "項目4"]
    assert tables[3].rows[0][2] == "i5"


def test_round_trips_that_differ_come_first_and_open(full: dict[str, Any]) -> None:
    found = table(full, "coverage", "round_trips")
    assert [row[7] for row in found.rows] == [1, 0]
    assert not found.folded


def test_small_pairs_are_folded_and_what_nobody_agreed_to_stays_apart(full: dict[str, Any]) -> None:
    rows = table(full, "codes", "codes", "en").rows
    assert [(row[3], row[5]) for row in rows] == [
        ("00", 120), ("03", 0), ("04", 10), ("pairs under ten: 1", FEW), ("pairs under ten: 2", 10),
    ]  # fmt: skip
    assert [row[6].tone for row in rows if isinstance(row[6], Mark)] == ["good", "good", "good", "bad", "good"]


def test_counts_of_few_persons_are_never_exact(full: dict[str, Any]) -> None:
    for part, key, at in (("causes", "by_item", 8), ("causes", "co_occurrence", 4), ("codes", "codes", 5),
                          ("legacy_defects", "legacy_defects", 5), ("differences", "blank_with_candidate", 2)):  # fmt: skip
        counts = [row[at] for row in table(full, part, key).rows]
        assert counts
        assert [count for count in counts if isinstance(count, int) and 0 < count < 10] == [], key
    assert FEW in [row[8] for row in table(full, "causes", "by_item").rows]


@pytest.mark.parametrize(("given_", "shown"), [(0, 0), (1, FEW), (9, FEW), (10, 10), (None, FEW), ("<10", FEW)])
def test_few(given_: Any, shown: Any) -> None:
    assert few(given_) == shown


def test_what_failed_comes_first(full: dict[str, Any]) -> None:
    assert [row[0] for row in table(full, "self_test", "self_test").rows] == ["JUM002", "JUM001"]
    states = [
        row[6].text for row in table(full, "acceptance", "acceptance.details", "en").rows if isinstance(row[6], Mark)
    ]
    assert states == ["failed", "could not run", "passed"]


def test_a_clean_sample_passes_and_is_not_for_signing(clean: dict[str, Any]) -> None:
    verdict = build_report(clean, {}, "en").verdict
    assert (verdict.mark.tone, verdict.mark.text) == ("good", "Passed")
    assert verdict.may_sign.startswith("No. This is the result of sample data")


def test_a_site_may_sign_a_real_run_and_a_rehearsal(clean: dict[str, Any]) -> None:
    own = clean | {"fixture": "", "site": "見本市"}
    assert build_report(own, {}, "en").verdict.may_sign.startswith("As the record of a rehearsal")
    assert build_report(own | {"dry_run": False}, {}, "en").verdict.may_sign.startswith("Yes.")


def test_a_failed_run_may_not_be_signed_and_says_what_to_do(faults: dict[str, Any]) -> None:
    verdict = build_report(faults | {"fixture": "", "site": "見本市"}, {}, "en").verdict
    assert verdict.mark.tone == "bad"
    assert verdict.may_sign.startswith("No. Do not sign")
    assert len(verdict.next) == len([gate for gate in faults["gates"] if gate["status"] != "pass"]) > 0


def test_an_unknown_gate_still_has_its_step(clean: dict[str, Any]) -> None:
    odd = {"gate": "new_gate", "count": 1, "limit": 0, "status": "fail"}
    verdict = build_report(clean | {"status": "fail", "gates": [odd]}, {}, "en").verdict
    assert verdict.next == ("Look at the breakdown of the gate “new_gate”.",)


def test_only_valid_approvals_fill_the_boxes(full: dict[str, Any]) -> None:
    boxes = build_report(full, CIRCUMSTANCES).sign_off.boxes
    assert [(role, name) for role, name, _ in boxes] == [("作成", "住民課　見本太郎"), ("確認", ""), ("承認", "")]
    marks = [row[3].tone for row in table(full, "signoff", "approvals").rows if isinstance(row[3], Mark)]
    assert marks == ["good", "bad"]


@given(st.lists(st.integers(1, 10**7), max_size=6), st.integers(0, 10**7))
def test_bars_keep_their_length_and_show_a_single_record(counts: list[int], more: int) -> None:
    most = sum(counts) + more
    drawn = widths(counts, most)
    assert all(width >= LEAST_WIDTH for width in drawn)
    exact = LENGTH * sum(counts) / most if counts else 0
    assert sum(drawn) == pytest.approx(max(exact, LEAST_WIDTH * len(counts)), abs=LEAST_WIDTH * len(counts) + 1e-6)
    assert sum(drawn) <= LENGTH + LEAST_WIDTH * len(counts)
