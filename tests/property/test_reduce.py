"""The other form of a cell: every character with its selectors is looked up as a whole, by an own walk over the text."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from dmig.model.layout import Group, Requirement, Sensitivity, StandardItem, StandardType
from dmig.stages.reduce import FORM, ITEM, REDUCED, WHOLE, headings, reduced

PAIRS = {"髙": "高", "葛\U000e0100": "葛", "𠮷": "吉", "\U00100000": "花", "葛\U000e0101": "カツ"}
ALPHABET = ["髙", "葛", "𠮷", "\U00100000", "\U000e0100", "\U000e0101", "\ufe00", "高", "花", "a", ".", "|", "["]
TEXTS = st.one_of(st.none(), st.lists(st.sampled_from(ALPHABET), max_size=8).map("".join))


def item(name: str, kind: StandardType, *, key: bool = False) -> StandardItem:
    return StandardItem(
        item=name, name=f"の{name}", group="g", type=kind, max_chars=20, decimals=0, primary_key=key, foreign_key="",
        code="", repeat=1, requirement=Requirement.OPTIONAL, must_output=False, unknown_date=False,
        sensitivity=Sensitivity.PERSONAL, status="reconstructed", official_id="", definition="", source="", line=1,
    )  # fmt: skip


GROUP = Group(
    "g", "組", "no", (item("no", StandardType.X, key=True), item("one", StandardType.N), item("two", StandardType.N))
)


def clusters(text: str) -> list[str]:
    """Characters with the selectors behind them."""
    found: list[str] = []
    for character in text:
        if found and ("\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"):
            found[-1] += character
        else:
            found.append(character)
    return found


def has_jis(text: str) -> bool:
    """By the other encoding of the same standard, character after character."""
    for character in text:
        try:
            character.encode("shift_jis_2004")
        except UnicodeEncodeError:
            return False
    return True


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=6))
def test_a_row_for_each_cell_that_has_another_form_and_for_no_other(texts: list[tuple[str | None, str | None]]) -> None:
    rows = pl.DataFrame(
        [(str(number), *pair) for number, pair in enumerate(texts)],
        schema={"no": pl.String, "one": pl.String, "two": pl.String},
        orient="row",
    )
    expected = []
    for number, pair in enumerate(texts):
        for name, text in zip(("の" + "one", "の" + "two"), pair, strict=True):
            other = "".join(PAIRS.get(cluster, cluster) for cluster in clusters(text or ""))
            if text and other != text:
                expected.append((str(number), name, text, other, "○" if has_jis(other) else ""))
    assert list(reduced(rows, GROUP, PAIRS).iter_rows()) == expected


def test_the_file_names_its_key_and_nothing_is_told_without_pairs() -> None:
    assert headings(GROUP) == ["のno", ITEM, FORM, REDUCED, WHOLE]
    rows = pl.DataFrame({"no": ["1"], "one": ["髙"], "two": [None]}, schema_overrides={"two": pl.String})
    assert reduced(rows, GROUP, {}).height == 0
    assert reduced(rows, GROUP, PAIRS).rows() == [("1", "のone", "髙", "高", "○")]
