"""The row contract (pandera) and the rules over sets of rows (duckdb), each with proof that it ran."""

from dmig.stages.check.contract import RowContract
from dmig.stages.check.sets import UNIT, other_items, relevant, set_items, set_keys, set_violations

__all__ = ["UNIT", "RowContract", "other_items", "relevant", "set_items", "set_keys", "set_violations"]
