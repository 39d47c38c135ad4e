"""Examples of a mapping: given legacy rows, expected standard rows and codes; run through the whole pipeline."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dmig.model.reports import CASCADE, FINDING
from dmig.pipeline.examples_given import read_rows, write_given
from dmig.pipeline.run import Request, RunOutcome, execute
from dmig.plan.nouns import Plan

#: Columns of codes.csv.
_CODES = ["code", "table", "record"]


@dataclass(frozen=True, slots=True)
class Example:
    """One case in `examples/<name>/`: `case.toml`, `given/<table>.csv`, `expected/<group>.csv`, `codes.csv`."""

    name: str
    folder: Path
    title: str


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Where an example came out otherwise. Examples are invented, so their values may be shown."""

    example: str
    place: str
    expected: str
    found: str

    def render(self) -> str:
        """One line for a terminal."""
        return f"{self.example}: {self.place}: expected {self.expected!r}, found {self.found!r}"


def examples(folder: Path) -> list[Example]:
    """All examples of a mapping folder."""
    found = []
    for case in sorted((folder / "examples").glob("*/case.toml")):
        content = tomllib.loads(case.read_text(encoding="utf-8"))
        found.append(Example(case.parent.name, case.parent, str(content.get("title", ""))))
    return found


def run_example(request: Request, plan: Plan, example: Example) -> list[Mismatch]:
    """Run one example in a folder of its own and compare; an example that expects nothing is a mismatch too."""
    with tempfile.TemporaryDirectory() as place:
        inputs = Path(place) / "given"
        inputs.mkdir()
        before = write_given(plan.legacy, example.folder / "given", inputs)
        outcome = execute(
            Request(request.library, request.operation, request.system, inputs, Path(place) / "run",
                    make_registry=request.make_registry, extra_steps=request.extra_steps), plan
        )  # fmt: skip
        published = Path(place) / "run" / "protected" / "write" / "published"
        return list(_compare(plan, example, outcome, published, before))


def _compare(
    plan: Plan, example: Example, outcome: RunOutcome, published: Path, before: Mapping[str, int]
) -> Iterator[Mismatch]:
    expected_files = sorted((example.folder / "expected").glob("*.csv"))
    codes = example.folder / "codes.csv"
    if not expected_files and not codes.is_file():
        yield Mismatch(example.name, "expected/", "a file", "none")
    for file in expected_files:
        group = next(g for g in plan.groups if g.group.group == file.stem)
        output = next(o for o in outcome.outputs if o.group == file.stem and o.kind == "csv")
        found = read_rows(published / output.file)
        names = {item.item: item.name for item in group.group.items}
        expected = read_rows(file)
        if len(expected) != len(found):
            yield Mismatch(example.name, f"{file.name} rows", str(len(expected)), str(len(found)))
        for number, (want, have) in enumerate(zip(expected, found, strict=False), start=2):
            for item, value in want.items():
                got = have.get(names.get(item, ""), "(no such item)")
                if got != value:
                    yield Mismatch(example.name, f"{file.name}:{number} {item}", value, got)
    # Records of an example are counted by table, those of a host by file.
    own = pl.col("record") - pl.col("table").replace_strict(before, default=0, return_dtype=pl.UInt64)
    yield from _compare_codes(example, outcome.reports.with_columns(record=own), codes)


def _compare_codes(example: Example, said: pl.DataFrame, codes: Path) -> Iterator[Mismatch]:
    """All reports but cascades must be those of codes.csv (code, table, record), no more and no fewer.

    Findings of rules are compared only for the codes that the case names: a few given rows are no whole town.
    """
    rows = read_rows(codes)
    if any(list(row) != _CODES for row in rows):
        yield Mismatch(example.name, "codes.csv header", ",".join(_CODES), ",".join(rows[0]))
        return
    want = sorted((row["code"], row["table"], int(row["record"])) for row in rows)
    named = [code for code, _, _ in want]
    beside = (pl.col("severity") == FINDING) & (pl.col("stage") == "check") & ~pl.col("code").is_in(named)
    have = sorted(said.filter((pl.col("kind") != CASCADE) & ~beside).select("code", "table", "record").iter_rows())
    for entry in want:
        if entry not in have:
            yield Mismatch(example.name, "codes.csv", " ".join(map(str, entry)), "not reported")
    for code, table, record in have:
        if (code, table, record) not in want:
            yield Mismatch(example.name, "codes.csv", "no such report", f"{code} {table} {record}")
