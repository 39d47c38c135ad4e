"""Suites come from layouts and rules, cover every rule that names gx, and are believed only while they are fresh."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from functools import cache
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dmig.errors import Diagnostics, SpecError
from dmig.model.layout import (
    CodeValue,
    Group,
    Outcome,
    Requirement,
    Rule,
    Scope,
    Sensitivity,
    StandardItem,
    StandardLayout,
    StandardType,
)
from dmig.pipeline.suites import shipped_suites, stale_suites, suite_texts, suites_folder, write_suites
from dmig.plan.rules import check_rules, group_rules
from dmig.spec.library import Library, load, shipped
from dmig.stages.accept import canonical, expectations, suite
from dmig.stages.accept.patterns import cell_pattern, joined_pattern
from dmig.stages.check.forms import rule_expr

OPERATIONS = ("jumin", "jutogai", "kaigo", "kojin", "jidoteate", "rei")
#: Characters that decide something in one of the forms.
SIGNS = "019-:/.,aZ あﾃ\u3000\n\x1f\x7f\u180b\ufe00\U000e0100𠮷é"


def layout_of(operation: str, library: Library | None = None) -> StandardLayout:
    diagnostics = Diagnostics()
    found = load(library or Library(shipped()), operation, "package", diagnostics).layout
    diagnostics.stop_if_any()
    return found


@pytest.mark.parametrize("operation", OPERATIONS)
def test_shipped_suites_are_what_the_layout_gives_now(operation: str) -> None:
    assert stale_suites(Library(shipped()), layout_of(operation)) == [], f"run dmig suite build {operation}"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_rule_that_names_gx_is_covered_and_a_group_stays_readable(operation: str) -> None:
    layout = layout_of(operation)
    suites = shipped_suites(Library(shipped()), layout)
    for group in layout.groups:
        found = suites[group.group]
        wanted = {rule.rule for rule in group_rules(layout, group) if "gx" in rule.engines}
        covered = {rule for one in found for rule in one.rules}
        assert len(wanted) >= 2 * len(group.items)
        assert covered == wanted | {f"{group.group}.columns", f"{group.group}.rows"}
        assert len(found) <= 80
        assert all(one.rules for one in found)
        assert {item for one in found for item in one.items} == {item.name for item in group.items}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_pattern_is_one_that_pandas_gives_to_arrow(operation: str) -> None:
    """Python's own engine is slow, and its `$` forgives a line feed at the end."""
    import pandas as pd

    texts = pd.Series(["1", "1\n"])
    patterns = {
        one.kwargs["regex"]
        for found in shipped_suites(Library(shipped()), layout_of(operation)).values()
        for one in found
        if "regex" in one.kwargs
    }
    assert len(patterns) > 10
    assert texts.array._needs_python_regex("^1$")
    assert [pattern for pattern in patterns if texts.array._needs_python_regex(pattern)] == []
    for pattern in patterns:
        assert texts.str.contains(pattern).tolist() == [bool(re.search(pattern, text)) for text in texts], pattern


def test_a_suite_is_the_same_after_its_file() -> None:
    layout = layout_of("jumin")
    for group in layout.groups:
        found = suite(layout, group, group_rules(layout, group))
        text = canonical(found)
        assert json.loads(text) == found
        assert expectations(json.loads(text)) == expectations(found)
        assert not re.search("[\ufe00\u180b\U000e0100]", text), "a reader could not see these"


def own_library(folder: Path) -> tuple[Library, StandardLayout, Path]:
    for name in ("schemas", "mappings"):
        shutil.copytree(shipped() / name, folder / name)
    library = Library(folder)
    layout = layout_of("jutogai", library)
    return library, layout, suites_folder(library, layout) / "jutogaikihon.json"


def without_one(text: str) -> str:
    found = json.loads(text)
    del found["expectations"][5]
    return canonical(found)


CHANGES = {
    "an expectation deleted": without_one,
    "a pattern loosened": lambda text: text.replace("{1,15}", "{1,99}", 1),
    "a rule taken out": lambda text: text.replace('"jutogaikihon.atenabango.required",', "", 1),
    "a blank at the end": lambda text: text + "\n",
    "emptied": lambda text: "",
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_altered_suite_is_refused_and_built_again(tmp_path: Path, change: str) -> None:
    library, layout, path = own_library(tmp_path)
    before = path.read_text(encoding="utf-8")
    assert CHANGES[change](before) != before
    path.write_text(CHANGES[change](before), encoding="utf-8")
    with pytest.raises(SpecError) as refused:
        shipped_suites(library, layout)
    [fault] = refused.value.diagnostics
    assert (fault.code, fault.file) == ("SPC060", path.relative_to(tmp_path).as_posix())
    assert write_suites(library, layout) == [path]
    assert path.read_text(encoding="utf-8") == before
    assert write_suites(library, layout) == []


def test_a_missing_file_and_one_of_no_group_are_refused(tmp_path: Path) -> None:
    library, layout, path = own_library(tmp_path)
    path.rename(path.with_name("kyu.json"))
    with pytest.raises(SpecError) as refused:
        shipped_suites(library, layout)
    assert [Path(fault.file).name for fault in refused.value.diagnostics] == ["jutogaikihon.json", "kyu.json"]
    write_suites(library, layout)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_renamed_or_shortened_item_makes_the_suite_stale(tmp_path: Path) -> None:
    library, layout, path = own_library(tmp_path)
    items = library.root / "schemas/standard/jutogai/1.0/items.csv"
    text = items.read_text(encoding="utf-8")
    for old, new in ((",宛名番号,", ",宛名の番号,"), (",shimei,,,N,100,", ",shimei,,,N,99,")):
        assert old in text
        items.write_text(text.replace(old, new, 1), encoding="utf-8")
        assert stale_suites(library, layout_of("jutogai", library)) == [path]
    items.write_text(text, encoding="utf-8")
    assert stale_suites(library, layout) == []


def item(kind: StandardType, digits: int, *, decimals: int = 0, code: str = "", repeat: int = 1,
         unknown: bool = False, required: bool = False) -> StandardItem:  # fmt: skip
    return StandardItem(
        "i", "項目", "g", kind, digits, decimals, False, "", code, repeat,
        Requirement.REQUIRED if required else Requirement.OPTIONAL, False, unknown, Sensitivity.NONE, "sample", "", "",
        "test", 1,
    )  # fmt: skip


@cache
def layout_with(one: StandardItem) -> StandardLayout:
    base = layout_of("jutogai")
    codes = {"c": tuple(CodeValue(value, value, "", "") for value in ("1", "02", "あ", "12345678"))}
    return dataclasses.replace(base, groups=(Group("g", "群", "i", (one,)),), codes=codes, rules=())


ITEMS = {
    "X": item(StandardType.X, 5),
    "X required": item(StandardType.X, 5, required=True),
    "X repeated": item(StandardType.X, 3, repeat=3),
    "X repeated often": item(StandardType.X, 3, repeat=999),
    "N": item(StandardType.N, 4),
    "N required": item(StandardType.N, 4, required=True),
    "9": item(StandardType.INTEGER, 3),
    "S9": item(StandardType.SIGNED, 3),
    "9V": item(StandardType.DECIMAL, 3, decimals=2),
    "YEAR": item(StandardType.YEAR, 4),
    "DATE": item(StandardType.DATE, 10),
    "DATE with unknown parts": item(StandardType.DATE, 10, unknown=True),
    "TIME": item(StandardType.TIME, 8),
    "TIME without seconds": item(StandardType.TIME, 5),
    "X coded": item(StandardType.X, 2, code="c"),
    "N coded": item(StandardType.N, 2, code="c", required=True),
}
DATES = st.builds(
    "{}-{}-{}".format,
    st.sampled_from(["0000", "0001", "0004", "0100", "1900", "1904", "2000", "2001", "2024", "9996", "9999"]),
    st.sampled_from(["00", "01", "02", "04", "12", "13", "A1", "D4"]),
    st.sampled_from(["00", "01", "28", "29", "30", "31", "32", "A1", "A4"]),
)
TEXTS = st.one_of(
    st.text(SIGNS, max_size=7),
    st.text(max_size=6),
    st.from_regex(r"\A-?[0-9]{0,5}(\.[0-9]{0,3})?\Z"),
    st.from_regex(r"\A[0-9]{2}:[0-9]{2}(:[0-9]{2})?\Z"),
    st.from_regex(r"\A[0-9a/]{0,12}\Z"),
    DATES,
    st.sampled_from(["1", "02", "あ", "12345678", "9999-12-31", "0000-01-01"]),
)


def holds(pattern: str, text: str) -> bool:
    """What RE2 says, which judges columns of Arrow text; it writes the end of a text with a small letter."""
    assert pattern.endswith(r"\Z")
    return bool(pc.match_substring_regex(pa.array([text]), pattern[:-1] + "z")[0].as_py())


def accepted_by_the_contract(one: StandardItem, text: str) -> bool:
    """Every implied rule of the row contract, which knows nothing of the suite's patterns."""
    layout = layout_with(one)
    [group] = layout.groups
    cells = pl.DataFrame({"i": [text or None]}, schema={"i": pl.String})
    rules = [rule for rule in group_rules(layout, group) if "gx" in rule.engines]
    return all(cells.select(rule_expr(rule, group, layout)).to_series().all() for rule in rules)


@pytest.mark.parametrize("name", ITEMS)
def test_a_pattern_accepts_what_the_row_contract_accepts(name: str) -> None:
    """Second opinion: two independent writings of the same rules, over any text; and both engines of patterns agree."""
    one = ITEMS[name]
    layout = layout_with(one)
    [group] = layout.groups
    found = expectations(suite(layout, group, group_rules(layout, group)))
    seen: dict[bool, int] = {True: 0, False: 0}

    @settings(max_examples=150, deadline=None, database=None)
    @given(TEXTS)
    @example("")
    @example("あ")
    @example("02")
    @example("\ue000")
    @example("あ\U00100001")
    @example("2024-02-29")
    @example("10:59")
    @example("1/2/3")
    def agree(text: str) -> None:
        only_selectors = bool(text) and not re.sub("[\u180b-\u180d\ufe00-\ufe0f\U000e0100-\U000e01ef]", "", text)
        if only_selectors or (one.repeat > 1 and text and not text.isascii()):
            return
        cells = [said for said in found if not said.of_table]
        verdicts = [
            text in said.kwargs["value_set"] if "value_set" in said.kwargs else holds(said.kwargs["regex"], text)
            for said in cells
        ]
        for said, verdict in zip(cells, verdicts, strict=True):
            if "regex" in said.kwargs:
                assert bool(re.search(said.kwargs["regex"], text)) == verdict
        assert all(verdicts) == accepted_by_the_contract(one, text)
        seen[all(verdicts)] += 1

    agree()
    assert min(seen.values()) > 0


@given(st.lists(st.text(SIGNS, max_size=4), min_size=3, max_size=3))
@settings(max_examples=300, deadline=None)
@example(["1", "", "1"])
@example(["1\x1f1", "", ""])
def test_joined_cells_hold_exactly_if_each_cell_does(cells: list[str]) -> None:
    one = ITEMS["X"]
    pattern = cell_pattern(one, layout_with(one), required=False, coded=False)
    each = [bool(re.fullmatch(pattern, cell)) for cell in cells]
    assert holds(joined_pattern(pattern, 3), "\x1f".join(cells)) == all(each)


@pytest.mark.parametrize(
    ("outcome", "args", "refused"),
    [
        (Outcome.REJECT, {}, False),
        (Outcome.FINDING, {}, True),
        (Outcome.BLANK, {}, True),
        (Outcome.REJECT, {"where": "i:1"}, True),
        (Outcome.REJECT, {"unless": "i:1"}, True),
    ],
)
def test_gx_judges_only_rules_that_refuse_without_condition(
    outcome: Outcome, args: dict[str, str], refused: bool
) -> None:
    rule = Rule("R1", "g", "required", ("i",), args, Scope.RECORD, outcome, ("pandera", "gx"), "b", "", "", 7)
    layout = dataclasses.replace(layout_with(ITEMS["X"]), rules=(rule,))
    diagnostics = Diagnostics()
    check_rules(layout, "rules.csv", diagnostics)
    assert [(fault.code, fault.line) for fault in diagnostics.items] == ([("SPC061", 7)] if refused else [])
    if not refused:
        [group] = layout.groups
        rules = group_rules(layout, group)
        [cell] = [one for one in expectations(suite(layout, group, rules)) if not one.of_table]
        assert cell.rules == ("g.i.form", "g.i.max_chars", "R1")
        assert not re.search(cell.kwargs["regex"], "")


def test_texts_of_all_groups_are_given() -> None:
    assert sorted(suite_texts(layout_of("jumin"))) == sorted(f"{g.group}.json" for g in layout_of("jumin").groups)
