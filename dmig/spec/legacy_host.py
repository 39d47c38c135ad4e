"""The part of a legacy layout that is about host files: `[host]`, `[[file]]`, copybooks beside layout.toml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dmig.charset.catalogue import DASHES, UnknownCharset, charset
from dmig.charset.tables import parse_table
from dmig.cobol.declared import declared_shape, item_called
from dmig.cobol.dialect import BinarySizes, Odo, SourceFormat
from dmig.cobol.shape import HostItem, RecordShape
from dmig.errors import Diagnostics
from dmig.model.host import HostFile, HostSystem, RecordFormat, RecordKind, RecordRules, StatedCount
from dmig.model.legacy import LegacyTable
from dmig.spec.copybooks import ENCODINGS
from dmig.spec.header import Header

HOST_KEYS: dict[str, type] = {"odo": str, "trim": str, "float": str, "binary": str, "format": str, "strict_signs": bool,
                              "table": str, "dashes": str}  # fmt: skip
FILE_KEYS: dict[str, type] = {"file": str, "recfm": str, "rdw": str, "rdw_includes_itself": bool, "record_length": int,
                              "skip_bytes": int, "tail_bytes": int, "header": str, "header_copybook": str, "trailer": str,
                              "trailer_copybook": str, "counts": str}  # fmt: skip
#: A record whose length stands in an item needs the layout of all kinds at once: not as a source yet.
FORMATS = tuple(one.value for one in RecordFormat if one is not RecordFormat.BY_ITEM)
_CHOICES = {
    "odo": tuple(one.value for one in Odo), "trim": ("none", "left", "right", "both"), "float": ("ieee", "ibm"),
    "binary": tuple(one.value for one in BinarySizes), "dashes": DASHES[1:], "format": tuple(one.value for one in SourceFormat),
}  # fmt: skip
#: In `counts`: all kinds of records but header and trailer.
ALL = "*"


@dataclass(frozen=True, slots=True)
class HostReader:
    """Reads what a layout says of host files; faults go to the diagnostics with file and line."""

    root: Path
    folder: Path
    header: Header
    diagnostics: Diagnostics

    def system(self) -> HostSystem:
        """The `[host]` table, and the table of codes that it names."""
        found = self.header.table("host", HOST_KEYS)
        for key, allowed in _CHOICES.items():
            if found.get(key, allowed[0]) not in allowed:
                self.header.fault(key, "SPC007", column=key, value=found[key], allowed=" | ".join(allowed))
                del found[key]
        self._charset()
        named = {"floats": found.pop("float", ""), "source_format": found.pop("format", "auto")}
        table = self._text(found.pop("table"), "table") if "table" in found else ""
        for fault in parse_table(table).faults:
            self.diagnostics.add(self.header.file, self.header.line("table"), fault.code, file=self.header.tree["host"]["table"],
                                 line=fault.line, about=fault.about)  # fmt: skip
        return HostSystem(**found, **named, table=table)

    def _charset(self) -> None:
        name = self.header.text("charset")
        try:
            charset(name)
        except UnknownCharset as unknown:
            self.header.fault("charset", "CHS004", name=name, near=" ".join(unknown.near) or "-")

    def kind(self, entry: Mapping[str, Any], key: str, file: str) -> RecordKind:
        """A kind of record: its copybook, and the rule of `key` (`ITEM:VALUE[,VALUE]`; blank: all records are of it)."""
        rule = str(entry.get(key, ""))
        item, _, values = rule.partition(":")
        if rule and not (item.strip() and values.strip()):
            self.header.fault(key, "SPC007", column=key, value=rule, allowed="ITEM:VALUE[,VALUE]")
        copybook = self._text(file, key)
        return RecordKind(copybook, item.strip(), tuple(value.strip() for value in values.split(",") if value.strip()))

    def _text(self, name: str, key: str) -> str:
        """The text of a file beside layout.toml."""
        path = self.folder / name
        try:
            content = path.read_bytes()
        except OSError:
            self.header.fault(key, "SPC012", key=f"{key} ({name})")
            return ""
        for encoding in ENCODINGS:
            try:
                return content.decode(encoding).removeprefix("\ufeff")
            except UnicodeDecodeError:
                continue
        self.diagnostics.add((path.relative_to(self.root)).as_posix(), 1, "COB025", encodings=" / ".join(ENCODINGS))
        return ""

    def files(self, host: HostSystem, tables: Sequence[LegacyTable]) -> tuple[HostFile, ...]:
        """Every file that tables name, with its format; the sizes that records may have come from the copybooks."""
        declared = {entry.get("file", ""): entry for entry in self.header.tables("file", FILE_KEYS)}
        for name in declared:
            if name not in {table.file for table in tables}:
                self.header.fault("file", "SPC042", what="file", name=name)
        found = []
        for name in dict.fromkeys(table.file for table in tables):
            own = [table for table in tables if table.file == name]
            found.append(self._file(name, declared.get(name, {}), host, own))
        return tuple(found)

    def _file(self, name: str, entry: dict[str, Any], host: HostSystem, tables: Sequence[LegacyTable]) -> HostFile:
        for key, allowed in (("recfm", FORMATS), ("rdw", ("big", "little"))):
            if entry.get(key, allowed[0]) not in allowed:
                self.header.fault(key, "SPC007", column=key, value=entry[key], allowed=" | ".join(allowed))
                entry = {at: value for at, value in entry.items() if at != key}
        itself = entry.get("rdw_includes_itself", False)
        rules = RecordRules(
            RecordFormat(entry.get("recfm", "F")), entry.get("record_length", 0), big_endian=entry.get("rdw", "big") == "big",
            includes_itself=itself, block_includes_itself=itself, skip_bytes=entry.get("skip_bytes", 0),
            tail_bytes=entry.get("tail_bytes", 0),
        )  # fmt: skip
        ends = {
            key: self.kind(entry, key, entry.get(f"{key}_copybook", f"{key}.cpy")) if key in entry else None
            for key in ("header", "trailer")
        }
        counts = tuple(self._count(pair, ends["trailer"], host, tables) for pair in entry.get("counts", "").split())
        file = HostFile(name, rules, ends["header"], ends["trailer"], counts)
        kinds = [table.kind for table in tables] + list(ends.values())
        self._several(name, tables)
        return replace(file, rules=self._sized(rules, [self.shape(kind, host, rules) for kind in kinds if kind], name))

    def _several(self, name: str, tables: Sequence[LegacyTable]) -> None:
        """Kinds of one file must be told apart."""
        told = [(table.kind.item, value) for table in tables if table.kind for value in table.kind.values]
        blank = [table for table in tables if table.kind and not table.kind.item]
        if len(tables) > 1 and (blank or len(told) != len(set(told))):
            self.header.fault("record", "SPC031", name=f"record ({name})")

    def _count(
        self, pair: str, trailer: RecordKind | None, host: HostSystem, tables: Sequence[LegacyTable]
    ) -> StatedCount:
        item, _, named = pair.partition("=")
        own = () if named in ("", ALL) else tuple(named.split("+"))
        for name in own:
            if name not in {table.table for table in tables}:
                self.header.fault("counts", "SPC020", what="table", name=name)
        if trailer is None or item_called(self.shape(trailer, host, RecordRules()), item) is None:
            self.header.fault("counts", "SPC020", what="item", name=item)
        return StatedCount(item, own)

    def _sized(self, rules: RecordRules, shapes: Sequence[RecordShape], name: str) -> RecordRules:
        most = max((shape.size_bytes for shape in shapes), default=1)
        least = min((size for shape in shapes for size in shape.least_bytes.values()), default=1)
        if rules.format.is_fixed:
            length = rules.record_bytes or most
            if length < most:
                self.header.fault("record_length", "SPC032", expected=most, found=f"{length} ({name})")
            return replace(rules, record_bytes=max(length, 1), most_bytes=max(length, 1))
        return replace(rules, least_bytes=max(least, 1), most_bytes=max(most, 1))

    def shape(self, kind: RecordKind, host: HostSystem, rules: RecordRules) -> RecordShape:
        """The shape of a kind; faults of its copybook are told once, where its table is checked."""
        return declared_shape(kind.copybook, host, fixed=rules.format.is_fixed)[0]

    def check(self, table: LegacyTable, copybook: str, host: HostSystem) -> None:
        """A table's copybook, and that every item and the rule of the table name an item of it."""
        if table.kind is None:
            return
        shape, faults = declared_shape(table.kind.copybook, host, fixed=True)
        file = (self.folder / copybook).relative_to(self.root).as_posix()
        for fault in faults:
            self.diagnostics.add(file, fault.place.line, fault.code, column=fault.place.column, **dict(fault.params))
        if faults:
            return
        items = (self.folder / f"{table.table}.csv").relative_to(self.root).as_posix()
        for item in table.items:
            if item_called(shape, item.source) is None:
                self.diagnostics.add(items, item.line, "SPC020", what="copybook item", name=item.source)
        if table.kind.item and _fixed_place(item_called(shape, table.kind.item)) is None:
            self.header.fault("record", "SPC020", what="copybook item", name=table.kind.item)


def _fixed_place(item: HostItem | None) -> HostItem | None:
    """An item that lies at the same bytes in all records."""
    return None if item is None or item.moved_by or item.within or item.branches or item.unless else item
