"""住民記録 as an invented host delivers it: three files of several kinds of records, from the tables of `package`.

It is the same municipality: what differs is how it is stored. Words of 続柄 stand apart, names have no half-width blanks,
numbers keep their zeros.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from dmig.model.host import RecordFormat
from dmig.synth import mainframe_items as items
from dmig.synth.content import Content, Fault, Sheet
from dmig.synth.csv_out import Written
from dmig.synth.days import AS_OF
from dmig.synth.host_out import Damage, HostFile, Planned
from dmig.synth.mainframe_items import Record
from dmig.synth.package_items import BIKO_ITEMS, CARD_ITEMS, IDO_ITEMS, ITEMS, MEISHO_ITEMS, SHIEN_ITEMS

Cell = npt.NDArray[np.uint8]
_CHUNK_ROWS = 50_000
#: Words of 続柄 that hold the word between words themselves.
_WHOLE_WORDS = ("未届の夫", "未届の妻")
_RELATIONS = 4


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record: its name in the trailer, its code, its items, and the old system's items of the sheet."""

    name: str
    code: str
    record: Record
    items: dict[str, str]


@dataclass(frozen=True, slots=True)
class File:
    """One file: its kinds in order, the number of the first one's sheet, and what stands around them."""

    name: str
    form: RecordFormat
    first: int
    kinds: tuple[Kind, ...]
    header: Record
    trailer: Record


_REGISTER = [(name, code, items.KOJIN, ITEMS) for name, code in (("genzai", "10"), ("rireki", "20"), ("jokyo", "30"))]
_OTHERS = (
    ("shien", "40", items.SHIEN, SHIEN_ITEMS), ("meisho", "50", items.MEISHO, MEISHO_ITEMS),
    ("biko", "60", items.BIKO, BIKO_ITEMS), ("card", "70", items.CARD, CARD_ITEMS),
)  # fmt: skip
FILES = (
    File("JUKIMST.DAT", RecordFormat.VARIABLE_BLOCKED, 0, tuple(Kind(*kind) for kind in _REGISTER), items.HEADER,
         items.TRAILER_OF_REGISTER),
    File("JUKIIDO.DAT", RecordFormat.FIXED_BLOCKED, 3, (Kind("ido", "10", items.IDO, IDO_ITEMS),),
         items.HEADER_OF_EVENTS, items.TRAILER_OF_EVENTS),
    File("JUKISUB.DAT", RecordFormat.VARIABLE_BLOCKED, 4, tuple(Kind(*kind) for kind in _OTHERS), items.HEADER,
         items.TRAILER_OF_OTHERS),
)  # fmt: skip


def write_host_files(folder: Path, content: Content) -> list[Written]:
    """The files of a delivery."""
    return [_write(folder, file, content) for file in FILES]


def places(content: Content) -> dict[str, tuple[str, int]]:
    """Where the records of each CSV file of `package` stand: host file, and what is added to the record's number."""
    found = {}
    for file in FILES:
        before = 1
        for at in range(len(file.kinds)):
            sheet = content.legacy[file.first + at]
            found[sheet.file] = (file.name, before)
            before += len(sheet.at)
    return found


def moved(frame: pl.DataFrame, where: dict[str, tuple[str, int]]) -> pl.DataFrame:
    """A list of records (columns file, record) of `package` as one of the host's files."""
    file = frame["file"].cast(pl.String)
    files = file.replace_strict({csv: file for csv, (file, _) in where.items()}, return_dtype=pl.String)
    before = file.replace_strict({csv: shift for csv, (_, shift) in where.items()}, return_dtype=pl.Int64)
    frame = frame.with_columns(file=files, record=frame["record"].cast(pl.Int64) + before)
    return _renamed(frame) if "note" in frame.columns else frame


def _renamed(frame: pl.DataFrame) -> pl.DataFrame:
    """A list of planted faults with the items and words of the host's own."""
    rows = []
    for row in frame.iter_rows(named=True):
        item, note = (DAMAGES[row["kind"]].item, DAMAGES[row["kind"]].note) if row["kind"] in DAMAGES else ("", "")
        held = "zokugara_1" if row["item"] == "zokugara" else row["item"]
        rows.append(row | {"item": item or held, "note": note or row["note"]})
    return pl.DataFrame(rows, schema=frame.schema | {"item": pl.String, "note": pl.String})


def _write(folder: Path, file: File, content: Content) -> Written:
    sheets = [content.legacy[file.first + at] for at in range(len(file.kinds))]
    with HostFile(folder / file.name, file.form) as out:
        made_on = str(np.datetime64(AS_OF, "D")).replace("-", "")
        out.one(file.header, "00", {"made_on": made_on} | ({"process": "移行用抽出"} if file.first != 3 else {}))
        for at, (kind, sheet) in enumerate(zip(file.kinds, sheets, strict=True)):
            faults = [fault for fault in content.planted if fault.table == file.first + at]
            _write_kind(out, kind, sheet, faults)
        counts = {kind.name: len(sheet.at) for kind, sheet in zip(file.kinds, sheets, strict=True)}
        named = {item.name for item in file.trailer}
        stated = {name: count for name, count in counts.items() if name in named} | {"all": sum(counts.values())}
        out.one(file.trailer, "99", {name: str(count) for name, count in stated.items()})
        return out.written()


def _write_kind(out: HostFile, kind: Kind, sheet: Sheet, faults: list[Fault]) -> None:
    for start in range(0, len(sheet.at), _CHUNK_ROWS):
        frame = sheet.rows(sheet.at[start : start + _CHUNK_ROWS])
        frame = frame.rename(dict(zip(frame.columns, kind.items, strict=True)))
        own = [fault for fault in faults if start <= fault.record - 1 < start + frame.height]
        for fault in own:
            if fault.kind not in DAMAGES:
                frame = _edited(frame, fault, start)
        planned = [_planned(fault, start) for fault in own if fault.kind in DAMAGES]
        out.write(kind.record, kind.code, _host_texts(frame), planned)


def _host_texts(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts as the host's items hold them."""
    if "kojin_no" in frame.columns:
        frame = frame.with_columns(pl.col("kojin_no").str.zfill(12))
    if "zokugara" not in frame.columns:
        return frame
    whole = pl.col("zokugara").is_in(_WHOLE_WORDS)
    words = pl.when(whole).then(pl.concat_list("zokugara")).otherwise(pl.col("zokugara").str.split("の"))
    return frame.with_columns(
        words.list.get(n, null_on_oob=True).alias(f"zokugara_{n + 1}") for n in range(_RELATIONS)
    ).drop("zokugara")


def _edited(frame: pl.DataFrame, fault: Fault, start: int) -> pl.DataFrame:
    """A fault of the value: the same text as in the CSV file."""
    row = fault.record - 1 - start
    cells = [(frame[fault.item][row] or "").encode("cp932")]
    fault.edit(cells, 0, fault.own)
    here = pl.int_range(frame.height) == row
    return frame.with_columns(
        pl.when(here).then(pl.lit(cells[0].decode("cp932"))).otherwise(fault.item).alias(fault.item)
    )


def _planned(fault: Fault, start: int) -> Planned:
    own = DAMAGES[fault.kind]
    return fault.record - 1 - start, own.item or fault.item, own.damage


def _strange_code(cell: Cell) -> None:
    """In the middle of a text, a code that no character has: FE FE, or FF where single bytes stand."""
    cell[2:4] = 0xFE


def _nothing(cell: Cell) -> None:
    cell[2:4] = 0


def _letter_for_digit(cell: Cell) -> None:
    cell[4] = 0xE7


def _no_digit(cell: Cell) -> None:
    """A half byte of A where a digit belongs."""
    cell[1] = cell[1] & 0x0F | 0xA0


def _no_sign(cell: Cell) -> None:
    cell[-1] = cell[-1] & 0xF0 | 0x05


def _spare_filled(cell: Cell) -> None:
    """A digit in the half byte that an even number of digits leaves over."""
    cell[0] |= 0x90


@dataclass(frozen=True, slots=True)
class Damaged:
    """A fault of bytes: in words, how, and the item where it is another than in `package`."""

    note: str
    damage: Damage
    item: str = ""


#: Faults that a host has of its own kind, by the kind of `package` in whose stead they stand.
DAMAGES = {
    "undecodable": Damaged("文字集合にないコード", _strange_code),
    "nul": Damaged("漢字氏名の中に文字集合にないコード（0000）", _nothing, "kanji_shimei"),
    "bad_key": Damaged("世帯番号に英字", _letter_for_digit, "setai_no"),
    "stray_quote": Damaged("生年月日のパック10進数に数字でない半バイト", _no_digit, "umare_ymd"),
    "line_break": Damaged("異動年月日のパック10進数の符号が5", _no_sign, "ido_ymd"),
    "too_long": Damaged("操作年月日のパック10進数が9桁", _spare_filled, "sosa_ymd"),
    "column_count": Damaged("宛名番号に英字", _letter_for_digit, "atena_no"),
}
