"""`dmig decode`: a host file by its copybook to a file that can be looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from dmig.charset.catalogue import with_dashes
from dmig.charset.fast import is_available
from dmig.charset.nouns import Trim
from dmig.cobol.declared import item_called
from dmig.cobol.dialect import Dialect
from dmig.cobol.layout import Segment
from dmig.cobol.shape import Nest, RecordShape
from dmig.errors import Diagnostics, UsageFault
from dmig.model.decoding import HostReport
from dmig.model.host import RecordRules
from dmig.sources.host.columns import HostForms
from dmig.sources.host.decoding import Decoded, RecordDecoder
from dmig.sources.host.forms import forms_of, worth_compiling
from dmig.sources.host.own_length import own_length
from dmig.sources.host.reading import Batch, batches
from dmig.sources.host.reports import FINDINGS, lost_report, reports_of
from dmig.sources.host.words import OwnLength
from dmig.spec.charsets import find_charset
from dmig.spec.copybooks import open_copybook, shape_of
from dmig.targets.decoded import CsvTarget, DecodedTarget, JsonLinesTarget, ParquetTarget
from dmig.targets.json_lines import Elements, Leaf, Members

NUMPY, NUMBA = "numpy", "numba"
#: So many places are told; all are counted.
MOST_PLACES = 20


@dataclass(frozen=True, slots=True)
class DecodeAsked:
    """What is decoded, how, and where to."""

    source: Path
    copybook: Path
    out: Path
    charset: str = "cp037"
    encoding: str = ""
    rules: RecordRules = field(default_factory=RecordRules)
    dialect: Dialect = field(default_factory=Dialect)
    segments: tuple[Segment, ...] = ()
    trim: Trim = Trim.RIGHT
    limit: int | None = None
    filler: bool = False
    hexadecimal: bool | None = None
    strict_signs: bool = False
    overpunched_letters: bool = False
    kernels: str = ""
    dashes: str = ""
    site: Path | None = None


@dataclass(slots=True)
class DecodeSummary:
    """What came of it: records written, and reports by code and item with the first places."""

    records: int = 0
    lost_bytes: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    places: list[HostReport] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether everything was decoded; findings refuse nothing."""
        return all(code in FINDINGS for code, _ in self.counts)

    def add(self, report: HostReport) -> None:
        """One more report."""
        self.counts[report.code, report.item] += 1
        if len(self.places) < MOST_PLACES:
            self.places.append(report)


def decode_file(asked: DecodeAsked) -> DecodeSummary:
    """Decode a whole file. `SpecError` for a faulty copybook, `UsageFault` CHS004 and HST021, `DmigError` for the files."""
    if asked.kernels == NUMBA and not is_available():
        raise UsageFault("HST021")
    own = with_dashes(find_charset(asked.charset, asked.site), asked.dashes)
    shape = record_shape_of(asked)
    rules = sized(asked.rules, shape)
    wanted = [item.name for item in shape.items if asked.filler or not item.filler]
    fast = asked.kernels == NUMBA or (not asked.kernels and worth_compiling(asked.source))
    forms = forms_of(
        own, trim=asked.trim, hexadecimal=asked.hexadecimal, strict_signs=asked.strict_signs,
        overpunched_letters=asked.overpunched_letters, fast=fast,
    )  # fmt: skip
    decoder = RecordDecoder(shape, forms, wanted)
    summary, target = DecodeSummary(), _target(asked, shape)
    cut = batches(asked.source, rules, max(shape.size_bytes, 1), _length(rules, shape, forms))
    try:
        for batch in _limited(cut, asked.limit):
            for lost in batch.lost:
                summary.lost_bytes += lost.size_bytes
                summary.add(lost_report(lost))
            if not len(batch.rows):
                continue
            found = decoder.decode(batch.rows)
            for report in reports_of(found):
                summary.add(report)
            target.write(_table(found, shape, asked))
            summary.records += len(batch.rows)
    finally:
        target.close()
    return summary


def _length(rules: RecordRules, shape: RecordShape, forms: HostForms) -> OwnLength | None:
    """What reads the length of records that tell it themselves. `UsageFault` RUN005 for an item that is not there."""
    if rules.length is None:
        return None
    item = item_called(shape, rules.length.item)
    if item is None or item.moved_by or item.within or item.branches:
        known = " ".join(item.name for item in shape.items if not item.filler)
        raise UsageFault("RUN005", what="item", name=rules.length.item, known=known)
    return own_length(item, rules.length, forms)


def record_shape_of(asked: DecodeAsked) -> RecordShape:
    """The shape of the records of a copybook. `SpecError` with all its faults."""
    diagnostics = Diagnostics()
    copybook = open_copybook(asked.copybook, diagnostics, asked.dialect, asked.encoding)
    diagnostics.stop_if_any()
    fixed = asked.rules.format.is_fixed
    shape = shape_of(asked.copybook, copybook, asked.dialect, asked.segments, diagnostics, fixed=fixed)
    diagnostics.stop_if_any()
    return shape


def sized(rules: RecordRules, shape: RecordShape) -> RecordRules:
    """Record rules with the sizes that the layout allows."""
    if rules.format.is_fixed:
        return replace(rules, record_bytes=rules.record_bytes or shape.size_bytes)
    least = min(shape.least_bytes.values(), default=1)
    if rules.length is not None and (item := item_called(shape, rules.length.item)) is not None:
        # What tells its length is a record as soon as it has told it; that it is too short is said of it alone.
        least = item.offset_bytes + item.size_bytes
    return replace(rules, least_bytes=max(least, 1), most_bytes=max(shape.size_bytes, 1))


def _limited(found: Iterator[Batch], limit: int | None) -> Iterator[Batch]:
    left = limit
    for batch in found:
        if left is None:
            yield batch
            continue
        yield Batch(batch.rows.piece(0, left), batch.lost)
        left -= len(batch.rows)
        if left <= 0:
            return


def _target(asked: DecodeAsked, shape: RecordShape) -> DecodedTarget:
    if asked.out.suffix == ".csv":
        return CsvTarget(asked.out)
    if asked.out.suffix == ".parquet":
        return ParquetTarget(asked.out)
    if asked.out.suffix == ".jsonl":
        return JsonLinesTarget(asked.out, _members(shape.nests))
    raise UsageFault("HST020", suffix=asked.out.suffix or "-")


def _table(found: Decoded, shape: RecordShape, asked: DecodeAsked) -> pa.Table:
    columns = {name: column.to_arrow() for name, column in found.columns.items()}
    if asked.out.suffix != ".jsonl":
        labels = flat_labels(shape, filler=asked.filler)
        return pa.table({label: columns[name] for name, label in labels.items()})
    for name, counts in found.counts.items():
        columns[_count_column(name)] = pa.array(counts)
    for branches, unless in _choices(shape.nests):
        there = np.ones(len(found.rows), np.bool_)
        for name in branches:
            there &= found.branches[name]
        for name in unless:
            there &= ~found.branches[name]
        columns[_there_column(branches, unless)] = pa.array(there)
    return pa.table(columns)


def flat_labels(shape: RecordShape, *, filler: bool = False) -> dict[str, str]:
    """Names of columns by path: the item's own name where no other has it, otherwise its path; `-` becomes `_`."""
    items = [item for item in shape.items if filler or not item.filler]
    short = Counter(_label(item.name.rpartition(".")[2]) for item in items)
    return {
        item.name: _label(
            item.name.rpartition(".")[2] if short[_label(item.name.rpartition(".")[2])] == 1 else item.name
        )
        for item in items
    }


def _label(path: str) -> str:
    return path.replace("-", "_").replace("(", "_").replace(")", "").replace("#", "_").replace(".", "__")


def _members(nests: tuple[Nest, ...]) -> Members:
    return Members(tuple((nest.name.replace("-", "_"), _node(nest)) for nest in nests))


def _node(nest: Nest) -> Leaf | Members | Elements:
    if nest.item:
        return Leaf(nest.item)
    if nest.elements:
        return Elements(
            tuple(_node(element) for element in nest.elements), _count_column(nest.counter) if nest.counter else ""
        )
    present = _there_column(nest.branches, nest.unless) if nest.branches or nest.unless else ""
    return Members(tuple((inner.name.replace("-", "_"), _node(inner)) for inner in nest.members), present)


def _choices(nests: tuple[Nest, ...]) -> set[tuple[tuple[str, ...], tuple[str, ...]]]:
    found: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
    for nest in nests:
        if nest.branches or nest.unless:
            found.add((nest.branches, nest.unless))
        found |= _choices(nest.members) | _choices(nest.elements)
    return found


def _count_column(counter: str) -> str:
    return f"#{counter}"


def _there_column(branches: tuple[str, ...], unless: tuple[str, ...]) -> str:
    return f"?{'+'.join(branches)}-{'+'.join(unless)}"
