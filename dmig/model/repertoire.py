"""Which characters JIS X 0213 has: all that systems beside the register know (the exchange of the number system)."""

from __future__ import annotations

#: The standard library's name of an encoding of JIS X 0213:2004; later editions have the same characters.
JIS_X_0213 = "euc_jis_2004"


def in_jis(text: str) -> bool:
    """Whether JIS X 0213 has all characters of a text."""
    try:
        text.encode(JIS_X_0213)
    except UnicodeEncodeError:
        return False
    return True
