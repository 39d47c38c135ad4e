"""`dmig init`: a folder for one municipality."""

from __future__ import annotations

from pathlib import Path

import click

from dmig.errors import UsageFault
from dmig.spec import approvers
from dmig.spec.library import Library, mapping_version, shipped
from dmig.store.private import make_private

DMIG_TOML = """\
# 自治体の設定 / settings of the municipality
name = "{name}"
code = "{code}"
kind = "{kind}"

# 業務ごとに: 旧システム、基にする写像の版、旧システムのファイルの場所
# for each operation: legacy system, base version that this site's rows were written against, input folder
{operations}[keep]
runs = 10
generations = 3
"""
OPERATION = """\
[operations.{operation}]
system = "{system}"
mapping_version = "{version}"
input = "input/{operation}/{system}"

"""
README = """\
# {name} の移行フォルダー

- `dmig.toml` 自治体の設定
- `approvers.csv` 承認する人と公開鍵（`dmig key new` が示す）
- `input/` 旧システムのファイル（と納品書 `delivery.toml`）を置く
- `mappings/<業務>/<旧システム>/` 基の写像に重ねる行だけを書く（同じ鍵は置き換え、`drop` は削除）
- `runs/` 実行の記録（本人のほかは読めない）
- `protected/` 一件ごとの処置（`dmig worklist import` が作る。住民の値があるので外に出さない）
- `published/` 公開した世代

まず `dmig run {first} --dry-run --site .` を試してください。
"""


@click.command(name="init")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name", default="見本市（架空）", show_default=True, help="自治体名 / name")
@click.option("--code", default="990019", show_default=True, help="団体コード / municipality code")
@click.option(
    "--kind", type=click.Choice(["city", "town", "village", "special_ward", "designated_city"]), default="city"
)
@click.option("--operation", "operations", multiple=True, help="業務（省略時は見本のある全業務） / operations")
@click.option("--system", default="package", show_default=True, help="旧システム / legacy system")
def command(folder: Path, name: str, code: str, kind: str, operations: tuple[str, ...], system: str) -> None:
    """サイトのフォルダーを作る。"""
    if folder.exists() and any(folder.iterdir()):
        raise UsageFault("RUN009", path=folder.name)
    library = Library(shipped())
    names = operations or library.delivered(system)
    versions = {each: mapping_version(library, each, system) for each in names}
    make_private(folder)
    for each in names:
        make_private(folder / "input" / each / system)
        make_private(folder / "mappings" / each / system)
    for place in ("runs", "published"):
        make_private(folder / place)
    blocks = "".join(OPERATION.format(operation=o, system=system, version=v) for o, v in versions.items())
    settings = DMIG_TOML.format(name=name, code=code, kind=kind, operations=blocks)
    (folder / "dmig.toml").write_text(settings, encoding="utf-8")
    (folder / approvers.FILE).write_text(",".join(approvers.APPROVERS.names) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(README.format(name=name, first=names[0]), encoding="utf-8")
    click.echo(f"{folder}: dmig.toml, approvers.csv, input/, mappings/, runs/, published/ ({' '.join(names)})")
