"""`dmig gaiji`: private-use characters (外字), what they were found to be, and whom they concern."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from dmig.cli.gaiji_ledger import export, import_
from dmig.cli.gaiji_lists import add_list, check, substitutes
from dmig.cli.ledger import RUNS
from dmig.cli.render import grid
from dmig.cli.sheet import LIBRARY, SITE
from dmig.pipeline.books import site_at
from dmig.pipeline.gaiji import AGREED, SURVEY, affected, conflicts, ledgers, opened, survey

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
    stored, glyphs = opened(runs, run)
    found = survey(stored, glyphs)
    click.echo("\n".join("\t".join(line) for line in (SURVEY, *(entry.told() for entry in found))))
    raise SystemExit(1 if any(entry.usage and entry.state != AGREED for entry in found) else 0)


@command.command("affected")
@RUN
@RUNS
@click.option("--code", "codes", multiple=True, help="この符号だけ（16進） / only these code points")
def affected_persons(run: str, runs: Path, codes: tuple[str, ...]) -> None:
    """外字が記録にある人を仮名で出す（省略時は決まっていない外字）。番号も氏名も出さない。"""
    stored, glyphs = opened(runs, run)
    found = affected(stored, glyphs, tuple(code.upper() for code in codes))
    click.echo("\n".join("\t".join(line) for line in (("code", "state", "person"), *found)))


@command.command("status")
@LIBRARY
@SITE
def status(library: Path | None, site: Path | None) -> None:
    """業務ごとの台帳: 承認済み、未決、区分・状態・同定先（MJ+、MJ、UCS）ごとの数。"""
    rows = []
    for ledger in ledgers(library, site_at(site) if site else None):
        glyphs = ledger.glyphs
        settled = sum(glyph.settled for glyph in glyphs)
        kinds = counted(glyph.kind or "（未記入）" for glyph in glyphs)
        states, targets = (
            counted(glyph.state for glyph in glyphs),
            counted(glyph.target or "（なし）" for glyph in glyphs),
        )
        rows.append([ledger.operation, ledger.system, settled, len(glyphs) - settled, kinds, states, targets])
    click.echo("\n".join(grid(["業務", "旧システム", "承認済み", "未決", "区分", "状態", "同定先"], rows)))


def counted(words: Iterable[str]) -> str:
    """Words with how often each stands there."""
    return "  ".join(f"{word} {count}" for word, count in Counter(words).items())


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


for entry in (export, import_, check, substitutes, add_list):
    command.add_command(entry)
