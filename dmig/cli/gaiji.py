"""`dmig gaiji`: private-use characters (外字), what they were found to be, and whom they concern."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from dmig.cli.ledger import RUNS
from dmig.cli.render import grid
from dmig.model.mapping import Glyph
from dmig.pipeline.books import site_at, site_of
from dmig.pipeline.gaiji import AGREED, affected, conflicts, folded, ledger_of, ledgers, survey
from dmig.pipeline.lookup import StoredRun
from dmig.pipeline.mj_list import disagreements
from dmig.pipeline.sheets import export_sheet, import_sheet, open_desk
from dmig.spec.library import Library, shipped

PATH = click.Path(path_type=Path)
RUN = click.option("--run", default="latest", show_default=True)
SYSTEM = click.option("--system", default="package", show_default=True, help="旧システム / legacy system")
LIBRARY = click.option("--library", type=PATH, help="schemas と mappings の場所 / declarations")
SITE = click.option("--site", type=PATH, help="サイトの台帳 / the ledgers of a site folder")
XLSX = click.option("--xlsx", type=click.Path(path_type=Path, dir_okay=False), required=True, help="ブック / workbook")


@click.group(name="gaiji")
def command() -> None:
    """外字の同定: 何の文字か、誰が決め、誰が承認したか、どの記録にあるか。"""


def _opened(run: str, runs: Path) -> tuple[StoredRun, tuple[Glyph, ...]]:
    stored = StoredRun.open(runs, run)
    site, operation = site_of(runs), str(stored.result["operation"])
    layers = site.layers(operation) if site else ()
    return stored, ledger_of(stored.library, operation, str(stored.result["system"]), layers).glyphs


@command.command("survey")
@RUN
@RUNS
def survey_run(run: str, runs: Path) -> None:
    """実行が読んだ外字を符号ごとに TSV で出す: 台帳の状態、件数、人数、使われる項目（十未満は <10）。

    Exit codes: 0 everything that occurs is settled, 1 something is not.
    """
    stored, glyphs = _opened(run, runs)
    found = survey(stored, glyphs)
    click.echo("code\tstate\tclass\tmj\twritten\trecords\tpersons\titems")
    for entry in found:
        told = (entry.glyph.kind, entry.glyph.mj, entry.glyph.written) if entry.glyph else ("", "", "")
        used = entry.usage
        counts = (folded(sum(used.records.values())), folded(len(used.units))) if used else ("0", "0")
        click.echo("\t".join((entry.code, entry.state, *told, *counts, " ".join(used.records) if used else "")))
    raise SystemExit(1 if any(entry.usage and entry.state != AGREED for entry in found) else 0)


@command.command("affected")
@RUN
@RUNS
@click.option("--code", "codes", multiple=True, help="この符号だけ（16進） / only these code points")
def affected_persons(run: str, runs: Path, codes: tuple[str, ...]) -> None:
    """外字が記録にある人を仮名で出す（省略時は決まっていない外字）。番号も氏名も出さない。"""
    stored, glyphs = _opened(run, runs)
    click.echo("code\tstate\tperson")
    for line in affected(stored, glyphs, tuple(code.upper() for code in codes)):
        click.echo("\t".join(line))


@command.command("status")
@LIBRARY
@SITE
def status(library: Path | None, site: Path | None) -> None:
    """業務ごとの台帳の状態: 承認済み、未決、区分ごとの数。"""
    rows = []
    for ledger in ledgers(library, site_at(site) if site else None):
        kinds = Counter(glyph.kind or "（未記入）" for glyph in ledger.glyphs)
        settled = sum(glyph.settled for glyph in ledger.glyphs)
        told = "  ".join(f"{kind} {count}" for kind, count in kinds.items())
        rows.append([ledger.operation, ledger.system, settled, len(ledger.glyphs) - settled, told])
    click.echo("\n".join(grid(["業務", "旧システム", "承認済み", "未決", "区分"], rows)))


@command.command("conflicts")
@LIBRARY
@SITE
def show_conflicts(library: Path | None, site: Path | None) -> None:
    """同じ旧システムの業務の間で、同じ外字の扱いが違うもの。

    Exit codes: 0 none, 1 operations write one character differently, or only some of them have settled it.
    """
    found = conflicts(ledgers(library, site_at(site) if site else None))
    for conflict in found:
        told = "  ".join(f"{operation}={text or '未決'}" for operation, text in conflict.written)
        click.echo(f"{conflict.system} {conflict.code}: {told}")
    raise SystemExit(1 if found else 0)


@command.command("export")
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


@command.command("import")
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


@command.command("check")
@click.argument("operation")
@click.option("--mj-list", "mj_list", type=PATH, required=True, help="MJ文字情報一覧表（CSV か SQLite） / the MJ list")
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
