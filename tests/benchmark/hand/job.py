"""One group on its way: source columns, target columns, and what was found wrong with which rows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
from hand import dates, texts
from hand.columns import (
    Column,
    Mask,
    Texts,
    as_texts,
    codes_of,
    encode,
    filled,
    nothing,
    only,
    recode,
    spread,
    texts_of,
)
from hand.files import glyphs, legacy_items

Rows = npt.NDArray[np.int64]
PRIVATE_USE = "[\ue000-\uf8ff]"
REJECT, BLANK, FINDING = "reject", "blank", "finding"
#: Items whose unreadable cells only leave targets blank that may be blank.
MAY_BE_UNREAD = {
    "todoke_ymd", "shori_ymd", "kana_kakunin", "kisai_jun", "tennyu_shi_cd", "tennyu_kuni_cd", "tenshutsu_yotei_shi_cd",
    "tenshutsu_yotei_kuni_cd", "tenshutsu_kakutei_shi_cd", "tenshutsu_kakutei_kuni_cd", "tenshutsu_todoke_ymd",
    "tenshutsu_yotei_ymd", "tenshutsu_ymd", "honseki_shi_cd", "zairyu_nen", "zairyu_tsuki", "zairyu_hi",
    "zairyu_manryo_ymd", "kiso_nenkin_no", "yusen_kbn", "shuryo_ymd", "kari_kaishi_ymd", "uketsuke_shi_cd",
    "sakujo_ymd", "kisai_shi_cd", "toroku_ymd", "yuko_ymd", "shomei_serial", "riyosha_serial",
}  # fmt: skip


@dataclass
class Job:
    """Columns of one group; `table` and `record` say where a row came from."""

    group: str
    table: pd.Categorical
    record: Rows
    source: dict[str, Column]
    target: dict[str, Column] = field(default_factory=dict)
    unread: dict[str, Mask] = field(default_factory=dict)
    failed: dict[str, Mask] = field(default_factory=dict)
    notes: list[tuple[Rows, str, str, str]] = field(default_factory=list)
    read: int = 0
    excluded: int = 0

    def __len__(self) -> int:
        return len(self.record)

    def note(self, rows: Mask, severity: str, code: str, item: str) -> None:
        """Rows about which there is something to say."""
        if rows.any():
            self.notes.append((np.flatnonzero(rows), severity, code, item))

    def keep(self, rows: Mask) -> None:
        """Leave the other rows out, before anything was made of them."""
        if rows.all():
            return
        self.excluded += int((~rows).sum())
        self.table, self.record = self.table[rows], self.record[rows]
        self.source = {name: column[rows] for name, column in self.source.items()}
        self.unread = {name: mask[rows] for name, mask in self.unread.items()}
        place = np.cumsum(rows) - 1
        self.notes = [(place[at[rows[at]]], *said) for at, *said in self.notes]

    def make(self, name: str, source: str, convert: texts.Convert, code: str = "", severity: str = REJECT) -> None:
        """A target (or an intermediate `_name`) from a source item or intermediate."""
        column = self.column(source)
        values, bad = convert(texts_of(column))
        failed = self.failed.get(source, self.unread.get(source))
        if bad.any():
            rows = spread(column, bad, False)
            self.note(rows, severity, code, name)
            failed = rows if failed is None else failed | rows
        if failed is not None:
            self.failed[name] = failed
        self.target[name] = column if convert is texts.copy else recode(column, values)

    def column(self, name: str) -> Column:
        """A source item or an intermediate."""
        return self.target[name] if name.startswith("_") else self.source[name]


def start(group: str, frames: dict[str, pd.DataFrame]) -> Job:
    """The tables of a group one below the other, normalised by the declared types of their items."""
    heights = [len(frame) for frame in frames.values()]
    table = pd.Categorical.from_codes(np.repeat(np.arange(len(frames)), heights), list(frames))
    record = np.concatenate([np.arange(1, height + 1) for height in heights])
    whole = pd.concat(frames.values(), ignore_index=True) if len(frames) > 1 else next(iter(frames.values()))
    job = Job(group, table, record, {}, read=len(record))
    items = legacy_items(next(iter(frames))).query("item in @whole.columns")
    with ThreadPoolExecutor() as pool:
        # Arrow encodes without holding the interpreter, so columns are encoded side by side.
        columns = list(pool.map(encode, (whole.pop(item) for item in items["item"])))
    for (name, kind, arguments), column in zip(items[["item", "type", "args"]].to_numpy(), columns, strict=True):
        args = dict(word.split("=", 1) for word in arguments.split(";") if word)
        _normalise(job, name, kind, args, column)
    return job


def _normalise(job: Job, item: str, kind: str, args: dict[str, str], column: Column) -> None:
    raw = texts_of(column)
    if kind in ("text", "kana"):
        raw = _with_glyphs(job, item, column, raw)
    trimmed = raw.str.strip(texts.SPACES)
    blank = (trimmed == "") | trimmed.isin(args.get("blank", "").split("|"))
    column = recode(column, trimmed.where(~blank))
    values, bad, findings = _typed(kind, args, texts_of(column))
    if bad.any():
        rows = spread(column, bad, False)
        job.unread[item] = rows
        job.note(rows, BLANK if item in MAY_BE_UNREAD else REJECT, f"NRM:{kind}", item)
    for code, found in findings.items():
        if found.any():
            job.note(spread(column, found, False), FINDING, code, item)
    job.source[item] = recode(column, values)


def _with_glyphs(job: Job, item: str, column: Column, raw: Texts) -> Texts:
    marked = raw.str.contains(PRIVATE_USE).to_numpy(bool)
    if not marked.any():
        return raw
    decided, open_ = glyphs()
    settled = raw.copy()
    settled[marked] = as_texts([text.translate(decided) for text in raw[marked]]).to_numpy()
    left = settled.str.contains(PRIVATE_USE).to_numpy(bool)
    job.note(spread(column, left, False), FINDING, "NRM020", item)
    return as_texts([text.translate(open_) for text in settled.to_numpy()]).str.replace(PRIVATE_USE, "〓", regex=True)


def _typed(kind: str, args: dict[str, str], found: Texts) -> tuple[Texts, Mask, dict[str, Mask]]:
    """Texts, faults and findings by the legacy type."""
    if kind == "wareki7":
        return dates.wareki7(found, args.get("unknown", "").split("|"))
    width = int(args.get("width", "0"))
    if args.get("pad") == "left":
        found = found.str.zfill(width)
    if kind == "key":
        length = f"{{{width}}}" if width else "+"
        made = texts.good(found, found.str.contains(f"^[0-9A-Za-z]{length}$"))
    elif kind == "code" and width:
        made = texts.good(found, found.str.len() == width)
    elif kind == "int":
        made = texts.good(found.str.replace("^[+]?0*([0-9])", r"\1", regex=True), found.str.contains("^[+-]?[0-9]+$"))
    elif kind == "flag":
        made = texts.good(found, found.isin(["0", "1"]))
    elif kind in ("seireki8", "time6"):
        made = {"seireki8": dates.seireki8, "time6": dates.time6}[kind](found)
    else:
        made = texts.copy(found)
    return *made, {}


def order_of(job: Job, key: str, number: str) -> tuple[Rows, Rows]:
    """Rows in the order of a key and, within it, of a number; and that key's codes. Ties keep their order."""
    key_codes = codes_of(job.source[key])
    column = job.source[number]
    value = spread(column, pd.to_numeric(texts_of(column)).to_numpy(np.int64), np.iinfo(np.int64).max)
    return np.lexsort((value, key_codes)), key_codes


def sequence(job: Job, key: str, number: str) -> tuple[Rows, Mask]:
    """Numbers from 1 within a key, and which rows are the last of theirs."""
    order, keys = order_of(job, key, number)
    ordered = keys[order]
    first = np.append(True, ordered[1:] != ordered[:-1])[: len(job)]
    place = np.arange(len(job))
    numbers, latest = np.empty(len(job), np.int64), np.empty(len(job), bool)
    numbers[order] = place - np.maximum.accumulate(np.where(first, place, 0)) + 1
    latest[order] = np.append(first[1:], True)[: len(job)]
    return numbers, latest


def missing_outside(job: Job, name: str, rows: Mask) -> None:
    """A target that only some rows have."""
    job.target[name] = only(job.target[name], rows)
    if name in job.failed:
        job.failed[name] = job.failed[name] & rows


def completed(job: Job, items: list[str]) -> pd.DataFrame:
    """All items of the group in their order; those without a source are empty."""
    empty = nothing(len(job))
    return pd.DataFrame({item: job.target.get(item, empty) for item in items}, copy=False)


def has(job: Job, item: str) -> Mask:
    """Rows where a source item is filled."""
    return filled(job.source[item])
