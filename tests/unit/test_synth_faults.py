"""Every planted fault stands at its place in the bytes, and nothing else differs from the clean delivery."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from dmig.synth import write_delivery
from dmig.synth.faults import FAULT_KINDS

RESIDENTS, RATE = 600, 0.1


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    clean, faulty = tmp_path_factory.mktemp("clean"), tmp_path_factory.mktemp("faulty")
    write_delivery(clean, residents=RESIDENTS, seed=3)
    write_delivery(faulty, residents=RESIDENTS, seed=3, fault_rate=RATE)
    return clean, faulty


def planted(out: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((out / "truth" / "faults.csv").read_text(encoding="utf-8").splitlines()))


def lines(out: Path, file: str) -> list[bytes]:
    """Physical lines behind the header, line ends kept."""
    return (out / "package" / file).read_bytes().splitlines(keepends=True)[1:]


def pairs(clean: Path, faulty: Path, file: str) -> Iterator[tuple[int, bytes, bytes]]:
    """Record number, whole and broken record; a record of the clean file ends where its quotes are paired.

    A record broken by a line break in a cell has one physical line more than the whole one.
    """
    broken_lines = iter(lines(faulty, file))
    breaks = {int(f["record"]) for f in planted(faulty) if f["file"] == file and f["kind"] == "line_break"}
    whole, record, held = b"", 0, 0
    for line in lines(clean, file):
        whole, held = whole + line, held + 1
        if whole.count(b'"') % 2:
            continue
        record += 1
        yield record, whole, b"".join(next(broken_lines) for _ in range(held + (record in breaks)))
        whole, held = b"", 0
    assert not list(broken_lines)


def is_there(fault: dict[str, str], whole: bytes, broken: bytes) -> bool:
    """An independent look at the bytes of one record; `whole` is the same record without the fault."""
    old, new = whole.rstrip(b"\r\n").split(b","), broken.rstrip(b"\r\n").split(b",")
    if fault["kind"] == "column_count":
        return abs(len(old) - len(new)) == 1
    changed = [n for n, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
    cells = [(old[n], new[n]) for n in changed]
    looks = {
        "undecodable": lambda a, b: b"\xff" in b or b == a + b"\x81",
        "nul": lambda a, b: b.count(b"\x00") == 1,
        "stray_quote": lambda a, b: b.count(b'"') == 1 and not b.startswith(b'"'),
        "line_break": lambda a, b: b.startswith(b'"') and b"\n" in b,
        "bad_key": lambda a, b: not b.isdigit() and len(b.decode("cp932")) == 10,
        "bad_date": lambda a, b: b[3:5] == b"13",
        "bad_date_event": lambda a, b: b[5:7] == b"32",
        "unknown_code": lambda a, b: a.isdigit() and b.isdigit() and len(a) == len(b),
        "unknown_relation": lambda a, b: b == "不明続柄".encode("cp932"),
        "bad_address": lambda a, b: not any(letter in "０１２３４５６７８９" for letter in b.decode("cp932")),
        "too_long": lambda a, b: len(b.decode("cp932")) > 100,
        "missing_name": lambda a, b: b == b"",
        "birth_after_event": lambda a, b: a != b and b.isdigit(),
        "death_state": lambda a, b: b == b"0",
        "wrong_kojin_no": lambda a, b: len(b) == 12 and a[:-1] == b[:-1],
    }
    return len(cells) == 1 and looks[fault["kind"]](*cells[0])


def test_each_fault_stands_at_its_place_and_nothing_else_differs(deliveries: tuple[Path, Path]) -> None:
    clean, faulty = deliveries
    listed = {(fault["file"], int(fault["record"])): fault for fault in planted(faulty)}
    assert len(listed) > RESIDENTS * RATE / 2
    found = set()
    for file in sorted(path.name for path in (clean / "package").glob("*.csv")):
        for record, whole, broken in pairs(clean, faulty, file):
            if whole != broken:
                found.add((file, record))
                fault = listed[file, record]
                assert whole.startswith(fault["unit"].encode())
                assert is_there(fault, whole, broken), fault["kind"]
    assert found == set(listed)


def test_every_kind_is_planted_and_no_unit_twice(deliveries: tuple[Path, Path]) -> None:
    listed = planted(deliveries[1])
    kinds = Counter(fault["kind"] for fault in listed)
    assert set(kinds) == {kind.kind for kind in FAULT_KINDS}
    assert min(kinds.values()) >= 2
    assert len({fault["unit"] for fault in listed}) == len(listed)


def test_no_fault_stands_beside_an_expected_finding(deliveries: tuple[Path, Path]) -> None:
    clean, faulty = deliveries
    findings = (clean / "truth" / "expected_findings.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert findings
    places = {(line.split(",")[1], int(line.split(",")[2])) for line in findings}
    odd = {
        whole[:10].decode()
        for file in {file for file, _ in places}
        for record, whole, _ in pairs(clean, clean, file)
        if (file, record) in places
    }
    assert odd
    assert odd.isdisjoint(fault["unit"] for fault in planted(faulty))


def test_faults_change_no_truth(deliveries: tuple[Path, Path]) -> None:
    names = {path.name for path in (deliveries[0] / "truth").glob("*.csv")} - {"faults.csv"}
    assert len(names) == 8
    for name in names:
        clean, faulty = ((out / "truth" / name).read_bytes() for out in deliveries)
        assert clean == faulty


def test_a_clean_delivery_lists_no_faults(deliveries: tuple[Path, Path]) -> None:
    assert (deliveries[0] / "truth" / "faults.csv").read_bytes() == b"kind,file,record,item,unit,note\r\n"


def test_the_smallest_rate_plants_one_fault(tmp_path: Path) -> None:
    write_delivery(tmp_path, residents=300, seed=1, fault_rate=1e-9)
    assert len(planted(tmp_path)) == 1
