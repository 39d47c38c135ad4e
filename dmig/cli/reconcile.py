"""`dmig reconcile`: source and published files of a stored run, read and compared once more."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from dmig.cli.ledger import RUNS
from dmig.cli.render import grid, render_reconciliation
from dmig.cli.render_against import render_against
from dmig.model.small_groups import SMALL
from dmig.pipeline.against import compare_runs
from dmig.pipeline.reconciling import reconcile_again


@click.command(name="reconcile")
@click.option("--run", default="latest", show_default=True)
@click.option("--against", metavar="RUN", help="この実行と公開したものを比べる / compare with what this run published")
@click.option("--group", default="", help="--against で比べるグループ / only this group")
@click.option("--records", is_flag=True, help="--against で相違のある記録も / the records that differ too")
@RUNS
@click.option("--json", "as_json", is_flag=True, help="結果を JSON で / print the result as JSON")
@click.option("--lang", type=click.Choice(["ja", "en"]), default="ja", show_default=True)
def command(run: str, against: str | None, group: str, records: bool, runs: Path, as_json: bool, lang: str) -> None:
    """済んだ実行の元ファイルと移行先ファイルを読み直し、もう一度突き合わせる。

    --against を付けると、二つの実行が書き出したものを主キーで突き合わせ、値ごとに比べる。値は表示しない。

    Exit codes: 0 all agrees, 4 files, totals or cells differ, 5 source or published files are gone.
    """
    if against is not None:
        told = compare_runs(runs, run, against, group)
        plain = json.dumps(told, ensure_ascii=False, indent=2)
        click.echo(plain if as_json else render_against(told, lang, records=records))
        sys.exit(int(told["exit_code"]))
    found = reconcile_again(runs, run)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        ja = lang == "ja"
        if not found["same_plan"]:
            click.echo("写像が実行の後で変わっています / the mapping has changed since this run", err=True)
        lines = render_reconciliation(found, lang)
        totals = [
            [t["total"], *(SMALL if t[side] is None else t[side] for side in ("source", "target")),
             "○" if t["agrees"] else "×"]
            for t in found["totals"]
        ]  # fmt: skip
        lines += [
            "件数・合計" if ja else "Totals",
            *grid(["", "元" if ja else "source", "先" if ja else "target", ""], totals),
        ]
        if found["files"]:
            rows = [[f["side"], f["file"], f["state"]] for f in found["files"]]
            lines += [
                "",
                "実行のときと違うファイル" if ja else "Files that are not those of the run",
                *grid(["", "", ""], rows),
            ]
        click.echo("\n".join(lines))
    sys.exit(int(found["exit_code"]))
