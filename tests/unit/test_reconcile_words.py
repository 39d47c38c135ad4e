"""The words of the second reading: letters, glyphs, code tables read again, rows found again, signatures of blanks."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmig.stages.reconcile import Comparer, Comparison, Verdict, align, in_windows, read_code_tables, signature_names
from dmig.stages.reconcile.compare import signature_sql
from dmig.stages.reconcile.cross import CodeRow, CodeRows, agrees
from dmig.stages.reconcile.letters import letters
from dmig.stages.reconcile.reread import Form, cut, read_range

TABLE = CodeRows((CodeRow(("1",), {"standard": "男"}), CodeRow(("2",), {"standard": "女"})))
WORDS = CodeRows(
    (
        CodeRow(("子",), {"code1": "20"}),
        CodeRow(("妻",), {"code1": "12"}),
        CodeRow(("孫",), {"code1": "20", "code2": "20"}),
    )
)


def folded(*texts: str | None) -> list[str | None]:
    return letters(pa.chunked_array([pa.array(texts, pa.string())])).to_pylist()


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("ｶﾞｷﾞ", "ガギ"),
        ("1-2", "１－２"),
        ("山田 太郎", "山田　太郎"),
        ("A b", "ＡＢ".lower().upper()[0] + "ｂ"),
        ("ﾊﾟ", "パ"),
        ("a\r\nb", "ab"),
    ],
)
def test_width_and_spaces_are_no_difference(text: str, same: str) -> None:
    one, other = folded(text, same)
    assert one == other


@pytest.mark.parametrize(
    ("text", "other"), [("﨑", "崎"), ("①", "1"), ("\ufa19", "神"), ("㈱", "(株)"), ("髙", "高"), ("カ", "ガ")]
)
def test_another_character_is_a_difference(text: str, other: str) -> None:
    one, two = folded(text, other)
    assert one != two


def test_blank_letters_are_null() -> None:
    assert folded("", " 　", None) == [None, None, None]


@pytest.mark.parametrize(
    ("sources", "target", "right"),
    [
        (("1",), "男", True),
        (("1",), "女", False),
        (("3",), "男", False),
        ((None,), None, True),
        ((None,), "男", False),
        (("1",), None, False),
    ],
)
def test_pairs_of_codes_are_those_of_the_table(
    sources: tuple[str | None, ...], target: str | None, right: bool
) -> None:
    assert agrees(TABLE, "standard", (sources, (target,))) is right


@pytest.mark.parametrize(
    ("text", "codes", "right"),
    [
        ("子", ("20", None, None, None), True),
        ("子の妻", ("20", "12", None, None), True),
        ("子の妻", ("12", "20", None, None), False),
        ("子の妻", ("20", None, None, None), False),
        ("孫", ("20", "20", None, None), True),
        ("孫の子", ("20", "20", "20", None), True),
        ("孫", ("20", None, None, None), False),
        ("父", ("51", None, None, None), False),
        (None, (None, None, None, None), True),
    ],
)
def test_codes_of_words(text: str | None, codes: tuple[str | None, ...], right: bool) -> None:
    assert agrees(WORDS, "", ((text,), codes), split="の") is right


def test_later_rows_replace_and_open_rows_do_not_count(tmp_path: Path) -> None:
    head = "legacy_1,standard,valid_from,valid_to,state,decided_by,decided_on,note\n"
    for place, rows in (
        ("base", "1,A,,,agreed,x,,\n2,B,,,agreed,x,,\n"),
        ("site", "1,C,,,agreed,x,,\n2,B,,,open,,,\n"),
    ):
        (tmp_path / place / "code_tables").mkdir(parents=True)
        (tmp_path / place / "code_tables" / "t.csv").write_text(head + rows, encoding="utf-8")
    table = read_code_tables([tmp_path / "base", tmp_path / "site"])["t"]
    assert [(row.legacy, row.standard) for row in table.rows] == [(("1",), {"standard": "C"})]


@given(st.lists(st.sampled_from("abc"), max_size=12), st.data())
def test_every_row_that_is_still_there_is_found(keys: list[str], data: st.DataObject) -> None:
    """However many rows are lost: what is aligned has the same key, and as many rows as can be are aligned."""
    kept = [key for key in keys if data.draw(st.booleans())]
    places = align(keys, kept).tolist()
    taken = [place for place in places if place >= 0]
    assert len(set(taken)) == len(taken)
    assert all(kept[place] == key for key, place in zip(keys, places, strict=True) if place >= 0)
    assert len(taken) == len(kept)


def test_windows_hold_the_rows_of_their_run() -> None:
    expected, found = list("aabbccdd"), list("aabccdd")
    windows = in_windows(align(expected, found), [4, 4])
    assert [height for height, _ in windows] == [3, 4]
    assert [places.tolist() for _, places in windows] == [[0, 1, 2, -1], [0, 1, 2, 3]]


def test_records_are_cut_outside_quotes_and_read_at_their_bytes(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes('a,b\r\n1,"x\r\ny"\r\n2,"q""u"\r\n3,z\r\n'.encode("cp932"))
    places, records = cut(path, 5, [1, 2])
    assert records == 3
    form = Form("cp932", ",", 2, (0, 1))
    assert read_range(path, places[0], places[1], form).to_pydict() == {"c0": ["1"], "c1": ["x\r\ny"]}
    offsets = pa.array([5, places[1]]).to_numpy()
    assert form.cells_at(path, offsets).to_pydict() == {"c0": ["1", "2"], "c1": ["x\r\ny", 'q"u']}
    third = pa.array([5, path.stat().st_size - 5]).to_numpy()
    assert form.cells_at(path, third).to_pydict() == {"c0": ["1", "3"], "c1": ["x\r\ny", "z"]}


def compared(
    name: str, sources: list[str], targets: list[str | None], args: tuple[tuple[str, str], ...] = ()
) -> Verdict:
    comparison = Comparison("g", "signature", name, ("t",), tuple(f"i{n}" for n in range(len(sources))), args)
    columns = {f"s.i{n}": [text] for n, text in enumerate(sources)} | {"t.t": targets, "record": [7]}
    comparer = Comparer([comparison], [("\ue000", "髙")], {})
    [verdict] = comparer.compare("table", pa.table({k: pa.array(v) for k, v in columns.items()}))
    return verdict


@pytest.mark.parametrize("name", sorted(signature_names()))
def test_blank_signatures_are_null_on_both_sides(name: str) -> None:
    """The law by which rows that are blank throughout need not be judged."""
    words_of = ("where", "width", "limit", "since")
    args = tuple((word, "12") for word in words_of if f"{{{word}}}" in "".join(signature_sql(name)))
    from dmig.stages.reconcile.compare import _expanded, words

    comparison = Comparison("g", "signature", name, ("t",), ("i0", "i1"), args)
    left, right = (_expanded(side, comparison) for side in signature_sql(name))
    asked = f"select ({left}), ({right}) from (select '' as s0, '' as s1, cast(null as varchar) as t0)"
    assert words(()).execute(asked).fetchone() == (None, None)


@pytest.mark.parametrize(
    ("name", "sources", "target", "difference"),
    [
        ("exact", ["0012"], "0012", None),
        ("exact", ["0012"], "12", "rounding"),
        ("exact", ["12"], None, "blank"),
        ("exact", [""], "12", "unexpected"),
        ("letters", ["ﾔﾏﾀﾞ ﾀﾛｳ"], "ヤマダ　タロウ", None),
        ("letters", ["山田"], "田山", "order"),
        ("letters", ["\ue000田"], "髙田", None),
        ("letters", ["\ue000田"], "高田", "glyph"),
        ("date_wareki7", ["4010108"], "1989-01-08", None),
        ("date_wareki7", ["4010108"], "1988-01-08", "era"),
        ("date_wareki7_known", ["0000000"], None, None),
        ("number", ["007"], "7", None),
        ("number", ["007"], "8", "rounding"),
        ("padded", ["7"], "007", None),
        ("padded", ["7"], "7", "rounding"),
        ("unknown_flag", ["3200000"], "1", None),
        ("unknown_flag", ["3200101"], "1", "rounding"),
        ("unknown_wording", ["3200000"], "昭和２０年月日不詳", None),
        ("unknown_wording", ["3200000"], None, "blank"),
        ("digits", ["〒１２３-4567"], "1234567", None),
        ("date8", ["20240229"], "2024-02-29", None),
        ("time6", ["235959"], "23:59:59", None),
        ("sum", ["1000", "-30"], "970", None),
        ("sum", ["１，０００", "▲30"], "970", None),
        ("sum", ["", "30"], "30", None),
        ("sum", ["1000", "30"], "1000", "value"),
        ("up_to_since", ["2000", "2024"], "1000", None),
        ("up_to_since", ["600", "2025"], "600", None),
        ("up_to_since", ["2000", "2023"], None, None),
        ("up_to_since", ["2000", "2023"], "0", "unexpected"),
        ("up_to_since", ["2000", "2024"], None, "blank"),
    ],
)  # fmt: skip
def test_signatures(name: str, sources: list[str], target: str | None, difference: str | None) -> None:
    args = {"padded": (("width", "3"),), "up_to_since": (("limit", "1000"), ("since", "2024"))}.get(name, ())
    verdict = compared(name, sources, [target], args)
    assert verdict.compared == 1
    assert verdict.classes == ({difference: 1} if difference else {})
    assert verdict.records == ([7] if difference else [])
