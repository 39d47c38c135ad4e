"""Every planted fault stands at its place in the bytes, and nothing else differs from the clean delivery."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from dmig.synth import write_delivery
from dmig.synth.faults import FAULT_KINDS
from dmig.synth.package_items import ITEMS
from dmig.synth.tables import FILES

RESIDENTS, RATE = 600, 0.1
NAMES = list(ITEMS)


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    clean, faulty = tmp_path_factory.mktemp("clean"), tmp_path_factory.mktemp("faulty")
    write_delivery(clean, residents=RESIDENTS, seed=3)
    write_delivery(faulty, residents=RESIDENTS, seed=3, fault_rate=RATE)
    return clean, faulty


def planted(out: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((out / "truth" / "faults.csv").read_text(encoding="utf-8").splitlines()))


def records(out: Path, file: str) -> list[bytes]:
    return (out / "package" / file).read_bytes().removesuffix(b"\r\n").split(b"\r\n")[1:]


def is_there(kind: str, broken: bytes, whole: bytes) -> bool:
    """An independent look at the bytes of one record; `whole` is the same record without the fault."""
    cells = broken.split(b",")
    if kind == "column_count":
        return abs(len(cells) - len(NAMES)) == 1
    row = dict(zip(NAMES, cells, strict=True))
    good = dict(zip(NAMES, whole.split(b","), strict=True))
    name = row["kanji_shimei"]
    return {
        "undecodable": lambda: b"\xff" in name or name == good["kanji_shimei"] + b"\x81",
        "nul": lambda: name.count(b"\x00") == 1,
        "stray_quote": lambda: name.count(b'"') == 1 and not name.startswith(b'"'),
        "bad_key": lambda: not row["setai_no"].isdigit() and len(row["setai_no"].decode("cp932")) == 10,
        "bad_date": lambda: row["umare_ymd"][3:5] == b"13",
        "bad_date_event": lambda: row["ido_ymd"][5:7] == b"32",
        "unknown_code": lambda: row["ido_jiyu"] == b"99",
        "unknown_relation": lambda: row["zokugara"] == "不明続柄".encode("cp932"),
        "bad_address": lambda: not any(letter in "０１２３４５６７８９" for letter in row["banchi"].decode("cp932")),
        "too_long": lambda: len(name.decode("cp932")) > 100,
        "missing_name": lambda: name == b"",
        "birth_after_event": lambda: western(row["umare_ymd"]) > western(row["ido_ymd"]),
        "death_state": lambda: (row["ido_jiyu"], row["jumin_kbn"]) == (b"12", b"0"),
    }[kind]()


def western(wareki: bytes) -> tuple[int, bytes]:
    return {49: 1868, 50: 1912, 51: 1926, 52: 1989, 53: 2019}[wareki[0]] + int(wareki[1:3]), wareki[3:]


def test_each_fault_stands_at_its_place(deliveries: tuple[Path, Path]) -> None:
    listed = planted(deliveries[1])
    assert len(listed) == round(RESIDENTS * RATE)
    for fault in listed:
        at = int(fault["record"]) - 1
        whole, broken = (records(out, fault["file"])[at] for out in deliveries)
        assert whole.startswith(fault["unit"].encode())
        assert is_there(fault["kind"], broken, whole), fault["kind"]
        assert not (
            fault["kind"] not in ("column_count", "birth_after_event") and is_there(fault["kind"], whole, whole)
        )


def test_only_the_listed_cells_differ_from_the_clean_files(deliveries: tuple[Path, Path]) -> None:
    differing = {}
    for file in FILES:
        before, after = (records(out, file) for out in deliveries)
        assert len(before) == len(after)
        for record, (whole, broken) in enumerate(zip(before, after, strict=True), start=1):
            if whole != broken:
                old, new = whole.split(b","), broken.split(b",")
                same_width = len(old) == len(new)
                differing[file, record] = [NAMES[n] for n in range(len(old)) if same_width and old[n] != new[n]]
    listed = {(f["file"], int(f["record"])): [f["item"]] if f["item"] else [] for f in planted(deliveries[1])}
    assert differing == listed


def test_every_kind_is_planted_in_equal_shares_and_no_unit_twice(deliveries: tuple[Path, Path]) -> None:
    listed = planted(deliveries[1])
    kinds = Counter(fault["kind"] for fault in listed)
    assert set(kinds) == {kind.kind for kind in FAULT_KINDS}
    assert max(kinds.values()) - min(kinds.values()) <= 1
    assert len({fault["unit"] for fault in listed}) == len(listed)
    notes = {fault["note"] for fault in listed}
    assert notes == {way for kind in FAULT_KINDS for way, _ in kind.ways}


def test_no_fault_stands_on_a_deleted_entry_or_beside_an_expected_finding(deliveries: tuple[Path, Path]) -> None:
    clean, faulty = deliveries
    for fault in planted(faulty):
        assert records(clean, fault["file"])[int(fault["record"]) - 1].endswith(b",0")
    findings = (clean / "truth" / "expected_findings.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert findings
    places = [line.split(",")[1:3] for line in findings]
    odd_units = {records(clean, file)[int(record) - 1][:10].decode() for file, record in places}
    assert odd_units.isdisjoint(fault["unit"] for fault in planted(faulty))


def test_faults_change_no_truth(deliveries: tuple[Path, Path]) -> None:
    for name in ("001_住民情報.csv", "expected_findings.csv"):
        clean, faulty = ((out / "truth" / name).read_bytes() for out in deliveries)
        assert clean == faulty


def test_a_clean_delivery_lists_no_faults(deliveries: tuple[Path, Path]) -> None:
    assert (deliveries[0] / "truth" / "faults.csv").read_bytes() == b"kind,file,record,item,unit,note\r\n"


def test_the_smallest_rate_plants_one_fault(tmp_path: Path) -> None:
    write_delivery(tmp_path, residents=300, seed=1, fault_rate=1e-9)
    assert len(planted(tmp_path)) == 1
