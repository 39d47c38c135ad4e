"""Which files and columns make the workbook of a kind, with the Japanese names beside the ids and the closed choices."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from dmig.errors import Diagnostics
from dmig.model.layout import Group
from dmig.model.mapping import GLYPH_KINDS, GLYPH_STATES, Bad, Missing
from dmig.spec import code_tables
from dmig.spec.library import Declarations
from dmig.spec.mapping import DIFFERENCE_CLASSES, DROP, FILES, ROWS, Layer
from dmig.spec.sheet import Columns, read_sheet
from dmig.spec.sheets.nouns import LINE, READ_ONLY, Book, Column, Page, Row, Stamp

DISPOSITIONS = ("archived", "dropped")
CANDIDATES, COUNT, PLACES = f"{READ_ONLY}候補", f"{READ_ONLY}件数", f"{READ_ONLY}項目"
TITLES = {
    "target": "移行先の項目", "order": "順", "when": "条件", "sources": "元の項目", "converter": "変換", "part": "部分出力",
    "args": "引数", "code_table": "変換表", "if_missing": "元が空のとき", "if_bad": "変換できないとき", "basis": "根拠",
    "note": "備考", "table": "旧システムの表", "item": "項目", "disposition": "処分", "reason": "理由", "decided_by": "決めた人",
    "decided_on": "決めた日", "id": "番号", "group": "グループ", "class": "種類", "most": "最大の行数", "approver": "承認者",
    "expires": "期限", "condition": "条件", "line": "行", "test": "判定", "values": "値", "legacy_1": "旧コード1",
    "legacy_2": "旧コード2", "legacy_3": "旧コード3", "legacy_4": "旧コード4", "valid_from": "適用開始", "valid_to": "適用終了",
    "state": "状態", "pua": "外字の符号", "mj": "MJ文字図形名", "decided": "同定した文字", "substitute": "代替文字",
    "approved_by": "承認した人", "approved_on": "承認した日", "src_encoding": "旧システムの文字集合",
    "src_code": "旧システムの符号",
    "font": "外字フォント", "reading": "読み", "strokes": "画数", "radical": "部首", "image": "字形の画像", "dots": "ドット数",
    "mj_plus": "MJ+の番号", "juki_code": "住基ネット統一文字コード", "koseki_no": "戸籍統一文字番号",
    "substitute_basis": "代替文字の根拠",
    "evidence": "同定の資料",
}  # fmt: skip
#: An open row's key -> candidates and count, by code table.
Counts = Mapping[str, Mapping[tuple[str, ...], tuple[str, str]]]
Namer = Callable[[dict[str, str]], str]


@dataclass(frozen=True, slots=True)
class Names:
    """What the program knows and the files do not: converters and tests by name, counts of a run."""

    converters: tuple[str, ...]
    tests: tuple[str, ...]
    counts: Counts = field(default_factory=dict)


def build_book(kind: str, declared: Declarations, layer: Layer, base: Layer, names: Names) -> Book:
    """The book of one kind from the files of one layer; a file that cannot be read is a `SpecError`."""
    diagnostics, mapping = Diagnostics(), declared.mapping
    shelf = _Shelf(declared, layer, base, names, diagnostics)
    if kind == "mapping":
        pages = [shelf.mapping_page(group) for group in declared.layout.groups]
    elif kind == "code-tables":
        pages = [shelf.code_page(name) for name in mapping.code_tables]
    else:
        pages = [shelf.single_page(kind)]
    diagnostics.stop_if_any()
    return Book(Stamp(mapping.operation, mapping.system, kind, layer.name, mapping.version), tuple(_titled(pages)))


def _titled(pages: Sequence[Page]) -> list[Page]:
    """Titles that Excel takes: at most 31 characters, each once whatever the case of its letters."""
    seen: set[str] = set()
    titled = []
    for number, page in enumerate(pages):
        title = page.title[:31] if page.title[:31].lower() not in seen else f"{page.title[:26]}~{number}"
        seen.add(title.lower())
        titled.append(Page(title, page.file, page.path, page.key, page.columns, page.rows, page.sha256))
    return titled


@dataclass(slots=True)
class _Shelf:
    declared: Declarations
    layer: Layer
    base: Layer
    names: Names
    diagnostics: Diagnostics

    @property
    def drop(self) -> tuple[str, ...]:
        """What a site may write to take a row of the base away."""
        return (DROP,) if self.layer.name != self.base.name else ()

    def mapping_page(self, group: Group) -> Page:
        items = {item.item: item.name for item in group.items}
        choices = {
            "converter": (*self.names.converters, "undecided", *self.drop),
            "when": tuple(self.declared.mapping.conditions),
            "if_missing": tuple(Missing),
            "if_bad": tuple(Bad),
        }
        beside: dict[str, Namer] = {
            "target": lambda cells: items.get(cells["target"], ""),
            "sources": lambda cells: "・".join(self.source(name) for name in cells["sources"].split()),
        }
        return self.page(group.group, f"{group.group}.csv", ROWS, ("target", "order"), choices, beside)

    def single_page(self, kind: str) -> Page:
        file = f"{kind}.csv"
        columns, key = FILES[file]
        closed: dict[str, dict[str, tuple[str, ...]]] = {
            "dispositions": {"disposition": DISPOSITIONS},
            "differences": {"class": (*DIFFERENCE_CLASSES, "*")},
            "conditions": {"test": (*self.names.tests, *self.drop)},
            "glyphs": {"class": GLYPH_KINDS, "state": (*GLYPH_STATES, *self.drop)},
        }
        beside: dict[str, Namer] = {}
        if "item" in columns.names:
            beside["item"] = lambda cells: self.source(cells["item"], cells.get("table", ""))
        if "table" in columns.names:
            beside["table"] = lambda cells: self.table(cells["table"])
        if "group" in columns.names:
            beside["group"] = lambda cells: self.group(cells["group"])
            beside["item"] = lambda cells: self.standard(cells["group"], cells["item"])
        page = self.page(kind, file, columns, key, closed[kind], beside)
        return self.glyphs_used(page) if kind == "glyphs" else page

    def glyphs_used(self, page: Page) -> Page:
        """Where and how often a run has read each character; those that it has read and nobody has listed as new rows."""
        used = self.names.counts.get("glyphs", {})
        columns = (*page.columns, Column(COUNT, "実行での件数", own=False), Column(PLACES, "使われる項目", own=False))
        glyphs = (glyph for glyph in self.declared.mapping.glyphs if glyph.place.layer == self.layer.name)
        # A row may name its character by the code of the host alone.
        codes = {glyph.place.line: f"{ord(glyph.pua):04X}" for glyph in glyphs}
        listed = {codes.get(row.line, row.cells["pua"]) for row in page.rows}
        new = [
            Row(0, dict.fromkeys(page.own, "") | {"pua": key[0], "state": "open"})
            for key in used
            if key[0] not in listed
        ]
        beside = ((row, used.get((codes.get(row.line, row.cells["pua"]),), ("", ""))) for row in (*page.rows, *new))
        rows = tuple(Row(row.line, row.cells | {PLACES: said[0], COUNT: said[1]}) for row, said in beside)
        return replace(page, columns=columns, rows=rows)

    def code_page(self, name: str) -> Page:
        table = self.declared.mapping.code_tables[name]
        legacy = code_tables.LEGACY[: table.width]
        header = (*legacy, *table.parts, *code_tables.TAIL)
        labels = {part: self.labels(name, part) for part in table.parts}
        choices = {part: tuple(found) for part, found in labels.items() if found}
        choices["state"] = (*code_tables.STATES, *self.drop)
        beside: dict[str, Namer] = {part: partial(_label, labels[part], part) for part in table.parts if labels[part]}
        columns = Columns(header, code_tables.COLUMNS.rest_after)
        key = (*legacy, "valid_from")
        page = self.page(name, f"code_tables/{name}.csv", columns, key, choices, beside)
        return self.counted(page, name, legacy)

    def counted(self, page: Page, name: str, legacy: tuple[str, ...]) -> Page:
        """Candidates and counts behind the state, for codes that nobody has decided."""
        counts = self.names.counts.get(name, {})
        columns = [
            *page.columns,
            Column(CANDIDATES, "変換先の候補", own=False),
            Column(COUNT, "実行での件数", own=False),
        ]
        rows = []
        for row in page.rows:
            known = counts.get(row.key(legacy), ("", "")) if row.cells["state"] == "open" else ("", "")
            rows.append(Row(row.line, row.cells | {CANDIDATES: known[0], COUNT: known[1]}))
        return Page(page.title, page.file, page.path, page.key, tuple(columns), tuple(rows), page.sha256)

    def page(
        self, title: str, file: str, columns: Columns, key: tuple[str, ...],
        choices: Mapping[str, tuple[str, ...]], beside: Mapping[str, Namer],
    ) -> Page:  # fmt: skip
        path = self.layer.folder / file
        header, rows = read_sheet(self.layer.root, path, columns, self.diagnostics, needed=False)
        shown = [Column(LINE, "ファイルの行", own=False)]
        for name in header:
            shown.append(Column(name, TITLES.get(name, "標準コード"), choices=tuple(choices.get(name, ()))))
            if name in beside:
                shown.append(Column(f"{READ_ONLY}{name}", "名前", own=False))
        found = [
            Row(row.place.line, row.cells | {f"{READ_ONLY}{name}": namer(row.cells) for name, namer in beside.items()})
            for row in rows
            if all(name in row.cells for name in columns.names)
        ]
        return Page(title, path.relative_to(self.layer.root).as_posix(), path, key, tuple(shown), tuple(found),
                    hashed(path))  # fmt: skip

    def table(self, name: str) -> str:
        found = self.declared.legacy.table(name)
        return found.name if found else ""

    def group(self, name: str) -> str:
        found = self.declared.layout.group(name)
        return found.name if found else ""

    def standard(self, group: str, item: str) -> str:
        """The Japanese name of a standard item; of any group where the row speaks of all."""
        found = (g.item(item) for g in self.declared.layout.groups if group in (g.group, "*"))
        return next((entry.name for entry in found if entry), "")

    def source(self, name: str, table: str = "") -> str:
        """The Japanese name of a legacy item, else of a standard one; the id itself where a step made it."""
        plain = name.rpartition(".")[2]
        tables = [t for t in self.declared.legacy.tables if table in ("", t.table)]
        found = next((item.name for t in tables if (item := t.item(plain))), "")
        return found or self.standard("*", plain) or name

    def labels(self, table: str, part: str) -> dict[str, str]:
        """Values and labels of the code list that a column of a code table is written into, if it is one."""
        for row in self.declared.mapping.rows:
            group = self.declared.layout.group(row.group)
            item = group.item(row.target) if group and row.code_table == table else None
            if item and item.code and row.part in (part, "" if part == self.parts(table)[0] else part):
                return {value.value: value.label for value in self.declared.layout.codes.get(item.code, ())}
        return {}

    def parts(self, table: str) -> tuple[str, ...]:
        return self.declared.mapping.code_tables[table].parts


def hashed(path: Path) -> str:
    """SHA-256 of a file; blank where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _label(labels: Mapping[str, str], part: str, cells: Mapping[str, str]) -> str:
    """The label of the code that a row gives for a part."""
    return labels.get(cells[part], "")
