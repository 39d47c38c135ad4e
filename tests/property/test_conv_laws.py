"""Laws that hold for every converter and legacy type, over any text."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from test_conv_cases import CALLS, LEGACY_CALLS, REGISTRY, Build, Call, Row, run, values_of

from dmig.converters.contract import Converter, LegacyType, Request
from dmig.converters.registry import MAY_BE_NULL

_SETTINGS = settings(deadline=None, max_examples=20, suppress_health_check=list(HealthCheck))

#: Texts that broke converters of this kind elsewhere.
_TRAPS = (
    "葛\U000e0100",
    "\U00020bb7",
    "\ue000\uf8ff",
    "\U000f0000",
    "ｶﾞﾞ",
    "\u3099",
    " ",
    "\u3000\u3000",
    "\x00",
    "\n",
    "a\nb",
    "０１２",
    "٣٤٥",
    "-",
    "の",
    "$1",
    "${1}",
    "\\",
    "1" * 40,
    "あ" * 20_000,
)


def texts(call: Call) -> st.SearchStrategy[str | None]:
    """Any text, known traps, the call's seeds and seeds with one character put in or taken out; sometimes none."""
    anything = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
    shapes = st.from_regex(r"[0-9]{2,13}|[0-9]{4}-[0-9A-D]{2}-[0-9A]{2}|[ｦ-ﾟ　 ]{1,8}", fullmatch=True)
    choices = [anything, shapes, st.sampled_from(_TRAPS), st.none()]
    if call.seeds:
        seeds = st.sampled_from(call.seeds)
        bent = st.tuples(seeds, st.integers(0, 12), anything.map(lambda text: text[0])).map(
            lambda case: case[0][: case[1]] + case[2] + case[0][case[1] :]
        )
        cut = (
            seeds.filter(lambda seed: len(seed) > 1).map(lambda seed: seed[:-1])
            if any(len(seed) > 1 for seed in call.seeds)
            else seeds
        )
        choices += [seeds, seeds, bent, cut]
    return st.one_of(choices)


def batches(call: Call) -> st.SearchStrategy[list[Row]]:
    """Rows for a call; never none, so that no law passes on nothing."""
    return st.lists(st.tuples(*[texts(call)] * call.sources), min_size=1, max_size=30)


def missing(converter: Converter, row: Row) -> bool:
    """Whether the row has too few sources for a value."""
    needed = [value for place, value in enumerate(row) if place not in converter.optional]
    return None in needed or (bool(row) and set(row) == {None})


def is_blank(text: str | None, call: Call) -> bool:
    """Whether a raw cell is blank for a legacy type."""
    stripped = (text or "").strip(" \u3000")
    return stripped in ("", *call.args.get("blank", "").split("|"))


def check_masks(result: pl.DataFrame, absent: Sequence[bool]) -> None:
    """Masks are true or false, and false where there is no source."""
    masks = result.select(column for column in result.columns if not column.startswith("v_"))
    assert set(masks.dtypes) == {pl.Boolean}
    for column in masks:
        assert column.null_count() == 0
        assert not (column & pl.Series(absent)).any(), "a mask is set where the source is missing"


def check_values(result: pl.DataFrame, absent: Sequence[bool], may_be_null: Sequence[str] = ()) -> None:
    """Parts are text, never empty, and null exactly where there is no source or a fault."""
    without = [gone or fault for gone, fault in zip(absent, result["fault"], strict=True)]
    for column in values_of(result):
        assert column.dtype == pl.String
        assert "" not in column.to_list()
        nulls = column.is_null().to_list()
        if column.name.removeprefix("v_") in may_be_null:
            assert all(null for null, gone in zip(nulls, without, strict=True) if gone)
        else:
            assert nulls == without


def check_rowwise(build: Build, rows: list[Row], call: Call) -> None:
    """The same again, and the same from two pieces together."""
    whole, middle = run(build, rows, call), len(rows) // 2
    assert_frame_equal(whole, run(build, rows, call))
    pieces = pl.concat([run(build, rows[:middle], call), run(build, rows[middle:], call)])
    assert_frame_equal(whole, pieces)


def check_injective(result: pl.DataFrame, rows: list[Row]) -> None:
    """Different inputs have different outputs."""
    seen: dict[tuple[str | None, ...], Row] = {}
    for row, values, fault in zip(rows, values_of(result).rows(), result["fault"], strict=True):
        if not fault:
            assert seen.setdefault(values, row) == row


def given_back(converter: Converter, rows: list[Row], call: Call) -> list[bool]:
    """Whether the inverse promises to give the first source of each row back."""
    if converter.invertible is None:
        return [True] * len(rows)
    texts = pl.DataFrame({"s0": [row[0] for row in rows]}, schema={"s0": pl.String})
    request = Request((pl.col("s0"),), call.args, call.table, call.parameters)
    return texts.select(promised=converter.invertible(request))["promised"].fill_null(False).to_list()


def check_inverse(result: pl.DataFrame, rows: list[Row], converter: Converter, call: Call) -> int:
    """The inverse of all parts is the first source, wherever that is promised; gives the number of such rows."""
    inverse = REGISTRY.converters[converter.inverse]
    promised = given_back(converter, rows, call)
    good = [n for n, fault in enumerate(result["fault"]) if not fault and None not in rows[n] and promised[n]]
    parts = [values_of(result).row(place) for place in good]
    if parts:
        known = {arg.name for arg in inverse.args}
        args = {name: value for name, value in call.args.items() if name in known}
        back = run(inverse.build, parts, Call(len(parts[0]), args, call.table))
        assert back["v_"].to_list() == [rows[place][0] for place in good]
    return len(good)


def check_laws(converter: Converter, build: Build, rows: list[Row], call: Call) -> None:
    """All laws of a converter over one batch; AssertionError names the first that is broken."""
    result = run(build, rows, call)
    absent = [converter.on_null == "null" and missing(converter, row) for row in rows]
    if converter.parts != ("*",):
        assert set(values_of(result).columns) == {f"v_{part}" for part in converter.parts}
    assert {column for column in result.columns if column[:2] == "f_"} <= {f"f_{c}" for c in converter.finding_codes}
    check_masks(result, absent)
    check_values(result, absent, MAY_BE_NULL.get(converter.name, ()))
    check_rowwise(build, rows, call)
    if converter.lossless:
        check_injective(result, rows)
    if converter.inverse:
        check_inverse(result, rows, converter, call)


_CONVERTER_CALLS = [(name, call) for name in REGISTRY.converters for call in CALLS.get(name, ())]
_TYPE_CALLS = [(name, call) for name in REGISTRY.legacy_types for call in LEGACY_CALLS.get(name, ())]


@pytest.mark.parametrize(
    ("name", "call"), _CONVERTER_CALLS, ids=[f"{n}-{i}" for i, (n, _) in enumerate(_CONVERTER_CALLS)]
)
@_SETTINGS
@given(source=st.data())
def test_converter_laws(name: str, call: Call, source: st.DataObject) -> None:
    converter = REGISTRY.converters[name]
    check_laws(converter, converter.build, source.draw(batches(call)), call)


@pytest.mark.parametrize(("name", "call"), _TYPE_CALLS, ids=[f"{n}-{i}" for i, (n, _) in enumerate(_TYPE_CALLS)])
@_SETTINGS
@given(source=st.data())
def test_legacy_type_laws(name: str, call: Call, source: st.DataObject) -> None:
    kind: LegacyType = REGISTRY.legacy_types[name]
    rows = source.draw(batches(call))
    result = run(kind.build, rows, call)
    absent = [is_blank(row[0], call) for row in rows]
    assert {column for column in result.columns if column[:2] == "f_"} == {f"f_{code}" for code in kind.finding_codes}
    check_masks(result, absent)
    check_values(result, absent)
    check_rowwise(kind.build, rows, call)


@pytest.mark.parametrize("name", ["int", "amount", "text", "kana", "key", "code", "year4"])
@_SETTINGS
@given(source=st.data())
def test_canonical_text_is_canonical_already(name: str, source: st.DataObject) -> None:
    call = LEGACY_CALLS[name][0]
    kind = REGISTRY.legacy_types[name]
    once = run(kind.build, source.draw(batches(call)), call)["v_"].to_list()
    again = run(kind.build, [(value,) for value in once], call)["v_"].to_list()
    assert again == once


def _seeded(call: Call) -> list[Row]:
    """Rows of the seeds alone, each seed in each place."""
    seeds = call.seeds or ("12345", "ab")
    return [tuple(seeds[(start + place) % len(seeds)] for place in range(call.sources)) for start in range(len(seeds))]


@pytest.mark.parametrize(
    ("name", "call"), _CONVERTER_CALLS, ids=[f"{n}-{i}" for i, (n, _) in enumerate(_CONVERTER_CALLS)]
)
def test_laws_see_values_and_not_only_faults(name: str, call: Call) -> None:
    result = run(REGISTRY.converters[name].build, _seeded(call), call)
    assert not result["fault"].all()


@pytest.mark.parametrize(
    ("name", "call"), [(n, c) for n, c in _CONVERTER_CALLS if REGISTRY.converters[n].inverse], ids=lambda v: str(v)[:20]
)
def test_something_is_given_back(name: str, call: Call) -> None:
    """The law of the inverse judges at least one of the seeds."""
    converter, rows = REGISTRY.converters[name], _seeded(call)
    assert check_inverse(run(converter.build, rows, call), rows, converter, call) > 0


_STREAMED = [
    *((name, REGISTRY.converters[name].build, call) for name, call in _CONVERTER_CALLS),
    *((f"type-{name}", REGISTRY.legacy_types[name].build, call) for name, call in _TYPE_CALLS),
]


@pytest.mark.parametrize(
    ("name", "build", "call"), _STREAMED, ids=[f"{n}-{i}" for i, (n, _, _) in enumerate(_STREAMED)]
)
def test_expressions_stay_inside_the_streaming_engine(name: str, build: Build, call: Call) -> None:
    sources = tuple(pl.col(f"s{place}") for place in range(call.sources))
    output = build(Request(sources, call.args, call.table, call.parameters))
    lazy = pl.LazyFrame(schema={f"s{place}": pl.String for place in range(max(call.sources, 1))}).with_columns(
        fault=output.fault,
        **{f"v{place}": value for place, value in enumerate(output.values.values())},
        **{f"f_{code}": mask for code, mask in output.findings.items()},
    )
    plan = lazy.show_graph(engine="streaming", plan_stage="physical", raw_output=True)
    assert plan is not None
    assert "columnar-function" not in plan
    assert "in-memory-map" not in plan
