"""Source and target read again and compared by rules that share nothing with the conversion."""

from dmig.stages.reconcile.compare import (
    Comparison,
    Verdict,
    compare_block,
    signature_names,
    source_column,
    target_column,
    together,
)
from dmig.stages.reconcile.reread import Form, cut, read_at, read_range, runs

__all__ = [
    "Comparison",
    "Form",
    "Verdict",
    "compare_block",
    "cut",
    "read_at",
    "read_range",
    "runs",
    "signature_names",
    "source_column",
    "target_column",
    "together",
]
