"""What a worker process holds: the plan, and the kernels compiled from it once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from dmig.converters.contract import Registry
from dmig.model.layout import Parameter
from dmig.plan.expansions import expansions
from dmig.plan.nouns import GroupPlan, Plan
from dmig.stages.check import RowContract
from dmig.stages.convert import Converter
from dmig.stages.normalise import Normaliser
from dmig.stages.roundtrip import Inverse, RoundTrip

#: The class of the proofs that rebuild a source item.
INVERSE = "inverse"
#: The fault of an item that a step brought from a cell that could not be read.
MADE_FAULT = "STP005"


class GroupKernels:
    """The kernels of one group, each compiled at its first use."""

    def __init__(self, group: GroupPlan, plan: Plan, registry: Registry) -> None:
        self._group, self._plan, self._registry = group, plan, registry

    @cached_property
    def normaliser(self) -> Normaliser:
        """Canonical text of the legacy items that the group reads."""
        items = {name: self._group.items[name].legacy for name in self._group.read_items}
        legacy = {name: item for name, item in items.items() if item is not None}
        return Normaliser(legacy, self._registry, self._plan.mapping.glyphs)

    @cached_property
    def converter(self) -> Converter:
        """Legacy items to standard items."""
        made = {name: MADE_FAULT for name in self._group.read_items if self._group.items[name].maker}
        return Converter(
            self._group, self._registry, self._plan.mapping.code_tables, self._plan.conditions,
            self.normaliser.fault_codes | made, self.normaliser.findings,
            parameters_by_name(self._plan),
        )  # fmt: skip

    @cached_property
    def roundtrip(self) -> RoundTrip:
        """The proofs that rebuild a source item."""
        inverses = [
            Inverse(proof.signature, proof.sources[0], proof.targets, proof.args)
            for proof in self._plan.mapping.proofs
            if proof.group == self._group.group.group and proof.proof == INVERSE
        ]
        return RoundTrip(inverses, self._registry, self._plan.mapping.code_tables)

    @cached_property
    def source_normaliser(self) -> Normaliser:
        """Canonical text of the legacy items that are rebuilt."""
        items = {each.source: self._group.items[each.source].legacy for each in self.roundtrip.inverses}
        legacy = {name: item for name, item in items.items() if item is not None}
        return Normaliser(legacy, self._registry, self._plan.mapping.glyphs)

    @cached_property
    def contract(self) -> RowContract:
        """The pandera schema."""
        return RowContract(self._group.group, self._group.rules, self._plan.layout, source_items(self._group))


class Kernels:
    """All kernels of a plan."""

    def __init__(self, plan: Plan, make_registry: Callable[[], Registry]) -> None:
        self.plan, self.made_by = plan, make_registry
        registry = make_registry()
        self.groups = {group.group.group: GroupKernels(group, plan, registry) for group in plan.groups}


_held: list[Kernels] = []


def parameters_by_name(plan: Plan) -> dict[str, tuple[Parameter, ...]]:
    """Dated parameters of the layout, by name, in order of their beginning."""
    found: dict[str, list[Parameter]] = {}
    for parameter in sorted(plan.layout.parameters, key=lambda p: p.valid_from):
        found.setdefault(parameter.name, []).append(parameter)
    return {name: tuple(rows) for name, rows in found.items()}


def prepare(plan: Plan, make_registry: Callable[[], Registry]) -> None:
    """Set up this process; called once per worker, or in the main process when there is no pool.

    The registry is made here, not sent: converters are functions of modules, plug-ins included.
    """
    if not _held or _held[0].plan is not plan or _held[0].made_by is not make_registry:
        _held[:] = [Kernels(plan, make_registry)]


def current() -> Kernels:
    """The kernels of this process."""
    return _held[0]


def source_items(group: GroupPlan) -> dict[str, str]:
    """Standard item -> the legacy item that mainly feeds it (first source of its first alternative).

    An item that `expand` made stands for a cell of each row's own; judge puts that in its place.
    """
    made = expansions(group)
    calls = {call.number: call for call in group.calls}
    chains = {target.name: target for target in group.targets if target.item is None}
    found = {}
    for target in group.targets:
        seen = target
        while seen.alternatives and calls[seen.alternatives[0].call].sources:
            source = calls[seen.alternatives[0].call].sources[0]
            if source not in chains:
                item = group.items.get(source)
                found[target.name] = source if item is None or not item.maker or source in made else ""
                break
            seen = chains[source]
    return found
