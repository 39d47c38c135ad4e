"""`dmig check`: compile declarations, read no record."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.cli.render import render_diagnostics
from dmig.errors import Diagnostic, SpecError
from dmig.pipeline.examples import Mismatch, examples, run_example
from dmig.pipeline.run import Request, compile_operation
from dmig.plan.nouns import Plan
from dmig.spec.library import Library, shipped


@click.command(name="check")
@click.argument("operation", required=False)
@click.option("--system", help="旧システム / legacy system (default: all)")
@click.option("--library", type=click.Path(path_type=Path), help="schemas と mappings の場所 / declarations")
@click.option("--examples/--no-examples", "with_examples", default=True, help="例も実行する / run the examples")
@click.option("--lang", type=click.Choice(["ja", "en"]), default="ja", show_default=True)
def command(operation: str | None, system: str | None, library: Path | None, with_examples: bool, lang: str) -> None:
    """レイアウトと写像を検査し、例を実行する。誤りはすべて一度に、ファイルと行で示す。

    Exit codes: 0, 3 (declarative files), 4 (an example comes out otherwise).
    """
    shelf = Library(library or shipped())
    faults: list[Diagnostic] = []
    mismatches: list[Mismatch] = []
    for name in [operation] if operation else shelf.operations():
        for legacy in [system] if system else shelf.systems(name):
            request = Request(shelf, name, legacy, Path(), Path())
            try:
                plan = compile_operation(request)
            except SpecError as error:
                faults += error.diagnostics
                continue
            mismatches += _run_examples(request, plan, shelf.mapping_folder(name, legacy)) if with_examples else []
            click.echo(f"{name} ({legacy}): plan {plan.plan_hash[:16]}")
    for mismatch in mismatches:
        click.echo(mismatch.render(), err=True)
    if mismatches and not faults:
        raise SystemExit(4)
    if faults:
        click.echo(render_diagnostics(sorted(set(faults)), lang), err=True)
        raise SystemExit(3)


def _run_examples(request: Request, plan: Plan, folder: Path) -> list[Mismatch]:
    found = []
    cases = examples(folder)
    for example in cases:
        mismatches = run_example(request, plan, example)
        click.echo(f"  {'ng' if mismatches else 'ok'}  {example.name}  {example.title}")
        found += mismatches
    return found
