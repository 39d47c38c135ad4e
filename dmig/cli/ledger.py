"""`dmig ledger`: which runs there were, and their results."""

from __future__ import annotations

import json
from pathlib import Path

import click

from dmig.cli.render import VERDICT, grid, render_summary
from dmig.ledger import Book
from dmig.pipeline.session import open_run

RUNS = click.option("--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True)
LANG = click.option("--lang", type=click.Choice(["ja", "en"]), default="ja", show_default=True)


@click.group(name="ledger")
def command() -> None:
    """実行の台帳。"""


@command.command("list")
@RUNS
@LANG
def list_runs(runs: Path, lang: str) -> None:
    """実行の一覧（新しい順）。"""
    book = Book(runs)
    rows = [
        [e.run_id, e.operation, e.system, "dry" if e.dry_run else "real", VERDICT[lang][e.status], e.exit_code,
         e.plan_hash[:12]]
        for e in book.runs()
    ]  # fmt: skip
    book.close()
    click.echo("\n".join(grid(["run", "operation", "system", "mode", "status", "exit", "plan"], rows)))


@command.command("show")
@click.argument("run", default="latest")
@RUNS
@LANG
@click.option("--json", "as_json", is_flag=True, help="JSON で / as JSON")
def show(run: str, runs: Path, lang: str, as_json: bool) -> None:
    """一つの実行の結果。"""
    result = open_run(runs, run)
    click.echo(json.dumps(result, ensure_ascii=False, indent=2) if as_json else render_summary(result, lang))
