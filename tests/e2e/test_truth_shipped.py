"""Against the truth through the console script, and of the fixtures that are shipped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from e2e_support import Delivery, compare_all, differing, dmig, request_for, run, sha256_of


@pytest.mark.parametrize("rate", [0.0, 0.15])
def test_console_script_does_the_same(tmp_path: Path, rate: float) -> None:
    made = dmig("synth", "--residents", "200", "--seed", "9", "--out", "city", "--faults", str(rate), cwd=tmp_path)
    assert made.returncode == 0, made.stderr.decode()
    asked = ("run", "jumin", "--dry-run", "--input", "city/package", "--runs", "runs", "--json")
    done = dmig(*asked, cwd=tmp_path)
    assert all(json.loads(line)["done"] is True for line in done.stderr.splitlines())
    assert done.returncode == (1 if rate else 0)
    result = json.loads(done.stdout)
    assert (result["exit_code"], result["status"]) == ((1, "fail") if rate else (0, "pass"))
    assert result["as_of"] == "2026-10-01"
    delivery = Delivery(tmp_path / "city")
    written = tmp_path / "runs" / result["run_id"] / "protected" / "write" / "published"
    assert differing(written, delivery) == []
    assert sum(said.rows for said in compare_all(written, delivery).values()) > 100
    assert len(result["outputs"]) >= 20
    for output in result["outputs"]:
        assert sha256_of(written / output["file"]) == output["sha256"]
    stored = json.loads((tmp_path / "runs" / result["run_id"] / "result.json").read_text(encoding="utf-8"))
    assert stored == result
    shown = dmig("ledger", "show", "--json", cwd=tmp_path)
    assert json.loads(shown.stdout) == result


@pytest.mark.parametrize(("fixture", "code"), [("clean", 0), ("faults", 1)])
@pytest.mark.parametrize("operation", ["jumin", "jutogai", "kaigo", "kojin", "jidoteate"])
def test_shipped_fixture_equals_its_truth(tmp_path: Path, operation: str, fixture: str, code: int) -> None:
    delivery = Delivery(Path(__file__).resolve().parents[2] / "fixtures" / operation / fixture, operation)
    ran = run(request_for(delivery.inputs, tmp_path / "run", operation=operation))
    assert differing(ran.published, delivery) == []
    assert ran.result["exit_code"] == code
    assert bool(delivery.faults()) == bool(code)
