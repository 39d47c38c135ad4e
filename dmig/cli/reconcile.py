"""`dmig reconcile`: source and published files of a stored run, read and compared once more."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from dmig.cli.ledger import RUNS
from dmig.cli.render_across import render_across
from dmig.cli.render_again import render_again
from dmig.cli.render_against import render_against
from dmig.pipeline.across import reconcile_across
from dmig.pipeline.against import compare_runs
from dmig.pipeline.reconciling import reconcile_again


@click.command(name="reconcile")
@click.option("--run", default="latest", show_default=True)
@click.option("--against", metavar="RUN", help="この実行と公開したものを比べる / compare with what this run published")
@click.option("--group", default="", help="--against で比べるグループ / only this group")
@click.option("--records", is_flag=True, help="--against で相違のある記録も / the records that differ too")
@click.option("--across", is_flag=True, help="各業務の最後の実行どうしを突き合わせる / the last run of each operation")
@RUNS
@click.option("--json", "as_json", is_flag=True, help="結果を JSON で / print the result as JSON")
@click.option("--lang", type=click.Choice(["ja", "en"]), default="ja", show_default=True)
def command(
    run: str, against: str | None, group: str, records: bool, across: bool, runs: Path, as_json: bool, lang: str
) -> None:
    """済んだ実行の元ファイルと移行先ファイルを読み直し、もう一度突き合わせる。

    --against を付けると、二つの実行が書き出したものを主キーで突き合わせ、値ごとに比べる。値は表示しない。
    --across を付けると、各業務の最後の実行が書き出したものを schemas/standard/across.csv の規則で突き合わせる。

    Exit codes: 0 all agrees, 4 files, totals or cells differ, 5 source or published files are gone.
    """
    if across:
        told = reconcile_across(runs)
        click.echo(json.dumps(told, ensure_ascii=False, indent=2) if as_json else render_across(told, lang))
        sys.exit(int(told["exit_code"]))
    if against is not None:
        told = compare_runs(runs, run, against, group)
        plain = json.dumps(told, ensure_ascii=False, indent=2)
        click.echo(plain if as_json else render_against(told, lang, records=records))
        sys.exit(int(told["exit_code"]))
    found = reconcile_again(runs, run)
    if not found["same_plan"] and not as_json:
        click.echo("写像が実行の後で変わっています / the mapping has changed since this run", err=True)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else render_again(found, lang))
    sys.exit(int(found["exit_code"]))
