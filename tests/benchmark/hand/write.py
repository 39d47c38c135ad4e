"""Accepted rows as CSV, Parquet and lineage."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from hand import PLAIN
from hand.columns import recode, texts_of

TITLES = {"juminjoho": "住民情報", "setai": "世帯", "idorireki": "異動履歴", "shiensochi": "支援措置対象者",
          "meishorireki": "旧氏・通称履歴", "biko": "備考", "kojinbangocard": "個人番号カード"}  # fmt: skip
BATCH = 50_000
COMMA, LINE, EMPTY = (pa.scalar(text, pa.large_string()) for text in (",", "\r\n", ""))


def _quoted(column: pd.Categorical) -> pa.DictionaryArray:
    """Texts that hold a separator in quotes, decided once per distinct text."""
    found = texts_of(column)
    odd = found.str.contains('[,"\r\n]')
    if odd.any():
        column = recode(column, found.where(~odd, '"' + found.str.replace('"', '""', regex=False) + '"'))
    return pa.array(column)


def write_csv(frame: pd.DataFrame, names: list[str], path: Path) -> str:
    """Header and rows; gives the SHA-256. `to_csv` renders cell by cell in Python and takes some ten times as long."""
    columns = [_quoted(frame[item].array) for item in frame]
    head = (",".join(names) + "\r\n").encode()
    digest = hashlib.sha256(head)
    with path.open("wb") as out:
        out.write(head)
        for begin in range(0, len(frame), BATCH):
            cells = [_decoded(column.slice(begin, BATCH)) for column in columns]
            lines = pc.binary_join_element_wise(*cells, COMMA, null_handling="replace", null_replacement="")
            ended = pc.binary_join_element_wise(lines, LINE, EMPTY)
            # The data buffer holds all lines one behind the other.
            text = ended.buffers()[2].slice(0, pc.sum(pc.binary_length(ended)).as_py())
            out.write(text)
            digest.update(text)
    return digest.hexdigest()


def _decoded(column: pa.DictionaryArray) -> pa.Array:
    if not len(column.dictionary):
        return pa.nulls(len(column), pa.large_string())
    return column.dictionary_decode().cast(pa.large_string())


def write_group(group: str, frame: pd.DataFrame, names: list[str], lineage: pd.DataFrame, out: Path) -> str:
    """The three files of one group; gives the SHA-256 of the CSV."""
    path = out / f"001_{TITLES[group]}.csv"
    if PLAIN:
        return _write_plain(frame, names, lineage, path, out / group)
    with ThreadPoolExecutor(1) as aside:
        csv = aside.submit(write_csv, frame, names, path)
        _write_parquet(frame, lineage, out / group)
        return csv.result()


def _write_parquet(frame: pd.DataFrame, lineage: pd.DataFrame, stem: Path) -> None:
    table = pa.table({item: pa.array(frame[item].array) for item in frame})
    # Without the stored schema readers get plain texts, as if no column had ever been a categorical.
    pq.write_table(table, stem.with_suffix(".parquet"), compression="zstd", compression_level=1, store_schema=False)
    lineage.to_parquet(stem.with_suffix(".lineage.parquet"), compression="zstd", index=False)


def _write_plain(frame: pd.DataFrame, names: list[str], lineage: pd.DataFrame, path: Path, stem: Path) -> str:
    frame.to_csv(path, header=names, index=False, lineterminator="\r\n", encoding="utf-8")
    frame.to_parquet(stem.with_suffix(".parquet"), compression="zstd", index=False)
    lineage.to_parquet(stem.with_suffix(".lineage.parquet"), compression="zstd", index=False)
    with path.open("rb") as written:
        return hashlib.file_digest(written, "sha256").hexdigest()
