"""What reconciliation, acceptance and the self-test found; every part may be missing from a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dmig.model.small_groups import LEAST
from dmig.report.counts import agreement
from dmig.report.nouns import Cell, Column, Mark, Section, Table, few, rows_of
from dmig.report.words import Words

WEAK = ("none", "recomputed")
TONES = {"proved": "good", "differs": "bad", "unproved": "open", "passed": "good", "failed": "bad", "success": "good",
         "could_not_run": "open", "not_applicable": "plain", "used": "good", "unused": "open", "expired": "bad",
         "pass": "good", "fail": "bad", "could_not_judge": "open"}  # fmt: skip
CLASSES = (Column("group"), Column("item"), Column("table", "code"), Column("class"), Column("count", "count"),
           Column("accepted_count", "count"))  # fmt: skip
SIGNATURES = (Column("group"), Column("item"), Column("table", "code"), Column("signature", "code"),
              Column("compared", "count"), Column("differing", "count"), Column("repaired", "count"))  # fmt: skip
ACCEPTED = (Column("id", "id"), Column("scope"), Column("reason", "long"), Column("approver"), Column("expires", "id"),
            Column("used", "count"), Column("status", "mark"))  # fmt: skip
KEYS = (Column("group"), Column("source", "count"), Column("target", "count"), Column("missing", "count"),
        Column("extra", "count"), Column("doubled", "count"), Column("explained", "count"),
        Column("agrees", "mark"))  # fmt: skip
REFERENCES = (Column("group"), Column("item"), Column("other"), Column("referring", "count"), Column("dangling", "count"),
              Column("explained", "count"), Column("agrees", "mark"))  # fmt: skip
LEFT_OUT = (Column("group"), Column("table"), Column("reason"), Column("by_rule", "count"), Column("left_out", "count"),
            Column("kept", "count"), Column("wrongly", "count"), Column("explained", "count"),
            Column("agrees", "mark"))  # fmt: skip
CANDIDATES = (Column("group"), Column("item"), Column("count", "count"))
CODES = (Column("group"), Column("item"), Column("code_table", "code"), Column("source_code", "id"),
         Column("target_code", "id"), Column("count", "count"), Column("agreed", "mark"))  # fmt: skip
COVERED = ("signature", "function", "inverse", "total", "recomputed", "none")
COVERAGE = (Column("group"), Column("mapped", "count"), *(Column(f"by.{name}", "count") for name in COVERED))
PROOFS = (Column("group"), Column("item"), Column("item_id", "id"), Column("classes"), Column("compared", "count"),
          Column("differing", "count"), Column("status", "mark"), Column("reason", "long"))  # fmt: skip
ROUND_TRIPS = (Column("group"), Column("item"), Column("source_item", "id"), Column("table", "code"),
               Column("converter", "code"), Column("compared", "count"), Column("not_invertible", "count"),
               Column("differing", "count"))  # fmt: skip
WEAKLY = (Column("group"), Column("item"), Column("classes"), Column("status", "mark"), Column("reason", "long"))
BATCHES = (Column("group"), Column("batches", "count"), Column("row_count", "count"), Column("passed", "count"),
           Column("failed", "count"), Column("could_not_run", "count"), Column("not_applicable", "count"))  # fmt: skip
EXPECTATIONS = (Column("group"), Column("expectation", "id"), Column("item"), Column("rules", "id"),
                Column("evaluated", "count"), Column("unexpected", "count"), Column("status", "mark"),
                Column("reason", "long"))  # fmt: skip
ENGINES = (Column("rule", "id"), Column("engine", "id"), Column("fired", "mark"))


def status(name: Any, words: Words) -> Mark:
    """A state as the result names it, in words and with its tone."""
    plain = str(name).replace(" ", "_")
    return Mark(TONES.get(plain, "plain"), words.or_plain("status", plain))


def names(given: Any) -> str:
    """A text or a list of names in one cell."""
    return " ".join(map(str, given)) if isinstance(given, list | tuple) else str(given if given is not None else "")


def differences(result: Mapping[str, Any], words: Words) -> Section:
    """Differences by class first, then what was accepted, then every comparison."""
    section = Section("differences")

    def add(key: str, path: tuple[str, ...], columns: tuple[Column, ...], **options: Any) -> None:
        found = rows_of(result, *path)
        if found is None:
            section.lacks.append(key)
        else:
            make = _MAKERS[key]
            section.tables.append(Table(key, columns, [make(entry, words) for entry in found], **options))

    add("differences.table", ("reconciliation", "differences"), CLASSES)
    add("accepted_differences", ("accepted_differences",), ACCEPTED)
    add("keys", ("reconciliation", "keys"), KEYS)
    add("references", ("reconciliation", "references"), REFERENCES)
    add("exclusions", ("reconciliation", "exclusions"), LEFT_OUT)
    add("blank_with_candidate", ("reconciliation", "blank_with_candidate"), CANDIDATES)
    signatures = rows_of(result, "reconciliation", "signatures")
    if signatures is not None:
        ordered = sorted(signatures, key=lambda entry: -int(entry["differing"]))
        rows = [_signature(entry, words) for entry in ordered]
        section.tables.append(
            Table("signatures", SIGNATURES, rows, folded=not any(entry["differing"] for entry in ordered))
        )
    return section


def _signature(s: Mapping[str, Any], words: Words) -> tuple[Cell, ...]:
    return (
        words.group(s["group"]), s["item"], words.file(s["table"]), s["signature"], s["compared"], s["differing"],
        s.get("repaired", 0),
    )  # fmt: skip


def _difference(d: Mapping[str, Any], words: Words) -> tuple[Cell, ...]:
    return (
        words.group(d["group"]), d["item"], words.file(d["table"]), words.or_plain("class", d["class"]), d["count"],
        d.get("accepted"),
    )  # fmt: skip


def _accepted(a: Mapping[str, Any], words: Words) -> tuple[Cell, ...]:
    return (
        a["id"], names(a["scope"]), a["reason"], a["approver"], a["expires"], _count(a["used"]),
        status(a["status"], words),
    )  # fmt: skip


def _count(value: Any) -> Cell:
    return value if isinstance(value, int | None) else str(value)


def _keys(k: Mapping[str, Any], words: Words) -> tuple[Cell, ...]:
    return (
        words.group(k["group"]), k["source"], k["target"], k["missing"], k["extra"], k["doubled"], k["explained"],
        agreement(k["agrees"], words),
    )  # fmt: skip


def _reference(r: Mapping[str, Any], words: Words) -> tuple[Cell, ...]:
    other = names(r["other"]).partition(".")[0]
    return (
        words.group(r["group"]), r["name"], f"{words.group(other)}　{r['other_name']}", r["rows"], r["dangling"],
        r["explained"], agreement(r["agrees"], words),
    )  # fmt: skip


def _left_out(e: Mapping[str, Any], words: Words) -> tuple[Cell, ...]:
    holds = agreement(e["agrees"], words) if e["proved"] else status("unproved", words)
    return (
        words.group(e["group"]), words.file(e["table"]), e["reason"], e["source"], e["excluded"], e["kept"], e["wrong"],
        e["explained"], holds,
    )  # fmt: skip


def _candidate(c: Mapping[str, Any], words: Words) -> tuple[Cell, ...]:
    return words.group(c["group"]), c["item"], few(c["count"])


_MAKERS = {
    "differences.table": _difference, "accepted_differences": _accepted, "keys": _keys, "references": _reference,
    "exclusions": _left_out,
    "blank_with_candidate": _candidate,
}  # fmt: skip


def codes(result: Mapping[str, Any], words: Words) -> Section:
    """Pairs of codes with their counts; pairs under ten are folded into one line of their code table."""
    found = rows_of(result, "reconciliation", "codes")
    if found is None:
        return Section("codes")
    called = {(p["group"], p["item"]): str(p["name"]) for p in rows_of(result, "reconciliation", "proofs") or []}
    rows: list[tuple[Cell, ...]] = []
    for entry in found:
        items = [called.get((entry["group"], item), item) for item in str(entry["item"]).split()]
        head = (words.group(entry["group"]), _several(items, words), entry["code_table"])
        shown = [(pair, few(pair["count"])) for pair in entry["pairs"]]
        rows += [
            (*head, names(pair["sources"]) or words("blank"), pair["target"] or words("blank"), count,
             _agreed(pair["agreed"], words))
            for pair, count in shown
            if isinstance(count, int)
        ]  # fmt: skip
        rows += _folded(head, [pair for pair, count in shown if not isinstance(count, int)], words)
    return Section("codes", [Table("codes", CODES, rows, words("few.note"))])


def _several(items: list[str], words: Words) -> str:
    return items[0] if len(items) == 1 else words("several", name=items[0], count=len(items) - 1)


def _folded(head: tuple[str, ...], hidden: list[dict[str, Any]], words: Words) -> list[tuple[Cell, ...]]:
    """One line for the small pairs; those that nobody agreed to stand apart, since they are what must be seen."""
    rows: list[tuple[Cell, ...]] = []
    for agreed in (False, True):
        alike = [pair["count"] for pair in hidden if bool(pair["agreed"]) is agreed]
        if alike:
            numbers = [count for count in alike if isinstance(count, int)]
            total = sum(numbers) if len(numbers) == len(alike) else 0
            count = total if len(alike) > 1 and total >= LEAST else few(None)
            rows.append((*head, words("few.pairs", count=len(alike)), None, count, _agreed(agreed, words)))
    return rows


def _agreed(agreed: Any, words: Words) -> Mark:
    return Mark("good", words("agreed.yes")) if agreed else Mark("bad", words("agreed.no"))


def coverage(result: Mapping[str, Any], words: Words) -> Section:
    """Items without a proof, or only recomputed, come first."""
    proofs, groups = rows_of(result, "reconciliation", "proofs"), rows_of(result, "reconciliation", "coverage")
    section = Section("coverage")
    if proofs is not None:
        weak = [proof for proof in proofs if not set(proof["classes"]) - set(WEAK)]
        rows = [_weak(proof, words) for proof in weak]
        section.tables.append(Table("weak", WEAKLY, rows, empty=words("weak.none")))
    if groups is not None:
        counted: list[tuple[Cell, ...]] = [
            (words.group(entry["group"]), entry["mapped"], *(entry[name] for name in COVERED)) for entry in groups
        ]
        section.tables.append(Table("coverage.table", COVERAGE, counted))
    if (trips := rows_of(result, "reconciliation", "round_trips")) is not None:
        found = sorted(trips, key=lambda entry: -int(entry["differing"]))
        folded = not any(entry["differing"] for entry in found)
        section.tables.append(
            Table(
                "round_trips", ROUND_TRIPS, [_trip(t, words) for t in found], words("round_trips.note"), folded=folded
            )
        )
    if proofs is not None:
        order = {"differs": 0, "unproved": 1}
        ordered = sorted(proofs, key=lambda proof: order.get(str(proof["status"]), 2))
        section.tables.append(Table("proofs", PROOFS, [_proof(proof, words) for proof in ordered], folded=True))
    return section


def _trip(t: Mapping[str, Any], words: Words) -> tuple[Cell, ...]:
    return (
        words.group(t["group"]), t["item"], t["source"], words.file(t["table"]), t["converter"], t["compared"],
        t["not_invertible"], t["differing"],
    )  # fmt: skip


def _weak(p: Mapping[str, Any], words: Words) -> tuple[Cell, ...]:
    group, name, _, classes, _, _, mark, reason = _proof(p, words)
    return group, name, classes, mark, reason


def _proof(p: Mapping[str, Any], words: Words) -> tuple[Cell, ...]:
    said = [words.or_plain("by", name) for name in p["classes"]] or [words("by.none")]
    return (
        words.group(p["group"]), p["name"], p["item"], "・".join(said), p["compared"], p["differing"],
        status(p["status"], words), p.get("reason") or "",
    )  # fmt: skip


def acceptance(result: Mapping[str, Any], words: Words) -> Section:
    """Acceptance of what was written: what failed or could not run comes first."""
    section = Section("acceptance")
    groups, found = rows_of(result, "acceptance", "groups"), rows_of(result, "acceptance", "expectations")
    if groups is not None:
        rows: list[tuple[Cell, ...]] = [
            (words.group(g["group"]), g["batches"], g["rows"], g["passed"], g["failed"], g["could_not_run"],
             g["not_applicable"])
            for g in groups
        ]  # fmt: skip
        section.tables.append(Table("acceptance.groups", BATCHES, rows))
    if found is not None:
        order = {"failed": 0, "could not run": 1, "not applicable": 2}
        details = sorted(found, key=lambda entry: order.get(str(entry["status"]).replace("_", " "), 3))
        section.tables.append(
            Table("acceptance.details", EXPECTATIONS, [_expectation(e, words) for e in details], folded=True)
        )
    return section


def _expectation(e: Mapping[str, Any], words: Words) -> tuple[Cell, ...]:
    return (
        words.group(e["group"]), e["expectation"], names(e.get("item")), names(e.get("rules")), e.get("evaluated"),
        e.get("unexpected"), status(e["status"], words), words.or_plain("why", e.get("reason") or ""),
    )  # fmt: skip


def self_test(result: Mapping[str, Any], words: Words) -> Section:
    """Whether planted faults were noticed; what was missed comes first."""
    found = result.get("self_test")
    engines = rows_of(result, "self_test", "engines")
    if not isinstance(found, Mapping) or engines is None:
        return Section("self_test")
    rows: list[tuple[Cell, ...]] = [
        (e["rule"], e["engine"],
         Mark("good", words("fired.yes")) if e["fired"] else Mark("bad", words("fired.no")))
        for e in sorted(engines, key=lambda entry: bool(entry["fired"]))
    ]  # fmt: skip
    said = words.or_plain("verdict", found.get("status"))
    return Section("self_test", [Table("self_test", ENGINES, rows, note=f"{words('judgement')}: {said}")])
