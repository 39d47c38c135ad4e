"""What may be missing is what the books say was refused, rejected or excluded; nothing may be there that was not."""

from __future__ import annotations

from typing import Any

import pytest

from dmig.pipeline.population_pass import Populations, judge_populations, typed_rows

KEYS = {"source": 10, "target": 7, "missing": 3, "extra": 0, "doubled": 0}
REFERENCE = {"item": "k", "other": "h.k", "rows": 9, "dangling": 2}
TABLE = {"table": "t", "read": 20, "refused": 1}
GROUPS = [{"group": "g", "rejected": 1, "excluded": 1}, {"group": "h", "rejected": 1, "excluded": 0}]


def judged(keys: dict[str, Any], reference: dict[str, Any], records: int = 20) -> Populations:
    lines = {"keys": KEYS | keys, "references": [REFERENCE | reference], "tables": ["t"]}
    other = {"keys": KEYS | {"missing": 0}, "references": [], "tables": []}
    found = {"records": {"t": records}, "groups": {"g": lines, "h": other}, "exclusions": [], "corrected": {}}
    return judge_populations(found, [TABLE], GROUPS, {("g", "k"): 2})


def test_what_the_books_explain_agrees() -> None:
    found = judged({}, {})
    assert found.differences == 0
    assert [line["explained"] for line in (*found.keys, *found.references)] == [3, 1, 2]
    assert [line["agrees"] for line in found.records] == [True]


@pytest.mark.parametrize("wrong", [{"missing": 4}, {"extra": 1}, {"doubled": 1}])
def test_a_lost_an_invented_or_a_doubled_key_is_a_difference(wrong: dict[str, int]) -> None:
    found = judged(wrong, {})
    assert ([line["agrees"] for line in found.keys], found.differences) == ([False, True], 1)


def test_a_reference_that_nobody_reported_is_a_difference() -> None:
    found = judged({}, {"dangling": 3})
    assert ([line["agrees"] for line in found.references], found.differences) == ([False], 1)


@pytest.mark.parametrize(("records", "agrees"), [(19, True), (21, True), (22, False), (18, False)])
def test_records_may_differ_by_what_was_refused_at_read(records: int, agrees: bool) -> None:
    assert [line["agrees"] for line in judged({}, {}, records).records] == [agrees]


def test_what_staff_type_in_may_be_missing() -> None:
    lines = {"keys": KEYS | {"missing": 5}, "references": [], "tables": ["t"], "corrected": 1}
    found = {"records": {"t": 20}, "groups": {"g": lines}, "exclusions": [], "corrected": {}}
    table = TABLE | {"refused_by_hand": 1}
    assert judge_populations(found, [table], GROUPS, {}).differences == 0
    assert judge_populations(found, [TABLE], GROUPS, {}).differences == 1
    group = {"group": "g", "steps": [{"excluded": {"論理削除": 4}}, {"excluded": {"手入力": 3}}]}
    assert typed_rows(group) == 3
