"""README.md of the evidence: what each file is, what each column means, and how to check it with plain commands."""

from __future__ import annotations

from dmig.ledger.evidence_tables import CHAIN, SHEETS

HEAD = """\
# 証拠 / Evidence: run {run_id}

一つの実行について、件数、ハッシュ、承認を、dmig を使わずに計算し直すためのファイルです。記録の値は入っていません。
内訳のうち10件に満たないものは、ほかとまとめて `other` とし、それでも満たなければ `<10` としています（合計はそのまま）。

These files let an auditor recompute counts, hashes and approvals of one run without dmig. No value of a record is in
them. Groups under ten in a breakdown are merged as `other`, and shown as `<10` where that is not enough; totals stay.

台帳の最後のハッシュ / hash of the last entry: `{head}`

承認の紙のハッシュと比べてください。 / Compare it with the hash on the sign-off page.

## 確かめ方 / How to verify

展開したフォルダーで実行します。 / Run in the unpacked folder.

1. すべてのファイルのハッシュ / hashes of all files

```bash
tail -n +2 manifest.csv | awk -F, '{{print $3"  "$1}}' | sha256sum -c --quiet
```

2. 台帳の鎖 / the chain of the ledger

```bash
python3 -c '
import csv, hashlib
before = "0" * 64
for n, r in enumerate(csv.DictReader(open("ledger/chain.csv", encoding="utf-8", newline="")), 1):
    lines = ["dmig ledger entry 1", r["number"], r["at"], r["kind"], r["body_sha256"], r["signer"] or "-", r["previous"]]
    text = ("\\n".join(lines) + "\\n").encode()
    assert (r["number"], r["previous"]) == (str(n), before), n
    before = hashlib.sha256(text).hexdigest()
    assert before == r["hash"], n
print(before)
'
```

3. この実行の記載: `NNNNNN.txt` の SHA-256 が記載のハッシュ、`NNNNNN.json` の SHA-256 が5行目 /
   entries of this run: the SHA-256 of `NNNNNN.txt` is the entry's hash, that of `NNNNNN.json` its fifth line

```bash
sha256sum ledger/entries/*
```
"""
SIGNED = """
4. サイトの署名 / signatures of the site

```bash
openssl pkeyutl -verify -pubin -inkey keys/site.pem -rawin -in manifest.csv -sigfile manifest.sig
for f in ledger/entries/*.sig; do openssl pkeyutl -verify -pubin -inkey keys/site.pem -rawin -in "${f%.sig}.txt" -sigfile "$f"; done
```

`keys/site.txt` の公開鍵を、サイトから別に受け取ったものと比べてください。
Compare the public key in `keys/site.txt` with the one that the site gave you in another way.
"""
UNSIGNED = """
4. サイトの署名はありません。最後のハッシュを承認の紙と比べることが、書き換えを見つける唯一の方法です。
   The site has no key: comparing the last hash with the sign-off page is the only way to see a rewritten ledger.
"""
APPROVED = """
5. 承認 / approvals: `approvals/NNNNNN.json` が署名された文 / what was signed

```bash
for f in approvals/*.sig; do openssl pkeyutl -verify -pubin -inkey "${f%.sig}.pem" -rawin -in "${f%.sig}.json" -sigfile "$f"; done
```

公開鍵の持ち主は `approvers.csv` にあります。`run_hash` は時間（`stages`）を除いた結果、`gates_hash` は関門の行の
SHA-256 です（キーの順に並べ、空白のない JSON）。
Whose keys they are stands in `approvers.csv`. `run_hash` is the SHA-256 of the result without its times (`stages`),
`gates_hash` that of its gate lines, both as JSON with sorted keys and no blanks.
"""
EXACT = """
6. まとめていない結果 / the result as it was, nothing merged: `protected/result.json`

```bash
python3 -c '
import hashlib, json
result = json.load(open("protected/result.json", encoding="utf-8"))
del result["stages"]
write = lambda value: json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
print("run_hash", hashlib.sha256(write(result)).hexdigest())
print("gates_hash", hashlib.sha256(write(result["gates"])).hexdigest())
'
```

そのハッシュは実行の記載の `result_sha256` です。少人数の件数があるので、必要な人にだけ渡してください。
Its SHA-256 is `result_sha256` in the run's entry. It holds small counts: hand it only to those who need them.
"""
FILES = """
## ファイル / Files

| path | 内容 | what it is |
|---|---|---|
| `manifest.csv` | この目録以外の全ファイル: path, bytes, sha256 | all files but this one: path, bytes, sha256 |
| `manifest.sig` | 目録への署名（鍵があるとき） | signature over the manifest, where there is a key |
| `result.json` | 結果（内訳をまとめたもの） | the result, breakdowns folded |
| `run.json` | 実行の時刻、計算機、版 | time, host and versions of the run |
| `declarations/` | 計画にした写像とレイアウトの全ファイル（`site/` はサイトの行） | all files of mapping and layouts of the plan |
| `ledger/chain.csv` | 台帳の鎖（ほかの実行の本文はない） | the chain of the ledger, bodies of other runs left out |
| `ledger/entries/` | この実行の記載: 文、本文、署名 | entries of this run: text, body, signature |
| `approvals/`, `approvers.csv` | 承認の文、署名、公開鍵、承認者 | statements, signatures, keys, and who the approvers are |
| `keys/` | サイトの公開鍵 | the site's public key |
"""


def readme(run_id: str, head: str, is_signed: bool, is_exact: bool) -> str:
    """The page for one ZIP."""
    parts = [HEAD.format(run_id=run_id, head=head), SIGNED if is_signed else UNSIGNED, APPROVED]
    parts += [EXACT if is_exact else "", FILES]
    for name, sheet in SHEETS.items():
        parts.append(_section(name, f"{sheet.ja} / {sheet.en}", sheet.columns))
    parts.append(_section("ledger/chain.csv", "台帳の鎖 / the chain", CHAIN))
    return "".join(parts)


def _section(name: str, title: str, columns: tuple[tuple[str, str, str], ...]) -> str:
    rows = "".join(f"| `{column}` | {ja} | {en} |\n" for column, ja, en in columns)
    return f"\n### `{name}`\n\n{title}\n\n| column | 意味 | meaning |\n|---|---|---|\n{rows}"
