"""`dmig run`: migrate one operation."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from dmig.cli.progress import watch
from dmig.cli.render import render_summary
from dmig.cli.run_all import run_every
from dmig.pipeline.session import Asked, open_session


@click.command(name="run")
@click.argument("operation", required=False, default="")
@click.option("--all", "every", is_flag=True, help="すべての業務と業務間の突合 / all operations, then across them")
@click.option("--system", default="package", show_default=True, help="旧システム / legacy system")
@click.option("--dry-run", is_flag=True, help="公開しない / publish nothing")
@click.option("--site", type=click.Path(path_type=Path), help="サイトのフォルダー / site folder")
@click.option("--fixture", default="clean", show_default=True, help="同梱の見本 / shipped sample input")
@click.option(
    "--input", "inputs", type=click.Path(path_type=Path), help="旧システムのファイルのフォルダー / input folder"
)
@click.option("--library", type=click.Path(path_type=Path), help="schemas と mappings の場所 / declarations")
@click.option(
    "--runs",
    type=click.Path(path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="実行の記録の場所（サイトがあればその中）",
)
@click.option("--as-of", help="基準日 YYYY-MM-DD（省略時は納品書） / date of the data")
@click.option("--resume", metavar="RUN", help="中断した実行を続ける / continue a run")
@click.option("--workers", type=click.IntRange(1, 64), help="作業プロセスの数 / worker processes")
@click.option(
    "--repairs",
    type=click.Path(path_type=Path),
    help="処置のファイル（省略時はサイトのもの） / decisions about records",
)
@click.option("--json", "as_json", is_flag=True, help="結果を JSON で / print the result as JSON")
@click.option("--lang", type=click.Choice(["ja", "en"]), default="ja", show_default=True)
def command(
    operation: str, every: bool, system: str, dry_run: bool, site: Path | None, fixture: str, inputs: Path | None,
    library: Path | None, runs: Path, as_of: str | None, resume: str | None, workers: int | None, repairs: Path | None,
    as_json: bool, lang: str,
) -> None:  # fmt: skip
    """旧システムの納品物を標準レイアウトに移す。サイトがなければ --dry-run だけができる。

    Exit codes: 0 pass, 1 a gate, 3 declarative files, 4 totals or references differ, 5 environment, 70 program.
    """
    asked = Asked(operation, system, fixture, inputs, library, runs, as_of, resume, workers, dry_run, site, repairs)
    if every == bool(operation):
        raise click.UsageError("業務の名前か --all のどちらかを / an operation or --all")
    if every:
        run_every(asked, as_json=as_json, language=lang)
    result = open_session(asked).run(watch())
    click.echo(json.dumps(result, ensure_ascii=False, indent=2) if as_json else render_summary(result, lang))
    sys.exit(int(result["exit_code"]))
