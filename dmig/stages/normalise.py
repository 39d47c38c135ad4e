"""Legacy text to the canonical text of its declared type, with a mask where that was not possible."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from dmig.converters.contract import Registry, Request
from dmig.model.legacy import LegacyItem


def bad(item: str) -> str:
    """Name of the mask column of an item: set where its text does not have its declared form."""
    return f"!{item}"


def finding(code: str, item: str) -> str:
    """Name of the mask column of a finding about an item."""
    return f"?{code}|{item}"


class Normaliser:
    """The compiled normalisation of some items of one table or union; picklable by its declarations."""

    def __init__(self, items: Mapping[str, LegacyItem], registry: Registry) -> None:
        self.items = dict(items)
        self.fault_codes = {name: registry.legacy_types[item.type].fault_code for name, item in items.items()}
        self.findings: list[tuple[str, str]] = []
        self._expressions: list[pl.Expr] = []
        for name, item in self.items.items():
            raw = pl.col(name)
            source = pl.when(raw.str.len_bytes() > 0).then(raw)
            output = registry.legacy_types[item.type].build(Request((source,), item.args))
            self._expressions.append(output.values[""].alias(name))
            self._expressions.append(output.fault.alias(bad(name)))
            for code, mask in output.findings.items():
                self.findings.append((code, name))
                self._expressions.append(mask.alias(finding(code, name)))

    def run(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with canonical items and masks; items that its table does not have become null columns."""
        absent = [pl.lit(None, pl.String).alias(name) for name in self.items if name not in frame.columns]
        return frame.with_columns(absent).with_columns(self._expressions)
