"""A later version of a layout is a folder of rows: what it changes is listed, and CSV alone is enough to follow."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dmig.errors import SpecError
from dmig.pipeline.layouts import diff_versions
from dmig.pipeline.run import Request, compile_operation
from dmig.plan.layout_diff import Change
from dmig.plan.nouns import Plan
from dmig.spec.files import declaration_files
from dmig.spec.library import Library, shipped

ITEMS = (
    "official_id,group,name,romaji,primary_key,foreign_key,type,digits,code,repeat,requirement,must_output,"
    "unknown_date,sensitivity,status,definition,source"
)
CODES = "code,name,value,label,valid_from,valid_to,source"
RULES = "rule,group,kind,items,args,scope,outcome,engines,basis,advice_staff,advice_engineer"
PARAMETERS = "name,from,to,value,basis"
#: Rows of the new version by file: an item of each kind, a code value, a rate from a year on, a rule taken away.
OPTIONAL = ",kintowari,減免額,genmengaku,,,9,11,,1,任意,,,personal,sample,,試験"
REQUIRED = ",kintowari,減免区分,genmenkubun,,,X,1,umu,1,必須,○,,none,sample,,試験"
CHANGED = ",kintowari,均等割額,kintowarigaku,,,9,9,,1,必須,○,,personal,sample,桁が減った,試験"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library with `rei` and a version 0.2 of its layout that changes nothing yet."""
    root = shipped()
    for folder in ("schemas/standard/rei/0.1", "schemas/legacy/package/rei", "mappings/rei/package"):
        shutil.copytree(root / folder, tmp_path / folder)
    new = tmp_path / "schemas/standard/rei/0.2"
    new.mkdir()
    header = (new.parent / "0.1" / "layout.toml").read_text(encoding="utf-8")
    (new / "layout.toml").write_text(header.replace('version = "0.1"', 'version = "0.2"\nbase = "0.1"'), "utf-8")
    return tmp_path


def lay(library: Path, file: str, header: str, *rows: str) -> None:
    (library / "schemas/standard/rei/0.2" / file).write_text("\n".join([header, *rows, ""]), encoding="utf-8")


def follow(library: Path) -> Plan:
    """The mapping, moved to the new version."""
    toml = library / "mappings/rei/package/mapping.toml"
    toml.write_text(
        toml.read_text(encoding="utf-8").replace('layout_version = "0.1"', 'layout_version = "0.2"'), "utf-8"
    )
    return compile_operation(Request(Library(library), "rei", "package", library / "given", library / "run"))


def changes(library: Path) -> list[Change]:
    return diff_versions(library, "rei/0.1", "rei/0.2", "package")


def test_a_version_that_changes_nothing_is_the_same_layout(library: Path) -> None:
    assert changes(library) == []
    before = compile_operation(Request(Library(shipped()), "rei", "package", Path(), Path())).layout
    after = follow(library).layout
    assert replace(after, version=before.version) == before


def test_a_new_code_a_rate_an_item_and_a_rule_less_are_listed_with_what_they_touch(library: Path) -> None:
    lay(library, "items.csv", ITEMS, OPTIONAL, CHANGED)
    lay(library, "codes.csv", CODES, "umu,有無,9,不明,,,試験")
    lay(
        library, "parameters.csv", PARAMETERS, "shinrinkankyozei,2024,2029,1000,試験", "shinrinkankyozei,2030,,900,試験"
    )
    lay(library, "rules.csv", RULES, "REI001,rireki_togo,drop,,,,,,,,")
    found = {(change.what, change.name): change for change in changes(library)}
    told = {key: (change.change, change.fields) for key, change in found.items()}
    assert told == {
        ("item", "kintowari.genmengaku"): ("added", ()),
        ("item", "kintowari.kintowarigaku"): ("changed", ("max_chars",)),
        ("code", "umu 9"): ("added", ()),
        ("rule", "REI001"): ("removed", ()),
        ("parameter", "shinrinkankyozei 2024"): ("changed", ("valid_to",)),
        ("parameter", "shinrinkankyozei 2030"): ("added", ()),
    }
    row = next(
        n for n, line in enumerate((library / "mappings/rei/package/kintowari.csv").read_text("utf-8").splitlines(), 1)
        if line.startswith("kintowarigaku,")
    )  # fmt: skip
    changed = found["item", "kintowari.kintowarigaku"].touches
    assert f"mappings/rei/package/kintowari.csv:{row}" in changed
    assert "suites/kintowari.json" in changed
    rates = found["parameter", "shinrinkankyozei 2030"].touches
    assert any(name.startswith("mappings/rei/package/kintowari.csv:") for name in rates)
    assert not any(change.stops for change in found.values())
    layout = follow(library).layout
    group = layout.group("kintowari")
    assert group is not None
    assert [item.item for item in group.items][-1] == "genmengaku"
    assert [(p.valid_from, p.value) for p in layout.parameters] == [("", "0"), ("2024", "1000"), ("2030", "900")]
    assert "9" in {value.value for value in layout.codes["umu"]}
    assert "REI001" not in {rule.rule for rule in layout.rules}


def test_a_new_required_item_without_a_row_stops_every_run(library: Path) -> None:
    lay(library, "items.csv", ITEMS, REQUIRED)
    [change] = changes(library)
    assert (change.name, change.stops) == ("kintowari.genmenkubun", True)
    with pytest.raises(SpecError) as refused:
        follow(library)
    assert [(d.file, d.code) for d in refused.value.diagnostics] == [("mappings/rei/package/kintowari.csv", "SPC039")]


def test_faults_of_a_version_are_named_in_its_own_file(library: Path) -> None:
    lay(library, "rules.csv", RULES, "REI999,kintowari,required,nothing,,record,finding,pandera,試験,確認する,")
    lay(library, "codes.csv", CODES, "umu,有無,7,drop,,,試験")
    with pytest.raises(SpecError) as refused:
        follow(library)
    found = {(d.file, d.line, d.code) for d in refused.value.diagnostics}
    folder = "schemas/standard/rei/0.2"
    assert found == {(f"{folder}/rules.csv", 2, "SPC020"), (f"{folder}/codes.csv", 2, "SPC015")}


def test_a_base_that_is_not_there_or_goes_round_is_refused(library: Path) -> None:
    header = library / "schemas/standard/rei/0.2/layout.toml"
    text = header.read_text(encoding="utf-8")
    for base in ("0.9", "0.2"):
        header.write_text(text.replace('base = "0.1"', f'base = "{base}"'), encoding="utf-8")
        with pytest.raises(SpecError) as refused:
            changes(library)
        assert "SPC020" in {d.code for d in refused.value.diagnostics}


def test_the_files_of_both_versions_belong_to_the_plan(library: Path) -> None:
    lay(library, "codes.csv", CODES, "umu,有無,9,不明,,,試験")
    files = set(declaration_files(Library(library), "rei", "package", "0.2"))
    assert {"schemas/standard/rei/0.1/items.csv", "schemas/standard/rei/0.2/codes.csv"} <= files
