"""`dmig gaiji check`, `substitutes`, `add-list`: the ledger against the MJ list, the reduction map, a site's MJ+ list."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.cli.sheet import LIBRARY, PATH, SITE, SYSTEM
from dmig.pipeline.books import site_at
from dmig.pipeline.gaiji import ledger_of
from dmig.pipeline.glyph_lists import PLACE, add_plus, disagreements, substitute
from dmig.pipeline.sheets import open_desk
from dmig.spec.glyphs.reduction import ORDER, read_reduction
from dmig.spec.library import Library, shipped


@click.command("check")
@click.argument("operation")
@click.option(
    "--mj-list", "mj_list", type=PATH, required=True, help="MJ文字情報一覧表（公式のブック、CSV、SQLite） / the MJ list"
)
@SYSTEM
@LIBRARY
@SITE
def check(operation: str, mj_list: Path, system: str, library: Path | None, site: Path | None) -> None:
    """台帳の MJ文字図形名と文字を、手元の MJ 一覧表と突き合わせる（一覧表は同梱しない）。

    Exit codes: 0 all agree, 3 some do not.
    """
    owner = site_at(site) if site else None
    layers = owner.layers(operation) if owner else ()
    ledger = ledger_of(Library(library or shipped()), operation, owner.system(operation) if owner else system, layers)
    named, diagnostics = disagreements(ledger.glyphs, mj_list)
    diagnostics.stop_if_any()
    click.echo(f"{operation}: {named} 件の MJ文字図形名が一覧表と合います / names agree with the list")


@click.command("substitutes")
@click.argument("operation")
@click.option("--map", "path", type=PATH, required=True, help="MJ縮退マップ（JSON か SQLite） / the reduction map")
@SYSTEM
@LIBRARY
@SITE
@click.option("--write", is_flag=True, help="ファイルに書く / write the ledger")
def substitutes(operation: str, path: Path, system: str, library: Path | None, site: Path | None, write: bool) -> None:
    """台帳の MJ文字図形名に代替文字（JIS X 0213）がない行を、縮退マップの表を決まった順に引いて埋める。

    Exit codes: 0 (nothing to fill, or written), 1 (rows to fill, without --write), 3 (the ledger does not compile).
    """
    order = site_at(site).reduction_order if site else ORDER
    done = substitute(open_desk(operation, system, library, site), read_reduction(path), order, write=write)
    click.echo("表の順 / order of tables: " + " > ".join(order))
    for change in done.changes:
        click.echo(change.render())
    for table, count in done.tables.items():
        click.echo(f"{table}: {count}")
    click.echo(f"候補が並び決まらない / several alike: {' '.join(done.several) or '-'}")
    click.echo(f"候補がない / none: {' '.join(done.none) or '-'}")
    if done.files and not write:
        raise SystemExit(1)


@click.command("add-list")
@click.argument("path", metavar="FILE", type=PATH)
@click.option("--site", type=PATH, default=Path(), help="サイトのフォルダー  [default: .]")
def add_list(path: Path, site: Path) -> None:
    """MJ+ の文字一覧（CSV かブック）を検査し、サイトの glyphs/ に置く。暫定の符号はこの一覧がある間だけ通る。

    Exit codes: 0 laid there, 3 the list is faulty (all faults with their lines).
    """
    glyphs, provisional, reduced = add_plus(path, site_at(site).folder)
    click.echo(f"{PLACE}: {glyphs:,} 文字、暫定の符号 {provisional:,}、代替文字あり {reduced:,}")
