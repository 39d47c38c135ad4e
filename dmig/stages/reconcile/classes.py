"""What kind of difference two texts have: the one place where the classes of differences are told apart."""

from __future__ import annotations

from collections.abc import Sequence

#: A private-use character: what stands for it was decided by staff.
PRIVATE_USE = "[\ue000-\uf8ff]"


def class_sql(left: str, right: str, *, dates: bool = False, codes: bool = False, glyphs: Sequence[str] = ()) -> str:
    """An SQL expression over two different texts: the class of their difference, the first that fits.

    `dates`: both are eight digits, YYYYMMDD. `codes`: they stand in a code list. `glyphs` are texts in which a
    private-use character explains the difference. `letters` is a word of the connection.
    """
    era = f"length({left}) = 8 and length({right}) = 8 and substr({left}, 5) = substr({right}, 5)" if dates else "false"
    code = "true" if codes else "false"
    private = f"regexp_matches(concat('', {', '.join(glyphs)}), '{PRIVATE_USE}')" if glyphs else "false"
    return f"""case
        when {right} is null then 'blank'
        when {left} is null then 'unexpected'
        when {code} then 'code'
        when {era} then 'era'
        when {private} then 'glyph'
        when letters({left}) = letters({right}) then 'width'
        when list_sort(string_split({left}, '')) = list_sort(string_split({right}, '')) then 'order'
        when abs(try_cast({left} as double) - try_cast({right} as double)) <= 1 then 'rounding'
        else 'value' end"""
