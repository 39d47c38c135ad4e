"""Frames as JSON lines, one nested object a record, put together by string kernels: numbers stand as they were decoded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

#: What JSON wants escaped.
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"} | {
    chr(code): f"\\u{code:04x}" for code in range(0x20) if chr(code) not in "\n\r\t\b\f"
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value: the column that holds it."""

    column: str


@dataclass(frozen=True, slots=True)
class Members:
    """An object: names and what stands under them. `present`: a boolean column; null where it does not hold."""

    entries: tuple[tuple[str, Leaf | Members | Elements], ...]
    present: str = ""


@dataclass(frozen=True, slots=True)
class Elements:
    """An array. `count`: a column of how many of its elements there are; blank: all."""

    elements: tuple[Leaf | Members | Elements, ...]
    count: str = ""


def json_lines(frame: pl.DataFrame, record: Members) -> pl.Series:
    """One text a row. Columns may hold texts, booleans, integers, floats and exact decimals."""
    return frame.lazy().select(_text(record, frame.schema).alias("json")).collect().to_series()


def _text(node: Leaf | Members | Elements, schema: pl.Schema) -> pl.Expr:
    if isinstance(node, Leaf):
        return _value(pl.col(node.column), schema[node.column])
    if isinstance(node, Members):
        parts = _joined([(f"{_quoted(name)}:", _text(inner, schema)) for name, inner in node.entries])
        whole = pl.concat_str(pl.lit("{"), *parts, pl.lit("}"))
        if not node.present:
            return whole
        return pl.when(pl.col(node.present)).then(whole).otherwise(pl.lit("null"))
    texts = [_text(inner, schema) for inner in node.elements]
    if not node.count:
        return pl.concat_str(pl.lit("["), *_joined([("", text) for text in texts]), pl.lit("]"))
    # An element that is not there takes its comma with it.
    there = [pl.col(node.count) > n for n in range(len(texts))]
    kept = [
        pl.when(held).then(pl.concat_str(pl.lit("," if n else ""), text)).otherwise(pl.lit(""))
        for n, (held, text) in enumerate(zip(there, texts, strict=True))
    ]
    return pl.concat_str(pl.lit("["), *kept, pl.lit("]"))


def _joined(parts: Sequence[tuple[str, pl.Expr]]) -> list[pl.Expr]:
    joined: list[pl.Expr] = []
    for n, (before, text) in enumerate(parts):
        if n or before:
            joined.append(pl.lit(("," if n else "") + before))
        joined.append(text)
    return joined


def _value(column: pl.Expr, kind: pl.DataType) -> pl.Expr:
    text = column.cast(pl.String)
    if kind == pl.String:
        escaped = column.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
        text = pl.concat_str(pl.lit('"'), escaped, pl.lit('"'))
    return text.fill_null(pl.lit("null"))


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
