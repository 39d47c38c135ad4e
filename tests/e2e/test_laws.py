"""A step that breaks its count law stops the run with 70; so does one whose counts are not what it did."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from e2e_support import call_main, compare_with_truth, copy_library, deliver, request_for, run

from dmig.errors import LawBroken
from dmig.steps import registry
from dmig.steps.contract import CREATED, ROW, TABLE, StepCall, StepKind, StepResult

Act = Callable[[pl.DataFrame], StepResult]


def fate(rows: pl.DataFrame, reason: str = "理由") -> pl.DataFrame:
    return rows.select(TABLE, ROW, pl.lit(reason).alias("reason"))


def relabel(rows: pl.DataFrame, table: int, row: int) -> pl.DataFrame:
    """The same rows, the first one with another identity."""
    kinds = rows.schema
    first = pl.int_range(pl.len()) == 0
    return rows.with_columns(
        pl.when(first).then(pl.lit(table)).otherwise(pl.col(TABLE)).cast(kinds[TABLE]).alias(TABLE),
        pl.when(first).then(pl.lit(row)).otherwise(pl.col(ROW)).cast(kinds[ROW]).alias(ROW),
    )


def honest(rows: pl.DataFrame) -> StepResult:
    return StepResult(rows)


def honest_exclusion(rows: pl.DataFrame) -> StepResult:
    gone = rows.filter(pl.col("atena_no") == rows["atena_no"].min())
    kept = rows.filter(pl.col("atena_no") != rows["atena_no"].min())
    return StepResult(kept, excluded={"理由": gone.height}, fates=fate(gone))


def loses_a_row(rows: pl.DataFrame) -> StepResult:
    return StepResult(rows.slice(1))


def loses_all(rows: pl.DataFrame) -> StepResult:
    return StepResult(rows.clear())


def doubles_a_row(rows: pl.DataFrame) -> StepResult:
    return StepResult(pl.concat([rows, rows.head(1)]))


def doubles_one_and_loses_another(rows: pl.DataFrame) -> StepResult:
    return StepResult(pl.concat([rows.slice(1), rows.tail(1)]))


def doubles_and_calls_it_split(rows: pl.DataFrame) -> StepResult:
    return StepResult(pl.concat([rows, rows.head(1)]), split=1)


def doubles_and_calls_it_created(rows: pl.DataFrame) -> StepResult:
    return StepResult(pl.concat([rows, rows.head(1)]), created=1)


def says_more_are_excluded_than_named(rows: pl.DataFrame) -> StepResult:
    return StepResult(rows.slice(2), excluded={"理由": 2}, fates=fate(rows.head(1)))


def excludes_without_fates(rows: pl.DataFrame) -> StepResult:
    return StepResult(rows.slice(1), excluded={"理由": 1})


def names_a_fate_that_it_does_not_count(rows: pl.DataFrame) -> StepResult:
    return StepResult(rows, fates=fate(rows.head(1)))


def created_rows_that_are_not_there(rows: pl.DataFrame) -> StepResult:
    return StepResult(rows, created=3)


def negative_exclusion_hides_a_double(rows: pl.DataFrame) -> StepResult:
    return StepResult(pl.concat([rows, rows.head(1)]), excluded={"理由": -1})


def gives_a_row_the_place_of_another(rows: pl.DataFrame) -> StepResult:
    """A row that no file holds stands in for one that vanished; the count is right."""
    return StepResult(relabel(rows, 0, 9_999_999))


def gives_a_row_to_another_table(rows: pl.DataFrame) -> StepResult:
    return StepResult(relabel(rows, 200, 0))


def makes_a_row_it_does_not_count(rows: pl.DataFrame) -> StepResult:
    return StepResult(relabel(rows, CREATED, 0))


BROKEN: tuple[Act, ...] = (
    loses_a_row,
    loses_all,
    doubles_a_row,
    doubles_one_and_loses_another,
    doubles_and_calls_it_split,
    doubles_and_calls_it_created,
    says_more_are_excluded_than_named,
    excludes_without_fates,
    names_a_fate_that_it_does_not_count,
    created_rows_that_are_not_there,
    negative_exclusion_hides_a_double,
    gives_a_row_the_place_of_another,
    gives_a_row_to_another_table,
    makes_a_row_it_does_not_count,
)


def kind_of(act: Act) -> StepKind:
    def work(call: StepCall, inputs: list[pl.DataFrame]) -> StepResult:
        return act(inputs[0])

    return StepKind("plugin", work, "in = out", reads=lambda row: ("atena_no",))


def with_plugin(folder: Path, operation: str = "jutogai") -> Path:
    """A library whose last step of the first group, or in 住民情報 the one after the sequence, is the plug-in."""
    library = copy_library(folder)
    steps = library / f"mappings/{operation}/package/steps.csv"
    group, sequence, rows = {"jumin": ("juminjoho", 5, "rows"), "jutogai": ("jutogaikihon", 1, "jutogai")}[operation]
    lines = steps.read_text(encoding="utf-8").rstrip("\n").split("\n")
    numbers = [int(line.split(",")[1]) for line in lines[1:] if line.startswith(f"{group},")]
    at = next(number for number, line in enumerate(lines) if line.startswith(f"{group},{sequence},"))
    lines.insert(at + 1, f"{group},{max(numbers) + 1},plugin,{rows},{rows},,,試験,試験")
    steps.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return library


@pytest.fixture
def place(once: Any) -> tuple[Path, Any]:
    """Library with a plug-in step, and a small faulty delivery."""

    def make(folder: Path) -> tuple[Path, Any]:
        return with_plugin(folder / "library"), deliver(folder / "city", 60, 12, 0.1, operation="jutogai")

    made: tuple[Path, Any] = once("laws", make)
    return made


def test_an_honest_plugin_changes_nothing(place: Any, tmp_path: Path) -> None:
    library, delivery = place
    asked = request_for(
        delivery.inputs, tmp_path / "run", library=library, operation="jutogai", extra_steps=(kind_of(honest),)
    )
    ran = run(asked)
    faulty = {fault["unit"] for fault in delivery.faults()}
    assert compare_with_truth(ran.csv_rows, delivery.truth(), faulty).found == []
    assert "plugin" in [step["step"] for step in ran.result["groups"][0]["steps"]]


def test_an_honest_exclusion_is_counted_by_its_reason(place: Any, tmp_path: Path) -> None:
    library, delivery = place
    first = min(record.split(b",")[0].decode() for record in delivery.records("JUTOGAI.csv"))
    asked = request_for(
        delivery.inputs,
        tmp_path / "run",
        library=library,
        operation="jutogai",
        extra_steps=(kind_of(honest_exclusion),),
    )
    ran = run(asked)
    faulty = {fault["unit"] for fault in delivery.faults()} | {first}
    assert compare_with_truth(ran.csv_rows, delivery.truth(), faulty).found == []
    assert sum(table["excluded"].get("理由", 0) for table in ran.result["tables"]) > 0
    assert sum(table["not_used"] for table in ran.result["tables"]) == 0


@pytest.mark.parametrize("act", BROKEN, ids=lambda act: act.__name__)
def test_a_broken_law_stops_the_run(place: Any, tmp_path: Path, act: Act) -> None:
    library, delivery = place
    asked = request_for(
        delivery.inputs, tmp_path / "run", library=library, operation="jutogai", extra_steps=(kind_of(act),)
    )
    with pytest.raises(LawBroken):
        run(asked)
    assert not (tmp_path / "run" / "result.json").exists()


@pytest.mark.parametrize("act", [loses_a_row, doubles_a_row, excludes_without_fates], ids=lambda act: act.__name__)
def test_a_broken_law_ends_the_command_with_70(
    place: Any, tmp_path: Path, monkeypatch: Any, capsys: Any, act: Act
) -> None:
    library, delivery = place
    # The set of steps is put together once per process, so the tests after this one must not see the other.
    monkeypatch.setattr(registry, "step_kinds", registry.step_kinds.__wrapped__)
    for caller in ("dmig.pipeline.run", "dmig.pipeline.context"):
        monkeypatch.setattr(f"{caller}.step_kinds", registry.step_kinds)
    monkeypatch.setattr(registry, "BUILTIN", (*registry.BUILTIN, kind_of(act)))
    asked = (
        "run",
        "jutogai",
        "--dry-run",
        "--input",
        delivery.inputs,
        "--library",
        library,
        "--runs",
        tmp_path / "runs",
    )
    code, out, err = call_main(monkeypatch, capsys, *asked, "--json")
    assert (code, out) == (70, "")
    assert "plugin" in err
    assert "steps.csv:" in err
    assert not list((tmp_path / "runs").glob("*/result.json"))
    assert not list((tmp_path / "runs").glob("*/protected/write"))


def test_without_the_plugin_the_library_does_not_compile(
    place: Any, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    library, delivery = place
    asked = (
        "run",
        "jutogai",
        "--dry-run",
        "--input",
        delivery.inputs,
        "--library",
        library,
        "--runs",
        tmp_path / "runs",
    )
    assert call_main(monkeypatch, capsys, *asked)[0] == 3


def loses_a_row_and_calls_it_merged(rows: pl.DataFrame) -> StepResult:
    return StepResult(rows.slice(1), merged=1)


def excludes_one_and_names_another(rows: pl.DataFrame) -> StepResult:
    gone = rows.tail(1).select(TABLE, ROW, pl.lit("理由").alias("reason"))
    return StepResult(rows.slice(1), excluded={"理由": 1}, fates=gone)


@pytest.mark.parametrize("act", [loses_a_row_and_calls_it_merged, excludes_one_and_names_another])
def test_counts_that_name_the_wrong_rows_break_the_law(tmp_path: Path, act: Act) -> None:
    library = with_plugin(tmp_path / "library")
    delivery = deliver(tmp_path / "city", 60, 12, operation="jutogai")
    asked = request_for(
        delivery.inputs, tmp_path / "run", library=library, operation="jutogai", extra_steps=(kind_of(act),)
    )
    with pytest.raises(LawBroken):
        run(asked)
