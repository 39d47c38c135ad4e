"""Rows of the glyph ledger: codes of hosts as keys, one character once, states, and the site's MJ+ list."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from dmig.errors import Diagnostics
from dmig.model.mapping import Glyph
from dmig.spec.files import declaration_files
from dmig.spec.glyphs.rows import GLYPHS
from dmig.spec.library import Library, load, shipped
from dmig.spec.mapping import Layer
from dmig.spec.sheets.books import Names, build_book

FIRST = 0xE000


def write_ledger(path: Path, *rows: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, GLYPHS.names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows({"state": "open"} | row for row in rows)


def ledger(site: Path, *rows: dict[str, str], plus: str = "") -> tuple[dict[str, Glyph], list[str]]:
    """Glyphs of jumin by character, a site's rows over the base, and the codes of all faults."""
    folder = site / "mappings" / "jumin" / "package"
    write_ledger(folder / "glyphs.csv", *rows)
    if plus:
        (site / "glyphs").mkdir()
        (site / "glyphs" / "mj_plus.csv").write_text("glyph,code,substitute,note\n" + plus, encoding="utf-8")
    diagnostics = Diagnostics()
    declared = load(Library(shipped()), "jumin", "package", diagnostics, (Layer("site", folder, site),))
    return {glyph.pua: glyph for glyph in declared.mapping.glyphs}, [fault.code for fault in diagnostics.items]


#: First and last user-defined codes of the old systems with the character by the vendors' linear rules, worked out here:
#: rows of 94 (JEF, KEIS), of 190 (IBM) and of 188 (Windows) codes.
BY_RULE = [
    ("jef", "80A1", FIRST),
    ("jef", "A0FE", FIRST + 33 * 94 - 1),
    ("keis83", "81A1", FIRST),
    ("keis78", "A0FE", FIRST + 32 * 94 - 1),
    ("ibm-930", "6941", FIRST),
    ("ibm-939", "7FFE", FIRST + 23 * 190 - 1),
    ("cp932", "F040", FIRST),
    ("cp932", "F9FC", FIRST + 10 * 188 - 1),
    ("utf-16", "E123", 0xE123),
]


@pytest.mark.parametrize(("encoding", "code", "point"), BY_RULE)
def test_a_row_may_name_its_character_by_the_code_of_the_host(
    tmp_path: Path, encoding: str, code: str, point: int
) -> None:  # fmt: skip
    found, faults = ledger(tmp_path, {"src_encoding": encoding, "src_code": code.lower(), "note": "site"})
    assert faults == []
    assert (found[chr(point)].source, found[chr(point)].note) == (f"{encoding} {code}", "site")


def test_a_site_decides_by_host_code_what_the_base_lists_by_code_point(tmp_path: Path) -> None:
    base, _ = ledger(tmp_path / "none", {"pua": "F8FF"})
    assert base["\ue000"].place.layer == "base"
    found, faults = ledger(tmp_path / "site", {"src_encoding": "jef", "src_code": "80A1", "substitute": "吉"})
    assert faults == []
    assert (found["\ue000"].written, found["\ue000"].settled) == ("吉", False)
    dropped, faults = ledger(tmp_path / "drop", {"pua": "E000", "state": "drop"})
    assert faults == [] and "\ue000" not in dropped and "\ue001" in dropped


DECIDED = {"class": "字形一致", "decided_by": "甲"}
PLUS = "GJ000001,U+100000,辺,\nGJ000002,U+9089,,\n"


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ([{"pua": "E001", "src_encoding": "jef", "src_code": "80A1"}], ["GLY004"]),
        ([{"src_encoding": "jef", "src_code": "B0A2"}], ["GLY004"]),
        ([{"src_encoding": "cp932", "src_code": "88A0"}], ["GLY004"]),
        ([{"src_encoding": "utf-16", "src_code": "4E00"}], ["GLY004"]),
        ([{"src_encoding": "jeff", "src_code": "80A1"}], ["SPC020"]),
        ([{"src_encoding": "jef", "src_code": "80A"}], ["SPC008"]),
        ([{"src_encoding": "jef"}], ["SPC006"]),
        ([{"src_code": "80A1"}], ["SPC006"]),
        ([{}], ["SPC006"]),
        ([{"pua": "E000"}, {"src_encoding": "jef", "src_code": "80A1"}], ["GLY005"]),
        ([{"pua": "E000"}, {"pua": "E000"}], ["SPC014"]),
        ([{"pua": "E100", "state": "decided", "decided_by": "甲"}], ["SPC006"]),
        ([{"pua": "E100", "state": "decided", **DECIDED, "decided": "辺"}], []),
        ([{"pua": "E100", "state": "candidate", "decided": "辺"}], []),
        ([{"pua": "E100", "state": "requested"}], []),
        ([{"pua": "E100", "state": "waiting"}], ["SPC007"]),
        ([{"pua": "E100", "decided_on": "2026-13-01"}], ["SPC048"]),
        ([{"pua": "E100", "juki_code": "J+BD4A", "koseki_no": "204710", "strokes": "17", "dots": "24"}], []),
        ([{"pua": "E100", "juki_code": "BD4A"}], ["SPC008"]),
        ([{"pua": "E100", "substitute": "𠮷"}], ["GLY008"]),
        ([{"pua": "E100", "decided": "\U00100000"}], ["GLY007"]),
        ([{"pua": "E100", "decided": "\ue123"}], ["GLY007"]),
        ([{"pua": "E100", "mj_plus": "GJ000001"}], ["GLY006"]),
    ],
)
def test_faults_of_rows_are_named(tmp_path: Path, rows: list[dict[str, str]], codes: list[str]) -> None:
    assert ledger(tmp_path, *rows)[1] == codes


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        ({"mj_plus": "GJ000001", "decided": "\U00100000"}, []),
        ({"decided": "\U00100000"}, []),
        ({"mj_plus": "GJ000001", "decided": "邉"}, ["GLY006"]),
        ({"mj_plus": "GJ000009"}, ["GLY006"]),
        ({"decided": "\U00100001"}, ["GLY007"]),
        ({"substitute": "\ue000"}, ["GLY007"]),
    ],
)
def test_a_provisional_code_means_something_under_the_loaded_list(
    tmp_path: Path, row: dict[str, str], codes: list[str]
) -> None:  # fmt: skip
    assert ledger(tmp_path, {"pua": "E100", **row}, plus=PLUS)[1] == codes


def test_a_faulty_list_in_the_site_is_a_fault_of_every_run(tmp_path: Path) -> None:
    assert ledger(tmp_path, {"pua": "E100"}, plus="GJ000001,U+E000,,\n")[1] == ["GLY009"]


def test_both_forms_are_kept_of_what_is_the_same_only(tmp_path: Path) -> None:
    agreed = {"state": "agreed", "decided_by": "甲", "approved_by": "乙"}
    found, faults = ledger(
        tmp_path,
        {
            "pua": "E100",
            **agreed,
            "class": "デザイン差",
            "decided": "邉\U000e011f",
            "substitute": "辺",
            "mj": "MJ026193",
        },
        {"pua": "E101", **agreed, "class": "類似", "substitute": "辺"},
        {"pua": "E102", "class": "字形一致", "decided": "邉", "substitute": "辺"},
        {"pua": "E103", **agreed, "class": "字形一致", "decided": "邉"},
    )
    assert faults == []
    told = {
        glyph.pua: (glyph.written, glyph.reduced, glyph.target) for glyph in found.values() if glyph.pua >= "\ue100"
    }
    assert told == {
        "\ue100": ("邉\U000e011f", "辺", "MJ"),
        "\ue101": ("辺", "", ""),
        "\ue102": ("辺", "", "UCS"),
        "\ue103": ("邉", "", "UCS"),
    }


def test_the_list_is_among_the_files_that_an_auditor_is_handed(tmp_path: Path) -> None:
    (tmp_path / "glyphs").mkdir()
    listed = tmp_path / "glyphs" / "mj_plus.csv"
    layer = Layer("site", tmp_path / "mappings" / "jumin" / "package", tmp_path)
    before = declaration_files(Library(shipped()), "jumin", "package", "0.1", (layer,))
    listed.write_text("glyph,code,substitute,note\n" + PLUS, encoding="utf-8")
    after = declaration_files(Library(shipped()), "jumin", "package", "0.1", (layer,))
    assert {name: path for name, path in after.items() if name not in before} == {"site/glyphs/mj_plus.csv": listed}


EARLIER = "pua,mj,decided,class,substitute,state,decided_by,decided_on,approved_by,approved_on,note"


@pytest.mark.parametrize(("head", "codes"), [(EARLIER, []), (EARLIER.replace(",class", ""), ["SPC004"])])
def test_a_ledger_written_before_there_were_these_columns_is_read(tmp_path: Path, head: str, codes: list[str]) -> None:
    folder = tmp_path / "mappings" / "jumin" / "package"
    folder.mkdir(parents=True)
    cells = {"pua": "E123", "substitute": "辺", "state": "open"}
    row = ",".join(cells.get(name, "") for name in head.split(","))
    (folder / "glyphs.csv").write_text(f"{head}\n{row}\n", encoding="utf-8")
    diagnostics, layer = Diagnostics(), Layer("site", folder, tmp_path)
    declared = load(Library(shipped()), "jumin", "package", diagnostics, (layer,))
    assert [fault.code for fault in diagnostics.items] == codes
    [glyph] = [glyph for glyph in declared.mapping.glyphs if glyph.pua == "\ue123"]
    assert (glyph.written, glyph.mj_plus, glyph.source) == ("辺", "", "")
    page = build_book("glyphs", declared, layer, layer, Names((), ())).pages[0] if not codes else None
    assert page is None or tuple(page.own) == GLYPHS.names
