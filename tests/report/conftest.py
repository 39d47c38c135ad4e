"""Both fixtures are run once for all tests of the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import report_support


@pytest.fixture
def folders(once: Any) -> dict[str, Path]:
    """Fixture -> folder of its run."""
    found: dict[str, Path] = once("report runs", report_support.ran)
    return found


@pytest.fixture
def faults(folders: dict[str, Path]) -> dict[str, Any]:
    return report_support.result_of(folders["faults"])


@pytest.fixture
def clean(folders: dict[str, Path]) -> dict[str, Any]:
    return report_support.result_of(folders["clean"])


@pytest.fixture
def full(faults: dict[str, Any]) -> dict[str, Any]:
    return report_support.full(faults)
