"""`dmig copybook`: what a copybook says about its records."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.cobol.dialect import BinarySizes, Dialect, Odo, SourceFormat
from dmig.cobol.listing import HEAD, listing
from dmig.errors import Diagnostics
from dmig.spec.copybooks import open_copybook


@click.group(name="copybook")
def command() -> None:
    """COBOL の登録集。"""


@command.command("show")
@click.argument("path", metavar="COPYBOOK", type=click.Path(path_type=Path))
@click.option("--format", "source_format", type=click.Choice([one.value for one in SourceFormat]), default="auto")
@click.option("--binary", type=click.Choice([one.value for one in BinarySizes]), default="2-4-8", show_default=True)
@click.option("--odo", type=click.Choice([one.value for one in Odo]), default="fixed", show_default=True)
@click.option("--encoding", default="", help="登録集の文字コード（既定は UTF-8、だめなら CP932）/ its encoding")
def show(path: Path, source_format: str, binary: str, odo: str, encoding: str) -> None:
    """項目、レベル、位置（1から）、バイト数、型などを TSV で出す。

    Exit codes: 0 the copybook was read, 3 it is faulty (all faults with line and column).
    """
    diagnostics = Diagnostics()
    dialect = Dialect(SourceFormat(source_format), BinarySizes(binary), Odo(odo))
    copybook = open_copybook(path, diagnostics, dialect, encoding)
    diagnostics.stop_if_any()
    click.echo("\t".join(HEAD))
    for row in listing(copybook):
        click.echo("\t".join(row))
