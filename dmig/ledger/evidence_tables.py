"""The tables of the evidence: CSV files made from a folded result, each column explained."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dmig.ledger.chain import Link

Row = Sequence[object]
LINK = ("number", "at", "kind", "body_sha256", "previous", "signer", "hash", "signature")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One CSV file: what it holds, its columns with their meaning (Japanese, English), and its rows from a result."""

    ja: str
    en: str
    columns: tuple[tuple[str, str, str], ...]
    rows: Callable[[dict[str, Any]], Iterable[Row]]


def _plain(name: str, *columns: str) -> Callable[[dict[str, Any]], Iterable[Row]]:
    return lambda result: [[entry[column] for column in columns] for entry in result[name]]


def _by_reason(result: dict[str, Any]) -> list[Row]:
    return [[t["table"], reason, count] for t in result["tables"] for reason, count in t["excluded"].items()]


def _steps(result: dict[str, Any]) -> list[Row]:
    return [
        [g["group"], *(s[c] for c in ("n", "step", "rows_in", "created", "split", "rows_out", "merged")),
         "; ".join(f"{reason}: {count}" for reason, count in s["excluded"].items()), s["balanced"]]
        for g in result["groups"] for s in g["steps"]
    ]  # fmt: skip


def _rejects(result: dict[str, Any]) -> list[Row]:
    return [[code, *(parts[p] for p in ("root", "cascade", "consequence"))] for code, parts in
            result["rejects_by_code"].items()]  # fmt: skip


_FILE, _SHA = ("file", "ファイル名", "file"), ("sha256", "SHA-256", "SHA-256")
_RECORDS = ("records", "記録の数", "records in it")
SHEETS: dict[str, Sheet] = {
    "inputs.csv": Sheet(
        "旧システムのファイル", "files of the old system", (_FILE, _SHA, _RECORDS),
        _plain("inputs", "file", "sha256", "records"),
    ),
    "tables.csv": Sheet(
        "元の記録の行方: read = refused + exclusions.csv の合計 + used + not_used",
        "fate of source records: read = refused + sum of exclusions.csv + used + not_used",
        (("table", "旧システムの表", "legacy table"), ("read", "ファイルの記録", "records in the file"),
         ("refused", "読込で拒否", "refused at read"), ("used", "使用", "used"), ("not_used", "行方なし", "without a fate")),
        _plain("tables", "table", "read", "refused", "used", "not_used"),
    ),
    "exclusions.csv": Sheet(
        "除外した記録、理由ごと", "records excluded, by reason",
        (("table", "旧システムの表", "legacy table"), ("reason", "理由", "reason"), ("records", "記録の数", "records")),
        _by_reason,
    ),
    "groups.csv": Sheet(
        "移行先の行の由来: read + created + split = accepted + rejected + excluded + merged",
        "origin of target rows: read + created + split = accepted + rejected + excluded + merged",
        (("group", "グループ", "group"), ("read", "読込", "rows that steps start from"), ("created", "作成", "created"),
         ("split", "分割", "split"), ("accepted", "受入", "accepted"), ("rejected", "拒否", "rejected"),
         ("excluded", "除外", "excluded"), ("merged", "統合", "merged"), ("balanced", "合っている", "adds up")),
        _plain("groups", "group", "read", "created", "split", "accepted", "rejected", "excluded", "merged", "balanced"),
    ),
    "steps.csv": Sheet(
        "手順ごとの行数: rows_in + created + split = rows_out + merged + 除外",
        "rows step by step: rows_in + created + split = rows_out + merged + excluded",
        (("group", "グループ", "group"), ("n", "番号", "number"), ("step", "手順", "step"),
         ("rows_in", "入る行", "rows in"), ("created", "作成", "created"), ("split", "分割", "split"),
         ("rows_out", "出る行", "rows out"), ("merged", "統合", "merged"), ("excluded", "除外、理由ごと", "excluded, by reason"),
         ("balanced", "合っている", "adds up")),
        _steps,
    ),
    "rejects.csv": Sheet(
        "拒否の原因、コードごと", "causes of rejects, by code",
        (("code", "コード", "code"), ("root", "根本", "causes"), ("cascade", "連鎖", "refused with their unit"),
         ("consequence", "派生", "what follows from a cause")),
        _rejects,
    ),
    "findings.csv": Sheet(
        "注意（拒否しない）、コードごと", "findings (they refuse nothing), by code",
        (("code", "コード", "code"), ("findings", "件数", "count")),
        lambda result: result["findings_by_code"].items(),
    ),
    "control_totals.csv": Sheet(
        "統制合計: source と target は等しい", "control totals: source equals target",
        (("total", "名前", "name"), ("source", "元", "source"), ("target", "先", "target"), ("agrees", "一致", "equal")),
        lambda result: [[t[c] for c in ("total", "source", "target", "agrees")]
                        for t in result["reconciliation"]["totals"]],
    ),
    "gates.csv": Sheet(
        "関門: count は limit 以下", "gates: count is at most limit",
        (("gate", "関門", "gate"), ("count", "件数", "count"), ("limit", "上限（空欄は関門なし）", "limit; blank: not gated"),
         ("status", "判定", "verdict")),
        _plain("gates", "gate", "count", "limit", "status"),
    ),
    "outputs.csv": Sheet(
        "公開した（試行では、公開することになる）ファイル", "files that were published, or would be",
        (_FILE, _SHA, _RECORDS), _plain("outputs", "file", "sha256", "records"),
    ),
}  # fmt: skip
#: Columns of ledger/chain.csv.
CHAIN = (
    ("number", "番号", "number"), ("at", "時刻", "time"), ("kind", "種類", "kind"),
    ("body_sha256", "本文の SHA-256", "SHA-256 of the body"), ("previous", "前の記載のハッシュ", "hash of the entry before"),
    ("signer", "署名した公開鍵", "public key that signed"), ("hash", "この記載のハッシュ", "hash of the entry"),
    ("signature", "署名（十六進）", "signature, hexadecimal"),
)  # fmt: skip


def sheets(result: dict[str, Any]) -> dict[str, bytes]:
    """All CSV files of a folded result."""
    return {
        name: csv_bytes([column for column, _, _ in sheet.columns], sheet.rows(result))
        for name, sheet in SHEETS.items()
    }


def chain_csv(links: Iterable[Link]) -> bytes:
    """The chain as a table."""
    return csv_bytes(LINK, ([getattr(link, name) for name in LINK] for link in links))


def read_chain(content: bytes) -> list[Link]:
    """The chain from its table; `ValueError` when it is none."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
    if not rows or rows[0] != list(LINK):
        raise ValueError(LINK)
    return [Link(int(row[0]), *row[1:]) for row in rows[1:]]


def csv_bytes(header: Sequence[str], rows: Iterable[Row]) -> bytes:
    """CSV in UTF-8 with LF."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return text.getvalue().encode()
