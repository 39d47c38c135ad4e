"""`dmig init`: a folder for one municipality."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.errors import UsageFault
from dmig.store.private import make_private

DMIG_TOML = """\
# 自治体の設定 / settings of the municipality
name = "{name}"
code = "{code}"
kind = "{kind}"

# 業務ごとに: 旧システム、基にする写像の版、旧システムのファイルの場所
# for each operation: legacy system, base version that this site's rows were written against, input folder
[operations.jumin]
system = "package"
mapping_version = "0.1"
input = "input/jumin/package"

[keep]
runs = 10
generations = 3
"""
README = """\
# {name} の移行フォルダー

- `dmig.toml` 自治体の設定
- `input/` 旧システムのファイル（と納品書 `delivery.toml`）を置く
- `mappings/jumin/package/` 基の写像に重ねる行だけを書く（同じ鍵は置き換え、`drop` は削除）
- `runs/` 実行の記録（本人のほかは読めない）
- `published/` 公開した世代

まず `dmig run jumin --dry-run --site .` を試してください。
"""


@click.command(name="init")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name", default="見本市（架空）", show_default=True, help="自治体名 / name")
@click.option("--code", default="990019", show_default=True, help="団体コード / municipality code")
@click.option(
    "--kind", type=click.Choice(["city", "town", "village", "special_ward", "designated_city"]), default="city"
)
def command(folder: Path, name: str, code: str, kind: str) -> None:
    """サイトのフォルダーを作る。"""
    if folder.exists() and any(folder.iterdir()):
        raise UsageFault("RUN009", path=folder.name)
    make_private(folder)
    for place in ("input/jumin/package", "mappings/jumin/package", "runs", "published"):
        make_private(folder / place)
    (folder / "dmig.toml").write_text(DMIG_TOML.format(name=name, code=code, kind=kind), encoding="utf-8")
    (folder / "README.md").write_text(README.format(name=name), encoding="utf-8")
    click.echo(f"{folder}: dmig.toml, input/, mappings/, runs/, published/")
