"""`dmig dispose`: remove what a run has derived from records, with a certificate."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.pipeline.disposing import METHOD, dispose


@click.command(name="dispose")
@click.option("--run", "run_id", required=True, help="実行番号 / run")
@click.option("--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True)
@click.option("--reason", required=True, help="理由（証明書に載る） / why, for the certificate")
@click.option("--yes", is_flag=True, help="確かめずに消す / do not ask")
def command(run_id: str, runs: Path, reason: str, yes: bool) -> None:
    """実行の保護フォルダーのファイルを一つずつハッシュとともに控え、上書きして消し、証明書を残す。元のファイルと公開した世代は消さない。

    Exit codes: 0, 2 no such run, 5 a file could not be removed.
    """
    if not yes:
        click.confirm(f"{run_id}: 元に戻せません。消しますか / cannot be undone. Go on?", abort=True)
    done = dispose(runs, run_id, reason)
    found = done.certificate
    size = f"{found['count']:,} ファイル  {found['size_bytes']:,} バイト"
    click.echo(f"廃棄証明  {run_id}  {size}  {found['disposed_at']}  {found['by']}")
    for entry in found["files"]:
        click.echo(f"  {entry['sha256']}  {entry['size_bytes']:>14,}  {entry['file']}")
    click.echo("\n".join(METHOD))
    click.echo(f"{done.path}")
