"""`dmig key`: keys of approvers and of a site's ledger."""

from __future__ import annotations

import os
from pathlib import Path

import click

from dmig.ledger.signing import new_key
from dmig.pipeline.approving import PASSPHRASE


@click.group(name="key")
def command() -> None:
    """署名の鍵。"""


@command.command("new")
@click.option("--name", required=True, help="持ち主の氏名 / whose key it is")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="秘密鍵を書くファイル / private key file")
def new(name: str, out: Path) -> None:
    """Ed25519 の秘密鍵（PEM、本人だけが読める）を作り、公開鍵を一行で示す。

    パスフレーズは環境変数 DMIG_KEY_PASSPHRASE で渡す（省略可）。
    """
    signer = new_key(out, os.environ.get(PASSPHRASE, ""))
    click.echo(f"{signer.public} {name}")
