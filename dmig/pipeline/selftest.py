"""The self-test: one planted fault for every rule and every engine that the rule names, through the real engines.

Rows are invented from the layout, so it needs no fixture and shows no value of a record. A rule has fired in an engine
if the engine reports the row planted for it, and no row in which nothing that the rule reads was touched.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from dmig.converters.cells import Cells
from dmig.errors import DmigError
from dmig.pipeline.ground import Ground, Row
from dmig.pipeline.planting import Planted, planted, planted_set, read_items, row_without_faults
from dmig.pipeline.suites import Suites
from dmig.plan.nouns import GroupPlan, Plan
from dmig.plan.rules import RECORD, SET
from dmig.stages import write
from dmig.stages.accept import Expectation, Seen, heading, judge, read_records
from dmig.stages.check import RowContract, set_violations

PASS, FAIL = "pass", "fail"
PANDERA, DUCKDB, GX = "pandera", "duckdb", "gx"
#: How many rules that did not fire are named in a message.
NAMED = 5


def self_test(plan: Plan, suites: Suites) -> dict[str, Any]:
    """Whether every rule fires in every engine it names: the `self_test` part of a result."""
    engines = [
        {"group": group.group.group, "rule": rule, "engine": engine, "fired": fired}
        for group in plan.groups
        for rule, engine, fired in _group(plan, group, suites[group.group.group])
    ]
    rules = {(entry["group"], entry["rule"]) for entry in engines}
    status = PASS if engines and all(entry["fired"] for entry in engines) else FAIL
    return {"status": status, "rules": len(rules), "engines": engines}


def refuse_silent_rules(operation: str, tested: dict[str, Any]) -> None:
    """`DmigError` ENV005 where a rule did not fire."""
    silent = [f"{entry['rule']} {entry['engine']}" for entry in tested["engines"] if not entry["fired"]]
    if tested["status"] != PASS:
        named = ", ".join(silent[:NAMED]) + (" …" if len(silent) > NAMED else "")
        raise DmigError("ENV005", count=len(silent), rules=named, operation=operation)


def _group(plan: Plan, group: GroupPlan, suite: tuple[Expectation, ...]) -> Iterator[tuple[str, str, bool]]:
    """Every rule of a group with each of its engines, and whether it fired."""
    ground = Ground(group.group, plan.layout)
    on_rows = [rule for rule in group.rules if rule.scope in RECORD]
    sound = row_without_faults(ground, on_rows)
    faults = [planted(rule, sound, ground) for rule in on_rows]
    rows = [sound, *(fault.row for fault in faults)]
    by_pandera, by_gx = _in_pandera(plan, group, rows), _in_gx(plan, group, suite, rows)
    for at, fault in enumerate(faults, 1):
        for engine, found in ((PANDERA, by_pandera), (GX, by_gx)):
            if engine in fault.rule.engines:
                yield fault.rule.rule, engine, _has_fired(found.get(fault.rule.rule, []), at, faults, engine, suite)
    for rule in group.rules:
        if rule.scope in SET and DUCKDB in rule.engines:
            sets = planted_set(rule)
            there = pl.DataFrame(sets.other, schema=dict.fromkeys(sets.other[0], pl.String)) if sets.other else None
            said, judged = set_violations(rule, _numbered(sets.rows), {}, there)
            reported = list(said.select("part", "row").iter_rows())
            yield rule.rule, DUCKDB, judged == len(sets.rows) and reported == [(0, sets.first)]
    yield from _table_expectations(group, suite, rows)


def _has_fired(
    reported: Sequence[int], at: int, faults: list[Planted], engine: str, suite: tuple[Expectation, ...]
) -> bool:
    """Whether row `at` (0 is the row without faults) is reported, and no row where nothing was touched that is read."""
    rule = faults[at - 1].rule
    read = read_items(rule)
    if engine == GX:
        together = {covered for found in suite if rule.rule in found.rules for covered in found.rules}
        read = frozenset(item for fault in faults if fault.rule.rule in together for item in fault.rule.items)
    return at in reported and all(row and faults[row - 1].touched & read for row in reported)


def _numbered(rows: Sequence[Row]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String)).with_row_index("row")
    return frame.with_columns(pl.lit(0, pl.UInt32).alias("part"))


def _in_pandera(plan: Plan, group: GroupPlan, rows: list[Row]) -> dict[str, list[int]]:
    """Rule -> rows that the row contract reports."""
    contract = RowContract(group.group, group.rules, plan.layout, {})
    frame = pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String))
    said = contract.run(Cells.of_frame(frame), pl.DataFrame(schema={"row": pl.UInt32, "item": pl.String})).reports
    found: dict[str, list[int]] = {}
    for rule, row in said.select("rule", "row").iter_rows():
        found.setdefault(rule, []).append(row)
    return found


def _in_gx(plan: Plan, group: GroupPlan, suite: tuple[Expectation, ...], rows: list[Row]) -> dict[str, list[int]]:
    """Rule -> rows that an expectation which covers it reports, written and read again as a run does it."""
    dialect = plan.layout.dialect
    with tempfile.TemporaryDirectory() as folder:
        body, path = Path(folder) / "body.csv", Path(folder) / "rows.csv"
        write.write_csv_part(pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String)), dialect, body)
        write.join_files(write.header_line(group.group, dialect), [body], path)
        names, start = heading(path, dialect, [item.name for item in group.group.items])
        batch = read_records(path, start, path.stat().st_size, names, names)
    found: dict[str, list[int]] = {}
    for expectation in suite:
        if not expectation.of_table:
            seen = judge(expectation, names, batch, len(rows), positions=True)
            for rule in expectation.rules:
                found.setdefault(rule, []).extend(seen.rows)
    return found


def _table_expectations(
    group: GroupPlan, suite: tuple[Expectation, ...], rows: list[Row]
) -> Iterator[tuple[str, str, bool]]:
    """Expectations of the file as a whole: two columns exchanged, one row more announced than is there."""
    names = tuple(item.name for item in group.group.items)
    batch = pl.DataFrame({name: [""] * len(rows) for name in names}).to_arrow()
    for found in suite:
        if found.of_table:
            right = judge(found, names, batch, len(rows))
            wrong = judge(found, (names[-1], *names[:-1]), batch, len(rows) + 1)
            yield found.rules[0], GX, _held(right) and wrong.unexpected == 1


def _held(seen: Seen) -> bool:
    return not seen.reason and seen.evaluated == 1 and not seen.unexpected
