"""`dmig prune`: give back what old runs hold, newest kept."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.pipeline.books import site_at
from dmig.pipeline.disposing import dispose, old_runs


@click.command(name="prune")
@click.option("--site", type=click.Path(path_type=Path), help="サイトのフォルダー / site folder")
@click.option("--runs", type=click.Path(path_type=Path), default=Path("runs"), help="サイトがなければ / without a site")
@click.option("--keep", type=click.IntRange(1), help="残す実行の数（既定は dmig.toml の keep.runs、なければ 10）")
@click.option("--dry-run", is_flag=True, help="消さずに示す / only tell")
def command(site: Path | None, runs: Path, keep: int | None, dry_run: bool) -> None:
    """新しい実行を keep だけ残し、古い実行の保護フォルダーを廃棄する（dmig dispose と同じ証明書が残る）。結果と台帳は残る。"""
    own = site_at(site) if site else None
    place, most = (own.folder / "runs", own.keep_runs) if own else (runs, 10)
    for name in old_runs(place, keep or most):
        if dry_run:
            click.echo(name)
            continue
        done = dispose(place, name, "dmig prune")
        click.echo(f"{name}  {done.certificate['count']:,} ファイル  {done.certificate['size_bytes']:,} バイト")
