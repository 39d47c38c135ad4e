"""The state file of a run: which stages are complete, what they were made from, under a checksum."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from dmig.errors import DmigError
from dmig.store.private import written_aside


class State:
    """Completed stages of one run, each with its key (hash of all it reads) and its result."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stages: dict[str, dict[str, Any]] = {}
        if path.exists():
            self.stages = self._load()

    def done(self, stage: str, key: str) -> dict[str, Any] | None:
        """The result of a stage if it was completed with the same key."""
        entry = self.stages.get(stage)
        return entry["result"] if entry and entry["key"] == key else None

    def complete(self, stage: str, key: str, result: dict[str, Any]) -> None:
        """Note a stage as complete; the file is replaced in one rename."""
        self.stages[stage] = {"key": key, "result": result}
        body = json.dumps(self.stages, ensure_ascii=False, sort_keys=True)
        with written_aside(self.path) as aside:
            aside.write_text(json.dumps({"sha256": _digest(body), "stages": body}), encoding="utf-8")

    def _load(self) -> dict[str, dict[str, Any]]:
        try:
            wrapped = json.loads(self.path.read_text(encoding="utf-8"))
            body = wrapped["stages"]
            intact = wrapped["sha256"] == _digest(body)
        except (ValueError, KeyError, TypeError):
            intact = False
        if not intact:
            raise DmigError("RUN001", path=self.path.name)
        stages: dict[str, dict[str, Any]] = json.loads(body)
        return stages


def digest(*values: object) -> str:
    """SHA-256 over values in canonical JSON: the key of a stage."""
    return _digest(json.dumps(values, ensure_ascii=False, sort_keys=True, default=str))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
