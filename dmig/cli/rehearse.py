"""`dmig rehearse`: all operations of a site in one night, for cron or a timer."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dmig.cli.progress import watch
from dmig.pipeline.rehearsing import rehearse


@click.command(name="rehearse")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--resume", is_flag=True, help="途中で止まった夜を続ける / continue the night that was interrupted")
def command(plan: Path, resume: bool) -> None:
    """サイトの rehearsal.toml のとおりに全業務を試行し、前の夜と比べて一枚にまとめる。人手は要らない。

    Exit codes: 0 pass, 1 a gate or the window, 3 declarative files, 4 totals or references differ, 5 environment, 70 program.
    """
    told = rehearse(plan, resume=resume, progress=watch())
    click.echo(told.text, nl=False)
    sys.exit(told.exit_code)
