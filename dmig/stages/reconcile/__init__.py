"""Source and target read again and compared by rules that share nothing with the conversion."""

from dmig.stages.reconcile.align import align, in_windows
from dmig.stages.reconcile.compare import (
    FUNCTION,
    SIGNATURE,
    Comparer,
    Comparison,
    Verdict,
    signature_names,
    source_column,
    source_item,
    target_column,
    together,
)
from dmig.stages.reconcile.cross import CodeRows, read_code_tables
from dmig.stages.reconcile.exclusions import LeftOut, scan, stand_out
from dmig.stages.reconcile.host_file import HostFile, HostForm
from dmig.stages.reconcile.populations import (
    Distinct,
    KeyFile,
    dangling,
    doubled_keys,
    published_keys,
    stand,
)
from dmig.stages.reconcile.repairs import Corrected, Correction, corrected_cells, lay_over, read_corrections
from dmig.stages.reconcile.reread import Form, cut, read_range, runs
from dmig.stages.reconcile.sums import Added, Sum, add_sources, add_targets

__all__ = [
    "FUNCTION",
    "SIGNATURE",
    "Added",
    "CodeRows",
    "Comparer",
    "Comparison",
    "Corrected",
    "Correction",
    "Distinct",
    "Form",
    "HostFile",
    "HostForm",
    "KeyFile",
    "LeftOut",
    "Sum",
    "Verdict",
    "add_sources",
    "add_targets",
    "align",
    "corrected_cells",
    "cut",
    "dangling",
    "doubled_keys",
    "in_windows",
    "lay_over",
    "published_keys",
    "read_code_tables",
    "read_corrections",
    "read_range",
    "runs",
    "scan",
    "signature_names",
    "source_column",
    "source_item",
    "stand",
    "stand_out",
    "target_column",
    "together",
]
