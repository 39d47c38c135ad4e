"""Compiler pass: mapping rows of a group -> distinct calls, intermediates in order, targets with alternatives."""

from __future__ import annotations

from dataclasses import dataclass, field

from dmig.converters.contract import Converter, Registry
from dmig.errors import Diagnostics
from dmig.model.layout import Group, StandardItem
from dmig.model.mapping import Bad, Mapping, MappingRow
from dmig.plan.conditions import condition_items
from dmig.plan.nouns import Alternative, Call, StreamItem, Target
from dmig.plan.streams import check_args

#: A chain of named intermediates may be this deep.
MAX_CHAIN = 3
UNDECIDED = "undecided"


@dataclass(slots=True)
class GroupCalls:
    """What the mapping rows of one group amount to."""

    calls: list[Call] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)


class CallCompiler:
    """Resolves the rows of one group against its stream items, the registry and the mapping's tables."""

    def __init__(
        self,
        group: Group,
        items: dict[str, StreamItem],
        mapping: Mapping,
        registry: Registry,
        finished: tuple[str, ...],
        parameters: frozenset[str],
        diagnostics: Diagnostics,
    ) -> None:
        self.group = group
        self.items = items
        self.mapping = mapping
        self.registry = registry
        self.finished = finished
        self.parameters = parameters
        self.diagnostics = diagnostics
        self.rows = [row for row in mapping.rows if row.group == group.group]
        self.levels = self._levels()
        self.calls: dict[tuple[object, ...], Call] = {}

    def compile(self) -> GroupCalls:
        """All calls and targets; intermediates first by level, then standard items in layout order."""
        found = GroupCalls()
        by_target: dict[str, list[MappingRow]] = {}
        for row in self.rows:
            self._check(row, found)
            by_target.setdefault(row.target, []).append(row)
        self._check_coverage(by_target)
        self._check_carried()
        order = sorted((n for n in by_target if n.startswith("_")), key=lambda n: (self.levels.get(n, 1), n))
        order += [item.item for item in self.group.items if item.item in by_target]
        for name in order:
            found.targets.append(self._target(name, sorted(by_target[name], key=lambda row: row.order)))
        found.calls = list(self.calls.values())
        return found

    def _levels(self) -> dict[str, int]:
        """Level of each intermediate: 1 when made of stream items, n + 1 when made of level n. Cycles are faults."""
        makers: dict[str, list[MappingRow]] = {}
        for row in self.rows:
            if row.target.startswith("_"):
                makers.setdefault(row.target, []).append(row)
        levels: dict[str, int] = {}

        def level(name: str, path: tuple[str, ...]) -> int:
            if name in path:
                row = makers[name][0]
                self._fault(row, "SPC034", chain=" > ".join((*path[path.index(name) :], name)))
                return 1
            if name not in levels:
                below = [
                    level(source, (*path, name))
                    for row in makers[name]
                    for source in (*row.sources, *self._when_items(row))
                    if source in makers
                ]
                levels[name] = 1 + max(below, default=0)
                if levels[name] > MAX_CHAIN:
                    self._fault(makers[name][0], "SPC035", name=name, most=MAX_CHAIN)
            return levels[name]

        for name in makers:
            level(name, ())
        return levels

    def _when_items(self, row: MappingRow) -> tuple[str, ...]:
        return condition_items(self.mapping.conditions.get(row.when, ()))

    def _check(self, row: MappingRow, found: GroupCalls) -> None:
        item = self.group.item(row.target)
        if item is None and not row.target.startswith("_"):
            self._fault(row, "SPC020", what="item", name=row.target)
        if row.target in self.finished:
            self._fault(row, "SPC036", name=row.target)
        if row.when and row.when not in self.mapping.conditions:
            self._fault(row, "SPC020", what="condition", name=row.when)
        for source in (*row.sources, *self._when_items(row)):
            if source in self.levels:
                continue
            if source not in self.items:
                self._fault(row, "SPC020", what="item", name=source)
            else:
                found.reads.append(source)
        if row.converter == UNDECIDED:
            self._check_undecided(row)
            return
        converter = self.registry.converters.get(row.converter)
        if converter is None:
            self._fault(row, "SPC020", what="converter", name=row.converter)
            return
        self._check_call(row, converter)

    def _check_undecided(self, row: MappingRow) -> None:
        if self.mapping.status != "draft":
            self._fault(row, "SPC037", name=row.target)
        for name in ("owner", "due"):
            if not dict(row.args).get(name):
                self._fault(row, "SPC031", name=name)

    def _check_call(self, row: MappingRow, converter: Converter) -> None:
        least, most = converter.sources
        if not least <= len(row.sources) <= most:
            self._fault(row, "SPC032", expected=f"{least}-{most}", found=len(row.sources))
        check_args(converter.args, dict(row.args), row.place, self.diagnostics, self.parameters)
        table = self.mapping.code_tables.get(row.code_table)
        parts = converter.parts
        if row.code_table and table is None:
            self._fault(row, "SPC020", what="code table", name=row.code_table)
        if converter.needs_table and not row.code_table:
            self._fault(row, "SPC006", column="code_table")
        if row.code_table and not converter.needs_table:
            self._fault(row, "SPC038", name=row.converter)
        if converter.needs_table and table is not None and converter.parts == ("*",):
            parts = ("", *table.parts) if len(table.parts) == 1 else table.parts
            width = len(row.sources) - (1 if dict(row.args).get("as_of") else 0)
            if width != table.width:
                self._fault(row, "SPC032", expected=table.width, found=width)
        if row.part not in parts:
            self._fault(row, "SPC020", what="part", name=row.part or "(blank)")

    def _check_coverage(self, by_target: dict[str, list[MappingRow]]) -> None:
        """Every item that must have a value or a column needs a row; the last alternative needs no condition."""
        file = f"mappings/{self.mapping.operation}/{self.mapping.system}/{self.group.group}.csv"
        for item in self.group.items:
            if item.item not in by_target and item.item not in self.finished and item.must_output:
                self.diagnostics.add(file, 0, "SPC039", name=f"{item.name} ({item.item})")
        for name, rows in by_target.items():
            if len({(row.if_missing, row.if_bad) for row in rows}) > 1:
                self._fault(rows[-1], "SPC040", name=name)

    def _check_carried(self) -> None:
        """Parts that carry content: all of them are mapped somewhere in the group, or disposed of by name."""
        mapped: dict[tuple[str, tuple[str, ...]], dict[str, MappingRow]] = {}
        for row in self.rows:
            if row.converter in self.registry.converters:
                mapped.setdefault((row.converter, row.sources), {})[row.part] = row
        disposed = {row.item for row in self.mapping.dispositions}
        for (name, sources), parts in mapped.items():
            for part in self.registry.converters[name].carries:
                if part not in parts and f"{sources[0]}.{part}" not in disposed:
                    self._fault(next(iter(parts.values())), "SPC046", name=name, part=part, source=sources[0])

    def _target(self, name: str, rows: list[MappingRow]) -> Target:
        item: StandardItem | None = self.group.item(name)
        level = self.levels.get(name, MAX_CHAIN + 1)
        alternatives = tuple(
            Alternative(self._call(row).number, row.part or self._only_part(row), row.when, row.place, row.basis)
            for row in rows
            if row.converter in self.registry.converters
        )
        return Target(
            name=name,
            item=item,
            alternatives=alternatives,
            if_missing=rows[0].if_missing,
            if_bad=Bad.BLANK if all(row.if_bad is Bad.BLANK for row in rows) else Bad.REJECT,
            level=level,
            undecided=any(row.converter == UNDECIDED for row in rows),
        )

    def _only_part(self, row: MappingRow) -> str:
        """A blank part of a code table with one standard column means that column."""
        table = self.mapping.code_tables.get(row.code_table)
        converter = self.registry.converters[row.converter]
        return table.parts[0] if table and table.parts and converter.parts == ("*",) else ""

    def _call(self, row: MappingRow) -> Call:
        key = (row.converter, row.sources, row.args, row.code_table)
        if key not in self.calls:
            level = 1 + max((self.levels.get(source, 0) for source in row.sources), default=0)
            self.calls[key] = Call(
                len(self.calls), row.converter, row.sources, row.args, row.code_table, level, row.place
            )
        return self.calls[key]

    def _fault(self, row: MappingRow, code: str, **values: object) -> None:
        self.diagnostics.add(row.place.file, row.place.line, code, **values)
