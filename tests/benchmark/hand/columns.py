"""Columns in one of two styles, with the same functions: `hand.coded` of the expert, `hand.plain` of ordinary pandas.

What the rules see is `texts_of` a column: the expert's distinct texts, or every filled cell.
"""

from __future__ import annotations

from hand import PLAIN
from hand.coded import Column, Mask, Texts, as_texts

if PLAIN:
    from hand.plain import *  # noqa: F403
else:
    from hand.coded import *  # noqa: F403

__all__ = ["Column", "Mask", "Texts", "as_texts"]
