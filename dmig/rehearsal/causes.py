"""Root causes of a run's result: what staff would have to do something about, as it can be found again another night."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from dmig.model.rehearsal import Cause, Causes, Fingerprint
from dmig.model.small_groups import LEAST

ROOT = "root"


def causes_of(result: Mapping[str, Any]) -> Causes:
    """Causes of one result: roots of reports, cells that reconciliation found different, totals that do not come out."""
    operation = str(result["operation"])
    return {Cause(operation, *cause): count for cause, count in (*_reports(result), *_reconciled(result))}


def _reports(result: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str, str], int | None]]:
    for line in result["causes"]:
        if line["kind"] != ROOT:
            continue
        yield (line["severity"], line["code"], _place(line)), line["records"]


def _place(line: Mapping[str, Any]) -> str:
    names = (line["table"], line["source_item"], line["group"], line["target_item"], line["rule"])
    return " ".join(name for name in names if name)


def labels_of(result: Mapping[str, Any]) -> dict[str, str]:
    """By place of a report's cause, its names in the language of the offices: file（item） → group（item） rule."""
    tables, groups = result["names"]["tables"], result["names"]["groups"]
    found = {}
    for line in result["causes"]:
        source = _named(tables.get(line["table"], line["table"]), line["source_name"])
        target = _named(groups.get(line["group"], line["group"]), line["target_name"])
        found[_place(line)] = " ".join(filter(None, (" → ".join(filter(None, (source, target))), line["rule"])))
    return found


def _named(place: str, item: str) -> str:
    return f"{place}「{item}」" if place and item else place


def _reconciled(result: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str, str], int | None]]:
    found = result["reconciliation"]
    for line in found["differences"]:
        if line["count"] != line["accepted"]:
            place = " ".join((line["group"], line["item"], line["table"]))
            yield ("difference", line["class"], place), None if line["count"] < LEAST else line["count"]
    for line in found["totals"]:
        if not line["agrees"]:
            yield ("total", line["total"], ""), None
    for line in (*found["keys"], *found["references"], *found["exclusions"]):
        if not line["agrees"]:
            name = line.get("item") or line.get("reason") or ""
            yield ("total", "keys", " ".join(filter(None, (line["group"], str(name))))), None


def across_causes(told: Mapping[str, Any]) -> Causes:
    """Rules between operations that do not hold, and those that nothing could be judged by."""
    return {
        Cause(str(line["item"]).partition(".")[0], "rule", str(line["rule"]), str(line["status"])): None
        for line in told["rules"]
        if line["status"] in ("broken", "not judged")
    }


def fingerprint(result: Mapping[str, Any], program: str) -> Fingerprint:
    """What a run was made of and what it published, by hashes."""
    inputs = tuple((str(line["file"]), str(line["sha256"])) for line in result["inputs"])
    outputs = " ".join(f"{line['file']}:{line['sha256']}" for line in result["outputs"])
    return Fingerprint(program, str(result["plan_hash"]), inputs, _sha256(outputs))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
