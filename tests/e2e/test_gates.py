"""Gates: three outcomes, absolute counts against gates.toml; what could not be judged has never passed."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from e2e_support import (
    FILES,
    GENZAI,
    RIREKI,
    ROOT,
    Delivery,
    Ran,
    call_main,
    copy_library,
    deliver,
    dmig,
    only_progress,
    request_for,
    run,
)

from dmig.errors import DmigError, ExitCode
from dmig.pipeline.result import Heading, build_result
from dmig.pipeline.run import compile_operation
from dmig.spec.library import Library

FILE_OF_JUMIN = tuple(FILES["jumin"].values())
GATES = "mappings/jumin/package/gates.toml"
HARMFUL = [
    ("PANDERA_VALIDATION_ENABLED", "False"),
    ("PANDERA_VALIDATION_ENABLED", "false"),
    ("PANDERA_VALIDATION_ENABLED", "0"),
    ("PANDERA_USE_NARWHALS_BACKEND", "True"),
    ("PANDERA_USE_NARWHALS_BACKEND", "1"),
    ("PANDERA_VALIDATION_DEPTH", "SCHEMA_ONLY"),
    ("PANDERA_VALIDATION_DEPTH", "DATA_ONLY"),
]


def asked(inputs: Path, tmp_path: Path, *more: str | Path) -> tuple[str | Path, ...]:
    return ("run", "jumin", "--dry-run", "--input", inputs, "--runs", tmp_path / "runs", *more)


def faulty(once: Any) -> Delivery:
    """A fault in every second resident, of the kinds that rules find too; only for reading."""
    found: Delivery = once("gates city", lambda place: deliver(place / "city", 50, 14, 0.5))
    return found


def tables_that_may_not_be_empty(operation: str) -> set[str]:
    layout = tomllib.loads((ROOT / f"schemas/legacy/package/{operation}/layout.toml").read_text(encoding="utf-8"))
    return {table["table"] for table in layout["table"] if not table.get("may_be_empty", False)}


def gates_of(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {gate["gate"]: gate for gate in result["gates"]}


@pytest.mark.parametrize(("name", "value"), HARMFUL)
def test_a_run_refuses_to_start_when_the_environment_switches_checks_off(
    once: Any, tmp_path: Path, monkeypatch: Any, capsys: Any, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    code, out, err = call_main(monkeypatch, capsys, *asked(faulty(once).inputs, tmp_path))
    assert (code, out) == (5, "")
    assert "ENV004" in err
    assert name in err
    assert not list((tmp_path / "runs").glob("*/protected"))


@pytest.mark.parametrize(
    "environment", [{"PANDERA_VALIDATION_ENABLED": "False"}, {"PANDERA_USE_NARWHALS_BACKEND": "True"}]
)
def test_so_does_a_real_process(once: Any, tmp_path: Path, environment: dict[str, str]) -> None:
    """pandera reads its environment when it is imported, so only a new process proves it."""
    done = dmig(*asked(faulty(once).inputs, tmp_path), cwd=tmp_path, **environment)
    assert done.returncode == 5
    assert b"ENV004" in done.stderr


@pytest.mark.parametrize("value", ["no", ""])
def test_other_words_that_pandera_takes_for_off_do_not_silence_it(once: Any, tmp_path: Path, value: str) -> None:
    done = dmig(*asked(faulty(once).inputs, tmp_path, "--json"), cwd=tmp_path, PANDERA_VALIDATION_ENABLED=value)
    wanted = sum(1 for f in faulty(once).faults() if f["kind"] in ("too_long", "birth_after_event", "death_state"))
    assert wanted == 3
    assert done.returncode in (1, 5)
    if done.returncode == 1:
        codes = json.loads(done.stdout)["rejects_by_code"]
        assert sum(codes.get(code, {"root": 0})["root"] for code in ("CHK003", "CHK012", "CHK013")) == wanted


def header_only(delivery: Delivery, *files: str) -> None:
    for file in files:
        path = delivery.inputs / file
        path.write_bytes(path.read_bytes().split(b"\r\n", 1)[0] + b"\r\n")


def test_empty_tables_cannot_be_judged(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    delivery = deliver(tmp_path / "city", 30, 4)
    header_only(delivery, *FILE_OF_JUMIN)
    code, out, err = call_main(monkeypatch, capsys, *asked(delivery.inputs, tmp_path, "--json"))
    assert code == 1
    assert only_progress(err)
    result = json.loads(out)
    assert (result["status"], result["exit_code"]) == ("could not judge", 1)
    gate = gates_of(result)["silent_rules"]
    assert gate["status"] == "could not judge"
    # The groups that may be empty have nothing to judge here, and that is right.
    assert gate["count"] == sum(rule["group"] in ("juminjoho", "setai") for rule in result["rules"]) > 10
    assert {rule["rows"] for rule in result["rules"]} == {0}
    assert gates_of(result)["empty_tables"]["count"] == len(tables_that_may_not_be_empty("jumin")) == 2
    assert [output["records"] for output in result["outputs"] if "/" not in output["file"]] == [0] * 7
    code, out, _ = call_main(monkeypatch, capsys, *asked(delivery.inputs, tmp_path, "--lang", "en"))
    assert code == 1
    assert "COULD NOT JUDGE" in out
    assert "PASS  (exit" not in out


@pytest.mark.parametrize("how", ["missing", "folder", "no bytes", "another header"])
@pytest.mark.parametrize("file", [GENZAI, RIREKI])
def test_an_input_file_that_is_not_one_ends_with_5(
    tmp_path: Path, monkeypatch: Any, capsys: Any, file: str, how: str
) -> None:
    delivery = deliver(tmp_path / "city", 30, 4)
    path = delivery.inputs / file
    content = path.read_bytes()
    path.unlink()
    if how == "folder":
        path.mkdir()
    elif how == "no bytes":
        path.write_bytes(b"")
    elif how == "another header":
        path.write_bytes(content.replace(b",", b";", 1))
    code, out, err = call_main(monkeypatch, capsys, *asked(delivery.inputs, tmp_path))
    assert (code, out) == (5, "")
    assert file in err
    expected = {"missing": "ENV001", "folder": "ENV001", "no bytes": "RED002", "another header": "RED003"}[how]
    assert expected in err
    assert not list((tmp_path / "runs").glob("*/result.json"))


def library_with(folder: Path, text: str, operation: str = "jumin") -> Path:
    library = copy_library(folder)
    (library / GATES.replace("jumin", operation)).write_text(text, encoding="utf-8")
    return library


def judged_by(ran: Ran, library: Path) -> dict[str, Any]:
    """What a run that is over would have come to under the gates.toml of another library, compiled anew."""
    asked = dataclasses.replace(ran.request, library=Library(library))
    heading = Heading(run_id="judged", site="", fixture="", dry_run=True, as_of="2026-10-01")
    return build_result(heading, dataclasses.replace(ran.outcome, plan=compile_operation(asked)))


def test_limits_of_gates_toml_are_honoured_to_the_count(once: Any, tmp_path: Path) -> None:
    delivery = faulty(once)
    free = run(request_for(delivery.inputs, tmp_path / "zero", library=library_with(tmp_path / "l0", "[max]\n")))
    counts = {name: gate["count"] for name, gate in gates_of(free.result).items()}
    assert counts["rejects"] == len(delivery.faults()) > 2
    assert counts["cascades"] > 2
    assert (free.result["status"], free.result["exit_code"]) == ("fail", 1)
    assert {n for n, g in gates_of(free.result).items() if g["status"] == "fail"} == {"rejects", "cascades", "unproved"}
    for number, (rejects, cascades, unproved, failing) in enumerate(
        [
            (counts["rejects"], counts["cascades"], counts["unproved"], set()),
            (counts["rejects"] - 1, counts["cascades"], counts["unproved"], {"rejects"}),
            (counts["rejects"], counts["cascades"] - 1, counts["unproved"], {"cascades"}),
            (counts["rejects"], counts["cascades"], counts["unproved"] - 1, {"unproved"}),
            (10_000, 10_000, 10_000, set()),
        ]
    ):
        text = f"[max]\nrejects = {rejects}\ncascades = {cascades}\nunproved = {unproved}\n"
        result = judged_by(free, library_with(tmp_path / f"l{number + 1}", text))
        assert (result["status"], result["exit_code"]) == (("fail", 1) if failing else ("pass", 0))
        assert {n for n, g in gates_of(result).items() if g["status"] == "fail"} == failing
        assert gates_of(result)["rejects"]["limit"] == rejects


@pytest.mark.parametrize(("less", "status", "code"), [(0, "pass", 0), (1, "fail", 1)])
def test_limits_change_the_verdict_of_a_run_and_no_byte(tmp_path: Path, less: int, status: str, code: int) -> None:
    delivery = deliver(tmp_path / "city", 120, 8, 0.2, operation="jutogai")
    text = f"[max]\nrejects = {len(delivery.faults()) - less}\n"
    runs = [
        run(request_for(delivery.inputs, tmp_path / name, library=library, operation="jutogai"))
        for name, library in (("zero", None), ("limited", library_with(tmp_path / "l", text, "jutogai")))
    ]
    assert [(ran.result["status"], ran.result["exit_code"]) for ran in runs] == [("fail", 1), (status, code)]
    assert runs[0].csv_hashes == runs[1].csv_hashes
    assert len(runs[0].csv_rows) - 1 == 120 - len(delivery.faulty())


def test_findings_are_shown_and_gated_only_where_a_limit_is_set(tmp_path: Path) -> None:
    delivery = deliver(tmp_path / "city", 200, 3, operation="jutogai")
    wanted = len(delivery.expected_findings())
    assert wanted > 1
    for number, (text, status) in enumerate(
        [("", "pass"), (f"findings = {wanted}\n", "pass"), (f"findings = {wanted - 1}\n", "fail")]
    ):
        library = library_with(tmp_path / f"l{number}", "[max]\n" + text, "jutogai")
        ran = run(request_for(delivery.inputs, tmp_path / f"run{number}", library=library, operation="jutogai"))
        gate = gates_of(ran.result)["findings"]
        assert (gate["count"], gate["status"], ran.result["status"]) == (wanted, status, status)


def test_a_difference_of_the_reconciliation_ends_with_4_and_outweighs_the_rest(once: Any, tmp_path: Path) -> None:
    """Target dates are damaged behind the conversion's back, as a fault of a later stage would."""
    delivery = faulty(once)
    import dmig.stages.write as stage

    real = stage.write_csv_part

    def damaging(rows: Any, dialect: Any, path: Path) -> None:
        if "seinengappi" in rows.columns:
            rows = rows.with_columns(rows["seinengappi"].str.replace("^19", "18"))
        real(rows, dialect, path)

    patch = pytest.MonkeyPatch()
    patch.setattr(stage, "write_csv_part", damaging)
    try:
        ran = run(request_for(delivery.inputs, tmp_path / "run"))
    finally:
        patch.undo()
    gates = gates_of(ran.result)
    assert gates["differences"]["status"] == gates["rejects"]["status"] == "fail"
    assert gates["differences"]["count"] > 10
    assert (ran.result["status"], ran.result["exit_code"]) == ("fail", 4)


def test_a_real_run_without_a_site_is_refused(once: Any, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    code, out, err = call_main(
        monkeypatch, capsys, "run", "jumin", "--input", faulty(once).inputs, "--runs", tmp_path / "runs"
    )
    assert (code, out) == (2, "")
    assert "RUN004" in err
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "no-such-operation", "--dry-run"), "RUN005"),
        (("run", "jumin", "--dry-run", "--system", "no-such-system"), "RUN005"),
        (("run", "jumin", "--dry-run", "--fixture", "no-such-fixture"), "RUN005"),
        (("reject", "list", "--run", "no-such-run"), "RUN002"),
        (("ledger", "show", "no-such-run"), "RUN002"),
    ],
)
def test_wrong_usage_ends_with_2(
    tmp_path: Path, monkeypatch: Any, capsys: Any, arguments: tuple[str, ...], said: str
) -> None:
    code, out, err = call_main(monkeypatch, capsys, *arguments, "--runs", tmp_path / "runs")
    assert (code, out) == (2, "")
    assert said in err


def test_without_an_as_of_date_nothing_starts(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    delivery = deliver(tmp_path / "city", 60, 3, operation="jutogai")
    (tmp_path / "city" / "delivery.toml").unlink()
    asked = ("run", "jutogai", "--dry-run", "--input", delivery.inputs, "--runs", tmp_path / "runs")
    code, _, err = call_main(monkeypatch, capsys, *asked)
    assert code == 2
    assert "RUN007" in err
    code, out, _ = call_main(monkeypatch, capsys, *asked, "--as-of", "2026-04-01", "--json")
    assert code == 0
    assert json.loads(out)["as_of"] == "2026-04-01"


def test_exit_codes_and_their_order() -> None:
    from dmig.errors.failure import SEVERITY

    assert [int(code) for code in SEVERITY] == [70, 5, 3, 4, 1, 2, 0]
    assert DmigError("ENV002", path="x").exit_code is ExitCode.ENVIRONMENT


@pytest.mark.parametrize("file", ["JUKI_GENZAI.csv", "JUKI_RIREKI.csv"])
def test_one_table_with_a_header_only_never_passes(tmp_path: Path, file: str) -> None:
    delivery = deliver(tmp_path / "city", 30, 4)
    path = delivery.inputs / file
    path.write_bytes(path.read_bytes().split(b"\r\n", 1)[0] + b"\r\n")
    ran = run(request_for(delivery.inputs, tmp_path / "run"))
    assert (ran.result["status"], ran.result["exit_code"]) == ("could not judge", 1)


def test_a_senseless_depth_of_validation_is_the_environments_fault(tmp_path: Path) -> None:
    done = dmig("run", "jumin", "--dry-run", cwd=tmp_path, PANDERA_VALIDATION_DEPTH="schema_only")
    assert done.returncode == 5
    assert b"ENV004" in done.stderr
