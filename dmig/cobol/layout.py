"""A copybook's trees to the flat shape of a record: every occurrence of every item, where it lies and when it is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from dmig.cobol.dialect import Dialect, Odo
from dmig.cobol.faults import CopybookFault, Faults, Place
from dmig.cobol.kinds import host_item
from dmig.cobol.nodes import Copybook, Item
from dmig.cobol.shape import Branch, BranchRule, Counter, HostItem, Nest, RecordShape, Term
from dmig.cobol.tree import walk

#: More items than any record of a real system has; a table of tables can ask for millions.
MOST_ITEMS = 100_000


@dataclass(frozen=True, slots=True)
class Segment:
    """A rule: where the item has one of these values, the record has this redefinition."""

    item: str
    values: tuple[str, ...]
    redefine: str


def record_shape(
    copybook: Copybook, dialect: Dialect, segments: Sequence[Segment] = (), *, fixed: bool = True
) -> tuple[RecordShape, tuple[CopybookFault, ...]]:
    """The shape of the records, and what is wrong with counters and rules. `fixed`: all records have one length."""
    if sum(_count(record) for record in copybook.records) > MOST_ITEMS:
        faults = Faults()
        faults.add("COB021", Place(1, 1), most=MOST_ITEMS)
        return RecordShape((), 0, {}), tuple(faults.found)
    return _Layout(copybook, dialect, segments, fixed).shape()


def _count(item: Item) -> int:
    times = item.entry.occurs.most if item.entry.occurs else 1
    return times * (sum(_count(child) for child in item.children) if item.is_group else 1)


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a walk through a record is: path, bytes, and under which conditions."""

    path: str = ""
    offset: int = 0
    moved: tuple[Term, ...] = ()
    within: tuple[tuple[str, int], ...] = ()
    branches: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    #: Items around it, from the record down, with their paths.
    around: tuple[tuple[Item, str], ...] = ()


@dataclass(slots=True)
class _Layout:
    copybook: Copybook
    dialect: Dialect
    segments: Sequence[Segment]
    fixed: bool
    items: list[HostItem] = field(default_factory=list)
    counters: dict[str, Counter] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    fillers: int = 0

    def shape(self) -> tuple[RecordShape, tuple[CopybookFault, ...]]:
        records = self.copybook.records
        sets = self._sets()
        nests: list[Nest] = []
        for record in records:
            spot = self._chosen(record, _Spot(), sets)
            path = record.name if len(records) > 1 else ""
            inside = replace(spot, path=path, around=((record, path),))
            if record.is_group:
                members = self._members(record, inside, sets)
            else:
                members = self._one(record, replace(inside, path=_below(path, record.name)))
            if len(records) > 1:
                nests.append(Nest(record.name, members=members, branches=spot.branches, unless=spot.unless))
            else:
                nests.extend(members)
        least, strides, exact = self._sizes()
        shape = RecordShape(
            tuple(self.items),
            max((record.size_bytes for record in records), default=0),
            least,
            tuple(self.counters.values()),
            strides,
            self._rules(),
            exact,
            tuple(nests),
        )
        return shape, tuple(self.faults.found)

    # Redefinitions and the rules that choose among them

    def _sets(self) -> dict[int, tuple[tuple[str, ...], tuple[str, ...]]]:
        """By item: branches that it needs, and branches that rule it out."""
        listed = {segment.redefine.upper() for segment in self.segments}
        groups = [list(self.copybook.records)] if len(self.copybook.records) > 1 else []
        for record in self.copybook.records:
            for item in walk(record):
                groups += list(_redefinitions(item.children))
        found: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        known: set[str] = set()
        for group in groups:
            mine = [item.name.upper() for item in group if item.name.upper() in listed]
            known |= set(mine)
            if mine:
                for item in group:
                    own = item.name.upper()
                    found[id(item)] = ((own,), ()) if own in mine else ((), tuple(mine))
        for segment in self.segments:
            if segment.redefine.upper() not in known:
                self.faults.add("COB022", Place(1, 1), name=segment.redefine)
        return found

    def _chosen(self, item: Item, spot: _Spot, sets: dict[int, tuple[tuple[str, ...], tuple[str, ...]]]) -> _Spot:
        branches, unless = sets.get(id(item), ((), ()))
        return replace(spot, branches=spot.branches + branches, unless=spot.unless + unless)

    def _rules(self) -> tuple[BranchRule, ...]:
        by_item: dict[str, list[Branch]] = {}
        for segment in self.segments:
            path = self._find(segment.item)
            if path is None:
                self.faults.add("COB023", Place(1, 1), name=segment.item)
            else:
                by_item.setdefault(path, []).append(Branch(segment.redefine.upper(), segment.values))
        return tuple(BranchRule(item, tuple(branches)) for item, branches in by_item.items())

    def _find(self, name: str) -> str | None:
        """The path of the elementary item with this name or path; the first, where records begin alike."""
        wanted = name.upper()
        for item in self.items:
            if item.name.upper() == wanted or item.name.rpartition(".")[2].upper() == wanted:
                return item.name
        return None

    # The walk

    def _members(
        self, group: Item, spot: _Spot, sets: dict[int, tuple[tuple[str, ...], tuple[str, ...]]]
    ) -> tuple[Nest, ...]:
        nests: list[Nest] = []
        moved, gone = spot.moved, 0
        starts: dict[int, tuple[int, tuple[Term, ...]]] = {}
        for at, child in enumerate(group.children):
            if child.entry.redefines:
                offset, terms = starts.get(_base(group.children, at), (child.offset_bytes - gone, moved))
            else:
                offset, terms = child.offset_bytes - gone, moved
                starts[at] = offset, terms
            here = self._chosen(child, replace(spot, offset=spot.offset + offset, moved=terms), sets)
            nests += self._slot(child, here, sets)
            if not child.entry.redefines and self.dialect.odo is Odo.SHIFTING:
                gone += _gone(child)
                moved = moved + tuple(self._strides(child, here))
        return tuple(nests)

    def _slot(
        self, item: Item, spot: _Spot, sets: dict[int, tuple[tuple[str, ...], tuple[str, ...]]]
    ) -> tuple[Nest, ...]:
        """All occurrences of an item."""
        path = _below(spot.path, self._label(item))
        occurs = item.entry.occurs
        if not occurs:
            return self._occurrence(item, replace(spot, path=path), sets)
        counter = self._counter(item, spot) if occurs.counter else ""
        element = item.size_bytes - (_inner_gone(item) if self.dialect.odo is Odo.SHIFTING else 0)
        elements: list[Nest] = []
        moved = spot.moved
        for n in range(occurs.most):
            here = replace(
                spot, path=f"{path}({n + 1})", offset=spot.offset + n * element, moved=moved,
                within=(*spot.within, (counter, n)) if counter else spot.within,
            )  # fmt: skip
            nests = self._occurrence(item, here, sets)
            elements += nests if len(nests) == 1 else (Nest("", members=nests),)
            if self.dialect.odo is Odo.SHIFTING:
                moved = moved + tuple(self._inner_strides(item, here))
        if item.entry.filler:
            return ()
        return (Nest(item.name, elements=tuple(elements), counter=counter, branches=spot.branches, unless=spot.unless),)

    def _occurrence(
        self, item: Item, spot: _Spot, sets: dict[int, tuple[tuple[str, ...], tuple[str, ...]]]
    ) -> tuple[Nest, ...]:
        if not item.is_group:
            return self._one(item, spot)
        members = self._members(item, replace(spot, around=(*spot.around, (item, spot.path))), sets)
        if item.entry.filler:
            return members
        return (Nest(item.name, members=members, branches=spot.branches, unless=spot.unless),)

    def _one(self, item: Item, spot: _Spot) -> tuple[Nest, ...]:
        self.items.append(
            replace(
                host_item(item), name=spot.path, offset_bytes=spot.offset, moved_by=spot.moved, within=spot.within,
                branches=spot.branches, unless=spot.unless, filler=item.entry.filler,
            )
        )  # fmt: skip
        return () if item.entry.filler else (Nest(item.name, item=spot.path),)

    def _label(self, item: Item) -> str:
        if not item.entry.filler:
            return item.name
        self.fillers += 1
        return f"FILLER#{self.fillers}"

    # Tables of variable occurrence

    def _counter(self, table: Item, spot: _Spot) -> str:
        """The path of a table's counter: the nearest one before it, by its name and what qualifies it."""
        occurs = table.entry.occurs
        if occurs is None:
            return ""
        for group, path in reversed(spot.around):
            for item, steps in _paths(group):
                names = [step.upper() for step in steps]
                qualified = all(name.upper() in (*names, path.upper()) for name in occurs.qualifiers)
                if item.same(occurs.counter) and qualified:
                    found = ".".join([path, *steps] if path else steps)
                    if any(one.name == found for one in self.items):
                        self.counters[found] = Counter(found, occurs.least, occurs.most)
                        return found
        self.faults.add("COB024", table.entry.place, name=table.name, counter=occurs.counter)
        return ""

    def _strides(self, item: Item, spot: _Spot) -> Iterator[Term]:
        """What an item's occurrences add behind it."""
        occurs = item.entry.occurs
        path = _below(spot.path, item.name)
        if occurs and occurs.counter:
            counter = self._counter(item, spot)
            if counter:
                yield Term(counter, item.size_bytes - _inner_gone(item))
        for n in range(occurs.most if occurs else 1):
            here = replace(spot, path=f"{path}({n + 1})" if occurs else path)
            yield from self._inner_strides(item, here)

    def _inner_strides(self, item: Item, spot: _Spot) -> Iterator[Term]:
        """What the variable tables inside one occurrence add."""
        inside = replace(spot, around=(*spot.around, (item, spot.path)))
        for child in item.children:
            if not child.entry.redefines and _gone(child):
                yield from self._strides(child, inside)

    # Lengths

    def _sizes(self) -> tuple[dict[str, int], tuple[Term, ...], bool]:
        """The least size by branch, what tables add, and whether records of that size are whole ones."""
        records = self.copybook.records
        if self.fixed:
            return {"": max((record.size_bytes for record in records), default=0)}, (), False
        least: dict[str, int] = {}
        strides: list[Term] = []
        for record in records:
            path = record.name if len(records) > 1 else ""
            spot = _Spot(path=path, around=((record, path),))
            tail = self._tail(record)
            fixed, terms = self._least(record, spot, tail)
            strides += [term for term in terms if term not in strides] if len(records) == 1 else []
            variants = _variants(record, fixed, tail)
            least |= {name.upper(): size for name, size in variants.items()}
            if len(records) > 1:
                least[record.name.upper()] = min(variants.values())
        whole = min(least.values(), default=0)
        exact = (
            len(set(least.values())) == 1 and len(records) == 1 and (self.dialect.odo is Odo.SHIFTING or not strides)
        )
        named = {segment.redefine.upper() for segment in self.segments}
        return {"": whole} | {name: size for name, size in least.items() if name in named}, tuple(strides), exact

    def _tail(self, record: Item) -> Item | None:
        """The table at the end of a record: even in fixed slots it ends with its last element."""
        last = [child for child in record.children if not child.entry.redefines]
        found = last[-1] if last else None
        if found is None or not found.entry.occurs or not found.entry.occurs.counter:
            return None
        return found

    def _least(self, record: Item, spot: _Spot, tail: Item | None) -> tuple[int, list[Term]]:
        if self.dialect.odo is Odo.SHIFTING:
            return record.size_bytes - _inner_gone(record), list(self._inner_strides(record, spot))
        if tail is None:
            return record.size_bytes, []
        counter = self._counter(tail, spot)
        return tail.offset_bytes, [Term(counter, tail.size_bytes)] if counter else []


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _gone(item: Item) -> int:
    """Bytes of an item's slot that are not there when all variable tables are empty."""
    occurs = item.entry.occurs
    if occurs and occurs.counter:
        return item.slot_bytes
    return (occurs.most if occurs else 1) * _inner_gone(item)


def _inner_gone(item: Item) -> int:
    return sum(_gone(child) for child in item.children if not child.entry.redefines)


def _base(siblings: Sequence[Item], at: int) -> int:
    """The place of the item that a redefinition goes back to."""
    while at > 0 and siblings[at].entry.redefines:
        at -= 1
    return at


def _redefinitions(siblings: Sequence[Item]) -> Iterator[list[Item]]:
    """Each item that is redefined, with its redefinitions."""
    group: list[Item] = []
    for item in siblings:
        if not item.entry.redefines:
            if len(group) > 1:
                yield group
            group = []
        group.append(item)
    if len(group) > 1:
        yield group


def _variants(record: Item, fixed: int, tail: Item | None) -> dict[str, int]:
    """Sizes of a record by the redefinition that it ends with; one without a name when it ends with none."""
    groups = [group for group in _redefinitions(record.children) if group[-1] is record.children[-1]]
    if not groups or tail is not None or any(_gone(item) for item in groups[0]):
        return {"": fixed}
    end = max(item.slot_bytes for item in groups[0])
    return {item.name: fixed - end + item.slot_bytes for item in groups[0]}


def _paths(group: Item) -> Iterator[tuple[Item, list[str]]]:
    """Elementary items below a group that are no table's element, with their steps."""
    for child in group.children:
        if child.entry.occurs or child.entry.filler:
            continue
        if not child.is_group:
            yield child, [child.name]
        for item, steps in _paths(child):
            yield item, [child.name, *steps]
