"""From a dry run over approvals to a real run."""

from __future__ import annotations

import re
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from e2e_support import call_main, deliver, sha256_of, tree
from site_support import OPERATION, PEOPLE, Call, Site, sound


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    return partial(call_main, monkeypatch, capsys)


@pytest.fixture(autouse=True)
def no_keys_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DMIG_KEY_PASSPHRASE", "DMIG_SITE_KEY", "DMIG_SITE_KEY_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def site(call: Call, once: Any, tmp_path: Path) -> Site:
    return Site(call, tmp_path / "site", sound(once))


def refused(site: Site, code: str) -> None:
    before = site.head()
    exit_code, result, err = site.run()
    assert (exit_code, result) == (2, {})
    assert code in err
    assert (site.head(), (site.folder / "published" / OPERATION).exists()) == (before, False)


def test_a_real_run_needs_this_very_plan_approved(site: Site) -> None:
    refused(site, "RUN010")
    site.dry()
    refused(site, "RUN010")
    assert site.approve(PEOPLE[0]) == (0, "")
    site.gates("[max]\nrejects = 1\n")  # Another plan.
    refused(site, "RUN010")
    site.dry()
    refused(site, "RUN010")
    (site.folder / "mappings" / OPERATION / "package" / "gates.toml").unlink()
    code, result, _ = site.run()
    assert code == 0
    assert result["generation"]
    assert site.verify()[0] == 0


def test_two_different_persons_where_gates_toml_says_two(site: Site) -> None:
    site.gates("approvals = 2\n[max]\n")
    run_id = site.dry()
    assert site.approve(PEOPLE[0])[0] == 0
    refused(site, "RUN010")
    code, err = site.approve(PEOPLE[0])
    assert (code, "APR006" in err) == (2, True)
    code, err = site.approve(PEOPLE[1], key=PEOPLE[0])
    assert (code, "APR002" in err) == (2, True)
    refused(site, "RUN010")
    assert site.approve(PEOPLE[1], "--reason", "件数を確認")[0] == 0
    code, out, _ = site.call("ledger", "show", "--run", run_id, "--runs", site.runs)
    assert code == 0
    lines = out.splitlines()[-2:]
    assert [next(name for name in PEOPLE if name in line) for line in lines] == list(PEOPLE)
    assert "件数を確認" in lines[1]
    assert site.run()[0] == 0


def test_two_approvals_of_two_runs_are_not_two_of_one(site: Site) -> None:
    site.gates("approvals = 2\n[max]\n")
    site.dry()
    assert site.approve(PEOPLE[0])[0] == 0
    site.dry()
    assert site.approve(PEOPLE[1])[0] == 0
    refused(site, "RUN010")


def test_an_approver_who_is_struck_off_or_whose_period_ended_no_longer_counts(site: Site) -> None:
    site.dry()
    assert site.approve(PEOPLE[0])[0] == 0
    site.approvers(site.rows[1])
    refused(site, "RUN010")
    site.approvers(site.rows[0].replace("2027-03-31", "2026-09-30"))
    refused(site, "RUN010")
    code, err = site.approve(PEOPLE[0])
    assert (code, "APR003" in err) == (2, True)
    site.approvers(*site.rows)
    assert site.run()[0] == 0


def test_a_failed_run_is_not_approved_whatever_it_is_judged_by(site: Site, tmp_path: Path) -> None:
    faulty = deliver(tmp_path / "bad", 60, 3, 0.2, operation=OPERATION)
    shutil.copytree(faulty.inputs, site.folder / "input" / OPERATION / "package", dirs_exist_ok=True)
    code, result, _ = site.run("--dry-run")
    assert code == 1
    stored = sha256_of(site.runs / result["run_id"] / "result.json")
    code, err = site.approve(PEOPLE[0])
    assert (code, "APR004" in err) == (2, True)
    wide = tmp_path / "wide.toml"
    wide.write_text("[max]\nrejects = 1000\ncascades = 1000\n", encoding="utf-8")
    judge = ("ledger", "judge", "--runs", site.runs, "--lang", "en")
    code, out, _ = site.call(*judge, "--gates", wide)
    assert (code, "PASS" in out) == (0, True)
    assert site.approve(PEOPLE[0])[0] == 2
    code, out, _ = site.call(*judge)
    assert (code, "FAIL" in out) == (1, True)
    site.gates("[max]\nrejects = 1000\ncascades = 1000\n")
    assert site.call(*judge)[0] == 0
    assert sha256_of(site.runs / result["run_id"] / "result.json") == stored
    assert site.verify()[0] == 0


def test_a_run_that_a_stricter_judgement_fails_is_not_approved(site: Site, tmp_path: Path) -> None:
    deliver_findings = deliver(tmp_path / "findings", 200, 3, operation=OPERATION)
    assert len(deliver_findings.expected_findings()) > 1
    shutil.copytree(deliver_findings.inputs, site.folder / "input" / OPERATION / "package", dirs_exist_ok=True)
    site.dry()
    strict = tmp_path / "strict.toml"
    strict.write_text("[max]\nfindings = 0\n", encoding="utf-8")
    assert site.call("ledger", "judge", "--runs", site.runs, "--gates", strict)[0] == 1
    code, err = site.approve(PEOPLE[0])
    assert (code, "APR004" in err) == (2, True)


@pytest.mark.parametrize(
    ("text", "code"), [("approvals = -1\n", "SPC007"), ('approvals = "2"\n', "SPC012"), ("aprovals = 2\n", "SPC013")]
)
def test_a_wrong_number_of_approvals_is_a_fault_with_its_line(site: Site, text: str, code: str) -> None:
    site.gates(text + "[max]\n")
    exit_code, _, err = site.run("--dry-run")
    assert exit_code == 3
    assert f"gates.toml:1: {code}" in err


def test_a_site_may_do_without_approvals_and_every_result_says_so(site: Site) -> None:
    assert "GAT003" not in site.run("--dry-run")[1]["findings_by_code"]
    site.gates("approvals = 0\n[max]\n")
    code, result, _ = site.run()
    assert (code, result["approvals"], result["findings_by_code"]["GAT003"]) == (0, 0, 1)
    assert "GAT003" in site.call("ledger", "show", "--runs", site.runs)[1]


def test_a_base_mapping_cannot_do_without_approvals(tmp_path: Path, call: Call) -> None:
    from e2e_support import copy_library

    library = copy_library(tmp_path / "library")
    (library / "mappings" / OPERATION / "package" / "gates.toml").write_text("approvals = 0\n[max]\n", encoding="utf-8")
    code, _, err = call("check", OPERATION, "--library", library)
    assert (code, "SPC007" in err) == (3, True)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("山田花子,課長,市民課,ed25519:12,2026-04-01,\n", "SPC051"),
        ("山田花子,課長,市民課,{key},2026-02-30,\n", "SPC048"),
        ("山田花子,課長,市民課,{key},,\n", "SPC006"),
        ("山田花子,課長,市民課,{key},2026-04-01,\n佐藤次郎,係長,市民課,{key},2026-04-01,\n", "SPC014"),
    ],
)
def test_faults_of_approvers_csv_are_named_with_their_line(site: Site, row: str, code: str) -> None:
    site.dry()
    site.approvers(row.format(key=site.key))
    exit_code, err = site.approve(PEOPLE[0])
    assert exit_code == 3
    assert re.search(rf"approvers\.csv:[23]: {code}", err)


def test_a_site_whose_key_is_not_there_starts_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = site.folder.parent / "elsewhere.pem"
    (site.folder / "site.pem").rename(moved)
    code, _, err = site.run("--dry-run")
    assert (code, "KEY001" in err) == (5, True)
    assert list(site.runs.iterdir()) == []
    monkeypatch.setenv("DMIG_SITE_KEY", str(site.folder / f"{PEOPLE[0]}.pem"))
    code, _, err = site.run("--dry-run")
    assert (code, "KEY004" in err) == (5, True)
    monkeypatch.setenv("DMIG_SITE_KEY", str(moved))
    site.dry()
    code, said = site.verify()
    assert (code, "1 signed" in said) == (0, True)


def test_verify_names_what_was_altered_in_what_was_published(site: Site) -> None:
    site.dry()
    assert site.approve(PEOPLE[0])[0] == 0
    code, result, _ = site.run()
    assert code == 0
    head = site.head()
    assert site.verify("--head", head)[0] == 0
    assert site.verify("--head", "0" * 64)[0] == 4
    published = tree(site.folder / "published", Path.is_file)
    assert len(published) >= 4
    for path in [*published, site.runs / result["run_id"] / "result.json", site.runs / result["run_id"] / "run.json"]:
        content = path.read_bytes()
        for at in (0, len(content) // 2, len(content) - 1):
            path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
            code, said = site.verify()
            assert code == 4
            assert path.name in said
        path.write_bytes(content)
    assert site.verify()[0] == 0
