"""The other form of what is written: cells with characters of MJ+ as they are within JIS X 0213.

The standard layouts have no items for substitutes, and a migrated name is not cut down for those who cannot show it. So
both forms are kept: MJ+ in the group's file, and beside it a file with one row per cell that has another form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from dmig.model.layout import Group, StandardType
from dmig.model.repertoire import in_jis

#: Headings behind those of the key: the item, its MJ+ form, its JIS X 0213 form, whether all of it could be reduced.
ITEM, FORM, REDUCED, WHOLE = "項目", "文字情報基盤", "JIS X 0213", "すべて代替"
YES = "○"
#: A variation selector behind a character makes it another one.
_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def reducible(group: Group) -> tuple[str, ...]:
    """Items whose text may hold characters beyond JIS X 0213."""
    return tuple(item.item for item in group.items if item.type is StandardType.N)


def headings(group: Group) -> list[str]:
    """Headings of the file: the names of the key's items, then what is told of each cell."""
    return [*(item.name for item in group.items if item.primary_key), ITEM, FORM, REDUCED, WHOLE]


def reduced(rows: pl.DataFrame, group: Group, pairs: Mapping[str, str]) -> pl.DataFrame:
    """One row per cell of the rows that holds a character of `pairs` (character -> what stands for it), texts only.

    Ordered by row, then by item of the layout. `WHOLE` is `○` where JIS X 0213 has all of the other form.
    """
    names, key = headings(group), group.keys
    found = []
    numbered = rows.with_row_index("row")
    for place, item in enumerate(reducible(group)):
        held = numbered.filter(pl.col(item).str.contains_any(list(pairs))) if pairs else numbered.clear()
        told = _told(held[item].unique(), pairs)
        held = held.join(told, left_on=item, right_on=FORM, how="inner", maintain_order="left")
        entry = group.item(item)
        if held.height and entry is not None:
            cells = {name: held[one] for name, one in zip(names, key, strict=False)}
            cells |= {ITEM: pl.repeat(entry.name, held.height, eager=True), FORM: held[item]}
            cells |= {REDUCED: held[REDUCED], WHOLE: held[WHOLE], "row": held["row"]}
            found.append(pl.DataFrame(cells).with_columns(pl.lit(place).alias("place")))
    if not found:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    return pl.concat(found).sort("row", "place").select(names)


def _told(texts: pl.Series, pairs: Mapping[str, str]) -> pl.DataFrame:
    """Distinct texts with their other form, where they have one."""
    by_first: dict[str, list[str]] = {}
    for character in sorted(pairs, key=len, reverse=True):
        by_first.setdefault(character[0], []).append(character)
    other = [(text, _other_form(text, by_first, pairs)) for text in texts if text is not None]
    lines = [(text, form, YES if in_jis(form) else "") for text, form in other if form != text]
    return pl.DataFrame(lines, schema=dict.fromkeys((FORM, REDUCED, WHOLE), pl.String), orient="row")


def _other_form(text: str, by_first: Mapping[str, list[str]], pairs: Mapping[str, str]) -> str:
    """A character with a selector behind it that no pair has is another one, and stays."""
    made, at = [], 0
    while at < len(text):
        known = (one for one in by_first.get(text[at], ()) if text.startswith(one, at))
        here = next((one for one in known if not _SELECTOR.match(text, at + len(one))), "")
        made.append(pairs[here] if here else text[at])
        at += len(here) or 1
    return "".join(made)
