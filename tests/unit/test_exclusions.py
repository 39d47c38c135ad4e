"""Rules of exclusions: faults of the rows at their lines; what no rule speaks of is unproved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmig.errors import SpecError
from dmig.pipeline.exclusion_pass import judge_exclusions
from dmig.pipeline.run import compile_operation
from dmig.pipeline.session import Asked, open_session
from dmig.spec.mapping import Layer

HEADER = "reason,tables,kind,items,values,basis\n"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("論理削除,genzai,code,sakujo_flg,1,x", None),
        ("知らない,genzai,code,sakujo_flg,1,x", "SPC020"),
        ("論理削除,nothing,code,sakujo_flg,1,x", "SPC020"),
        ("論理削除,genzai,code,nothing,1,x", "SPC020"),
        ("論理削除,genzai,kode,sakujo_flg,1,x", "SPC020"),
        ("論理削除,genzai,code,sakujo_flg,,x", "SPC031"),
        ("論理削除,genzai,blank,sakujo_flg,1,x", "SPC008"),
        ("論理削除,genzai,pair,sakujo_flg,,x", "SPC032"),
        ("論理削除,,code,sakujo_flg,1,x", "SPC006"),
    ],
)
def test_a_faulty_rule_is_named_with_its_line(tmp_path: Path, row: str, code: str | None) -> None:
    (tmp_path / "exclusions.csv").write_text(HEADER + row + "\n", encoding="utf-8")
    request = open_session(Asked("jumin", inputs=tmp_path, runs=tmp_path / "runs", as_of="2026-01-01")).request
    request = replace(request, site=(Layer("site", tmp_path, tmp_path),))
    if code is None:
        assert compile_operation(request).mapping.exclusions
        return
    with pytest.raises(SpecError) as refused:
        compile_operation(request)
    assert [(d.file, d.line, d.code) for d in refused.value.diagnostics] == [("exclusions.csv", 2, code)]


LINE: dict[str, Any] = {"group": "g", "table": "t", "reason": "r", "source": 9, "excluded": 9, "kept": 0, "wrong": 0}


@pytest.mark.parametrize(
    ("changed", "corrected", "proved", "agrees"),
    [
        ({}, 0, True, True),
        ({"kept": 1}, 0, True, True),
        ({"kept": 2}, 0, True, False),
        ({"kept": 2}, 1, True, True),
        ({"wrong": 1}, 0, True, False),
        ({"wrong": 1}, 1, True, True),
        ({"source": None, "kept": None, "wrong": None}, 0, False, True),
    ],
)
def test_only_what_was_refused_or_corrected_may_stand_otherwise(
    changed: dict[str, int | None], corrected: int, proved: bool, agrees: bool
) -> None:
    [line] = judge_exclusions([LINE | changed], [{"table": "t", "refused": 1}], {"t": corrected})
    assert (line["proved"], line["agrees"]) == (proved, agrees)
