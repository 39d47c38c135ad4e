"""`dmig suite`: the acceptance suites of a standard layout."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.errors import Diagnostics
from dmig.pipeline.suites import stale_suites, write_suites
from dmig.spec.library import Library, load, shipped


@click.group(name="suite")
def command() -> None:
    """受入検査のスイート（Great Expectations）。"""


@command.command("build")
@click.argument("operation")
@click.option("--library", type=click.Path(path_type=Path), help="schemas と mappings の場所 / declarations")
@click.option("--check", is_flag=True, help="書き換えず、古いものがあれば 1 で終わる / exit 1 if any is stale")
def build(operation: str, library: Path | None, check: bool) -> None:
    """標準レイアウトと規則からスイートを作る。書き換えたファイルを示す。"""
    shelf = Library(library or shipped())
    shelf.mapping_folder(operation, (shelf.systems(operation) or [""])[0])
    stale: dict[Path, None] = {}
    for system in shelf.systems(operation):
        diagnostics = Diagnostics()
        layout = load(shelf, operation, system, diagnostics).layout
        diagnostics.stop_if_any()
        stale |= dict.fromkeys(stale_suites(shelf, layout) if check else write_suites(shelf, layout))
    for path in stale:
        click.echo(path.relative_to(shelf.root).as_posix())
    if check and stale:
        raise SystemExit(1)
