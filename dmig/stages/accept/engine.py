"""Great Expectations on one batch of raw texts: imported at the first use, wholly in memory, no value kept.

Each expectation is given a frame of the one column it speaks of: the library copies whole frames when it leaves out
blanks. It does not raise when an expectation cannot be evaluated, so that is told apart from a failure here.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dmig.stages.accept.patterns import UNIT_SEPARATOR
from dmig.stages.accept.suites import ANNOUNCED, COLUMNS, REGEX, Expectation

#: Counts only: no example of an unexpected value leaves the library.
COUNTS = {"result_format": "BASIC", "partial_unexpected_count": 0}
#: Counts and positions, for rows that were invented.
POSITIONS = {"result_format": "COMPLETE", "partial_unexpected_count": 0}
#: Why an expectation could not be evaluated.
RAISED, ITEM_MISSING, NOT_ALL_SEEN = "exception", "item missing", "rows not seen"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one expectation saw of one batch. `reason` is blank unless it could not be evaluated.

    `faults`: of items judged together, how many rows of each are unexpected. `rows`: their positions, where asked for.
    """

    evaluated: int
    unexpected: int
    reason: str = ""
    faults: Mapping[str, int] = field(default_factory=dict)
    rows: tuple[int, ...] = ()


class _Library:
    """The library, set up once per process: no analytics, no folder, no progress bars."""

    def __init__(self) -> None:
        os.environ["GX_ANALYTICS_ENABLED"] = "False"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it imports modules that Python has given up
            import great_expectations as gx
            import great_expectations.expectations as kinds
        self._kinds = kinds
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        asset = context.data_sources.add_pandas("written").add_dataframe_asset("file")
        self._batches = asset.add_batch_definition_whole_dataframe("rows")
        self._made: dict[str, Any] = {}

    def expectation(self, found: Expectation) -> Any:
        """The library's own expectation, made once."""
        key = repr((found.type, found.kwargs))
        if key not in self._made:
            kind = getattr(self._kinds, "".join(word.capitalize() for word in found.type.split("_")))
            self._made[key] = kind(**found.kwargs)
        return self._made[key]

    def validate(self, found: Expectation, frame: Any, announced: int, positions: bool) -> Any:
        """What the library says of one expectation on one frame."""
        batch = self._batches.get_batch(batch_parameters={"dataframe": frame})
        return batch.validate(
            self.expectation(found), result_format=POSITIONS if positions else COUNTS,
            expectation_parameters={ANNOUNCED: announced},
        )  # fmt: skip


@cache
def _library() -> _Library:
    return _Library()


def judge(
    found: Expectation, names: tuple[str, ...], batch: pa.Table, announced: int, *, positions: bool = False
) -> Seen:
    """One expectation on one batch: `names` is the file's heading, `batch` its raw texts, `announced` its rows."""
    if found.of_table:
        frame = batch.select(batch.column_names[:1]) if found.type != COLUMNS else _headings(names)
        seen = _judged(found, frame, announced, positions)
        return replace(seen, evaluated=int(not seen.reason), unexpected=int(seen.unexpected > 0))
    if missing := [item for item in found.items if item not in batch.column_names]:
        return Seen(0, 0, ITEM_MISSING, dict.fromkeys(missing, 0))
    seen = _judged(found, _column(found, batch), announced, positions)
    if not seen.reason and seen.evaluated != batch.num_rows:
        return Seen(seen.evaluated, seen.unexpected, NOT_ALL_SEEN)
    if seen.unexpected and found.each and not positions:
        return replace(seen, faults=_by_item(found, batch))
    return seen


def _headings(names: tuple[str, ...]) -> pa.Table:
    return pa.Table.from_arrays([pa.array([], pa.large_string()) for _ in names], names=list(names))


def _column(found: Expectation, batch: pa.Table) -> pa.Table:
    """The one column that an expectation speaks of."""
    cells = [batch.column(item) for item in found.items]
    joined = (
        cells[0]
        if len(cells) == 1
        else pc.binary_join_element_wise(*cells, pa.scalar(UNIT_SEPARATOR, pa.large_string()))
    )
    return pa.table({found.kwargs["column"]: joined})


def _by_item(found: Expectation, batch: pa.Table) -> dict[str, int]:
    """Which of several items judged together is at fault, asked of the library item by item."""
    counts = {}
    for item in found.items:
        alone = Expectation(REGEX, {"column": item, "regex": found.each}, (item,), ())
        seen = _judged(alone, _column(alone, batch), 0, False)
        if seen.unexpected:
            counts[item] = seen.unexpected
    return counts


def _judged(found: Expectation, frame: pa.Table, announced: int, positions: bool) -> Seen:
    try:
        said = _library().validate(found, frame.to_pandas(), announced, positions)
    except Exception:  # whatever it says may quote a value
        return Seen(0, 0, RAISED)
    if _raised(said.exception_info) or (not said.result and not said.success):
        return Seen(0, 0, RAISED)
    evaluated = int(said.result.get("element_count", 0))
    unexpected = int(said.result.get("unexpected_count", 0)) or int(not said.success)
    return Seen(evaluated, unexpected, rows=tuple(said.result.get("unexpected_index_list") or ()))


def _raised(info: Mapping[str, Any]) -> bool:
    """Whether an exception stands behind a result: told as a whole, or metric by metric."""
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(bool(entry.get("raised_exception", True)) for entry in info.values())
