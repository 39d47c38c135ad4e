"""Round trips of whole runs: every declared one compares rows, finds damage by itself, and proves nothing over no row."""

from __future__ import annotations

import dataclasses
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from e2e_support import GROUPS, Delivery, Ran, deliver, request_for, rows_of, run
from test_mutants import Damage, damaged_registry, no_voice, other_digit, value, year_more
from test_reconcile_damages import city, reconciled, records, written

from dmig.pipeline.proving import proving
from dmig.pipeline.result import Heading, build_result
from dmig.pipeline.run import compile_operation, execute
from dmig.plan.nouns import Plan
from dmig.stages.reconcile import Comparison, Verdict

GROUP, FILE = "jutogaikihon", GROUPS["jutogai"]["jutogaikihon"]


def only_inverse(plan: Plan) -> Plan:
    """The plan without any other proof."""
    proofs = tuple(proof for proof in plan.mapping.proofs if proof.proof == "inverse")
    return dataclasses.replace(plan, mapping=dataclasses.replace(plan.mapping, proofs=proofs))


def residents(once: Any) -> Delivery:
    found: Delivery = once("round trips", lambda place: deliver(place / "city", 60, 7))
    return found


def test_every_declared_round_trip_compares_rows_and_finds_nothing(once: Any, tmp_path: Path) -> None:
    ran = run(request_for(residents(once).inputs, tmp_path / "run"))
    found = ran.result["reconciliation"]["round_trips"]
    declared = [proof for proof in ran.outcome.plan.mapping.proofs if proof.proof == "inverse"]
    assert len(declared) > 60
    seen = {(trip["group"], trip["source"], trip["converter"]) for trip in found if trip["compared"]}
    assert seen == {(proof.group, proof.sources[0], proof.signature) for proof in declared}
    assert sum(trip["differing"] for trip in found) == 0
    assert [s for s in ran.result["reconciliation"]["signatures"] if s["signature"] == "inverse"] == []


def test_a_cell_damaged_after_it_was_written_is_found_at_its_record(once: Any, tmp_path: Path) -> None:
    ran: Ran = city(once)
    shutil.copytree(ran.published, tmp_path / "published")
    rows = rows_of(ran.published / FILE)
    standard = ran.outcome.plan.group(GROUP).group.item("shimei_yomigana")
    assert standard is not None
    at = rows[0].index(standard.name)
    row = next(n for n in range(1, len(rows)) if rows[n][at])
    rows[row][at] += "ン"
    (tmp_path / "published" / FILE).write_bytes(written(rows))
    verdicts = reconciled(ran, tmp_path / "published", tmp_path).verdicts
    [wrong] = [verdict for verdict in verdicts if verdict.comparison.kind == "inverse" and verdict.differing]
    assert (wrong.classes, wrong.records) == ({"inverse": 1}, [records(ran)[row - 1]])
    told = proving(ran.outcome.plan, verdicts, {GROUP: 120})
    assert [trip["differing"] for trip in told["round_trips"] if trip["differing"]] == [1]
    lines = [line for line in told["differences"] if line["class"] == "inverse"]
    assert [(line["item"], line["table"], line["count"]) for line in lines] == [("shimei_yomigana", "jutogai", 1)]


def test_no_row_compared_proves_nothing(once: Any) -> None:
    """A proof whose rows are all not invertible leaves its item unproved, whatever another group's rows were."""
    plan = only_inverse(city(once).outcome.plan)
    proof = next(p for p in plan.mapping.proofs if p.targets == ("shimei_yomigana",))
    own = Comparison(GROUP, "inverse", proof.signature, proof.targets, proof.sources, proof.args)

    def status(compared: int, apart: int, rows: int) -> str:
        verdicts = (Verdict(own, "jutogai", compared, apart=apart),)
        [found] = [p for p in proving(plan, verdicts, {GROUP: rows})["proofs"] if p["item"] == "shimei_yomigana"]
        return str(found["status"])

    assert status(0, 9, 9) == "unproved"
    assert status(1, 8, 9) == "proved"
    assert status(0, 0, 0) == "proved"


def test_a_class_that_saw_no_row_is_not_proved_by_another_item(once: Any) -> None:
    """A signature over some rows does not lend them to a round trip, nor the other way round."""
    plan = city(once).outcome.plan
    proof = next(p for p in plan.mapping.proofs if p.targets == ("shimei_yomigana",) and p.proof == "inverse")
    seen = Verdict(Comparison(GROUP, "signature", "letters", proof.targets, proof.sources), "jutogai", 9)
    [found] = [p for p in proving(only_inverse(plan), (seen,), {GROUP: 9})["proofs"] if p["item"] == "shimei_yomigana"]
    assert found["status"] == "unproved"


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("kana_full", value(no_voice)),
        ("date", value(year_more, "date")),
        ("code", lambda o, r: value(other_digit, next(iter(o.values)))(o, r)),
    ],
    ids=["voiced marks lost", "a year too late", "two codes swapped"],
)
def test_a_damaged_converter_is_found_by_the_round_trip_alone(
    once: Any, tmp_path: Path, name: str, damage: Damage
) -> None:
    delivery = city(once).request.inputs
    registry = partial(damaged_registry, "converters", name, damage)
    request = request_for(delivery, tmp_path / "run", operation="jutogai", make_registry=registry)
    plan = only_inverse(compile_operation(request))
    outcome = execute(request, plan)
    heading = Heading(run_id="run", site="", fixture="", dry_run=True, as_of="2026-10-01")
    result = build_result(heading, outcome)
    differing = sum(trip["differing"] for trip in result["reconciliation"]["round_trips"])
    assert differing > 20 and result["exit_code"] == 4
