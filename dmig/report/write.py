"""Putting a report on the disk: all of it or nothing of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from dmig.report.build import build_report
from dmig.report.page import render_page
from dmig.report.words import LANGUAGES
from dmig.report.workbook import render_workbook
from dmig.store.private import disk_faults, make_private, sync, written_aside


def write_for_run(result: Mapping[str, Any], circumstances: Mapping[str, Any], folder: Path) -> None:
    """The report of a run inside its own folder: both languages and the workbook; the result lies beside it."""
    reports = {language: build_report(result, circumstances, language) for language in LANGUAGES}
    files = {f"report.{language}.html": render_page(report).encode() for language, report in reports.items()}
    files["report.xlsx"] = render_workbook(reports["ja"])
    make_private(folder)
    _put(files, folder)


def write_reports(
    result: Mapping[str, Any], circumstances: Mapping[str, Any], folder: Path, language: str
) -> list[Path]:
    """The report in one language, the workbook and the result itself, into a folder of one's choice."""
    report = build_report(result, circumstances, language)
    files = {
        f"report.{language}.html": render_page(report).encode(),
        "report.xlsx": render_workbook(report),
        "result.json": (json.dumps(result, ensure_ascii=False, indent=2) + "\n").encode(),
    }
    with disk_faults(folder):
        folder.mkdir(parents=True, exist_ok=True)
    _put(files, folder)
    return [folder / name for name in files]


def _put(files: Mapping[str, bytes], folder: Path) -> None:
    """Write all files aside first and rename them together; when one fails, none takes its name."""
    try:
        with ExitStack() as stack:
            asides = {name: stack.enter_context(written_aside(folder / name, durable=False)) for name in files}
            for name, content in files.items():
                asides[name].write_bytes(content)
                sync(asides[name])
    except BaseException:
        for name in files:
            (folder / f"{name}.part").unlink(missing_ok=True)
        raise
