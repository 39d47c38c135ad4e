"""`dmig sheet`: declarations as workbooks for staff, out and in."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.pipeline.sheets import export_sheet, import_sheet, open_desk
from dmig.spec.sheets.nouns import KINDS

PATH = click.Path(path_type=Path)
KIND = click.argument("kind", type=click.Choice(KINDS))
OPERATION = click.argument("operation")
SYSTEM = click.option("--system", default="package", show_default=True, help="旧システム / legacy system")
LIBRARY = click.option("--library", type=PATH, help="schemas と mappings の場所 / declarations")
SITE = click.option("--site", type=PATH, help="サイトの行を扱う / the rows of a site folder")
XLSX = click.option("--xlsx", type=click.Path(path_type=Path, dir_okay=False), required=True, help="ブック / workbook")


@click.group(name="sheet")
def command() -> None:
    """宣言ファイルを Excel のブックで直す（書き出しと取り込み）。"""


@command.command("export")
@KIND
@OPERATION
@XLSX
@SYSTEM
@LIBRARY
@SITE
@click.option("--run", help="未決コードの候補や外字の件数を取る実行 / run that tells candidates and counts")
@click.option("--runs", type=PATH, default=Path("runs"), show_default=True)
def export(
    kind: str, operation: str, xlsx: Path, system: str, library: Path | None, site: Path | None,
    run: str | None, runs: Path,
) -> None:  # fmt: skip
    """宣言ファイルをブックに書き出す。セルはすべて文字列で、選べる値は一覧から選べる。"""
    book = export_sheet(open_desk(operation, system, library, site), kind, xlsx, run, runs)
    for page in book.pages:
        click.echo(f"{page.title}: {len(page.rows)}  {page.file}")


@command.command("import")
@KIND
@OPERATION
@XLSX
@SYSTEM
@LIBRARY
@SITE
@click.option("--write", is_flag=True, help="ファイルに書く / write the files")
def import_(
    kind: str, operation: str, xlsx: Path, system: str, library: Path | None, site: Path | None, write: bool
) -> None:
    """ブックを読み、行の違いを示す。表計算ソフトが壊したセルは、場所を示して断る。

    Exit codes: 0 (no difference, or written), 1 (differences, without --write), 3 (damaged, or does not compile).
    """
    desk = open_desk(operation, system, library, site)
    changes, files = import_sheet(desk, kind, xlsx, write=write)
    for change in changes:
        click.echo(change.render())
    for file in files:
        click.echo(f"{file}: {'書きました / written' if write else 'まだ書いていません / not written'}")
    if files and not write:
        raise SystemExit(1)
