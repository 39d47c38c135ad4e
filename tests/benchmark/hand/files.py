"""Declarations and legacy files as pandas frames."""

from __future__ import annotations

import codecs
import io
from pathlib import Path

import pandas as pd
from hand import PLAIN

ROOT = Path(__file__).parents[3]
STANDARD = ROOT / "schemas/standard/jumin/0.1"
LEGACY = ROOT / "schemas/legacy/package/jumin"
MAPPING = ROOT / "mappings/jumin/package"
BLOCK = 16 << 20


def declared(path: Path) -> pd.DataFrame:
    """A declarative CSV, all text, blank cells as empty text."""
    return pd.read_csv(path, dtype="str", keep_default_na=False)


def code_table(name: str, part: str = "standard") -> dict[str, str | None]:
    """Legacy code to standard code of the agreed rows."""
    rows = declared(MAPPING / "code_tables" / f"{name}.csv").query("state == 'agreed'")
    return {legacy: value or None for legacy, value in zip(rows["legacy_1"], rows[part], strict=True)}


def relation_words() -> dict[str, list[str]]:
    """続柄 words to their codes, agreed rows only."""
    rows = declared(MAPPING / "code_tables/zokugara.csv").query("state == 'agreed'")
    codes = rows[["code1", "code2", "code3", "code4"]].to_numpy().tolist()
    return {word: [c for c in row if c] for word, row in zip(rows["legacy_1"], codes, strict=True)}


def glyphs() -> tuple[dict[int, str], dict[int, str]]:
    """Private-use characters: as decided, and the substitutes of those still open."""
    rows = declared(MAPPING / "glyphs.csv")
    points = [int(pua, 16) for pua in rows["pua"]]
    decided = {
        p: text for p, text, state in zip(points, rows["decided"], rows["state"], strict=True) if state == "agreed"
    }
    open_ = {p: text or "〓" for p, text in zip(points, rows["substitute"], strict=True) if p not in decided}
    return decided, open_


def legacy_items(table: str) -> pd.DataFrame:
    """Items of a legacy table: item, name, type, args."""
    return declared(LEGACY / f"{table}.csv")


def read_legacy(inputs: Path, table: str) -> pd.DataFrame:
    """One legacy table with its items as columns; blank cells are missing.

    Undecodable bytes are replaced and lines with a wrong number of cells skipped, so `record` counts what was read.
    """
    path = inputs / f"JUKI_{table.upper()}.csv"
    frame = _read(path) if PLAIN else _read_fast(path, table)
    items = legacy_items(table)
    frame = frame.rename(columns=dict(zip(items["name"], items["item"], strict=True)))
    return frame[list(items["item"])]


def _read(path: Path) -> pd.DataFrame:
    # Too short lines are no bad lines to this parser: it fills them up.
    return pd.read_csv(
        path, encoding="cp932", encoding_errors="replace", dtype="str", keep_default_na=False, on_bad_lines="skip"
    )


def _read_fast(path: Path, table: str) -> pd.DataFrame:
    decoder = codecs.getincrementaldecoder("cp932")("replace")
    text = io.BytesIO()
    with path.open("rb") as source:
        while block := source.read(BLOCK):
            text.write(decoder.decode(block).encode())
    text.seek(0)
    # Only the C parser takes line breaks inside cells; Arrow's is four times faster on the wide tables.
    engine = "c" if table == "biko" else "pyarrow"
    return pd.read_csv(text, dtype="str", engine=engine, keep_default_na=False, na_values=[""], on_bad_lines="skip")
