"""The rules between the allowances and the registers: silent over one sound city, each of them loud where it is damaged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from e2e_support import Delivery, deliver

from dmig.pipeline.across import reconcile_across
from dmig.pipeline.session import Asked, open_session

JUKYU, JIDO, MEISAI = "JT_JUKYU.csv", "JT_JIDO.csv", "JT_MEISAI.csv"
NOBODY, REFORM = "0000000001", "5061001"
RULES = {f"ACR04{n}" for n in range(1, 10)}


def migrated(delivery: Delivery, runs: Path) -> None:
    asked = Asked(delivery.operation, inputs=delivery.inputs, runs=runs, workers=1, as_of="2026-10-01")
    session = open_session(asked)
    replace(session, request=replace(session.request, accept=False)).run()


def broken(runs: Path) -> dict[str, str]:
    return {line["rule"]: line["status"] for line in reconcile_across(runs)["rules"] if line["rule"] in RULES}


def records(city: Delivery, file: str, **cells: str) -> Iterator[int]:
    """Records not deleted with these cells, each of a recipient that was not given before in this file."""
    seen = set()
    for number in city.kept(file):
        unit = city.unit(file, number)
        if unit not in seen and all(city.cell(file, number, item) == text for item, text in cells.items()):
            seen.add(unit)
            yield number


def damage(city: Delivery) -> None:
    """One record for each rule, of which none breaks a rule of the operation itself."""
    closed = next(n for n in records(city, JUKYU, shometsu_jiyu="01", saishin_kbn="1"))
    city.edit(JUKYU, closed, shometsu_jiyu="", shometsu_ymd="")
    known = (
        n for n in records(city, JUKYU, saishin_kbn="1", rireki_no="1") if city.cell(JUKYU, n, "umare_ymd")[-2:] != "00"
    )
    city.edit(JUKYU, next(known), umare_ymd="3600229")
    city.edit(JUKYU, next(known), atena_no=NOBODY)
    *_, born_otherwise, unknown = records(city, JIDO, c1_kbn="S")
    city.edit(JIDO, born_otherwise, c1_umare="4300301")
    city.edit(JIDO, unknown, c1_no=NOBODY)
    babies = records(city, MEISAI, d1_nen="A", d1_jun="1", kbn="J")
    baby = next(babies)
    city.edit(MEISAI, baby, d1_nen="K", d1_gaku="0")
    grown = next(records(city, MEISAI, d1_nen="C", d1_jun="1", kbn="J"))
    city.edit(MEISAI, grown, d1_nen="A", d1_gaku="15000")
    newborn = [n for n in babies if city.cell(MEISAI, n, "ren_no") == "1"]
    for number in newborn:
        city.edit(MEISAI, number, d1_nen="B", d1_gaku="10000")
    one, other = list(records(city, MEISAI, tekiyo_ymd=REFORM, d1_nen="B"))[6:8]
    city.edit(MEISAI, other, d1_no=city.cell(MEISAI, one, "d1_no"))


@pytest.mark.slow
def test_each_rule_is_silent_over_a_sound_city_and_loud_over_a_damaged_one(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    for operation in ("jumin", "jutogai", "jidoteate"):
        migrated(deliver(tmp_path / operation, 1_000, 1, operation=operation), runs)
    assert broken(runs) == dict.fromkeys(RULES, "holds")
    city = Delivery(tmp_path / "jidoteate", "jidoteate")
    damage(city)
    migrated(city, runs)
    assert broken(runs) == dict.fromkeys(RULES, "broken")
