"""What staff change in a workbook: shown row by row, compiled first, written only when asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sheets_support import ROOT, at, desk, edit, exported, library, set_text

from dmig.cli.sheet import command
from dmig.errors import SpecError, UsageFault
from dmig.pipeline.sheets import book_of, export_sheet, import_sheet, open_codes
from dmig.spec.formatting import unformatted
from dmig.spec.sheets.books import CANDIDATES, COUNT
from dmig.spec.sheets.nouns import HEAD_ROWS

IDOJIYU = "mappings/jumin/package/code_tables/idojiyu.csv"
JOHO = "mappings/jumin/package/juminjoho.csv"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return library(tmp_path / "library")


def shown(root: Path, kind: str, *, write: bool = False) -> tuple[list[str], list[str]]:
    found, files = import_sheet(desk(root), kind, root / f"{kind}.xlsx", write=write)
    return [change.render() for change in found], files


def line_of(root: Path, file: str, start: str) -> int:
    lines = (root / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if line.startswith(start))


def test_a_changed_cell_is_shown_and_written_only_when_asked(root: Path) -> None:
    exported(root, "mapping")
    line = line_of(root, JOHO, "seinengappi,")
    set_text(root / "mapping.xlsx", root, "mapping", "juminjoho", line, "note", "一行目\n二行目")
    before = (root / JOHO).read_bytes()
    was = before.decode().splitlines()[line - 1].rsplit(",", 1)[1] or "(blank)"
    expected = [f"{JOHO}:{line}: ~ seinengappi 1  note: {was} -> 一行目\\n二行目"]
    assert shown(root, "mapping") == (expected, [JOHO])
    assert (root / JOHO).read_bytes() == before
    assert shown(root, "mapping", write=True) == (expected, [JOHO])
    after = (root / JOHO).read_text(encoding="utf-8").splitlines()
    assert after[line - 1].endswith(",一行目\\n二行目")
    assert [n for n, pair in enumerate(zip(before.decode().splitlines(), after, strict=True), 1)
            if pair[0] != pair[1]] == [line]  # fmt: skip
    assert unformatted(root / "mappings/jumin/package", desk(root).declared.layout) == []
    with pytest.raises(SpecError) as raised:  # the workbook is one of the file before
        shown(root, "mapping")
    assert [fault.code for fault in raised.value.diagnostics] == ["SHT012"]


def test_rows_are_added_behind_the_one_above_and_removed_when_blanked(root: Path) -> None:
    book, path = book_of(desk(root), "code-tables"), exported(root, "code-tables")
    page = next(page for page in book.pages if page.title == "idojiyu")
    gone = line_of(root, IDOJIYU, "88,")
    blanked, _ = at(book, "idojiyu", gone, "legacy_1")
    spare = HEAD_ROWS + len(page.rows) + 3
    new = {"legacy_1": "089", "idojiyu": "10", "state": "agreed", "decided_by": "住民課", "decided_on": "2026-11-01"}

    def change(made: Any) -> None:
        for number, column in enumerate(page.columns, start=1):
            if column.own:
                made["idojiyu"].cell(blanked, number).value = None
            if column.name in new:
                made["idojiyu"].cell(spare, number).value = new[column.name]

    edit(path, change)
    lines, files = shown(root, "code-tables", write=True)
    assert files == [IDOJIYU]
    assert lines[0] == f"{IDOJIYU}:{gone}: - 88"
    written = (root / IDOJIYU).read_text(encoding="utf-8").splitlines()
    assert lines[1:] == [f"{IDOJIYU}:{len(written)}: + 089"]
    assert written[-1].startswith("089,10,")
    assert not [line for line in written if line.startswith("88,")]


def test_what_does_not_compile_is_not_written(root: Path) -> None:
    exported(root, "mapping")
    line = line_of(root, JOHO, "seinengappi,")
    set_text(root / "mapping.xlsx", root, "mapping", "juminjoho", line, "converter", "no_such_converter")
    before = (root / JOHO).read_bytes()
    with pytest.raises(SpecError) as raised:
        shown(root, "mapping", write=True)
    assert (JOHO, line, "SPC020") in [(fault.file, fault.line, fault.code) for fault in raised.value.diagnostics]
    assert (root / JOHO).read_bytes() == before


def test_a_file_that_is_not_in_canonical_form_is_a_difference_too(root: Path) -> None:
    file = root / "mappings/jumin/package/conditions.csv"
    before = file.read_bytes()
    file.write_bytes(before.replace(b"\n", b"\r\n"))
    exported(root, "conditions")
    assert shown(root, "conditions", write=True) == ([], ["mappings/jumin/package/conditions.csv"])
    assert file.read_bytes() == before


def test_order_in_the_workbook_does_not_matter(root: Path) -> None:
    path = exported(root, "conditions")

    def change(made: Any) -> None:
        sheet = made["conditions"]
        for number in range(1, sheet.max_column + 1):
            one, other = sheet.cell(HEAD_ROWS + 1, number), sheet.cell(HEAD_ROWS + 2, number)
            one.value, other.value = other.value, one.value

    edit(path, change)
    assert shown(root, "conditions") == ([], [])


def invoke(*words: str) -> Result:
    return CliRunner().invoke(command, list(words))


def test_exit_codes_of_the_command(root: Path) -> None:
    book = str(root / "conditions.xlsx")
    at_root = ["conditions", "jumin", "--xlsx", book, "--library", str(root)]
    assert invoke("export", *at_root).exit_code == 0
    assert invoke("import", *at_root).exit_code == 0
    set_text(Path(book), root, "conditions", "conditions", 2, "values", "1|9")
    told = invoke("import", *at_root)
    assert (told.exit_code, "values: 1 -> 1|9" in told.output) == (1, True)
    assert invoke("import", *at_root, "--write").exit_code == 0
    assert invoke("export", *at_root).exit_code == 0
    assert invoke("import", *at_root).exit_code == 0
    assert isinstance(invoke("import", "conditions", "jutogai", *at_root[2:]).exception, SpecError)
    assert isinstance(invoke("export", "conditions", "nothing", *at_root[2:]).exception, UsageFault)


def a_site(folder: Path) -> Path:
    folder.mkdir()
    text = 'name = "見本市"\ncode = "000000"\nkind = "city"\n\n[operations.jumin]\n'
    text += 'system = "package"\nmapping_version = "0.1"\ninput = "input"\n'
    (folder / "dmig.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_sites_rows_are_its_own(root: Path, tmp_path: Path) -> None:
    site = a_site(tmp_path / "site")
    owner = desk(root, site=site)
    book = book_of(owner, "code-tables")
    page = next(page for page in book.pages if page.title == "idojiyu")
    assert (page.rows, page.sha256) == ((), "")
    path = tmp_path / "site.xlsx"
    export_sheet(owner, "code-tables", path, None, tmp_path / "runs")
    new = {"legacy_1": "88", "state": "drop"}

    def change(made: Any) -> None:
        for number, column in enumerate(page.columns, start=1):
            if column.name in new:
                made["idojiyu"].cell(HEAD_ROWS + 1, number).value = new[column.name]

    edit(path, change)
    found, files = import_sheet(owner, "code-tables", path, write=True)
    assert files == [IDOJIYU]
    assert [entry.render() for entry in found] == [f"{IDOJIYU}:2: + 88"]
    assert (site / IDOJIYU).read_text(encoding="utf-8").splitlines()[1].startswith("88,")
    assert desk(root, site=site).declared.mapping.code_tables["idojiyu"].rows
    with pytest.raises(SpecError) as raised:  # a workbook of the site is none of the base
        import_sheet(desk(root), "code-tables", path, write=False)
    assert {fault.code for fault in raised.value.diagnostics} == {"SHT011"}


def a_result(**changes: object) -> dict[str, Any]:
    pair = {"target": "10", "agreed": False}
    code = {"code_table": "idojiyu:idojiyu", "pairs": [{**pair, "sources": ["88"], "count": 12},
                                                      {**pair, "sources": ["88"], "target": "", "count": "<10"},
                                                      {**pair, "sources": ["01"], "count": 99}]}  # fmt: skip
    return {"operation": "jumin", "system": "package", "causes": [], "reconciliation": {"codes": [code]}, **changes}


def cause(records: int | None, table: str = "genzai") -> dict[str, Any]:
    return {"code": "CNV091", "group": "juminjoho", "target_item": "idojiyu", "table": table, "source_item": "ido_jiyu",
            "records": records}  # fmt: skip


@pytest.mark.parametrize(
    ("result", "candidates", "count"),
    [
        (a_result(), "10 (12)", "12+"),
        (a_result(reconciliation={"codes": []}, causes=[cause(1234)]), "", "1,234"),
        (a_result(reconciliation={"codes": []}, causes=[cause(None)]), "", "<10"),
        (a_result(reconciliation={"codes": []}, causes=[cause(20), cause(None, "rireki")]), "", "20+"),
        (a_result(reconciliation={"codes": []}), "", ""),
    ],
)
def test_open_codes_have_candidates_and_folded_counts(result: dict[str, Any], candidates: str, count: str) -> None:
    source = desk(ROOT)
    counts = open_codes(source.declared, result)
    page = next(page for page in book_of(source, "code-tables", counts).pages if page.title == "idojiyu")
    told = {row.cells["legacy_1"]: (row.cells[CANDIDATES], row.cells[COUNT]) for row in page.rows}
    assert told["88"][1] == count
    assert told["88"][0] == candidates or (not candidates and " / " in told["88"][0])
    assert told["01"] == ("", "")


def test_a_run_of_another_operation_tells_nothing() -> None:
    with pytest.raises(UsageFault):
        open_codes(desk(ROOT).declared, json.loads(json.dumps(a_result(operation="jutogai"))))


def test_decided_codes_have_no_candidates() -> None:
    counts = {"idojiyu": {("01",): ("10 (12)", "12"), ("88",): ("10 (12)", "12")}}
    page = next(page for page in book_of(desk(ROOT), "code-tables", counts).pages if page.title == "idojiyu")
    assert [row.cells["legacy_1"] for row in page.rows if row.cells[COUNT] or row.cells[CANDIDATES]] == ["88"]


def test_a_new_mapping_row_gets_its_place_in_the_layout(root: Path) -> None:
    book, path = book_of(desk(root), "mapping"), exported(root, "mapping")
    page = next(page for page in book.pages if page.title == "juminjoho")
    first = next(row for row in page.rows if row.cells["target"] == "seinengappi")
    new = {name: first.cells[name] for name in page.own} | {"order": "2"}

    def change(made: Any) -> None:
        for number, column in enumerate(page.columns, start=1):
            if column.own and new[column.name]:
                made["juminjoho"].cell(HEAD_ROWS + len(page.rows) + 1, number).value = new[column.name]

    edit(path, change)
    found, _ = import_sheet(desk(root), "mapping", path, write=True)
    assert [entry.render() for entry in found] == [f"{JOHO}:{first.line + 1}: + seinengappi 2"]
    assert (root / JOHO).read_text(encoding="utf-8").splitlines()[first.line].startswith("seinengappi,2,")
    assert unformatted(root / "mappings/jumin/package", desk(root).declared.layout) == []
