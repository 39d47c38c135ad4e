"""The acceptance contract: what was written, read again as raw text and judged by Great Expectations, suite by suite."""

from dmig.stages.accept.engine import Seen, judge
from dmig.stages.accept.private_use import NO_PRIVATE_USE, private_use
from dmig.stages.accept.reading import Unreadable, heading, read_records
from dmig.stages.accept.suites import Expectation, canonical, expectations, suite

__all__ = [
    "NO_PRIVATE_USE",
    "Expectation",
    "Seen",
    "Unreadable",
    "canonical",
    "expectations",
    "heading",
    "judge",
    "private_use",
    "read_records",
    "suite",
]
