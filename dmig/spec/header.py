"""The short TOML headers: keys are closed, every fault is a diagnostic."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from dmig.errors import Diagnostics


def _line_of(error: Exception) -> int:
    """The line of a TOML fault: an attribute in later Pythons, words of the message in earlier ones."""
    told = re.search(r"at line (\d+)", str(error))
    return int(getattr(error, "lineno", 0) or (told.group(1) if told else 0))


class Header:
    """One TOML file as nested tables with checked access; unknown keys are diagnostics when `close` is called."""

    def __init__(self, root: Path, path: Path, diagnostics: Diagnostics) -> None:
        self.file = path.relative_to(root).as_posix()
        self._diagnostics = diagnostics
        self._lines: list[str] = []
        self.tree: dict[str, Any] = {}
        if not path.is_file():
            diagnostics.add(self.file, 0, "SPC001")
            return
        try:
            text = path.read_text(encoding="utf-8-sig")
            self._lines = text.splitlines()
            self.tree = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            diagnostics.add(self.file, _line_of(error), "SPC011", cause=type(error).__name__)

    def line(self, key: str) -> int:
        """The line on which a key is set, as near as TOML lets us tell; the blank setting of a key comes first."""
        lines = [(n, text) for n, text in enumerate(self._lines, 1) if text.split("=")[0].strip() == key]
        blank = [n for n, text in lines if text.split("=", 1)[-1].strip() in ('""', "''")]
        return next(iter([*blank, *(n for n, _ in lines)]), 0)

    def fault(self, key: str, code: str, /, **values: object) -> None:
        """Note a fault at a key."""
        self._diagnostics.add(self.file, self.line(key), code, **values)

    def text(self, key: str, *, needed: bool = True, default: str = "") -> str:
        """A top-level text."""
        value = self.tree.get(key, default)
        if not isinstance(value, str) or (needed and not value):
            self.fault(key, "SPC012", key=key)
            return default
        return value

    def table(self, key: str, allowed: dict[str, type]) -> dict[str, Any]:
        """A sub-table whose keys and types are closed."""
        return self._closed(key, self.tree.get(key, {}), allowed)

    def table_at(self, path: tuple[str, ...], allowed: dict[str, type]) -> dict[str, Any]:
        """A nested table whose keys and types are closed."""
        found: Any = self.tree
        for key in path:
            found = found.get(key, {}) if isinstance(found, dict) else {}
        return self._closed(".".join(path), found if isinstance(found, dict) else {}, allowed)

    def tables(self, key: str, allowed: dict[str, type]) -> list[dict[str, Any]]:
        """An array of tables whose keys and types are closed."""
        return [self._closed(key, entry, allowed) for entry in self.tree.get(key, [])]

    def close(self, *known: str) -> None:
        """Name every top-level key that nobody reads."""
        for key in self.tree:
            if key not in known:
                self.fault(key, "SPC013", key=key)

    def _closed(self, where: str, found: dict[str, Any], allowed: dict[str, type]) -> dict[str, Any]:
        for key, value in found.items():
            if key not in allowed:
                self.fault(key, "SPC013", key=f"{where}.{key}")
            elif type(value) is not allowed[key]:
                self.fault(key, "SPC012", key=f"{where}.{key}")
        return {key: value for key, value in found.items() if key in allowed and type(value) is allowed[key]}
