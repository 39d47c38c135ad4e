"""Damaged steps and code tables, and more damaged converters: each is found without the truth, or named as not proved.

Where nothing compares the damaged items with their sources (proof class `recomputed`), the run must say so: the items are
unproved and the gate counts them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from e2e_support import Ran, compare_all, request_for
from test_mutants import Damage, city, damaged_registry, outsiders, parts_swapped, value

from dmig.converters.registry import builtin
from dmig.errors import LawBroken
from dmig.model.mapping import CodeTable
from dmig.pipeline.gates import judge_again
from dmig.pipeline.result import Heading, build_result
from dmig.pipeline.run import compile_operation, execute
from dmig.plan.nouns import Plan
from dmig.steps.contract import StepCall, StepKind, StepResult
from dmig.steps.filters import EXCLUDE, ROUTE
from dmig.steps.groups import PARENTS
from dmig.steps.lookup import LOOKUP
from dmig.steps.order import SEQUENCE

Inputs = list[pl.DataFrame]
#: By what a damage is found: proof classes, the row contract and set rules, the count law of the step.
SIGNATURE, FUNCTION, INVERSE, CONTRACT, LAW, RECOMPUTED = (
    "signature",
    "function",
    "inverse",
    "contract",
    "law",
    "recomputed",
)


def ran_with(delivery: Any, folder: Path, change: Callable[[Plan], Plan] | None = None, **options: Any) -> Ran:
    request = request_for(delivery.inputs, folder, operation=delivery.operation, **options)
    plan = compile_operation(request)
    outcome = execute(request, change(plan) if change else plan)
    heading = Heading(run_id="run", site="", fixture="", dry_run=True, as_of="2026-10-01")
    return Ran(request, outcome, build_result(heading, outcome))


def ways(ran: Ran) -> set[str]:
    """By which classes of proof, or by which rules, the run itself says that something is wrong."""
    found = {verdict.comparison.kind for verdict in ran.outcome.reconciled.verdicts if verdict.differing}
    refused = sum(counts["root"] for counts in ran.result["rejects_by_code"].values())
    return found | ({CONTRACT} if refused else set())


def wrong_items(ran: Ran, delivery: Any) -> set[tuple[str, str]]:
    """Group and name of the items that differ from the truth; a lost or added row is the item "rows"."""
    found = set()
    for group, differences in compare_all(ran.published, delivery).items():
        for said in differences.found:
            found.add((group, said.partition(": ")[2] if said.startswith("row ") else "rows"))
    return found


def after(kind: StepKind, change: Callable[[StepCall, pl.DataFrame], pl.DataFrame], where: str = "") -> StepKind:
    """The step with its rows damaged; `where` holds for the steps of one effect only."""

    def run(call: StepCall, inputs: Inputs) -> StepResult:
        result = kind.run(call, inputs)
        hit = not where or where in dict(call.row.args).values()
        return dataclasses.replace(result, rows=change(call, result.rows)) if hit else result

    return dataclasses.replace(kind, run=run)


def before(kind: StepKind, change: Callable[[StepCall, Inputs], tuple[StepCall, Inputs]], where: str) -> StepKind:
    def run(call: StepCall, inputs: Inputs) -> StepResult:
        return kind.run(*change(call, inputs)) if where in dict(call.row.args).values() else kind.run(call, inputs)

    return dataclasses.replace(kind, run=run)


def number(call: StepCall) -> str:
    return call.row.arg("number")


def latest(call: StepCall) -> str:
    return call.row.arg("latest", "latest")


def from_zero(call: StepCall, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.col(number(call)) - 1)


def first_is_latest(call: StepCall, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns((pl.col(number(call)) == 1).cast(pl.UInt8).alias(latest(call)))


def backwards(call: StepCall, inputs: Inputs) -> tuple[StepCall, Inputs]:
    args = tuple((name, f"{text}:desc" if name == "order" else text) for name, text in call.row.args)
    return dataclasses.replace(call, row=dataclasses.replace(call.row, args=args)), inputs


def of_the_neighbour(call: StepCall, rows: pl.DataFrame) -> pl.DataFrame:
    names = [f"{call.row.arg('as')}.{item}" for item in call.row.arg("items").split()]
    return rows.with_columns(pl.col(name).shift(1) for name in names)


def a_day_early(call: StepCall, inputs: Inputs) -> tuple[StepCall, Inputs]:
    day = call.row.arg("as_of")
    if not day:
        return call, inputs
    before_it = (pl.col(day).str.to_date(strict=False) - pl.duration(days=1)).dt.to_string("%Y-%m-%d")
    return call, [inputs[0].with_columns(before_it.alias(day))]


def turned(call: StepCall, inputs: Inputs) -> tuple[StepCall, Inputs]:
    return dataclasses.replace(call, conditions={n: ~c.fill_null(False) for n, c in call.conditions.items()}), inputs


def one_member_less(call: StepCall, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns((pl.col("setaiinsu").cast(pl.Int64) - 1).cast(pl.String).alias("setaiinsu"))


def head_of_the_next(call: StepCall, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.col("nushi_no").shift(1))


#: Name -> the damaged step, and by what it is found.
STEPS: dict[str, tuple[StepKind, str]] = {
    "sequence off by one": (after(SEQUENCE, from_zero), CONTRACT),
    "sequence backwards": (before(SEQUENCE, backwards, "rireki_no:number"), RECOMPUTED),
    "latest flag on the first row": (after(SEQUENCE, first_is_latest, "rireki_no:number"), RECOMPUTED),
    "a row lost": (after(SEQUENCE, lambda call, rows: rows.head(-1)), LAW),
    "a row doubled": (after(SEQUENCE, lambda call, rows: pl.concat([rows, rows.head(1)])), LAW),
    "lookup picks the neighbour": (after(LOOKUP, of_the_neighbour, "nushi"), RECOMPUTED),
    "as-of day off by one": (before(LOOKUP, a_day_early, "nushi"), RECOMPUTED),
    "heads and members changed places": (before(ROUTE, turned, "nushi_gyo"), RECOMPUTED),
    "members counted one short": (after(PARENTS, one_member_less), RECOMPUTED),
    "head of the next household": (after(PARENTS, head_of_the_next), SIGNATURE),
}


def swapped_rows(table: CodeTable) -> CodeTable:
    """The standard codes of the first two rows change places."""
    one, other, *rest = table.rows
    swapped = (dataclasses.replace(one, standard=other.standard), dataclasses.replace(other, standard=one.standard))
    return dataclasses.replace(table, rows=(*swapped, *rest))


def one_for_all(table: CodeTable) -> CodeTable:
    """The second row has the codes of the first."""
    one, other, *rest = table.rows
    return dataclasses.replace(table, rows=(one, dataclasses.replace(other, standard=one.standard), *rest))


def first_lost(table: CodeTable) -> CodeTable:
    return dataclasses.replace(table, rows=table.rows[1:])


#: Name -> the table, the damage, and by what it is found.
TABLES: dict[str, tuple[str, Callable[[CodeTable], CodeTable], str]] = {
    "rows of 住民状態 swapped": ("juminjotai", swapped_rows, FUNCTION),
    "rows of 異動事由 swapped": ("idojiyu", swapped_rows, FUNCTION),
    "rows of 性別 swapped": ("seibetsu", swapped_rows, FUNCTION),
    "two kinds of resident become one": ("juminshubetsu", one_for_all, FUNCTION),
    "a row of 住民状態 lost": ("juminjotai", first_lost, CONTRACT),
}


def heisei_as_showa(cell: pl.Expr) -> pl.Expr:
    year = cell.str.head(4).cast(pl.Int64, strict=False)
    return pl.when(year.is_between(1989, 2019)).then((year - 63).cast(pl.String) + cell.str.slice(4)).otherwise(cell)


def small_kana_large(cell: pl.Expr) -> pl.Expr:
    return cell.str.replace_many(list("ァィゥェォッャュョ"), list("アイウエオツヤユヨ"))


def cut(cell: pl.Expr) -> pl.Expr:
    return cell.str.head(5)


def without_room(cell: pl.Expr) -> pl.Expr:
    return cell.str.head(-3)


#: Name -> kind in the registry, converter, damage, ways of which at least the first must find it, whether of 住登外者.
CONVERTERS: dict[str, tuple[str, str, Damage, tuple[str, ...], bool]] = {
    "Heisei read as Showa": ("legacy_types", "wareki7", value(heisei_as_showa), (SIGNATURE,), True),
    "small kana made large": ("converters", "kana_full", value(small_kana_large), (SIGNATURE, INVERSE), True),
    "address cut": ("converters", "fullwidth", value(cut), (SIGNATURE, INVERSE), True),
    "end of 方書 lost": ("converters", "concat", value(without_room), (SIGNATURE,), True),
    "氏 and 名 changed places": ("converters", "name_part", parts_swapped("uji", "na"), (SIGNATURE,), True),
}  # fmt: skip


def test_there_are_enough_real_and_different_damages() -> None:
    from test_mutants import MUTANTS

    assert len(STEPS) + len(TABLES) + len(CONVERTERS) + len(MUTANTS) >= 60


@pytest.mark.parametrize("name", STEPS)
def test_a_damaged_step_is_found_or_named(once: Any, tmp_path: Path, name: str) -> None:
    step, way = STEPS[name]
    delivery = city(once)
    if way == LAW:
        with pytest.raises(LawBroken):
            ran_with(delivery, tmp_path, extra_steps=(step,))
        return
    ran = ran_with(delivery, tmp_path, extra_steps=(step,))
    wrong = wrong_items(ran, delivery)
    assert wrong, "the damage damages nothing"
    if way != RECOMPUTED:
        assert way in ways(ran)
        return
    named = {(p["group"], p["name"]): p for p in ran.result["reconciliation"]["proofs"]}
    assert {named[item]["status"] for item in wrong} == {"unproved"}
    assert {tuple(named[item]["classes"]) for item in wrong} == {("recomputed",)}
    [gate] = [gate for gate in judge_again(ran.result["gates"], {"unproved": 0}) if gate.gate == "unproved"]
    assert gate.status == "fail" and gate.count >= len(wrong)


@pytest.mark.parametrize("name", TABLES)
def test_a_damaged_code_table_is_found(once: Any, tmp_path: Path, name: str) -> None:
    """Reconciliation reads the agreed tables from their files, whatever became of them in the plan."""
    table, damage, way = TABLES[name]

    def change(plan: Plan) -> Plan:
        tables = plan.mapping.code_tables | {table: damage(plan.mapping.code_tables[table])}
        return dataclasses.replace(plan, mapping=dataclasses.replace(plan.mapping, code_tables=tables))

    ran = ran_with(city(once), tmp_path, change)
    assert wrong_items(ran, city(once)), "the damage damages nothing"
    assert way in ways(ran)
    assert ran.result["exit_code"] in (1, 4)


@pytest.mark.parametrize("name", CONVERTERS)
def test_a_damaged_converter_is_found_by_each_proof_that_it_has(once: Any, tmp_path: Path, name: str) -> None:
    kind, converter, damage, expected, outside = CONVERTERS[name]
    delivery = outsiders(once) if outside else city(once)
    ran = ran_with(delivery, tmp_path, make_registry=partial(damaged_registry, kind, converter, damage))
    assert wrong_items(ran, delivery), "the damage damages nothing"
    assert set(expected) <= ways(ran)
    assert ran.result["exit_code"] == 4


#: Rows that a damaged step leaves out or keeps against the rule: what is published is right in itself, but a second
#: reading of the source says which records should have been left out.
LEFT_OUT: dict[str, StepKind] = {
    "cancelled entries and their cancellations changed places": before(ROUTE, turned, "torikeshi_gyo"),
    "cancellation of the neighbour": after(LOOKUP, of_the_neighbour, "moto"),
    "exclusion turned round": before(EXCLUDE, turned, "sakujozumi"),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_a_wrong_exclusion_is_found(once: Any, tmp_path: Path, name: str) -> None:
    ran = ran_with(city(once), tmp_path, extra_steps=(LEFT_OUT[name],))
    assert wrong_items(ran, city(once)), "the damage damages nothing"
    wrong = [line for line in ran.result["reconciliation"]["exclusions"] if not line["agrees"]]
    assert wrong and all(line["kept"] or line["wrong"] for line in wrong)
    assert ran.result["exit_code"] == 4


def test_without_damage_nothing_is_found(once: Any, tmp_path: Path) -> None:
    ran = ran_with(city(once), tmp_path, make_registry=builtin)
    assert ways(ran) == set()
    assert wrong_items(ran, city(once)) == set()
