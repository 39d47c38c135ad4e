"""Rejects and findings by root cause, with what each code means and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dmig.errors import catalogue
from dmig.report.nouns import Cell, Column, Section, Table, few, rows_of
from dmig.report.words import Words

REJECTS = (Column("code", "code"), Column("meaning", "long"), Column("root", "count"), Column("cascade", "count"),
           Column("consequence", "count"), Column("advice", "long"))  # fmt: skip
FINDINGS = (Column("code", "code"), Column("meaning", "long"), Column("count", "count"), Column("advice", "long"))
BY_ITEM = (Column("code", "code"), Column("severity", "short"), Column("kind", "short"), Column("group"), Column("table", "code"),
           Column("source_item"), Column("target_item"), Column("rule", "id"), Column("records", "count"),
           Column("accepted_count", "count"))  # fmt: skip
DIVISIONS = (Column("division"), Column("severity.reject", "count"), Column("severity.blank", "count"),
             Column("severity.finding", "count"), Column("cascade", "count"), Column("consequence", "count"))  # fmt: skip
PAIRS = (Column("code_a", "code"), Column("meaning_a", "long"), Column("code_b", "code"), Column("meaning_b", "long"),
         Column("records", "count"))  # fmt: skip
REPAIRS = (Column("treatment", "short"), Column("declared", "count"), Column("applied", "count"),
           Column("lapsed", "count"), Column("unapproved", "count"), Column("waiting", "count"),
           Column("unused", "count"))  # fmt: skip
REPAIRED = (Column("treatment", "short"), Column("table", "code"), Column("item"), Column("declared", "count"),
            Column("applied", "count"))  # fmt: skip
DEFECTS = (Column("code", "code"), Column("meaning", "long"), Column("table", "code"), Column("item"),
           Column("division"), Column("count", "count"))  # fmt: skip


def meaning(code: str, words: Words) -> str:
    """What a code means; its places stay open here, since a table is about all its reports."""
    row = catalogue().get(code)
    return _plain(row.ja if words.language == "ja" else row.en) if row else ""


def advice(code: str, words: Words) -> str:
    """What to do about a code."""
    row = catalogue().get(code)
    return _plain(row.remedy_ja if words.language == "ja" else row.remedy_en) if row else ""


def _plain(text: str) -> str:
    return text.replace("{", "〔").replace("}", "〕")


def causes(result: Mapping[str, Any], words: Words) -> Section:
    """Codes first, then where they were met, by whom they are treated, and which come together."""
    rejects = sorted((result.get("rejects_by_code") or {}).items(), key=lambda entry: (-entry[1]["root"], entry[0]))
    findings = sorted((result.get("findings_by_code") or {}).items(), key=lambda entry: (-entry[1], entry[0]))
    rejected: list[tuple[Cell, ...]] = [
        (code, meaning(code, words), n["root"], n["cascade"], n["consequence"], advice(code, words))
        for code, n in rejects
    ]
    found: list[tuple[Cell, ...]] = [
        (code, meaning(code, words), count, advice(code, words)) for code, count in findings
    ]
    tables = [Table("rejects", REJECTS, rejected), Table("findings", FINDINGS, found)]
    more = {
        "by_division": _divisions(result, words),
        "by_item": _by_item(result, words),
        "co_occurrence": _pairs(result, words),
    }
    tables += [table for table in more.values() if table]
    return Section("causes", tables, lacks=[key for key, table in more.items() if table is None])


def _divisions(result: Mapping[str, Any], words: Words) -> Table | None:
    found = rows_of(result, "divisions")
    if found is None:
        return None
    rows: list[tuple[Cell, ...]] = [
        (_division(entry, words), few(entry["reject"]), few(entry["blank"]), few(entry["finding"]),
         few(entry["cascade"]), few(entry["consequence"]))
        for entry in found
    ]  # fmt: skip
    return Table("by_division", DIVISIONS, rows)


def _division(entry: Mapping[str, Any], words: Words) -> str:
    return str(entry.get("division") or words("division.none"))


def _by_item(result: Mapping[str, Any], words: Words) -> Table | None:
    found = rows_of(result, "causes")
    if found is None:
        return None
    rows: list[tuple[Cell, ...]] = [
        (c["code"], words.or_plain("severity", c["severity"]), words.or_plain("kind", c["kind"]),
         words.group(c["group"]) if c["group"] else None, words.file(c["table"]), c.get("source_name") or c["source_item"],
         c.get("target_name") or c["target_item"], c["rule"], few(c["records"]), few(c.get("accepted", 0)))
        for c in found
    ]  # fmt: skip
    return Table("by_item", BY_ITEM, rows, words("few.note"), folded=len(rows) > 60)


def _pairs(result: Mapping[str, Any], words: Words) -> Table | None:
    found = rows_of(result, "co_occurrence")
    if found is None:
        return None
    rows: list[tuple[Cell, ...]] = [
        (a, meaning(a, words), b, meaning(b, words), few(entry["records"]))
        for entry in found
        for a, b in [entry["codes"]]
    ]
    return Table("co_occurrence", PAIRS, rows)


def repairs(result: Mapping[str, Any], words: Words) -> Section:
    """What came of the decisions of staff, by treatment and item."""
    found = rows_of(result, "repairs", "decisions")
    if found is None:
        return Section("repairs")
    rows: list[tuple[Cell, ...]] = [
        (words.or_plain("treatment", d["treatment"]), d["declared"], d["applied"], d["lapsed"], d["unapproved"],
         d["open"], d["unused"])
        for d in found
    ]  # fmt: skip
    items: list[tuple[Cell, ...]] = [
        (words.or_plain("treatment", d["treatment"]), words.file(d["table"]), d["name"] or d["item"] or None,
         few(d["declared"]), few(d["applied"]))
        for d in rows_of(result, "repairs", "items") or []
    ]  # fmt: skip
    sha256 = result["repairs"]["sha256"]
    note = words("repairs.sha256", sha256=sha256) if sha256 else ""
    tables = [Table("repairs", REPAIRS, rows, note, empty=words("repairs.none"))]
    return Section("repairs", [*tables, *([Table("repairs.items", REPAIRED, items)] if items else [])])


def legacy_defects(result: Mapping[str, Any], words: Words) -> Section:
    """Faults that the old system already had."""
    found = rows_of(result, "legacy_defects")
    if found is None:
        return Section("legacy_defects")
    called = {(c["table"], c["source_item"]): c.get("source_name") for c in rows_of(result, "causes") or []}
    rows: list[tuple[Cell, ...]] = [
        (d["code"], meaning(d["code"], words), words.file(d["table"]),
         called.get((d["table"], d["item"])) or d["item"], _division(d, words), few(d["count"]))
        for d in found
    ]  # fmt: skip
    return Section("legacy_defects", [Table("legacy_defects", DEFECTS, rows)])
