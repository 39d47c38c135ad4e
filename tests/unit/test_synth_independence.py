"""The truth judges converters and mappings, so nothing of theirs may reach it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import dmig.synth

FOLDER = Path(dmig.synth.__file__).parent
MODULES = sorted(FOLDER.glob("*.py"))
ALLOWED = {"dmig.synth", "dmig.errors", "dmig.model"}
#: A host stores what it is told: writing numbers and codes is no part of converting them.
STORING = {
    "host_out": {"dmig.charset", "dmig.cobol", "dmig.targets"},
    "mainframe_items": {"dmig.cobol"},
}
THIRD_PARTY = {"numpy", "polars"}
STANDARD = {
    "__future__",
    "collections",
    "contextlib",
    "dataclasses",
    "enum",
    "errno",
    "functools",
    "hashlib",
    "pathlib",
    "types",
    "typing",
    "unicodedata",
    "zlib",
}


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_imports_stay_inside_what_is_allowed(path: Path) -> None:
    for name in imported(path):
        own = ".".join(name.split(".")[:2])
        allowed = ALLOWED | STORING.get(path.stem, set())
        assert own in allowed or name.split(".")[0] in THIRD_PARTY | STANDARD, name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_declarative_file_is_named_in_a_string(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert not [text for text in texts if re.search(r"(?:mappings|schemas|code_tables)[/\\]|importlib", text)]


def test_renderings_of_old_and_standard_form_do_not_share_code() -> None:
    assert "dmig.synth.package" not in imported(FOLDER / "truth.py")
    assert "dmig.synth.truth" not in imported(FOLDER / "package.py")
    assert "dmig.synth.texts" not in imported(FOLDER / "truth.py")
