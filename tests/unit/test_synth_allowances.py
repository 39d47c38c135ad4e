"""The invented allowances: every amount follows from age, order and month, the same people as in the register."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from dmig.synth import write_delivery
from dmig.synth.child_faults import FAULTS
from dmig.synth.child_law import COUNTED, HIGH, JUNIOR, NONE, PRIMARY, UNDER_3, classes
from dmig.synth.days import day_of

RESIDENTS, RATE = 1_500, 0.04
Rows = list[dict[str, str]]


def rows(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    clean, faulty = tmp_path_factory.mktemp("clean"), tmp_path_factory.mktemp("faulty")
    write_delivery(clean, operation="jidoteate", residents=RESIDENTS, seed=5)
    write_delivery(faulty, operation="jidoteate", residents=RESIDENTS, seed=5, fault_rate=RATE)
    return clean, faulty


@pytest.fixture(scope="module")
def groups(cities: tuple[Path, Path]) -> dict[str, Rows]:
    found = (cities[0] / "truth").glob("jidoteate_*.csv")
    return {path.stem.removeprefix("jidoteate_"): rows(path) for path in found}


def yen(row: dict[str, str], *names: str) -> int:
    return sum(int(row[name] or 0) for name in names)


def next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def third(birth: date) -> date:
    """The day on which a child is three: the one before its birthday."""
    later = date(birth.year + 3, 3, 1) if (birth.month, birth.day) == (2, 29) else birth.replace(year=birth.year + 3)
    return date.fromordinal(later.toordinal() - 1)


def yen_by_law(birth: date, order: int, benefit: str, month: date) -> int:
    """Written from the law a second time, child by child and in calendar dates."""
    new = month >= date(2024, 10, 1)
    before = date.fromordinal(birth.toordinal() - 1)
    school_year = month.year - (month.month < 4) - (before.year - (before.month < 4))
    if school_year > (18 if new else 15):
        return 0
    if benefit != "1":
        return 5_000 if benefit == "2" else 0
    if new and order >= 3:
        return 30_000
    if (month.year, month.month) <= (third(birth).year, third(birth).month):
        return 15_000
    return 15_000 if order >= 3 and school_year <= 12 else 10_000


@pytest.mark.parametrize(
    ("born", "month", "expected"),
    [
        ("2 June 2020: three on the first day of June 2023, still high in it", 0, UNDER_3),
        ("1 June 2020: three on the last day of May 2023", 0, PRIMARY),
        ("1 April 2011: leaves primary school a year before the others of April", 0, JUNIOR),
        ("2 April 2011: still in primary school in March 2024", 9, PRIMARY),
        ("1 April 2008: 15 ended in March 2023", 0, HIGH),
        ("1 April 2005: over 18 in 2023", 0, NONE),
        ("1 April 2005: counted again from October 2024", 16, COUNTED),
    ],
)
def test_ages_end_on_the_day_before_the_birthday(born: str, month: int, expected: int) -> None:
    day, name, year = born.split(":")[0].split()
    number = {"April": 4, "June": 6}[name]
    assert classes(np.array([day_of(int(year), number, int(day))]), month).tolist() == [expected]


def test_people_are_those_of_the_register_of_the_same_seed(groups: dict[str, Rows], tmp_path: Path) -> None:
    write_delivery(tmp_path, operation="jumin", residents=RESIDENTS, seed=5)
    register = {row["宛名番号"]: row for row in rows(tmp_path / "truth" / "001_住民情報.csv")}
    assert len(groups["受給者"]) > 100
    assert all(register[row["宛名番号"]]["生年月日"] == row["生年月日"] for row in groups["受給者"])
    assert all(register[row["児童_宛名番号"]]["生年月日"] == row["生年月日"] for row in groups["支給要件児童"])


def test_every_monthly_amount_follows_from_birth_order_and_month(groups: dict[str, Rows]) -> None:
    births = {row["児童_宛名番号"]: date.fromisoformat(row["生年月日"]) for row in groups["支給要件児童"]}
    seen: Counter[tuple[str, str, bool]] = Counter()
    for row in groups["児童別の額"]:
        month = date.fromisoformat(row["適用開始年月"])
        wanted = yen_by_law(births[row["児童_宛名番号"]], int(row["出生順"]), row["給付区分"], month)
        assert int(row["月額"]) == wanted
        seen[row["年齢区分"], row["出生順区分"], month >= date(2024, 10, 1)] += 1
    assert {age for age, _, _ in seen} == set("12345")
    assert {("2", "2", False), ("2", "2", True), ("4", "1", True)} <= set(seen)


def test_awards_are_the_sums_of_their_children_and_follow_each_other(groups: dict[str, Rows]) -> None:
    details: Counter[tuple[str, str]] = Counter()
    for row in groups["児童別の額"]:
        details[row["認定番号"], row["決定連番"]] += yen(row, "月額")
    before: dict[str, str] = {}
    for row in groups["認定額"]:
        parts = [name for name in row if name.startswith("額_")]
        assert yen(row, "月額") == yen(row, *parts) == details[row["認定番号"], row["決定連番"]]
        if row["決定連番"] != "1":
            follows = date.fromisoformat(row["適用開始年月"]).toordinal() - 1
            assert date.fromisoformat(before[row["認定番号"]]).toordinal() == follows
        before[row["認定番号"]] = row["適用終了年月"]


def test_what_is_paid_is_what_was_decided_month_by_month(groups: dict[str, Rows]) -> None:
    due: Counter[str] = Counter()
    for row in groups["認定額"]:
        month = date.fromisoformat(row["適用開始年月"])
        end = date.fromisoformat(row["適用終了年月"] or "2026-07-31")
        while month <= min(end, date(2026, 7, 31)):
            due[row["認定番号"]] += yen(row, "月額")
            month = next_month(month)
    paid: Counter[str] = Counter()
    for row in groups["支払"]:
        assert yen(row, "支払額") == yen(row, "算定額") - yen(row, "徴収額", "調整額")
        paid[row["認定番号"]] += yen(row, "算定額")
    assert paid == Counter({number: amount for number, amount in due.items() if amount})
    assert min(yen(row, "支払額") for row in groups["支払"]) < 0
    months = defaultdict(set)
    for row in groups["支払"]:
        months[row["支払年"]].add(row["支払月"])
    assert months["2023"] == {"10"}
    assert months["2024"] == {"02", "06", "10", "12"}
    assert len(months["2025"]) == 6


def test_a_child_has_one_recipient_at_a_time(groups: dict[str, Rows]) -> None:
    found = {(row["児童_宛名番号"], row["適用開始年月"], row["宛名番号"]) for row in groups["児童別の額"]}
    assert len({(child, month) for child, month, _ in found}) == len(found)


def test_incomes_decide_up_to_the_reform(groups: dict[str, Rows]) -> None:
    classes_seen = set()
    for row in groups["所得判定"]:
        line = 380_000 * int(row["扶養人数"])
        income = yen(row, "判定所得額")
        wanted = "1" if income < 6_220_000 + line else "2" if income < 8_580_000 + line else "3"
        assert row["判定区分"] == wanted
        classes_seen.add(wanted)
    assert len(classes_seen) > 1
    assert {row["給付区分"] for row in groups["認定額"] if row["適用開始年月"] >= "2024-10-01"} == {"1"}


def planted(out: Path) -> Rows:
    return rows(out / "truth" / "faults.csv")


def test_every_kind_is_planted_and_no_recipient_twice(cities: tuple[Path, Path]) -> None:
    listed = planted(cities[1])
    assert {fault["kind"] for fault in listed} == {fault.kind for fault in FAULTS}
    assert len({fault["unit"] for fault in listed}) == len(listed) == 60


def test_faults_change_no_truth_and_only_their_records(cities: tuple[Path, Path]) -> None:
    for path in (cities[0] / "truth").glob("jidoteate_*.csv"):
        assert path.read_bytes() == (cities[1] / "truth" / path.name).read_bytes()
    for path in (cities[0] / "package").glob("*.csv"):
        listed = [fault for fault in planted(cities[1]) if fault["file"] == path.name]
        sound = path.read_bytes().split(b"\r\n")
        damaged = (cities[1] / "package" / path.name).read_bytes().split(b"\r\n")
        gone, come = Counter(sound) - Counter(damaged), Counter(damaged) - Counter(sound)
        breaks = sum(fault["kind"] == "line_break" for fault in listed)
        assert (gone.total(), come.total()) == (len(listed), len(listed) + breaks)
