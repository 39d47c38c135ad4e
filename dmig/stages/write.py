"""Standard rows to their published forms: CSV in the layout's dialect, Parquet, and row-aligned lineage."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import polars as pl

from dmig.model.layout import CsvDialect, Group

#: Rows of a Parquet row group.
ROW_GROUP = 50_000
_COPY = 4 << 20


def write_csv_part(rows: pl.DataFrame, dialect: CsvDialect, path: Path) -> None:
    """Rows without a header line, in the dialect's quoting and line ends."""
    quoting: Literal["necessary", "always"] = "always" if dialect.quoting == "all" else "necessary"
    rows.write_csv(
        path,
        include_header=False,
        quote_style=quoting,
        line_terminator="\r\n" if dialect.newline == "crlf" else "\n",
        null_value=dialect.null,
    )


def header_line(group: Group, dialect: CsvDialect) -> bytes:
    """The first bytes of a group's file: byte order mark and header as the dialect says."""
    return heading_line([item.name for item in group.items], dialect)


def heading_line(headings: Sequence[str], dialect: CsvDialect) -> bytes:
    """The first bytes of a file with these headings."""
    mark = b"\xef\xbb\xbf" if dialect.bom else b""
    if not dialect.header:
        return mark
    sign = '"' if dialect.quoting == "all" else ""
    names = ",".join(f"{sign}{name}{sign}" for name in headings)
    return mark + (names + ("\r\n" if dialect.newline == "crlf" else "\n")).encode()


def write_parquet(rows: pl.DataFrame, path: Path) -> None:
    """One Parquet part, zstd level 1."""
    rows.write_parquet(path, compression="zstd", compression_level=1, row_group_size=ROW_GROUP, statistics=False)


def join_files(head: bytes, parts: Iterable[Path], target: Path) -> str:
    """Append parts, as they come, behind a head into one file; gives its SHA-256, computed in the same loop."""
    digest = hashlib.sha256(head)
    with target.open("wb") as out:
        out.write(head)
        for part in parts:
            with part.open("rb") as source:
                while piece := source.read(_COPY):
                    digest.update(piece)
                    out.write(piece)
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
