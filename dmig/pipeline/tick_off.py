"""The sheet to tick off: every record that was left out because staff type it in, item by item, with a box."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from dmig.model.legacy import LegacyTable
from dmig.pipeline.leaving import LEFT
from dmig.pipeline.lookup import StoredRun
from dmig.pipeline.people import Person, names_of, protected_units, records
from dmig.spec.sheets.cells import readable
from dmig.spec.sheets.nouns import LINE, READ_ONLY, Book, Column, Page, Row, Stamp
from dmig.store.private import read_json

NAME, KIND = "manual_entry", "manual_entry"
BOX, TICKED = "□", "☑"
GUIDE = (
    "手入力と決めた記録と、そのまとまり（宛名番号など）の記録です。移行されないので、新システムに入力してください。",
    "一項目を入力するごとに「済」を ☑ にします。すべて済んだら、入力した人と日を書き、確認した人が押印してください。",
    "値は旧システムのままです（補正の値ではありません）。空の項目は載せていません。",
    "住民の値が入っています。保護フォルダーの外に置かず、済んだら廃棄の手順に従ってください。",
    "These records are not migrated. Type them into the new system and tick each item.",
)
COLUMNS = (
    Column(LINE, "行", own=False),
    Column(f"{READ_ONLY}unit", "宛名番号", own=False),
    Column(f"{READ_ONLY}name", "氏名", own=False),
    Column(f"{READ_ONLY}protected", "支援措置", own=False),
    Column(f"{READ_ONLY}groups", "入力先", own=False),
    Column(f"{READ_ONLY}file", "ファイル", own=False),
    Column(f"{READ_ONLY}record", "記録番号", own=False),
    Column(f"{READ_ONLY}item", "項目", own=False),
    Column(f"{READ_ONLY}value", "値", own=False),
    Column("ticked", "済", choices=(BOX, TICKED)),
    Column("typed_by", "入力者・入力日"),
    Column("checked_by", "確認者"),
)


def tick_off_book(stored: StoredRun, *, with_number: bool) -> tuple[Book, int]:
    """The workbook, a sheet for each legacy table, and how many records it holds."""
    left = _left(stored)
    wanted: dict[str, set[int]] = {}
    for name, record in left:
        wanted.setdefault(name, set()).add(record)
    people = sorted(records(stored, wanted, {}), key=lambda person: (person.unit, person.table, person.record))
    units = {person.unit for person in people}
    names, protected = names_of(stored, units), protected_units(stored, units)
    pages = []
    for table in stored.legacy.tables:
        own = [person for person in people if person.table == table.table]
        rows = [
            {f"{READ_ONLY}unit": person.unit, f"{READ_ONLY}name": readable(names.get(person.unit, "")),
             f"{READ_ONLY}protected": "○" if person.unit in protected else "", f"{READ_ONLY}file": table.file,
             f"{READ_ONLY}groups": "・".join(left[person.table, person.record]),
             f"{READ_ONLY}record": str(person.record), **cells}
            for person in own
            for cells in _items(stored, person, table, with_number=with_number)
        ]  # fmt: skip
        if rows:
            body = tuple(Row(line, cells) for line, cells in enumerate(rows, start=1))
            pages.append(
                Page(table.name, table.file, Path(table.file), (), COLUMNS, body, "", personal=True, fixed=True)
            )
    result = stored.result
    stamp = Stamp(str(result["operation"]), str(result["system"]), KIND, str(result["run_id"]), "")
    return Book(stamp, tuple(pages), GUIDE), len(people)


def _items(stored: StoredRun, person: Person, table: LegacyTable, *, with_number: bool) -> Iterator[dict[str, str]]:
    for name, value in person.typed(stored.legacy, table, with_number=with_number):
        yield {f"{READ_ONLY}item": name, f"{READ_ONLY}value": readable(value).replace("\n", "\\n"), "ticked": BOX,
               "typed_by": "", "checked_by": ""}  # fmt: skip


def _left(stored: StoredRun) -> dict[tuple[str, int], list[str]]:
    """Records that left, each with the groups that it is to be typed into."""
    found: dict[tuple[str, int], list[str]] = {}
    groups: dict[str, str] = stored.result["names"]["groups"]
    for group, name in groups.items():
        folder = stored.protected / "judge"
        rows = folder / group / "left.arrow"
        frame = pl.read_ipc(rows) if rows.is_file() else pl.DataFrame(schema=LEFT)
        mark = folder / f"{group}.json"
        refused = read_json(mark)["left_refused"] if mark.is_file() else []
        for table, record in [*frame.select("table", "record").iter_rows(), *refused]:
            own = found.setdefault((str(table), int(record)), [])
            own += [name] if name not in own else []
    return found
