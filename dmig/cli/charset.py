"""`dmig charset`: the character sets of hosts, and which codes a file uses."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.cli.render import grid
from dmig.pipeline.charsets import known, listed, survey


@click.group(name="charset")
def command() -> None:
    """ホストの文字集合。"""


@command.command("list")
@click.option("--lang", type=click.Choice(["ja", "en"]), default="ja", show_default=True)
def list_sets(lang: str) -> None:
    """使える文字集合の一覧: 名前、種類、コードの数、別名、根拠。"""
    head = ["名前", "種類", "1バイト", "2バイト", "別名", "名称", "根拠"]
    if lang == "en":
        head = ["name", "kind", "single", "double", "aliases", "title", "basis"]
    click.echo("\n".join(grid(head, listed())))


@command.command("show")
@click.argument("name")
def show(name: str) -> None:
    """コードと文字の対応を TSV で出す（コード、符号位置、文字）。"""
    for code, width, text in known(name):
        points = " ".join(f"U+{ord(character):04X}" for character in text)
        click.echo(f"{code:0{width * 2}X}\t{points}\t{text if text.isprintable() else ''}")


@command.command("survey")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--charset", "name", required=True, help="文字集合 / character set")
@click.option("--record-length", type=click.IntRange(1), help="固定長の記録長（なければ全体を一続きと見る）")
@click.option("--unmapped", is_flag=True, help="文字のないコードだけ / only codes without a character")
def survey_file(path: Path, name: str, record_length: int | None, unmapped: bool) -> None:
    """ファイルに現れるコードとその回数、文字のないコードを TSV で出す。値は出さない。

    Exit codes: 0 every code has a character, 1 some have none.
    """
    found = survey(path, name, record_length)
    click.echo("code\tcount\ttarget")
    for code, width, count, target in found:
        if target == "" or not unmapped:
            click.echo(f"{code:0{width * 2}X}\t{count}\t{target or '-'}")
    raise SystemExit(0 if all(target for *_, target in found) else 1)
