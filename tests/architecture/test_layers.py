"""Imports go down only; heavy or outward-looking libraries stay in the one place that owns them."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Library -> the only modules (with all below them) that may import it.
OWNERS = {
    "click": ("dmig.cli",),
    "pandera": ("dmig.stages.check",),
    "great_expectations": ("dmig.stages.accept",),
    "duckdb": ("dmig.stages", "dmig.ledger"),
    "sqlalchemy": ("dmig.ledger", "dmig.sources", "dmig.targets", "dmig.stages.accept"),
    "cryptography": ("dmig.ledger",),
    "openpyxl": ("dmig.spec.sheets", "dmig.report"),
    "pandas": ("dmig.stages.accept",),
    "pyspark": ("dmig.pipeline",),
    "multiprocessing": ("dmig.pipeline",),
    "concurrent": ("dmig.pipeline",),
    # No stage reads the clock; a progress bar may.
    "time": ("dmig.pipeline", "dmig.ledger", "dmig.cli"),
}
#: No network call, ever; nothing in data or declarations is run; no state as pickle; no chance in results.
NOWHERE = (
    "socket",
    "ssl",
    "http",
    "urllib",
    "requests",
    "ftplib",
    "smtplib",
    "pickle",
    "marshal",
    "random",
    "subprocess",
)
#: For each contract an import that breaks it: where the line is planted, and the line.
BREAKS = {
    "layers": ("dmig/model/layout.py", "import dmig.pipeline.run"),
    "stages": ("dmig/stages/write.py", "import dmig.stages.convert"),
    "reconcile": ("dmig/stages/reconcile/compare.py", "import dmig.converters.registry"),
    "roundtrip": ("dmig/stages/roundtrip/rebuild.py", "import dmig.plan.nouns"),
    "synth": ("dmig/synth/truth.py", "import dmig.converters.dates"),
    "store": ("dmig/store/parts.py", "import dmig.model.reports"),
    "folder": ("dmig/stages/write.py", "import dmig.store.parts"),
    "pure": ("dmig/plan/conditions.py", "import pathlib"),
}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    program = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def contracts() -> dict[str, str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    return {contract["id"]: contract["name"] for contract in settings["contracts"]}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("dmig", include_external_packages=True, cache_dir=None)


def importers(graph: grimp.ImportGraph, library: str) -> set[str]:
    return set(graph.find_modules_that_directly_import(library)) if library in graph.modules else set()


def inside(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def test_contracts_of_pyproject_hold() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_each_contract_can_break(tmp_path: Path) -> None:
    assert set(BREAKS) == set(contracts()), "a contract needs an import here that breaks it"
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "dmig", tmp_path / "dmig", ignore=shutil.ignore_patterns("__pycache__"))
    for place, line in BREAKS.values():
        path = tmp_path / place
        path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    out = lint_imports(tmp_path).stdout
    kept = [name for name in contracts().values() if f"{name} BROKEN" not in out]
    assert not kept, out


def test_a_package_without_a_place_is_refused(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "dmig", tmp_path / "dmig", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "dmig" / "drawer").mkdir()
    (tmp_path / "dmig" / "drawer" / "__init__.py").write_text("", encoding="utf-8")
    result = lint_imports(tmp_path)
    assert result.returncode != 0
    assert "drawer" in result.stdout


@pytest.mark.parametrize("library", OWNERS)
def test_library_is_imported_only_by_its_owner(graph: grimp.ImportGraph, library: str) -> None:
    strangers = sorted(module for module in importers(graph, library) if not inside(module, OWNERS[library]))
    assert not strangers, f"{library} belongs to {OWNERS[library]}"


@pytest.mark.parametrize("library", NOWHERE)
def test_library_is_imported_nowhere(graph: grimp.ImportGraph, library: str) -> None:
    assert not sorted(importers(graph, library))


def clock_readers(source: str) -> list[int]:
    """Lines that ask for the present day or time."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("now", "utcnow", "today")
    ]


def test_no_stage_asks_for_the_day() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "dmig").rglob("*.py")
        if clock_readers(path.read_text(encoding="utf-8"))
    }
    assert "dmig/ledger/book.py" in found
    assert sorted(name for name in found if name.split("/")[1] not in ("pipeline", "ledger", "cli")) == []


def test_the_graph_sees_libraries(graph: grimp.ImportGraph) -> None:
    """The two tests above would pass on a graph without libraries; these two are known to be used."""
    assert importers(graph, "click")
    assert importers(graph, "pandera")


def test_no_import_cycles_between_packages(graph: grimp.ImportGraph) -> None:
    packages = sorted(graph.find_children("dmig"))
    edges = {
        (one, other)
        for one in packages
        for other in packages
        if one != other and graph.find_shortest_chain(importer=one, imported=other, as_packages=True)
    }
    assert ("dmig.cli", "dmig.pipeline") in edges
    assert sorted((a, b) for a, b in edges if (b, a) in edges and a < b) == []
