"""Canonical items to standard items: calls level by level, then targets; faults come out as reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from dmig.converters.cells import Alike, Cells, Member, Named, named
from dmig.converters.contract import Output, Registry, Request
from dmig.model.layout import Parameter
from dmig.model.mapping import Bad, CodeTable, ConditionLine, Missing
from dmig.model.reports import BLANK, FINDING, REJECT, ROOT, empty_reports, reports
from dmig.plan.conditions import condition_expr
from dmig.plan.nouns import Call, GroupPlan, Target

#: Schema of cells that no rule may judge again.
UNJUDGED = {"row": pl.UInt32, "item": pl.String}


@dataclass(frozen=True, slots=True)
class Mask:
    """A boolean column and the report that each of its set rows stands for."""

    column: str
    code: str
    severity: str
    source_item: str
    target_item: str
    place: str


@dataclass(frozen=True, slots=True)
class Converted:
    """One part converted: the block with a column `=item` per standard item, reports, and cells judged already."""

    cells: Cells
    reports: pl.DataFrame
    unjudged: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Settled:
    """How some targets get their values: choices among ways, targets with one way as they are, chosen, missing."""

    choices: tuple[Named, ...]
    plain: tuple[tuple[str, str, str, str], ...]
    chosen: tuple[Named, ...]
    missing: tuple[Named, ...]


class Converter:
    """The compiled conversion of one group. Built once per process; `run` is called per part.

    Blocks carry canonical items, `!item` masks and `?CODE|item` masks of normalise, and items made by steps.
    """

    def __init__(
        self,
        plan: GroupPlan,
        registry: Registry,
        tables: Mapping[str, CodeTable],
        conditions: Mapping[str, tuple[ConditionLine, ...]],
        fault_codes: Mapping[str, str],
        findings: list[tuple[str, str]],
        parameters: Mapping[str, tuple[Parameter, ...]],
    ) -> None:
        self.plan = plan
        self._registry, self._tables, self._conditions = registry, tables, conditions
        self._parameters = parameters
        self._masked = set(fault_codes)
        self._chains = {target.name: target for target in plan.targets if target.name.startswith("_")}
        self._unread = {name: f"!{name}" for name in self._masked} | {f"={c}": f"!={c}" for c in self._chains}
        self._uses = self._targets_by_call()
        self._masks = [self._normalise_mask(name, code) for name, code in fault_codes.items()]
        self._masks += [Mask(f"?{code}|{name}", code, FINDING, name, "", "") for code, name in findings]
        self._findings: dict[int, tuple[str, ...]] = {}
        self._levels = self._build_levels()
        self._finals = self._build_targets([t for t in plan.targets if t.item is not None])
        self._blank = [i.item for i in plan.group.items if not any(t.name == i.item for t in plan.targets)]
        self._met = {call.fault: self._met_by(call) for call in plan.calls}

    def run(self, cells: Cells) -> Converted:
        """Convert one block; one without rows costs nothing."""
        blank = self._blank
        if cells.height:
            for calls, targets in self._levels:
                for alike in calls:
                    cells.evaluate_alike(alike)
                self._settle(cells, targets)
            self._settle(cells, self._finals)
        else:
            blank = [item.item for item in self.plan.group.items]
        for item in blank:
            cells.fill(f"={item}", pl.Series([None], dtype=pl.String))
        if not cells.height:
            return Converted(cells, empty_reports(), pl.DataFrame(schema=UNJUDGED))
        return Converted(cells, self._reports(cells), self._unjudged(cells))

    def _targets_by_call(self) -> dict[int, list[Target]]:
        """Standard targets that depend on a call, directly or through intermediates."""
        uses: dict[int, list[Target]] = {call.number: [] for call in self.plan.calls}
        by_source: dict[str, list[int]] = {}
        for call in self.plan.calls:
            for source in call.sources:
                by_source.setdefault(source, []).append(call.number)

        def reached(target: Target) -> list[Target]:
            if target.item is not None:
                return [target]
            return [final for number in by_source.get(target.name, []) for final in found(number)]

        def found(number: int) -> list[Target]:
            direct = [t for t in self.plan.targets if any(a.call == number for a in t.alternatives)]
            return [final for target in direct for final in reached(target)]

        for number in uses:
            uses[number] = list({final.name: final for final in found(number)}.values())
        return uses

    def _severity(self, targets: list[Target]) -> str:
        """Refusing wins: a fault blanks only where every target that needs the value says so."""
        return BLANK if targets and all(target.if_bad is Bad.BLANK for target in targets) else REJECT

    def _normalise_mask(self, item: str, code: str) -> Mask:
        targets = [t for call in self.plan.calls if item in call.sources for t in self._uses[call.number]]
        return Mask(f"!{item}", code, self._severity(targets), item, targets[0].name if targets else "", "")

    def _settle(self, cells: Cells, targets: Settled) -> None:
        """Values and masks of targets from the outcomes of their calls."""
        cells.evaluate(targets.choices)
        for name, value, fault, bad in targets.plain:
            cells.alias(f"={name}", value)
            failed = [mask for mask in (fault, bad) if cells.any(mask)]
            if len(failed) < 2:
                cells.alias(f"!={name}", failed[0] if failed else fault)
            else:
                cells.evaluate(named([(pl.col(fault) | pl.col(bad)).alias(f"!={name}")]))
        cells.evaluate(targets.chosen)
        cells.evaluate(targets.missing)

    def _build_levels(self) -> list[tuple[tuple[Alike, ...], Settled]]:
        """Per level: its calls, alike ones together, then the intermediates made of them."""
        levels = []
        for number in sorted({call.level for call in self.plan.calls}):
            calls: dict[tuple[object, ...], list[Call]] = {}
            for call in self.plan.calls:
                if call.level == number:
                    shape = (call.converter, call.args, call.code_table, len(call.sources))
                    calls.setdefault(shape, []).append(call)
            chains = [target for target in self._chains.values() if target.level == number]
            levels.append((tuple(self._build_calls(alike) for alike in calls.values()), self._build_targets(chains)))
        for call in self.plan.calls:
            self._add_masks(call)
        return levels

    def _build_calls(self, calls: list[Call]) -> Alike:
        """Calls of one converter with the same arguments: value only where no source had failed before."""
        call = calls[0]
        sources = tuple(f"source{n}" for n in range(len(call.sources)))
        unread = tuple(f"unread{n}" for n in range(len(call.sources)))
        request = Request(
            tuple(pl.col(source) for source in sources), dict(call.args), self._tables.get(call.code_table),
            self._parameters,
        )  # fmt: skip
        output: Output = self._registry.converters[call.converter].build(request)
        bad = pl.any_horizontal(*unread) if unread else pl.lit(False)
        results = [bad.alias("bad"), (output.fault & ~bad).alias("fault")]
        results += [pl.when(~bad).then(value).alias(f"value {part}") for part, value in output.values.items()]
        results += [(mask & ~bad).alias(f"finding {code}") for code, mask in output.findings.items()]
        members = tuple(
            Member(
                (*(self._column(s) for s in call.sources), *(self._unread[self._column(s)] for s in call.sources)),
                (call.bad, call.fault, *(call.value(part) for part in output.values),
                 *(f"@{call.number}?{code}" for code in output.findings)),
            )
            for call in calls
        )  # fmt: skip
        self._findings |= {call.number: tuple(output.findings) for call in calls}
        return Alike((*sources, *unread), named(results), members)

    def _add_masks(self, call: Call) -> None:
        """What the findings and the fault of a call are reported as."""
        kind, uses = self._registry.converters[call.converter], self._uses[call.number]
        first, place = uses[0].name if uses else "", str(call.place)
        source = self._legacy(call.sources)
        for code in self._findings[call.number]:
            severity = self._severity(uses) if code in kind.explains else FINDING
            self._masks.append(Mask(f"@{call.number}?{code}", code, severity, source, first, place))
        self._masks.append(Mask(f"{call.fault}used", kind.fault_code, self._severity(uses), source, first, place))

    def _legacy(self, sources: tuple[str, ...]) -> str:
        """The item that a person can look up: the first source, through intermediates to what they are made of."""
        name = sources[0] if sources else ""
        while name in self._chains:
            below = self.plan.calls[self._chains[name].alternatives[0].call].sources
            name = below[0] if below else ""
        return name

    def _column(self, source: str) -> str:
        return f"={source}" if source in self._chains else source

    def _build_targets(self, targets: list[Target]) -> Settled:
        """The choice of an alternative where there is one, then value and masks."""
        choices, plain, chosen, missing = [], [], [], []
        for target in targets:
            if _only_way(target):
                (alternative,) = target.alternatives
                call = self.plan.calls[alternative.call]
                plain.append((target.name, call.value(alternative.part), call.fault, call.bad))
            else:
                choices.append(self._choice(target).alias(f"#{target.name}"))
                chosen += self._chosen(target)
            if target.item is not None and target.if_missing is not Missing.BLANK and not target.undecided:
                missing.append(
                    (pl.col(f"={target.name}").is_null() & ~pl.col(f"!={target.name}")).alias(f"%{target.name}")
                )
                self._masks.append(self._missing_mask(target))
        return Settled(named(choices), tuple(plain), named(chosen), named(missing))

    def _missing_mask(self, target: Target) -> Mask:
        severity = REJECT if target.if_missing is Missing.REJECT else FINDING
        first = self.plan.calls[target.alternatives[0].call].sources if target.alternatives else ()
        place = str(target.alternatives[0].place) if target.alternatives else ""
        return Mask(f"%{target.name}", "CNV002", severity, self._legacy(first), target.name, place)

    def _choice(self, target: Target) -> pl.Expr:
        """Number of the first alternative whose condition holds and whose source is filled; null for none."""
        chain = pl.lit(None, pl.UInt8)
        for number, alternative in reversed(list(enumerate(target.alternatives))):
            call = self.plan.calls[alternative.call]
            filled = pl.col(call.value(alternative.part)).is_not_null() | pl.col(call.fault) | pl.col(call.bad)
            if alternative.when:
                filled = filled & condition_expr(self._renamed(self._conditions[alternative.when]), self._unread)
            chain = pl.when(filled).then(pl.lit(number, pl.UInt8)).otherwise(chain)
        return chain

    def _renamed(self, lines: tuple[ConditionLine, ...]) -> tuple[ConditionLine, ...]:
        """Conditions on intermediates read the intermediates' value columns."""
        return tuple(ConditionLine(x.condition, x.line, self._column(x.item), x.test, x.values, x.place) for x in lines)

    def _chosen(self, target: Target) -> list[pl.Expr]:
        """Value and mask of failure of a target that has several ways."""
        choice = pl.col(f"#{target.name}")
        value, failed = pl.lit(None, pl.String), pl.lit(False)
        for number, alternative in reversed(list(enumerate(target.alternatives))):
            call = self.plan.calls[alternative.call]
            value = pl.when(choice == number).then(pl.col(call.value(alternative.part))).otherwise(value)
            failed = pl.when(choice == number).then(pl.col(call.fault) | pl.col(call.bad)).otherwise(failed)
        return [value.alias(f"={target.name}"), failed.alias(f"!={target.name}")]

    def _met_by(self, call: Call) -> tuple[Named, ...]:
        """Rows where the fault of a call reached a value: some target or intermediate chose it."""
        met = [
            pl.lit(True) if _only_way(target) else (pl.col(f"#{target.name}") == number)
            for target in self.plan.targets
            for number, alternative in enumerate(target.alternatives)
            if alternative.call == call.number
        ]
        explained = self._registry.converters[call.converter].explains
        told = [pl.col(f"@{call.number}?{code}") for code in explained]
        plain = pl.col(call.fault) & ~pl.any_horizontal(*told) if told else pl.col(call.fault)
        used = plain & pl.any_horizontal(*met).fill_null(False) if met else pl.lit(False)
        return named([used.alias(f"{call.fault}used")])

    def _reports(self, cells: Cells) -> pl.DataFrame:
        for fault, met in self._met.items():
            if cells.any(fault):
                cells.evaluate(met)
        found = [
            reports(
                pl.DataFrame({"row": cells.where(mask.column)}), kind=ROOT, stage="convert", code=mask.code,
                severity=mask.severity, source_item=mask.source_item, target_item=mask.target_item, place=mask.place,
            )
            for mask in self._masks
            if mask.column in cells and cells.any(mask.column)
        ]  # fmt: skip
        return pl.concat(found) if found else empty_reports()

    def _unjudged(self, cells: Cells) -> pl.DataFrame:
        """(row, item) of cells that failed or were missed already: rules say nothing about them."""
        found = [pl.DataFrame(schema=UNJUDGED)]
        for target in self.plan.targets:
            masks = [name for name in (f"!={target.name}", f"%{target.name}") if name in cells and cells.any(name)]
            if target.item is not None and masks:
                rows = pl.DataFrame([cells.rows(name) for name in masks]).select(pl.any_horizontal(pl.all()))
                found.append(
                    pl.DataFrame({"row": rows.to_series().arg_true()}).with_columns(pl.lit(target.name).alias("item"))
                )
        return pl.concat(found)


def _only_way(target: Target) -> bool:
    """Whether a target has one alternative without a condition: then nothing has to be chosen."""
    return len(target.alternatives) == 1 and not target.alternatives[0].when
