"""`dmig check`: compile declarations, read no record."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.cli.render import render_diagnostics
from dmig.errors import SpecError
from dmig.pipeline.run import Request, compile_operation
from dmig.spec.library import Library, shipped


@click.command(name="check")
@click.argument("operation", required=False)
@click.option("--system", help="旧システム / legacy system (default: all)")
@click.option("--library", type=click.Path(path_type=Path), help="schemas と mappings の場所 / declarations")
@click.option("--lang", type=click.Choice(["ja", "en"]), default="ja", show_default=True)
def command(operation: str | None, system: str | None, library: Path | None, lang: str) -> None:
    """レイアウトと写像を検査する。誤りはすべて一度に、ファイルと行で示す。"""
    shelf = Library(library or shipped())
    faults = []
    for name in [operation] if operation else shelf.operations():
        for legacy in [system] if system else shelf.systems(name):
            request = Request(shelf, name, legacy, Path(), Path())
            try:
                plan = compile_operation(request)
            except SpecError as error:
                faults += error.diagnostics
                continue
            click.echo(f"{name} ({legacy}): ok  plan {plan.plan_hash[:16]}")
    if faults:
        click.echo(render_diagnostics(sorted(set(faults)), lang), err=True)
        raise SystemExit(3)
