"""`dmig synth`: write the delivery of an invented municipality."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.errors import UsageFault


@click.command(name="synth")
@click.argument("operation", default="jumin")
@click.option("--residents", type=click.IntRange(1), default=200, show_default=True, help="宛名番号の数 / residents")
@click.option("--seed", type=int, default=1, show_default=True, help="乱数の種 / seed")
@click.option("--system", default="package", show_default=True, help="旧システム / legacy system")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="書き先 / output folder")
@click.option(
    "--faults", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="誤りを持つ人の割合 / fault rate"
)
def command(operation: str, residents: int, seed: int, system: str, out: Path, faults: float) -> None:
    """架空の市の旧システムのファイル、納品書、正解（truth/）を書く。実在の人の情報は含まない。"""
    from dmig.synth import write_delivery
    from dmig.synth.delivery import OPERATIONS, systems_of

    if operation not in OPERATIONS:
        raise UsageFault("RUN005", what="operation", name=operation, known=" ".join(OPERATIONS))
    if system not in systems_of(operation):
        raise UsageFault("RUN005", what="system", name=system, known=" ".join(systems_of(operation)))
    write_delivery(out, operation=operation, system=system, residents=residents, seed=seed, fault_rate=faults)
    click.echo(f"{out}: {operation} {system}, {residents:,} residents, seed {seed}, faults {faults:g}")
