"""Source and target read again and compared by rules that share nothing with the conversion."""

from dmig.stages.reconcile.compare import Comparison, Verdict, compare, signature_names
from dmig.stages.reconcile.reread import read_source_items

__all__ = ["Comparison", "Verdict", "compare", "read_source_items", "signature_names"]
