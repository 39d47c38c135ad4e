"""Modules stay short enough to read at one sitting, functions short enough to see at one glance."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULE_LINES, P90_LINES, MEDIAN_LINES, FUNCTION_LINES, COMMAND_LINES = 400, 300, 120, 40, 80


def module_lines() -> dict[str, int]:
    files = sorted((ROOT / "dmig").rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in files}


def long_functions(source: str, name: str) -> list[str]:
    """Functions and methods over the limit, from `def` to their last line, docstring included."""
    return [
        f"{name}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    ]


def test_no_module_is_too_long() -> None:
    lines = module_lines()
    assert len(lines) > 50
    assert {name: n for name, n in lines.items() if n > MODULE_LINES} == {}


def test_no_test_module_is_too_long() -> None:
    files = sorted((ROOT / "tests").rglob("*.py"))
    assert len(files) > 50
    lines = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {name: n for name, n in lines.items() if n > MODULE_LINES} == {}


def test_nine_tenths_of_the_modules_are_short() -> None:
    lines = sorted(module_lines().values())
    assert lines[len(lines) * 9 // 10] <= P90_LINES


def test_the_median_module_is_short() -> None:
    assert statistics.median(module_lines().values()) <= MEDIAN_LINES


def test_commands_are_thin() -> None:
    """A file of dmig/cli parses, calls the pipeline, renders; `render.py` is the rendering they share."""
    long = {n: k for n, k in module_lines().items() if n.startswith("dmig/cli/") and k > COMMAND_LINES}
    long.pop("dmig/cli/render.py", None)
    assert long == {}


def test_no_function_is_too_long() -> None:
    found = [
        entry
        for path in sorted((ROOT / "dmig").rglob("*.py"))
        for entry in long_functions(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
    ]
    assert found == []


def test_a_long_function_is_seen() -> None:
    body = "\n".join(f"    x = {n}" for n in range(FUNCTION_LINES))
    assert long_functions(f"def f():\n{body}\n", "m.py") == [f"m.py:1 f: {FUNCTION_LINES + 1} lines"]
    assert long_functions("def f():\n" + body.rsplit("\n", 1)[0] + "\n", "m.py") == []
