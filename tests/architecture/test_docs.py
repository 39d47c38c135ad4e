"""What is not documented does not exist: codes, commands, columns, keys and fields each have their place in docs/."""

from __future__ import annotations

import ast
import csv
import importlib
import inspect
import json
import pkgutil
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import polars as pl
import pytest
import reference

import dmig.spec
import dmig.spec.glyphs
from dmig.cli.main import COMMANDS
from dmig.errors import catalogue
from dmig.errors.failure import ExitCode
from dmig.model.mapping import AcceptedDifference, Place
from dmig.pipeline.decided import section as section_of
from dmig.pipeline.differences import accept_differences
from dmig.pipeline.overlay import DECIDED, Repaired
from dmig.pipeline.result import SCHEMA_VERSION
from dmig.pipeline.run import Request, compile_operation
from dmig.spec.library import Library
from dmig.spec.sheet import Columns

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
HEADINGS = (
    "## 意味 / What it means",
    "## なぜ問題か / Why it matters",
    "## 例 / Example",
    "## 対処 / What to do",
)
#: Declared columns or keys in dmig.spec -> the section of docs/files.md that must name each of them.
SECTIONS = {
    "standard.ITEMS": "items.csv",
    "standard.CODES": "codes.csv",
    "standard.RULES": "rules.csv",
    "standard.PARAMETERS": "parameters.csv",
    "mapping.PARAMETERS": "parameters.csv",
    "mapping.EXCLUSIONS": "exclusions.csv",
    "across.ACROSS": "across.csv",
    "standard.GROUP_KEYS": "layout.toml of a standard layout",
    "standard.DIALECT_KEYS": "layout.toml of a standard layout",
    "legacy.ITEMS": "<table>.csv",
    "legacy.TABLE_KEYS": "layout.toml of a legacy layout",
    "rehearsal.REHEARSED_KEYS": "rehearsal.toml",
    "rehearsal.WINDOW_KEYS": "rehearsal.toml",
    "legacy.HOST_ITEMS": "<table>.csv",
    "legacy.HOST_TABLE_KEYS": "layout.toml of a legacy layout",
    "legacy.CSV_KEYS": "layout.toml of a legacy layout",
    "legacy_host.HOST_KEYS": "layout.toml of a legacy layout",
    "legacy_host.FILE_KEYS": "layout.toml of a legacy layout",
    "mapping.ROWS": "<group>.csv",
    "mapping.STEPS": "steps.csv",
    "mapping.CONDITIONS": "conditions.csv",
    "mapping.DISPOSITIONS": "dispositions.csv",
    "mapping.TOTALS": "totals.csv",
    "mapping.PROOFS": "proofs.csv",
    "mapping.DIFFERENCES": "differences.csv",
    "mapping.GLYPHS": "glyphs.csv",
    "glyphs.rows.GLYPHS": "glyphs.csv",
    "glyphs.plus.PLUS_COLUMNS": "glyphs/mj_plus.csv",
    "site.GLYPHS_KEYS": "dmig.toml",
    "code_tables.COLUMNS": "code_tables/<name>.csv",
    "site.OPERATION_KEYS": "dmig.toml",
    "site.KEEP_KEYS": "dmig.toml",
    "site.LEDGER_KEYS": "dmig.toml",
    "gates.MAX_KEYS": "gates.toml",
    "approvers.APPROVERS": "approvers.csv",
    "repairs.REPAIRS": "repairs.csv",
}


def words(text: str) -> set[str]:
    """Everything that stands between backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def section(page: str, heading: str) -> str:
    """The text under one `##` heading whose title holds `heading` in backticks or as its start."""
    parts = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    found = [part for part in parts if part.splitlines()[0].replace("`", "").startswith(heading)]
    assert len(found) == 1, f"docs/files.md needs one section {heading!r}"
    return found[0]


def declared() -> dict[str, set[str]]:
    """Every closed set of columns or keys that dmig.spec declares at module level."""
    found: dict[str, set[str]] = {}
    below = pkgutil.iter_modules(dmig.spec.glyphs.__path__, "glyphs.")
    for entry in (*pkgutil.iter_modules(dmig.spec.__path__), *below):
        module = importlib.import_module(f"dmig.spec.{entry.name}")
        for name, value in vars(module).items():
            if isinstance(value, Columns):
                found[f"{entry.name}.{name}"] = set(value.names)
            elif name.endswith("_KEYS") and isinstance(value, dict):
                found[f"{entry.name}.{name}"] = set(value)
    return found


def header_keys() -> set[str]:
    """Top-level keys of TOML headers: the literal arguments of `header.close(...)` in dmig.spec."""
    return {
        argument.value
        for path in (ROOT / "dmig" / "spec").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "close"
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def code_page(code: str) -> str:
    path = DOCS / "codes" / f"{code}.md"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    pages = {path.stem for path in (DOCS / "codes").glob("*.md")}
    codes = set(catalogue())
    assert {"missing": sorted(codes - pages), "left over": sorted(pages - codes)} == {"missing": [], "left over": []}


def test_every_page_quotes_the_catalogue() -> None:
    """A page starts with the texts of its code as the program prints them; a changed text must reach its page."""
    stale = [
        code
        for code, row in catalogue().items()
        if code_page(code) and code_page(code).split("\n## ")[0] != f"# {code}\n\n> {row.ja}\n>\n> {row.en}\n"
    ]
    assert stale == []


def test_every_page_says_something_under_each_heading() -> None:
    thin = []
    for code in catalogue():
        found = re.split(r"^(## .*)$", code_page(code), flags=re.MULTILINE)[1:]
        texts = dict(zip(found[::2], found[1::2], strict=True))
        if code_page(code) and (tuple(texts) != HEADINGS or any(not bilingual(text) for text in texts.values())):
            thin.append(code)
    assert thin == []


def bilingual(text: str) -> bool:
    """The first paragraph holds Japanese, the last English words."""
    paragraphs = [paragraph for paragraph in text.strip().split("\n\n") if paragraph]
    return (
        len(paragraphs) >= 2
        and bool(re.search("[ぁ-ん]", paragraphs[0]))
        and len(re.findall("[A-Za-z]{2,}", paragraphs[-1])) >= 2
    )


def test_pages_say_different_things() -> None:
    """No page is a copy of another: each text under “why” and “example” stands once."""
    seen: dict[str, str] = {}
    doubles = []
    for code in catalogue():
        for heading in HEADINGS[1:3]:
            text = code_page(code).partition(heading)[2].partition("\n## ")[0].strip()
            if text and text in seen:
                doubles.append((seen[text], code))
            seen[text] = code
    assert doubles == []


def test_catalogue_rows_are_complete() -> None:
    with (ROOT / "dmig/errors/catalogue.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["code"] for row in rows}) == len(rows)
    assert [row["code"] for row in rows if not re.fullmatch("[A-Z]{3}[0-9]{3}", row["code"])] == []
    assert [row["code"] for row in rows if not all(row.values())] == []


def test_codes_used_in_the_program_are_in_the_catalogue() -> None:
    pattern = re.compile(r'"([A-Z]{3}[0-9]{3})"')
    used = {
        code for path in (ROOT / "dmig").rglob("*.py") for code in pattern.findall(path.read_text(encoding="utf-8"))
    }
    assert len(used) > 50
    assert sorted(used - set(catalogue())) == []


@pytest.mark.parametrize("name", reference.PAGES)
def test_generated_page_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == reference.PAGES[name](), "run `make docs`"


def test_readmes_name_every_command() -> None:
    for readme in ("README.md", "README.ja.md"):
        text = (ROOT / readme).read_text(encoding="utf-8")
        assert [name for name in COMMANDS if f"dmig {name}" not in text] == [], readme


def quoted_commands() -> Iterator[tuple[str, str]]:
    """Every `dmig …` line of a code block in the READMEs and in the hand-written pages."""
    for path in [ROOT / "README.md", ROOT / "README.ja.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]:
        if path.name in reference.PAGES:
            continue
        text = path.read_text(encoding="utf-8")
        for kind, block in re.findall(r"^```([a-z]*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            prompt = r"\$ " if kind == "console" else ""
            for line in block.splitlines():
                if match := re.match(prompt + r"(dmig .*)", line):
                    yield (
                        path.relative_to(ROOT).as_posix(),
                        match[1].split("  #")[0].split(";")[0].split(" | ")[0].strip(),
                    )


def test_quoted_commands_parse() -> None:
    """Each quoted command has existing words, existing options and the arguments that it needs."""
    lines = list(quoted_commands())
    assert len(lines) > 10
    entries = dict(reference.commands())
    wrong = []
    for place, line in lines:
        tokens = shlex.split(line)[1:]
        if tokens == ["--help"]:
            continue
        name = tuple(tokens[:2]) if tuple(tokens[:2]) in entries else tuple(tokens[:1])
        try:
            entries[name].make_context(name[-1], tokens[len(name) :])
        except (KeyError, click.UsageError) as error:
            wrong.append(f"{place}: {line}: {error}")
    assert wrong == []


def test_make_targets_in_readmes_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert {"demo", "test"} <= targets
    for readme in ("README.md", "README.ja.md", "CONTRIBUTING.md"):
        text = (ROOT / readme).read_text(encoding="utf-8")
        named = set(re.findall(r"^make ([a-z]+)", text, re.MULTILINE)) | {
            word[5:] for word in words(text) if re.fullmatch("make [a-z]+", word)
        }
        assert named, readme
        assert sorted(named - targets) == [], readme


def test_relative_links_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert len(pages) > 20
    assert dead == []


def test_every_declared_column_and_key_is_in_files_md() -> None:
    page, sets = (DOCS / "files.md").read_text(encoding="utf-8"), declared()
    assert set(sets) == set(SECTIONS), "a kind of declarative file was added or removed: give it a section"
    missing = {
        name: sorted(columns - words(section(page, SECTIONS[name])))
        for name, columns in sets.items()
        if columns - words(section(page, SECTIONS[name]))
    }
    assert missing == {}


def test_every_header_key_is_in_files_md() -> None:
    keys = header_keys()
    assert "layout_version" in keys
    assert sorted(keys - words((DOCS / "files.md").read_text(encoding="utf-8"))) == []


def paths(value: Any, prefix: str = "") -> Iterator[str]:
    """Dotted names of all fields of a JSON value; `[]` stands for the entries of a list."""
    if isinstance(value, dict):
        for key, below in value.items():
            name = f"{prefix}.{key}" if prefix else key
            yield name
            yield from paths(below, name)
    elif isinstance(value, list):
        for below in value:
            yield from paths(below, f"{prefix}[]")


#: Fields whose keys are codes or reasons: they are documented with a placeholder.
OPEN = (
    ("findings_by_code", "<code>"),
    ("rejects_by_code", "<code>"),
    ("names.groups", "<group>"),
    ("names.tables", "<table>"),
    ("files[].tables", "<table>"),
    ("tables[].excluded", "<reason>"),
    ("groups[].steps[].excluded", "<reason>"),
)


#: Fields that only a real run has.
PUBLISHED = {"generation", "self_test.status", "self_test.rules", "self_test.engines"} | {
    f"self_test.engines[].{name}" for name in ("group", "rule", "engine", "fired")
}


def documented_name(name: str) -> str:
    for field, placeholder in OPEN:
        if name.startswith(f"{field}."):
            rest = name[len(field) + 1 :].split(".", 1)[1:]
            return ".".join([field, placeholder, *rest])
    return name


def decided() -> dict[str, Any]:
    """What only a run with decisions of staff has in its result."""
    row = (0, "repair", "t", "i", "NRM006", "applied", "", 0, 0, 1, 0)
    repaired = Repaired(pl.DataFrame([row], schema=DECIDED, orient="row"), Path())
    plan = compile_operation(Request(Library(ROOT), "jumin", "package", Path(), Path()))
    return section_of(plan, repaired)


def damaged() -> dict[str, Any]:
    """What only a run with differences, accepted ones and items left out has in its result."""
    place = Place("differences.csv", 2)
    line = {"group": "g", "item": "i", "table": "t", "class": "blank", "count": 3, "accepted": 0}
    row = AcceptedDifference("1", "g", "*", "*", "*", 3, "reason", "approver", "2099-12-31", place)
    lines, register = accept_differences([line], (row,), "2026-01-01")
    assert lines[0]["accepted"] == 3
    blank = {"group": "g", "item": "i", "count": 3}
    left_out = {"table": "t", "item": "i", "disposition": "dropped", "reason": "r", "decided_by": "d"}
    return {
        "reconciliation": {"differences": lines, "blank_with_candidate": [blank]},
        "co_occurrence": [{"codes": ["CHK001", "CHK002"], "records": 12}],
        "repairs": decided(),
        "accepted_differences": register,
        "dispositions": [left_out],
    }


def result_of(folder: Path, code: int, *options: str) -> Any:
    """The result that a dry run of a fixture prints."""
    command = ["run", "jumin", "--dry-run", *options, "--json", "--runs", str(folder / "runs")]
    program = "import sys; from dmig.cli.main import main; sys.argv[0] = 'dmig'; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, *command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def test_every_field_of_the_result_is_in_result_md(tmp_path: Path) -> None:
    """Of real runs of the faulty fixture, and of a host's, whose results together have every field filled."""
    page = (DOCS / "result.md").read_text(encoding="utf-8")
    results = result_of(tmp_path, ExitCode.GATE, "--fixture", "faults"), result_of(tmp_path, 0, "--system", "mainframe")
    found = {name for result in (*results, damaged()) for name in paths(result)}
    names = {documented_name(name) for name in found} | PUBLISHED
    assert "rejects_by_code.<code>.root" in names
    fields = set(re.findall(r"^\| `([^`]+)` \|", page.partition("\n## ")[0], re.MULTILINE))
    assert {"missing": sorted(names - fields), "left over": sorted(fields - names)} == {"missing": [], "left over": []}
    assert f'`"{SCHEMA_VERSION}"`' in page
    assert sorted({gate["gate"] for gate in results[0]["gates"]} - words(page)) == []


def test_exit_codes_are_in_both_readmes() -> None:
    for readme in ("README.md", "README.ja.md"):
        text = (ROOT / readme).read_text(encoding="utf-8")
        assert [code.value for code in ExitCode if f"| {code.value} |" not in text] == [], readme


def test_adrs_are_numbered_without_gaps_and_have_a_status() -> None:
    files = sorted((DOCS / "adr").glob("*.md"))
    assert [path.name[:4] for path in files] == [f"{n:04d}" for n in range(1, len(files) + 1)]
    assert len(files) >= 12
    for path in files:
        lines = path.read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith(f"# {path.name[:4]} "), path.name
        assert re.fullmatch(r"Status: (proposed|accepted|superseded by \d{4})", lines[2]), path.name


def test_direct_dependencies_are_explained() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    named = set(re.findall(r'^    "([a-z][a-z-]*)(?:\[[a-z]+\])?[<>=]', text, re.MULTILINE))
    explained = {word.lower() for word in words((DOCS / "dependencies.md").read_text(encoding="utf-8"))}
    assert {"polars", "pytest"} <= named
    assert sorted(named - explained) == []


def test_every_package_is_in_the_readme_and_has_a_docstring() -> None:
    packages = sorted(path.parent.name for path in (ROOT / "dmig").glob("*/__init__.py"))
    named = words((ROOT / "README.md").read_text(encoding="utf-8"))
    assert [name for name in packages if f"dmig/{name}" not in named] == []
    assert [name for name in packages if not inspect.getdoc(importlib.import_module(f"dmig.{name}"))] == []
