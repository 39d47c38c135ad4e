"""What is written of an invented delivery, of whatever operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from dmig.synth.csv_out import Planned
from dmig.synth.edits import Edit
from dmig.synth.streams import Ints


class Sheet(NamedTuple):
    """A file: name, header, how rows at given places are rendered, and the places in file order."""

    file: str
    header: tuple[str, ...]
    rows: Callable[[Ints], pl.DataFrame]
    at: Ints


class Fault(NamedTuple):
    """One planted fault: its kind, legacy file by number, record from 1, item, how its cell is damaged, the text put in."""

    kind: str
    table: int
    record: int
    item: str
    edit: Edit
    own: bytes


@dataclass(frozen=True, slots=True)
class Content:
    """Legacy files and truth; `edits` tells what to damage in records [first, last) of the legacy file of a number.

    `planted` is the same fault by fault, for systems that store their values otherwise.
    """

    legacy: list[Sheet]
    truth: list[Sheet]
    edits: Callable[[int, int, int], list[Planned]]
    faults: pl.DataFrame
    findings: pl.DataFrame
    planted: Sequence[Fault] = ()
