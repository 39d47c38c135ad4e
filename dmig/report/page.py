"""The report as one self-contained page: nothing outside it is loaded, and its policy would not let anything load."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dmig.report.build import Report
from dmig.report.nouns import Cell, Few, Mark

#: A page is never larger than this; tables are cut, shortest limit last, until it fits.
MOST_BYTES = 5 << 20
ROW_LIMITS = (500, 200, 50, 10)
#: Signs that say what a colour says.
SIGNS = {"good": "✓", "bad": "✕", "open": "？", "plain": "–"}


def render_page(report: Report, limits: tuple[int, ...] = ROW_LIMITS, most_bytes: int = MOST_BYTES) -> str:
    """The page as text; longer tables are cut to the first limit at which the page is small enough."""
    page = ""
    for limit in limits:
        page = _render(report, limit)
        if len(page.encode()) <= most_bytes:
            break
    return page


def _render(report: Report, limit: int) -> str:
    style, script = _part("report.css") + _foot(report), _part("report.js")
    return _environment().get_template("report.html.j2").render(
        report=report,
        words=report.words,
        limit=limit,
        style=Markup(style),  # noqa: S704 - our own file, and a run's name and hash
        script=Markup(script),  # noqa: S704 - our own file, no result in it
        policy=policy(style, script),
        signs=SIGNS,
        strings=_strings(report),
    )  # fmt: skip


def _foot(report: Report) -> str:
    """Run and hash at the foot of every printed page, so that loose sheets can be told apart."""
    run = re.sub("[^0-9A-Za-z-]", "", report.run_id)
    return f'@page {{ @bottom-left {{ content: "dmig {run}  SHA-256 {report.sign_off.run_hash[:16]}…"; }} }}\n'


def policy(style: str, script: str) -> str:
    """What the page may do: its own style and script, named by hash, and nothing else."""
    return (
        f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _part(name: str) -> str:
    return resources.files("dmig.report").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("dmig.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = shown
    environment.filters["sort_key"] = sort_key
    environment.filters["anchor"] = anchor
    environment.tests["mark"] = lambda cell: isinstance(cell, Mark)
    environment.tests["number"] = lambda cell: isinstance(cell, int | float | Few) and not isinstance(cell, bool)
    return environment


def shown(cell: Cell) -> str:
    """A cell as text: thousands separated, a dash for nothing."""
    if isinstance(cell, Few):
        return cell.value
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, float):
        return f"{cell:,.1f}"
    if isinstance(cell, Mark):
        return cell.text
    return cell if cell else "—"


def sort_key(cell: Cell) -> str:
    """What a numeric cell is sorted by: few stands between zero and ten, nothing before all."""
    if isinstance(cell, Few):
        return "0.5"
    return str(cell) if isinstance(cell, int | float) else "-1"


def anchor(key: str) -> str:
    """An id for links."""
    return key.replace(".", "-").replace("_", "-")


def _strings(report: Report) -> Mapping[str, str]:
    """Texts that the script puts on the page; they stand in attributes, not in the script, so that its hash holds."""
    words: Any = report.words
    return {key: words(key) for key in ("filter", "sort", "filter.of")}
