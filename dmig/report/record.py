"""What was run, what is not migrated, and the boxes in which staff sign."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dmig.report.nouns import Cell, Column, Mark, Section, Table, rows_of
from dmig.report.words import LANGUAGES, Words

FACTS = (Column("fact"), Column("value", "hash"))
FILES = (Column("file"), Column("records", "count"), Column("sha256", "hash"))
RULES = (Column("group"), Column("rules.count", "count"), Column("rules.silent", "count"))
RULE = (Column("group"), Column("rule", "id"), Column("row_count", "count"))
STAGES = (Column("stage", "id"), Column("elapsed_s", "seconds"), Column("records", "count"),
          Column("peak_mib", "seconds"))  # fmt: skip
DISPOSITIONS = (Column("table", "code"), Column("item"), Column("disposition"), Column("reason", "long"),
                Column("decided_by"))  # fmt: skip
APPROVALS = (Column("role"), Column("name"), Column("at", "id"), Column("holds", "mark"))
ROLES = ("made", "checked", "approved")


@dataclass(frozen=True, slots=True)
class SignOff:
    """The hashes that a signature is for, and one box per role, filled where the ledger holds an approval."""

    run_hash: str
    head: str
    boxes: tuple[tuple[str, str, str], ...]


def run_hash(result: Mapping[str, Any], circumstances: Mapping[str, Any]) -> str:
    """The hash of the result as the ledger has it; where no ledger is at hand, that of its canonical JSON."""
    text = json.dumps(result, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return str(circumstances.get("run_hash") or hashlib.sha256(text.encode()).hexdigest())


def sign_off(result: Mapping[str, Any], circumstances: Mapping[str, Any], words: Words) -> SignOff:
    """Boxes of 作成, 確認 and 承認."""
    held = [a for a in rows_of(circumstances, "approvals") or [] if a["holds"]]
    boxes = []
    for role in ROLES:
        called = {role, *(Words(language)(f"role.{role}") for language in LANGUAGES)}
        entry: Mapping[str, Any] = next((a for a in held if a["role"] in called), {})
        boxes.append((words(f"role.{role}"), str(entry.get("name", "")), moment(entry.get("at", ""))))
    return SignOff(run_hash(result, circumstances), str(circumstances.get("head") or ""), tuple(boxes))


def moment(at: Any) -> str:
    """A time as people write it; what is no time stays as it is."""
    return str(at).replace("T", " ").replace("+00:00", " UTC")


def signatures(circumstances: Mapping[str, Any], words: Words) -> Section:
    """Approvals that the ledger holds; the boxes themselves are drawn by the page."""
    rows: list[tuple[Cell, ...]] = [
        (words.or_plain("role", a["role"]), a["name"], moment(a["at"]),
         Mark("good", words("holds.yes")) if a["holds"] else Mark("bad", words("holds.no")))
        for a in rows_of(circumstances, "approvals") or []
    ]  # fmt: skip
    return Section("signoff", [Table("approvals", APPROVALS, rows)] if rows else [])


def dispositions(result: Mapping[str, Any], words: Words) -> Section:
    """Source items that are not mapped, with who decided so."""
    found = rows_of(result, "dispositions")
    if found is None:
        return Section("dispositions")
    rows: list[tuple[Cell, ...]] = [
        (words.file(d["table"]), d["item"], words.or_plain("disposition", d["disposition"]), d["reason"],
         d["decided_by"])
        for d in found
    ]  # fmt: skip
    return Section("dispositions", [Table("dispositions", DISPOSITIONS, rows)])


def run_of(result: Mapping[str, Any], circumstances: Mapping[str, Any], words: Words) -> Section:
    """Versions and hashes, files in and out, rules, time and memory."""
    inputs, outputs = rows_of(result, "inputs") or [], rows_of(result, "outputs") or []
    main = [entry for entry in outputs if "/" not in str(entry["file"])]
    more = [entry for entry in outputs if "/" in str(entry["file"])]
    stages: list[tuple[Cell, ...]] = [
        (s["stage"], float(s["elapsed_s"]), s["records"], float(s["peak_mib"])) for s in rows_of(result, "stages") or []
    ]
    return Section(
        "run_of",
        [
            Table("facts", FACTS, _facts(result, circumstances, words)),
            Table("inputs", FILES, _files(inputs)),
            Table("outputs", FILES, _files(main)),
            *_rules(result, words),
            Table("stages", STAGES, stages),
            *([Table("outputs.more", FILES, _files(more), folded=True)] if more else []),
        ],
    )


def _files(entries: list[dict[str, Any]]) -> list[tuple[Cell, ...]]:
    return [(entry["file"], entry["records"], entry["sha256"]) for entry in entries]


def _facts(result: Mapping[str, Any], circumstances: Mapping[str, Any], words: Words) -> list[tuple[Cell, ...]]:
    named = ("system", "schema_version", "exit_code", "plan_hash", "generation")
    facts: list[tuple[Cell, ...]] = [(words(f"fact.{key}"), str(result[key])) for key in named if key in result]
    facts.append((words("fact.run_hash"), run_hash(result, circumstances)))
    facts.append((words("fact.head"), str(circumstances.get("head") or words("not_in_ledger"))))
    for key in ("started_at", "python"):
        if key in circumstances:
            facts.append((words(f"fact.{key}"), moment(circumstances[key])))
    packages = circumstances.get("packages") or {}
    facts += [(words("fact.package", name=name), str(version)) for name, version in packages.items()]
    return facts


def _rules(result: Mapping[str, Any], words: Words) -> list[Table]:
    found = rows_of(result, "rules") or []
    groups = dict.fromkeys(entry["group"] for entry in found)
    counted: list[tuple[Cell, ...]] = []
    for group in groups:
        own = [entry["rows"] for entry in found if entry["group"] == group]
        counted.append((words.group(group), len(own), own.count(0)))
    every: list[tuple[Cell, ...]] = [(words.group(e["group"]), e["rule"], e["rows"]) for e in found]
    return [Table("rules", RULES, counted), Table("rules.details", RULE, every, folded=True)]
