"""`dmig mapping`: canonical form and coverage of mappings."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.cli.render import grid
from dmig.errors import Diagnostics
from dmig.pipeline.run import Request, compile_operation
from dmig.plan.coverage import coverage
from dmig.spec.formatting import rewrite, unformatted
from dmig.spec.library import Library, load, shipped

LIBRARY = click.option("--library", type=click.Path(path_type=Path), help="schemas と mappings の場所 / declarations")
SYSTEM = click.option("--system", help="旧システム / legacy system (default: all)")


@click.group(name="mapping")
def command() -> None:
    """写像のファイル。"""


@command.command("fmt")
@click.argument("operation", required=False)
@SYSTEM
@LIBRARY
@click.option("--check", is_flag=True, help="書き換えず、違いがあれば 3 で終わる / exit 3 if anything differs")
def fmt(operation: str | None, system: str | None, library: Path | None, check: bool) -> None:
    """CSV を決まった形に整える（行の順、改行、引用符）。"""
    shelf = Library(library or shipped())
    different = 0
    for name in [operation] if operation else shelf.operations():
        for legacy in [system] if system else shelf.systems(name):
            layout = load(shelf, name, legacy, Diagnostics()).layout
            for path in unformatted(shelf.mapping_folder(name, legacy), layout):
                different += 1
                click.echo(path.relative_to(shelf.root).as_posix())
                if not check:
                    rewrite(path, layout)
    if check and different:
        raise SystemExit(3)


@command.command("coverage")
@click.argument("operation")
@SYSTEM
@LIBRARY
def show_coverage(operation: str, system: str | None, library: Path | None) -> None:
    """標準項目、元の項目、コードのうち、決まっているものと残り。"""
    shelf = Library(library or shipped())
    for legacy in [system] if system else shelf.systems(operation):
        plan = compile_operation(Request(shelf, operation, legacy, Path(), Path()))
        rows = [[c.kind, c.name, c.total, c.covered, " ".join(c.open) or "-"] for c in coverage(plan)]
        click.echo(f"{operation} ({legacy})")
        click.echo("\n".join(grid(["", "name", "total", "covered", "open"], rows)))
