"""The invented taxes: every total holds by the law of its year, the same people as in the register, faults at their place."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from dmig.synth import write_delivery
from dmig.synth.tax_faults import FAULTS

RESIDENTS, RATE = 900, 0.12
Rows = list[dict[str, str]]


def rows(path: Path, encoding: str = "utf-8") -> Rows:
    with path.open(encoding=encoding, newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    clean, faulty = tmp_path_factory.mktemp("clean"), tmp_path_factory.mktemp("faulty")
    write_delivery(clean, operation="kojin", residents=RESIDENTS, seed=5)
    write_delivery(faulty, operation="kojin", residents=RESIDENTS, seed=5, fault_rate=RATE)
    return clean, faulty


@pytest.fixture(scope="module")
def groups(cities: tuple[Path, Path]) -> dict[str, Rows]:
    return {path.stem.removeprefix("kojin_"): rows(path) for path in (cities[0] / "truth").glob("kojin_*.csv")}


def key(row: dict[str, str]) -> tuple[str, str, str]:
    return row["課税年度"], row["宛名番号"], row["履歴番号"]


def yen(row: dict[str, str], *names: str) -> int:
    return sum(int(row[name] or 0) for name in names)


def summed(group: Rows, item: str) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for row in group:
        found[key(row)] += yen(row, item)
    return found


def test_people_are_those_of_the_register_of_the_same_seed(cities: tuple[Path, Path], tmp_path: Path) -> None:
    write_delivery(tmp_path, operation="jumin", residents=RESIDENTS, seed=5)
    register = {row["宛名番号"]: row for row in rows(tmp_path / "truth" / "001_住民情報.csv")}
    taxed = rows(cities[0] / "truth" / "kojin_納税義務者.csv")
    assert len(taxed) > RESIDENTS / 2
    assert all(register[row["宛名番号"]]["生年月日"] == row["生年月日"] for row in taxed)
    own = {row["扶養親族_宛名番号"]: row["扶養親族_個人番号"] for row in rows(cities[0] / "truth" / "kojin_扶養.csv")}
    known = {number: row["個人番号"] for number, row in register.items() if row["個人番号"]}
    assert len(own.keys() & known.keys()) > 50
    assert all(own[number] == known[number] for number in own.keys() & known.keys())


def test_the_tax_of_a_year_follows_from_income_and_deductions(groups: dict[str, Rows]) -> None:
    income, deducted = (
        summed(groups["所得・収入"], "所得金額"),
        {key(r): yen(r, "所得控除計") for r in groups["所得控除"]},
    )
    seen = Counter()
    for row in groups["課税標準・税額"]:
        base = yen(row, "課税総所得金額")
        assert yen(row, "合計所得金額") == max(income[key(row)], 0)
        assert yen(row, "所得控除計") == deducted[key(row)]
        if base:
            assert base == max(yen(row, "総所得金額等") - yen(row, "所得控除計"), 0) // 1_000 * 1_000
        for whose, percent, share in (("市町村", 6, 3), ("道府県", 4, 2)):
            assert yen(row, f"算出所得割額_{whose}") == base * percent // 100
            gap = yen(row, "人的控除差計")
            of = min(gap, base) if base <= 2_000_000 else max(gap - (base - 2_000_000), 50_000)
            if yen(row, "合計所得金額") <= 25_000_000:
                assert yen(row, f"調整控除額_{whose}") == of * share // 100
            left = yen(row, f"算出所得割額_{whose}") - yen(
                row,
                f"調整控除額_{whose}",
                f"住宅借入金等特別税額控除額_{whose}",
                f"寄附金控除額（基本）_{whose}",
                f"減免額_{whose}",
            )
            assert yen(row, f"所得割額_{whose}") == max(left, 0) // 100 * 100
        year = int(row["課税年度"])
        equal = (yen(row, "均等割額_市町村"), yen(row, "均等割額_道府県"), row["森林環境税額"])
        assert (
            equal in {(0, 0, "0"), (3_000, 1_000, "1000")}
            if year >= 2024
            else equal in {(0, 0, ""), (3_500, 1_500, "")}
        )
        parts = ("所得割額_市町村", "所得割額_道府県", "均等割額_市町村", "均等割額_道府県", "森林環境税額")
        assert yen(row, "年税額") == yen(row, *parts)
        seen["large" if base > 2_000_000 else "small" if base else "none", year >= 2024] += 1
    assert len(seen) == 6


def test_every_collection_adds_up_to_its_share(groups: dict[str, Rows]) -> None:
    for group, item, total in (
        ("特別徴収月割", "月割額", "特別徴収税額"),
        ("期別（普通徴収）", "期別税額", "普通徴収税額"),
        ("年金特別徴収", "徴収額", "年金特別徴収税額"),
    ):
        found = summed(groups[group], item)
        wanted = {key(row): yen(row, total) for row in groups["課税標準・税額"] if yen(row, total)}
        assert len(wanted) > 10
        assert found == Counter(wanted)
    for row in groups["課税標準・税額"]:
        assert yen(row, "年税額") == yen(row, "普通徴収税額", "特別徴収税額", "年金特別徴収税額")


def test_the_remainder_is_in_the_first_part(groups: dict[str, Rows]) -> None:
    for group, item, unit in (("特別徴収月割", "月割額", 100), ("期別（普通徴収）", "期別税額", 1_000)):
        parts: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for row in groups[group]:
            parts[key(row)].append(yen(row, item))
        first = [amounts for (_, _, history), amounts in parts.items() if history == "1"]
        assert all(set(amounts[1:]) == {sum(amounts) // len(amounts) // unit * unit} for amounts in first)
        corrected = [amounts for (_, _, history), amounts in parts.items() if history == "2"]
        assert corrected
        assert all(len(set(amounts[2:])) == 1 for amounts in corrected)


def test_levies_add_up_to_the_tax_in_force_and_some_are_negative(groups: dict[str, Rows]) -> None:
    own = [row for row in groups["調定"] if row["現年滞繰区分"] == "1"]
    levied: Counter[tuple[str, str]] = Counter()
    for row in own:
        levied[row["課税年度"], row["宛名番号"]] += yen(row, "調定額")
    latest = {key(row) for row in groups["課税基本"] if row["最新フラグ"] == "1"}
    wanted = {key(row)[:2]: yen(row, "年税額") for row in groups["課税標準・税額"] if key(row) in latest}
    assert levied == Counter({place: amount for place, amount in wanted.items() if amount})
    assert min(yen(row, "調定額") for row in own) < 0
    assert any(row["調定年度"] > row["課税年度"] for row in groups["調定"])


def test_nobody_is_claimed_twice_and_only_by_who_lives_here(groups: dict[str, Rows]) -> None:
    latest = {key(row) for row in groups["課税基本"] if row["最新フラグ"] == "1"}
    claimed = Counter((row["課税年度"], row["扶養親族_宛名番号"]) for row in groups["扶養"] if key(row) in latest)
    assert set(claimed.values()) == {1}
    assert {row["扶養区分"] for row in groups["扶養"]} >= {"1", "3", "4", "6", "7"}


def planted(out: Path) -> Rows:
    return rows(out / "truth" / "faults.csv")


def test_every_kind_is_planted_and_no_unit_twice(cities: tuple[Path, Path]) -> None:
    listed = planted(cities[1])
    assert {fault["kind"] for fault in listed} == {fault.kind for fault in FAULTS}
    assert len({fault["unit"] for fault in listed}) == len(listed) > 60


def test_each_fault_stands_in_its_record_and_nothing_else_differs(cities: tuple[Path, Path]) -> None:
    listed = {(fault["file"], int(fault["record"])) for fault in planted(cities[1])}
    broken = {(fault["file"], int(fault["record"])) for fault in planted(cities[1]) if fault["kind"] == "line_break"}
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
