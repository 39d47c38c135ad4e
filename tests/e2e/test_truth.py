"""Against the truth of invented deliveries: every good unit cell by cell, every planted fault at its place, nothing else."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest
from e2e_support import (
    FILE_OF,
    GENZAI,
    RIREKI,
    Delivery,
    Ran,
    compare_with_truth,
    deliver,
    dmig,
    request_for,
    rows_of,
    run,
    sha256_of,
)

#: Kind of planted fault -> the code of its one root report. Written from the meaning of the catalogue's codes.
CODE_OF = {
    "undecodable": "RED017",
    "column_count": "RED012",
    "nul": "RED016",
    "stray_quote": "RED011",
    "bad_key": "NRM002",
    "bad_date": "NRM006",
    "bad_date_event": "NRM006",
    "unknown_code": "CNV090",
    "unknown_relation": "CNV009",
    "bad_address": "CNV007",
    "too_long": "CHK003",
    "missing_name": "CNV002",
    "birth_after_event": "CHK013",
    "death_state": "CHK012",
}
#: Kinds that read refuses; the record has no items then, so the report names none.
READ_KINDS = {"undecodable", "column_count", "nul", "stray_quote"}
#: Code of a finding -> kind of expected finding.
FINDING_OF = {"NRM011": "era_impossible_day", "NRM012": "non_calendar_date", "NRM013": "non_calendar_date"}


class Case(NamedTuple):
    residents: int
    seed: int
    rate: float


CASES = [
    Case(200, 1, 0.0),
    Case(200, 7, 0.0),
    Case(200, 1, 0.1),
    Case(200, 42, 0.3),
    Case(3_000, 5, 0.0),
    Case(3_000, 5, 0.05),
    Case(3_000, 2026, 0.2),
]


@pytest.fixture(params=CASES, ids=lambda c: f"{c.residents}-seed{c.seed}-faults{c.rate}")
def case(request: pytest.FixtureRequest, once: Any) -> tuple[Case, Delivery, Ran]:
    def make(place: Path) -> tuple[Case, Delivery, Ran]:
        delivery = deliver(place / "delivery", *request.param)
        return request.param, delivery, run(request_for(delivery.inputs, place / "run"))

    made: tuple[Case, Delivery, Ran] = once(("truth", request.param), make)
    return made


Ready = tuple[Case, Delivery, Ran]


def test_every_good_unit_is_published_cell_by_cell_and_nothing_else(case: Ready) -> None:
    asked, delivery, ran = case
    faulty = {fault["unit"] for fault in delivery.faults()}
    assert bool(faulty) == (asked.rate > 0)
    compared = compare_with_truth(ran.csv_rows, delivery.truth(), faulty)
    assert compared.found == []
    assert compared.rows > asked.residents / 2
    assert not faulty & {row[0] for row in ran.csv_rows}


def test_csv_is_utf8_with_crlf_and_nothing_quoted_without_need(case: Ready) -> None:
    _, delivery, ran = case
    content = (ran.published / "001_住民情報.csv").read_bytes()
    truth = (delivery.folder / "truth" / "001_住民情報.csv").read_bytes()
    assert content.split(b"\r\n", 1)[0] == truth.split(b"\r\n", 1)[0]
    assert content.endswith(b"\r\n")
    assert content.count(b"\n") == content.count(b"\r\n")
    if not delivery.faults():
        assert content == truth


def test_each_planted_fault_gives_one_root_at_its_place_with_its_code(case: Ready) -> None:
    _, delivery, ran = case
    roots = ran.reports.filter(pl.col("kind") == "root", pl.col("severity") != "finding")
    found = Counter(
        (FILE_OF[row["table"]], row["record"], row["code"], row["source_item"]) for row in roots.iter_rows(named=True)
    )
    expected = Counter(
        (
            fault["file"],
            int(fault["record"]),
            CODE_OF[fault["kind"]],
            "" if fault["kind"] in READ_KINDS else fault["item"],
        )
        for fault in delivery.faults()
    )
    assert found == expected
    assert set(roots["severity"]) <= {"reject"}


def test_offsets_of_reports_lead_to_their_record(case: Ready) -> None:
    _, delivery, ran = case
    contents = {table: (delivery.inputs / file).read_bytes() for table, file in FILE_OF.items()}
    records = {table: delivery.records(file) for table, file in FILE_OF.items()}
    for row in ran.reports.iter_rows(named=True):
        content, at = contents[row["table"]], row["offset_bytes"]
        assert content[:at].endswith(b"\r\n")
        assert content[at:].startswith(records[row["table"]][row["record"] - 1])


def test_every_other_refusing_report_hangs_on_a_root_of_the_same_unit(case: Ready) -> None:
    _, delivery, ran = case
    reports = ran.reports
    units = {table: [r.split(b",")[0] for r in delivery.records(file)] for table, file in FILE_OF.items()}
    roots = {
        row["report"]: units[row["table"]][row["record"] - 1]
        for row in reports.filter(pl.col("kind") == "root", pl.col("severity") == "reject").iter_rows(named=True)
    }
    hanging = reports.filter(pl.col("severity") == "reject", pl.col("kind") != "root")
    assert set(hanging["kind"]) <= {"cascade", "consequence"}
    for row in hanging.iter_rows(named=True):
        assert row["root"] > 0
        assert roots[row["root"]] == units[row["table"]][row["record"] - 1]
    assert set(reports.filter(pl.col("kind") == "root")["root"]) <= {0}


def test_cascades_are_exactly_the_sound_rows_of_faulty_units(case: Ready) -> None:
    _, delivery, ran = case
    faulty = {fault["unit"] for fault in delivery.faults()}
    broken = {(fault["file"], int(fault["record"])) for fault in delivery.faults()}
    expected = {
        (file, number)
        for file in (GENZAI, RIREKI)
        for number, record in enumerate(delivery.records(file), start=1)
        if record.split(b",")[0].decode() in faulty
        and (file, number) not in broken
        and not record.endswith(b",1")  # sakujo_flg: logically deleted, so never migrated
    }
    cascades = ran.reports.filter(pl.col("kind") == "cascade")
    found = [(FILE_OF[row["table"]], row["record"]) for row in cascades.iter_rows(named=True)]
    assert len(found) == len(set(found))
    assert set(found) == expected
    assert set(cascades["code"]) <= {"STP002"}


def test_findings_are_exactly_the_expected_ones(case: Ready) -> None:
    _, delivery, ran = case
    said = ran.reports.filter(pl.col("severity") == "finding")
    found = Counter(
        (FINDING_OF[row["code"]], FILE_OF[row["table"]], row["record"], row["source_item"])
        for row in said.iter_rows(named=True)
    )
    expected = Counter(
        (row["kind"], row["file"], int(row["record"]), row["item"]) for row in delivery.expected_findings()
    )
    assert found == expected
    assert expected


def test_fate_of_source_records_agrees_with_a_count_of_the_input_files(case: Ready) -> None:
    _, delivery, ran = case
    tables = {entry["table"]: entry for entry in ran.result["tables"]}
    assert set(tables) == set(FILE_OF)
    for table, file in FILE_OF.items():
        records = delivery.records(file)
        refused = sum(1 for f in delivery.faults() if f["file"] == file and f["kind"] in READ_KINDS)
        deleted = sum(1 for record in records if record.endswith(b",1"))
        assert tables[table] == {
            "table": table, "read": len(records), "refused": refused,
            "excluded": {"論理削除": deleted} if deleted else {},
            "used": len(records) - refused - deleted, "not_used": 0,
        }  # fmt: skip
    listed = {entry["file"]: entry for entry in ran.result["inputs"]}
    for file in (GENZAI, RIREKI):
        assert listed[file]["records"] == len(delivery.records(file))
        assert listed[file]["sha256"] == sha256_of(delivery.inputs / file)


def test_origin_of_target_rows_agrees_with_a_count_of_the_input_files(case: Ready) -> None:
    _, delivery, ran = case
    group = next(entry for entry in ran.result["groups"] if entry["group"] == "juminjoho")
    faulty = {fault["unit"] for fault in delivery.faults()}
    lost = {(f["file"], int(f["record"])) for f in delivery.faults() if f["kind"] in READ_KINDS}
    staged = [
        record
        for file in (GENZAI, RIREKI)
        for number, record in enumerate(delivery.records(file), start=1)
        if (file, number) not in lost
    ]
    deleted = [record for record in staged if record.endswith(b",1")]
    kept = [record for record in staged if not record.endswith(b",1")]
    rejected = [record for record in kept if record.split(b",")[0].decode() in faulty]
    assert (group["read"], group["excluded"], group["rejected"], group["accepted"]) == (
        len(staged), len(deleted), len(rejected), len(kept) - len(rejected),
    )  # fmt: skip
    assert (group["created"], group["split"], group["merged"]) == (0, 0, 0)
    assert group["balanced"] is True
    assert group["accepted"] == len(ran.csv_rows) - 1
    for step in group["steps"]:
        came = step["rows_in"] + step["created"] + step["split"]
        assert came == step["rows_out"] + step["merged"] + sum(step["excluded"].values())
    assert sum(sum(step["excluded"].values()) for step in group["steps"]) == len(deleted)


def test_lineage_leads_from_every_published_row_to_its_record(case: Ready) -> None:
    _, delivery, ran = case
    parts = sorted((ran.published / "lineage" / "juminjoho").glob("*.parquet"))
    lineage = pl.concat([pl.read_parquet(part) for part in parts])
    published = ran.csv_rows[1:]
    assert lineage.height == len(published)
    records = {file: delivery.records(file) for file in (GENZAI, RIREKI)}
    for row, (table, file, record, _) in zip(published, lineage.iter_rows(), strict=True):
        assert FILE_OF[table] == file
        assert records[file][record - 1].split(b",")[0].decode() == row[0]
    seen = lineage.select("table", "record")
    assert not seen.is_duplicated().any()


def test_parquet_and_csv_hold_the_same_cells(case: Ready) -> None:
    _, _, ran = case
    parts = sorted((ran.published / "parquet" / "juminjoho").glob("*.parquet"))
    frame = pl.concat([pl.read_parquet(part) for part in parts])
    assert [[cell or "" for cell in row] for row in frame.iter_rows()] == ran.csv_rows[1:]


def test_gates_and_exit_code_follow_from_the_faults(case: Ready) -> None:
    _, delivery, ran = case
    faults = delivery.faults()
    gates = {gate["gate"]: gate for gate in ran.result["gates"]}
    assert gates["rejects"]["count"] == len(faults)
    assert gates["differences"]["count"] == gates["not_used"]["count"] == gates["silent_rules"]["count"] == 0
    assert gates["findings"]["count"] == len(delivery.expected_findings())
    assert (ran.result["status"], ran.result["exit_code"]) == (("fail", 1) if faults else ("pass", 0))
    by_code = {code: counts["root"] for code, counts in ran.result["rejects_by_code"].items() if counts["root"]}
    assert by_code == dict(Counter(CODE_OF[fault["kind"]] for fault in faults))


def test_every_rule_has_judged_rows(case: Ready) -> None:
    _, _, ran = case
    shaped = next(g["accepted"] + g["rejected"] for g in ran.result["groups"] if g["group"] == "juminjoho")
    rules = {rule["rule"]: rule["rows"] for rule in ran.result["rules"] if rule["group"] == "juminjoho"}
    assert {"JUM001", "JUM002", "JUM003", "JUM004", "JUM005", "JUM006", "juminjoho.key"} <= set(rules)
    assert min(rules.values()) > 0
    assert max(rules.values()) <= shaped


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
    faulty = {fault["unit"] for fault in delivery.faults()}
    compared = compare_with_truth(rows_of(written / "001_住民情報.csv"), delivery.truth(), faulty)
    assert compared.found == []
    assert compared.rows > 100
    assert len(result["outputs"]) >= 5
    for output in result["outputs"]:
        assert sha256_of(written / output["file"]) == output["sha256"]
    stored = json.loads((tmp_path / "runs" / result["run_id"] / "result.json").read_text(encoding="utf-8"))
    assert stored == result
    shown = dmig("ledger", "show", "--json", cwd=tmp_path)
    assert json.loads(shown.stdout) == result


@pytest.mark.parametrize(("fixture", "code"), [("clean", 0), ("faults", 1)])
def test_shipped_fixture_equals_its_truth(tmp_path: Path, fixture: str, code: int) -> None:
    delivery = Delivery(Path(__file__).resolve().parents[2] / "fixtures" / "jumin" / fixture)
    ran = run(request_for(delivery.inputs, tmp_path / "run"))
    faulty = {fault["unit"] for fault in delivery.faults()}
    assert compare_with_truth(ran.csv_rows, delivery.truth(), faulty).found == []
    assert ran.result["exit_code"] == code
    assert bool(faulty) == bool(code)
