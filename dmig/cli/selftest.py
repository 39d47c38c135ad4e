"""`dmig selftest`: whether every rule fires in every engine it names."""

from __future__ import annotations

import json
from pathlib import Path

import click

from dmig.cli.render import grid
from dmig.pipeline.run import Request, compile_operation
from dmig.pipeline.selftest import self_test
from dmig.pipeline.suites import shipped_suites
from dmig.spec.library import Library, shipped


@click.command(name="selftest")
@click.argument("operation")
@click.option("--system", default="package", show_default=True, help="旧システム / legacy system")
@click.option("--library", type=click.Path(path_type=Path), help="schemas と mappings の場所 / declarations")
@click.option("--json", "as_json", is_flag=True, help="結果を JSON で / print the result as JSON")
def command(operation: str, system: str, library: Path | None, as_json: bool) -> None:
    """規則ごとに誤りを一つ植えた架空の行を検査エンジンに通す。本番の実行の前にも行う。

    Exit codes: 0, 1 (a rule did not fire), 3 (declarative files, suites).
    """
    shelf = Library(library or shipped())
    plan = compile_operation(Request(shelf, operation, system, Path(), Path()))
    tested = self_test(plan, shipped_suites(shelf, plan.layout))
    if as_json:
        click.echo(json.dumps(tested, ensure_ascii=False, indent=2))
    else:
        counts: dict[tuple[str, str], list[bool]] = {}
        for entry in tested["engines"]:
            counts.setdefault((entry["group"], entry["engine"]), []).append(entry["fired"])
        rows = [[group, engine, len(fired), sum(fired)] for (group, engine), fired in counts.items()]
        click.echo("\n".join(grid(["group", "engine", "rules", "fired"], rows)))
        for entry in tested["engines"]:
            if not entry["fired"]:
                click.echo(f"  NOT FIRED  {entry['rule']}  {entry['engine']}")
        click.echo(f"{operation}: {tested['status']} ({tested['rules']} rules)")
    if tested["status"] != "pass":
        raise SystemExit(1)
