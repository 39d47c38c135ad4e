"""What a converter is: pure expressions on text columns, with the facts that its laws are tested by.

A converter never raises for data. It gives values and a fault mask. A value is null exactly where a source was
null or the mask is set (unless `on_null` is "value"); the mask is never set where a source is null. Empty text does
not occur: normalise turns it into null before any converter sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from dmig.model.layout import Parameter
from dmig.model.mapping import CodeTable

#: The only part of a converter with a single output.
SINGLE = ""


@dataclass(frozen=True, slots=True)
class ArgSpec:
    """One argument of a converter as it may stand in a mapping row.

    `kind`: text | int | choice | list (values joined by `|`) | amount (a whole number, or `@name` for the dated
    parameter of that name). `choices` closes a choice or a list.
    """

    name: str
    kind: Literal["text", "int", "choice", "list", "amount"] = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    default: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One call of a converter: its sources as expressions and everything that was declared for it."""

    sources: tuple[pl.Expr, ...]
    args: Mapping[str, str] = field(default_factory=dict)
    table: CodeTable | None = None
    parameters: Mapping[str, tuple[Parameter, ...]] = field(default_factory=dict)

    def arg(self, name: str, default: str = "") -> str:
        """An argument's text, or the default."""
        return self.args.get(name, default) or default


@dataclass(frozen=True, slots=True)
class Output:
    """What a converter gives: text per part, the fault mask, and findings (code -> mask) that refuse nothing."""

    values: Mapping[str, pl.Expr]
    fault: pl.Expr
    findings: Mapping[str, pl.Expr] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Converter:
    """A named pure function with its metadata.

    `sources` is the least and the greatest number of sources; `optional` says which of them (by position) may be
    null without making the value null. `lossless` promises that different inputs give different outputs.
    `explains` names findings that say why the conversion failed: they stand in place of the fault's own code.
    `inverse` names the converter that gives the source back from all parts; `invertible`, of a call, says which of its
    sources it gives back (None: every one). `carries` names the parts that together hold the content of the source: a
    mapping that leaves one of them out would lose it silently and is refused.
    """

    name: str
    build: Callable[[Request], Output]
    sources: tuple[int, int] = (1, 1)
    optional: tuple[int, ...] = ()
    args: tuple[ArgSpec, ...] = ()
    parts: tuple[str, ...] = (SINGLE,)
    fault_code: str = "CNV001"
    finding_codes: tuple[str, ...] = ()
    explains: tuple[str, ...] = ()
    on_null: Literal["null", "value"] = "null"
    lossless: bool = False
    inverse: str = ""
    invertible: Callable[[Request], pl.Expr] | None = None
    carries: tuple[str, ...] = ()
    needs_table: bool = False
    basis: str = ""


@dataclass(frozen=True, slots=True)
class LegacyType:
    """A declared form of legacy text: gives the canonical text of a raw cell, or a fault.

    The build takes exactly one source and gives the single part. Canonical dates are ISO text with `0000`/`00` for
    unknown parts; numbers have no leading zeros and a leading `-` if negative; text has no outer blanks.
    """

    name: str
    build: Callable[[Request], Output]
    args: tuple[ArgSpec, ...] = ()
    fault_code: str = "NRM001"
    finding_codes: tuple[str, ...] = ()
    basis: str = ""


class Registry:
    """Converters and legacy types by name, built from explicit lists; holds nothing global."""

    def __init__(self, converters: tuple[Converter, ...], legacy_types: tuple[LegacyType, ...]) -> None:
        self.converters = {converter.name: converter for converter in converters}
        self.legacy_types = {kind.name: kind for kind in legacy_types}
        if len(self.converters) != len(converters) or len(self.legacy_types) != len(legacy_types):
            raise ValueError("a converter or legacy type is registered twice")
