"""Examples of a mapping: given legacy rows, expected standard rows and codes; run through the whole pipeline."""

from __future__ import annotations

import csv
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dmig.model.legacy import LegacyTable
from dmig.model.reports import CASCADE, FINDING
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
        for table in plan.legacy.tables:
            _write_given(plan, table, example.folder / "given" / f"{table.table}.csv", inputs)
        outcome = execute(
            Request(request.library, request.operation, request.system, inputs, Path(place) / "run",
                    make_registry=request.make_registry, extra_steps=request.extra_steps), plan
        )  # fmt: skip
        published = Path(place) / "run" / "protected" / "write" / "published"
        return list(_compare(plan, example, outcome, published))


def _write_given(plan: Plan, table: LegacyTable, given: Path, inputs: Path) -> None:
    """The given rows as the legacy system would deliver them; items that are not given are blank."""
    rows = _rows(given)
    with (inputs / table.file).open("w", encoding=plan.legacy.charset, newline="") as target:
        writer = csv.writer(target, delimiter=plan.legacy.csv.delimiter, lineterminator="\r\n")
        if plan.legacy.csv.header:
            writer.writerow([item.name for item in table.items])
        for row in rows:
            unknown = set(row) - {item.item for item in table.items}
            if unknown:
                raise ValueError(f"{given.name}: unknown items {' '.join(sorted(unknown))}")
            writer.writerow([row.get(item.item, "").replace("\\n", "\n") for item in table.items])


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def _compare(plan: Plan, example: Example, outcome: RunOutcome, published: Path) -> Iterator[Mismatch]:
    expected_files = sorted((example.folder / "expected").glob("*.csv"))
    codes = example.folder / "codes.csv"
    if not expected_files and not codes.is_file():
        yield Mismatch(example.name, "expected/", "a file", "none")
    for file in expected_files:
        group = next(g for g in plan.groups if g.group.group == file.stem)
        output = next(o for o in outcome.outputs if o.group == file.stem and o.kind == "csv")
        found = _rows(published / output.file)
        names = {item.item: item.name for item in group.group.items}
        expected = _rows(file)
        if len(expected) != len(found):
            yield Mismatch(example.name, f"{file.name} rows", str(len(expected)), str(len(found)))
        for number, (want, have) in enumerate(zip(expected, found, strict=False), start=2):
            for item, value in want.items():
                got = have.get(names.get(item, ""), "(no such item)")
                if got != value:
                    yield Mismatch(example.name, f"{file.name}:{number} {item}", value, got)
    yield from _compare_codes(example, outcome.reports, codes)


def _compare_codes(example: Example, said: pl.DataFrame, codes: Path) -> Iterator[Mismatch]:
    """All reports but cascades must be those of codes.csv (code, table, record), no more and no fewer.

    Findings of rules are compared only for the codes that the case names: a few given rows are no whole town.
    """
    rows = _rows(codes)
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
