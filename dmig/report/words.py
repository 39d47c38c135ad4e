"""Every string of the report in both languages, from one table (`words.csv`)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = ("ja", "en")


@cache
def table() -> dict[str, dict[str, str]]:
    """Key -> language -> text, in the order of the file."""
    text = resources.files("dmig.report").joinpath("words.csv").read_text(encoding="utf-8")
    return {row["key"]: {name: row[name] for name in LANGUAGES} for row in csv.DictReader(text.splitlines())}


@dataclass(frozen=True, slots=True)
class Words:
    """The strings of one language, and the names that a run's declarations give to its groups, files and items."""

    language: str
    names: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, key: str, **places: object) -> str:
        """The text of a key; an unknown key is a fault of the program."""
        text = table()[key][self.language]
        return text.format_map({name: str(value) for name, value in places.items()}) if places else text

    def or_plain(self, prefix: str, name: object) -> str:
        """The word of a name that the result gives; a name that the table does not know stands for itself."""
        key = f"{prefix}.{str(name).replace(' ', '_')}"
        return self(key) if key in table() else str(name)

    def joined(self, keys: Iterable[str]) -> str:
        """Several words in one line."""
        return ("、" if self.language == "ja" else ", ").join(self(key) for key in keys)

    def group(self, name: str) -> str:
        """Group by its Japanese name, which is its name in the national documents, in either language."""
        return str(self.names.get("groups", {}).get(name) or name)

    def file(self, name: str) -> str:
        """Legacy table by its file name."""
        return str(self.names.get("tables", {}).get(name) or name)
