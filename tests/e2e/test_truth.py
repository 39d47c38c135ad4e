"""Against the truth of invented deliveries: every good unit cell by cell, every planted fault at its place, nothing else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest
from e2e_support import (
    FILE_OF,
    FILES,
    FILES_OF,
    GENZAI,
    GROUPS,
    IDO,
    READ_KINDS,
    SPREAD,
    Delivery,
    Ran,
    compare_all,
    deliver,
    lost_households,
    request_for,
    run,
    sha256_of,
    unit_at,
)
from e2e_tables import CODE_OF, FINDING_OF


class Case(NamedTuple):
    operation: str
    residents: int
    seed: int
    rate: float


CASES = [
    Case("jumin", 200, 7, 0.0),
    Case("jumin", 200, 42, 0.3),
    Case("jumin", 600, 5, 0.1),
    Case("jumin", 1_000, 2026, 0.2),
    Case("jutogai", 150, 7, 0.0),
    Case("jutogai", 400, 5, 0.3),
    Case("kaigo", 300, 7, 0.0),
    Case("kaigo", 1_200, 3, 0.07),
    Case("kojin", 300, 7, 0.0),
    Case("kojin", 900, 5, 0.12),
    Case("jidoteate", 300, 7, 0.0),
    Case("jidoteate", 1_500, 5, 0.04),
]

Ready = tuple[Case, Delivery, Ran]


@pytest.fixture(params=CASES, ids=lambda c: f"{c.operation}-{c.residents}-seed{c.seed}-faults{c.rate}")
def case(request: pytest.FixtureRequest, once: Any) -> Ready:
    def make(place: Path) -> Ready:
        operation, *numbers = request.param
        delivery = deliver(place / "delivery", *numbers, operation=operation)
        return request.param, delivery, run(request_for(delivery.inputs, place / "run", operation=operation))

    made: Ready = once(("truth", request.param), make)
    return made


def groups_of(delivery: Delivery) -> list[str]:
    return list(GROUPS[delivery.operation])


def files_of(delivery: Delivery) -> dict[str, str]:
    return FILES[delivery.operation]


def lost(delivery: Delivery) -> set[tuple[str, int]]:
    """Records that read refuses."""
    return {(f["file"], int(f["record"])) for f in delivery.faults() if f["kind"] in READ_KINDS}


def cancelled(delivery: Delivery) -> set[int]:
    """Records of 異動履歴 that cancel an event that is there, and the events they cancel: both are left out."""
    if delivery.operation != "jumin":
        return set()
    gone = lost(delivery)
    read = [n for n in range(1, len(delivery.records(IDO)) + 1) if (IDO, n) not in gone]
    events, cancelling = {}, {}
    for n in read:
        unit, number, points_to = (delivery.cell(IDO, n, item) for item in ("atena_no", "ido_no", "torikeshi_no"))
        (cancelling if points_to else events)[n] = (unit, points_to or number)
    both = set(events.values()) & set(cancelling.values())
    return {n for n, place in (events | cancelling).items() if place in both}


def left_out(delivery: Delivery, file: str) -> dict[int, str]:
    """Records that were read and that a declared rule leaves out, with its reason."""
    gone = lost(delivery)
    deleted = set(range(1, len(delivery.records(file)) + 1)) - set(delivery.kept(file))
    found = {n: "論理削除" for n in deleted if (file, n) not in gone}
    return found | (dict.fromkeys(cancelled(delivery), "取消対") if file == IDO else {})


def test_every_good_unit_is_published_cell_by_cell_and_nothing_else(case: Ready) -> None:
    asked, delivery, ran = case
    assert bool(delivery.faults()) == (asked.rate > 0)
    compared = compare_all(ran.published, delivery)
    assert {group: said.found for group, said in compared.items() if said.found} == {}
    assert sum(said.rows for said in compared.values()) > asked.residents / 2
    assert delivery.faults() or all(said.rows > 0 for said in compared.values())
    for group in groups_of(delivery):
        if group != "setai":
            header, *rows = ran.rows(group)
            assert not delivery.faulty(group) & {row[unit_at(header)] for row in rows}


def test_csv_is_utf8_with_crlf_and_nothing_quoted_without_need(case: Ready) -> None:
    _, delivery, ran = case
    for file in GROUPS[delivery.operation].values():
        content = (ran.published / file).read_bytes()
        truth = (delivery.folder / "truth" / file).read_bytes()
        assert content.split(b"\r\n", 1)[0] == truth.split(b"\r\n", 1)[0]
        assert content.endswith(b"\r\n")
        if not delivery.faults():
            assert content == truth
        if b'"' not in content:
            assert content.count(b"\n") == content.count(b"\r\n")


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


def test_the_cases_hold_every_kind_of_fault_and_of_finding(once: Any, tmp_path: Path) -> None:
    """The comparisons prove something for each kind."""
    cities = [deliver(tmp_path / str(n), *case[1:], operation=case[0]) for n, case in enumerate(CASES)]
    assert {fault["kind"] for city in cities for fault in city.faults()} == set(CODE_OF)
    assert {row["kind"] for city in cities for row in city.expected_findings()} == set(FINDING_OF.values())
    assert any(lost_households(city) for city in cities if city.operation == "jumin")


def test_offsets_of_reports_lead_to_their_record(case: Ready) -> None:
    _, delivery, ran = case
    contents = {table: (delivery.inputs / file).read_bytes() for table, file in files_of(delivery).items()}
    records = {table: delivery.records(file) for table, file in files_of(delivery).items()}
    for row in ran.reports.iter_rows(named=True):
        content, at = contents[row["table"]], row["offset_bytes"]
        assert content[:at].endswith(b"\r\n")
        assert content[at:].startswith(records[row["table"]][row["record"] - 1])


def test_every_other_refusing_report_hangs_on_a_root_of_the_same_unit(case: Ready) -> None:
    _, delivery, ran = case
    reports = ran.reports
    units = {
        table: [delivery.unit(file, n) for n in range(1, len(delivery.records(file)) + 1)]
        for table, file in files_of(delivery).items()
    }
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
    broken = {(fault["file"], int(fault["record"])) for fault in delivery.faults()}
    expected = set()
    for group in groups_of(delivery):
        faulty = delivery.faulty(group) if group in FILES_OF else set()
        for file in FILES_OF.get(group, ()):
            out = left_out(delivery, file)
            for number in range(1, len(delivery.records(file)) + 1):
                if delivery.unit(file, number) in faulty and (file, number) not in broken and number not in out:
                    expected.add((group, file, number))
    cascades = ran.reports.filter(pl.col("kind") == "cascade")
    found = [(row["group"], FILE_OF[row["table"]], row["record"]) for row in cascades.iter_rows(named=True)]
    # Of a record that became many rows the others than the broken one are cascades too.
    spread = {place for place in found if place[0] in SPREAD}
    single = [place for place in found if place not in spread]
    assert len(single) == len(set(single))
    assert {place for place in found if place[1:] not in broken or place[0] not in SPREAD} == expected
    assert {place[1:] for place in spread - expected} <= broken
    assert set(cascades["code"]) <= {"STP002"}


def test_findings_are_exactly_the_expected_ones(case: Ready) -> None:
    """Of units with a planted fault none is expected; what is said of them all the same must follow from the fault."""
    _, delivery, ran = case
    faulty = {fault["unit"] for fault in delivery.faults()}
    found: Counter[tuple[str, str, int, str]] = Counter()
    for row in ran.reports.filter(pl.col("severity") == "finding").iter_rows(named=True):
        code, item, file = row["code"], row["source_item"], FILE_OF[row["table"]]
        if row["kind"] == "consequence":
            assert delivery.unit(file, row["record"]) in faulty
            continue
        kind = FINDING_OF.get((code, ""), FINDING_OF.get((code, item), code))
        found[kind, file, row["record"], item] += 1
    expected = Counter(
        (row["kind"], row["file"], int(row["record"]), row["item"]) for row in delivery.expected_findings()
    )
    assert found == expected
    assert expected


def test_fate_of_source_records_agrees_with_a_count_of_the_input_files(case: Ready) -> None:
    _, delivery, ran = case
    tables = {entry["table"]: entry for entry in ran.result["tables"]}
    assert list(tables) == list(files_of(delivery))
    listed = {entry["file"]: entry for entry in ran.result["inputs"]}
    for table, file in files_of(delivery).items():
        records = delivery.records(file)
        refused = sum(1 for place in lost(delivery) if place[0] == file)
        reasons = Counter(left_out(delivery, file).values())
        told = tables[table] | {"excluded": {r: count for r, count in tables[table]["excluded"].items() if count}}
        assert told == {
            "table": table, "read": len(records), "refused": refused, "excluded": dict(reasons),
            "used": len(records) - refused - reasons.total(), "not_used": 0, "refused_by_hand": 0,
        }  # fmt: skip
        assert listed[file]["records"] == len(records)
        assert listed[file]["sha256"] == sha256_of(delivery.inputs / file)


def test_origin_of_target_rows_agrees_with_a_count_of_the_input_files(case: Ready) -> None:
    _, delivery, ran = case
    told = {entry["group"]: entry for entry in ran.result["groups"]}
    assert list(told) == groups_of(delivery)
    for name, files in FILES_OF.items():
        if name not in told:
            continue
        group = told[name]
        gone, faulty = lost(delivery), delivery.faulty(name)
        places = [(file, n) for file in files for n in range(1, len(delivery.records(file)) + 1)]
        staged = [place for place in places if place not in gone]
        if name in SPREAD:
            assert group["read"] == len(staged)
            assert group["split"] > len(staged)
            continue
        out = {(file, n) for file in files for n in left_out(delivery, file)}
        kept = [place for place in staged if place not in out]
        broken = delivery.broken(name)
        rejected = [place for place in kept if delivery.unit(*place) in faulty or place in broken]
        assert (group["read"], group["excluded"], group["rejected"], group["accepted"]) == (
            len(staged), len(out), len(rejected), len(kept) - len(rejected),
        )  # fmt: skip
        assert (group["created"], group["split"], group["merged"]) == (0, 0, 0)
        assert sum(sum(step["excluded"].values()) for step in group["steps"]) == len(out)
    for name, group in told.items():
        assert group["balanced"] is True
        assert group["accepted"] == len(ran.rows(name)) - 1
        came = group["read"] + group["created"] + group["split"]
        assert came == group["accepted"] + group["rejected"] + group["excluded"] + group["merged"]
        for step in group["steps"]:
            came = step["rows_in"] + step["created"] + step["split"]
            assert came == step["rows_out"] + step["merged"] + sum(step["excluded"].values())


def members_of_households(delivery: Delivery) -> dict[str, list[int]]:
    """世帯番号 -> records of 住民現在 that live in it today, counted in the file."""
    found: dict[str, list[int]] = {}
    gone = lost(delivery)
    for n in delivery.kept(GENZAI):
        if (GENZAI, n) not in gone and delivery.cell(GENZAI, n, "jumin_kbn") == "0":
            household = delivery.cell(GENZAI, n, "setai_no")
            if household.isascii() and household:
                found.setdefault(household, []).append(n)
    return found


def test_households_are_made_of_the_rows_that_could_be_read(case: Ready) -> None:
    """The ledger of 世帯, whose rows no record becomes: counted from 住民現在."""
    _, delivery, ran = case
    if "setai" not in groups_of(delivery):
        return
    told = next(entry for entry in ran.result["groups"] if entry["group"] == "setai")
    members = members_of_households(delivery)
    gone = lost(delivery)
    read = [n for n in range(1, len(delivery.records(GENZAI)) + 1) if (GENZAI, n) not in gone]
    assert (told["read"], told["created"], told["accepted"]) == (len(read), len(members), len(members))
    assert told["merged"] == sum(map(len, members.values()))
    assert (told["rejected"], told["split"]) == (0, 0)
    assert told["excluded"] == len(read) - told["merged"]
    assert {row[0]: int(row[-1]) for row in ran.rows("setai")[1:]} == {h: len(m) for h, m in members.items()}


def test_lineage_leads_from_every_published_row_to_its_record(case: Ready) -> None:
    _, delivery, ran = case
    for group in groups_of(delivery):
        lineage, (header, *published) = ran.parts("lineage", group), ran.rows(group)
        assert lineage.height == len(published)
        columns = lineage.select("table", "file", "record")
        for row, (table, file, record) in zip(published, columns.iter_rows(), strict=True):
            assert FILE_OF[table] == file
            if group == "setai":
                assert delivery.cell(file, record, "setai_no") == row[0]
            else:
                assert delivery.unit(file, record) == row[unit_at(header)]
        assert columns.is_duplicated().any() == (group in SPREAD)


def test_parquet_and_csv_hold_the_same_cells(case: Ready) -> None:
    _, delivery, ran = case
    for group in groups_of(delivery):
        frame = ran.parts("parquet", group)
        assert [[cell or "" for cell in row] for row in frame.iter_rows()] == ran.rows(group)[1:]


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
    _, delivery, ran = case
    shaped = {g["group"]: g["accepted"] + g["rejected"] for g in ran.result["groups"]}
    rules = {(rule["group"], rule["rule"]): rule["rows"] for rule in ran.result["rules"]}
    declared = {
        "jumin": "JUM001 JUM002 JUM003 JUM004 JUM005 JUM006",
        "jutogai": "JUT001 JUT002 JUT003 JUT004 JUT005",
        "kaigo": "KAI001 KAI002 KAI003 KAI006 KAI014",
        "kojin": "KOJ001 KOJ002 KOJ020 KOJ022",
        "jidoteate": "JID001 JID002 JID003 JID005",
    }
    first = groups_of(delivery)[0]
    assert {*declared[delivery.operation].split(), f"{first}.key"} <= {rule for group, rule in rules if group == first}
    assert {group for group, _ in rules} == set(shaped)
    assert min(rules.values()) > 0
    assert all(rows <= shaped[group] for (group, _), rows in rules.items())
