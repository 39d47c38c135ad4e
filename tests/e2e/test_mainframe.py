"""住民記録 from a host: the same records as from the package, every fault at its byte, every byte with an owner."""

from __future__ import annotations

import bz2
import gzip
import json
import shutil
import stat
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from e2e_support import GROUPS, Delivery, Ran, call_main, dicts_of, request_for, rows_of, run

from dmig.errors import DmigError
from dmig.pipeline.run import Request, compile_operation, execute
from dmig.synth import write_delivery

MASTER, EVENTS, OTHERS = "JUKIMST.DAT", "JUKIIDO.DAT", "JUKISUB.DAT"
#: Kinds of planted faults and what must be said of them: written down here a second time.
SAID = {
    "undecodable": ("HST015",), "nul": ("HST015",), "bad_key": ("HST011",), "stray_quote": ("HST011",),
    "line_break": ("HST012",), "too_long": ("HST013",), "column_count": ("HST011",), "bad_date": ("NRM006",),
    "bad_date_event": ("NRM006",), "unknown_code": ("CNV090",), "unknown_relation": ("CNV009",), "bad_address": ("CNV007",),
    "missing_name": ("CNV002",), "wrong_kojin_no": ("CNV014",), "death_state": ("CHK012",), "birth_after_event": ("CHK013",),
}  # fmt: skip


def from_host(inputs: Path, folder: Path, **options: Any) -> Ran:
    return run(replace(request_for(inputs, folder, **options), system="mainframe"))


def deliver(folder: Path, residents: int, seed: int, rate: float = 0.0) -> Path:
    write_delivery(folder, system="mainframe", residents=residents, seed=seed, fault_rate=rate)
    return folder / "mainframe"


def city(once: Any) -> Path:
    made: Path = once("host city", lambda place: deliver(place / "city", 150, 17))
    return made


def words(data: bytes) -> list[tuple[int, int]]:
    """Records of a blocked file: offset of the record's own word, and its bytes without it; by the manual's drawing."""
    found, at = [], 0
    while at < len(data):
        block = struct.unpack_from(">H", data, at)[0] + 4
        end, at = at + block, at + 4
        while at < end:
            size = struct.unpack_from(">H", data, at)[0]
            found.append((at, size))
            at += size + 4
    return found


@pytest.mark.parametrize(("residents", "seed"), [(150, 17), (600, 4)])
def test_package_and_host_give_the_same_standard_records(tmp_path: Path, residents: int, seed: int) -> None:
    write_delivery(tmp_path / "p", residents=residents, seed=seed)
    package = run(request_for(tmp_path / "p" / "package", tmp_path / "run-p"))
    host = from_host(deliver(tmp_path / "h", residents, seed), tmp_path / "run-h")
    cells = 0
    for group, file in GROUPS["jumin"].items():
        mine, other = rows_of(host.published / file), rows_of(package.published / file)
        assert sorted(mine) == sorted(other), group
        cells += sum(map(len, mine))
    assert cells > 50_000
    assert host.result["status"] == package.result["status"] == "pass"
    assert host.result["reconciliation"]["differences"] == []


@pytest.mark.parametrize("seed", [3, 8])
def test_every_planted_fault_is_found_at_its_record_and_item_and_nothing_else(tmp_path: Path, seed: int) -> None:
    inputs = deliver(tmp_path / "city", 900, seed, 0.1)
    ran = from_host(inputs, tmp_path / "run")
    tables = {table.table: table.file for table in ran.outcome.plan.legacy.tables}
    roots = ran.reports.filter((pl.col("kind") == "root") & (pl.col("severity") == "reject"))
    said = [
        (code, tables[table], record, item)
        for code, table, record, item in roots.select("code", "table", "record", "source_item").iter_rows()
    ]
    faults = dicts_of(tmp_path / "city" / "truth" / "faults.csv")
    assert len(faults) > 50
    assert {fault["kind"] for fault in faults} >= set(SAID) - {"birth_after_event", "death_state"}
    for fault in faults:
        own = [one for one in said if one[1:3] == (fault["file"], int(fault["record"]))]
        assert own, fault
        assert all(code in SAID[fault["kind"]] for code, *_ in own), (fault, own)
        if own[0][0].startswith("HST"):
            assert own[0][3] == fault["item"]
    assert len({one[1:3] for one in said}) == len(faults)
    assert ran.result["exit_code"] == 1


def test_a_refused_cell_is_told_by_its_byte_and_its_record_kept_protected(once: Any, tmp_path: Path) -> None:
    inputs = shutil.copytree(city(once), tmp_path / "host")
    data = bytearray((inputs / MASTER).read_bytes())
    at, size = words(bytes(data))[5]
    # 生年月日 stands behind 記録区分, 宛名番号, 履歴番号, 世帯番号, カナ氏名, 漢字氏名 and 性別.
    place = at + 4 + 2 + 10 + 2 + 10 + 40 + 120 + 1
    data[place] = 0xAA
    (inputs / MASTER).write_bytes(data)
    ran = from_host(inputs, tmp_path / "run")
    root = ran.reports.filter(pl.col("code") == "HST011").row(0, named=True)
    assert (root["record"], root["offset_bytes"], root["source_item"]) == (6, place, "umare_ymd")
    refused = pl.concat([pl.read_ipc(p) for p in (ran.protected / "read" / "genzai" / "refused").glob("*.arrow")])
    assert refused["raw"][0] == bytes(data[at + 4 : at + 4 + size])
    assert len(json.loads(refused["keys"][0])["atena_no"]) == 10
    assert ran.result["exit_code"] == 1


def test_a_refused_record_is_shown_item_by_item_without_the_number_that_the_law_protects(
    once: Any, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    """A bad cell in hexadecimal, the others as texts; bytes that are no record only where the number was asked for."""
    inputs = shutil.copytree(city(once), tmp_path / "city" / "host")
    data = bytearray((inputs / MASTER).read_bytes())
    at, _ = words(bytes(data))[5]
    data[at + 4 + 2 + 10 + 2 + 10 + 40 + 120 + 1] = 0xAA
    at, size = words(bytes(data))[8]
    number = bytes(data[at + 4 + 2 : at + 4 + 12]).decode("cp037")
    data[at : at + 4] = b"\xff" * 4
    (inputs / MASTER).write_bytes(data)
    runs = ("--runs", tmp_path / "runs")
    asked = ("run", "jumin", "--system", "mainframe", "--dry-run", "--as-of", "2026-10-01", "--input", inputs, *runs)
    assert call_main(monkeypatch, capsys, *asked)[0] == 4
    _, listed, _ = call_main(monkeypatch, capsys, "reject", "list", *runs)
    numbers = {line.split()[2]: line.split()[0] for line in listed.splitlines() if " HST" in line}
    _, shown, _ = call_main(monkeypatch, capsys, "reject", "show", numbers["HST011"], "--reason", "test", *runs)
    assert "X'AA" in next(line for line in shown.splitlines() if "umare_ymd" in line)
    cells = {line.split()[0]: line.split()[-1] for line in shown.splitlines() if line.startswith("    ")}
    assert cells["kojin_no"] == "＊＊＊＊"
    assert len(cells["atena_no"]) == 10
    _, lost, _ = call_main(monkeypatch, capsys, "reject", "show", numbers["HST002"], "--reason", "test", *runs)
    assert "＊＊＊＊" in lost
    assert size > 1_000
    _, whole, _ = call_main(
        monkeypatch, capsys, "reject", "show", numbers["HST002"], "--reason", "test", "--with-number", *runs
    )
    assert number.encode("cp037").hex().upper() in whole.replace(" ", "")


def test_every_byte_and_record_of_the_files_has_an_owner(once: Any, tmp_path: Path) -> None:
    inputs = city(once)
    ran = from_host(inputs, tmp_path / "run")
    lines = {line["file"]: line for line in ran.result["files"]}
    assert set(lines) == {MASTER, EVENTS, OTHERS}
    for name, line in lines.items():
        size = (inputs / name).stat().st_size
        count = size // 166 if name == EVENTS else len(words((inputs / name).read_bytes()))
        assert (line["size_bytes"], line["records"], line["lost_bytes"]) == (size, count, 0)
        assert line["records"] == 2 + sum(line["tables"].values())
        assert (line["header"], line["trailer"]) == (1, 1)
    totals = {total["total"]: total for total in ran.result["reconciliation"]["totals"]}
    for name in (
        f"{MASTER}.現在件数",
        f"{MASTER}.合計件数",
        f"{EVENTS}.合計件数",
        f"{OTHERS}.カード件数",
        f"{EVENTS}.trailer",
    ):
        assert totals[name]["agrees"] is True
        assert totals[name]["source"] == totals[name]["target"] > 0


def drop_last_person(data: bytes) -> bytes:
    """A whole record gone, and its block's length with it: only the trailer knows."""
    found = words(data)
    at, size = found[-2]
    start = max(place for place in block_starts(data) if place < at)
    block = struct.unpack_from(">H", data, start)[0] - size - 4
    return data[:start] + struct.pack(">H", block) + data[start + 2 : at] + data[at + size + 4 :]


def block_starts(data: bytes) -> list[int]:
    found, at = [], 0
    while at < len(data):
        found.append(at)
        at += struct.unpack_from(">H", data, at)[0] + 4
    return found


def other_kind(data: bytes) -> bytes:
    at, _ = words(data)[3]
    return data[: at + 4] + b"\xf7\xf7" + data[at + 6 :]


def broken_word(data: bytes) -> bytes:
    at, _ = words(data)[7]
    return data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :]


def without_trailer(data: bytes) -> bytes:
    return data[: block_starts(data)[-1]]


@pytest.mark.parametrize(
    ("damage", "codes", "total"),
    [
        (drop_last_person, set(), f"{MASTER}.合計件数"),
        (other_kind, {"HST008"}, f"{MASTER}.現在件数"),
        (broken_word, {"HST002"}, f"{MASTER}.合計件数"),
        (without_trailer, set(), f"{MASTER}.trailer"),
        (lambda data: data[:-9], {"HST001"}, f"{MASTER}.trailer"),
    ],
    ids=["record gone", "unknown kind", "broken length", "no trailer", "cut off"],
)
def test_what_is_missing_or_damaged_is_refused_or_told_by_the_trailer(
    once: Any, tmp_path: Path, damage: Callable[[bytes], bytes], codes: set[str], total: str
) -> None:
    inputs = shutil.copytree(city(once), tmp_path / "host")
    (inputs / MASTER).write_bytes(damage((inputs / MASTER).read_bytes()))
    ran = from_host(inputs, tmp_path / "run")
    found = set(ran.reports.filter(pl.col("code").str.starts_with("HST"))["code"])
    assert found == codes
    disagreeing = [t["total"] for t in ran.result["reconciliation"]["totals"] if not t["agrees"]]
    assert total in disagreeing
    assert ran.result["exit_code"] == 4
    line = next(line for line in ran.result["files"] if line["file"] == MASTER)
    assert line["records"] == line["header"] + line["trailer"] + line["unknown"] + sum(line["tables"].values())
    assert (line["unknown"], line["lost_runs"] > 0) == (int("HST008" in codes), bool(codes - {"HST008"}))


@pytest.mark.parametrize("item", ["生年月日", "続柄表記", "住所_番地号表記"])
def test_a_cell_damaged_after_the_run_is_found_by_the_second_reading(once: Any, tmp_path: Path, item: str) -> None:
    ran = from_host(city(once), tmp_path / "run")
    file = ran.published / GROUPS["jumin"]["juminjoho"]
    rows = rows_of(file)
    if item not in rows[0]:
        item = next(name for name in rows[0] if name.startswith(item[:2]))
    at = rows[0].index(item)
    row = next(n for n in range(4, len(rows)) if rows[n][at])
    text = file.read_text(encoding="utf-8")
    lines = text.split("\r\n") if "\r\n" in text else text.split("\n")
    cells = lines[row].split(",")
    cells[at] = cells[at][:-1] + ("1" if cells[at][-1] != "1" else "2")
    lines[row] = ",".join(cells)
    file.write_text(("\r\n" if "\r\n" in text else "\n").join(lines), encoding="utf-8", newline="")
    again = reconciled_again(ran, tmp_path / "again")
    assert again > 0


def reconciled_again(ran: Ran, folder: Path) -> int:
    """Differences that the second reading finds between source and published files as they are now."""
    from dmig.converters.registry import builtin
    from dmig.pipeline import worker
    from dmig.pipeline.context import Context
    from dmig.pipeline.reconcile_pass import reconcile_pass
    from dmig.pipeline.run import mapping_folders
    from dmig.pipeline.tasks import Workers

    plan = ran.outcome.plan
    context = Context(plan=plan, make_registry=builtin, folder=folder, inputs=ran.outcome.inputs,
                      mapping_folders=mapping_folders(ran.request))  # fmt: skip
    workers = Workers(1, worker.prepare, (plan, builtin))
    return reconcile_pass(context, workers, ran.outcome.outputs, ran.published, folder / "marks").differences


def test_workers_and_blocks_change_no_byte(once: Any, tmp_path: Path) -> None:
    inputs = city(once)
    one = from_host(inputs, tmp_path / "one")
    request = replace(request_for(inputs, tmp_path / "many", workers=2), system="mainframe", block_bytes=90_000)
    many = execute(request, compile_operation(request))
    assert len(list((tmp_path / "many" / "protected" / "read" / "genzai" / "rows").glob("*"))) > 3
    files = {o.file: o.sha256 for o in many.outputs if o.file.endswith(".csv")}
    assert files == one.csv_hashes
    assert many.conservation.files == one.outcome.conservation.files


def test_packed_files_are_read_as_if_they_had_not_been_and_broken_ones_end_the_run(once: Any, tmp_path: Path) -> None:
    one = from_host(city(once), tmp_path / "one")
    inputs = shutil.copytree(city(once), tmp_path / "host")
    for name, ending, pack in ((MASTER, ".gz", gzip.compress), (EVENTS, ".bz2", bz2.compress)):
        (inputs / f"{name}{ending}").write_bytes(pack((inputs / name).read_bytes()))
        (inputs / name).unlink()
    packed = from_host(inputs, tmp_path / "packed")
    assert packed.csv_hashes == one.csv_hashes
    assert packed.result["inputs"] == one.result["inputs"]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in (packed.protected / "unpacked").iterdir())
    data = (inputs / f"{MASTER}.gz").read_bytes()
    (inputs / f"{MASTER}.gz").write_bytes(data[: len(data) // 2])
    with pytest.raises(DmigError) as refused:
        from_host(inputs, tmp_path / "broken")
    assert refused.value.code == "HST010"


def test_the_command_line_writes_and_runs_a_host_delivery(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    code, _, _ = call_main(monkeypatch, capsys, "synth", "jumin", "--system", "mainframe", "--residents", "40",
                           "--out", tmp_path / "city")  # fmt: skip
    assert code == 0
    code, out, _ = call_main(monkeypatch, capsys, "run", "jumin", "--system", "mainframe", "--dry-run", "--json", "--input",
                             tmp_path / "city" / "mainframe", "--runs", tmp_path / "runs")  # fmt: skip
    assert code == 0
    result = json.loads(out)
    assert [line["file"] for line in result["inputs"]] == [MASTER, EVENTS, OTHERS]
    assert sum(line["records"] for line in result["inputs"]) == sum(table["read"] for table in result["tables"])
    code, _, err = call_main(monkeypatch, capsys, "synth", "kojin", "--system", "mainframe", "--out", tmp_path / "no")
    assert code == 2
    assert "RUN005" in err


def test_shipped_host_fixture_is_the_package_fixture(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2] / "fixtures" / "jumin" / "clean"
    package = Delivery(root)
    ran = from_host(root / "mainframe", tmp_path / "run")
    for group, file in GROUPS["jumin"].items():
        assert rows_of(ran.published / file) == package.truth(group)
    assert isinstance(ran.request, Request)
