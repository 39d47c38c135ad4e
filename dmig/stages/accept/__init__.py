"""The acceptance contract: what was written, read again as raw text and judged by Great Expectations, suite by suite."""

from dmig.stages.accept.engine import Seen, judge
from dmig.stages.accept.reading import Unreadable, heading, read_records
from dmig.stages.accept.suites import Expectation, canonical, expectations, suite

__all__ = [
    "Expectation",
    "Seen",
    "Unreadable",
    "canonical",
    "expectations",
    "heading",
    "judge",
    "read_records",
    "suite",
]
