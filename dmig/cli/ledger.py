"""`dmig ledger`: which runs there were, their results, judgements and approvals, and whether all of it still holds."""

from __future__ import annotations

import json
from pathlib import Path

import click

from dmig.cli.render import VERDICT, grid, render_summary
from dmig.cli.render_ledger import render_approvals, render_judgement, render_verified
from dmig.pipeline.approving import approvals, judge_run
from dmig.pipeline.books import open_book, verify_ledger
from dmig.pipeline.session import open_run

PATH = click.Path(path_type=Path)
RUNS = click.option("--runs", type=PATH, default=Path("runs"), show_default=True)
LANG = click.option("--lang", type=click.Choice(["ja", "en"]), default="ja", show_default=True)
SITE = click.option("--site", type=PATH, help="サイトのフォルダー / site folder")


@click.group(name="ledger")
def command() -> None:
    """実行の台帳。"""


@command.command("list")
@RUNS
@LANG
def list_runs(runs: Path, lang: str) -> None:
    """実行の一覧（新しい順）。"""
    rows = [
        [e.run_id, e.operation, e.system, "dry" if e.dry_run else "real", VERDICT[lang][e.status], e.exit_code,
         e.plan_hash[:12]]
        for e in open_book(runs).runs()
    ]  # fmt: skip
    click.echo("\n".join(grid(["run", "operation", "system", "mode", "status", "exit", "plan"], rows)))


@command.command("show")
@click.argument("run", default="latest")
@click.option("--run", "named", help="引数と同じ / the same as the argument")
@RUNS
@LANG
@click.option("--json", "as_json", is_flag=True, help="JSON で / as JSON")
def show(run: str, named: str | None, runs: Path, lang: str, as_json: bool) -> None:
    """一つの実行の結果と承認。"""
    result = open_run(runs, named or run)
    signed = "" if as_json else render_approvals(approvals(runs, result["run_id"]), lang)
    click.echo(json.dumps(result, ensure_ascii=False, indent=2) if as_json else render_summary(result, lang) + signed)


@command.command("judge")
@click.option("--run", default="latest", show_default=True)
@click.option("--gates", type=PATH, help="gates.toml（省略時はいまの写像のもの） / default: the mapping's of today")
@RUNS
@LANG
def judge(run: str, gates: Path | None, runs: Path, lang: str) -> None:
    """実行し直さずに、いまの関門で判定し直す（台帳に残る。実行の結果は変わらない）。終了コードは run と同じ。"""
    judgement = judge_run(runs, open_run(runs, run), gates)
    click.echo(render_judgement(judgement, lang))
    raise SystemExit(judgement["exit_code"])


@command.command("verify")
@RUNS
@SITE
@click.option("--head", default="", help="紙の最後のハッシュ / the last hash as it stands on paper")
@click.option("--public-key", "keys", multiple=True, help="署名してよい公開鍵 / keys that may have signed")
def verify(runs: Path, site: Path | None, head: str, keys: tuple[str, ...]) -> None:
    """台帳の鎖、署名、結果、残っているファイルをすべて計算し直す。合わない最初のものを示して 4 で終わる。"""
    click.echo(render_verified(verify_ledger(site / "runs" if site else runs, keys, head)))


@command.command("head")
@RUNS
@SITE
def show_head(runs: Path, site: Path | None) -> None:
    """最後の記載のハッシュ（承認の紙に印字する）。"""
    click.echo(open_book(site / "runs" if site else runs).head())
