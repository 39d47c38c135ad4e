"""The invented care insurance: ages, certifications and premiums hold by the law, faults stand at their place."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest

from dmig.synth import write_delivery
from dmig.synth.care_fault_kinds import FAULTS

RESIDENTS, RATE = 1_500, 0.06
Rows = list[dict[str, str]]
#: Premiums by stage, from the ordinance's 72,000 yen: worked out by hand.
YEARLY = [20_500, 34_900, 49_300, 64_800, 72_000, 86_400, 93_600, 108_000, 122_400, 136_800, 151_200, 165_600, 172_800]


def rows(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    clean, faulty = tmp_path_factory.mktemp("clean"), tmp_path_factory.mktemp("faulty")
    write_delivery(clean, operation="kaigo", residents=RESIDENTS, seed=3)
    write_delivery(faulty, operation="kaigo", residents=RESIDENTS, seed=3, fault_rate=RATE)
    return clean, faulty


@pytest.fixture(scope="module")
def groups(cities: tuple[Path, Path]) -> dict[str, Rows]:
    return {path.stem.removeprefix("kaigo_"): rows(path) for path in (cities[0] / "truth").glob("kaigo_*.csv")}


def yen(row: dict[str, str], *names: str) -> int:
    return sum(int(row[name] or 0) for name in names)


def reached(born: str, age: int) -> date:
    """The day before the birthday; the birthday of 29 February is 1 March where there is none."""
    year, month, day = map(int, born.split("-"))
    leap = (month, day) == (2, 29) and (year + age) % 4 != 0
    birthday = date(year + age, 3, 1) if leap else date(year + age, month, day)
    return birthday - timedelta(days=1)


def test_people_are_those_of_the_register_of_the_same_seed(groups: dict[str, Rows], tmp_path: Path) -> None:
    write_delivery(tmp_path, operation="jumin", residents=RESIDENTS, seed=3)
    register: dict[str, Rows] = defaultdict(list)
    for row in rows(tmp_path / "truth" / "001_住民情報.csv"):
        register[row["宛名番号"]].append(row)
    insured = groups["被保険者資格"]
    assert len(insured) > RESIDENTS / 6
    assert all(register[row["宛名番号"]][-1]["生年月日"] == row["生年月日"] for row in insured)
    state = {n: next(row["住民状態"] for row in found if row["最新フラグ"] == "1") for n, found in register.items()}
    open_ = [
        row for row in insured if row["最新フラグ"] == "1" and row["資格状態"] == "1" and row["住所地特例フラグ"] == "0"
    ]
    assert {state[row["宛名番号"]] for row in open_} == {"1"}


def test_ages_are_those_of_the_law(groups: dict[str, Rows]) -> None:
    kinds: Counter[str] = Counter()
    for row in groups["被保険者資格"]:
        if row["生年月日_不詳フラグ"] == "1" or row["生年月日"].endswith("-02-29"):
            continue
        kinds[row["被保険者区分"]] += 1
        if row["被保険者区分"] == "1":
            assert date.fromisoformat(row["第1号資格取得年月日"]) >= reached(row["生年月日"], 65)
        else:
            day = date.fromisoformat(row["資格取得年月日"])
            assert reached(row["生年月日"], 40) <= day < reached(row["生年月日"], 65)
        if row["資格取得事由"] == "02":
            assert date.fromisoformat(row["第1号資格取得年月日"]) == reached(row["生年月日"], 65)
    assert kinds["1"] > 100
    assert kinds["2"] >= 3


def test_certifications_follow_each_other_and_end_with_a_month(groups: dict[str, Rows]) -> None:
    by_person: dict[str, Rows] = defaultdict(list)
    for row in groups["認定結果"]:
        start, end = date.fromisoformat(row["認定有効期間_開始"]), date.fromisoformat(row["認定有効期間_終了"])
        assert (end + timedelta(days=1)).day == 1
        months = (end.year - start.year) * 12 + end.month - start.month + (start.day == 1)
        assert months == int(row["有効期間（月）"])
        assert (row["要介護状態区分"] == "11") <= (start < date(2006, 4, 1))
        by_person[row["被保険者番号"]].append(row)
    for own in by_person.values():
        ends = [date.fromisoformat(row["認定有効期間_終了"]) for row in own[:-1]]
        assert [date.fromisoformat(row["認定有効期間_開始"]) for row in own[1:]] == [
            end + timedelta(days=1) for end in ends
        ]


def test_premiums_follow_from_stage_and_months_and_all_parts_add_up(groups: dict[str, Rows]) -> None:
    parts: Counter[tuple[str, ...]] = Counter()
    for group, item in (("期別（普通徴収）", "期割額"), ("特別徴収", "特別徴収月額")):
        for row in groups[group]:
            parts[group, row["賦課年度"], row["被保険者番号"], row["履歴番号"]] += yen(row, item)
    seen: Counter[str] = Counter()
    for row in groups["保険料賦課"]:
        key = (row["賦課年度"], row["被保険者番号"], row["履歴番号"])
        assert yen(row, "年額") == YEARLY[int(row["所得段階"]) - 1]
        assert yen(row, "賦課額") == yen(row, "年額") * yen(row, "資格月数") // 12 // 100 * 100
        assert yen(row, "確定額") == yen(row, "賦課額") - yen(row, "減免額")
        assert yen(row, "普通徴収額") == parts["期別（普通徴収）", *key]
        assert yen(row, "特別徴収額") == parts["特別徴収", *key]
        assert yen(row, "確定額") == yen(row, "普通徴収額", "特別徴収額")
        seen[row["徴収方法"]] += 1
        seen["corrected"] += row["履歴番号"] == "2"
    assert set(seen) == {"1", "2", "3", "corrected"}
    assert min(seen.values()) > 0


def test_benefits_are_tenths_of_the_cost(groups: dict[str, Rows]) -> None:
    assert len(groups["給付実績"]) > 100
    for row in groups["給付実績"]:
        assert yen(row, "給付額") * 100 == yen(row, "費用額") * (100 - int(row["負担割合"]))


def test_every_kind_is_planted_and_no_unit_twice(cities: tuple[Path, Path]) -> None:
    listed = rows(cities[1] / "truth" / "faults.csv")
    assert {fault["kind"] for fault in listed} == {fault.kind for fault in FAULTS}
    assert len({fault["unit"] for fault in listed}) == len(listed) > 60


def test_each_fault_stands_in_its_record_and_nothing_else_differs(cities: tuple[Path, Path]) -> None:
    faults = rows(cities[1] / "truth" / "faults.csv")
    listed = {(fault["file"], int(fault["record"])) for fault in faults}
    broken = {(fault["file"], int(fault["record"])) for fault in faults if fault["kind"] == "line_break"}
    found = set()
    for path in sorted((cities[0] / "package").glob("*.csv")):
        sound = path.read_bytes().split(b"\r\n")[1:-1]
        lines = iter((cities[1] / "package" / path.name).read_bytes().split(b"\r\n")[1:-1])
        for number, whole in enumerate(sound, start=1):
            line = next(lines)
            if (path.name, number) in broken:
                line += b"\r\n" + next(lines)
            if line != whole:
                found.add((path.name, number))
        assert not list(lines)
    assert found == listed


def test_faults_change_no_truth(cities: tuple[Path, Path]) -> None:
    for path in (cities[0] / "truth").glob("*.csv"):
        if path.name != "faults.csv":
            assert path.read_bytes() == (cities[1] / "truth" / path.name).read_bytes()
