"""What an invented delivery consists of; its truth follows from its legacy files by a second, naive reading."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from dmig.errors import DmigError
from dmig.synth import write_delivery
from dmig.synth.package_items import ITEMS
from dmig.synth.tables import FILES as ALL_FILES
from dmig.synth.tables import REGISTER_FILES as FILES
from dmig.synth.truth_items import HEADER

ROOT = Path(__file__).parents[2]
RESIDENTS = 200
ERA_YEAR_1 = {"1": 1868, "2": 1912, "3": 1926, "4": 1989, "5": 2019}
WORDS = {
    *("世帯主", "夫", "妻", "子", "長男", "二男", "三男", "長女", "二女", "三女", "父", "母", "兄", "弟", "姉", "妹"),
    *("四男", "四女", "曾孫", "子の子の子", "夫の父", "夫の母", "妻の父", "妻の母"),
    *("孫", "子の子", "妻（未届）", "夫（未届）", "未届の妻", "未届の夫", "子の妻", "子の夫", "同居人", "縁故者"),
}
GROUPS = ("住民情報", "世帯", "異動履歴", "支援措置対象者", "旧氏・通称履歴", "備考", "個人番号カード")
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("clean")
    write_delivery(out, residents=RESIDENTS, seed=1)
    return out


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("large")
    write_delivery(out, residents=6_000, seed=5)
    return out


def legacy(out: Path, file: str) -> Rows:
    text = (out / "package" / file).read_bytes().decode("cp932")
    return list(csv.DictReader(text.splitlines()))


def truth(out: Path) -> Rows:
    return rows(out / "truth" / "001_住民情報.csv")


def rows(path: Path) -> Rows:
    return list(csv.DictReader(path.read_bytes().decode("utf-8").splitlines()))


def every_file(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def iso(wareki: str) -> str:
    if wareki in ("0000000", "9999999"):
        return "0000-00-00"
    return f"{ERA_YEAR_1[wareki[0]] + int(wareki[1:3]) - 1:04d}-{wareki[3:5]}-{wareki[5:]}"


def test_same_arguments_give_same_bytes(clean: Path, tmp_path: Path) -> None:
    write_delivery(tmp_path, residents=RESIDENTS, seed=1)
    assert every_file(tmp_path) == every_file(clean)
    assert set(every_file(clean)) == {
        "delivery.toml",
        *(f"package/{file}" for file in ALL_FILES),
        *(f"truth/001_{group}.csv" for group in GROUPS),
        "truth/expected_findings.csv",
        "truth/faults.csv",
    }


def test_another_seed_gives_other_people(clean: Path, tmp_path: Path) -> None:
    write_delivery(tmp_path, residents=RESIDENTS, seed=2)
    mine, other = ({row["宛名番号"] for row in legacy(out, FILES[0])} for out in (clean, tmp_path))
    assert len(mine & other) < RESIDENTS // 10


def test_manifest_tells_what_was_written(clean: Path) -> None:
    manifest = tomllib.loads((clean / "delivery.toml").read_text(encoding="utf-8"))
    head = {key: manifest[key] for key in ("operation", "system", "as_of", "seed", "residents", "invented")}
    assert head == {
        "operation": "jumin",
        "system": "package",
        "as_of": "2026-10-01",
        "seed": 1,
        "residents": RESIDENTS,
        "invented": True,
    }
    assert [file["name"] for file in manifest["file"]] == list(ALL_FILES)
    for file in manifest["file"]:
        content = (clean / file["path"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        assert file["bytes"] == len(content)
        assert file["records"] == content.count(b"\r\n") - 1 - content.count("通知を送付\r\n".encode("cp932")) * 2


@pytest.mark.parametrize("table", ["genzai", "rireki", "jokyo"])
def test_legacy_items_are_those_of_the_layout(table: str) -> None:
    declared = rows(ROOT / "schemas" / "legacy" / "package" / "jumin" / f"{table}.csv")
    assert {row["item"]: row["name"] for row in declared} == ITEMS
    assert [row["item"] for row in declared] == list(ITEMS)


def test_truth_items_are_those_of_the_layout() -> None:
    declared = rows(ROOT / "schemas" / "standard" / "jumin" / "0.1" / "items.csv")
    assert tuple(row["name"] for row in declared if row["group"] == "juminjoho") == HEADER


def test_files_are_cp932_with_crlf_and_letters_of_the_vendor_rows(clean: Path) -> None:
    for file in FILES:
        content = (clean / "package" / file).read_bytes()
        assert content.endswith(b"\r\n")
        assert content.count(b"\n") == content.count(b"\r") == content.count(b"\r\n")
        assert content.decode("cp932").splitlines()[0] == ",".join(ITEMS.values())
        assert b'"' not in content
    names = "".join(row["漢字氏名"] for row in legacy(clean, FILES[1]))
    vendor_rows = [letter for letter in names if letter.encode("cp932")[0] in (*range(0xED, 0xEF), *range(0xFA, 0xFD))]
    assert vendor_rows


def test_files_are_in_the_order_of_the_numbers(clean: Path) -> None:
    current, history, closed = (legacy(clean, file) for file in FILES)
    for table in (current, closed):
        assert [row["宛名番号"] for row in table] == sorted({row["宛名番号"] for row in table})
    numbers = [row["宛名番号"] for row in current + closed]
    assert len(numbers) == len(set(numbers))
    assert len(numbers) == RESIDENTS
    assert any(number.startswith("0") for number in numbers)
    assert {len(number) for number in numbers} == {10}
    keys = [(row["宛名番号"], int(row["履歴番号"])) for row in history]
    assert keys == sorted(set(keys))


def test_current_entries_are_last_and_never_deleted(clean: Path) -> None:
    current, history, closed = (legacy(clean, file) for file in FILES)
    current += closed
    assert {row["削除フラグ"] for row in current} == {"0"}
    assert {row["削除フラグ"] for row in history} == {"0", "1"}
    by_person = defaultdict(list)
    for row in history + current:
        by_person[row["宛名番号"]].append(int(row["履歴番号"]))
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in by_person.values())


def test_truth_follows_from_the_legacy_files_read_naively(clean: Path) -> None:
    files = (FILES[0], FILES[2], FILES[1])
    source = [row for file in files for row in legacy(clean, file) if row["削除フラグ"] == "0"]
    expected = truth(clean)
    assert len(source) == len(expected) > RESIDENTS
    for old, new in zip(source, expected, strict=True):
        assert new["宛名番号"] == old["宛名番号"]
        assert new["世帯番号"] == old["世帯番号"]
        assert new["生年月日"] == iso(old["生年月日"])
        assert new["異動年月日"] == iso(old["異動年月日"])
        if old["漢字氏名"] and not any("\ue000" <= letter <= "\uf8ff" for letter in old["漢字氏名"]):
            assert new["氏名"].split("　") == old["漢字氏名"].split()
        assert new["性別"] == {"1": "1", "2": "2", "9": "0"}[old["性別"]]
        assert new["住民状態"] == {"0": "1", "1": "2", "2": "3", "3": "9"}[old["住民区分"]]
        assert new["住所_番地号表記"] + new["住所_方書"] == (
            old["番地"].replace("　", "", 1) if not old["方書"] else old["番地"] + old["方書"]
        )
        assert new["生年月日_不詳表記"] == old["生年月日不詳表記"]
        unknown = "00" in (new["生年月日"][5:7], new["生年月日"][8:])
        assert new["生年月日_不詳フラグ"] == ("1" if unknown else "0")
        assert bool(new["生年月日_不詳表記"]) is unknown


def test_truth_numbers_history_without_gaps_and_marks_one_latest(clean: Path) -> None:
    kept = _kept_numbers(clean)
    order = {(person, n) for person, count in kept.items() for n in range(1, count + 1)}
    expected = truth(clean)
    assert {(row["宛名番号"], int(row["個人履歴番号"])) for row in expected} == order
    assert len(expected) == len(order)
    latest = {row["宛名番号"]: int(row["個人履歴番号"]) for row in expected if row["最新フラグ"] == "1"}
    assert latest == kept
    assert sum(row["最新フラグ"] == "1" for row in expected) == RESIDENTS


def _kept_numbers(out: Path) -> Counter[str]:
    return Counter(row["宛名番号"] for file in FILES for row in legacy(out, file) if row["削除フラグ"] == "0")


def test_readings_are_one_letter_per_sound(clean: Path) -> None:
    expected, source = truth(clean), [row for f in FILES for row in legacy(clean, f) if row["削除フラグ"] == "0"]
    assert {letter for row in expected for letter in row["氏名_フリガナ"]} <= {"　", "ー"} | {
        chr(code) for code in range(ord("ァ"), ord("ヺ") + 1)
    }
    assert {letter for row in source for letter in row["カナ氏名"]} <= {" "} | {
        chr(code) for code in range(0xFF66, 0xFFA0)
    }
    marks = sum(row["カナ氏名"].count("\uff9e") + row["カナ氏名"].count("\uff9f") for row in source)
    letters = sum(len(row["カナ氏名"].replace(" ", "")) for row in source)
    assert marks > 0
    assert sum(len(row["氏名_フリガナ"].replace("　", "")) for row in expected) == letters - marks


def test_every_code_and_word_of_the_old_system_occurs(large: Path) -> None:
    seen = {item: Counter(row[item] for file in FILES for row in legacy(large, file)) for item in ITEMS.values()}
    assert set(seen["異動事由"]) == {
        *("01", "02", "03", "04", "11", "12", "13", "14"),
        *("21", "22", "23", "24", "25", "41", "43", "44", "45"),
    }
    assert set(seen["続柄"]) <= WORDS
    # The rarest words of in-laws are drawn for a handful of persons only.
    assert len(WORDS - set(seen["続柄"])) <= 6
    assert set(seen["性別"]) == {"1", "2", "9"}
    assert set(seen["住民区分"]) == {"0", "1", "2", "3"}
    births = seen["生年月日"]
    edges = {"1450729", "1450730", "2010730", "2151224", "2151225", "3011225", "3640107", "4010108", "4310430"}
    assert edges | {"5010501", "0000000", "9999999"} <= set(births)
    assert any(text.endswith("0000") and text != "0000000" for text in births)
    assert any(text.endswith("00") and not text.endswith("0000") for text in births)
    assert any(text.endswith("0229") for text in births)
    assert seen["異動年月日"]["0000000"] > 0
    assert any("　" in text for text in seen["番地"])
    assert any("　" in text for text in seen["方書"])
    assert any("　　" in text for text in seen["漢字氏名"])
    assert any(" " in text for text in seen["漢字氏名"])


def test_codes_of_the_relations_are_those_of_the_wording(large: Path) -> None:
    labels = {
        row["value"]: row["label"]
        for row in rows(ROOT / "schemas" / "standard" / "jumin" / "0.1" / "codes.csv")
        if row["code"] == "tsuzukigara"
    }
    seen = {(row["続柄コード1"], row["続柄コード2"], row["続柄コード3"], row["続柄表記"]) for row in truth(large)}
    assert len(seen) >= 17
    for *codes, wording in seen:
        assert wording == "の".join(labels[code] for code in codes if code)


def test_nothing_happens_before_birth_or_after_the_key_date(large: Path) -> None:
    dated = [row for row in truth(large) if row["異動年月日"] != "0000-00-00"]
    assert dated
    assert all(row["生年月日"] <= row["異動年月日"] <= "2026-10-01" for row in dated)
    assert all(row["住民状態"] == "3" for row in dated if row["異動事由"] == "21")


def test_people_come_back_under_their_old_number(large: Path) -> None:
    reasons: dict[str, list[str]] = defaultdict(list)
    for row in sorted(truth(large), key=lambda row: (row["宛名番号"], int(row["個人履歴番号"]))):
        reasons[row["宛名番号"]].append(row["異動事由"])
    back = [history for history in reasons.values() if "20" in history[:-1]]
    assert back
    assert all(history[history.index("20") + 1] in ("10", "13") for history in back)


def test_expected_findings_are_the_impossible_days_of_the_files(large: Path) -> None:
    found = set()
    for file in FILES:
        for record, row in enumerate(legacy(large, file), start=1):
            for item in ("umare_ymd", "ido_ymd", "todoke_ymd"):
                kind = _oddity(row[ITEMS[item]])
                if kind and row["削除フラグ"] == "0":
                    found.add((kind, file, str(record), item))
                assert not (kind and row["削除フラグ"] == "1")
    listed = [
        tuple(row.values())
        for row in rows(large / "truth" / "expected_findings.csv")
        if row["kind"] in ("era_impossible_day", "non_calendar_date") and row["file"] in FILES
    ]
    assert len(listed) == len(set(listed))
    assert set(listed) == found
    assert {kind for kind, *_ in found} == {"era_impossible_day", "non_calendar_date"}


def test_every_household_of_today_has_one_head_and_ranks_without_gaps(large: Path) -> None:
    households: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in truth(large):
        if row["最新フラグ"] == "1" and row["住民状態"] == "1":
            households[row["世帯番号"]].append(row)
    for members in households.values():
        assert [row["続柄表記"] for row in members].count("世帯主") == 1
        assert sorted(int(row["記載順位"]) for row in members) == list(range(1, len(members) + 1))
        assert len({row["世帯主氏名"] for row in members}) == 1
    listed = {row["世帯番号"]: int(row["世帯員数"]) for row in rows(large / "truth" / "001_世帯.csv")}
    assert listed == {number: len(members) for number, members in households.items()}


def test_jutogai_is_a_delivery_of_its_own(tmp_path: Path) -> None:
    write_delivery(tmp_path, operation="jutogai", residents=300, seed=4, fault_rate=0.05)
    assert len(rows(tmp_path / "truth" / "031_住登外者宛名基本情報.csv")) == 300
    assert len(rows(tmp_path / "truth" / "faults.csv")) == 15


def _oddity(wareki: str) -> str:
    if not wareki or wareki in ("0000000", "9999999") or wareki.endswith("00"):
        return ""
    era, day = wareki[0], iso(wareki)
    last = {"1": "1912-07-30", "2": "1926-12-25", "3": "1989-01-07", "4": "2019-04-30", "5": "9999"}[era]
    first = {"1": "1868-01-25", "2": "1912-07-30", "3": "1926-12-25", "4": "1989-01-08", "5": "2019-05-01"}[era]
    if not first <= day <= last:
        return "era_impossible_day"
    year = int(day[:4])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return "non_calendar_date" if day.endswith("02-29") and not leap else ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"residents": 0},
        {"seed": -1},
        {"fault_rate": 1.5},
        {"fault_rate": -0.1},
        {"operation": "kotei"},
        {"system": "database"},
    ],
)
def test_arguments_out_of_range_are_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    arguments = {"residents": 10, "seed": 1} | wrong
    with pytest.raises(ValueError, match=r"residents|seed|fault_rate|no invented delivery"):
        write_delivery(tmp_path / "out", **arguments)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_a_fault_of_the_environment(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file stands here")
    with pytest.raises(DmigError) as caught:
        write_delivery(tmp_path / "out", residents=10, seed=1)
    assert caught.value.code == "ENV003"
