"""`dmig evidence`: what an auditor is handed, and whether it is still what was handed out."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.cli.ledger import PATH, RUNS, SITE
from dmig.pipeline.evidence import export_evidence, verify_evidence


@click.group(name="evidence")
def command() -> None:
    """監査人に渡す証拠。"""


@command.command("export")
@click.option("--run", default="latest", show_default=True)
@click.option("--out", type=PATH, required=True, help="書き先の ZIP / where to write")
@RUNS
@SITE
@click.option("--head", default="", help="鎖をこのハッシュの記載まで / chain up to the entry with this hash")
@click.option("--exact-counts", is_flag=True, help="少人数の件数も（protected/） / small counts too")
def export(run: str, out: Path, runs: Path, site: Path | None, head: str, exact_counts: bool) -> None:
    """一つの実行の証拠を ZIP に書く。記録の値は入らない。同じ実行からは同じバイト列ができる。"""
    sha256 = export_evidence(site / "runs" if site else runs, run, out, head, exact_counts=exact_counts)
    click.echo(f"{sha256}  {out.name}")


@command.command("verify")
@click.argument("file", type=PATH)
@click.option("--head", default="", help="紙の最後のハッシュ / the last hash as it stands on paper")
@click.option("--public-key", "keys", multiple=True, help="署名してよい公開鍵 / keys that may have signed")
def verify(file: Path, head: str, keys: tuple[str, ...]) -> None:
    """証拠のハッシュ、署名、鎖を計算し直す。合わない最初のファイルを示して 4 で終わる。"""
    found = verify_evidence(file, keys, head)
    signer = found.signer or "署名なし / not signed"
    click.echo(f"証拠に異状はありません / the evidence holds: run {found.run_id}, {found.files} files, "
               f"{found.approvals} approvals\n{signer}\n{found.head}")  # fmt: skip
