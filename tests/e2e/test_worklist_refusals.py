"""What a spreadsheet damages and what staff must not write is refused with row and column; nothing is written then."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from e2e_support import RIREKI, call_main
from worklist_support import CLEAN, FAULTS, SHEET, column, decision, edit, fill, repairs_file, repairs_of

from dmig.spec.sheets.cells import classes

#: The row that the damages below are done to: the birthday of one record, already decided well.
RECORD = "304"
GOOD = {
    "treatment": "補正",
    "new_value": CLEAN.cell(RIREKI, 304, "umare_ymd"),
    "reason": "原本",
    "decided_by": "見本太郎",
}
Change = Callable[[Any, int], None]


def stored(once: Any, folder: Path, monkeypatch: Any, capsys: Any) -> tuple[Path, Path]:
    """A copy of a folder of runs with one faulty run, and its exported work list with one decision."""

    def make(place: Path) -> None:
        runs = place / "runs"
        call_main(monkeypatch, capsys, "run", "jumin", "--dry-run", "--fixture", "faults", "--runs", runs)
        code, _, err = call_main(monkeypatch, capsys, "worklist", "export", "--xlsx", "--reason", "x", "--runs", runs)
        assert code == 0, err
        [book] = runs.rglob("worklist.xlsx")
        assert fill(book, lambda row: GOOD if (row["※record"], row["code"]) == (RECORD, "NRM006") else None) == 1
        (place / "done").touch()

    def kept(place: Path) -> Path:
        make(place)
        return place

    runs = shutil.copytree(once("work list runs", kept) / "runs", folder / "runs")
    [book] = runs.rglob("worklist.xlsx")
    return runs, book


def row_of(sheet: Any) -> int:
    at, code = column(sheet, "※record"), column(sheet, "code")
    return next(n for n in range(3, sheet.max_row + 1)
                if (sheet.cell(n, at).value, sheet.cell(n, code).value) == (RECORD, "NRM006"))  # fmt: skip


def put(name: str, value: object) -> Change:
    def change(sheet: Any, row: int) -> None:
        sheet.cell(row, column(sheet, name)).value = value

    return change


def other_row(sheet: Any, code: str) -> int:
    at = column(sheet, "code")
    return next(n for n in range(3, sheet.max_row + 1) if sheet.cell(n, at).value == code)


def in_row_of(code: str, **cells: str) -> Change:
    def change(sheet: Any, _: int) -> None:
        for name, value in cells.items():
            sheet.cell(other_row(sheet, code), column(sheet, name)).value = value

    return change


def copy_row(sheet: Any, row: int) -> None:
    for number in range(1, sheet.max_column + 1):
        sheet.cell(sheet.max_row if number > 1 else sheet.max_row + 1, number).value = sheet.cell(row, number).value


def delete_row(sheet: Any, row: int) -> None:
    sheet.delete_rows(row)


def blank_row(sheet: Any, row: int) -> None:
    for number in range(2, sheet.max_column + 1):
        sheet.cell(row, number).value = None


def new_row(sheet: Any, row: int) -> None:
    sheet.cell(sheet.max_row + 1, column(sheet, "reason")).value = "行を足した"


SECRET = "3990231"
DAMAGES: dict[str, tuple[str, Change]] = {
    "a number": ("SHT002", put("new_value", 3990231)),
    "a date": ("SHT003", put("new_value", datetime(1999, 2, 3))),
    "scientific": ("SHT004", put("new_value", 3.99e15)),
    "a boolean": ("SHT005", put("reason", True)),
    "a formula": ("SHT006", put("new_value", "=A1&A2")),
    "blanks around": ("SHT007", put("new_value", f" {SECRET}")),
    "a changed key": ("SHT010", put("key", f'["{SECRET}", "1"]')),
    "a key that lost its zeros": ("SHT010", put("key", '["1", "2"]')),
    "another item": ("SHT010", put("item", "seibetsu")),
    "another table": ("SHT010", put("table", "genzai")),
    "another code": ("SHT010", put("code", "CHK001")),
    "another line": ("SHT016", put("※行", "9999")),
    "a doubled row": ("SHT016", copy_row),
    "a deleted row": ("WKL003", delete_row),
    "a blanked row": ("WKL003", blank_row),
    "a new row": ("WKL003", new_row),
    "an unknown treatment": ("WKL001", put("treatment", f"直した{SECRET}")),
    "no new value": ("WKL002", put("new_value", None)),
    "no reason": ("WKL002", put("reason", None)),
    "nobody in charge": ("WKL002", put("decided_by", None)),
    "a forgotten treatment": ("WKL002", put("treatment", None)),
    "no day": ("RPR008", put("due", "12月末")),
    "not in the charset": ("WKL005", put("new_value", "𠮷" + SECRET)),
    "not the form of the item": ("WKL006", put("new_value", "1999-02-31")),
    "a reject accepted": ("WKL007", put("treatment", "容認")),
    "too long": ("WKL004", in_row_of("CHK012", treatment="補正", new_value="1" * 13, reason="x", decided_by="x")),
    "a repair of what could not be read": (
        "WKL008", in_row_of("RED014", treatment="補正", new_value="x", reason="x", decided_by="x")),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_refused_with_its_place(name: str, once: Any, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    runs, book = stored(once, tmp_path, monkeypatch, capsys)
    wanted, change = DAMAGES[name]
    places: list[int] = []

    def damage(sheet: Any) -> None:
        places.append(row_of(sheet))
        change(sheet, places[0])

    edit(book, damage)
    repairs = tmp_path / "repairs.csv"
    code, out, err = call_main(
        monkeypatch, capsys, "worklist", "import", "--xlsx", book, "--runs", runs, "--repairs", repairs
    )
    assert code == 3, err
    assert wanted in err
    assert f"worklist.xlsx[{SHEET}]:" in err
    if name not in ("a doubled row", "a deleted row", "a new row", "too long", "a repair of what could not be read"):
        assert f":{places[0]}: {wanted}" in err
    assert not repairs.exists()
    assert out == ""
    assert SECRET not in err
    assert FAULTS.unit(RIREKI, 304) not in err


def test_the_good_row_is_taken_in(once: Any, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    """Every damage above is done to a workbook that would have been fine."""
    runs, book = stored(once, tmp_path, monkeypatch, capsys)
    repairs = tmp_path / "repairs.csv"
    asked = ("worklist", "import", "--xlsx", book, "--runs", runs)
    assert call_main(monkeypatch, capsys, *asked)[0] == 2  # a run without a site has no place for decisions
    code, out, err = call_main(monkeypatch, capsys, *asked, "--repairs", repairs)
    assert (code, err) == (0, "")
    assert "added: 1" in out
    assert repairs.stat().st_mode & 0o077 == 0


def test_one_cell_has_one_new_value(once: Any, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    """A cell that was decided about for another cause before stands in two rows."""
    runs, book = stored(once, tmp_path, monkeypatch, capsys)
    before = decision(FAULTS, "rireki", 304, "umare_ymd", "NRM011", "fix_at_source", approved_by="")
    repairs = repairs_file(tmp_path / "repairs.csv", [before])
    asked = ("worklist", "export", "--reason", "x", "--runs", runs, "--repairs", repairs)
    assert call_main(monkeypatch, capsys, *asked)[0] == 0

    def decide(row: dict[str, str]) -> dict[str, str] | None:
        if (row["※record"], row["item"]) != (RECORD, "umare_ymd"):
            return None
        return GOOD | ({"new_value": "3620311"} if row["code"] == "NRM011" else {})

    assert fill(book, decide) == 2
    code, _, err = call_main(
        monkeypatch, capsys, "worklist", "import", "--xlsx", book, "--runs", runs, "--repairs", repairs
    )
    assert code == 3
    assert "WKL010" in err
    assert "3620311" not in err


def test_a_workbook_that_is_none_is_refused(once: Any, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    runs, book = stored(once, tmp_path, monkeypatch, capsys)
    book.write_bytes(b"PK\x03\x04 not a workbook")
    code, _, err = call_main(monkeypatch, capsys, "worklist", "import", "--xlsx", book, "--runs", runs)
    assert code == 3
    assert "SHT001" in err


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"treatment": "repaired"}, "RPR008"),
        ({"key": "0015632144"}, "RPR008"),
        ({"item": "nothing"}, "RPR008"),
        ({"code": "ZZZ999"}, "RPR008"),
        ({"old_hash": "short"}, "RPR008"),
        ({"due": "soon"}, "RPR008"),
        ({"file": "JUKI_GENZAI.csv"}, "RPR008"),
        ({"decided_by": ""}, "SPC006"),
        ({"reason": ""}, "SPC006"),
        ({"approved_by": "見本太郎"}, "RPR006"),
    ],
)
def test_a_file_edited_by_hand_is_refused_without_a_value(
    change: dict[str, str], code: str, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    row = repairs_of()[0]
    repairs = repairs_file(tmp_path / "repairs.csv", [row | change])
    asked = ("run", "jumin", "--dry-run", "--fixture", "faults", "--runs", tmp_path / "runs", "--repairs", repairs)
    status, _, err = call_main(monkeypatch, capsys, *asked)
    assert status == 3
    assert f"repairs.csv:2: {code}" in err
    assert not re.search(r"\d{10}", err)


def test_a_doubled_row_and_a_lost_heading_are_refused(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    rows = repairs_of()[:1]
    repairs = repairs_file(tmp_path / "repairs.csv", [*rows, *rows])
    asked = ("run", "jumin", "--dry-run", "--fixture", "faults", "--runs", tmp_path / "runs", "--repairs", repairs)
    status, _, err = call_main(monkeypatch, capsys, *asked)
    assert (status, "repairs.csv:3: RPR009" in err) == (3, True)
    repairs.write_text("".join(repairs.read_text(encoding="utf-8").splitlines(keepends=True)[1:]), encoding="utf-8")
    status, _, err = call_main(monkeypatch, capsys, *asked)
    assert (status, "repairs.csv:1: RPR008" in err) == (3, True)
    assert not re.search(r"\d{10}", err)


def test_values_are_told_by_their_kinds_of_characters() -> None:
    assert classes("山田　花子0123ﾔﾏﾀﾞあアAb-") == "漢字2空白1漢字2数字4カナ4かな1カナ1英字2記号1"


@pytest.mark.skipif(
    shutil.which("soffice") is None, reason="no LibreOffice on this machine (`make office` installs it)"
)
def test_a_work_list_goes_through_libreoffice(once: Any, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    runs, book = stored(once, tmp_path, monkeypatch, capsys)
    out = tmp_path / "office"
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "xlsx",
               "--outdir", str(out), str(book)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    repairs = tmp_path / "repairs.csv"
    code, said, err = call_main(
        monkeypatch, capsys, "worklist", "import", "--xlsx", out / book.name, "--runs", runs, "--repairs", repairs
    )
    assert (code, err) == (0, "")
    assert "added: 1" in said
    assert GOOD["new_value"] in repairs.read_text(encoding="utf-8")
