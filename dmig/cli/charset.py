"""`dmig charset`: the character sets of hosts, and which codes a file uses."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.cli.render import grid
from dmig.pipeline.charsets import known, listed, survey
from dmig.spec.charsets import add_table

PATH = click.Path(path_type=Path)
SITE = click.option("--site", type=PATH, help="サイトの文字表も使う / with the tables of a site")


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
@SITE
def show(name: str, site: Path | None) -> None:
    """コードと文字の対応を TSV で出す（コード、符号位置、文字）。"""
    for code, width, text in known(name, site):
        points = " ".join(f"U+{ord(character):04X}" for character in text)
        click.echo(f"{code:0{width * 2}X}\t{points}\t{text if text.isprintable() else ''}")


@command.command("add")
@click.argument("name")
@click.argument("table", type=PATH)
@click.option("--site", type=PATH, default=Path(), help="サイトのフォルダー  [default: .]")
def add(name: str, table: Path, site: Path) -> None:
    """機種の拡張文字などの表を検査し、サイトの charsets/ に加える（TSV・CSV、又は公開の JSON）。

    Exit codes: 0 added, 3 the table is faulty (all faults with their lines).
    """
    done = add_table(name, table, site)
    click.echo(f"charsets/{done.name}.tsv: {done.codes:,} コード / codes")
    click.echo(f"同梱の表と異なるもの / unlike the program's own: {done.replaced:,}")
    if done.contradicted:
        codes = " ".join(f"{code:X}" for code in done.contradicted)
        click.echo(f"二通りの文字があり、使わないコード / two characters, not used: {codes}", err=True)


@command.command("survey")
@click.argument("path", metavar="FILE", type=PATH)
@click.option("--charset", "name", required=True, help="文字集合 / character set")
@click.option("--record-length", type=click.IntRange(1), help="固定長の記録長（なければ全体を一続きと見る）")
@SITE
@click.option("--unmapped", is_flag=True, help="文字のないコードだけ / only codes without a character")
def survey_file(path: Path, name: str, record_length: int | None, site: Path | None, unmapped: bool) -> None:
    """ファイルに現れるコードとその回数、文字のないコードを TSV で出す。値は出さない。

    Exit codes: 0 every code has a character, 1 some have none.
    """
    found = survey(path, name, record_length, site)
    click.echo("code\tcount\ttarget")
    for code, width, count, target in found:
        if target == "" or not unmapped:
            click.echo(f"{code:0{width * 2}X}\t{count}\t{target or '-'}")
    raise SystemExit(0 if all(target for *_, target in found) else 1)
