"""`dmig report`: the report that staff sign."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.cli.ledger import LANG, RUNS
from dmig.pipeline.reporting import export_report
from dmig.pipeline.session import open_run


@click.command(name="report")
@click.option("--run", default="latest", show_default=True, help="実行番号 / run")
@LANG
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="書き先のフォルダー / folder to write into",
)
@RUNS
def command(run: str, lang: str, out: Path, runs: Path) -> None:
    """署名する報告書を書く: HTML、Excel、JSON。記録の値は入らない。"""
    for path in export_report(runs, open_run(runs, run), out, lang):
        click.echo(str(path))
