"""`dmig reject`: where records were refused; values only with a reason."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.cli.ledger import RUNS
from dmig.cli.render import grid
from dmig.errors import UsageFault, code
from dmig.pipeline.lookup import StoredRun, shown_items


@click.group(name="reject")
def command() -> None:
    """拒否と注意を見る。"""


@command.command("list")
@click.option("--run", default="latest", show_default=True)
@RUNS
@click.option("--code", "code_name", help="コードで絞る / only this code")
@click.option("--findings", is_flag=True, help="注意も / findings too")
@click.option("--cascades", is_flag=True, help="連鎖も / cascades too")
@click.option("--limit", default=50, show_default=True)
def list_reports(run: str, runs: Path, code_name: str | None, findings: bool, cascades: bool, limit: int) -> None:
    """どのファイルのどの記録が、なぜ拒否されたか（値は出さない）。"""
    stored = StoredRun.open(runs, run)
    found = stored.reports(code_name, findings=findings, cascades=cascades)
    rows = [
        [r["report"], r["kind"], r["code"], stored.file(r["table"]), r["record"], r["offset_bytes"],
         r["source_item"] or "-", r["target_item"] or "-", code(r["code"]).message("ja")]
        for r in found.head(limit).iter_rows(named=True)
    ]  # fmt: skip
    header = ["report", "kind", "code", "file", "record", "byte", "source item", "target item", "意味"]
    click.echo("\n".join(grid(header, rows)))
    if found.height > limit:
        click.echo(f"… {found.height - limit:,} more (--limit)")


@command.command("show")
@click.argument("report", type=int)
@click.option("--run", default="latest", show_default=True)
@RUNS
@click.option("--reason", default="", help="値を見る理由 / why values are shown")
@click.option("--with-number", is_flag=True, help="個人番号も / the individual number too")
def show(report: int, run: str, runs: Path, reason: str, with_number: bool) -> None:
    """一件の拒否と、その記録の値（理由が必要。台帳に残る）。"""
    if not reason.strip():
        raise UsageFault("TRC001")
    stored = StoredRun.open(runs, run)
    entry = stored.report(report)
    row = code(entry["code"])
    click.echo(f"{entry['code']} {row.message('ja')}\n  {row.message('en')}\n  対処: {row.remedy('ja')}")
    click.echo(f"  {stored.file(entry['table'])} record {entry['record']} byte {entry['offset_bytes']}")
    if entry["place"]:
        click.echo(f"  mapping {entry['place']}")
    items = shown_items(stored, entry, with_number=with_number)
    stored.note_access("reject show", reason, 1)
    click.echo("\n".join(grid(["item", "name", "value"], items)))
