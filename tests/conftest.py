"""Fixtures that are made once per test process, whatever the random order of the tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Once = Callable[[object, Callable[[Path], Any]], Any]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """`once(key, make)`: what `make(folder)` gave the first time it was asked for under this key."""
    held: dict[object, Any] = {}

    def get(key: object, make: Callable[[Path], Any]) -> Any:
        if key not in held:
            held[key] = make(tmp_path_factory.mktemp("once"))
        return held[key]

    return get
