"""The list of commands, which imports none of them."""

from __future__ import annotations

#: Commands in the order of `--help`, which imports none of them; each lives in the module of its name.
COMMANDS = {
    "init": "サイトのフォルダーを作る / make a site folder",
    "run": "移行を実行する / run a migration (with --dry-run: publish nothing)",
    "rehearse": "夜間リハーサル: 全業務を試行し前夜と比べる / rehearse all operations of a site, compare with the night before",
    "check": "宣言ファイルを検査する / check layouts and mappings",
    "mapping": "写像の整形と網羅 / format mappings, show coverage",
    "layout": "版の違いと影響 / what changes between two versions of a layout",
    "sheet": "宣言ファイルを Excel で直す / declarations as workbooks, out and in",
    "reconcile": "済んだ実行を突き合わせ直す / compare source and target of a stored run again",
    "suite": "受入検査のスイート / suites of the acceptance",
    "selftest": "規則ごとに誤りを植えて確かめる / plant a fault for every rule, in every engine",
    "explain": "標準項目の来歴 / where a standard item comes from",
    "reject": "拒否された記録を見る / look at rejected records",
    "worklist": "作業一覧: 処置を決めて取り込む / decide about records in a workbook",
    "trace": "一つの記録を全段階で追う / one record through every stage",
    "synth": "架空の自治体の納品物を作る / write the delivery of an invented municipality",
    "decode": "ホストのファイルを登録集で読む / a host file by its copybook",
    "copybook": "登録集の項目と位置 / items and places of a copybook",
    "charset": "ホストの文字集合 / character sets of hosts",
    "gaiji": "外字の同定の台帳 / the ledger of private-use characters",
    "ledger": "実行の台帳を見る、確かめる / look at the ledger of runs, verify it",
    "key": "署名の鍵を作る / make a key to sign with",
    "report": "署名する報告書を書く / write the report that staff sign",
    "approve": "合格した実行を承認する / approve a run that passed",
    "evidence": "監査人に渡す証拠を書き出す / write the evidence for an auditor",
}
