"""`dmig approve`: a person's signature on the result of a run."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.pipeline.approving import approve_run


@click.command(name="approve")
@click.option("--run", default="latest", show_default=True)
@click.option("--as", "name", required=True, help="approvers.csv の氏名 / name in approvers.csv")
@click.option(
    "--key", type=click.Path(path_type=Path), required=True, help="その人の秘密鍵 / that person's private key"
)
@click.option("--reason", default="", help="理由・所見 / reason or remark")
@click.option("--site", type=click.Path(path_type=Path), default=Path(), help="サイトのフォルダー  [default: .]")
def command(run: str, name: str, key: Path, reason: str, site: Path) -> None:
    """合格した実行を承認する。署名は実行の結果、関門、計画、台帳の最後のハッシュにかかる。

    鍵のパスフレーズは環境変数 DMIG_KEY_PASSPHRASE で渡す。
    """
    entry = approve_run(site, run, name, key, reason)
    click.echo(f"承認しました / approved: run {entry.run_id} by {name}, entry {entry.number}\n{entry.hash}")
