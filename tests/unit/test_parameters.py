"""Dated values of an ordinance lie over those of the layout."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dmig.errors import SpecError
from dmig.model.layout import Parameter
from dmig.pipeline.run import compile_operation
from dmig.pipeline.session import Asked, open_session
from dmig.spec.mapping import Layer

HEADER = "name,from,to,value,basis\n"


def parameters(tmp_path: Path, rows: str) -> tuple[tuple[Parameter, ...], str]:
    """What `rei` is compiled with when a site has some rows, and the plan's hash."""
    request = open_session(Asked("rei", inputs=tmp_path, runs=tmp_path / "runs", as_of="2026-01-01")).request
    if rows:
        (tmp_path / "parameters.csv").write_text(HEADER + rows, encoding="utf-8")
        request = replace(request, site=(Layer("site", tmp_path, tmp_path),))
    plan = compile_operation(request)
    return plan.layout.parameters, plan.plan_hash


def test_a_site_s_row_replaces_that_of_the_same_beginning_and_adds_others(tmp_path: Path) -> None:
    national, before = parameters(tmp_path, "")
    own, after = parameters(tmp_path, "shinrinkankyozei,2024,2024,900,条例\nshinrinkankyozei,2025,,1100,条例\n")
    assert [(p.valid_from, p.valid_to, p.value) for p in national] == [("", "2023", "0"), ("2024", "", "1000")]
    assert [(p.valid_from, p.valid_to, p.value) for p in own] == [
        ("", "2023", "0"), ("2024", "2024", "900"), ("2025", "", "1100"),
    ]  # fmt: skip
    assert before != after


@pytest.mark.parametrize("row", ["a,2024,,1000円,x", "a,R6,,1,x", "a,2024,2024-4,1,x", "a,,,1e3,x"])
def test_a_value_or_period_that_is_none_is_refused_with_its_line(tmp_path: Path, row: str) -> None:
    with pytest.raises(SpecError) as refused:
        parameters(tmp_path, f"shinrinkankyozei,2024,,900,条例\n{row}\n")
    assert [(d.file, d.line, d.code) for d in refused.value.diagnostics] == [("parameters.csv", 3, "SPC008")]
