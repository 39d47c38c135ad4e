"""The work list: out, filled by staff, in, approved, run again; and what it remembers."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest
from e2e_support import FILE_OF, RIREKI, ROOT, call_main, column, rows_of
from worklist_support import CLEAN, FAULTS, UNREADABLE, Row, fill, rows_in

INPUTS = ("run", "jumin", "--dry-run", "--fixture", "faults", "--json")
BAD_EVENT = "ido_ymd"


class Office:
    """Staff at their desk: commands in one folder of runs, the file of decisions beside it.

    The first run is a copy of one that all tests share.
    """

    def __init__(self, folder: Path, once: Any, monkeypatch: Any, capsys: Any) -> None:
        self.runs, self.repairs = folder / "runs", folder / "repairs.csv"
        self._call = lambda *words: call_main(monkeypatch, capsys, *words)

        def first(place: Path) -> tuple[Path, dict[str, Any]]:
            self.runs = place / "runs"
            return self.runs, self.run_anew()

        shared, self.first = once("the office's first run", first)
        self.runs = shutil.copytree(shared, folder / "runs")

    def call(self, *words: str | Path) -> tuple[int, str, str]:
        code, out, err = self._call(*words, "--runs", self.runs)
        return code, out, err

    def run(self) -> dict[str, Any]:
        return self.run_anew() if self.repairs.is_file() else self.first

    def run_anew(self) -> dict[str, Any]:
        known = ("--repairs", self.repairs) if self.repairs.is_file() else ()
        code, out, err = self.call(*INPUTS, *known)
        assert code in (0, 1), err
        found: dict[str, Any] = json.loads(out)
        return found

    def export(self, *more: str | Path) -> Path:
        code, out, err = self.call(
            "worklist", "export", "--xlsx", "--reason", "誤りの処置", "--repairs", self.repairs, *more
        )
        assert code == 0, err
        [run] = sorted(path for path in self.runs.iterdir() if path.is_dir())[-1:]
        [book] = (run / "protected" / "worklist").glob("worklist*.xlsx")
        assert str(book.name) in out
        return book

    def take_in(self, book: Path) -> tuple[int, str, str]:
        return self.call("worklist", "import", "--xlsx", book, "--repairs", self.repairs)

    def approve(self, name: str) -> tuple[int, str, str]:
        return self.call("worklist", "approve", "--repairs", self.repairs, "--as", name)


@pytest.fixture
def office(tmp_path: Path, once: Any, monkeypatch: Any, capsys: Any) -> Office:
    return Office(tmp_path, once, monkeypatch, capsys)


def mend(row: Row) -> Row | None:
    """What staff decide: the value of the clean fixture, or typing in what could not be read; findings are left."""
    if row["※weight"] != "拒否":
        return None
    common = {"reason": "原本で確かめた", "decided_by": "見本太郎", "due": "2026-12-25"}
    file = FILE_OF[row["table"]]
    if not row["item"] or row["code"].startswith("RED"):
        return common | {"treatment": "手入力"}
    return common | {"treatment": "補正", "new_value": CLEAN.cell(file, int(row["※record"]), row["item"])}


def test_out_filled_in_run_again(office: Office) -> None:
    before = office.run()
    book = office.export()
    rows = rows_in(book)
    faults = {(f["file"], f["record"]) for f in FAULTS.faults()}
    rejects = [row for row in rows if row["※weight"] == "拒否"]
    assert {(FILE_OF[row["table"]], row["※record"]) for row in rejects} == faults
    assert fill(book, mend) == len(rejects) == 20
    code, out, err = office.take_in(book)
    assert (code, err) == (0, ""), err
    assert "追加 / added: 20" in out
    waiting = office.run()
    assert waiting["repairs"]["decisions"][0]["unapproved"] == 10
    assert waiting["rejects_by_code"] == before["rejects_by_code"]
    assert office.approve("見本太郎")[0] == 2
    assert office.approve("見本花子")[0] == 0
    after = office.run()
    assert after["rejects_by_code"] == {}
    states = {entry["treatment"]: entry for entry in after["repairs"]["decisions"]}
    assert states["repair"]["applied"] == states["manual_entry"]["applied"] == 10
    gates = {gate["gate"]: gate["count"] for gate in after["gates"]}
    assert (gates["rejects"], gates["cascades"], gates["differences"]) == (0, 0, 0)
    assert gates["manual_entry"] > 10
    published = rows_of(office.runs / after["run_id"] / "protected/write/published/001_住民情報.csv")
    by_hand = {f["unit"] for f in FAULTS.faults() if f["kind"] in UNREADABLE and f["file"] == RIREKI}
    assert published[1:] == [row for row in FAULTS.truth()[1:] if row[0] not in by_hand]
    assert len(set(column(published, "宛名番号"))) > 100


def test_the_next_export_remembers(office: Office) -> None:
    office.run()
    book = office.export()

    def decide(row: Row) -> Row | None:
        common = {"reason": "理由", "decided_by": "見本太郎", "due": "2026-12-25"}
        if row["item"] == "umare_ymd" and row["※record"] == "304":
            return common | {"treatment": "旧側修正"}
        if row["code"] == "NRM011":
            return common | {"treatment": "容認"}
        return None

    accepted = fill(book, decide) - 1
    assert accepted == 32
    assert office.take_in(book)[0] == 0
    assert office.approve("見本花子")[0] == 0
    result = office.run()
    cause = [c for c in result["causes"] if c["code"] == "NRM011"]
    assert sum(c["accepted"] or 0 for c in cause) == sum(c["records"] or 0 for c in cause) > 0
    assert result["findings_by_code"]["NRM011"] == 32
    gates = {gate["gate"]: gate["count"] for gate in result["gates"]}
    assert gates["findings"] == sum(result["findings_by_code"].values()) - 32
    again = rows_in(office.export())
    mine = [row for row in again if row["treatment"]]
    assert sorted({row["treatment"] for row in mine}) == ["容認", "旧側修正"]
    assert len(mine) == 33
    assert {row["※approved_by"] for row in mine if row["treatment"] == "容認"} == {"見本花子"}
    [opened] = [row for row in mine if row["treatment"] == "旧側修正"]
    assert (opened["※weight"], opened["due"], opened["※before"]) == ("拒否", "2026-12-25", "旧側修正")


def test_an_unchanged_row_keeps_its_approval_a_changed_one_loses_it(office: Office) -> None:
    office.run()
    book = office.export("--code", "NRM006")

    def decide(row: Row) -> Row | None:
        return {**(mend(row) or {}), "due": ""}

    fill(book, decide)
    office.take_in(book)
    office.approve("見本花子")
    book = office.export("--code", "NRM006")
    fill(book, lambda row: {"reason": "別の理由"} if row["※record"] == "304" else None)
    code, out, _ = office.take_in(book)
    assert code == 0
    assert "変更 / changed: 1" in out
    assert "そのまま / kept: 3" in out
    rows = office.repairs.read_text(encoding="utf-8").splitlines()[1:]
    assert sorted(row.rsplit(",", 1)[1] for row in rows) == ["", "見本花子", "見本花子", "見本花子"]
    book = office.export("--code", "NRM006")
    fill(book, lambda row: dict.fromkeys(("treatment", "new_value", "reason", "decided_by"), None))
    assert "取消 / removed: 4" in office.take_in(book)[1]
    assert len(office.repairs.read_text(encoding="utf-8").splitlines()) == 1


def test_a_workbook_that_somebody_has_overtaken_is_refused(office: Office) -> None:
    office.run()
    first = office.export("--code", "NRM006")
    late = first.with_name("late.xlsx")
    late.write_bytes(first.read_bytes())
    fill(first, mend)
    assert office.take_in(first)[0] == 0
    code, _, err = office.take_in(late)
    assert code == 3
    assert "SHT012" in err


def test_divisions_have_their_own_rows(office: Office) -> None:
    result = office.run()
    names = [entry["division"] for entry in result["divisions"] if entry["division"]]
    whole, found = rows_in(office.export()), []
    for name in names:
        clear(office)
        found += rows_in(office.export("--division", name))
    places = ("table", "key", "item", "code")
    assert sorted([row[name] for name in places] for row in found) == sorted([r[n] for n in places] for r in whole)
    code, _, err = office.call("worklist", "export", "--division", "ない課", "--reason", "x")
    assert code == 2
    assert "RUN005" in err


def clear(office: Office) -> None:
    """Remove the workbooks, so that the next one stands alone."""
    for path in office.runs.rglob("worklist*.xlsx"):
        path.unlink()


def test_values_need_a_reason_and_stand_in_the_ledger(office: Office) -> None:
    office.run()
    for command in ("export", "tick-off"):
        code, _, err = office.call("worklist", command)
        assert code == 2
        assert "TRC001" in err
    book = office.export()
    assert stat.S_IMODE(book.stat().st_mode) == 0o600
    assert all(stat.S_IMODE(folder.stat().st_mode) == 0o700 for folder in list(book.parents)[:2])
    with sqlite3.connect(office.runs / "ledger.sqlite") as connection:
        [body] = connection.execute("select body from entries where kind = 'access'").fetchone()
    told = json.loads(body)
    assert (told["command"], told["reason"], told["count"]) == ("worklist export", "誤りの処置", len(rows_in(book)))


def test_individual_numbers_are_left_out_unless_asked_for(office: Office) -> None:
    office.run()
    number = FAULTS.cell(RIREKI, 139, "kojin_no")
    [row] = [row for row in rows_in(office.export()) if row["item"] == "kojin_no"]
    assert row["※old_value"] == "＊＊＊＊"
    clear(office)
    [row] = [row for row in rows_in(office.export("--with-number")) if row["item"] == "kojin_no"]
    assert row["※old_value"] == number


def test_rows_carry_name_unit_and_the_protective_measure(office: Office) -> None:
    office.run()
    rows = rows_in(office.export())
    protected = {record.split(b",")[0].decode() for record in FAULTS.records("JUKI_SHIEN.csv")}
    assert {row["※unit"] for row in rows if row["※protected"] == "○"} == {r["※unit"] for r in rows} & protected != set()
    named = [row for row in rows if row["table"] == "ido"]
    names = {FAULTS.unit(RIREKI, n): FAULTS.cell(RIREKI, n, "kanji_shimei") for n in FAULTS.kept(RIREKI) if n != 400}
    assert named
    assert all(row["※name"] for row in named)
    assert any(row["※name"] == names.get(row["※unit"]) for row in named)
    assert all(row["※advice"] and row["※meaning"] for row in rows)
    assert (ROOT / "docs/codes" / f"{rows[0]['code']}.md").is_file()
