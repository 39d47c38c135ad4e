"""The report of one result in one language: the sections in the order in which they are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dmig.report import causes, counts, proofs, record, verdict
from dmig.report.nouns import Section
from dmig.report.record import SignOff
from dmig.report.verdict import Verdict
from dmig.report.words import Words


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a page or a workbook shows, already in words."""

    words: Words
    title: str
    run_id: str
    heading: tuple[tuple[str, str], ...]
    sample: str
    verdict: Verdict
    sections: tuple[Section, ...]
    sign_off: SignOff


def build_report(result: Mapping[str, Any], circumstances: Mapping[str, Any], language: str = "ja") -> Report:
    """The report of a result.

    `circumstances` may be empty: what `run.json` says of this one execution, and what the ledger says of the result
    (`run_hash`, `head`, `approvals` with `name`, `role`, `at` and `holds`).
    """
    words = Words(language, result.get("names") or {})
    sections = (
        verdict.gates(result, words),
        counts.conservation(result, words),
        counts.totals(result, words),
        proofs.differences(result, words),
        causes.causes(result, words),
        causes.repairs(result, words),
        proofs.codes(result, words),
        proofs.coverage(result, words),
        proofs.acceptance(result, words),
        record.dispositions(result, words),
        causes.legacy_defects(result, words),
        proofs.self_test(result, words),
        record.run_of(result, circumstances, words),
        record.signatures(circumstances, words),
    )
    absent = tuple(section.key for section in sections if section.is_absent)
    fixture = str(result.get("fixture") or "")
    return Report(
        words=words,
        title=words("report"),
        run_id=str(result["run_id"]),
        heading=_heading(result, words),
        sample=words("sample", fixture=fixture) if fixture else "",
        verdict=verdict.verdict(result, words, absent),
        sections=sections,
        sign_off=record.sign_off(result, circumstances, words),
    )


def _heading(result: Mapping[str, Any], words: Words) -> tuple[tuple[str, str], ...]:
    operation = str(result["operation"])
    named = words.names.get("operation")
    mode = "mode.dry" if result.get("dry_run") else "mode.real"
    return (
        (words("operation"), f"{named}（{operation}）" if named and words.language == "ja" else operation),
        (words("site"), str(result.get("site") or words("no_site"))),
        (words("as_of"), str(result.get("as_of", ""))),
        (words("mode"), words(mode)),
        (words("run"), str(result["run_id"])),
    )
