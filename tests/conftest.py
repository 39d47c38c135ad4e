"""Fixtures that are made once per test session, whatever the random order of the tests and the number of processes."""

from __future__ import annotations

import fcntl
import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# Nothing here is a timed test: a busy machine must not make a law fail.
settings.register_profile("laws", deadline=None)
settings.load_profile("laws")

Once = Callable[[object, Callable[[Path], Any]], Any]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Once:
    """`once(key, make)`: what `make(folder)` gave the first time it was asked for under this key.

    The processes of one session share it: whoever comes first makes it, the others wait and read what was kept.
    """
    held: dict[object, Any] = {}
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if hasattr(request.config, "workerinput") else base) / "made-once"
    shared.mkdir(exist_ok=True)

    def get(key: object, make: Callable[[Path], Any]) -> Any:
        if key not in held:
            place = shared / hashlib.sha256(repr(key).encode()).hexdigest()[:16]
            with place.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                kept = place.with_suffix(".pickle")
                if kept.exists():
                    held[key] = pickle.loads(kept.read_bytes())
                else:
                    place.mkdir()
                    held[key] = make(place)
                    kept.write_bytes(pickle.dumps(held[key]))
        return held[key]

    return get
