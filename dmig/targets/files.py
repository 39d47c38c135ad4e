"""Publishing to files: a generation is copied whole, verified by hash, and becomes current in one rename."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from dmig.errors import DmigError
from dmig.store.private import empty_folder, make_private, read_json, sync, write_json


@dataclass(frozen=True, slots=True)
class OutputFile:
    """One file of a generation, by its place below it, with the hash that the run announced."""

    file: str
    sha256: str


class FilesTarget:
    """A folder with `generations/<name>/` and `current` (JSON: generation, history)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._current = folder / "current"

    def publish(self, generation: str, source: Path, outputs: list[OutputFile]) -> Path:
        """Copy, verify and switch; before the switch nothing that is published has changed.

        A generation that is there already and intact is not copied again. `DmigError` PUB001 when a copy does not
        have the announced hash.
        """
        place = make_private(self.folder / "generations") / generation
        if not (place.is_dir() and self._intact(place, outputs)):
            aside = empty_folder(place.with_name(place.name + ".part"))
            for output in outputs:
                target = aside / output.file
                make_private(target.parent)
                shutil.copyfile(source / output.file, target)
                target.chmod(0o600)
                sync(target)
            if not self._intact(aside, outputs):
                raise DmigError("PUB001", generation=generation)
            shutil.rmtree(place, ignore_errors=True)
            aside.replace(place)
        history = [name for name in self._state()["history"] if name != generation]
        write_json(self._current, {"generation": generation, "history": [*history, generation]})
        return place

    def current(self) -> str:
        """The generation that is current, or ""."""
        return str(self._state()["generation"])

    def rollback(self) -> str:
        """Make the generation before the current one; `DmigError` PUB002 when there is none."""
        state = self._state()
        history = [str(name) for name in state["history"]]
        if len(history) < 2:
            raise DmigError("PUB002")
        write_json(self._current, {"generation": history[-2], "history": history[:-1]})
        return history[-2]

    def _state(self) -> dict[str, list[str] | str]:
        if not self._current.is_file():
            return {"generation": "", "history": []}
        state: dict[str, list[str] | str] = read_json(self._current)
        return state

    def _intact(self, place: Path, outputs: list[OutputFile]) -> bool:
        for output in outputs:
            path = place / output.file
            if not path.is_file():
                return False
            with path.open("rb") as content:
                if hashlib.file_digest(content, "sha256").hexdigest() != output.sha256:
                    return False
        return True
