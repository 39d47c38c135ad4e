"""Every code that a message can carry: three letters and three digits, one row each in catalogue.csv.

The letters say where a fault was met: SPC declarative files, RED read, NRM normalise, CNV convert, STP steps,
CHK checks, REC reconciliation, GAT gates, ENV environment, RUN the run as a whole, TRC commands that show values,
LED the ledger, KEY keys, APR approvals, EVI evidence, SHT workbooks of declarations, RPR repairs, WKL work lists,
HST host files, RHS rehearsals.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Code:
    """One row of the catalogue: what a code means and what to do, in both languages."""

    code: str
    ja: str
    en: str
    remedy_ja: str
    remedy_en: str

    def message(self, language: str = "ja", **values: object) -> str:
        """The text with its named places filled. Only counts, names of items and locators may be given."""
        template = self.ja if language == "ja" else self.en
        return template.format_map({key: str(value) for key, value in values.items()})

    def remedy(self, language: str = "ja", **values: object) -> str:
        """The next action, with the same named places filled."""
        template = self.remedy_ja if language == "ja" else self.remedy_en
        return template.format_map({key: str(value) for key, value in values.items()})


@cache
def catalogue() -> dict[str, Code]:
    """All codes by name, in the order of the file."""
    text = resources.files("dmig.errors").joinpath("catalogue.csv").read_text(encoding="utf-8")
    return {row["code"]: Code(**row) for row in csv.DictReader(text.splitlines())}


def code(name: str) -> Code:
    """The catalogue's row of a code; an unknown code is a fault of the program."""
    return catalogue()[name]
