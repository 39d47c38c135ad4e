"""All faults of broken declarations are named at once, each at its file and line, and nothing is read meanwhile."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from e2e_support import call_main, copy_library, deliver, dmig, request_for

from dmig.errors import SpecError
from dmig.pipeline.run import compile_operation

MAPPING = "mappings/jumin/package"
STANDARD = "schemas/standard/jumin/0.1"
LEGACY = "schemas/legacy/package/jumin"


class Break(NamedTuple):
    """One damage: in the line of `file` that begins with `line`, or as a new line after the last."""

    name: str
    file: str
    code: str
    said: str
    line: str = ""
    old: str = ""
    new: str = ""
    append: tuple[str, ...] = ()
    #: Index within `append` of the line that must be named.
    at: int = 0


BREAKS = (
    Break("unknown source item", f"{MAPPING}/juminjoho.csv", "SPC020", "setai_nn", "setaibango,", "setai_no", "setai_nn"),
    Break("unknown converter", f"{MAPPING}/juminjoho.csv", "SPC020", "name_fool", "kyuuji,", "name_full", "name_fool"),
    Break("unknown argument", f"{MAPPING}/juminjoho.csv", "SPC020", "wide", "_katagaki_ran,",
          "fullwidth,,,", "fullwidth,,wide=1,"),
    Break("unknown condition", f"{MAPPING}/juminjoho.csv", "SPC020", "nanimo", "seibetsu,", "seibetsu,1,,",
          "seibetsu,1,nanimo,"),
    Break("unknown code table", f"{MAPPING}/juminjoho.csv", "SPC020", "jumintai", "juminjotai,", "code,,,juminjotai",
          "code,,,jumintai"),
    Break("unknown part", f"{MAPPING}/juminjoho.csv", "SPC020", "day", "idonengappi,", "date,date,", "date,day,"),
    Break("duplicate key", f"{MAPPING}/juminjoho.csv", "SPC014", "kojinrirekibango 1",
          append=("kojinrirekibango,1,,seq,copy,,,,reject,reject,二つ目,",)),
    Break("unknown target", f"{MAPPING}/juminjoho.csv", "SPC020", "shimeii",
          append=("shimeii,1,,kanji_shimei,copy,,,,blank,reject,ない項目,",)),
    Break("cyclic chain", f"{MAPPING}/juminjoho.csv", "SPC034", "_a > _b > _a",
          append=("_a,1,,_b,copy,,,,blank,reject,輪,", "_b,1,,_a,copy,,,,blank,reject,輪,")),
    Break("chain too deep", f"{MAPPING}/juminjoho.csv", "SPC035", "_d4", append=(
        "_d1,1,,banchi,copy,,,,blank,reject,深い,", "_d2,1,,_d1,copy,,,,blank,reject,深い,",
        "_d3,1,,_d2,copy,,,,blank,reject,深い,", "_d4,1,,_d3,copy,,,,blank,reject,深い,"), at=3),
    Break("number of sources", f"{MAPPING}/juminjoho.csv", "SPC032", "2", "atenabango,", "atena_no",
          "atena_no rireki_no"),
    Break("bad number", f"{MAPPING}/juminjoho.csv", "SPC008", "first", "idojiyu,1", "idojiyu,1", "idojiyu,first"),
    Break("bad choice", f"{MAPPING}/juminjoho.csv", "SPC007", "refuse", "tsuzukigarahyoki,", "reject,reject",
          "refuse,reject"),
    Break("missing basis", f"{MAPPING}/juminjoho.csv", "SPC006", "basis", "shimei_furigana,",
          "共通機能標準仕様書 別紙 項目 03100008", ""),
    Break("unknown step", f"{MAPPING}/steps.csv", "SPC020", "exclud", "juminjoho,2,", "exclude", "exclud"),
    Break("unknown step argument", f"{MAPPING}/steps.csv", "SPC020", "why", "juminjoho,1,", "reason=", "why="),
    Break("missing step argument", f"{MAPPING}/steps.csv", "SPC031", "reason", "juminjoho,1,", "reason=", "why="),
    Break("unknown key of a step", f"{MAPPING}/steps.csv", "SPC020", "atena_nn", "juminjoho,4,", "atena_no",
          "atena_nn"),
    Break("unknown test", f"{MAPPING}/conditions.csv", "SPC020", "equals",
          append=("tenshutsu,1,ido_jiyu,equals,11",)),
    Break("unused condition", f"{MAPPING}/conditions.csv", "SPC042", "tenshutsu",
          append=("tenshutsu,1,ido_jiyu,equals,11",)),
    Break("ambiguous code row", f"{MAPPING}/code_tables/seibetsu.csv", "SPC017", "2",
          append=("1,2,,2020-01-01,,agreed,住民課,2026-09-01,重なり",)),
    Break("gap in time", f"{MAPPING}/code_tables/juminjotai.csv", "SPC018", "5", "3,9", "3,9,,", "3,9,,2020-03-31",
          append=("3,9,2020-05-01,,agreed,住民課,2026-09-01,四月がない",)),
    Break("undecided by nobody", f"{MAPPING}/code_tables/idojiyu.csv", "SPC006", "decided_by", "24,",
          "住民課（見本）", ""),
    Break("undisposed source item", f"{LEGACY}/rireki.csv", "SPC044", "rireki.shiranai",
          append=("shiranai,知らない項目,text,,,,personal,",)),
    Break("unknown legacy type", f"{LEGACY}/genzai.csv", "SPC020", "wareki9", "ido_ymd,", "wareki7", "wareki9"),
    Break("unknown rule kind", f"{STANDARD}/rules.csv", "SPC020", "gaples", "JUM001,", "gapless", "gaples"),
    Break("item of a rule", f"{STANDARD}/rules.csv", "SPC020", "seinengapi", "JUM006,", "seinengappi idonengappi",
          "seinengapi idonengappi"),
    Break("rule without engine", f"{STANDARD}/rules.csv", "SPC022", "JUM004", "JUM004,", ",pandera,", ",,"),
    Break("double item", f"{STANDARD}/items.csv", "SPC014", "juminjoho seibetsu", append=(
        ",juminjoho,性別,seibetsu,,,X,1,seibetsu,1,必須,○,,personal,reconstructed,二度目,見本",)),
    Break("bad digits", f"{STANDARD}/items.csv", "SPC008", "one", ",juminjoho,異動年月日", "DATE,10", "DATE,one"),
    Break("unknown code list", f"{STANDARD}/items.csv", "SPC020", "idojiyo", ",juminjoho,異動事由", "X,2,idojiyu",
          "X,2,idojiyo"),
    Break("unknown TOML key", f"{MAPPING}/mapping.toml", "SPC013", "colour", append=('colour = "blue"',)),
    Break("unknown gate", f"{MAPPING}/gates.toml", "SPC013", "rejections", "rejects", "rejects", "rejections"),
    Break("wrong TOML type", f"{LEGACY}/layout.toml", "SPC012", "header", "header = ", "true", '"yes"'),
    Break("total of an unknown table", f"{MAPPING}/totals.csv", "SPC020", "genzay", "JUMT01", "genzai", "genzay"),
    Break("proof of an unknown item", f"{MAPPING}/proofs.csv", "SPC020", "umare_ymdd", "juminjoho,seinengappi", "umare_ymd",
          "umare_ymdd"),
)  # fmt: skip
#: Breaks that cannot stand beside those above, because a file can be broken so only once or the reading ends there.
ALONE = (
    Break("missing required target", f"{MAPPING}/juminjoho.csv", "SPC039", "shimei", "shimei,", "", "\0"),
    Break("unknown column", f"{MAPPING}/juminjoho.csv", "SPC003", "konverter", "target,", "converter", "konverter"),
    Break(
        "unknown column of dispositions",
        f"{MAPPING}/dispositions.csv",
        "SPC003",
        "who",
        "table,item",
        "decided_by",
        "who",
    ),
    Break("missing column", f"{MAPPING}/juminjoho.csv", "SPC004", "converter", "target,", "converter", "konverter"),
    Break("column twice", f"{MAPPING}/steps.csv", "SPC010", "keys", "group,n", "basis", "keys"),
    Break(
        "cells missing", f"{MAPPING}/conditions.csv", "SPC005", "4", "sakujozumi", "sakujo_flg,is,1", "sakujo_flg,is"
    ),
    Break("not UTF-8", f"{MAPPING}/totals.csv", "SPC002", "", "JUMT01", "件数", "\0"),
    Break("other layout version", f"{STANDARD}/layout.toml", "SPC041", "0.2", "version", '"0.1"', '"0.2"'),
)


def find_line(text: str, start: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), start=1) if line.startswith(start))


def apply(library: Path, breaks: tuple[Break, ...]) -> set[tuple[str, int, str, str]]:
    """Damage the library; what must be said: file, line, code, a word of the message."""
    expected = set()
    appended: dict[tuple[str, tuple[str, ...]], int] = {}
    for b in breaks:
        path = library / b.file
        text = path.read_text(encoding="utf-8")
        line = 0
        if b.line:
            line = find_line(text, b.line)
            lines = text.split("\n")
            if b.old:
                assert b.old in lines[line - 1] or b.new in lines[line - 1], b.name
                lines[line - 1] = lines[line - 1].replace(b.old, b.new, 1)
            text = "\n".join(lines)
        if b.append:
            if (b.file, b.append) not in appended:
                appended[b.file, b.append] = text.count("\n") + 1
                text += "\n".join(b.append) + "\n"
            line = appended[b.file, b.append] + b.at
        path.write_text(text, encoding="utf-8")
        expected.add((b.file, line, b.code, b.said))
    return expected


def faults(library: Path, folder: Path) -> list[tuple[str, int, str, dict[str, str]]]:
    with pytest.raises(SpecError) as refused:
        compile_operation(request_for(folder / "no-such-input", folder / "run", library=library))
    return [(d.file, d.line, d.code, dict(d.values)) for d in refused.value.diagnostics]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return copy_library(tmp_path / "library")


def test_every_fault_is_named_at_once_with_file_and_line(library: Path, tmp_path: Path) -> None:
    expected = apply(library, BREAKS)
    assert len(expected) >= 35
    found = faults(library, tmp_path)
    missing = [
        (file, line, code, said)
        for file, line, code, said in sorted(expected)
        if not any((file, line, code) == f[:3] and said in " ".join(f[3].values()) for f in found)
    ]
    assert missing == []
    assert len(found) == len({(*f[:3], str(f[3])) for f in found})
    broken = {(file, line) for file, line, _, _ in expected}
    strange = [f for f in found if f[:2] not in broken]
    assert strange == [f for f in strange if is_consequence(f)]
    assert not (tmp_path / "run").exists()


def is_consequence(fault: tuple[str, int, str, dict[str, str]]) -> bool:
    """What the damage makes wrong elsewhere: things that nobody uses any more, and parts of a broken chain."""
    return fault[2] in ("SPC042", "SPC044", "SPC039", "SPC035", "SPC034", "SPC033", "SPC020", "SPC045", "SPC046")


@pytest.mark.parametrize("broken", BREAKS, ids=lambda b: b.name)
def test_each_fault_alone_is_named_and_little_else(library: Path, tmp_path: Path, broken: Break) -> None:
    """In a library that is whole but for this, the fault is found, and no other line is blamed for nothing."""
    [(file, line, code, said)] = apply(library, (broken,))
    found = faults(library, tmp_path)
    assert any((file, line, code) == f[:3] and said in " ".join(f[3].values()) for f in found), found
    # A code list that is not there makes each row of the tables that lead to it a fault of its own.
    assert len([f for f in found if f[3].get("what") != "code of idojiyo"]) <= 6, found


def drop_line(library: Path, b: Break) -> int:
    path = library / b.file
    lines = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join(line for line in lines if not line.startswith(b.line)), encoding="utf-8")
    return 0


def not_utf8(library: Path, b: Break) -> int:
    path = library / b.file
    content = path.read_bytes().replace(b.old.encode(), b.old.encode("cp932"), 1)
    path.write_bytes(content)
    return find_line(content.decode("utf-8", errors="replace"), b.line)


SPECIAL: dict[str, Callable[[Path, Break], int]] = {"missing required target": drop_line, "not UTF-8": not_utf8}


@pytest.mark.parametrize("broken", ALONE, ids=lambda b: b.name)
def test_faults_that_stand_alone(library: Path, tmp_path: Path, broken: Break) -> None:
    if broken.name in SPECIAL:
        file, line, code, said = broken.file, SPECIAL[broken.name](library, broken), broken.code, broken.said
    else:
        [(file, line, code, said)] = apply(library, (broken,))
    found = faults(library, tmp_path)
    if broken.code == "SPC041":
        file, line = f"{MAPPING}/mapping.toml", found[0][1]
    assert any((file, line, code) == f[:3] and said in " ".join(f[3].values()) for f in found), found


def test_missing_files_are_named(library: Path, tmp_path: Path) -> None:
    gone = [f"{MAPPING}/steps.csv", f"{MAPPING}/gates.toml", f"{LEGACY}/genzai.csv", f"{STANDARD}/rules.csv"]
    for file in gone:
        (library / file).unlink()
    (library / MAPPING / "juminjohoo.csv").write_text("target\n", encoding="utf-8")
    found = faults(library, tmp_path)
    for file in gone:
        assert (file, 0, "SPC001") in [f[:3] for f in found]
    assert (f"{MAPPING}/juminjohoo.csv", 0, "SPC016") in [f[:3] for f in found]


def test_the_whole_library_compiles(library: Path, tmp_path: Path) -> None:
    """The tests above can fail: without damage nothing is found."""
    plan = compile_operation(request_for(tmp_path, tmp_path / "run", library=library))
    assert plan.operation == "jumin"


def test_same_declarations_elsewhere_give_the_same_plan_and_a_changed_cell_another(tmp_path: Path) -> None:
    def plan_hash(library: Path) -> str:
        return compile_operation(request_for(tmp_path, tmp_path / "run", library=library)).plan_hash

    one, other = copy_library(tmp_path / "one"), copy_library(tmp_path / "deep" / "other")
    assert plan_hash(one) == plan_hash(other)
    seen = {plan_hash(one)}
    for number, (file, start, old, new) in enumerate(
        (
            (f"{MAPPING}/code_tables/seibetsu.csv", "9,0", "9,0", "9,1"),
            (f"{MAPPING}/juminjoho.csv", "shimei_furigana", "blank,reject", "reject,reject"),
            (f"{STANDARD}/rules.csv", "JUM002", "count=1", "count=2"),
            (f"{LEGACY}/layout.toml", "max_record_bytes", "65536", "65537"),
            (f"{MAPPING}/gates.toml", "rejects", "= 0", "= 1"),
        )
    ):
        changed = copy_library(tmp_path / str(number))
        path = changed / file
        text = path.read_text(encoding="utf-8").split("\n")
        at = find_line("\n".join(text), start) - 1
        assert old in text[at]
        text[at] = text[at].replace(old, new)
        path.write_text("\n".join(text), encoding="utf-8")
        seen.add(plan_hash(changed))
    assert len(seen) == 6


def test_command_line_refuses_with_3_and_reads_nothing(
    library: Path, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    expected = apply(library, BREAKS)
    for command in (("run", "jumin", "--dry-run", "--input", tmp_path / "no-such-input"), ("check", "jumin")):
        asked = (*command, "--library", library, *(("--runs", tmp_path / "runs") if command[0] == "run" else ()))
        code, out, err = call_main(monkeypatch, capsys, *asked)
        assert code == 3
        assert "ok" not in out
        for file, line, name, _ in expected:
            assert f"{file}:{line}: {name} " in err
    runs = tmp_path / "runs"
    assert not runs.exists() or list(runs.iterdir()) == []


def test_one_broken_row_through_the_console_script(tmp_path: Path) -> None:
    library = copy_library(tmp_path / "library")
    [(file, line, code, _)] = apply(library, (BREAKS[1],))
    delivery = deliver(tmp_path / "city", 50, 1)
    asked = ("run", "jumin", "--dry-run", "--library", library, "--input", delivery.inputs, "--runs", "runs", "--json")
    refused = dmig(*asked, cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (3, b"")
    said = refused.stderr.decode()
    assert said.startswith(f"{file}:{line}: {code} ")
    assert "name_fool" in said
    assert len(said.strip().split("\n")) <= 6
    assert not (tmp_path / "runs").exists() or list((tmp_path / "runs").iterdir()) == []
    apply_back = (library / file).read_text(encoding="utf-8").replace("name_fool", "name_full")
    (library / file).write_text(apply_back, encoding="utf-8")
    mended = dmig(*asked, cwd=tmp_path)
    assert mended.returncode == 0
    assert json.loads(mended.stdout)["status"] == "pass"


#: What the fuzz puts into a cell or behind a key.
CELLS = ("", "x", "=", "{", "a b", "*", "１", "-1", '"', "2020-13-45")
KEYS = ("1", '"x"', '""', "true", "[]", "[1]", "{}", "-5")


def damaged(line: str, toml: bool, draw: random.Random) -> str:
    if toml:
        return f"{line.split('=')[0]}= {draw.choice(KEYS)}" if "=" in line else ""
    cells = line.split(",")
    cells[draw.randrange(len(cells))] = draw.choice(CELLS)
    return ",".join(cells)


@pytest.mark.parametrize("seed", range(4))
def test_any_small_damage_compiles_or_is_a_diagnostic(tmp_path: Path, seed: int) -> None:
    """Never another exception: a broken declaration is never a fault of the program."""
    library, draw, refused = copy_library(tmp_path / "library"), random.Random(seed), 0
    own = [path for path in sorted(library.rglob("*")) if "jumin" in path.parts]
    files = [path for path in own if path.suffix in (".csv", ".toml")]
    for _ in range(40):
        path = draw.choice([file for file in files if "examples" not in file.parts])
        whole = path.read_text(encoding="utf-8")
        lines = whole.split("\n")
        at = draw.randrange(len(lines) - 1)
        lines[at] = damaged(lines[at], path.suffix == ".toml", draw)
        path.write_text("\n".join(lines), encoding="utf-8")
        try:
            compile_operation(request_for(tmp_path, tmp_path / "run", library=library))
        except SpecError as error:
            refused += 1
            assert error.diagnostics
            assert all(d.file and d.line >= 0 for d in error.diagnostics)
        path.write_text(whole, encoding="utf-8")
    assert refused > 8


def diagnosed(library: Path, tmp_path: Path) -> list[tuple[str, int, str]]:
    return [fault[:3] for fault in faults(library, tmp_path)]


@pytest.mark.parametrize("damage", ["not UTF-8", "no standard column", "empty"])
def test_a_code_table_that_cannot_be_read_is_a_diagnostic(tmp_path: Path, damage: str) -> None:
    library = copy_library(tmp_path / "library")
    path = library / MAPPING / "code_tables" / "juminjotai.csv"
    text = path.read_text(encoding="utf-8")
    path.write_bytes(
        {
            "not UTF-8": text.encode("cp932"),
            "no standard column": re.sub(r"(?m)^(\w+),\w+,", r"\1,", text).encode(),
            "empty": b"",
        }[damage]
    )
    code = {"not UTF-8": "SPC002", "no standard column": "SPC004", "empty": "SPC001"}[damage]
    found = diagnosed(library, tmp_path)
    assert (f"{MAPPING}/code_tables/juminjotai.csv", code) in {(file, name) for file, _, name in found}


def test_a_syntax_fault_of_a_toml_header_has_its_line(tmp_path: Path) -> None:
    library = copy_library(tmp_path / "library")
    path = library / MAPPING / "gates.toml"
    lines = path.read_text(encoding="utf-8").split("\n")
    at = next(number for number, line in enumerate(lines) if line.startswith("cascades"))
    lines[at] = "cascades = none"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert (f"{MAPPING}/gates.toml", at + 1, "SPC011") in diagnosed(library, tmp_path)


#: File, start of the line, what stands there, what is put there instead, why it must not compile.
NONSENSE = (
    (f"{MAPPING}/code_tables/seibetsu.csv", "2,2", "2,2,", "2,7,", "a standard code that the code list does not have"),
    (f"{MAPPING}/code_tables/zokugara.csv", "孫", "20,20", "20,77", "a second code that the code list does not have"),
    (f"{MAPPING}/code_tables/seibetsu.csv", "9,0", "9,0,,,", "9,0,,2020-13-45,", "a period that begins on no day"),
    (f"{MAPPING}/code_tables/idojiyu.csv", "11,20", "2026-09-01", "September", "a decision on no day"),
    ("schemas/standard/jumin/0.1/codes.csv", "umu,有無,1", "有,,", "有,x,", "a code valid from no day"),
    (f"{MAPPING}/proofs.csv", "juminjoho,seinengappi", "date_wareki7", "date_wareki9", "a signature that is not there"),
    (f"{MAPPING}/mapping.toml", "operation", "jumin", "jumim", "the header of another mapping"),
    ("schemas/legacy/package/jumin/layout.toml", "file = ", "JUKI_GENZAI.csv", "", "a table without a file"),
    ("schemas/standard/jumin/0.1/layout.toml", "file_name", "{name}", "{nam}", "a place that no name fills"),
    ("schemas/standard/jumin/0.1/layout.toml", "unit = ", "atenabango", "atenabang", "a unit that is no item"),
)


@pytest.mark.parametrize("nonsense", NONSENSE, ids=lambda n: n[4])
def test_nonsense_does_not_compile(tmp_path: Path, nonsense: tuple[str, str, str, str, str]) -> None:
    """Today each compiles; some end later with exit 70 (signature, file name), some only in rejects or not at all."""
    file, start, old, new, _ = nonsense
    library = copy_library(tmp_path / "library")
    path = library / file
    lines = path.read_text(encoding="utf-8").split("\n")
    at = next(number for number, line in enumerate(lines) if line.startswith(start))
    assert old in lines[at]
    lines[at] = lines[at].replace(old, new, 1)
    path.write_text("\n".join(lines), encoding="utf-8")
    assert (file, at + 1) in {(name, line) for name, line, _ in diagnosed(library, tmp_path)}
