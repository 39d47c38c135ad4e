"""Compiler pass: steps of a group -> its final stream and the items that mapping rows may use."""

from __future__ import annotations

from dataclasses import dataclass, field

from dmig.converters.contract import ArgSpec
from dmig.errors import Diagnostics
from dmig.model.legacy import LegacyLayout
from dmig.model.mapping import Mapping, Place, StepRow
from dmig.plan.conditions import condition_items
from dmig.plan.nouns import StreamItem
from dmig.steps.contract import StepKind

#: The argument that moves a step behind the conversion, onto standard items.
ON, STANDARD = "on", "standard"


@dataclass(slots=True)
class Stream:
    """A named run of rows while compiling: which items it has and which tables its rows come from."""

    items: dict[str, StreamItem]
    tables: tuple[str, ...]
    created: bool = False


@dataclass(slots=True)
class GroupStreams:
    """What the steps of one group amount to."""

    stream: str = ""
    final: Stream = field(default_factory=lambda: Stream({}, ()))
    shape: list[StepRow] = field(default_factory=list)
    finish: list[StepRow] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)


def compile_streams(
    group: str, mapping: Mapping, legacy: LegacyLayout, kinds: dict[str, StepKind], diagnostics: Diagnostics
) -> GroupStreams:
    """Follow the group's steps in order; every unknown name is a diagnostic at the step's line."""
    streams = {
        table.table: Stream(
            {item.item: StreamItem(item.item, item, (table.table,)) for item in table.items}, (table.table,)
        )
        for table in legacy.tables
    }
    found = GroupStreams()
    numbers: set[int] = set()
    for step in (row for row in mapping.steps if row.group == group):
        if step.n in numbers:
            diagnostics.add(step.place.file, step.place.line, "SPC014", key=f"{group} {step.n}", line=0)
        numbers.add(step.n)
        kind = kinds.get(step.step)
        if kind is None:
            _fault(diagnostics, step.place, "SPC020", what="step", name=step.step)
            continue
        args = {name: value for name, value in step.args if name != ON}
        check_args(kind.args, args, step.place, diagnostics)
        for given, needed in kind.together:
            if args.get(given) and not args.get(needed):
                _fault(diagnostics, step.place, "SPC031", name=needed)
        if step.arg(ON):
            if step.arg(ON) != STANDARD:
                _fault(diagnostics, step.place, "SPC007", column=ON, value=step.arg(ON), allowed=STANDARD)
            found.finish.append(step)
            found.finished += kind.gives(step)
            continue
        output = _follow(step, kind, streams, mapping, legacy, diagnostics, found)
        if output is not None:
            streams[step.output] = output
            streams |= {name: Stream(output.items, output.tables, output.created) for name in kind.streams(step)}
            found.stream, found.final = step.output, output
            found.shape.append(step)
    if not found.stream:
        diagnostics.add(f"mappings/{mapping.operation}/{mapping.system}/steps.csv", 0, "SPC030", group=group)
    return found


def check_args(
    specs: tuple[ArgSpec, ...],
    args: dict[str, str],
    place: Place,
    diagnostics: Diagnostics,
    parameters: frozenset[str] = frozenset(),
) -> None:
    """Arguments against their specification: unknown, missing, out of the closed set, no such parameter."""
    known = {spec.name: spec for spec in specs}
    for name, value in args.items():
        spec = known.get(name)
        if spec is None:
            _fault(diagnostics, place, "SPC020", what="argument", name=name)
            continue
        words = value.split("|") if spec.kind == "list" else [value]
        if spec.choices and any(word not in spec.choices for word in words):
            _fault(diagnostics, place, "SPC007", column=name, value=value, allowed=" | ".join(spec.choices))
        if spec.kind == "amount" and not value.isdigit() and not (value.startswith("@") and value[1:] in parameters):
            _fault(diagnostics, place, "SPC047", column=name, value=value)
        if spec.kind == "int" and not value.lstrip("-").isdigit():
            _fault(diagnostics, place, "SPC008", column=name, value=value)
    for spec in specs:
        if spec.required and not args.get(spec.name):
            _fault(diagnostics, place, "SPC031", name=spec.name)


def _follow(
    step: StepRow,
    kind: StepKind,
    streams: dict[str, Stream],
    mapping: Mapping,
    legacy: LegacyLayout,
    diagnostics: Diagnostics,
    found: GroupStreams,
) -> Stream | None:
    """The stream after one shape step."""
    least, most = kind.inputs
    if not least <= len(step.inputs) <= most:
        _fault(diagnostics, step.place, "SPC032", expected=f"{least}-{most}", found=len(step.inputs))
    unknown = [name for name in step.inputs if name not in streams]
    for name in unknown:
        _fault(diagnostics, step.place, "SPC020", what="stream", name=name)
    if unknown or not step.inputs:
        return None
    merged = _merge([streams[name] for name in step.inputs], step, diagnostics)
    if kind.needs_keys and not step.keys:
        _fault(diagnostics, step.place, "SPC006", column="keys")
    reads = list(kind.reads(step))
    for name in _named_conditions(kind, step):
        if name not in mapping.conditions:
            _fault(diagnostics, step.place, "SPC020", what="condition", name=name)
        else:
            reads += condition_items(mapping.conditions[name])
    for name in reads:
        if name not in merged.items:
            _fault(diagnostics, step.place, "SPC020", what="item", name=name)
    found.reads += [name for name in reads if name in merged.items]
    # Rows made by a step have only the items that the step gives them.
    items = {} if kind.makes_rows else dict(merged.items)
    for name in kind.gives(step):
        items[name] = StreamItem(name, None, merged.tables, step.step)
    _check_table(step, kind, streams, legacy, diagnostics)
    return Stream(items, merged.tables, merged.created or kind.makes_rows)


def _named_conditions(kind: StepKind, step: StepRow) -> list[str]:
    return [step.arg(spec.name) for spec in kind.args if spec.name == "condition" and step.arg(spec.name)]


def _check_table(
    step: StepRow, kind: StepKind, streams: dict[str, Stream], legacy: LegacyLayout, diagnostics: Diagnostics
) -> None:
    name = step.arg("table")
    if not name:
        return
    if name in streams:
        for item in kind.reads_table(step):
            if item not in streams[name].items:
                _fault(diagnostics, step.place, "SPC020", what="item", name=f"{name}.{item}")
        return
    table = legacy.table(name)
    if table is None:
        _fault(diagnostics, step.place, "SPC020", what="table", name=name)
        return
    for item in kind.reads_table(step):
        if table.item(item) is None:
            _fault(diagnostics, step.place, "SPC020", what="item", name=f"{name}.{item}")


def _merge(streams: list[Stream], step: StepRow, diagnostics: Diagnostics) -> Stream:
    """Items of several streams side by side; the same name must mean the same legacy type."""
    items: dict[str, StreamItem] = {}
    for stream in streams:
        for name, item in stream.items.items():
            known = items.get(name)
            if known is None:
                items[name] = item
                continue
            mine, other = known.legacy, item.legacy
            if mine and other and (mine.type, mine.args) != (other.type, other.args):
                _fault(diagnostics, step.place, "SPC033", name=name)
            items[name] = StreamItem(name, mine or other, (*known.tables, *item.tables), known.maker or item.maker)
    tables = tuple(dict.fromkeys(table for stream in streams for table in stream.tables))
    return Stream(items, tables, any(stream.created for stream in streams))


def _fault(diagnostics: Diagnostics, place: Place, code: str, **values: object) -> None:
    diagnostics.add(place.file, place.line, code, **values)
