"""A unit is migrated whole or not at all; every refusal hangs on its root, also where faults and broken sets meet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from e2e_support import (
    FILE_OF,
    GENZAI,
    JOKYO,
    RIREKI,
    Delivery,
    Ran,
    compare_with_truth,
    deliver,
    request_for,
    run,
)


def histories(delivery: Delivery) -> dict[str, list[tuple[str, int]]]:
    """宛名番号 -> its records (file, number) that are not logically deleted."""
    found: dict[str, list[tuple[str, int]]] = {}
    for file in (GENZAI, JOKYO, RIREKI):
        for number in delivery.kept(file):
            found.setdefault(delivery.unit(file, number), []).append((file, number))
    return found


def long_units(delivery: Delivery, rows: int) -> list[str]:
    """Units with at least so many records, one of them current."""
    return sorted(
        unit for unit, places in histories(delivery).items() if len(places) >= rows and places[0][0] == GENZAI
    )


def refusals(ran: Ran) -> list[dict[str, Any]]:
    return list(ran.reports.filter(pl.col("severity") == "reject").iter_rows(named=True))


def assert_linked(ran: Ran, delivery: Delivery) -> None:
    """Every refusing report that is no root has one, of the same unit, and that one is a root."""
    reports = refusals(ran)
    by_number = {row["report"]: row for row in reports}
    for row in reports:
        if row["kind"] == "root":
            assert row["root"] == 0
            continue
        assert row["root"] in by_number, row
        root = by_number[row["root"]]
        assert root["kind"] == "root"
        assert unit_of(delivery, row) == unit_of(delivery, root)


def unit_of(delivery: Delivery, row: dict[str, Any]) -> str:
    return delivery.unit(FILE_OF[row["table"]], row["record"])


def assert_published_but(ran: Ran, delivery: Delivery, *units: str) -> None:
    compared = compare_with_truth(ran.csv_rows, delivery.truth(), units)
    assert compared.found == []
    assert compared.rows > 50


def test_two_faults_in_two_records_of_a_unit_are_two_roots(tmp_path: Path) -> None:
    delivery = deliver(tmp_path / "city", 80, 6)
    unit = long_units(delivery, 4)[0]
    places = histories(delivery)[unit]
    delivery.edit(*places[0], ido_jiyu="99")
    delivery.edit(*places[2], umare_ymd="3501399")
    ran = run(request_for(delivery.inputs, tmp_path / "run"))
    assert_published_but(ran, delivery, unit)
    assert_linked(ran, delivery)
    roots = {(FILE_OF[r["table"]], r["record"], r["code"]) for r in refusals(ran) if r["kind"] == "root"}
    assert roots == {(*places[0], "CNV090"), (*places[2], "NRM006")}
    cascades = [(FILE_OF[r["table"]], r["record"]) for r in refusals(ran) if r["kind"] == "cascade"]
    assert sorted(cascades) == sorted(set(places) - {places[0], places[2]})


def test_two_faults_in_one_record_are_both_named(tmp_path: Path) -> None:
    delivery = deliver(tmp_path / "city", 80, 6)
    unit = long_units(delivery, 2)[1]
    place = histories(delivery)[unit][0]
    delivery.edit(*place, ido_jiyu="99", zokugara="何者か", kanji_shimei="")
    ran = run(request_for(delivery.inputs, tmp_path / "run"))
    assert_published_but(ran, delivery, unit)
    assert_linked(ran, delivery)
    roots = [(r["code"], r["source_item"]) for r in refusals(ran) if r["kind"] == "root"]
    assert sorted(roots) == [("CNV002", "kanji_shimei"), ("CNV009", "zokugara"), ("CNV090", "ido_jiyu")]


def test_a_fault_read_once_for_many_items_is_one_root(tmp_path: Path) -> None:
    """生年月日 feeds the date, its flag, its wording and two rules: one cause, one report."""
    delivery = deliver(tmp_path / "city", 80, 6)
    unit = long_units(delivery, 2)[2]
    delivery.edit(*histories(delivery)[unit][0], umare_ymd="3991399")
    ran = run(request_for(delivery.inputs, tmp_path / "run"))
    assert_published_but(ran, delivery, unit)
    assert [(r["code"], r["source_item"]) for r in refusals(ran) if r["kind"] == "root"] == [("NRM006", "umare_ymd")]


def test_a_fault_in_a_logically_deleted_record_is_no_fault(tmp_path: Path) -> None:
    delivery = deliver(tmp_path / "city", 80, 6)
    gone = sorted(set(range(1, len(delivery.records(RIREKI)) + 1)) - set(delivery.kept(RIREKI)))
    delivery.edit(RIREKI, gone[0], ido_jiyu="99", umare_ymd="xxxxxxx", setai_no="", kanji_shimei="")
    ran = run(request_for(delivery.inputs, tmp_path / "run"))
    assert_published_but(ran, delivery)
    assert refusals(ran) == []
    assert ran.result["exit_code"] == 0


def test_a_record_whose_unit_cannot_be_known_stands_alone(tmp_path: Path) -> None:
    delivery = deliver(tmp_path / "city", 80, 6)
    unit = long_units(delivery, 1)[0]
    place = histories(delivery)[unit][0]
    delivery.edit(*place, atena_no="０１２３４５６７８９")
    ran = run(request_for(delivery.inputs, tmp_path / "run"))
    assert_published_but_one_unit_shorter(ran, delivery, unit)
    assert [(r["kind"], r["code"], FILE_OF[r["table"]], r["record"]) for r in refusals(ran)] == [
        ("root", "NRM002", *place)
    ]
    assert ran.result["exit_code"] == 1


def assert_published_but_one_unit_shorter(ran: Ran, delivery: Delivery, unit: str) -> None:
    mine = [ran.csv_rows[0], *(row for row in ran.csv_rows[1:] if row[0] != unit)]
    assert compare_with_truth(mine, delivery.truth(), (unit,)).found == []


@pytest.mark.parametrize("item", ["sakujo_flg", "rireki_no"])
def test_a_fault_in_an_item_that_only_steps_read_is_a_fault(tmp_path: Path, item: str) -> None:
    """Neither becomes a standard item, yet both decide which rows there are and how they are numbered."""
    delivery = deliver(tmp_path / "city", 80, 6)
    unit = long_units(delivery, 2)[0]
    place = histories(delivery)[unit][0]
    delivery.edit(*place, **{item: "九"})
    ran = run(request_for(delivery.inputs, tmp_path / "run"))
    assert_published_but(ran, delivery, unit)
    assert_linked(ran, delivery)
    [root] = [r for r in refusals(ran) if r["kind"] == "root"]
    assert (FILE_OF[root["table"]], root["record"], root["source_item"]) == (*place, item)


def test_rows_that_share_their_key_are_findings_and_stay_numbered(tmp_path: Path) -> None:
    delivery = deliver(tmp_path / "city", 80, 6)
    unit = long_units(delivery, 3)[0]
    first, second = histories(delivery)[unit][1:3]
    delivery.edit(*second, rireki_no=delivery.cell(*first, "rireki_no"))
    ran = run(request_for(delivery.inputs, tmp_path / "run"))
    found = ran.reports.filter(pl.col("code") == "STP001")
    assert [(FILE_OF[t], n) for t, n in found.select("table", "record").iter_rows()] == [max(first, second)]
    assert set(found["severity"]) == {"finding"}
    numbers = sorted(int(row[1]) for row in ran.csv_rows[1:] if row[0] == unit)
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == len(histories(delivery)[unit])
