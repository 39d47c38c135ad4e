"""`dmig explain`: where a standard item comes from and what is checked about it."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.errors import UsageFault
from dmig.pipeline.run import Request, compile_operation
from dmig.plan.explain import explain, find_item
from dmig.spec.library import Library, shipped


@click.command(name="explain")
@click.argument("name", metavar="OPERATION.ITEM")
@click.option("--system", default="package", show_default=True)
@click.option("--library", type=click.Path(path_type=Path), help="schemas と mappings の場所 / declarations")
def command(name: str, system: str, library: Path | None) -> None:
    """標準項目の来歴: 元の項目、文字集合、型、変換器、変換表、検査、根拠、層。"""
    operation, _, item = name.partition(".")
    plan = compile_operation(Request(Library(library or shipped()), operation, system, Path(), Path()))
    found = find_item(plan, item)
    if not found:
        known = " ".join(i.item for group in plan.groups for i in group.group.items)
        raise UsageFault("RUN005", what="item", name=item, known=known)
    for group, item_id in found:
        for depth, heading, text in explain(plan, group, item_id):
            click.echo(f"{'  ' * depth}{heading}: {text}")
