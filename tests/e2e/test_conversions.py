"""Every worked conversion of every mapping comes out as its example says, and a broken mapping makes it fail."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from e2e_support import copy_library

from dmig.errors import SpecError
from dmig.pipeline.examples import Example, examples, run_example
from dmig.pipeline.run import Request, RunOutcome, compile_operation, execute
from dmig.plan.nouns import Plan
from dmig.spec.library import Library, shipped

SHELF = Library(shipped())
#: The twelve conversions that a migration of this field cannot do without.
TWELVE = (
    "genzai_rireki_johyo", "jusho_rokukomoku", "juni_kagetsu", "haigusha_sansho", "kijitsu_jusho", "setai_sakusei",
    "nikomoku_kodo", "zokugara_yonkodo", "torikeshi_tai", "toji_setainushi", "kikan_fusho", "kintowari_bunkatsu",
)  # fmt: skip
ALL = [
    pytest.param(operation, system, case, id=f"{operation}-{system}-{case.name}")
    for operation in SHELF.operations()
    for system in SHELF.systems(operation)
    for case in examples(SHELF.mapping_folder(operation, system))
]
STEPS, CONDITIONS, HEADER = "steps.csv", "conditions.csv", "mapping.toml"
PARAMETERS = "parameters.csv"


@dataclass(frozen=True)
class Mutation:
    """Texts of the mapping put in place of others: (file, what stands there once, what is put there)."""

    case: str
    reason: str
    edits: tuple[tuple[str, str, str], ...]


def mutation(case: str, reason: str, *edits: tuple[str, str, str]) -> Any:
    return pytest.param(Mutation(case, reason, edits), id=f"{case}-{reason.replace(' ', '_')}")


MUTATIONS = [
    mutation("genzai_rireki_johyo", "order reversed", (STEPS, "order=rireki_no:number;", "order=rireki_no:number:desc;")),
    mutation("genzai_rireki_johyo", "numbers ordered as text", (STEPS, "order=rireki_no:number;", "order=rireki_no;")),
    mutation("genzai_rireki_johyo", "older double kept", (STEPS, "order=koshin_ymd:date:desc", "order=koshin_ymd:date")),
    mutation("jusho_rokukomoku", "code row swapped", ("code_tables/choaza.csv", "001,001,0001001,", "001,001,0001002,")),
    mutation("jusho_rokukomoku", "no town is a town outside the master",
             ("code_tables/choaza.csv", "000,000,0000000,", "000,000,9999999,")),
    mutation("jusho_rokukomoku", "only the first part kept",
             ("jusho_bunkai.csv", "_katagaki _katagaki_ran,concat,,sep=　,", "_katagaki _katagaki_ran,coalesce,,,")),
    mutation("juni_kagetsu", "two months swapped", (STEPS, "06:m06|07:m07", "06:m07|07:m06")),
    mutation("juni_kagetsu", "empty months kept", (STEPS, "empty=drop", "empty=keep")),
    mutation("haigusha_sansho", "first of two taken",
             (STEPS, "match=atena_no;none=finding;many=finding,配偶者", "match=atena_no;none=finding;many=first,配偶者")),
    mutation("haigusha_sansho", "own name instead of the spouse's",
             ("haigusha.csv", "haigusha_shimei,1,,haigusha.kanji_shimei", "haigusha_shimei,1,,kanji_shimei")),
    mutation("kijitsu_jusho", "as_of left out", (HEADER, '"agreed"', '"draft"'),
             (STEPS, "as_of=kijun_ymd;from=kaishi_ymd;to=shuryo_ymd;", "")),
    mutation("kijitsu_jusho", "first of two taken",
             (STEPS, "none=finding;many=finding,賦課期日", "none=finding;many=first,賦課期日")),
    mutation("setai_sakusei", "condition inverted",
             (CONDITIONS, "setainushi,1,zokugara,is,世帯主", "setainushi,1,zokugara,is_not,世帯主")),
    mutation("setai_sakusei", "disagreement hidden", (STEPS, "items=ku:agree", "items=ku:first")),
    mutation("nikomoku_kodo", "code rows swapped", ("code_tables/todoke_jiyu.csv", "03,0,13,", "03,0,14,")),
    mutation("nikomoku_kodo", "border a day early", ("code_tables/todoke_jiyu.csv", ",2012-07-09,", ",2012-07-08,"),
             ("code_tables/todoke_jiyu.csv", ",2012-07-10,", ",2012-07-09,")),
    mutation("zokugara_yonkodo", "only the first code kept", ("code_tables/zokugara.csv", "\n孫,20,20,,,", "\n孫,20,,,,")),
    mutation("zokugara_yonkodo", "wrong part",
             ("tsuzukigara.csv", "tsuzukigarakodo4,1,,zokugara,relation,code4", "tsuzukigarakodo4,1,,zokugara,relation,code3")),
    mutation("torikeshi_tai", "condition inverted",
             (CONDITIONS, "torikeshi_tai,2,saki.ren_no,filled", "torikeshi_tai,2,saki.ren_no,blank")),
    mutation("torikeshi_tai", "cancelled cancels still cancel",
             (CONDITIONS, "torikeshi_no_torikeshi,2,moto.ren_no,filled,", "torikeshi_no_torikeshi,2,moto.ren_no,is,0")),
    mutation("torikeshi_tai", "fourth item ignored", ("code_tables/ido_jiyu.csv", "20,2,*,02,23,", "20,2,*,02,20,")),
    mutation("toji_setainushi", "name of any time",
             (STEPS, "as_of=ido_ymd;from=ido_ymd;to=made_ymd;none=finding;many=finding", "none=finding;many=first")),
    mutation("toji_setainushi", "own name instead of the head's",
             ("setainushi_rireki.csv", "setainushi_shimei,1,,namae.kanji_shimei", "setainushi_shimei,1,,kanji_shimei")),
    mutation("kikan_fusho", "same day in file order", (STEPS, ";ties=ren_no;", ";")),
    mutation("kikan_fusho", "unclear end said to be open", (STEPS, "unclear=0000-00-00", "unclear=9999-12-31")),
    mutation("kintowari_bunkatsu", "tax a year late", (PARAMETERS, ",,2023,0", ",,2024,0"), (PARAMETERS, ",2024,,", ",2025,,")),
    mutation("kintowari_bunkatsu", "parts swapped", ("kintowari.csv", "split_amount,a,", "split_amount,c,"),
             ("kintowari.csv", "split_amount,b,", "split_amount,a,"), ("kintowari.csv", "split_amount,c,", "split_amount,b,")),
    mutation("kintowari_bunkatsu", "condition inverted", (CONDITIONS, "nendo,at_least,2024", "nendo,at_most,2024")),
]  # fmt: skip


def case_of(library: Library, operation: str, name: str) -> Example:
    return next(case for case in examples(library.mapping_folder(operation, "package")) if case.name == name)


def request_for(library: Library, operation: str = "rei", system: str = "package", place: Path = Path()) -> Request:
    return Request(library, operation, system, place / "given", place / "run")


@cache
def shipped_plan(operation: str = "rei", system: str = "package") -> Plan:
    """The shipped mapping, compiled once for all cases."""
    return compile_operation(request_for(SHELF, operation, system))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def edit(library: Path, *edits: tuple[str, str, str]) -> Library:
    """Replace texts that stand exactly once; a mutation that no longer finds its place is a fault of this test."""
    for name, old, new in edits:
        folder = "schemas/standard/rei/0.1" if name == PARAMETERS else "mappings/rei/package"
        path = library / folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name}: {old} stands {text.count(old)} times"
        path.write_text(text.replace(old, new), encoding="utf-8")
    return Library(library)


def only(plan: Plan, case: Example) -> Plan:
    """The whole mapping is compiled; of its groups only those that the case looks at are run, to save time."""
    looked_at = {path.stem for path in (case.folder / "expected").glob("*.csv")}
    return replace(plan, groups=tuple(group for group in plan.groups if group.group.group in looked_at))


@pytest.mark.parametrize(("operation", "system", "case"), ALL)
def test_an_example_comes_out_as_it_says(operation: str, system: str, case: Example) -> None:
    asked = request_for(SHELF, operation, system)
    assert [mismatch.render() for mismatch in run_example(asked, shipped_plan(operation, system), case)] == []


def test_the_twelve_conversions_are_there() -> None:
    names = {case.values[2].name for case in ALL if case.values[0] == "rei"}
    assert set(TWELVE) <= names
    assert {entry.values[0].case for entry in MUTATIONS} == names


@pytest.mark.parametrize("name", TWELVE)
def test_a_case_expects_rows_and_says_what_it_rests_on(name: str) -> None:
    folder = SHELF.mapping_folder("rei", "package") / "examples" / name
    said = (folder / "case.toml").read_text(encoding="utf-8").splitlines()
    assert [line.partition(" = ")[0] for line in said] == ["title", "basis"]
    assert all(len(line) > len('title = ""') for line in said)
    expected = sorted((folder / "expected").glob("*.csv"))
    assert len(expected) == 1
    assert rows_of(expected[0])
    assert (folder / "codes.csv").is_file()


@pytest.mark.parametrize("name", TWELVE)
def test_a_case_run_by_its_group_alone_comes_out_too(name: str) -> None:
    """Otherwise the mutations below would fail for nothing."""
    asked, case = request_for(SHELF), case_of(SHELF, "rei", name)
    assert run_example(asked, only(shipped_plan(), case), case) == []


@pytest.mark.parametrize("planted", MUTATIONS)
def test_a_broken_mapping_fails_its_example(planted: Mutation, tmp_path: Path) -> None:
    library = edit(copy_library(tmp_path / "library"), *planted.edits)
    asked, case = request_for(library), case_of(library, "rei", planted.case)
    mismatches = run_example(asked, only(compile_operation(asked), case), case)
    assert mismatches
    assert {mismatch.example for mismatch in mismatches} == {planted.case}


def test_codes_with_other_columns_fail_their_example(tmp_path: Path) -> None:
    library = copy_library(tmp_path / "library")
    (library / "mappings/rei/package/examples/juni_kagetsu/codes.csv").write_text(
        "group,code\nx,CHK001\n", encoding="utf-8"
    )
    shelf = Library(library)
    asked, case = request_for(shelf), case_of(shelf, "rei", "juni_kagetsu")
    [mismatch] = run_example(asked, only(shipped_plan(), case), case)
    assert (mismatch.place, mismatch.expected, mismatch.found) == (
        "codes.csv header",
        "code,table,record",
        "group,code",
    )


def test_twelve_months_keep_their_sum() -> None:
    """The expected rows themselves: month by month they add up to the columns and to the year's amount."""
    folder = SHELF.mapping_folder("rei", "package") / "examples" / "juni_kagetsu"
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows_of(folder / "expected" / "tokucho_tsuki.csv"):
        sums[row["kazeinendo"], row["atenabango"]] += int(row["getsuwarigaku"])
    columns = [f"m{month:02d}" for month in (*range(6, 13), *range(1, 6))]
    for row in rows_of(folder / "given" / "tokucho.csv"):
        key = row["nendo"], row["atena_no"]
        assert sums.get(key, 0) == sum(int(row[name] or 0) for name in columns) == int(row["nenzei"])


def given_as(library: Library, place: Path, tables: dict[str, list[dict[str, str]]]) -> RunOutcome:
    """The rows as the legacy system would deliver them, run; what is not given is blank."""
    asked = request_for(library, place=place)
    plan = shipped_plan() if library == SHELF else compile_operation(asked)
    asked.inputs.mkdir(parents=True)
    for table in plan.legacy.tables:
        with (asked.inputs / table.file).open("w", encoding="cp932", newline="") as target:
            writer = csv.DictWriter(target, [item.item for item in table.items], restval="", lineterminator="\r\n")
            writer.writerow({item.item: item.name for item in table.items})
            writer.writerows(tables.get(table.table, []))
    return execute(asked, plan)


def test_cancel_pairs_leave_for_their_reason(tmp_path: Path) -> None:
    given = rows_of(SHELF.mapping_folder("rei", "package") / "examples" / "torikeshi_tai" / "given" / "ido.csv")
    outcome = given_as(SHELF, tmp_path, {"ido": given})
    ledger = next(group for group in outcome.conservation.groups if group["group"] == "ido_rireki")
    assert [step["excluded"] for step in ledger["steps"] if step["step"] == "exclude"] == [{"取消対": 2}, {"取消対": 7}]
    assert ledger["balanced"]


def roots(outcome: RunOutcome) -> list[tuple[str, str, int]]:
    """Code, table and record of every report that hangs on no other."""
    said = outcome.reports.filter(kind="root").select("code", "table", "record")
    return sorted((str(code), str(table), int(record)) for code, table, record in said.iter_rows())


FUKA = {"fuka": [{"nendo": "2026", "atena_no": "0000000501", "kijun_ymd": "20260101"}]}
TODOKE = {"atena_no": "0000000701", "ren_no": "1", "ido_cd": "03", "shubetsu": "1"}
TOKUCHO = {"nendo": "2026", "atena_no": "0000000304", "nenzei": "100"}
PERSON = {"ku": "01", "zokugara": "世帯主", "kanji_shimei": "見本　一郎"}


def address(start: str, end: str = "") -> list[dict[str, str]]:
    return [{"atena_no": "0000000501", "kaishi_ymd": start, "shuryo_ymd": end, "jusho": "見本市港町２番２号"}]


def test_one_unreadable_month_is_one_root(tmp_path: Path) -> None:
    outcome = given_as(SHELF, tmp_path, {"tokucho": [TOKUCHO | {"m06": "50", "m07": "5O"}]})
    assert roots(outcome) == [("NRM004", "tokucho", 1)]


def test_one_open_code_is_one_root(tmp_path: Path) -> None:
    outcome = given_as(SHELF, tmp_path, {"todoke": [TODOKE | {"ido_cd": "05", "shubetsu": "0", "ido_ymd": "4240401"}]})
    assert len(roots(outcome)) == 1


@pytest.mark.parametrize("day", ["4240000", "4240700", "0000000"])
def test_an_event_that_may_lie_on_both_sides_of_a_border_is_not_decided_silently(tmp_path: Path, day: str) -> None:
    outcome = given_as(SHELF, tmp_path, {"todoke": [TODOKE | {"ido_ymd": day}]})
    assert ("todoke", 1) in {(table, record) for _, table, record in roots(outcome)}


@pytest.mark.parametrize("start", ["20260000", "20260100", "00000000"])
def test_a_period_that_may_begin_after_the_day_is_not_taken_silently(tmp_path: Path, start: str) -> None:
    outcome = given_as(SHELF, tmp_path, FUKA | {"jusho_rireki": address(start)})
    assert ("fuka", 1) in {(table, record) for _, table, record in roots(outcome)}


def test_a_group_that_looks_up_another_table_balances(tmp_path: Path) -> None:
    outcome = given_as(SHELF, tmp_path, FUKA | {"jusho_rireki": address("20200101")})
    ledger = next(group for group in outcome.conservation.groups if group["group"] == "fukakijitsu_jusho")
    assert ledger["accepted"] == 1
    assert ledger["balanced"]


def test_an_unreadable_household_number_is_named_at_its_record(tmp_path: Path) -> None:
    people = [PERSON | {"atena_no": f"000000061{n}", "setai_no": number} for n, number in enumerate(["X!", "Y?"])]
    outcome = given_as(SHELF, tmp_path, {"kojin": people})
    assert {(table, record) for _, table, record in roots(outcome)} == {("kojin", 1), ("kojin", 2)}


@pytest.mark.parametrize("left", ["as_of=kijun_ymd;from=kaishi_ymd;", "as_of=kijun_ymd;"])
def test_as_of_needs_a_period(tmp_path: Path, left: str) -> None:
    edits = (STEPS, "as_of=kijun_ymd;from=kaishi_ymd;to=shuryo_ymd;", left), (HEADER, '"agreed"', '"draft"')
    assert refused(edit(copy_library(tmp_path / "library"), *edits))


def test_an_item_looked_up_in_a_made_stream_is_read(tmp_path: Path) -> None:
    own = "shimei,1,,kanji_shimei,name_full,"
    edits = ("setainushi_rireki.csv", own, own.replace("kanji_shimei", "namae.kanji_shimei"))
    assert refused(edit(copy_library(tmp_path / "library"), edits)) == []


def refused(library: Library) -> list[str]:
    """Codes of what the compiler has against a library."""
    try:
        compile_operation(request_for(library))
    except SpecError as error:
        return [diagnostic.code for diagnostic in error.diagnostics]
    return []
