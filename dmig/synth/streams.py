"""Named random streams: one per theme, so that a new theme never changes what the others draw."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Streams:
    """Gives the random generator of a theme; the same seed and theme always give the same draws.

    PCG64 is named on purpose: numpy may change its default generator, never a named one's bit stream.
    """

    def __init__(self, seed: int) -> None:
        if seed < 0:
            raise ValueError("seed must not be negative")
        self._seed = seed

    def of(self, theme: str) -> np.random.Generator:
        """A fresh generator of `theme`."""
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([self._seed, zlib.crc32(theme.encode())])))


def between(draw: np.random.Generator, low: Ints, high: Ints) -> Ints:
    """A whole number from [low, high] for each place; where high < low, low."""
    room = np.maximum(high - low, 0) + 1
    return np.asarray(low + np.minimum((draw.random(len(low)) * room).astype(np.int64), room - 1))


def chance(draw: np.random.Generator, share: float, size: int) -> Bools:
    """True in about `share` of the places."""
    return np.asarray(draw.random(size) < share)


def spread_numbers(draw: np.random.Generator, count: int) -> Ints:
    """`count` distinct ascending numbers of at most 10 digits: one from each of `count` equal strips.

    About one in ten has a leading zero, none is smaller than 1,000, and neighbours lie far apart.
    """
    strip = 9_999_990_000 // count
    starts = 1_000 + strip * np.arange(count, dtype=np.int64)
    return starts + draw.integers(0, strip, count)
