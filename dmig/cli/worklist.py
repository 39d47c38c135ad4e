"""`dmig worklist`: what staff decide about single records, out as a workbook and in again."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.cli.ledger import RUNS
from dmig.pipeline.worklist import Asked
from dmig.pipeline.worklist_desk import approve_decisions, export_tick_off, export_worklist, take_in

PATH = click.Path(path_type=Path)
RUN = click.option("--run", default="latest", show_default=True)
REASON = click.option("--reason", default="", help="値を見る理由 / why values are shown")
NUMBER = click.option("--with-number", is_flag=True, help="個人番号も / the individual number too")
REPAIRS = click.option("--repairs", type=PATH, help="処置のファイル（省略時はサイトのもの） / decisions about records")
DONE = {"added": "追加", "changed": "変更", "removed": "取消", "kept": "そのまま", "not kept": "鍵がわからず覚えない"}


@click.group(name="worklist")
def command() -> None:
    """作業一覧: 拒否と注意の一件ごとに、処置を Excel で決める（値を含むので保護フォルダーの中だけ）。"""


@command.command("export")
@RUN
@RUNS
@click.option("--division", default="", help="この課の分だけ / of this division only")
@click.option("--code", default="", help="このコードだけ / of this code only")
@click.option("--xlsx", is_flag=True, default=True, help="Excel のブックで（これだけ） / as a workbook")
@REASON
@NUMBER
@REPAIRS
def export(
    run: str, runs: Path, division: str, code: str, xlsx: bool, reason: str, with_number: bool, repairs: Path | None
) -> None:
    """根本の原因と記録ごとに一行のブックを、実行の保護フォルダーに書く（理由が必要。台帳に残る）。"""
    path, rows = export_worklist(Asked(runs, run, division, code, with_number, repairs), reason)
    click.echo(f"{path}: {rows:,} 行 / rows")


@command.command("import")
@click.option("--xlsx", type=PATH, required=True, help="書き込んだブック / the filled workbook")
@RUNS
@REPAIRS
def import_(xlsx: Path, runs: Path, repairs: Path | None) -> None:
    """ブックを確かめ、処置のファイルに書く。誤りは行と列を示して断り、何も書かない (exit 3)。"""
    imported = take_in(xlsx, runs, repairs)
    click.echo("  ".join(f"{text} / {word}: {imported.counts[word]:,}" for word, text in DONE.items()))


@command.command("approve")
@RUN
@RUNS
@REPAIRS
@click.option("--as", "name", required=True, help="承認する人 / who approves")
@click.option("--key", type=PATH, help="本人の秘密鍵（サイトでは必要） / their private key, needed on a site")
def approve(run: str, runs: Path, repairs: Path | None, name: str, key: Path | None) -> None:
    """ほかの人が決めた処置を承認する。決めた本人は承認できない。"""
    counts = approve_decisions(run, runs, repairs, name, key)
    click.echo("  ".join(f"{word}: {count:,}" for word, count in sorted(counts.items())))


@command.command("tick-off")
@RUN
@RUNS
@REASON
@NUMBER
def tick_off(run: str, runs: Path, reason: str, with_number: bool) -> None:
    """手入力にした記録の一覧を、印を付ける欄とともに書き直す（理由が必要。台帳に残る）。"""
    path, records = export_tick_off(run, runs, reason, with_number=with_number)
    click.echo(f"{path}: {records:,} 件 / records")
