"""The self-test finds a rule that an engine no longer judges, or judges where nothing is wrong; a real run then stops."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from e2e_support import call_main, deliver, tree

from dmig.pipeline import planting
from dmig.pipeline.run import Request, compile_operation
from dmig.pipeline.selftest import self_test
from dmig.pipeline.suites import shipped_suites
from dmig.plan.nouns import Plan
from dmig.plan.rules import KINDS, SET
from dmig.spec.library import Library, shipped
from dmig.stages.accept import Seen, engine
from dmig.stages.check import forms, sets

FIELDS = {"group", "rule", "engine", "fired"}
JUTOGAI_TOML = """
[operations.jutogai]
system = "package"
mapping_version = "0.1"
input = "input/jutogai/package"
"""


def plan_of(operation: str) -> Plan:
    return compile_operation(Request(Library(shipped()), operation, "package", Path(), Path()))


def told(operation: str) -> dict[str, Any]:
    plan = plan_of(operation)
    return self_test(plan, shipped_suites(Library(shipped()), plan.layout))


def silent(found: dict[str, Any]) -> set[tuple[str, str]]:
    """Kinds of the implied rules, or ids of the others, that did not fire, with their engines."""
    return {
        (rule.split(".")[-1], entry["engine"])
        for entry in found["engines"]
        if not entry["fired"]
        for rule in [entry["rule"]]
    }


@pytest.mark.parametrize("operation", ["jumin", "jutogai", "rei"])
def test_every_rule_fires_in_every_engine_that_it_names(operation: str) -> None:
    found = told(operation)
    assert silent(found) == set()
    assert found["status"] == "pass"
    wanted = Counter(
        (plan.group.group, rule.rule, engine)
        for plan in plan_of(operation).groups
        for rule in plan.rules
        for engine in rule.engines
    )
    of_files = {
        (plan.group.group, f"{plan.group.group}.{what}", "gx"): 1
        for plan in plan_of(operation).groups
        for what in ("columns", "rows")
    }
    assert Counter((e["group"], e["rule"], e["engine"]) for e in found["engines"]) == wanted + Counter(of_files)
    assert {frozenset(entry) for entry in found["engines"]} == {frozenset(FIELDS)}
    assert found["rules"] == len({(group, rule) for group, rule, _ in (*wanted, *of_files)})


def test_every_kind_of_rule_has_a_fault_to_plant() -> None:
    of_sets = {name for name, kind in KINDS.items() if set(kind.scopes) & set(SET)}
    assert set(planting.SETS) == of_sets
    assert set(planting.PLANTS) == set(KINDS) - of_sets
    assert set(planting.MENDED) == set(planting.BROKEN) <= set(planting.PLANTS)


def always(holds: bool) -> Callable[..., pl.Expr]:
    return lambda rule, group, layout: pl.lit(holds) | pl.col(rule.items[0]).is_null() & holds


def test_a_kind_that_pandera_no_longer_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("form", "code", "check_digit"):
        monkeypatch.setitem(forms.ROW_FORMS, kind, always(True))
    assert silent(told("jutogai")) == {("form", "pandera"), ("code", "pandera"), ("JUT005", "pandera")}


def test_a_kind_that_accuses_every_row_has_not_fired_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(forms.ROW_FORMS, "max_chars", lambda rule, group, layout: pl.lit(False))
    assert silent(told("jutogai")) == {("max_chars", "pandera")}


def test_a_set_rule_that_duckdb_no_longer_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sets.SQL, "unique", lambda rule: (list(rule.items), "count(*) > 2", []))
    assert silent(told("jutogai")) == {("key", "duckdb")}


def test_expectations_that_pass_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_judged", lambda found, frame, *more: Seen(frame.num_rows, 0))
    found = told("jutogai")
    assert {engine for _, engine in silent(found)} == {"gx"}
    assert all(not entry["fired"] for entry in found["engines"] if entry["engine"] == "gx")


def test_expectations_that_could_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    engine._library()  # imports the library, whose own imports warn
    import great_expectations.expectations as kinds

    def failing(*arguments: object, **named: object) -> None:
        raise ValueError

    monkeypatch.setattr(kinds.ExpectColumnValuesToMatchRegex, "_validate", failing)
    found = told("jutogai")
    assert ("form", "gx") in silent(found)
    assert {engine for _, engine in silent(found)} == {"gx"}


def test_the_command(monkeypatch: Any, capsys: Any) -> None:
    code, out, err = call_main(monkeypatch, capsys, "selftest", "jutogai")
    assert (code, err) == (0, "")
    assert "jutogai: pass" in out
    assert [line.split()[:2] for line in out.splitlines()[1:4]] == [
        ["jutogaikihon", engine] for engine in ("pandera", "gx", "duckdb")
    ]
    monkeypatch.setitem(forms.ROW_FORMS, "code", always(True))
    code, out, _ = call_main(monkeypatch, capsys, "selftest", "jutogai")
    assert code == 1
    assert "NOT FIRED  jutogaikihon.seibetsu.code  pandera" in out
    code, out, _ = call_main(monkeypatch, capsys, "selftest", "jutogai", "--json")
    assert (code, json.loads(out)["status"]) == (1, "fail")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: Any, capsys: Any) -> Path:
    """A site with a sound delivery, whose real runs nobody need approve."""
    folder = tmp_path / "site"
    assert call_main(monkeypatch, capsys, "init", folder)[0] == 0
    settings = folder / "dmig.toml"
    if "[operations.jutogai]" not in settings.read_text(encoding="utf-8"):
        with settings.open("a", encoding="utf-8") as out:
            out.write(JUTOGAI_TOML)
    gates = folder / "mappings/jutogai/package/gates.toml"
    gates.parent.mkdir(parents=True, exist_ok=True)
    gates.write_text("approvals = 0\n", encoding="utf-8")
    delivery = deliver(tmp_path / "city", 40, 3, operation="jutogai")
    place = folder / "input/jutogai"
    (place / "package").mkdir(parents=True, exist_ok=True)
    shutil.copy(delivery.folder / "delivery.toml", place)
    for file in delivery.inputs.iterdir():
        shutil.copy(file, place / "package")
    return folder


def test_a_real_run_keeps_its_self_test_and_a_dry_run_has_none(site: Path, monkeypatch: Any, capsys: Any) -> None:
    for more, kept in (((), True), (("--dry-run",), False)):
        code, out, err = call_main(monkeypatch, capsys, "run", "jutogai", "--site", site, "--json", *more)
        assert code == 0, err
        result = json.loads(out)
        assert (result["self_test"] is not None) == kept
        if kept:
            assert result["self_test"] == told("jutogai")


def test_a_real_run_is_refused_where_a_rule_does_not_fire(site: Path, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setitem(sets.SQL, "unique", lambda rule: (list(rule.items), "count(*) > 2", []))
    code, out, err = call_main(monkeypatch, capsys, "run", "jutogai", "--site", site, "--json")
    assert (code, out) == (5, "")
    assert "ENV005" in err
    assert "jutogaikihon.key duckdb" in err
    assert tree(site / "published", Path.is_file) == []
    assert not list((site / "runs").rglob("result.json"))
    code, _, err = call_main(monkeypatch, capsys, "run", "jutogai", "--site", site, "--json", "--dry-run")
    assert code == 0, err
