"""The round trip by itself: what an inverse gives back, what it does not promise, what damage of cells it sees."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmig.converters.cells import Cells
from dmig.converters.contract import Output, Registry, Request
from dmig.converters.registry import builtin
from dmig.errors import SpecError
from dmig.model.mapping import CodeRow, CodeTable, Place
from dmig.pipeline.run import Request as RunRequest
from dmig.pipeline.run import compile_operation
from dmig.spec.library import Library, shipped
from dmig.spec.mapping import Layer
from dmig.stages.roundtrip import Inverse, Outcome, RoundTrip, target_column

PLACE = Place("code_tables/t.csv", 1)
#: 8 and 9 became the same code.
PAIRS = (("1", "01"), ("2", "02"), ("8", "09"), ("9", "09"))
SEXES = CodeTable(
    "t", 1, ("standard",), tuple(CodeRow((a,), (b,), "", "", "agreed", "", "", "", PLACE) for a, b in PAIRS)
)
KANA = Inverse("kana_full", "kana", ("furigana",))


def judged(
    inverse: Inverse, sources: list[str | None], targets: list[str | None], registry: Registry | None = None
) -> Outcome:
    frame = pl.DataFrame(
        {inverse.source: sources, target_column(inverse.targets[0]): targets},
        schema={inverse.source: pl.String, target_column(inverse.targets[0]): pl.String},
    )
    [outcome] = RoundTrip([inverse], registry or builtin(), {"t": SEXES}).run(Cells.of_frame(frame))
    return outcome


@pytest.mark.parametrize(
    ("name", "source", "target", "found"),
    [
        ("kana_full", "ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ　タロウ", "same"),
        ("kana_full", "ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマタ　タロウ", "differs"),
        ("kana_full", "ヤマダ", "ヤマダ", "apart"),
        ("kana_full", None, "ヤマダ", "differs"),
        ("kana_full", "ﾔﾏﾀﾞ", None, "differs"),
        ("kana_full", None, None, "same"),
        ("name_full", "髙橋　花子", "髙橋　花子", "same"),
        ("name_full", "髙橋　花子", "高橋　花子", "differs"),
        ("name_full", "髙橋 花子", "髙橋　花子", "apart"),
        ("date", "1935-11-00", "1935-11-00", "same"),
        ("date", "1935-11-00", "1936-11-00", "differs"),
        ("date_plain", "2024-02-29", "2024-03-01", "differs"),
        ("pad_left", "7", "007", "same"),
        ("pad_left", "7", "070", "differs"),
        ("pad_left", "0", "000", "same"),
        ("code:t", "1", "01", "same"),
        ("code:t", "1", "02", "differs"),
        ("code:t", "1", "77", "differs"),
        ("code:t", "8", "09", "apart"),
        ("code:t", "5", None, "apart"),
        ("number_checked", "0123", "123", "differs"),
    ],
)  # fmt: skip
def test_one_row(name: str, source: str | None, target: str | None, found: str) -> None:
    outcome = judged(Inverse(name, "kana", ("furigana",)), [source], [target])
    assert (outcome.compared, outcome.apart, outcome.differing) == {
        "same": (1, 0, 0), "differs": (1, 0, 1), "apart": (0, 1, 0),
    }[found]  # fmt: skip


HALF = st.lists(st.text("ｱｶｻﾀﾅﾊﾏﾔﾗﾜｦﾝｯｰA1", min_size=1, max_size=4), min_size=1, max_size=3).map(" ".join)


@given(st.lists(st.none() | HALF, min_size=1, max_size=30), st.data())
def test_a_damaged_cell_is_found_at_its_row_and_nowhere_else(sources: list[str | None], data: st.DataObject) -> None:
    registry = builtin()
    column = pl.DataFrame({"kana": sources}, schema={"kana": pl.String})
    output = registry.converters["kana_full"].build(Request((pl.col("kana"),)))
    targets = column.select(output.values[""].alias("v"))["v"].to_list()
    assert judged(KANA, sources, targets).differing == 0
    at = data.draw(st.integers(0, len(sources) - 1))
    damaged = [*targets[:at], (targets[at] or "") + "ン", *targets[at + 1 :]]
    outcome = judged(KANA, sources, damaged)
    assert (outcome.differing, outcome.rows) == (1, (at,))
    assert outcome.compared == len(sources)


def _turned(build: Callable[[Request], Output]) -> Callable[[Request], Output]:
    return lambda request: dataclasses.replace(
        build(request), values={part: value.str.reverse() for part, value in build(request).values.items()}
    )


@pytest.mark.parametrize("damaged", ["kana_full", "kana_half"])
def test_a_damaged_pair_is_found(damaged: str) -> None:
    """Whichever of the two is damaged, what comes back is not what went in."""
    registry = builtin()
    registry.converters[damaged] = dataclasses.replace(
        registry.converters[damaged], build=_turned(registry.converters[damaged].build)
    )
    column = pl.DataFrame({"kana": ["ﾔﾏﾀﾞ ﾀﾛｳ", "ｻﾄｳ"]})
    output = registry.converters["kana_full"].build(Request((pl.col("kana"),)))
    targets = column.select(output.values[""].alias("v"))["v"].to_list()
    assert judged(KANA, column["kana"].to_list(), targets, registry).differing == 2


def test_only_the_first_differing_rows_are_located() -> None:
    outcome = judged(KANA, ["ｱ"] * 3000, ["イ"] * 3000)
    assert (outcome.differing, len(outcome.rows), outcome.rows[-1]) == (3000, 1000, 999)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("shimei_yomigana,inverse,nothing,kana_shimei,,", "SPC020"),
        ("shimei_yomigana,inverse,digits_only,kana_shimei,,", "SPC020"),
        ("shimei_yomigana,inverse,kana_full,,,", "SPC006"),
        ("shimei_yomigana,inverse,kana_full,kana_shimei banchi,,", "SPC032"),
        ("shimei_yomigana,inverse,kana_full,kana_shimei@1-2,,", "SPC020"),
        ("shimei_yomigana,inverse,kana_full:seibetsu,kana_shimei,,", "SPC020"),
        ("seibetsu,inverse,code,seibetsu,,", "SPC020"),
        ("seibetsu,inverse,code:seibetsu,seibetsu,parts=other,", "SPC020"),
        ("seibetsu shimei,inverse,code:seibetsu,seibetsu,,", "SPC032"),
        ("shimei_yomigana,inverse,kana_full,kana_shimei,width=3,", "SPC020"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_named_with_its_line(tmp_path: Path, row: str, code: str) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "proofs.csv").write_text(
        f"group,target,proof,signature,sources,args,reason\njutogaikihon,{row}\n", "utf-8"
    )
    request = RunRequest(
        Library(shipped()), "jutogai", "package", tmp_path, tmp_path, site=(Layer("site", folder, tmp_path),)
    )
    with pytest.raises(SpecError) as caught:
        compile_operation(request)
    found = [(entry.code, entry.file, entry.line) for entry in caught.value.diagnostics]
    assert (code, "site/proofs.csv", 2) in found
