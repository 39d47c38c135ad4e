"""`dmig gaiji`: private-use characters (外字), what they were found to be, and whom they concern."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.cli.gaiji_ledger import export, import_
from dmig.cli.gaiji_lists import add_list, check, substitutes
from dmig.cli.gaiji_status import conflicts_shown, status
from dmig.cli.ledger import RUNS
from dmig.pipeline.gaiji import SURVEY, affected, opened, survey

RUN = click.option("--run", default="latest", show_default=True)


@click.group(name="gaiji")
def command() -> None:
    """外字の同定: 何の文字か、誰が決め、誰が承認したか、どの記録にあるか。"""


@command.command("survey")
@RUN
@RUNS
def survey_run(run: str, runs: Path) -> None:
    """実行が読んだ外字を符号ごとに TSV で出す: 台帳の状態、件数、人数、使われる項目（十未満は <10）。

    Exit codes: 0 everything that occurs is settled, 1 something is not.
    """
    stored, ledger = opened(runs, run)
    found = survey(stored, ledger)
    click.echo("\n".join("\t".join(line) for line in (SURVEY, *(entry.told() for entry in found))))
    raise SystemExit(1 if any(entry.usage and not entry.settled for entry in found) else 0)


@command.command("affected")
@RUN
@RUNS
@click.option("--code", "codes", multiple=True, help="この符号だけ（16進） / only these code points")
def affected_persons(run: str, runs: Path, codes: tuple[str, ...]) -> None:
    """外字が記録にある人を仮名で出す（省略時は決まっていない外字）。番号も氏名も出さない。"""
    stored, ledger = opened(runs, run)
    found = affected(stored, ledger, tuple(code.upper() for code in codes))
    click.echo("\n".join("\t".join(line) for line in (("code", "state", "person"), *found)))


for entry in (status, conflicts_shown, export, import_, check, substitutes, add_list):
    command.add_command(entry)
