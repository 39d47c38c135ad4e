"""Rules between operations as text for a terminal; no value, no exact count of a few persons."""

from __future__ import annotations

from typing import Any

import click

from dmig.cli.render import grid, render_diagnostics
from dmig.errors import SpecError
from dmig.pipeline.all_operations import Done

STATES = {"holds": "成立", "broken": "不成立", "not judged": "判定できず", "not applicable": "対象外"}
OUTCOMES = {"difference": "相違", "finding": "確認"}
HEADS = {
    "ja": ["規則", "項目", "比べた業務", "行", "成立しない鍵", "判定", "扱い"],
    "en": ["rule", "item", "held against", "rows", "keys that break it", "state", "outcome"],
}


def render_across(told: dict[str, Any], language: str) -> str:
    """Every rule with its state, then what staff can do about those that do not hold."""
    ja = language == "ja"
    runs = " ".join(f"{run['operation']} {run['run_id']}" for run in told["runs"])
    rows = [
        [
            line["rule"], line["item"], " ".join(dict.fromkeys(name.partition(".")[0] for name in line["others"])),
            line["rows"], line["broken"], STATES[line["status"]] if ja else line["status"],
            OUTCOMES[line["outcome"]] if ja else line["outcome"],
        ]
        for line in told["rules"]
    ]  # fmt: skip
    lines = ["業務間の突合" if ja else "Across operations", f"  {runs}", *grid(HEADS[language], rows)]
    for line in told["rules"]:
        if line["status"] == "broken":
            lines.append(f"  {line['rule']}  {line['advice_staff']}")
        elif line["reason"]:
            lines.append(f"  {line['rule']}  {'ない業務・グループ' if ja else 'not there'}: {line['reason']}")
    if told["files"]:
        rows = [[file["run"], file["file"]] for file in told["files"]]
        lines += ["実行のときと違うファイル" if ja else "Files that are not those of the run", *grid(["", ""], rows)]
    return "\n".join(lines)


def render_all(done: list[Done], language: str) -> str:
    """One line for each operation."""
    heads = ["業務", "実行", "判定", "終了コード"] if language == "ja" else ["operation", "run", "status", "exit code"]
    rows = [
        [one.operation, one.result["run_id"] if one.result else "", one.result["status"] if one.result else "error",
         one.exit_code]
        for one in done
    ]  # fmt: skip
    return "\n".join(grid(heads, rows))


def say_faults(done: list[Done], language: str) -> None:
    """What ended operations before they had a result, on the error stream."""
    for one in done:
        if isinstance(one.fault, SpecError):
            click.echo(f"{one.operation}\n{render_diagnostics(one.fault.diagnostics, language)}", err=True)
        elif one.fault is not None:
            click.echo(f"{one.operation}\n{one.fault.render(language)}", err=True)
