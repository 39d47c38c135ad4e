"""Numbers with check digits, made at random.

A 個人番号 or 住民票コード that fits its check digit may by chance be someone's: every number of the right form may. It
stands beside an invented name, birthday and place, so it says nothing about that person.
"""

from __future__ import annotations

import numpy as np

from dmig.synth.streams import Ints, Streams


def check_digit(base: Ints, digits: int) -> Ints:
    """The digit by weights 2 to 7 from the right, modulus 11; 0 where the remainder is 0 or 1."""
    total = np.zeros(len(base), np.int64)
    for place in range(digits):
        total += base // 10**place % 10 * (2 + place % 6)
    rest = total % 11
    return np.where(rest <= 1, 0, 11 - rest)


def checked_numbers(streams: Streams, theme: str, count: int, digits: int) -> Ints:
    """`count` distinct numbers of `digits` digits in random order, the last digit the check digit."""
    draw = streams.of(theme)
    strip = (10 ** (digits - 1) - 10_000) // count
    base = draw.permutation(count).astype(np.int64) * strip + 1_000 + draw.integers(0, strip, count)
    return np.asarray(base * 10 + check_digit(base, digits - 1))


def corporate_numbers(draw: np.random.Generator, count: int) -> Ints:
    """`count` distinct 法人番号: a check digit, then twelve digits that begin with 99 as the invented municipality does.

    A body with such a number may exist by chance, as with the numbers of persons; it stands beside an invented name.
    """
    strip = (10**10 - 10_000) // count
    base = 99 * 10**10 + draw.permutation(count).astype(np.int64) * strip + 1_000 + draw.integers(0, strip, count)
    total = np.zeros(count, np.int64)
    for place in range(12):
        total += base // 10**place % 10 * (1 + place % 2)
    return np.asarray((9 - total % 9) * 10**12 + base)
