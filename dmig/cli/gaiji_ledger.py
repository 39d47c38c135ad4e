"""`dmig gaiji export`, `import`: the ledger of glyphs out as a workbook and in again."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.cli.sheet import LIBRARY, PATH, SITE, SYSTEM, XLSX
from dmig.pipeline.sheets import export_sheet, import_sheet, open_desk


@click.command("export")
@click.argument("operation")
@XLSX
@SYSTEM
@LIBRARY
@SITE
@click.option("--run", help="件数と項目を取る実行 / run that tells counts and items")
@click.option("--runs", type=PATH, default=Path("runs"), show_default=True)
def export(
    operation: str, xlsx: Path, system: str, library: Path | None, site: Path | None, run: str | None, runs: Path
) -> None:
    """台帳をブックに書き出す。実行を示すと、件数と使われる項目が添えられる。"""
    book = export_sheet(open_desk(operation, system, library, site), "glyphs", xlsx, run, runs)
    click.echo(f"{xlsx}: {len(book.pages[0].rows)}  {book.pages[0].file}")


@click.command("import")
@click.argument("operation")
@XLSX
@SYSTEM
@LIBRARY
@SITE
@click.option("--write", is_flag=True, help="ファイルに書く / write the ledger")
def import_(
    operation: str, xlsx: Path, system: str, library: Path | None, site: Path | None, write: bool
) -> None:  # fmt: skip
    """ブックを読み、台帳の違いを示す。決めた人と承認した人が同じ行などは断る。

    Exit codes: 0 (no difference, or written), 1 (differences, without --write), 3 (damaged, or not a ledger).
    """
    changes, files = import_sheet(open_desk(operation, system, library, site), "glyphs", xlsx, write=write)
    for change in changes:
        click.echo(change.render())
    if files and not write:
        raise SystemExit(1)
