"""Private-use characters: where they stand, and which of them an agreement gives a meaning.

A set of code points is written as text, ranges ascending: `E000-F8FF 100123`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

#: The area of the basic plane, in which old systems keep 外字, and planes 15 and 16. Source: Unicode, chapter 23.
PRIVATE_USE = ((0xE000, 0xF8FF), (0xF0000, 0x10FFFF))
#: Where MJ+ characters without an international code stand for the time being, by agreement only.
PLANE_16 = (0x100000, 0x10FFFD)


def is_private(character: str) -> bool:
    """Whether a character has no meaning but by agreement."""
    return any(first <= ord(character) <= last for first, last in PRIVATE_USE)


def private_in(text: str) -> tuple[str, ...]:
    """The private-use characters of a text."""
    return tuple(filter(is_private, text))


def ranges_of(characters: Iterable[str]) -> str:
    """Characters as a set of code points."""
    runs: list[list[int]] = []
    for point in sorted(map(ord, set(characters))):
        if runs and runs[-1][1] == point - 1:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    return " ".join(f"{first:04X}" if first == last else f"{first:04X}-{last:04X}" for first, last in runs)


def barred_class(agreed: str) -> str:
    """The inside of a character class, written with the characters themselves, of what no agreement gives a meaning."""
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in _barred(agreed))


def _barred(agreed: str) -> Iterator[tuple[int, int]]:
    allowed = [(int(word.split("-")[0], 16), int(word.split("-")[-1], 16)) for word in agreed.split()]
    for first, last in PRIVATE_USE:
        for begin, end in allowed:
            if first <= begin and end <= last:
                if first < begin:
                    yield first, begin - 1
                first = end + 1
        if first <= last:
            yield first, last
