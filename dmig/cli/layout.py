"""`dmig layout`: what changes between two versions of a standard layout."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from dmig.cli.mapping import LIBRARY
from dmig.cli.render import grid
from dmig.pipeline.layouts import diff_versions

WORDS = {"group": "グループ", "item": "項目", "code": "コード", "rule": "規則", "parameter": "パラメータ",
         "added": "追加", "removed": "削除", "changed": "変更"}  # fmt: skip


@click.group(name="layout")
def command() -> None:
    """標準レイアウトの版。"""


@command.command("diff")
@click.argument("old")
@click.argument("new")
@click.option("--system", default="package", show_default=True, help="旧システム / legacy system")
@LIBRARY
@click.option("--json", "as_json", is_flag=True, help="結果を JSON で / print the result as JSON")
@click.option("--lang", type=click.Choice(["ja", "en"]), default="ja", show_default=True)
def diff(old: str, new: str, system: str, library: Path | None, as_json: bool, lang: str) -> None:
    """OLD から NEW（どちらも 業務/版）への変更と、写像・規則・スイート・署名のどこに響くかを挙げる。

    Exit codes: 0 the mapping can follow, 3 a new required item or group has no row yet: no run would start.
    """
    changes = diff_versions(library, old, new, system)
    stops = any(change.stops for change in changes)
    if as_json:
        click.echo(json.dumps([asdict(change) for change in changes], ensure_ascii=False, indent=2))
        sys.exit(3 if stops else 0)
    ja = lang == "ja"
    rows = [
        [
            WORDS[change.what] if ja else change.what, change.name, WORDS[change.change] if ja else change.change,
            " ".join(change.fields) or "-", "!" if change.stops else "", " ".join(change.touches) or "-",
        ]
        for change in changes
    ]  # fmt: skip
    head = (
        ["種類", "名前", "変更", "違う列", "", "響く先"] if ja else ["what", "name", "change", "fields", "", "touches"]
    )
    click.echo("\n".join(grid(head, rows)) if rows else "違いはありません" if ja else "No difference")
    if stops:
        told = (
            "! の行を写像が埋めるまで、実行は始まりません"
            if ja
            else "No run starts before the mapping fills the rows with !"
        )
        click.echo(told, err=True)
    sys.exit(3 if stops else 0)
