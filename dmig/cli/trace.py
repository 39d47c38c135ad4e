"""`dmig trace`: one record through every stage."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.cli.ledger import RUNS
from dmig.cli.render import grid
from dmig.errors import UsageFault
from dmig.pipeline.lookup import PROTECTED_NUMBERS, StoredRun
from dmig.pipeline.run import Request, compile_operation, own_repairs
from dmig.pipeline.tracing import TraceLine, records_of_unit, trace


@click.command(name="trace")
@click.argument("operation")
@click.option("--key", help="宛名番号などの鍵 / key of the unit")
@click.option("--record", metavar="TABLE:N", help="表と記録番号 / table and record number")
@click.option("--report", type=int, help="拒否の番号 / number of a report")
@click.option("--run", default="latest", show_default=True)
@RUNS
@click.option("--reason", default="", help="値を見る理由 / why values are shown")
@click.option("--with-number", is_flag=True, help="個人番号も / the individual number too")
def command(
    operation: str, key: str | None, record: str | None, report: int | None, run: str, runs: Path, reason: str,
    with_number: bool,
) -> None:  # fmt: skip
    """一つの記録が各段階でどうなったかを示す（値を出すので理由が必要。台帳に残る）。"""
    if not reason.strip():
        raise UsageFault("TRC001")
    stored = StoredRun.open(runs, run)
    repairs = own_repairs(stored.protected.parent)
    plan = compile_operation(
        Request(stored.library, operation, stored.result["system"], Path(), Path(), repairs=repairs)
    )
    if plan.plan_hash != stored.result["plan_hash"]:
        click.echo("写像が実行の後で変わっています / the mapping has changed since this run", err=True)
    if report is not None:
        entry = stored.report(report)
        places = [(entry["table"], int(entry["record"]))]
    elif record:
        table, _, digits = record.partition(":")
        if plan.legacy.table(table) is None or not digits.isdigit():
            known = " ".join(f"{t.table}:N" for t in plan.legacy.tables)
            raise UsageFault("RUN005", what="record", name=record, known=known)
        places = [(table, int(digits))]
    else:
        places = records_of_unit(stored, plan, key or "")
    stored.note_access("trace", reason, len(places))
    for table, number in places:
        click.echo(f"{stored.file(table)} record {number}")
        lines = [_shown(line, with_number) for line in trace(stored, plan, table, number)]
        click.echo("\n".join(grid(["stage", "group", "item", "", "value"], lines)))


def _shown(line: TraceLine, with_number: bool) -> list[str]:
    hidden = line.item in PROTECTED_NUMBERS and not with_number and line.value
    return [line.stage, line.group, line.item, line.note, "＊＊＊＊" if hidden else line.value]
