"""The row contract: one pandera schema per group, all faults of all rows, each led back to its row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaErrors

from dmig.converters.cells import Alike, Cells, Member, Named, named
from dmig.model.layout import Group, Outcome, Rule, StandardLayout
from dmig.model.reports import BLANK, CONSEQUENCE, FINDING, REJECT, ROOT, empty_reports, reports
from dmig.plan.rules import KINDS
from dmig.stages.check.forms import alike, judged_items, rule_expr

SEVERITIES = {Outcome.REJECT: REJECT, Outcome.BLANK: BLANK, Outcome.FINDING: FINDING, Outcome.STOP: REJECT}


@dataclass(frozen=True, slots=True)
class Judged:
    """One part judged: reports of broken rules, and how many rows each rule has really seen."""

    reports: pl.DataFrame
    evaluated: dict[str, int]


class RowContract:
    """The compiled contract of one group; built once per process."""

    def __init__(self, group: Group, rules: tuple[Rule, ...], layout: StandardLayout, sources: dict[str, str]) -> None:
        self.group = group
        self.rules = {rule.rule: rule for rule in rules if "pandera" in rule.engines}
        self._sources = sources
        self._evaluated: dict[str, int] = {}
        self._cells = Cells(0)
        self._alike, self._single = self._built(layout)
        by_item: dict[str, list[pa.Check]] = {item.item: [] for item in group.items}
        for rule in self.rules.values():
            by_item[rule.items[0]].append(pa.Check(self._check(rule), name=rule.rule, ignore_na=False))
        self._schema = pa.DataFrameSchema(
            {name: pa.Column(pl.String, checks, nullable=True, required=True) for name, checks in by_item.items()},
            strict=True,
        )

    def run(self, cells: Cells, unjudged: pl.DataFrame) -> Judged:
        """Judge all rows of one part; cells named in `unjudged` (row, item) have been reported before."""
        self._evaluated = dict.fromkeys(self.rules, 0)
        if not cells.height:
            return Judged(empty_reports(), dict(self._evaluated))
        for alike_rules in self._alike:
            cells.evaluate_alike(alike_rules)
        cells.evaluate(self._single)
        self._cells, frame = cells, cells.frame(item.item for item in self.group.items)
        failures = pl.DataFrame(schema={"rule": pl.String, "row": pl.UInt32})
        with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            try:
                self._schema.validate(frame, lazy=True)
            except SchemaErrors as errors:
                failures = self._failures(errors.failure_cases)
        return Judged(self._reports(failures, unjudged), dict(self._evaluated))

    def _built(self, layout: StandardLayout) -> tuple[tuple[Alike, ...], tuple[Named, ...]]:
        """Rules as expressions: those that say the same of many items together, the others one by one."""
        families: dict[tuple[object, ...], list[Rule]] = {}
        single = []
        for rule in self.rules.values():
            if (shape := alike(rule, self.group)) is None:
                single.append(rule_expr(rule, self.group, layout).alias(_holds(rule)))
            else:
                families.setdefault(shape, []).append(rule)
        together = []
        for rules in families.values():
            members = tuple(Member((rule.items[0],), (_holds(rule),)) for rule in rules)
            expr = rule_expr(rules[0], self.group, layout).alias(_holds(rules[0]))
            together.append(Alike((rules[0].items[0],), named([expr]), members))
        return tuple(together), named(single)

    def _check(self, rule: Rule) -> Callable[[pa.PolarsData], pl.LazyFrame | bool]:
        """What pandera is told of a rule, row by row; where all rows hold it, that is said once for all."""

        def check(found: pa.PolarsData) -> pl.LazyFrame | bool:
            holds = self._cells.rows(_holds(rule))
            self._evaluated[rule.rule] += holds.len()
            return True if holds.all() else holds.alias(rule.items[0]).to_frame().lazy()

        return check

    def _failures(self, cases: pl.DataFrame) -> pl.DataFrame:
        """Rule and row of each failure; the values that pandera keeps beside them are dropped here."""
        named = cases.select(pl.col("check").alias("rule"), pl.col("index").cast(pl.UInt32).alias("row"))
        strange = named.filter(~pl.col("rule").is_in(list(self.rules)) | pl.col("row").is_null())
        if strange.height:
            names = ", ".join(sorted(set(strange["rule"].fill_null("?"))))
            raise RuntimeError(f"pandera reports without a rule and row of ours in group {self.group.group}: {names}")
        return named

    def _reports(self, failures: pl.DataFrame, unjudged: pl.DataFrame) -> pl.DataFrame:
        """Rules in their order. Where a rule refuses a row, later ones that judge the same items only follow."""
        found, silent = [empty_reports()], _rows_by_item(unjudged)
        accused: dict[str, list[pl.DataFrame]] = {}
        by_rule = {str(name): part for (name,), part in failures.group_by(["rule"], maintain_order=True)}
        for rule in (self.rules[name] for name in self.rules if name in by_rule):
            items = judged_items(rule)
            rows = by_rule[rule.rule].select("row").unique(maintain_order=True)
            if known := [silent[item] for item in items if item in silent]:
                rows = rows.join(pl.concat(known), on="row", how="anti", maintain_order="left")
            before = [frame for item in items for frame in accused.get(item, [])]
            follows = pl.concat(before).unique() if before else rows.clear()
            for kind, how in ((ROOT, "anti"), (CONSEQUENCE, "semi")):
                own = rows.join(follows, on="row", how=how, maintain_order="left")  # type: ignore[arg-type]
                found.append(
                    reports(
                        own, kind=kind, stage="check", code=KINDS[rule.kind].code, severity=SEVERITIES[rule.outcome],
                        target_item=rule.items[0], source_item=self._sources.get(rule.items[0], ""), rule=rule.rule,
                    )
                )  # fmt: skip
            if SEVERITIES[rule.outcome] == REJECT:
                for item in items:
                    accused.setdefault(item, []).append(rows)
        return pl.concat(found)


def _rows_by_item(unjudged: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return {str(item): part.select("row") for (item,), part in unjudged.group_by(["item"], maintain_order=True)}


def _holds(rule: Rule) -> str:
    """Column of a block that says where a rule holds."""
    return f"holds {rule.rule}"
