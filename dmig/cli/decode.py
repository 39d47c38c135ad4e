"""`dmig decode`: a host file by its copybook to JSON lines, CSV or Parquet."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from dmig.charset.nouns import Trim
from dmig.cli.render_decoded import FORMATS, length, segment, summary_lines
from dmig.cobol.dialect import BinarySizes, Dialect, Odo, SourceFormat
from dmig.model.host import RecordFormat, RecordRules
from dmig.pipeline.decoding import DecodeAsked, decode_file

FILE = click.Path(path_type=Path)


@click.command(name="decode")
@click.argument("source", metavar="DATA", type=FILE)
@click.option("--copybook", required=True, type=FILE, help="登録集 / copybook")
@click.option("--charset", default="cp037", show_default=True, help="文字集合（dmig charset list）/ character set")
@click.option("--dashes", type=click.Choice(["jis", "cp932"]), help="波ダッシュ等をどちらの文字にするか")
@click.option("--recfm", is_eager=True, type=click.Choice(FORMATS), default="F", show_default=True, help="レコード形式")
@click.option("--rdw", type=click.Choice(["big", "little"]), default="big", show_default=True, help="バイト順")
@click.option("--rdw-includes-itself", is_flag=True, help="長さに RDW・BDW 自身を含む / words count themselves")
@click.option("--record-length", type=click.IntRange(1), help="F・FB の記録長（既定は登録集の長さ）/ bytes of a record")
@click.option("--skip-bytes", type=click.IntRange(0), default=0, show_default=True, help="先頭の読まないバイト数")
@click.option("--tail-bytes", type=click.IntRange(0), default=0, show_default=True, help="末尾の読まないバイト数")
@click.option(
    "--segment",
    "segments",
    multiple=True,
    metavar="ITEM:VALUE[,VALUE]=REDEFINE",
    callback=segment,
    help="項目の値で再定義を選ぶ / which redefinition a record has",
)
@click.option("--length", metavar="ITEM[+N] | ITEM:VALUE=N[,…]", callback=length, help="L の記録長を言う項目")
@click.option(
    "--odo", type=click.Choice([one.value for one in Odo]), default="fixed", show_default=True, help="ODO の後ろ"
)
@click.option("--trim", type=click.Choice([one.value for one in Trim]), default="right", show_default=True)
@click.option("--float", "floats", type=click.Choice(["ieee", "ibm"]), help="浮動小数点数（既定は文字集合による）")
@click.option("--strict-signs", is_flag=True, help="符号は C・D・F だけ / only the preferred signs")
@click.option("--format", "source_format", type=click.Choice([one.value for one in SourceFormat]), default="auto")
@click.option("--binary", type=click.Choice([one.value for one in BinarySizes]), default="2-4-8", show_default=True)
@click.option("--encoding", default="", help="登録集の文字コード（既定は UTF-8、だめなら CP932）")
@click.option("--filler", is_flag=True, help="FILLER も書く（CSV・Parquet）/ FILLER too")
@click.option("--site", type=FILE, help="サイトの文字表も使う / with the character tables of a site")
@click.option("--kernels", type=click.Choice(["numpy", "numba"]), help="既定は大きいファイルで numba（あれば）")
@click.option("--limit", type=click.IntRange(1), help="この件数まで / at most so many records")
@click.option("--out", required=True, type=FILE, help=".jsonl / .csv / .parquet")
@click.option("--lang", type=click.Choice(["ja", "en"]), default="ja", show_default=True)
def command(source: Path, copybook: Path, out: Path, lang: str, **asked: Any) -> None:
    """ホストのファイルを登録集で読み、JSONL・CSV・Parquet に書く。読めない値は null とし、場所と理由を標準エラーに出す。

    Exit codes: 0 all was decoded, 1 some values or records were not, 3 the copybook is faulty, 5 files.
    """
    rules = RecordRules(
        RecordFormat(asked["recfm"]), asked["record_length"] or 0, big_endian=asked["rdw"] == "big",
        includes_itself=asked["rdw_includes_itself"], block_includes_itself=asked["rdw_includes_itself"],
        skip_bytes=asked["skip_bytes"], tail_bytes=asked["tail_bytes"], length=asked["length"],
    )  # fmt: skip
    dialect = Dialect(SourceFormat(asked["source_format"]), BinarySizes(asked["binary"]), Odo(asked["odo"]))
    summary = decode_file(
        DecodeAsked(
            source, copybook, out, asked["charset"], asked["encoding"], rules, dialect, asked["segments"],
            Trim(asked["trim"]), asked["limit"], asked["filler"],
            None if asked["floats"] is None else asked["floats"] == "ibm", asked["strict_signs"],
            kernels=asked["kernels"] or "", dashes=asked["dashes"] or "", site=asked["site"],
        )
    )  # fmt: skip
    click.echo("\n".join(summary_lines(summary, source.name, lang)), err=True)
    sys.exit(0 if summary.is_whole else 1)
