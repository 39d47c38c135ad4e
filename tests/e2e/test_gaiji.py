"""The glyph ledger: what a run has read, by an own count of its files; two persons; a real run waits, a dry run never."""

from __future__ import annotations

import csv
import shutil
import sqlite3
from collections import Counter
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from e2e_support import ROOT, Delivery

from dmig.cli.main import cli
from dmig.errors import Diagnostics, SpecError
from dmig.model.repairs import SAMPLE_SECRET, keyed_hash
from dmig.pipeline.gates import limits_for
from dmig.spec.glyphs.rows import GLYPHS
from dmig.spec.library import Library, load, shipped
from dmig.spec.mapping import Layer

LEDGER = ("pua", "mj", "decided", "class", "substitute", "state", "decided_by", "decided_on", "approved_by")
CLEAN = Delivery(ROOT / "fixtures" / "jumin" / "clean", "jumin")


def dmig(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def faults(result: Result) -> list[str]:
    """Codes of the faults that a command ended with."""
    return [d.code for d in result.exception.diagnostics] if isinstance(result.exception, SpecError) else []


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gaiji") / "runs"
    assert dmig("run", "jumin", "--dry-run", "--runs", str(folder)).exit_code == 0
    return folder


def counted() -> tuple[Counter[str], dict[str, set[str]]]:
    """Cells with each private-use character, and the persons of their records, straight from the files."""
    cells: Counter[str] = Counter()
    persons: dict[str, set[str]] = {}
    for path in sorted(CLEAN.inputs.glob("*.csv")):
        with path.open(encoding="cp932", newline="") as source:
            for row in csv.DictReader(source):
                for cell in row.values():
                    for character in {c for c in cell or "" if "\ue000" <= c <= "\uf8ff"}:
                        cells[f"{ord(character):04X}"] += 1
                        persons.setdefault(f"{ord(character):04X}", set()).add(row["宛名番号"])
    return cells, persons


def lines(result: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(result.stdout.splitlines(), delimiter="\t"))


def test_a_survey_counts_what_the_files_hold(runs: Path) -> None:
    cells, persons = counted()
    assert sum(cells.values()) > 20
    result = dmig("gaiji", "survey", "--runs", str(runs))
    assert result.exit_code == 1  # the fixture holds characters that nobody has identified
    found = {line["code"]: line for line in lines(result)}
    few = {code: "<10" if 0 < count < 10 else str(count) for code, count in cells.items()}
    assert {code: line["records"] for code, line in found.items() if line["records"] != "0"} == few
    shown = {code: "<10" if len(own) < 10 else str(len(own)) for code, own in persons.items()}
    assert {code: found[code]["persons"] for code in cells} == shown
    assert found["E000"]["state"] == "agreed" and found["E000"]["written"] == "𠮷"
    assert found["E008"]["state"] == "open"


def test_who_is_affected_is_told_by_pseudonym_only(runs: Path) -> None:
    _, persons = counted()
    result = dmig("gaiji", "affected", "--runs", str(runs))
    found = Counter(line["code"] for line in lines(result))
    open_codes = [code for code in persons if code >= "E008"]
    assert found == {code: len(persons[code]) for code in open_codes}
    assert not any(person in result.stdout for own in persons.values() for person in own)
    # Without a site's key nobody can try all numbers on the list: each list has a secret of its own.
    guessed = {keyed_hash(SAMPLE_SECRET, person)[:16] for own in persons.values() for person in own}
    told = {line["person"] for line in lines(result)}
    assert told and not told & guessed
    assert not told & {line["person"] for line in lines(dmig("gaiji", "affected", "--runs", str(runs)))}
    one = dmig("gaiji", "affected", "--runs", str(runs), "--code", "e000")
    assert {line["code"] for line in lines(one)} == {"E000"}


def write_ledger(path: Path, *rows: dict[str, str]) -> None:
    """A ledger of these rows; cells that a row does not name are blank."""
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, GLYPHS.names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def edited(path: Path, **rows: dict[str, str]) -> None:
    """Cells of rows of a ledger, by the code of the row."""
    with path.open(encoding="utf-8", newline="") as source:
        found = list(csv.DictReader(source))
    assert {row["pua"] for row in found} >= rows.keys()
    write_ledger(path, *(row | rows.get(row["pua"], {}) for row in found))


def library(tmp_path: Path, *rows: str) -> tuple[Library, Layer]:
    folder = tmp_path / "mappings" / "jumin" / "package"
    folder.mkdir(parents=True)
    cells = [dict(zip(LEDGER, row.split(","), strict=True)) for row in rows]
    write_ledger(folder / "glyphs.csv", *cells)
    return Library(shipped()), Layer("site", folder, tmp_path)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("E008,,龍,字形一致,,agreed,甲,,乙", None),
        ("E008,MJ026193,,類似,辺,agreed,甲,,乙", None),
        ("E008,,龍,字形一致,,agreed,甲,,甲", "GLY001"),
        ("E008,,龍,字形一致,,agreed,甲,,", "SPC006"),
        ("E008,,龍,,,agreed,甲,,乙", "SPC006"),
        ("E008,,辺,類似,,agreed,甲,,乙", "GLY002"),
        ("E008,,,該当なし,,agreed,甲,,乙", "GLY002"),
        ("E008,,,似ている,,open,,,", "SPC007"),
        ("E008,MJ26193,,,,open,,,", "SPC008"),
        ("4E00,,,,,open,,,", "SPC008"),
    ],
)
def test_a_ledger_row_needs_two_persons_and_a_class(tmp_path: Path, row: str, code: str | None) -> None:
    shelf, layer = library(tmp_path, row)
    diagnostics = Diagnostics()
    declared = load(shelf, "jumin", "package", diagnostics, (layer,))
    assert [d.code for d in diagnostics.items] == ([code] if code else [])
    [glyph] = [glyph for glyph in declared.mapping.glyphs if glyph.pua == "\ue008"]
    # Only what is the same character is written as decided.
    assert code or glyph.written == ("龍" if "字形一致" in row else "辺")


def test_a_dry_run_never_waits_for_glyphs() -> None:
    assert "glyphs" not in limits_for({"glyphs": 0, "rejects": 3}, dry_run=True)
    assert limits_for({}, dry_run=False)["glyphs"] == 0
    assert limits_for({"glyphs": 5}, dry_run=False)["glyphs"] == 5


def test_a_run_counts_open_glyphs_without_a_limit(runs: Path) -> None:
    result = dmig("ledger", "list", "--runs", str(runs))
    assert result.exit_code == 0
    shown = dmig("reject", "list", "--runs", str(runs), "--findings", "--code", "NRM020", "--limit", "1000")
    assert shown.stdout.count("NRM020") == sum(n for code, n in counted()[0].items() if code >= "E008")


def test_the_workbook_carries_counts_and_what_nobody_has_listed(runs: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert dmig("init", str(site), "--name", "見本市", "--code", "990019", "--kind", "city").exit_code == 0
    book = tmp_path / "g.xlsx"
    done = dmig(
        "gaiji", "export", "jumin", "--xlsx", str(book), "--run", "latest", "--runs", str(runs), "--site", str(site)
    )
    assert done.exit_code == 0, done.output
    sheet = openpyxl.load_workbook(book)["glyphs"]
    head = [cell.value for cell in sheet[2]]
    rows = [dict(zip(head, [cell.value for cell in row], strict=True)) for row in sheet.iter_rows(min_row=3)]
    # The site has no rows of its own yet: everything that the run has read stands there as new.
    assert {row["pua"] for row in rows if row["pua"]} == set(counted()[0])
    for row, cells in zip(rows, sheet.iter_rows(min_row=3), strict=True):
        if row["pua"] == "E008":
            for name, text in {"decided": "龍", "class": "字形一致", "state": "agreed", "decided_by": "甲"}.items():
                cells[head.index(name)].value = text
    sheet.parent.save(book)
    refused = dmig("gaiji", "import", "jumin", "--xlsx", str(book), "--site", str(site), "--write")
    assert faults(refused) == ["SPC006"]  # nobody has approved


def test_conflicts_between_operations_are_told(tmp_path: Path) -> None:
    assert dmig("gaiji", "conflicts").exit_code == 0
    copy = tmp_path / "library"
    for name in ("schemas", "mappings"):
        shutil.copytree(shipped() / name, copy / name)
    ledger = copy / "mappings" / "kojin" / "package" / "glyphs.csv"
    edited(ledger, E002={"decided": "高", "substitute": ""})
    result = dmig("gaiji", "conflicts", "--library", str(copy))
    assert result.exit_code == 1
    assert result.stdout.startswith("package E002: ") and "kojin=高" in result.stdout and "jumin=髙" in result.stdout
    assert dmig("gaiji", "status", "--library", str(copy)).stdout.count("package") == 5
    # The same character, but another substitute for systems that know JIS X 0213 only.
    edited(ledger, E002={"decided": "髙", "substitute": "貴"})
    again = dmig("gaiji", "conflicts", "--library", str(copy))
    assert again.exit_code == 1 and "kojin=髙/貴" in again.stdout and "jumin=髙/高" in again.stdout


@pytest.mark.parametrize("form", ["csv", "sqlite"])
def test_names_are_checked_against_the_list_that_the_site_has(tmp_path: Path, form: str) -> None:
    head, rows = (
        ("MJ文字図形名", "実装したUCS", "実装したMoji_JohoコレクションIVS", "住基ネット統一文字コード"),
        [("MJ026193", "", "9089_E011F", "J+BD4A"), ("MJ000001", "U+3400", "", "")],
    )
    path = tmp_path / f"mj.{form}"
    if form == "csv":
        with path.open("w", encoding="utf-8-sig", newline="") as target:
            csv.writer(target).writerows([head, *rows])
    else:
        with sqlite3.connect(path) as connection:
            connection.execute(f"create table mji ({', '.join(f'[{name}] text' for name in head)})")
            connection.executemany("insert into mji values (?, ?, ?, ?)", rows)
        connection.close()
    copy = tmp_path / "library"
    for name in ("schemas", "mappings"):
        shutil.copytree(shipped() / name, copy / name)
    ledger = copy / "mappings" / "jumin" / "package" / "glyphs.csv"
    for decided, juki, code in (
        ("邉\U000e011f", "J+BD4A", ""),
        ("邉", "J+BD4A", "GLY003"),
        ("邉\U000e011f", "J+9089", "GLY011"),
    ):
        edited(ledger, E008={"mj": "MJ026193", "decided": decided, "juki_code": juki})
        result = dmig("gaiji", "check", "jumin", "--mj-list", str(path), "--library", str(copy))
        assert faults(result) == ([code] if code else [])
        assert code or "1 件" in result.stdout
