"""Every string of the report stands once in one table, in both languages."""

from __future__ import annotations

import re
import string

from report_support import ROOT, word_rows

from dmig.cli.render import GATE_NAMES
from dmig.report.words import table

#: The same in both languages on purpose.
ALIKE: set[str] = set()
#: Japanese without a Japanese letter on purpose.
PLAIN = {"sha256", "id"}
#: Prefixes of keys that are made from names in a result.
MADE = ("gate", "gate_about", "next", "status", "verdict", "what", "class", "kind", "severity", "by", "role", "disposition",
        "why", "fact", "treatment")  # fmt: skip


def sources() -> str:
    folder = ROOT / "dmig/report"
    files = [*folder.glob("*.py"), *folder.glob("templates/*.j2")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_the_table_is_complete() -> None:
    rows = word_rows()
    assert len(rows) > 200
    assert len({row["key"] for row in rows}) == len(rows)
    assert [row["key"] for row in rows if set(row) != {"key", "ja", "en"} or not all(row.values())] == []
    assert set(table()) == {row["key"] for row in rows}


def test_japanese_is_japanese_and_english_is_english() -> None:
    japanese = re.compile("[぀-ヿ一-鿿]")
    rows = [row for row in word_rows() if row["key"] not in ALIKE]
    assert [row["key"] for row in rows if row["ja"] == row["en"]] == []
    assert [row["key"] for row in rows if japanese.search(row["en"])] == []
    assert [row["key"] for row in rows if not japanese.search(row["ja"]) and row["key"] not in PLAIN] == []


def test_both_languages_have_the_same_places() -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    assert [row["key"] for row in word_rows() if places(row["ja"]) != places(row["en"])] == []


def test_every_key_that_the_program_names_is_there() -> None:
    text = sources()
    named = set(re.findall(r"""words\(\s*["']([a-z_.]+)["']""", text)) | set(re.findall(r'Column\("([a-z_.]+)"', text))
    named |= set(re.findall(r'\bTable\(\s*"([a-z_.]+)"', text)) | set(re.findall(r'\bSection\(\s*"([a-z_.]+)"', text))
    assert len(named) > 100
    assert sorted(named - set(table())) == []


def test_no_key_is_left_over() -> None:
    text = sources()
    quoted = set(re.findall(r"""["']([a-z_0-9.]+)["']""", text))
    leads = {f"{key}.lead" for key in quoted}
    left = [
        key for key in table() if key not in quoted | leads and not any(key.startswith(f"{name}.") for name in MADE)
    ]
    assert left == []


def test_gates_are_called_as_in_the_summary() -> None:
    words = table()
    assert {name: words[f"gate.{name}"]["ja"] for name in GATE_NAMES} == GATE_NAMES
