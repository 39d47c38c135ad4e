"""Acceptance reads what was published again: each planted fault is found, and what could not be judged never passes."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from e2e_support import Delivery, Ran, call_main, copy_library, deliver, request_for, rows_of, run

import dmig.pipeline.accept_pass as pass_module
from dmig.converters.registry import builtin
from dmig.pipeline.accept_pass import Accepted, accept_pass
from dmig.pipeline.context import Context
from dmig.pipeline.gates import judge, verdict
from dmig.pipeline.suites import shipped_suites
from dmig.pipeline.tasks import Workers

CANARY = "鑢峅麿椥橸"
JUTOGAI_CSV = "031_住登外者宛名基本情報.csv"
PERSON, SUPPORT = "001_住民情報.csv", "001_支援措置対象者.csv"
Rows = list[list[str]]


def city(once: Any, operation: str, residents: int = 60) -> Delivery:
    found: Delivery = once(
        f"accept {operation}", lambda place: deliver(place / "city", residents, 5, operation=operation)
    )
    return found


def ran(once: Any, operation: str) -> Ran:
    """A clean run with acceptance; its files are only for reading."""
    found: Ran = once(
        f"accepted {operation}",
        lambda place: run(request_for(city(once, operation).inputs, place / "run", operation=operation, accept=True)),
    )
    return found


@pytest.fixture
def clean(once: Any) -> Ran:
    return ran(once, "jutogai")


def accept_again(clean: Ran, folder: Path, change: Callable[[Path], None]) -> Accepted:
    """The acceptance of the run's files as they are after a change behind its back."""
    published = folder / "published"
    shutil.copytree(clean.published, published)
    change(published)
    context = Context(clean.outcome.plan, builtin, folder / "run", {})
    suites = shipped_suites(clean.request.library, clean.outcome.plan.layout)
    workers = Workers(1, lambda: None, ())
    return accept_pass(context, workers, clean.outcome.outputs, published, folder / "accept", suites)


def verdict_with(clean: Ran, accepted: Accepted) -> tuple[str, int]:
    return verdict(judge(dataclasses.replace(clean.outcome, accepted=accepted)))


def edited(file: str, change: Callable[[Rows], None]) -> Callable[[Path], None]:
    """A change of the rows of a file, its heading among them, written in the same dialect."""

    def work(published: Path) -> None:
        path = published / file
        rows = rows_of(path)
        change(rows)
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows(rows)
        path.write_bytes(text.getvalue().encode())

    return work


def cell(item: str, value: str, row: int = 3) -> Callable[[Rows], None]:
    def work(rows: Rows) -> None:
        at = rows[0].index(item)
        assert rows[row][at] != value
        rows[row][at] = value

    return work


def bad(accepted: Accepted) -> list[tuple[str, str, int]]:
    return [
        (line["item"] or line["rules"][0], line["status"], line["unexpected"])
        for line in accepted.expectations
        if line["status"] in ("failed", "could not run")
    ]


@pytest.mark.parametrize("operation", ["jutogai", "jumin"])
def test_a_sound_delivery_is_accepted(once: Any, operation: str) -> None:
    found = ran(once, operation)
    accepted = found.result["acceptance"]
    assert found.result["status"] == "pass"
    records = {o["file"]: o["records"] for o in found.result["outputs"] if "/" not in o["file"]}
    assert [group["rows"] for group in accepted["groups"]] == list(records.values())
    for group in accepted["groups"]:
        own = [line for line in accepted["expectations"] if line["group"] == group["group"]]
        assert len(own) > 4
        if group["rows"]:
            assert {line["status"] for line in own} == {"passed"}
            assert {line["evaluated"] for line in own} == {group["rows"], group["batches"]}
        else:
            assert {(line["status"], line["reason"]) for line in own[2:]} == {("not applicable", "may be empty")}
            assert {line["status"] for line in own[:2]} == {"passed"}
        assert group["passed"] + group["not_applicable"] == len(own)
    gates = {gate["gate"]: gate for gate in found.result["gates"]}
    assert (gates["acceptance"]["count"], gates["acceptance_not_run"]["count"]) == (0, 0)


def test_who_does_not_ask_is_told_so(clean: Ran, tmp_path: Path, once: Any) -> None:
    silent = run(request_for(city(once, "jutogai").inputs, tmp_path / "run", operation="jutogai"))
    assert silent.result["acceptance"] is None
    assert {gate["gate"] for gate in clean.result["gates"]} - {gate["gate"] for gate in silent.result["gates"]} == {
        "acceptance", "acceptance_not_run",
    }  # fmt: skip


FAULTS: dict[str, tuple[str, str]] = {
    "a required cell blank": ("宛名番号", ""),
    "a full-width sign in an ASCII item": ("宛名番号", "１２３"),
    "an ASCII sign in a full-width item": ("氏名", f"{CANARY}a"),
    "half-width kana": ("氏名", "ｱｲｳ"),
    "too long": ("氏名", CANARY * 21),
    "a code of no list": ("性別", "X"),
    "no date": ("生年月日", "2020-13-01"),
    "a day that no month has": ("更新年月日", "2023-02-29"),
    "a line feed at the end": ("個人番号", "123456789012\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_each_planted_fault_is_found_and_named(clean: Ran, tmp_path: Path, name: str) -> None:
    item, value = FAULTS[name]
    header = rows_of(clean.published / JUTOGAI_CSV)[0]
    if item not in header:
        item = next(i.name for i in clean.outcome.plan.groups[0].group.items if i.type == "DATE" and not i.unknown_date)
    accepted = accept_again(clean, tmp_path, edited(JUTOGAI_CSV, cell(item, value)))
    assert bad(accepted) == [(item, "failed", 1)]
    [line] = [line for line in accepted.expectations if line["status"] == "failed"]
    names = {i.name: i.item for i in clean.outcome.plan.groups[0].group.items}
    assert {rule.split(".")[1] for rule in line["rules"]} == {names[item]}
    assert verdict_with(clean, accepted) == ("fail", 1)
    assert CANARY[:4] not in repr(accepted)


def test_every_faulty_item_is_named_though_they_are_judged_together(clean: Ran, tmp_path: Path) -> None:
    """Two of the items that share one pattern, and rows in two batches."""

    def change(rows: Rows) -> None:
        for item, row in (("個人番号", 2), ("個人番号", 40), ("宛名番号", 40)):
            cell(item, "あ", row)(rows)

    patch = pytest.MonkeyPatch()
    patch.setattr(pass_module, "BATCH_ROWS", 25)
    try:
        accepted = accept_again(clean, tmp_path, edited(JUTOGAI_CSV, change))
    finally:
        patch.undo()
    assert sorted(bad(accepted)) == [("個人番号", "failed", 2), ("宛名番号", "failed", 1)]
    [group] = accepted.groups
    assert (group["batches"], group["rows"]) == (3, 60)


def swapped(rows: Rows) -> None:
    for row in rows:
        row[0], row[1] = row[1], row[0]


def doubled(rows: Rows) -> None:
    rows.append(rows[-1])


def one_less(rows: Rows) -> None:
    del rows[5]


def a_cell_more(rows: Rows) -> None:
    rows[7].append(CANARY)


def no_heading(rows: Rows) -> None:
    del rows[0]


def renamed(rows: Rows) -> None:
    rows[0][2] = CANARY


def only_heading(rows: Rows) -> None:
    del rows[1:]


def nothing(published: Path) -> None:
    (published / JUTOGAI_CSV).write_bytes(b"")


SHAPES: dict[str, tuple[Callable[[Path], None], set[str]]] = {
    "two columns exchanged": (edited(JUTOGAI_CSV, swapped), {"jutogaikihon.columns"}),
    "a row twice": (edited(JUTOGAI_CSV, doubled), {"jutogaikihon.rows"}),
    "a row gone": (edited(JUTOGAI_CSV, one_less), {"jutogaikihon.rows"}),
    "the heading gone": (edited(JUTOGAI_CSV, no_heading), {"jutogaikihon.columns", "jutogaikihon.rows"}),
    "an item renamed": (edited(JUTOGAI_CSV, renamed), {"jutogaikihon.columns"}),
    "all rows gone": (edited(JUTOGAI_CSV, only_heading), {"jutogaikihon.rows"}),
    "a cell too many": (edited(JUTOGAI_CSV, a_cell_more), set()),
    "no byte left": (nothing, set()),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_file_of_another_shape_never_passes(clean: Ran, tmp_path: Path, name: str) -> None:
    change, failing = SHAPES[name]
    accepted = accept_again(clean, tmp_path, change)
    failed = {rule for line in accepted.expectations if line["status"] == "failed" for rule in line["rules"]}
    assert failing <= failed
    assert verdict_with(clean, accepted) in (("fail", 1), ("could not judge", 1))
    if name in ("all rows gone", "a cell too many", "no byte left"):
        assert not any(line["status"] == "passed" for line in accepted.expectations if line["item"])
    if name == "an item renamed":
        lost = [line for line in accepted.expectations if line["reason"] == "item missing"]
        assert lost
        assert {line["status"] for line in lost} == {"could not run"}
    assert CANARY[:4] not in repr(accepted)


def test_a_group_that_lost_all_its_rows_is_not_excused_because_it_may_be_empty(once: Any, tmp_path: Path) -> None:
    found = ran(once, "jumin")
    group = next(g for g in found.result["acceptance"]["groups"] if g["group"] == "idorireki")
    assert group["rows"] > 0
    accepted = accept_again(found, tmp_path, edited("001_異動履歴.csv", only_heading))
    [lost] = [g for g in accepted.groups if g["group"] == "idorireki"]
    assert (lost["failed"], lost["not_applicable"]) == (1, 0)
    assert lost["could_not_run"] > 5


def test_an_expectation_that_raises_could_not_run(clean: Ran, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import great_expectations.expectations as kinds

    def failing(*arguments: object, **named: object) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr(kinds.ExpectColumnValuesToBeInSet, "_validate", failing)
    accepted = accept_again(clean, tmp_path, lambda published: None)
    broken = [line for line in accepted.expectations if line["expectation"] == "expect_column_values_to_be_in_set"]
    assert broken
    assert {(line["status"], line["reason"], line["evaluated"]) for line in broken} == {
        ("could not run", "exception", 0)
    }
    assert verdict_with(clean, accepted) == ("could not judge", 1)
    assert CANARY[:4] not in repr(accepted)


def test_a_run_whose_writer_damages_rows_fails(once: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """End to end: the damage is done by the writer itself; no other pass of the run sees it."""
    import dmig.stages.write as stage

    real = stage.write_csv_part

    def damaging(rows: Any, dialect: Any, path: Path) -> None:
        of_group = "kojinbango" in rows.columns  # the cells with another form have no numbers
        real(rows.with_columns(rows["kojinbango"].str.replace("^.*$", CANARY)) if of_group else rows, dialect, path)

    monkeypatch.setattr(stage, "write_csv_part", damaging)
    asked = request_for(city(once, "jutogai").inputs, tmp_path / "run", operation="jutogai", accept=True)
    result = run(asked).result
    assert (result["status"], result["exit_code"] in (1, 4)) == ("fail", True)
    gate = next(gate for gate in result["gates"] if gate["gate"] == "acceptance")
    assert (gate["count"], gate["status"]) == (1, "fail")
    assert CANARY[:4] not in json.dumps(result, ensure_ascii=False)
    marks = list((tmp_path / "run/protected/accept").rglob("*.json"))
    assert marks
    assert not any(CANARY[:4] in mark.read_text(encoding="utf-8") for mark in marks)


def test_workers_and_batches_change_nothing(once: Any, tmp_path: Path) -> None:
    asked = request_for(city(once, "jutogai").inputs, tmp_path / "run", operation="jutogai", accept=True, workers=2)
    assert run(asked).result["acceptance"] == ran(once, "jutogai").result["acceptance"]


def test_a_run_that_ended_in_the_acceptance_goes_on_where_it_was(
    once: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pass_module, "BATCH_ROWS", 20)
    real, done = pass_module.accept_batch, list[int]()

    def ending(task: Any) -> dict[str, Any]:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(1)
        return real(task)

    asked = request_for(city(once, "jutogai").inputs, tmp_path / "run", operation="jutogai", accept=True)
    with monkeypatch.context() as patch:
        patch.setattr(pass_module, "accept_batch", ending)
        with pytest.raises(KeyboardInterrupt):
            run(asked)
    marks = {path: path.stat().st_mtime_ns for path in (tmp_path / "run/protected/accept").rglob("0*.json")}
    assert len(marks) == 2
    resumed = run(dataclasses.replace(asked, resume=True)).result["acceptance"]
    assert {path: path.stat().st_mtime_ns for path in marks} == marks
    assert [group["batches"] for group in resumed["groups"]] == [3]
    assert resumed == run(dataclasses.replace(asked, folder=tmp_path / "other")).result["acceptance"]


def run_with_library(monkeypatch: Any, capsys: Any, library: Path, folder: Path) -> tuple[int, str, str]:
    return call_main(
        monkeypatch, capsys, "run", "jutogai", "--dry-run", "--library", library, "--runs", folder / "runs", "--json"
    )


def edit_json(path: Path) -> None:
    found = json.loads(path.read_text(encoding="utf-8"))
    found["expectations"][4]["kwargs"]["regex"] = ".*"
    path.write_text(json.dumps(found, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def rename_item(path: Path) -> None:
    items = path.parents[1] / "items.csv"
    items.write_text(items.read_text(encoding="utf-8").replace(",氏名,shimei,", ",御氏名,shimei,", 1), encoding="utf-8")


@pytest.mark.parametrize("change", [Path.unlink, edit_json, rename_item], ids=["deleted", "edited", "item renamed"])
def test_a_suite_that_is_not_the_layouts_stops_the_run_before_anything_is_read(
    tmp_path: Path, monkeypatch: Any, capsys: Any, change: Callable[[Path], None]
) -> None:
    library = copy_library(tmp_path / "library", fixtures=True)
    suite = library / "schemas/standard/jutogai/1.0/suites/jutogaikihon.json"
    change(suite)
    code, out, err = run_with_library(monkeypatch, capsys, library, tmp_path)
    assert (code, out) == (3, "")
    assert "SPC060" in err
    assert "suites/jutogaikihon.json" in err
    assert not (tmp_path / "runs").exists()
    code, _, _ = call_main(monkeypatch, capsys, "suite", "build", "jutogai", "--library", library, "--check")
    assert code == 1


def test_validation_switched_off_in_the_environment_is_refused(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setenv("PANDERA_VALIDATION_ENABLED", "False")
    for asked in (("run", "jutogai", "--dry-run", "--runs", tmp_path / "runs"), ("selftest", "jutogai")):
        code, out, err = call_main(monkeypatch, capsys, *asked)
        assert (code, out, "ENV004" in err) == (5, "", True)


def test_no_socket_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, once: Any) -> None:
    def refused(*arguments: object) -> None:
        raise AssertionError("network")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    with pytest.raises(AssertionError, match="network"):
        socket.create_connection(("localhost", 9))
    asked = request_for(city(once, "jutogai").inputs, tmp_path / "run", operation="jutogai", accept=True)
    assert run(asked).result["status"] == "pass"
