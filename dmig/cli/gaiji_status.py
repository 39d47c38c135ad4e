"""`dmig gaiji status`, `conflicts`: how far the ledgers are, and whether operations agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from dmig.cli.render import grid
from dmig.cli.sheet import LIBRARY, SITE
from dmig.pipeline.books import site_at
from dmig.pipeline.gaiji import conflicts, ledgers


@click.command("status")
@LIBRARY
@SITE
def status(library: Path | None, site: Path | None) -> None:
    """業務ごとの台帳: 承認済み、未決、区分・状態・同定先（MJ+、MJ、UCS）ごとの数。"""
    rows = []
    for ledger in ledgers(library, site_at(site) if site else None):
        glyphs = ledger.glyphs
        settled = sum(glyph.settled for glyph in glyphs)
        kinds = counted(glyph.kind or "（未記入）" for glyph in glyphs)
        states = counted(glyph.state for glyph in glyphs)
        targets = counted(glyph.target or "（なし）" for glyph in glyphs)
        rows.append([ledger.operation, ledger.system, settled, len(glyphs) - settled, kinds, states, targets])
    click.echo("\n".join(grid(["業務", "旧システム", "承認済み", "未決", "区分", "状態", "同定先"], rows)))


def counted(words: Iterable[str]) -> str:
    """Words with how often each stands there."""
    return "  ".join(f"{word} {count}" for word, count in Counter(words).items())


@click.command("conflicts")
@LIBRARY
@SITE
def conflicts_shown(library: Path | None, site: Path | None) -> None:
    """同じ旧システムの業務の間で、同じ外字の扱いが違うもの。

    Exit codes: 0 none, 1 operations write one character differently, or only some of them have settled it.
    """
    found = conflicts(ledgers(library, site_at(site) if site else None))
    for conflict in found:
        told = "  ".join(f"{operation}={text or '未決'}" for operation, text in conflict.written)
        click.echo(f"{conflict.system} {conflict.code}: {told}")
    raise SystemExit(1 if found else 0)
